package form

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// The names that a repeated group adds to a form.
const (
	itemPrefix = "item."
	countName  = "count"
	sumName    = "sum"
)

// repeated is a group that is a list, in a compiled form: the question how many,
// then the fields of the first item, of the second, …
type repeated struct {
	*Group
	count int            // position of the question how many
	size  int            // fields of one item
	local map[string]int // key inside an item → offset
	scope *scope         // what expressions of an item may name
}

// at gives the position of a field of item n.
func (r *repeated) at(n, offset int) int { return r.count + 1 + (n-1)*r.size + offset }

// CountKey is the key of the question how many items a list has.
func CountKey(group string) string { return group + "." + countName }

func itemKey(group string, n int, local string) string {
	return group + ".i" + strconv.Itoa(n) + "." + local
}

// heading writes the heading of an item; number is "2" or "2/3".
func (r *Repeat) heading(number string) Text {
	return Text{strings.ReplaceAll(r.Item.VI, "{n}", number), strings.ReplaceAll(r.Item.In(text.EN), "{n}", number)}
}

// countField is the question how many items there are.
func (g *Group) countField() Field {
	r := g.Repeat
	f := Field{
		Key: CountKey(g.Key), Type: integer{}.Name(), Required: true, When: r.When,
		Label: r.Count.Label, Question: r.Count.Question, Short: r.Count.Short, Help: r.Count.Help, Example: r.Count.Example,
		Min: strconv.Itoa(r.Min), Max: strconv.Itoa(r.Max),
	}
	if r.Min == r.Max { // nothing to ask
		f.Default = f.Min
	}
	return f
}

// itemOf gives a field of the group as it is in item n.
func (r *repeated) itemOf(f Field, n int) Field {
	f.Key = itemKey(r.Key, n, f.Key)
	f.NameFrom = r.nameOf(f.NameFrom, n)
	f.CopyFrom = slices.Clone(f.CopyFrom)
	for i := range f.CopyFrom {
		f.CopyFrom[i].Field = r.nameOf(f.CopyFrom[i].Field, n)
	}
	return f
}

// nameOf turns a name as it is written inside the group into the key of a field.
func (r *repeated) nameOf(name string, n int) string {
	local := strings.TrimPrefix(name, itemPrefix)
	if _, ok := r.local[local]; ok {
		return itemKey(r.Key, n, local)
	}
	return name
}

// shortItem is the label of a field of an item on a narrow channel: with the
// heading of the item where both fit, else with its number.
func shortItem(r *Repeat, label string, number string, l text.Locale) string {
	s := text.Plain(r.heading(number).In(l)) + ": " + label
	if utf8.RuneCountInString(s) <= maxShort {
		return s
	}
	return label + " " + number
}

// itemVisible decides whether an item of a list is there: as many as were counted, and
// at least as many as there must be.
func (c *compiled) itemVisible(st *State) Tri {
	if st.items[c.rep.count].visible == No {
		return No
	}
	switch n := st.vals[c.rep.count].(type) {
	case nil: // how many is still open
		if c.item > c.rep.Repeat.Min {
			return Maybe
		}
	default:
		count, _ := goValue(n).(int64)
		if int64(c.item) > max(count, int64(c.rep.Repeat.Min)) {
			return No
		}
	}
	return st.items[c.rep.count].visible
}

// itemsOf gives how many items a list has now.
func (st *State) itemsOf(r *repeated) int {
	n, _ := st.items[r.count].value.(int64)
	return int(max(n, int64(r.Repeat.Min)))
}

// Item tells which item of which list a field belongs to. ok is false for fields
// that are there once.
func (f *Form) Item(key string) (group string, n int, ok bool) {
	i, found := f.scope.index[key]
	if !found || f.fields[i].item == 0 {
		return "", 0, false
	}
	return f.fields[i].group.Key, f.fields[i].item, true
}

// CountOf tells of which list a field is the question how many.
func (f *Form) CountOf(key string) (group string, ok bool) {
	i, found := f.scope.index[key]
	if !found || f.fields[i].rep == nil || f.fields[i].item != 0 {
		return "", false
	}
	return f.fields[i].group.Key, true
}

// RemoveItem takes item n, counted from 1, out of a list: those behind it move up
// and the count falls by one. a is not changed.
//
// Errors: core.CodeInvalid with a violation of "<group>.count": field.unknown for a
// group that is no list, field.repeat.none for an item that is not there,
// field.repeat.min when that many must stay.
func (f *Form) RemoveItem(a Answers, group string, n int, now time.Time) (Answers, error) {
	const op = "form.remove_item"
	deny := func(key string, args ...string) (Answers, error) {
		v := violation(key, args...)
		v.Field = CountKey(group)
		return a, core.Invalid(op, *v)
	}
	i, ok := f.scope.index[CountKey(group)]
	if !ok || f.fields[i].rep == nil {
		return deny("field.unknown")
	}
	r := f.fields[i].rep
	ans := a[CountKey(group)]
	v, _ := Normal(ans.Value)
	count, _ := v.(int64)
	switch {
	case n < 1 || int64(n) > count:
		return deny("field.repeat.none", "max", strconv.FormatInt(count, 10))
	case int(count) <= r.Repeat.Min:
		return deny("field.repeat.min", "min", strconv.Itoa(r.Repeat.Min))
	}
	out := maps.Clone(a)
	for k := n; k <= r.Repeat.Max; k++ {
		for off := range r.size {
			key := f.fields[r.at(k, off)].Key
			delete(out, key)
			if k == r.Repeat.Max {
				continue
			}
			if moved, ok := a[f.fields[r.at(k+1, off)].Key]; ok {
				out[key] = moved
			}
		}
	}
	ans.Value, ans.At = count-1, now
	out[CountKey(group)] = ans
	return out, nil
}

// fold puts the answers of lists together: "members": [{"fullName": …}, …].
func (st *State) fold(out map[string]any) {
	for _, r := range st.form.lists {
		if st.items[r.count].visible != Yes {
			continue
		}
		list := make([]any, st.itemsOf(r))
		for n := range list {
			item := map[string]any{}
			for off := range r.size {
				c := st.form.fields[r.at(n+1, off)]
				if it := st.items[r.at(n+1, off)]; it.visible == Yes && it.value != nil {
					item[c.local] = it.value
				}
			}
			list[n] = item
		}
		out[r.Key] = list
	}
}

// Unfold gives canonical answers by the keys of fields, as they were before
// Canonical put lists together. What is no answer of the form stays as it is.
func (f *Form) Unfold(canonical map[string]any) map[string]any {
	out := maps.Clone(canonical)
	for _, r := range f.lists {
		list, ok := canonical[r.Key].([]any)
		if !ok {
			continue
		}
		delete(out, r.Key)
		out[CountKey(r.Key)] = int64(len(list))
		for i, e := range list {
			item, _ := e.(map[string]any)
			for local, v := range item {
				out[itemKey(r.Key, i+1, local)] = v
			}
		}
	}
	return out
}

// itemHeading says which item of how many a field belongs to, "Thành viên 2/3".
func (st *State) itemHeading(c *compiled) Text {
	if c.item == 0 {
		return Text{}
	}
	return c.rep.Repeat.heading(st.itemNumber(c))
}

func (st *State) itemNumber(c *compiled) string {
	return strconv.Itoa(c.item) + "/" + strconv.Itoa(max(c.item, st.itemsOf(c.rep)))
}
