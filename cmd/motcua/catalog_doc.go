package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/text"
)

func newCatalogDoc() *cobra.Command {
	var locale string
	cmd := &cobra.Command{
		Use:       "doc PAGE",
		Short:     "Write a page about the pack: procedures or legal-review",
		Example:   "  motcua catalog doc procedures --locale en",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"procedures", "legal-review"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if locale != text.VI && locale != text.EN {
				return &exitError{exitUsage, fmt.Errorf("--locale is %s or %s", text.VI, text.EN)}
			}
			c, err := loadPack()
			if err != nil {
				return err
			}
			page := legalReview(c)
			if args[0] == "procedures" {
				page = procedurePage(c, locale)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), page)
			return err
		},
	}
	cmd.Flags().StringVar(&locale, "locale", text.VI, "language of procedures: vi or en")
	return cmd
}

// pageWords are the words of the citizens' page around what the pack says.
type pageWords struct {
	title, lead                                                    string
	papers, fee, free, limit, longest, where, result, inPerson, by string
	none, from, until, online, atCounter, byPost                   string
}

func wordsOf(locale string) pageWords {
	if locale == text.EN {
		return pageWords{
			title: "What each procedure needs", lead: "Written for citizens, from the data pack.",
			papers: "Papers", fee: "Fee", free: "free of charge for", limit: "Time", longest: "at most", where: "Where", result: "You receive",
			inPerson: "Come in person", by: "not needed when found in", none: "none", from: "from", until: "until",
			online: "online", atCounter: "at the counter", byPost: "by post",
		}
	}
	return pageWords{
		title: "Mỗi thủ tục cần những gì", lead: "Viết cho người dân, lấy từ gói dữ liệu.",
		papers: "Giấy tờ", fee: "Phí", free: "không thu của", limit: "Thời gian", longest: "lâu nhất", where: "Nơi làm", result: "Kết quả",
		inPerson: "Cần đến trực tiếp", by: "không cần nếu đã có trong", none: "không có", from: "từ", until: "đến",
		online: "trực tuyến", atCounter: "tại quầy", byPost: "qua bưu điện",
	}
}

// page writes the citizens' page of one language.
type page struct {
	strings.Builder
	c *catalog.Catalog
	l string
	w pageWords
}

// procedurePage renders every procedure for citizens, by code.
func procedurePage(c *catalog.Catalog, locale string) string {
	p := &page{c: c, l: locale, w: wordsOf(locale)}
	fmt.Fprintf(p, "# %s\n\n%s\n", p.w.title, p.w.lead)
	for _, x := range c.Procedures() {
		p.procedure(x)
	}
	return p.String()
}

func (p *page) procedure(x *catalog.Procedure) {
	fmt.Fprintf(p, "\n## %s (%s)\n\n%s", x.Short.In(p.l), x.Code, x.Summary.In(p.l))
	if tip := x.Tip.In(p.l); tip != "" {
		fmt.Fprintf(p, " %s", tip)
	}
	fmt.Fprintf(p, "\n\n- %s:", p.w.papers)
	n := 0
	for _, item := range p.c.Checklist(x, nil) {
		if item.Requirement.Kind == catalog.KindForm || item.Need == catalog.NotNeeded {
			continue
		}
		n++
		fmt.Fprintf(p, "\n  - %s", p.paper(item))
	}
	if n == 0 {
		p.WriteString(" " + p.w.none)
	}
	fmt.Fprintf(p, "\n- %s: %s\n- %s: %s\n- %s: %s\n", p.w.fee, p.fee(x.Fee), p.w.limit, p.limit(x.TimeLimit), p.w.where, p.c.WhereText(x, p.l, text.Rich))
	if w := x.Window; w != nil {
		fmt.Fprintf(p, "- %s. %s\n", p.word("word.window", "limit", p.limit(w.Within.Limit()), "from", w.From.In(p.l)), w.Late.In(p.l))
	}
	names := make([]string, len(x.Results))
	for i, r := range x.Results {
		names[i] = r.Name.In(p.l)
	}
	fmt.Fprintf(p, "- %s: %s\n", p.w.result, strings.Join(names, "; "))
	if len(x.InPerson) > 0 {
		fmt.Fprintf(p, "- %s: %s\n", p.w.inPerson, p.join(x.InPerson, " "))
	}
}

func (p *page) join(list []catalog.Bilingual, sep string) string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = b.In(p.l)
	}
	return strings.Join(out, sep)
}

func (p *page) word(key string, args ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return p.c.Messages().Text(p.l, text.Rich, key, m)
}

func (p *page) paper(item catalog.Item) string {
	r := item.Requirement
	out := r.Short.In(p.l)
	switch {
	case item.Need == catalog.Maybe:
		out += " (" + p.word("word.maybe") + ")"
	case item.Need == catalog.Alternative:
		out += " (" + p.word("word.alternative") + ")"
	}
	if len(r.ReplaceableBy) > 0 {
		var dbs []string
		for _, key := range r.ReplaceableBy {
			dbs = append(dbs, p.word(catalog.DatabaseKey(key)))
		}
		out += " – " + p.w.by + " " + strings.Join(dbs, ", ")
	}
	if note := r.Note.In(p.l); note != "" {
		out += ". " + note
	}
	return out
}

