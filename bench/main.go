// Command bench measures turns, submissions and look-ups per second on both
// engines, beside yardsticks taken in the same run: a no-op on the same server, a
// bare insert with and without group commit, one fdatasync, and a ceiling that
// does the least a webhook can do. The search for a procedure is measured in
// process beside two general engines that hold the same texts. Ratios mean
// something on any machine; absolute figures do so on this one.
//
// Invariants:
//   - the product is the real program, driven over HTTP by a process of its own;
//   - what counts is what the database holds afterwards, never what was answered;
//   - every commit reaches the disk: SQLite with synchronous=FULL, PostgreSQL with
//     fsync;
//   - a figure and its yardstick are measured in the same round, seconds apart;
//   - nothing is left behind: processes end and directories go with the run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/motcua/motcua/cmd/motcua/app"
)

func main() {
	if slices.Contains(os.Args[1:], loadArg) {
		if err := generate(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "load generator:", err)
			os.Exit(1)
		}
		return
	}
	app.TuneMemory() // the yardsticks share the process, and so the setting
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is the command; it gives the exit code: 1 after a failure, 3 when an aim was
// missed and -strict was given.
func run(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	var o options
	fs.DurationVar(&o.window, "d", 3*time.Second, "measured time of each figure, all repeats together")
	fs.IntVar(&o.repeats, "repeats", 3, "repeats that -d is divided into; the median counts")
	fs.IntVar(&o.people, "people", 2000, "conversations with open drafts")
	fs.BoolVar(&o.quick, "quick", false, "at most a minute: one short repeat of each figure")
	fs.StringVar(&o.keep, "profiles", "", "directory that keeps the CPU profiles")
	asJSON := fs.Bool("json", false, "print JSON instead of Markdown")
	strict := fs.Bool("strict", false, "exit with 3 when an aim is missed")
	searchOnly := fs.Bool("search", false, "only load packs and search for procedures, in process; starts no server")
	engines := fs.String("engines", "sqlite,postgres", "engines to measure")
	only := fs.String("figures", "", "measure only the figures whose names hold one of these words, for example echo,look-up; no pack, no search in process")
	levels := fs.String("connections", "1,16,64", "numbers of connections")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if o.quick {
		o.window, o.repeats = 400*time.Millisecond, 1
	}
	for _, s := range strings.Split(*levels, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > o.people {
			fmt.Fprintf(os.Stderr, "bench: -connections: %q is not a number from 1 to %d\n", s, o.people)
			return 2
		}
		o.levels = append(o.levels, n)
	}
	if o.engines = strings.Split(*engines, ","); o.repeats < 1 || o.window <= 0 {
		fmt.Fprintln(os.Stderr, "bench: -d and -repeats must be positive")
		return 2
	}
	o.say = func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

	begin := time.Now()
	var packs []packLoad
	var searches []searchResult
	var err error
	if *only != "" {
		o.only = strings.Split(*only, ",")
	} else if packs, err = measurePacks(); err == nil {
		searches, err = measureSearch(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	if *searchOnly {
		o.engines = nil
	}
	var results []*engineResult
	for _, e := range o.engines {
		if e != "sqlite" && e != "postgres" {
			fmt.Fprintf(os.Stderr, "bench: -engines: %q is neither sqlite nor postgres\n", e)
			return 2
		}
		r, err := measureEngine(ctx, o, e)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1
		}
		results = append(results, r)
	}
	if *asJSON {
		if err := printJSON(os.Stdout, o, packs, searches, results, time.Since(begin)); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1
		}
	} else {
		printMarkdown(os.Stdout, o, packs, searches, results, time.Since(begin))
	}
	for _, a := range allAims(o, packs, searches, results) {
		if *strict && !a.Pass {
			return 3
		}
	}
	return 0
}
