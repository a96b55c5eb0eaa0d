package catalog_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/catalog"
)

// question is one line of the exam: what somebody wrote and what is to come of it.
type question struct{ kind, query, want string }

// examHalf parts the exam by a fixed seed: what is in the first half was looked at
// when the look-up was made better, what is in the second only measures it.
func examHalf(query string) int {
	h := fnv.New32a()
	h.Write([]byte("places 2026\x00" + query))
	return int(h.Sum32()>>8) & 1
}

func exam(t *testing.T, file string) []question {
	t.Helper()
	src, err := os.ReadFile("testdata/queries/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []question
	for i, line := range strings.Split(string(src), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			t.Fatalf("line %d has %d columns", i+1, len(f))
		}
		out = append(out, question{f[0], f[1], f[2]})
	}
	return out
}

// right tells whether a question is answered as it should be.
func (q question) right(c *catalog.Catalog, districts map[string]oldDistrict) bool {
	found := c.ResolvePlace(q.query)
	outside, out := c.Outside(q.query)
	how, what, _ := strings.Cut(q.want, ":")
	listed := strings.Split(what, ",")
	slices.Sort(listed)
	switch how {
	case "-":
		return len(found) == 0 && !out
	case "outside":
		return len(found) == 0 && outside.Vi == what
	case "set":
		return slices.Equal(codes(found), listed)
	case "has":
		return !slices.ContainsFunc(listed, func(code string) bool { return !slices.Contains(codes(found), code) })
	case "district":
		return slices.Equal(codes(found), districts[what].To)
	}
	return len(found) > 0 && found[0].Code == q.want
}

// The exam of how people write places. Of the half that nobody looked at, at least
// 95 in 100 of the questions with one answer have it first, and every old ward that
// was split gives exactly the units that took it over.
func TestPlaceExam(t *testing.T) {
	t.Parallel()
	c := city(t)
	_, districts := oldUnits(t)
	sets := map[string][]question{"kept apart": exam(t, "heldout_places.tsv")}
	for _, q := range exam(t, "places.tsv") {
		half := []string{"tuning", "test"}[examHalf(q.query)]
		sets[half] = append(sets[half], q)
	}
	for _, name := range []string{"tuning", "test", "kept apart"} {
		type score struct{ right, all int }
		byKind, byWant := map[string]*score{}, map[string]*score{}
		add := func(m map[string]*score, key string, ok bool) {
			if m[key] == nil {
				m[key] = &score{}
			}
			m[key].all++
			if ok {
				m[key].right++
			}
		}
		for _, q := range sets[name] {
			ok := q.right(c, districts)
			want, _, more := strings.Cut(q.want, ":")
			if !more && want != "-" {
				want = "unique"
			}
			add(byKind, q.kind, ok)
			add(byWant, want, ok)
			if !ok && name == "tuning" {
				var got []string
				for _, p := range c.ResolvePlace(q.query) {
					got = append(got, p.Code+"/"+p.Matched+"/"+string(p.Note))
				}
				outside, _ := c.Outside(q.query)
				t.Logf("%s %s: %q wants %s, got %s %s", name, q.kind, q.query, q.want, strings.Join(got, " "), outside.Vi)
			}
		}
		for _, m := range []map[string]*score{byWant, byKind} {
			keys := []string{}
			for k := range m {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			line := ""
			for _, k := range keys {
				line += fmt.Sprintf(" %s %d/%d", k, m[k].right, m[k].all)
			}
			t.Logf("%s:%s", name, line)
		}
		if name == "kept apart" {
			continue // only measured
		}
		if u := byWant["unique"]; u == nil || u.right*100 < u.all*95 {
			t.Errorf("%s: %+v of the questions with one answer", name, u)
		}
		if s := byWant["set"]; s == nil || s.right < s.all {
			t.Errorf("%s: %+v of the wards that were split", name, s)
		}
	}
}
