// Package gate is the door every Connect service stands behind. It does once
// what all of them need: who is there, may they, is the request well formed, has
// it been answered before, and how a failure is told.
//
// Order of a request: authentication and policy, on the headers alone, before a
// byte of the body is decoded; the size limit of the operation; then the
// deadline, the validation of the message and the handler.
//
// Invariants:
//   - an operation without a policy row answers permission_denied;
//   - a failure is a core.Error and travels as its Connect code with an
//     ErrorDetail in the citizen's language; the text of a lower layer never
//     does, an internal error shows a support number only; so do the failures of
//     the library itself, which Explain completes;
//   - what is not Public is never cached by anybody on the way;
//   - a call repeated with its Idempotency-Key has one effect, because the answer
//     is stored in the transaction of the effect.
package gate
