// Package notify decides what a citizen is told of a dossier without having asked:
// whether, when, and through which conversation or address.
//
// Invariants:
//   - Decide is pure; Service only reads what it needs and writes what it decided;
//   - a line of the timeline is told at most once, and never after a later one;
//   - nothing goes out in the quiet hours (21:00–07:30 in the city) and nothing to
//     an address whose owner stopped notices; replies and one-time codes do not
//     come through here;
//   - what is said is made by the dialogue at the door of the conversation, so a
//     notice obeys the same privacy rules as an answer.
package notify
