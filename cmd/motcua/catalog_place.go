package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/core/catalog"
)

// resolved is what `motcua catalog place` prints.
type resolved struct {
	Places  []candidate        `json:"places"`
	Outside *catalog.Bilingual `json:"outside,omitempty"` // province of today, when there is no place because the name lies there
}

type candidate struct {
	Code string            `json:"code"`
	Name string            `json:"name"`
	Note catalog.PlaceNote `json:"note,omitempty"`
	Old  string            `json:"old,omitempty"` // former name that was recognised
}

func newCatalogPlace() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "place QUERY",
		Short: "Find the units of today that a place name may mean, or say that it lies outside the city",
		Example: `  motcua catalog place ben nghe quan 1
  motcua catalog place --json tp thu duc`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadPack()
			if err != nil {
				return err
			}
			out := resolve(c, strings.Join(args, " "))
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(out)
			}
			return out.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func resolve(c *catalog.Catalog, query string) resolved {
	out := resolved{Places: []candidate{}}
	for _, p := range c.ResolvePlace(query) {
		x := candidate{Code: p.Code, Name: p.Name, Note: p.Note}
		if p.Old {
			x.Old = p.Matched
		}
		out.Places = append(out.Places, x)
	}
	if len(out.Places) > 0 {
		return out
	}
	if province, ok := c.Outside(query); ok {
		out.Outside = &province
	}
	return out
}

func (r resolved) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range r.Places {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Code, p.Name, p.Note, p.Old)
	}
	switch {
	case r.Outside != nil:
		fmt.Fprintf(w, "outside the city: %s\n", r.Outside.Vi)
	case len(r.Places) == 0:
		fmt.Fprintln(w, "nothing fits")
	}
	return w.Flush()
}
