package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
)

func newOfficer() *cobra.Command {
	cmd := group("officer", "Work with officers' access")
	cmd.AddCommand(newOfficerToken())
	return cmd
}

func newOfficerToken() *cobra.Command {
	var office, name string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make an officer's token for development; refused in production",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig()
			if err != nil {
				return err
			}
			keys, err := app.OpenKeys(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			clock := core.SystemClock{}
			tokens := auth.NewTokens(keys.Sealer(), clock, auth.TokenOptions{Issuer: cfg.PublicURL, Production: cfg.Production})
			token, expires, err := tokens.MintOfficer(auth.Officer{ID: core.NewID(clock.Now()), Office: office, Name: name})
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.ErrOrStderr(), "valid until", expires.In(core.City).Format(time.DateTime)); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		},
	}
	cmd.Flags().StringVar(&office, "office", "*", "ward code, or * for the whole city")
	cmd.Flags().StringVar(&name, "name", "Cán bộ thử nghiệm", "name shown in the audit log")
	return cmd
}
