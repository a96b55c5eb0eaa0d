package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
)

func newConfig() *cobra.Command {
	cmd := group("config", "Print or check the configuration")
	cmd.AddCommand(
		&cobra.Command{
			Use: "print", Short: "Print the configuration in force, with secrets hidden", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, err := loadConfig()
				if err != nil {
					return err
				}
				return cfg.Print(cmd.OutOrStdout())
			},
		},
		&cobra.Command{
			Use: "check", Short: "Check the configuration and exit with 3 when it is wrong", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, err := loadConfig()
				if err != nil {
					return err
				}
				if err := app.Supported(cfg); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "the configuration is good")
				return err
			},
		},
	)
	return cmd
}
