package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/text"
)

// mostGaps bounds the list: editors begin with what most citizens asked.
const mostGaps = 500

// mostDays bounds --since: more is before any gap was kept, and soon more than a
// duration holds.
const mostDays = 36500

func newCatalogGaps() *cobra.Command {
	var since int
	var asJSON bool
	var closes string
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "List what citizens looked for in vain, for editors of the pack",
		Long: fmt.Sprintf(`List queries that found nothing, or nothing that was wanted, and what the search
finds for them now. Only those are kept that %d or more different citizens asked and
that hold no number, code, address or name of a person.

Write the words into the pack, check them with "motcua catalog search", and close the
gap: it is off the list for %d days, and comes back after that if it is asked again.
On the embedded store stop the server first: its data directory is locked.`, core.GapCitizens, int(core.GapLife/(24*time.Hour))),
		Example: "  motcua catalog gaps --since 30\n  motcua catalog gaps --close 'giay phep nuoi ca sau'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case since < 1, since > mostDays:
				return &exitError{exitUsage, fmt.Errorf("--since is a number of days, 1 to %d", mostDays)}
			case cmd.Flags().Changed("close"):
				return closeGap(cmd, closes)
			}
			c, err := loadPack()
			if err != nil {
				return err
			}
			var gaps []core.Gap
			if err := withStore(cmd, func(ctx context.Context, s core.Store) error {
				return s.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
					gaps, err = tx.Gaps().List(ctx, tx.Now().Add(-time.Duration(since)*24*time.Hour), mostGaps)
					return err
				})
			}); err != nil {
				return err
			}
			return printGaps(cmd, c, gaps, asJSON)
		},
	}
	cmd.Flags().IntVar(&since, "since", 90, "asked by somebody new in the last so many days")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&closes, "close", "", "take a query off the list: it is answered now, or never will be")
	return cmd
}

// closeGap takes a query as it is listed, or as people typed it.
func closeGap(cmd *cobra.Command, query string) error {
	folded := text.Fold(query)
	if folded == "" {
		return &exitError{exitUsage, errors.New("--close wants a query of the list")}
	}
	err := withStore(cmd, func(ctx context.Context, s core.Store) error {
		return s.Update(ctx, func(ctx context.Context, tx core.Tx) error { return tx.Gaps().Close(ctx, folded, tx.Now()) })
	})
	if core.IsCode(err, core.CodeNotFound) {
		return fmt.Errorf("no open gap is called %q", folded)
	}
	return err
}

// gapLine is what editors see of a gap.
type gapLine struct {
	Query    string       `json:"query"`
	Kind     core.GapKind `json:"kind"`
	Citizens int          `json:"citizens"`
	First    string       `json:"first"` // day, yyyy-mm-dd
	Last     string       `json:"last"`
	Finds    string       `json:"finds,omitempty"` // code of the procedure the search finds first now
	Name     string       `json:"name,omitempty"`
}

func printGaps(cmd *cobra.Command, c *catalog.Catalog, gaps []core.Gap, asJSON bool) error {
	lines := make([]gapLine, 0, len(gaps))
	for _, g := range gaps {
		l := gapLine{
			Query: string(g.Query), Kind: g.Kind, Citizens: g.Citizens,
			First: g.FirstAt.In(core.City).Format(time.DateOnly), Last: g.LastAt.In(core.City).Format(time.DateOnly),
		}
		if hits := c.Search(l.Query, text.VI, 1); len(hits) > 0 {
			l.Finds, l.Name = hits[0].Procedure.Code, hits[0].Procedure.Name.Vi
		}
		lines = append(lines, l)
	}
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(lines)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CITIZENS\tKIND\tFIRST\tLAST\tQUERY\tFINDS NOW")
	for _, l := range lines {
		finds := "nothing"
		if l.Finds != "" {
			finds = l.Finds + " " + l.Name
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", l.Citizens, l.Kind, l.First, l.Last, l.Query, finds)
	}
	return w.Flush()
}
