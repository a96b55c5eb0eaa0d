package core

import "time"

// GapKind is how a search failed somebody.
type GapKind string

// The kinds of gap.
const (
	GapNone      GapKind = "none"      // nothing was found
	GapAbandoned GapKind = "abandoned" // something was found and nobody wanted it
)

// What keeps a query from being somebody's.
const (
	// GapCitizens is how many different citizens must have asked the same before its
	// words are stored.
	GapCitizens = 5
	// GapLife is how long it is remembered that somebody asked, as keyed hashes, and
	// how long a query has to reach GapCitizens. Closed gaps are forgotten after it.
	GapLife = 90 * 24 * time.Hour
	// GapIdle is how long a gap is kept that nobody asks about any more.
	GapIdle = 365 * 24 * time.Hour
)

// GapNote says that one citizen asked something and was not helped. Query is the
// form in which queries are compared (catalog.GapQuery), and Asker names the
// citizen as well as the door can: a store keeps both as keyed hashes only, the
// asker's under the query's, so that what one person asked cannot be put together.
type GapNote struct {
	Query string
	Asker string
	Kind  GapKind
}

// Gap is a query that at least GapCitizens different citizens asked in vain.
type Gap struct {
	Query    Sealed // as it is compared: folded, without punctuation
	Kind     GapKind
	Citizens int // that asked, each counted once in GapLife
	FirstAt  time.Time
	LastAt   time.Time // of the last new one
}
