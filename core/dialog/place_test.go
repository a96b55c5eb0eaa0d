package dialog_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// A name that many units had lists every one of them, best first, a page at a time;
// after the last page the first comes again, and any of them can be chosen.
func TestEveryWardOfANameIsReached(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	longest := 0
	for _, caps := range []core.Capabilities{richCaps(), shortCaps()} {
		const size = 6
		for _, name := range []string{"TP Thủ Đức", "phường 5", "phường 1", "Quận 1", "huyện Củ Chi"} {
			places := cat.ResolvePlace(name)
			if len(places) < 2 {
				t.Fatalf("%s: %d units", name, len(places))
			}
			c := newWorld(t, cat, noon()).talk("w", caps)
			c.say("địa chỉ")
			ps := c.say(name)
			first, seen := "", []string(nil)
			for page := 0; len(seen) < len(places); page++ {
				shown := c.show(ps)
				if ps[0].Key != "office.many" || page > 0 && shown == first {
					t.Fatalf("%s: page %d is %s", name, page, shown)
				}
				if n, ok := text.Septets(text.Plain(strings.TrimSpace(shown))); caps.Variant == text.Short {
					if longest = max(longest, n); !ok || n > 2*153 {
						t.Errorf("%s takes %d septets: %s", name, n, shown)
					}
				}
				if first == "" {
					first = shown
				}
				wards := slices.DeleteFunc(labels(c, ps[0]), func(l string) bool { return has([]string{l}, "Xem thêm", "Menu") })
				if len(wards) == 0 || len(wards) > size {
					t.Fatalf("%s: page %d lists %v", name, page, wards)
				}
				seen = append(seen, wards...)
				if more := has(labels(c, ps[0]), "Xem thêm"); more != (len(places) > size) {
					t.Fatalf("%s: %d units, more is offered: %v", name, len(places), more)
				} else if more {
					ps = choose(c, "Xem thêm")
				}
			}
			for i, p := range places {
				if !has(seen[i:i+1], p.Name) {
					t.Errorf("%s: %s is at the place of %s", name, seen[i], p.Name)
				}
			}
			if len(places) > size && ps[0].Key != "office.many" || !has(labels(c, ps[0]), places[0].Name) {
				t.Errorf("%s: after the last page comes %s", name, c.show(ps))
			}
			for range (len(places) - 1) / size {
				choose(c, "Xem thêm")
			}
			if ps = choose(c, places[len(places)-1].Name); ps[0].Key != "office.found" {
				t.Errorf("%s: its last unit is %s", name, c.show(ps))
			}
		}
	}
	if longest < 100 {
		t.Errorf("the longest page takes %d septets: nothing long was tried", longest)
	}
}

// Who looked for an office and goes back finds the procedures that were listed
// before, not the units.
func TestBackFromWardsToProcedures(t *testing.T) {
	t.Parallel()
	c := newWorld(t, loadPack(t), noon()).talk("b", richCaps())
	c.say("menu")
	listed := c.show(c.say("dat dai"))
	c.say("1")
	c.say("địa chỉ")
	if ps := c.say("TP Thủ Đức"); ps[0].Key != "office.many" {
		t.Fatalf("got %s", keys(ps))
	}
	if ps := c.say("quay lại"); ps[0].Key != "card" {
		t.Fatalf("got %s", keys(ps))
	}
	if got := c.show(c.say("quay lại")); got != listed {
		t.Errorf("before: %s\nnow: %s", listed, got)
	}
}

// A question of a form that asks for a ward lists every unit a name may mean, or says
// how many there are and asks for more of the name; the whole name is then enough for
// each of them.
func TestEveryWardAnswersAForm(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	f, ok := cat.Form("birth_registration")
	if !ok {
		t.Fatal("no form")
	}
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, core.City)
	several, many := 0, 0
	for _, name := range []string{"TP Thủ Đức", "phường 5", "phường 1", "Quận 1", "Quận 3", "huyện Củ Chi", "Tân Hiệp", "Bình Chánh"} {
		places := cat.ResolvePlace(name)
		o := f.Parse("receivingAgency", name, text.VI, now)
		switch {
		case len(places) < 2:
			continue
		case o.Violation != nil:
			many++
			if o.Violation.Key != "field.place.tooMany" || o.Violation.Args["count"] != strconv.Itoa(len(places)) {
				t.Errorf("%s: %d units and %+v", name, len(places), o.Violation)
			}
		default:
			several++
			if len(o.Candidates) != len(places) {
				t.Errorf("%s: %d of %d units are listed", name, len(o.Candidates), len(places))
			}
			for i, c := range o.Candidates {
				if c.Value != places[i].Code {
					t.Errorf("%s: %v is at the place of %s", name, c.Value, places[i].Code)
				}
			}
		}
		for _, p := range places {
			o := f.Parse("receivingAgency", p.Name, text.VI, now)
			if o.OK() && o.Value != p.Code || !o.OK() && !slices.ContainsFunc(o.Candidates, func(c form.Candidate) bool { return c.Value == p.Code }) {
				t.Errorf("%s: %s does not answer: %+v", name, p.Name, o)
			}
		}
	}
	if several < 2 || many < 2 {
		t.Errorf("%d names are listed, %d have too many", several, many)
	}
}
