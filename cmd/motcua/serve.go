package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/obs"
)

// loadConfig reads the configuration from the environment.
func loadConfig() (*config.Config, error) {
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return nil, &exitError{exitConfig, err}
	}
	return cfg, nil
}

func newLogger(cfg *config.Config, w io.Writer) *slog.Logger {
	return obs.NewLogger(w, slog.LevelInfo, obs.NewRedactor(cfg.Secrets()...))
}

func newServe() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve citizens, officers and vendors until a signal comes",
		Long: `Serve everything. Without configuration it runs on the embedded store in ./var,
listens on 127.0.0.1:8080 and starts the simulator at /sim.

SIGTERM or Ctrl-C drains: it becomes unready, lets running work finish and gives
unfinished jobs back.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig()
			if err != nil {
				return err
			}
			app.TuneMemory()
			version, _ := buildVersion()
			a, err := app.New(cmd.Context(), app.Options{
				Config: cfg, Log: newLogger(cfg, cmd.ErrOrStderr()), Version: version, Simulate: true,
			})
			if err != nil {
				return err
			}
			if err := printURLs(cmd.OutOrStdout(), a); err != nil {
				return err
			}
			err = a.Run(cmd.Context())
			if closeErr := a.Close(); err == nil {
				err = closeErr
			}
			return err
		},
	}
}

// printURLs tells a person where to look.
func printURLs(w io.Writer, a *app.App) error {
	cfg := a.Config()
	text := fmt.Sprintf("Một Cửa is running.\n  public   %s\n  admin    %s  (/livez /readyz /metrics)\n  data     %s\n",
		cfg.PublicURL, a.AdminURL(), cfg.DataDir)
	if ok, why := cfg.Simulator(); ok {
		text += fmt.Sprintf("  try it   %s/sim/  (chat, SMS, app, kiosk and officer's desk)\n", a.URL())
	} else {
		text += "  the simulator is off: " + why + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
