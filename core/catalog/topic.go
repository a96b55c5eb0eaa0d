package catalog

import "slices"

// Topic is a situation of life with the procedures people need then, for those
// who would rather choose than type.
type Topic struct {
	Key        string    `yaml:"key"`
	Name       Bilingual `yaml:"name"`
	Short      Bilingual `yaml:"short"`      // ≤ 20 characters without accents
	Procedures []string  `yaml:"procedures"` // codes, most asked first
}

// topicsFile is search/topics.yaml of a pack.
type topicsFile struct {
	Topics  []Topic  `yaml:"topics"`
	Popular []string `yaml:"popular"` // codes, most asked first: an editor's assumption until filings are counted
}

const (
	maxTopics    = 12 // what fits two screens
	maxTopicName = 20
)

// Topics lists the situations of life, in the order of the pack; none when the
// pack has none. It is shared: callers do not change it.
func (c *Catalog) Topics() []Topic { return c.topics }

// Topic gives a situation by its key.
func (c *Catalog) Topic(key string) (Topic, bool) {
	i := slices.IndexFunc(c.topics, func(t Topic) bool { return t.Key == key })
	if i < 0 {
		return Topic{}, false
	}
	return c.topics[i], true
}

// readTopics reads search/topics.yaml; a pack may do without.
func (r *reader) readTopics(files []string) {
	if !slices.Contains(files, topicsName) || !r.decode(topicsName, &r.topics) {
		return
	}
	known := map[string]bool{}
	for _, p := range r.procedures {
		known[p.Code] = true
	}
	keys := map[string]bool{}
	r.check(len(r.topics.Topics) <= maxTopics, topicsName, []string{"topics"}, "%d topics, want at most %d", len(r.topics.Topics), maxTopics)
	for i, t := range r.topics.Topics {
		at := func(rest ...string) []string { return append([]string{"topics", itoa(i)}, rest...) }
		r.check(t.Key != "" && !keys[t.Key], topicsName, at("key"), "the key %q is empty or occurs twice", t.Key)
		keys[t.Key] = true
		for _, b := range []Bilingual{t.Name, t.Short} {
			r.check(b.Vi != "" && b.En != "", topicsName, at(), "the topic %s has no name or short name in vi and en", t.Key)
		}
		r.check(len([]rune(t.Short.Vi)) <= maxTopicName && len(t.Short.En) <= maxTopicName, topicsName, at("short"),
			"the short name of %s is longer than %d characters", t.Key, maxTopicName)
		r.check(len(t.Procedures) > 0, topicsName, at("procedures"), "the topic %s has no procedure", t.Key)
		for j, code := range t.Procedures {
			r.check(known[code], topicsName, at("procedures", itoa(j)), "the pack has no procedure %q", code)
		}
	}
	for i, code := range r.topics.Popular {
		r.check(known[code], topicsName, []string{"popular", itoa(i)}, "the pack has no procedure %q", code)
	}
}
