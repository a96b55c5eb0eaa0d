package catalog

import (
	"slices"

	"github.com/motcua/motcua/core/text"
)

// Subject is something people ask a government counter for that this service does
// not do. It is in the pack so that a query for it is not answered with the
// procedure that happens to share its words.
type Subject struct {
	Key  string    `yaml:"key"`
	Kind Kind      `yaml:"kind"`
	Name Bilingual `yaml:"name"`
	Vi   []string  `yaml:"vi"` // how people ask for it
	En   []string  `yaml:"en"`
}

// Kind is what to do when somebody asks for a subject.
type Kind string

// The kinds of subject.
const (
	KindElsewhere Kind = ""       // it is done, but not here: to be said
	KindChat      Kind = "chat"   // no matter of an office: answered as what is not understood
	KindUrgent    Kind = "urgent" // the emergency numbers come first
	KindPerson    Kind = "person" // a person is wanted
)

// elsewhereFile is search/elsewhere.yaml of a pack.
type elsewhereFile struct {
	Subjects []Subject `yaml:"subjects"`
}

// readElsewhere reads search/elsewhere.yaml; a pack may do without.
func (r *reader) readElsewhere(files []string) {
	if !slices.Contains(files, elsewhereName) || !r.decode(elsewhereName, &r.elsewhere) {
		return
	}
	seen := map[string]bool{}
	for i, s := range r.elsewhere.Subjects {
		at := []string{"subjects", itoa(i)}
		r.check(s.Key != "" && !seen[s.Key], elsewhereName, at, "the key %q is empty or occurs twice", s.Key)
		seen[s.Key] = true
		r.check(slices.Contains([]Kind{KindElsewhere, KindChat, KindUrgent, KindPerson}, s.Kind), elsewhereName, at,
			"%s has the kind %q, want chat, urgent, person or none", s.Key, s.Kind)
		r.check(s.Name.Vi != "" && s.Name.En != "", elsewhereName, at, "%s has no name in vi and en", s.Key)
		r.check(len(s.Vi) > 0 && len(s.En) > 0, elsewhereName, at, "%s has no phrase in vi and en", s.Key)
		for _, p := range slices.Concat(s.Vi, s.En) {
			r.check(text.Fold(p) != "", elsewhereName, at, "%q is no phrase", p)
		}
	}
}
