package app

import (
	"context"
	"strings"

	"github.com/motcua/motcua/core"
)

// refuseUnsupported stops a start whose configuration asks for something this
// version does not have yet: an operator who sets a virus scanner must not run
// without one.
func (a *App) refuseUnsupported(context.Context, Options) error {
	var set []string
	for _, v := range []struct {
		on   bool
		name string
	}{
		{a.cfg.RedisURL != "", "MOTCUA_REDIS_URL"},
		{a.cfg.BlobURL != "", "MOTCUA_BLOB_URL"},
		{a.cfg.ClamdAddr != "", "MOTCUA_CLAMD_ADDR"},
		{a.cfg.SMSGate.CPID != "", "MOTCUA_SMSGATE_CPID"},
	} {
		if v.on {
			set = append(set, v.name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return core.Ef(core.CodeUnimplemented, "app.config", "",
		"%s: this version cannot use it yet; unset it to start with the embedded part in its place", strings.Join(set, ", "))
}