// fee gives the national rule and what the city set instead, with its days.
func (p *page) fee(f catalog.Fee) string {
	out := f.Text.In(p.l)
	for _, i := range f.Items {
		out += fmt.Sprintf(" %s: %s.", i.Name.In(p.l), p.money(i.Amount, i.Per))
	}
	if len(f.Items) == 0 && f.Amount > 0 {
		out += " " + p.money(f.Amount, f.Per) + "."
	}
	if len(f.Exemptions) > 0 {
		out += " (" + p.w.free + " " + p.join(f.Exemptions, ", ") + ")"
	}
	for _, c := range f.City {
		out += "\n  - " + p.w.from + " " + p.day(c.From.String())
		if !c.To.IsZero() {
			out += " " + p.w.until + " " + p.day(c.To.String())
		}
		ways := map[catalog.FilingChannel]string{catalog.FileOnline: p.w.online, catalog.FileInPerson: p.w.atCounter, catalog.FileByPost: p.w.byPost}
		for i, way := range c.Channels {
			sep := ", "
			if i == 0 {
				sep = " "
			}
			out += sep + ways[way]
		}
		out += ": " + p.money(c.Amount, f.Per) + ". " + c.Text.In(p.l)
	}
	return out
}

// day writes a date as people do.
func (p *page) day(iso string) string { return iso[8:] + "/" + iso[5:7] + "/" + iso[:4] }

func (p *page) money(amount int64, per catalog.Bilingual) string {
	out := text.Money(p.l, amount)
	if s := per.In(p.l); s != "" {
		out += "/" + s
	}
	return out
}

func (p *page) limit(l catalog.Limit) string {
	keys := map[catalog.Unit]string{
		catalog.UnitSameDay: "word.limitSameDay", catalog.UnitHalfDay: "word.limitHalfDays", catalog.UnitWorkingDay: "word.limitWorkingDays",
		catalog.UnitDay: "word.limitDays", catalog.UnitHour: "word.limitHours", catalog.UnitMonth: "word.limitMonths",
	}
	out := p.word(keys[l.Unit], "count", strconv.Itoa(l.Value))
	if l.Longest != nil {
		out += "; " + p.w.longest + " " + p.limit(*l.Longest)
	}
	if note := l.Note.In(p.l); note != "" {
		out += ". " + note
	}
	return out
}

// legalReview lists what a lawyer must look at again before the pack is used.
func legalReview(c *catalog.Catalog) string {
	var b strings.Builder
	b.WriteString("# What a lawyer must check before use\n\n" +
		"Everything here is marked in the pack as not certain. It is written by `motcua catalog doc legal-review`; what stands\n" +
		"below *Open points* is written by hand.\n\n## Procedures\n\n" +
		"| code | procedure | confidence | to check |\n|---|---|---|---|\n")
	for _, p := range c.Procedures() {
		if doubts := doubtsOf(p); len(doubts) > 0 {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.Code, p.Short.En, p.Confidence, strings.Join(doubts, "; "))
		}
	}
	b.WriteString("\n## Conditions that only an officer can settle\n\n")
	prose := c.Prose()
	for _, x := range prose {
		fmt.Fprintf(&b, "- %s, %s: %s\n", x.Procedure.Code, x.Paper.Short.En, x.Paper.Condition.En)
	}
	if len(prose) == 0 {
		b.WriteString("None: every condition is asked or read off the form.\n")
	}
	b.WriteString("\n## Forms\n\nEach follows the paper form named here. Compare it with the annex in force.\n\n")
	seen := map[string]bool{}
	for _, p := range c.Procedures() {
		f, ok := c.Form(p.Form)
		if !ok || seen[p.Form] {
			continue
		}
		seen[p.Form] = true
		source := f.Definition().LegalForm
		if source == "" {
			source = "no prescribed form: our own questions"
		}
		fmt.Fprintf(&b, "- `%s`: %s\n", p.Form, source)
	}
	b.WriteString("\n## Calendar and offices\n\n")
	for year := 2020; year < 2100; year++ {
		if conf := c.Calendar().Confidence(year); conf != "" && conf != catalog.ConfidenceHigh {
			fmt.Fprintf(&b, "- Days off of %d: confidence %s.\n", year, conf)
		}
	}
	if c.Settings().Organisations.Provisional {
		b.WriteString("- The organisation codes of the units are provisional.\n")
	}
	assumed := 0
	for _, w := range c.Wards() {
		if o, ok := c.OfficeForWard(w.Code); ok && o.HoursAssumed {
			assumed++
		}
	}
	fmt.Fprintf(&b, "- The hours of %d of %d offices are the city's default, not confirmed for the office.\n", assumed, len(c.Wards()))
	return b.String()
}

// doubtsOf names what the pack does not know for sure of a procedure.
func doubtsOf(p *catalog.Procedure) []string {
	var out []string
	if p.Confidence != catalog.ConfidenceHigh {
		out = append(out, "all of it")
	}
	if !p.TimeLimit.Verified {
		out = append(out, "time limit "+p.TimeLimit.String()+" ("+p.TimeLimit.Source+")")
	}
	if !p.Fee.Verified {
		out = append(out, "fee "+strconv.FormatInt(p.Fee.Amount, 10)+" ("+p.Fee.Source+")")
	}
	if w := p.Window; w != nil && w.Confidence != catalog.ConfidenceHigh {
		out = append(out, fmt.Sprintf("window %s, confidence %s (%s)", w, w.Confidence, w.Source))
	}
	for _, c := range p.Fee.City {
		if c.Confidence != catalog.ConfidenceHigh {
			out = append(out, fmt.Sprintf("city fee %d from %s, confidence %s (%s)", c.Amount, c.From, c.Confidence, c.Source))
		}
	}
	if p.Assurance.Assumed {
		out = append(out, fmt.Sprintf("assurance %d is our own choice", p.Assurance.Level))
	}
	return out
}
