package vault

import (
	"cmp"
	"slices"

	"github.com/motcua/motcua/core"
)

// Live gives the pages of a paper that count, ready or still pending, in order of
// arrival.
func Live(p core.Paper) []core.Page {
	var out []core.Page
	for _, page := range p.Pages {
		if page.State == core.PageReady || page.State == core.PagePending {
			out = append(out, page)
		}
	}
	slices.SortStableFunc(out, func(a, b core.Page) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

// LastDraft gives the pages of the last draft of a result; none when there was no
// draft.
func LastDraft(papers []core.Paper) []core.Page {
	var last core.Paper
	for _, p := range papers {
		if p.Requirement == RequirementDraft && p.Round > last.Round {
			last = p
		}
	}
	return Live(last)
}

// Stand is how far one requirement's paper is.
type Stand struct {
	Requirement string
	Files       int // ready files
	Pages       int // pages inside them
	Pending     int // files without a verdict yet
}

// StandOf gives the stand of one requirement of one round.
func StandOf(papers []core.Paper, requirement string, round int) Stand {
	s := Stand{Requirement: requirement}
	for _, p := range papers {
		if p.Requirement != requirement || p.Round != round {
			continue
		}
		for _, page := range Live(p) {
			if page.State == core.PagePending {
				s.Pending++
				continue
			}
			s.Files++
			s.Pages += page.Count
		}
	}
	return s
}

// Item is one paper of a manifest.
type Item struct {
	Requirement string
	Pages       int      // pages inside all files
	SHA256      []string // of each file as received, in order of arrival
}

// Manifest lists the papers of one round by requirement, in the order of their
// keys; a paper without a ready page is left out.
//
// Errors: failed_precondition with key "error.page.pending" while a page waits for
// its verdict, so that no dossier commits to a page that may yet be refused.
func Manifest(papers []core.Paper, round int) ([]Item, error) {
	var items []Item
	for _, p := range papers {
		if p.Round != round || p.Requirement == RequirementResult || p.Requirement == RequirementDraft {
			continue
		}
		item := Item{Requirement: p.Requirement}
		for _, page := range Live(p) {
			if page.State == core.PagePending {
				return nil, core.E(core.CodeFailedPrecondition, "vault.manifest", "error.page.pending", nil)
			}
			item.Pages += page.Count
			item.SHA256 = append(item.SHA256, page.SHA256)
		}
		if len(item.SHA256) > 0 {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Requirement, b.Requirement) })
	return items, nil
}
