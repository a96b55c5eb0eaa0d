// Package dossier takes an application from its first answer to its result: the
// draft and its steps, the summary, the submission with its manifest of papers,
// the official code, the legal clock, the ten official states and the acts of
// officers.
//
// Invariants:
//   - one definition serves every channel: Steps decides what is asked next, and
//     the dialogue, the app and the kiosk show it;
//   - what is submitted is Canonical, made of procedure, versions, answers, facts
//     and the hashes of the papers only, so the same answers are the same bytes
//     whatever the channel, the order, the person or the hour;
//   - a draft is submitted at most once, and its dossier commits together with the
//     manifest, its code and its first timeline event;
//   - a dossier's state changes along Transitions only, each change is one line of
//     its timeline, and the state is the To of the last line;
//   - the clock runs in states 2 and 4, is paused in 5 and 6 and stopped elsewhere;
//   - every act of an officer writes an audit row, and every transition enqueues
//     one JobChanged;
//   - a dossier filed at a counter becomes a citizen's by number and phone together
//     (Claim), in any state and without a transition.
package dossier
