// Package simkit holds fake vendors that speak the vendors' own protocols over
// loopback, so that the real adapters and the real SDKs run against them: in the
// simulator of the development server, in the exams of the adapters, in crash
// tests and under load.
//
// A fake is a server (the vendor's API), a sender (the vendor's webhooks, with its
// order, retries and signatures) and a set of people with phones who write, press
// buttons, send photographs and read what arrives.
//
// Invariants:
//   - nothing leaves loopback: listeners bind 127.0.0.1, and a webhook to any other
//     host is refused before a connection is made;
//   - time comes from the Now of the options. Nothing sleeps: due work is done by
//     Pump (deterministic, for tests) or by Run (for a simulator that lives on);
//   - a fake is written from the vendor's protocol and shares no code with the
//     adapter it examines: signatures, escapes and limits are checked twice;
//   - a call that the fake does not know is answered as the vendor answers it, and
//     is recorded as unexpected;
//   - this is product code: it never imports package testing.
package simkit
