package dossier

import (
	"slices"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/vault"
)

// oneOfEach leaves of the papers of a group those that are worth asking for: the
// one that was given, else the first that was not passed over. The last one left
// is asked for as firmly as the group is needed.
func (a *Application) oneOfEach(items []catalog.Item) []catalog.Item {
	var out []catalog.Item
	for i, item := range items {
		if !item.OneOf {
			out = append(out, item)
			continue
		}
		need, given, before, after := a.group(items, i)
		switch own := a.answers.Papers[item.Requirement.Key]; {
		case own.Done:
		case given, before && !own.Skipped:
			continue
		}
		item.Need = need
		item.OneOf = after || !a.sendable(item.Requirement.Group)
		out = append(out, item)
	}
	return out
}

// group tells of the group of items[at] how much it is needed, whether a paper of
// it was given, whether one before at is still open, and whether one after is.
func (a *Application) group(items []catalog.Item, at int) (need catalog.Need, given, before, after bool) {
	need = catalog.Maybe
	for i, item := range items {
		if item.Requirement.Group != items[at].Requirement.Group {
			continue
		}
		if item.Need == catalog.Needed {
			need = catalog.Needed
		}
		choice := a.answers.Papers[item.Requirement.Key]
		given = given || choice.Done
		open := !choice.Done && !choice.Skipped
		before = before || i < at && open
		after = after || i > at && open
	}
	return need, given, before, after
}

// sendable reports whether every paper of a group that this case may need can be
// sent: what can only be shown at the counter may still be brought there.
func (a *Application) sendable(group string) bool {
	return !slices.ContainsFunc(a.checklist(), func(i catalog.Item) bool {
		return i.Requirement.Group == group && i.Need != catalog.NotNeeded && !i.Requirement.Uploads()
	})
}

// instead reports whether another paper of an item's group was sent.
func (a *Application) instead(item catalog.Item, sent []vault.Item) bool {
	group := item.Requirement.Group
	return group != "" && slices.ContainsFunc(sent, func(m vault.Item) bool {
		r, ok := a.Procedure.Requirement(m.Requirement)
		return ok && r.Group == group
	})
}
