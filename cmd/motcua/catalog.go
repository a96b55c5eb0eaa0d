package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core/catalog"
)

func newCatalog() *cobra.Command {
	cmd := group("catalog", "Check, show and search the data pack")
	cmd.AddCommand(newCatalogLint(), newCatalogShow(), newCatalogSearch(), newCatalogPlace(), newCatalogGaps(), newCatalogDiff(), newCatalogDoc())
	return cmd
}

// packDir is the directory argument of a catalogue command, or the configured
// one; "" is the embedded pack.
func packDir(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	cfg, err := loadConfig()
	if err != nil {
		return "", err
	}
	return cfg.CatalogDir, nil
}

func newCatalogLint() *cobra.Command {
	return &cobra.Command{
		Use:     "lint [DIRECTORY]",
		Short:   "Check a pack and print every issue as file:line",
		Example: "  motcua catalog lint ./my-pack",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := packDir(args)
			if err != nil {
				return err
			}
			issues := catalog.Lint(app.PackFS(dir))
			for _, i := range issues {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), i); err != nil {
					return err
				}
			}
			if len(issues) > 0 {
				return &exitError{exitProblems, fmt.Errorf("%d issues", len(issues))}
			}
			return printProse(cmd.OutOrStdout(), dir)
		},
	}
}

// printProse says of a right pack which conditions only an officer can settle.
func printProse(out io.Writer, dir string) error {
	c, err := app.LoadCatalog(dir)
	if err != nil {
		return err
	}
	for _, x := range c.Prose() {
		if _, err := fmt.Fprintf(out, "note: %s %s: the condition is prose: %s\n", x.Procedure.Code, x.Paper.Key, x.Paper.Condition.Vi); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, "no issues")
	return err
}

func loadPack() (*catalog.Catalog, error) {
	dir, err := packDir(nil)
	if err != nil {
		return nil, err
	}
	return app.LoadCatalog(dir)
}

func newCatalogShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show [CODE]",
		Short:   "List the procedures, or show one",
		Example: "  motcua catalog show 1.001193 --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadPack()
			if err != nil {
				return err
			}
			procedures := c.Procedures()
			if len(args) == 1 {
				p, ok := c.Procedure(args[0])
				if !ok {
					return fmt.Errorf("the pack has no procedure %q", args[0])
				}
				procedures = []*catalog.Procedure{p}
			}
			out := cmd.OutOrStdout()
			if asJSON {
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				return e.Encode(procedures)
			}
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			if len(args) == 0 {
				fmt.Fprintf(w, "pack %s\t%s\n", c.Manifest().Version, c.Hash()[:12])
			}
			for _, p := range procedures {
				fmt.Fprintf(w, "%s\t%s\t%s\n", p.Code, p.Version, p.Name.Vi)
				if len(args) == 1 {
					fmt.Fprintf(w, "\t\t%s\n", p.Summary.Vi)
					for i := range p.Requirements {
						r := &p.Requirements[i]
						fmt.Fprintf(w, "  %s\t%s\t%s\n", r.Key, r.Kind, r.Name.Vi)
					}
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newCatalogSearch() *cobra.Command {
	var (
		locale          string
		explain, asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "Find procedures the way citizens do",
		Example: `  motcua catalog search khai sinh cho con cần gì
  motcua catalog search --explain lm lai cccd`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if locale != "vi" && locale != "en" {
				return &exitError{exitUsage, errors.New("--locale is vi or en")}
			}
			c, err := loadPack()
			if err != nil {
				return err
			}
			query, out := strings.Join(args, " "), cmd.OutOrStdout()
			switch {
			case asJSON:
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				return e.Encode(c.Explain(query, locale, searchLimit))
			case explain:
				return printExplanation(out, c.Explain(query, locale, searchLimit))
			}
			return printFound(out, c.Find(query, locale, searchLimit))
		},
	}
	cmd.Flags().StringVar(&locale, "locale", "vi", "language of the query: vi or en")
	cmd.Flags().BoolVar(&explain, "explain", false, "say how each word was understood and why each procedure fits")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the explanation as JSON")
	return cmd
}

const searchLimit = 10

func printFound(out io.Writer, f catalog.Found) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, h := range f.Hits {
		fmt.Fprintf(w, "%.2f\t%s\t%s\n", h.Score, h.Procedure.Code, h.Procedure.Name.Vi)
	}
	switch {
	case f.Elsewhere != nil:
		fmt.Fprintf(w, "not served here: %s\n", f.Elsewhere.Name.Vi)
	case len(f.Hits) == 0:
		fmt.Fprintln(w, "nothing fits")
	}
	return w.Flush()
}

func printExplanation(out io.Writer, ex catalog.Explanation) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if ex.Code != "" {
		fmt.Fprintf(w, "the query holds the code %s\n", ex.Code)
		return w.Flush()
	}
	fmt.Fprintln(w, "WORD\tMEANT\tHOW\tWEIGHT")
	for _, x := range ex.Words {
		meant, how := strings.Join(x.Meant, ", "), x.How
		if meant == "" {
			meant = "?"
		}
		if x.Common {
			how = strings.TrimSpace(how + " tells nothing")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\n", x.Typed, meant, how, x.Weight)
	}
	if len(ex.Synonyms) > 0 {
		fmt.Fprintf(w, "synonyms: %s\n", strings.Join(ex.Synonyms, "; "))
	}
	fmt.Fprintln(w, "\nCERTAINTY\tCODE\tNAME\tBY\tOF PHRASE\tOF QUERY\tOF ALL TEXTS")
	for _, m := range ex.Matches {
		code := m.Code
		if code == "" {
			code = "(elsewhere) " + m.Subject
		}
		fmt.Fprintf(w, "%.2f\t%s\t%s\t%s\t%.2f\t%.2f\t%.2f\n", m.Certainty, code, m.Name, m.Phrase, m.Covers, m.Of, m.All)
	}
	fmt.Fprintf(w, "\nwork: %d postings, %d edits, %d phrases\n", ex.Work.Postings, ex.Work.Edits, ex.Work.Phrases)
	return w.Flush()
}
