package form

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/motcua/motcua/core"
)

// edited changes a definition at random, the ways a new version does.
func edited(def Definition, r *rand.Rand) Definition {
	def.Version += "+"
	def.Rules = nil // they may name a field that goes
	def.Groups = slices.Clone(def.Groups)
	for g := range def.Groups {
		group := &def.Groups[g]
		group.Fields = slices.Clone(group.Fields)
		for i := range group.Fields {
			f := &group.Fields[i]
			switch r.IntN(14) {
			case 0:
				f.Rev++
			case 1:
				if f.Ask == "" && f.Computed == "" && f.Type != "consent" {
					f.Required = !f.Required
				}
			case 2:
				if f.Type == "select" && len(f.Options) > 2 {
					at := r.IntN(len(f.Options))
					f.Options = slices.Delete(slices.Clone(f.Options), at, at+1)
				}
			case 3:
				switch f.Type {
				case "text", "integer", "money":
					f.Min, f.Max = "3", "20"
				case "date", "partial_date":
					f.Min = "2000-01-01"
				}
			case 4:
				if f.Type == "date" && len(f.CopyFrom) == 0 {
					f.Type = "partial_date"
				}
			case 5:
				if f.Type == "text" {
					f.Type = "longtext"
				}
			}
		}
		if rep := group.Repeat; rep != nil && r.IntN(3) == 0 {
			smaller := *rep
			smaller.Max = max(1, rep.Min, r.IntN(4))
			group.Repeat = &smaller
		}
		if r.IntN(4) == 0 {
			group.Fields = append(group.Fields, Field{Key: "added" + strconv.Itoa(g), Type: "text", Required: true, Label: Text{"Mới", "New"}})
		}
	}
	return def
}

// Whatever changed in a form, nothing that still holds is asked again and nothing
// that does not is kept.
func TestRebaseProperty(t *testing.T) {
	t.Parallel()
	rounds := 20
	if os.Getenv("CHECK") == "full" {
		rounds = 3000
	}
	r := rand.New(rand.NewPCG(3, 20261101))
	again, kept := 0, 0
	for _, c := range []struct {
		form *Form
		who  persona
	}{{load(t, "marital_status"), single()}, {load(t, "birth_registration"), father()}, {household(t), family()}} {
		a, _ := answer(t, c.form, c.who)
		for range rounds {
			f, issues := Compile(edited(c.form.Definition(), r), refs(t))
			if len(issues) > 0 {
				continue // an edit that no author could publish
			}
			carried, dropped := f.Rebase(a, now())
			if len(carried)+len(dropped) != len(a) {
				t.Fatalf("%d answers became %d kept and %d dropped", len(a), len(carried), len(dropped))
			}
			for key, ans := range a {
				before, _ := c.form.Field(key)
				after, there := f.Field(key)
				same := there && before.Type == after.Type && before.Rev == after.Rev
				takes := same && (ans.Skipped && !after.Required || !ans.Skipped && f.check(key, ans.Value) == nil)
				if _, ok := carried[key]; ok != takes {
					t.Fatalf("%s: kept %v, want %v; was %+v, is %+v", key, ok, takes, before, after)
				}
			}
			st := f.Resolve(carried, nil, now())
			if q, ok := st.Next(); ok {
				if _, there := carried[q.Key]; there {
					t.Fatalf("%s is kept and asked again", q.Key)
				}
			}
			for _, v := range st.Validate() {
				if _, there := carried[v.Field]; there && v.Key != "field.required" {
					t.Fatalf("%s is kept and refused: %s", v.Field, v.Key)
				}
			}
			if more, none := f.Rebase(carried, now()); len(none) > 0 || len(more) != len(carried) {
				t.Fatalf("a second time drops %v", none)
			}
			again, kept = again+len(dropped), kept+len(carried)
		}
	}
	if again == 0 || kept < 5*rounds {
		t.Errorf("%d dropped and %d kept: the edits test nothing", again, kept)
	}
}

// check is what a field says of a value as it is.
func (f *Form) check(key string, v any) *core.Violation {
	c := f.fields[f.scope.index[key]]
	n, err := Normal(v)
	if err != nil {
		return violation("field.type")
	}
	return c.typ.Check(c.Field, n, f.context(c, "vi", now()))
}
