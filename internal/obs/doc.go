// Package obs is what operators see of a running program: its log and its
// metrics. It owns the Prometheus client.
//
// Invariants:
//   - one event is one line of valid JSON, whatever was logged;
//   - phone numbers, personal id numbers, one-time codes, tokens and configured
//     secrets do not get out: values under sensitive keys are dropped, and every
//     other text is searched for their patterns, errors and panics included. A
//     core.Sealed prints as "[sealed]";
//   - a metric's labels come from small closed sets (channel, result, procedure)
//     and are refused when they look like personal data.
package obs
