// Package auth decides who is there and what they may do: access tokens and
// their keys, one-time codes sent to a phone, sessions of the app, terminals and
// their citizens' sessions, officers, and the policy table with one row per
// operation.
//
// Invariants:
//   - deny by default: an operation without a row in the Policy cannot be called,
//     and a test fails when an RPC or a dialogue command has none;
//   - tokens are EdDSA JWTs of at most ten minutes whose header holds alg, typ
//     and kid and nothing else; the key is found by kid among our own, never in
//     the token;
//   - no secret is at rest: a one-time code is derived from the server's key and
//     the challenge, refresh tokens and enrolment codes are stored as keyed
//     hashes, signing keys are derived;
//   - counters and limits of one-time codes live in the store, so that they hold
//     on every node: authentication fails closed;
//   - who may see which draft or dossier is decided in object.go and nowhere else.
package auth
