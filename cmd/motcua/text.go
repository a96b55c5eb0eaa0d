package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/cmd/motcua/app"
)

func newText() *cobra.Command {
	cmd := group("text", "Show the texts that are sent")
	cmd.AddCommand(newTextTemplates())
	return cmd
}

func newTextTemplates() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "templates [DIRECTORY]",
		Short: "List every SMS template, for registration with the operators",
		Long: `List every text that leaves by SMS, with the variables in it and their greatest
lengths, the most septets it can take and a sample. Where a message offers
choices, a numbered menu follows the text: "1 Ket hon 2 Viec khac".`,
		Example: "  motcua text templates --format csv > templates.csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "csv" && format != "json" {
				return &exitError{exitUsage, fmt.Errorf("--format is csv or json, not %q", format)}
			}
			dir, err := packDir(args)
			if err != nil {
				return err
			}
			c, err := app.LoadCatalog(dir)
			if err != nil {
				return err
			}
			list := sms.Templates(c.Messages())
			if format == "json" {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				enc.SetEscapeHTML(false)
				return enc.Encode(list)
			}
			return writeTemplates(cmd.OutOrStdout(), list)
		},
	}
	cmd.Flags().StringVar(&format, "format", "csv", "csv or json")
	return cmd
}

func writeTemplates(to io.Writer, list []sms.Template) error {
	w := csv.NewWriter(to)
	rows := [][]string{{"id", "locale", "text", "variables", "septets", "sample"}}
	for _, t := range list {
		rows = append(rows, []string{t.Key, t.Locale, t.Text, strings.Join(t.Variables, " "), strconv.Itoa(t.Max), t.Sample})
	}
	return w.WriteAll(rows) // flushes, and tells what went wrong
}
