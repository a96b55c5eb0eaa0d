package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// aim is one promise with what was measured.
type aim struct {
	Engine string  `json:"engine"`
	Name   string  `json:"name"`
	Conns  int     `json:"connections"`
	Want   string  `json:"want"`
	Got    float64 `json:"got"`
	Pass   bool    `json:"pass"`
}

// ratio is the median over the repeats of a figure by its yardstick, each pair
// measured in the same round.
func (r *engineResult) ratio(f, yardstick figure, conns int) float64 {
	a, b := r.Samples[key{f, conns}], r.Samples[key{yardstick, conns}]
	var v []float64
	for i := range min(len(a), len(b)) {
		if b[i].Rate > 0 {
			v = append(v, a[i].Rate/b[i].Rate)
		}
	}
	return median(v)
}

func (r *engineResult) of(f figure, conns int, pick func(sample) float64) float64 {
	var v []float64
	for _, s := range r.Samples[key{f, conns}] {
		v = append(v, pick(s))
	}
	return median(v)
}

// ratios are the quotients of the table; least is the aim, 0 for none.
type quotient struct {
	figure, yardstick figure
	least             float64
}

func quotients() []quotient {
	return []quotient{
		{turns, ceilingTurn, 0.25}, {submissions, turns, 0.30}, {lookUpPOST, echoPOST, 0.60}, {lookUpGET, echoGET, 0.60}, {searchPOST, echoPOST, 0},
		{turns, grouped, 0}, {turns, alone, 0}, {turns, echoPOST, 0}, {ceilingTurn, grouped, 0},
	}
}

// measured reports whether both figures of a quotient were taken.
func (r *engineResult) measured(q quotient) bool {
	has := func(f figure) bool {
		for k := range r.Samples {
			if k.Figure == f {
				return true
			}
		}
		return false
	}
	return has(q.figure) && has(q.yardstick)
}

// soloFactor is how many times one flush and one no-op a turn alone may take.
const soloFactor = 3

func (r *engineResult) aims(levels []int) []aim {
	var out []aim
	for _, q := range quotients() {
		if q.least == 0 || !r.measured(q) {
			continue
		}
		for _, n := range levels {
			got := r.ratio(q.figure, q.yardstick, n)
			out = append(out, aim{Engine: r.Engine, Name: string(q.figure) + " / " + string(q.yardstick), Conns: n,
				Want: fmt.Sprintf("≥ %.2f", q.least), Got: got, Pass: got >= q.least})
		}
	}
	if r.Solo.Turn == 0 {
		return out
	}
	got := float64(r.Solo.Turn) / float64(max(r.Solo.Flush+r.Solo.Echo, 1))
	return append(out, aim{Engine: r.Engine, Name: "one turn alone / (fdatasync + no-op request)", Conns: 1,
		Want: fmt.Sprintf("≤ %d", soloFactor), Got: got, Pass: got <= soloFactor})
}

// allAims are the promises of the whole run.
func allAims(o options, packs []packLoad, searches []searchResult, results []*engineResult) []aim {
	out := append(packAims(packs), searchAims(searches)...)
	for _, r := range results {
		out = append(out, r.aims(o.levels)...)
	}
	return out
}

// printMarkdown writes the tables.
func printMarkdown(w io.Writer, o options, packs []packLoad, searches []searchResult, results []*engineResult, took time.Duration) {
	p := func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
	p("# Benchmark\n\n%s, %d processors, %s/%s. Each figure: %s in %d repeats after a warm-up, median; a ratio is the median of the repeats' ratios.\n",
		runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, o.window, o.repeats)
	if len(results) > 0 {
		p("The load generator and the sink that answers sendMessage share a process of their own on the same machine. Turns are rows committed to the inbox, submissions rows of dossiers; copies of updates are answered and not counted. %d conversations with open drafts.\n", o.people)
	}
	for _, r := range results {
		r.markdown(p, o)
	}
	p("\n## Data pack, from files on disk, one processor\n\n| procedures | load, ms |\n|--:|--:|\n")
	for _, l := range packs {
		p("| %d | %.0f |\n", l.Procedures, l.Took.Seconds()*1e3)
	}
	for _, r := range searches {
		r.markdown(p)
	}
	p("\n## Aims\n\n| engine | aim | connections | want | got | |\n|---|---|--:|--:|--:|---|\n")
	for _, a := range allAims(o, packs, searches, results) {
		verdict := "**missed**"
		if a.Pass {
			verdict = "pass"
		}
		p("| %s | %s | %d | %s | %.2f | %s |\n", a.Engine, a.Name, a.Conns, a.Want, a.Got, verdict)
	}
	p("\nMeasured in %s.\n", took.Round(time.Second))
}

