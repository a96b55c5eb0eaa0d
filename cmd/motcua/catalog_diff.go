package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dossier"
)

// embeddedPack is how the pack inside the program is named on the command line,
// besides its version.
const embeddedPack = "embedded"

func newCatalogDiff() *cobra.Command {
	var asJSON, data bool
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what a new pack changes, and what it would break",
		Long: `Compare two packs. Each is a directory, "embedded" for the pack inside this
program, or that pack's version. With --data the configured database is read, too:
how many open drafts are asked something again, and which dossiers were filed under
a version that the new pack does not have. Nothing is changed.

Exit code 1 means that something that was begun or filed cannot go on as it is.`,
		Example: "  motcua catalog diff embedded ./my-pack --data",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			older, err := namedPack(args[0])
			if err != nil {
				return err
			}
			newer, err := namedPack(args[1])
			if err != nil {
				return err
			}
			out := packDiff{Diff: catalog.Compare(older, newer)}
			if data {
				err := withStore(cmd, func(ctx context.Context, s core.Store) error {
					impact, err := dossier.Measure(ctx, s, newer, time.Now())
					out.Data = &impact
					return err
				})
				if err != nil {
					return err
				}
			}
			if err := out.print(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if out.breaks() {
				return &exitError{exitFailure, errors.New("the new pack breaks what was begun under the old one")}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&data, "data", false, "count drafts and dossiers in the configured database")
	return cmd
}

// namedPack loads a pack from a directory, or the embedded one by name or version.
func namedPack(name string) (*catalog.Catalog, error) {
	embedded, err := app.LoadCatalog("")
	if err != nil {
		return nil, err
	}
	if name == embeddedPack || name == embedded.Manifest().Version {
		return embedded, nil
	}
	c, err := app.LoadCatalog(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// packDiff is what the command prints.
type packDiff struct {
	catalog.Diff
	Data *dossier.Impact `json:"data,omitempty"` // with --data
}

// breaks: what is in the database counts where it was read, else what the packs
// say by themselves.
func (d packDiff) breaks() bool {
	if d.Data != nil {
		return d.Data.Breaks()
	}
	return len(d.Breaks()) > 0
}

func (d packDiff) print(out io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "pack %s -> %s\n", d.From, d.To)
	for _, list := range []struct {
		what  string
		items []catalog.ItemDiff
	}{{"procedure", d.Procedures}, {"form", d.Forms}} {
		for _, item := range list.items {
			fmt.Fprintf(w, "%s\t%s\t%s\n", list.what, item.ID, item.Kind)
			for _, c := range item.Changes {
				mark := " "
				if c.Broke {
					mark = "!"
				}
				fmt.Fprintf(w, "%s\t%s %s\t%s\n", mark, c.What, c.Kind, fromTo(c))
			}
		}
	}
	if len(d.Procedures)+len(d.Forms) == 0 {
		fmt.Fprintln(w, "no difference")
	}
	d.printData(w)
	return w.Flush()
}

func fromTo(c catalog.Change) string {
	switch {
	case c.From == "" && c.To == "":
		return ""
	case c.From == "":
		return c.To
	default:
		return c.From + " -> " + c.To
	}
}

func (d packDiff) printData(w io.Writer) {
	if d.Data == nil {
		return
	}
	fmt.Fprintf(w, "open drafts: %d; of a procedure that is gone: %d; with a question asked again: %d\n", d.Data.Drafts, d.Data.Gone, d.Data.Back)
	for _, a := range d.Data.Again {
		fmt.Fprintf(w, "!\t%s %s\tasked again in %d drafts\n", a.Form, a.Field, a.Drafts)
	}
	for _, o := range d.Data.Orphans {
		fmt.Fprintf(w, "!\t%s version %s\tis gone; %d dossiers were filed under it\n", o.Code, o.Version, o.Dossiers)
	}
}
