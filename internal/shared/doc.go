// Package shared holds what the nodes of one installation share without its being
// the only copy of anything: how often somebody may try (Limiter), who is there
// now (Presence), what every node should hear at once (Fanout), and answers worth
// remembering for a while (Cache).
//
// Invariants: every part has an implementation in the process (Local) and one over
// Redis, and both pass the same tests; when Redis is lost or flushed, each node
// goes on with what it knows itself (Fallback), so that trouble there never closes
// a door, never opens one for good and loses nothing that was acknowledged. Keys
// and messages hold no personal data: callers hash what could be.
// It owns go-redis.
package shared
