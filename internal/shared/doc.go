// Package shared holds what the nodes of one installation share without its being
// the only copy of anything: so far the limits of how often somebody may try.
//
// Invariants: every part has an implementation in the process and one over Redis,
// and both pass the same tests; when Redis is lost, each node goes on with its own
// limits, so that trouble there never closes a door and never opens one for good.
// It owns go-redis.
package shared
