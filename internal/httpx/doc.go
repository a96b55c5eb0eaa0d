// Package httpx is how the program speaks HTTP: one factory for outbound clients
// and the few handlers that every inbound door wears.
//
// Outbound invariants: nothing is called but public addresses (or the networks
// that were allowed), checked after the name is resolved, so that a name that
// resolves to an inner address is refused; redirects are not followed; bodies
// and time are bounded; an error tells the method and the host of a request and
// never its path or query, because vendors put tokens there.
//
// Inbound invariants: a body over its cap is 413 before anything is read from
// it; a panic is a 500 with a support id and no detail; the address of a client
// is taken from a header only when a trusted proxy wrote it; errors leave as
// core codes and message keys, never as the text of a lower layer.
package httpx
