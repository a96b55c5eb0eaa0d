// Package catalog answers what a citizen asks before anything is filled in:
// which procedure fits these words (Find), which office serves this (perhaps old)
// place name (ResolvePlace) and takes the procedure in (CompetentOffice), what of
// it I need (NextFact asks, Guide answers), until when to file (Window), and when a
// result is due.
//
// Words are read as people type them: without accents, with slips, short forms and
// raw key strokes, as a story, in English. An index made by Load finds procedures
// (search.go says how), another one places (place_index.go). How people write, what
// is not served here, topics, and what lies outside the city are data of the pack,
// too, not code.
//
// Everything it knows comes from a data pack (package pack). A Catalog is built
// once by Load and never changes; all methods are safe for concurrent use and
// return shared values that callers must not modify.
//
// Invariants:
//   - Load succeeds only when Lint finds nothing: a broken pack never starts a
//     server;
//   - a fact the pack marks as assumed or not verified stays marked in what is
//     returned;
//   - an answer that does not exist is empty, never a guess: a procedure below a
//     certainty, a place outside the city. What is known and not served here, and
//     what certainly lies elsewhere, is said to be so;
//   - what a query or a place name costs is bounded, whatever somebody writes;
//   - at most MaxQuestions are put before a checklist; what is open then stays
//     "may be needed", and no paper is left out because somebody did not answer.
package catalog
