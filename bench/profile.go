package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"
)

// named is the profile of one figure, its top functions named.
type named struct {
	Figure figure `json:"figure"`
	Conns  int    `json:"connections"`
	Flat   string `json:"flat"`       // by own time
	Cum    string `json:"cumulative"` // by time with what they call
}

// plumbing is what every request passes through, and what only calls on: a list
// by cumulated time would hold nothing else.
const plumbing = `^runtime\.(mcall|park_m|schedule|findRunnable|goexit|systemstack|main|gcBgMarkWorker.*)$|^net/http\.|^main\.|httpx|` +
	`/app\.\(\*|Gateway\)\.(ServeHTTP|Take|Deliver|turn)$|\(\*Store\)\.(Update|View)|\(\*watched\)|\.runClosure|\(\*writer\)\.(run|update)|` +
	`\(\*sqliteStore\)|connect\.|\.func\d+`

// profile takes CPU profiles of runs of turns, of look-ups and of searches.
func (b *bench) profile(ctx context.Context) error {
	n, window := b.levels[len(b.levels)-1], max(b.window, time.Second)
	if b.wants(turns) {
		if err := b.profileOf(ctx, turns, n, func() error {
			_, err := b.turns(ctx, n, window)
			return err
		}); err != nil {
			return err
		}
	}
	for _, f := range []figure{lookUpPOST, searchPOST} {
		if !b.wants(f) {
			continue
		}
		if err := b.profileOf(ctx, f, n, func() error {
			_, err := b.load(plan{Addr: b.product.addr, Conns: n, Window: window / 2, Requests: b.requests[f]})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) profileOf(ctx context.Context, f figure, conns int, run func() error) error {
	dir := b.dir
	if b.keep != "" {
		dir = b.keep
	}
	path := filepath.Join(dir, strings.Map(func(r rune) rune {
		if r == ' ' || r == ',' {
			return '-'
		}
		return r
	}, b.out.Engine+" "+string(f))+".pprof")
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	err = run()
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	b.out.Profiles = append(b.out.Profiles, named{f, conns, top(ctx, path, "-flat"), top(ctx, path, "-cum", "-hide="+plumbing)})
	return nil
}

// top names ten functions of a profile with the tool of the Go installation; a
// machine without it gets the reason instead.
func top(ctx context.Context, path string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	all := append([]string{"tool", "pprof", "-top", "-nodecount=10"}, args...)
	out, err := exec.CommandContext(ctx, "go", append(all, path)...).Output()
	if err != nil {
		return "no profile: " + err.Error()
	}
	var lines []string
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if strings.Contains(l, "%") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}
