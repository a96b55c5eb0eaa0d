package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/spool"
)

func newJobsSpool() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "spool",
		Short: "Show what this node keeps until the database is back",
		Long: `Show the spool of the data directory: messages of vendors that do not send again,
acknowledged while the database was down. It needs no database and may run beside
the server, which delivers them by itself. PARKED counts those that could not be
handled and places that cannot be read; docs/operations.md says what to do.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig()
			if err != nil {
				return err
			}
			held, err := spool.Inspect(app.SpoolDir(cfg.DataDir))
			if err != nil {
				return err
			}
			if asJSON {
				if held == nil {
					held = []spool.Status{}
				}
				return json.NewEncoder(cmd.OutOrStdout()).Encode(held)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ACCOUNT\tWAIT\tBYTES\tOLDEST\tPARKED")
			for _, st := range held {
				oldest := "-"
				if !st.Oldest.IsZero() {
					oldest = st.Oldest.In(core.City).Format(time.DateTime)
				}
				fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%d\n", st.Queue, st.Entries, st.Bytes, oldest, st.Parked+st.Damaged)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
