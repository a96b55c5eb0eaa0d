package dialog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
)

// finished reports whether a dossier has come to its result.
func finished(d core.Dossier) bool {
	return d.State == core.StateDone || d.State == core.StateReturned
}

// resultReady reports whether the applicant may be offered the result here. Where
// its papers were not loaded the offer is made, and answered by what there is.
func (t *turn) resultReady(d core.Dossier) bool {
	if !finished(d) || !dossier.Owns(d, t.viewer()) {
		return false
	}
	files, known := t.resultFiles(d)
	return files > 0 || !known
}

// resultFiles counts the files of a result. Known is false when the papers at hand
// are not those of the dossier.
func (t *turn) resultFiles(d core.Dossier) (files int, known bool) {
	if f := t.in.Found.Dossier; f == nil || f.ID != d.ID {
		return 0, false
	}
	for _, p := range t.in.Found.Papers {
		switch {
		case p.DossierID != d.ID:
			return 0, false
		case p.Requirement == vault.RequirementResult:
			files += len(vault.Live(p))
		}
	}
	return files, true
}

// giveResult sends a link to the result, because it was asked for.
func (t *turn) giveResult(id core.ID) {
	d := t.found(id)
	switch {
	case d == nil:
		t.leadWord("word.stale")
		t.show()
		return
	case !dossier.Owns(*d, t.viewer()):
		t.unknownDossier(d.Code)
		return
	case checking(*d):
		t.giveDraft(*d)
		return
	case !finished(*d):
		t.showStatus(*d, d.Code)
		return
	}
	if files, known := t.resultFiles(*d); known && files == 0 {
		t.tell("result.none", map[string]string{
			"code": d.Code, "tail": dossier.Tail(d.Code), "office": t.e.officeName(d.Office, t.loc, t.short()),
		}, core.Choice{ID: navMenu, Digit: "0", Key: "choice.menu"})
		return
	}
	token, err := identity.NewLinkToken(entropy(t.in.Random))
	if err != nil {
		t.show()
		return
	}
	until := t.in.Now.Add(identity.LinkLife)
	t.command(CreateLink{Token: token, DossierID: d.ID, ExpiresAt: until})
	t.out.Progress = true
	t.tell("result.link", map[string]string{
		"code": d.Code, "tail": dossier.Tail(d.Code), "link": t.url(token), "until": dueText(t.loc, until, t.short()),
	})
}

// resultOf answers "nhận kết quả", with or without a code.
func (t *turn) resultOf(arg string) {
	if o, ok := t.st.byAct("result"); ok && arg == "" {
		t.giveResult(core.ID(o.Arg))
		return
	}
	if d := t.in.Found.Dossier; d != nil && arg != "" {
		t.giveResult(d.ID)
		return
	}
	own := t.in.Found.Dossiers
	if tail, ok := dossier.ParseTail(arg); ok {
		own = t.ownByTail(tail)
	}
	var done []core.Dossier
	for _, d := range own {
		if finished(d) || checking(d) {
			done = append(done, d)
		}
	}
	switch {
	case len(own) == 0 && arg != "":
		t.unknownDossier(arg)
	case len(done) == 1:
		t.showStatus(done[0], done[0].Code)
	case len(done) > 1:
		t.listDossiers(done)
	case len(own) == 1:
		t.showStatus(own[0], own[0].Code)
	case len(own) > 1:
		t.listDossiers(own)
	default:
		t.mine()
	}
}
