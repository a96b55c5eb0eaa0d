package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/identity"
)

func newKiosk() *cobra.Command {
	cmd := group("kiosk", "Enrol, list and revoke ward terminals")
	cmd.AddCommand(newKioskCode(), newKioskList(), newKioskRevoke())
	return cmd
}

// withTerminals opens what the kiosk commands work on.
func withTerminals(cmd *cobra.Command, fn func(ctx context.Context, t *auth.Terminals) error) error {
	cfg, err := loadConfig()
	if err != nil {
		return err
	}
	tools, err := app.OpenTools(cmd.Context(), cfg, newLogger(cfg, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer tools.Close()
	clock := core.SystemClock{}
	tokens := auth.NewTokens(tools.Sealer, clock, auth.TokenOptions{Issuer: cfg.PublicURL, Production: cfg.Production})
	sessions := auth.NewSessions(tools.Store, tokens, auth.NewCodes(tools.Sealer), identity.New(rand.Reader), rand.Reader, nil)
	return fn(cmd.Context(), auth.NewTerminals(tools.Store, clock, sessions, rand.Reader))
}

func newKioskCode() *cobra.Command {
	var label string
	cmd := &cobra.Command{
		Use:     "code WARD",
		Short:   "Make a one-time code with which a terminal enrols in a ward",
		Example: "  motcua kiosk code 26740 --label 'sảnh tầng 1'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadPack()
			if err != nil {
				return err
			}
			ward, ok := c.Ward(args[0])
			if !ok {
				return &exitError{exitUsage, fmt.Errorf("there is no ward with the code %q", args[0])}
			}
			return withTerminals(cmd, func(ctx context.Context, t *auth.Terminals) error {
				code, expires, err := t.NewEnrolment(ctx, ward.Code, label)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s, until %s\n", code, ward.FullName(), expires.In(core.City).Format(time.DateTime))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&label, "label", "", "where the terminal stands")
	return cmd
}

func newKioskList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List enrolled terminals", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withTerminals(cmd, func(ctx context.Context, t *auth.Terminals) error {
				kiosks, err := t.List(ctx, 1000)
				if err != nil {
					return err
				}
				for _, k := range kiosks {
					state := "active"
					if !k.RevokedAt.IsZero() {
						state = "revoked"
					}
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s  %s  seen %s\n", k.ID, k.Office, state, k.Label, k.SeenAt.In(core.City).Format(time.DateTime)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func newKioskRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Shut a terminal out", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withTerminals(cmd, func(ctx context.Context, t *auth.Terminals) error {
				return t.Revoke(ctx, core.ID(args[0]))
			})
		},
	}
}
