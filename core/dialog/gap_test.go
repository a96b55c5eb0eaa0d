package dialog_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
)

// searched plays one event and gives what came of searches and what is counted.
func (c *talk) searched(ev core.Event) (results []string, gaps []dialog.NoteGap) {
	out := c.event(ev)
	for _, cmd := range out.Commands {
		if g, ok := cmd.(dialog.NoteGap); ok {
			gaps = append(gaps, g)
		}
	}
	return out.Searches, gaps
}

func typed(s string) core.Event { return core.Event{Kind: core.EventText, Text: s} }

// What nobody found is counted, in the form queries are compared in; what may say
// who somebody is is not, and what was no search is neither.
func TestGapsOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	for _, c := range []struct {
		said  string
		asks  bool // it is a search
		query string
	}{
		{"zzqq wwkk", true, "zzqq wwkk"},
		{"  ZZQQ, wwkk!! 🐊", true, "zzqq wwkk"},
		{"zzqq 0912", true, ""},
		{"zzqq Trần Thị Hạnh", true, ""},
		{"zzqq của anh Tẹo", true, ""},
		{"zzqq a@b.vn", true, ""},
		{"zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk zzqq wwkk", true, ""},
		{"không", false, ""},
		{"9", false, ""},
		{"gặp người", false, ""},
		{"đăng ký khai sinh", true, ""},
	} {
		results, gaps := w.talk("rich", richCaps()).searched(typed(c.said))
		if asks := len(results) > 0; asks != c.asks {
			t.Errorf("%q: searches %q", c.said, results)
		}
		var want []dialog.NoteGap
		if c.query != "" {
			want = []dialog.NoteGap{{Query: c.query, Kind: core.GapNone}}
		}
		if !reflect.DeepEqual(gaps, want) {
			t.Errorf("%q: %+v, want %+v", c.said, gaps, want)
		}
	}
}

// A list that nobody took from is counted under the words it answered.
func TestGapsOfLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	query := ""
	for _, q := range []string{"cap lai giay", "giay phep", "cap doi", "xac nhan"} {
		if c := w.talk("rich", richCaps()); c.say(q)[0].Key == "search.results" {
			query = q
			break
		}
	}
	if query == "" {
		t.Fatal("no query of the test is answered by a list")
	}
	abandoned := []dialog.NoteGap{{Query: query, Kind: core.GapAbandoned}}
	none := dialog.NoteGap{Query: "zzqq wwkk", Kind: core.GapNone}
	for _, c := range []struct {
		name    string
		next    func(c *talk) core.Event
		results []string
		gaps    []dialog.NoteGap
	}{
		{"takes one", func(*talk) core.Event { return typed("1") }, []string{dialog.SearchPicked}, nil},
		{"asks for a person", func(*talk) core.Event { return typed("gặp người") }, []string{dialog.SearchAbandoned}, abandoned},
		{"presses for a person", func(*talk) core.Event { return core.Event{Kind: core.EventChoice, ChoiceID: "nav.human"} }, []string{dialog.SearchAbandoned}, abandoned},
		{"is lost", func(*talk) core.Event { return typed("zzqq wwkk") }, []string{dialog.SearchNone, dialog.SearchAbandoned}, append([]dialog.NoteGap{none}, abandoned...)},
		{"mistypes a number", func(*talk) core.Event { return typed("9") }, nil, nil},
		{"searches on", func(*talk) core.Event { return typed("đăng ký khai sinh") }, []string{dialog.SearchFound}, nil},
		{"goes back to the menu", func(*talk) core.Event { return typed("menu") }, nil, nil},
	} {
		conv := w.talk("rich", richCaps())
		if results, gaps := conv.searched(typed(query)); !slices.Equal(results, []string{dialog.SearchFound}) || gaps != nil {
			t.Fatalf("%s: the list itself: %q %+v", c.name, results, gaps)
		}
		results, gaps := conv.searched(c.next(conv))
		if !slices.Equal(results, c.results) || !reflect.DeepEqual(gaps, c.gaps) {
			t.Errorf("%s: %q %+v, want %q %+v", c.name, results, gaps, c.results, c.gaps)
		}
		if results, gaps = conv.searched(typed("gặp người")); c.name != "mistypes a number" && (results != nil || gaps != nil) {
			t.Errorf("%s: and a turn later %q %+v", c.name, results, gaps)
		}
	}
}
