package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// quantile reads a sorted list; 0 when it is empty.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// median of a list of any order; 0 when it is empty.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// callers runs do in n goroutines until the window is over and gives how often it
// succeeded, how long that took, and the first failure.
func callers(n int, window time.Duration, do func(caller int) error) (done int, took time.Duration, p50 time.Duration, err error) {
	var (
		total  atomic.Int64
		mu     sync.Mutex
		all    []time.Duration
		failed error
		wg     sync.WaitGroup
	)
	begin := time.Now()
	for c := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var own []time.Duration
			for {
				sent := time.Now()
				if sent.Sub(begin) >= window {
					break
				}
				if err := do(c); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					break
				}
				own = append(own, time.Since(sent))
			}
			total.Add(int64(len(own)))
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		}()
	}
	wg.Wait()
	took = time.Since(begin)
	slices.Sort(all)
	return int(total.Load()), took, quantile(all, 0.5), failed
}

// ticksPerSecond is the unit of /proc/<pid>/stat; Linux has had no other for
// programs in decades.
const ticksPerSecond = 100

// postgresCPU is the processor time that a server and its backends have used, of
// the server whose log this is; 0 where /proc does not tell.
func postgresCPU(logPath string) time.Duration {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(logPath), "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	postmaster := string(bytes.TrimSpace(first))
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	ticks := 0
	for _, f := range files {
		pid := filepath.Base(filepath.Dir(f))
		stat, err := os.ReadFile(f)
		if err != nil {
			continue // it ended meanwhile; its parent counts it
		}
		// pid (name) state ppid … : the name may hold anything but ends at the last ")".
		_, rest, ok := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
		v := strings.Fields(rest)
		if !ok || len(v) < 15 || pid != postmaster && v[1] != postmaster {
			continue
		}
		own := v[11:13] // utime, stime
		if pid == postmaster {
			own = v[11:15] // and those of children that ended
		}
		for _, t := range own {
			n, _ := strconv.Atoi(t)
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}
