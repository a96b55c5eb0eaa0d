package job

import "time"

// Backoff gives the wait before attempt n+1 after n failed ones (n ≥ 1). random
// is in [0,1).
type Backoff func(n int, random float64) time.Duration

// DefaultBackoff doubles from one second to ten minutes, each time ± a quarter,
// so that jobs that failed together do not come back together. Twenty attempts
// last more than two hours, twenty-five more than three.
func DefaultBackoff(n int, random float64) time.Duration {
	const first, last = time.Second, 10 * time.Minute
	d := last
	if n = max(n, 1); n <= 10 { // 2^10 s is beyond the last
		d = min(first<<(n-1), last)
	}
	return time.Duration(float64(d) * (0.75 + random/2))
}
