package form

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Progress counts questions: done of total. What is known without asking does
// not count. Total looks ahead along the branches that are still possible and
// takes the longest, so while questions are answered in order it may fall and
// rises only with the answer how many items a list has.
func (st *State) Progress() (done, total int) {
	if !st.counted {
		st.done, st.total = st.progress()
		st.counted = true
	}
	return st.done, st.total
}

func (st *State) progress() (done, total int) {
	grouped := map[int][]int{} // open choice → fields that only wait for it
	for i, c := range st.form.fields {
		if !c.asked() {
			continue
		}
		it := &st.items[i]
		switch {
		case c.item > 0 && it.visible == Maybe && st.vals[c.rep.count] == nil:
			continue // how many items there are is asked first
		case it.visible == No || it.derived == Yes || Unasked(it.author):
			continue
		case it.visible == Yes && (it.value != nil || it.skipped):
			done++
			total++
			continue
		case it.visible == Yes && it.derived == No:
			total++
			continue
		}
		if source, ok := st.onlyOpen(c); ok {
			grouped[source] = append(grouped[source], i)
		} else {
			total++
		}
	}
	for source, fields := range grouped {
		total += st.longest(source, fields)
	}
	return done, total
}

// onlyOpen gives the one open choice that decides whether field c is asked.
func (st *State) onlyOpen(c *compiled) (source int, ok bool) {
	source = -1
	look := func(e *expression) bool {
		if e == nil {
			return true
		}
		for _, d := range e.deps {
			if st.vals[d] != nil || d == source {
				continue
			}
			if source >= 0 {
				return false
			}
			source = d
		}
		return true
	}
	if !look(c.when) || !look(c.computed) {
		return 0, false
	}
	for _, cp := range c.copies {
		if !look(cp.when) {
			return 0, false
		}
	}
	if source < 0 {
		return 0, false
	}
	_, choice := st.form.fields[source].typ.(Chooser)
	return source, choice
}

// longest counts, over every possible answer to an open choice, how many of the
// fields that wait for it would be asked.
func (st *State) longest(source int, fields []int) int {
	most := 0
	for _, v := range st.possible(source) {
		act := st.activation()
		act.supposed, act.value = source, v
		n := 0
		for _, i := range fields {
			c := st.form.fields[i]
			if c.when != nil && triOf(act.eval(c.when)) == No || st.surelyKnown(c, act) {
				continue
			}
			n++
		}
		most = max(most, n)
	}
	return most
}

// possible lists the values an open choice may get, none included.
func (st *State) possible(source int) []ref.Val {
	c := st.form.fields[source]
	out := []ref.Val{types.NullValue}
	ch, ok := c.typ.(Chooser)
	if !ok {
		return out
	}
	for _, o := range ch.Choices(c.Field, Context{Now: st.now}) {
		if c.kind == KindBool {
			out = append(out, types.Bool(o.Value == "true"))
		} else {
			out = append(out, types.String(o.Value))
		}
	}
	return out
}

// surelyKnown reports whether a field will have a value without being asked,
// under a supposition.
func (st *State) surelyKnown(c *compiled, act *values) bool {
	for _, cp := range c.copies {
		if cp.when != nil {
			switch triOf(act.eval(cp.when)) {
			case No:
				continue
			case Maybe:
				return false
			}
		}
		from := st.form.fields[cp.from]
		it := &st.items[cp.from]
		if it.visible == Yes && (it.value != nil || from.Required && from.asked() && !it.skipped) {
			return true
		}
	}
	if c.computed != nil {
		if v := goValue(act.eval(c.computed)); v != nil && st.valid(c, v) {
			return true
		}
	}
	return c.def != nil
}