func (r *engineResult) markdown(p func(string, ...any), o options) {
	levels := o.levels
	durability := "WAL, synchronous=FULL"
	if r.Engine == "postgres" {
		durability = "fsync and synchronous_commit on"
	}
	head, rule := "", ""
	for _, n := range levels {
		head += fmt.Sprintf(" %d |", n)
		rule += "--:|"
	}
	row := func(name, format string, value func(n int) float64) {
		p("| %s |", name)
		for _, n := range levels {
			p(" "+format+" |", value(n))
		}
		p("\n")
	}
	p("\n## %s (%s)\n\n| operations a second at … connections |%s\n|---|%s\n", r.Engine, durability, head, rule)
	for _, f := range o.figures() {
		row(string(f), "%.0f", func(n int) float64 { return r.of(f, n, func(s sample) float64 { return s.Rate }) })
	}
	if o.wants(turns) {
		row("turns, the last reply's delivery included", "%.0f", func(n int) float64 { return r.of(turns, n, func(s sample) float64 { return s.Sustained }) })
	}
	p("\n| ratio |%s\n|---|%s\n", head, rule)
	for _, q := range slices.DeleteFunc(quotients(), func(q quotient) bool { return !r.measured(q) }) {
		row(string(q.figure)+" / "+string(q.yardstick), "%.2f", func(n int) float64 { return r.ratio(q.figure, q.yardstick, n) })
	}
	p("\n| median latency, ms |%s\n|---|%s\n", head, rule)
	for _, f := range []figure{echoPOST, grouped, ceilingTurn, turns, submissions, lookUpPOST, searchPOST} {
		if !o.wants(f) {
			continue
		}
		row(string(f), "%.2f", func(n int) float64 { return r.of(f, n, func(s sample) float64 { return s.P50.Seconds() * 1e3 }) })
	}
	if o.wants(turns) {
		row("turns, 99 of 100", "%.2f", func(n int) float64 { return r.of(turns, n, func(s sample) float64 { return s.P99.Seconds() * 1e3 }) })
	}
	p("\n| processor time an operation, µs: server + database + load generator |%s\n|---|%s\n", head, rule)
	for _, f := range o.figures() {
		p("| %s |", f)
		for _, n := range levels {
			us := func(pick func(sample) time.Duration) float64 {
				return r.of(f, n, func(s sample) float64 { return pick(s).Seconds() * 1e6 })
			}
			p(" %.0f + %.0f + %.0f |", us(func(s sample) time.Duration { return s.Server }),
				us(func(s sample) time.Duration { return s.Database }), us(func(s sample) time.Duration { return s.Client }))
		}
		p("\n")
	}
	if o.wants(turns) {
		r.turnTables(p, row, head, rule)
	}
	for _, n := range r.Profiles {
		p("\nProfile of %s at %d connections, by own time, then by cumulated time without the plumbing:\n\n```\n%s\n\n%s\n```\n", n.Figure, n.Conns, n.Flat, n.Cum)
	}
	for _, n := range r.Notes {
		p("\nNote: %s.\n", n)
	}
}

// turnTables are what only turns and submissions have.
func (r *engineResult) turnTables(p func(string, ...any), row func(name, format string, value func(n int) float64), head, rule string) {
	p("\nThe server's time for a turn or a submission includes the delivery of its replies.\n")
	p("\n| the store |%s\n|---|%s\n", head, rule)
	row("updates in one commit, during turns", "%.1f", func(n int) float64 { return r.of(turns, n, func(s sample) float64 { return s.Group }) })
	row("statements a turn, with its reply's delivery", "%.1f", func(n int) float64 { return r.of(turns, n, func(s sample) float64 { return s.Statement }) })
	row("statements a submission, likewise", "%.1f", func(n int) float64 { return r.of(submissions, n, func(s sample) float64 { return s.Statement }) })
	row("replies a second while turns came in", "%.0f", func(n int) float64 { return r.of(turns, n, func(s sample) float64 { return s.Replies }) })
	total := 0
	for _, n := range r.Mix {
		total += n
	}
	var mix []string
	for _, k := range []stepKind{stepAnswer, stepLookUp, stepStatus, stepMenu, stepDuplicate} {
		mix = append(mix, fmt.Sprintf("%s %.0f %%", k, 100*float64(r.Mix[k])/float64(max(total, 1))))
	}
	p("\nMix as sent: %s.\n", strings.Join(mix, ", "))
	p("\nAlone: one turn %.2f ms, one fdatasync %.2f ms, one no-op request %.2f ms.\n",
		r.Solo.Turn.Seconds()*1e3, r.Solo.Flush.Seconds()*1e3, r.Solo.Echo.Seconds()*1e3)
}

// printJSON writes the same for machines.
func printJSON(w io.Writer, o options, packs []packLoad, searches []searchResult, results []*engineResult, took time.Duration) error {
	type series struct {
		Figure  figure   `json:"figure"`
		Conns   int      `json:"connections"`
		Samples []sample `json:"samples"`
	}
	type engine struct {
		Engine   string           `json:"engine"`
		Series   []series         `json:"series"`
		Solo     solo             `json:"alone"`
		Mix      map[stepKind]int `json:"mix"`
		Profiles []named          `json:"profiles"`
		Notes    []string         `json:"notes,omitempty"`
	}
	out := struct {
		Go      string         `json:"go"`
		CPUs    int            `json:"processors"`
		Window  time.Duration  `json:"windowNanoseconds"`
		Repeats int            `json:"repeats"`
		Took    time.Duration  `json:"tookNanoseconds"`
		Packs   []packLoad     `json:"packs"`
		LookUps []searchResult `json:"searches"`
		Engines []engine       `json:"engines"`
		Aims    []aim          `json:"aims"`
	}{Go: runtime.Version(), CPUs: runtime.NumCPU(), Window: o.window, Repeats: o.repeats, Took: took, Packs: packs, LookUps: searches, Aims: allAims(o, packs, searches, results)}
	for _, r := range results {
		e := engine{Engine: r.Engine, Solo: r.Solo, Mix: r.Mix, Profiles: r.Profiles, Notes: r.Notes}
		for _, f := range o.figures() {
			for _, n := range o.levels {
				e.Series = append(e.Series, series{f, n, r.Samples[key{f, n}]})
			}
		}
		out.Engines = append(out.Engines, e)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
