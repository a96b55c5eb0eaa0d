package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/text"
)

// leftOut is a phrase that was taken out of the pack, with what it belongs to.
type leftOut struct {
	text, locale string
	code         string // "" for a subject that is served elsewhere
}

// without takes every nth alias, situation and phrase of a subject out of the pack
// and gives an index of what stays.
func without(r *reader, n int) (*index, []leftOut) {
	var out []leftOut
	i := 0
	take := func(list []string, locale, code string) (kept []string) {
		for _, s := range list {
			if i++; i%n == 0 {
				out = append(out, leftOut{s, locale, code})
				continue
			}
			kept = append(kept, s)
		}
		return kept
	}
	var procedures []*Procedure
	for _, p := range r.procedures {
		c := *p
		c.Aliases = Aliases{Vi: take(p.Aliases.Vi, text.VI, p.Code), En: take(p.Aliases.En, text.EN, p.Code)}
		c.Situations = Aliases{Vi: take(p.Situations.Vi, text.VI, p.Code), En: take(p.Situations.En, text.EN, p.Code)}
		procedures = append(procedures, &c)
	}
	var subjects []Subject
	for _, s := range r.elsewhere.Subjects {
		s.Vi, s.En = take(s.Vi, text.VI, ""), take(s.En, text.EN, "")
		subjects = append(subjects, s)
	}
	return newIndex(procedures, r.words, subjects, r.topics.Popular), out
}

// What was learned from some phrases of a procedure carries over to others: every
// fifth phrase is taken out of the pack and asked for.
func TestPhrasesCarryOver(t *testing.T) {
	t.Parallel()
	r := newReader(hcmc.Pack())
	r.read()
	ix, asked := without(r, 5)
	type count struct{ n, first, three int }
	var names, stories count
	away, wrong := 0, 0
	for _, q := range asked {
		f, _ := ix.search(q.text, q.locale, 3)
		if q.code == "" {
			if away++; len(f.Hits) > 0 {
				wrong++
			}
			continue
		}
		c := &names
		if len(strings.Fields(q.text)) >= 7 {
			c = &stories
		}
		c.n++
		at := slices.IndexFunc(f.Hits, func(h Hit) bool { return h.Procedure.Code == q.code })
		if at == 0 {
			c.first++
		}
		if at >= 0 {
			c.three++
		}
	}
	share := func(n, of int) float64 { return float64(n) / float64(of) }
	t.Logf("names: %d, first %.3f, among three %.3f", names.n, share(names.first, names.n), share(names.three, names.n))
	t.Logf("stories: %d, first %.3f, among three %.3f", stories.n, share(stories.first, stories.n), share(stories.three, stories.n))
	t.Logf("not served here: %d, answered with a procedure %.3f", away, share(wrong, away))
	if share(names.three, names.n) < 0.88 || share(stories.three, stories.n) < 0.65 || share(wrong, away) > 0.2 {
		t.Error("the look-up learns too little from the pack's phrases")
	}
}

// What a query costs is bounded, whatever the query. Counts, never times.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	r := newReader(hcmc.Pack())
	r.read()
	ix := newIndex(r.procedures, r.words, r.elsewhere.Subjects, r.topics.Popular)
	phrases := 0
	for _, d := range ix.docs {
		for at := d.start; at < d.end; {
			_, at = ix.phraseAt(at)
			phrases++
		}
	}
	var worst Work
	for name, q := range hostileQueries() {
		_, done := ix.search(q, text.VI, 5)
		w := done.work
		if w.Postings > maxPostings*maxAlternates || w.Edits > maxQuery*maxAlternates*(2*maxNearList+maxJoined*8) || w.Phrases > phrases*maxAlternates {
			t.Errorf("%s costs %+v", name, w)
		}
		worst.Postings, worst.Edits, worst.Phrases = max(worst.Postings, w.Postings), max(worst.Edits, w.Edits), max(worst.Phrases, w.Phrases)
	}
	t.Logf("worst of all: %+v, of %d phrases", worst, phrases)
}

// hostileQueries are up to 10 kB of what is dear to read.
func hostileQueries() map[string]string {
	long := func(s string) string { return strings.Repeat(s, 10_000/len(s)) }
	return map[string]string{
		"common words":  long("tôi muốn làm giấy tờ cho con "),
		"heavy words":   long("khai sinh ket hon ho chieu can cuoc "),
		"one word":      long("x"),
		"joined words":  long("giaykhaisinh"),
		"unknown words": long("qwrtp zxcvb lkjhg "),
		"near words":    long("khia sihn kets hom giaay chungs tuw "),
		"abbreviations": long("tt hk xn dk gks kh "),
		"digits":        long("8 tuoi 1234567890 "),
		"accents":       long("ễ ộ ử ặ "),
		"marks":         long("e\u0302\u0303\u0301\u0300 "),
		"emoji":         long("👶📄 "),
		"bytes":         long("\xff\xfe\x80"),
		"spaces":        long(" \t\u200b\u00a0"),
	}
}
