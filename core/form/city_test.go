package form

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// now is the instant most tests stand at: Thursday 12 March 2026, 09:14 in the city.
func now() time.Time { return time.Date(2026, 3, 12, 9, 14, 0, 0, core.City) }

// wards is a small city: enough to have present, former, split and homonymous names.
func wards() map[string]Text {
	return map[string]Text{
		"26740": {"Phường Sài Gòn", "Sai Gon Ward"},
		"26743": {"Phường Bến Thành", "Ben Thanh Ward"},
		"25807": {"Xã Thanh An", "Thanh An Commune"},
		"27676": {"Xã Thạnh An", "Thanh An Commune"},
		"27541": {"Xã Bình Chánh", "Binh Chanh Commune"},
	}
}

// resolve stands in for the catalogue's search.
func resolve(query string) []Place {
	q := strings.Join(words(query), " ")
	if at := strings.Index(q, " ben nghe"); at > 0 && q[0] != 'q' {
		q = q[at+1:] // like a search that passes over words it does not know
	}
	for _, noise := range []string{"phuong ", "p ", "xa "} {
		q = strings.TrimPrefix(q, noise)
	}
	place := func(code, old string, exact bool) Place {
		return Place{Code: code, Name: wards()[code], Old: old, Exact: exact}
	}
	switch q {
	case "sai gon":
		return []Place{place("26740", "", true)}
	case "ben thanh":
		return []Place{place("26743", "", true)}
	case "binh chanh":
		return []Place{place("27541", "", true)}
	case "ben nghe", "ben nghe quan 1", "ben nghe q1", "ben nghe q 1":
		return []Place{place("26740", "Phường Bến Nghé, Quận 1", true)}
	case "thanh an":
		return []Place{place("25807", "", true), place("27676", "", true)}
	case "sai gonn":
		return []Place{place("26740", "", false)}
	case "quan 1", "q1":
		return slices.Repeat([]Place{place("26740", "Quận 1", false)}, 10)
	}
	return nil
}

func refs(t testing.TB) Refs {
	t.Helper()
	lists := map[string]CodeList{}
	for _, name := range []string{"ethnicity", "nationality"} {
		var l CodeList
		if err := pack.Decode(os.DirFS("../catalog/hcmc"), "codes/"+name+".yaml", &l); err != nil {
			t.Fatal(err)
		}
		lists[name] = l
	}
	return Refs{
		ResolvePlace: resolve,
		Outside: func(query string) (Text, bool) {
			return Text{"Hà Nội", "Hanoi"}, strings.HasSuffix(text.Fold(query), "ha noi")
		},
		PlaceName: func(code string, l text.Locale) (string, bool) {
			n, ok := wards()[code]
			return n.In(l), ok
		},
		Codes: func(name string) ([]Option, bool) { l, ok := lists[name]; return l.Codes, ok },
	}
}

// load compiles a form of the built-in pack.
func load(t testing.TB, id string) *Form {
	t.Helper()
	f, err := Load(os.DirFS("../catalog/hcmc"), "forms/"+id+".yaml", refs(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// one compiles a form of a single field.
func one(t testing.TB, f Field) *Form {
	t.Helper()
	if f.Key == "" {
		f.Key = "x"
	}
	f.Label = Text{"Câu hỏi", "Question"}
	def := Definition{ID: "one", Version: "1", Title: Text{"Một", "One"},
		Groups: []Group{{Key: "g", Title: Text{"Nhóm", "Group"}, Fields: []Field{f}}}}
	c, issues := Compile(def, refs(t))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	return c
}

// say answers a question in words, as a citizen does.
func say(t testing.TB, f *Form, a Answers, key, typed string) Answers {
	t.Helper()
	ans := core.DraftAnswer{Author: "citizen", At: now()}
	if typed == "-" {
		ans.Skipped = true
	} else {
		o := f.Parse(key, typed, text.VI, now())
		if !o.OK() {
			t.Fatalf("%s: %q: %+v", key, typed, o)
		}
		ans.Value = o.Value
	}
	out, err := f.Set(a, key, ans, nil, now())
	if err != nil {
		t.Fatalf("%s: %q: %v", key, typed, err)
	}
	return out
}
