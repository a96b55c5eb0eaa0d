package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/spool"
)

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check everything the server needs and say what to do",
		Long: `Check configuration, data directory, database, key file, data pack and ports.
Exit code 5 means that something is wrong. A running server on the same data
directory is reported and is no fault.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := doctor{out: cmd.OutOrStdout()}
			cfg, err := loadConfig()
			if err == nil {
				err = app.Supported(cfg)
			}
			d.report("configuration", err, "fix the variables named above")
			if err == nil {
				d.examine(cmd.Context(), cfg, cmd.ErrOrStderr())
			}
			if d.bad > 0 {
				return &exitError{exitProblems, fmt.Errorf("%d checks failed", d.bad)}
			}
			return nil
		},
	}
}

// doctor runs checks and prints a line each.
type doctor struct {
	out io.Writer
	bad int
}

func (d *doctor) report(what string, err error, advice string) {
	if err == nil {
		_, _ = fmt.Fprintf(d.out, "ok    %s\n", what)
		return
	}
	d.bad++
	_, _ = fmt.Fprintf(d.out, "FAIL  %s: %v\n      %s\n", what, err, advice)
}

func (d *doctor) note(what, text string) { _, _ = fmt.Fprintf(d.out, "note  %s: %s\n", what, text) }

func (d *doctor) examine(ctx context.Context, cfg *config.Config, log io.Writer) {
	if issues := catalog.Lint(app.PackFS(cfg.CatalogDir)); len(issues) > 0 {
		d.report("data pack", issues.Err(), "run: motcua catalog lint")
	} else {
		d.report("data pack", nil, "")
	}
	d.report("data directory", writable(cfg.DataDir), "set MOTCUA_DATA_DIR to a directory this user may write")
	d.spool(cfg)
	d.store(ctx, cfg, log)
	for _, l := range []struct{ name, addr string }{{"public listener", cfg.Listen}, {"admin listener", cfg.AdminListen}} {
		d.listener(l.name, l.addr)
	}
	if ok, why := cfg.Simulator(); !ok {
		d.note("simulator", "off: "+why)
	}
}

// spool tells what waits for the database. Something that waits is no fault of the
// configuration; something that could not be read is.
func (d *doctor) spool(cfg *config.Config) {
	held, err := spool.Inspect(app.SpoolDir(cfg.DataDir))
	for _, st := range held {
		if st.Entries > 0 {
			d.note("spool", fmt.Sprintf("%d of %s wait for the database since %s", st.Entries, st.Queue, st.Oldest.In(core.City).Format(time.DateTime)))
		}
		if n := st.Parked + st.Damaged; n > 0 && err == nil {
			err = fmt.Errorf("%d of %s were put aside or cannot be read", n, st.Queue)
		}
	}
	d.report("spool", err, "see docs/operations.md, section Spool")
}

// listener tries an address. One that is taken is right when the server runs.
func (d *doctor) listener(name, addr string) {
	l, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		_ = l.Close()
		d.report(name+" "+addr, nil, "")
	case errors.Is(err, syscall.EADDRINUSE):
		d.note(name, addr+" is in use; that is right when the server runs")
	default:
		d.report(name, err, "set the variable to an address of this machine")
	}
}

// store opens the database, which checks the key file too.
func (d *doctor) store(ctx context.Context, cfg *config.Config, log io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	t, err := app.OpenTools(ctx, cfg, newLogger(cfg, log))
	if core.IsCode(err, core.CodeFailedPrecondition) && cfg.DatabaseURL == "" {
		d.note("store", err.Error())
		return
	}
	if err == nil {
		defer t.Close()
		err = t.Store.Health(ctx)
	}
	d.report("store and key file", err, "see docs/operations.md, section Store")
}

// writable makes the directory and a file in it.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(name)
}
