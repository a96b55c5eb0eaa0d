package app

import (
	"context"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
)

// Supported refuses a configuration that asks for something this version does
// not have yet: an operator who sets a virus scanner must not run without one.
// Error: unimplemented, naming the variables.
func Supported(cfg *config.Config) error {
	var set []string
	for _, v := range []struct {
		on   bool
		name string
	}{
		{cfg.BlobURL != "", "MOTCUA_BLOB_URL"},
		{cfg.ClamdAddr != "", "MOTCUA_CLAMD_ADDR"},
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

func (a *App) refuseUnsupported(context.Context, Options) error { return Supported(a.cfg) }
