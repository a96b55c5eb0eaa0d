package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
)

func newMigrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to this version and exit",
		Long: `Bring the schema of the configured database up to this version of the program.
serve does it by itself when it starts; use migrate before a rolling upgrade.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig()
			if err != nil {
				return err
			}
			if err := app.Migrate(cmd.Context(), cfg, newLogger(cfg, cmd.ErrOrStderr())); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
			return err
		},
	}
}
