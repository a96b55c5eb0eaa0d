package dialog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// draftSent lets the office send a draft of the newest dossier's result.
func (c *talk) draftSent() []core.Prompt {
	c.w.t.Helper()
	d := &c.w.dossiers[len(c.w.dossiers)-1]
	d.ResultDraft, d.AnswerBy = core.ResultDraftSent, c.w.now.Add(dossier.DraftTime)
	seq := c.w.move(d, d.State, "", dossier.Note{DueAt: d.AnswerBy}, core.ActorOfficer)
	lines := c.w.timeline[d.ID]
	lines[len(lines)-1].Kind = dossier.KindDraftSent
	return c.event(core.Event{Kind: core.EventDossier, DossierID: d.ID, Seq: seq}).Prompts
}

// The draft of a result: confirmed, corrected in words, looked at, and asked about
// in the middle of something else.
func TestTheApplicantChecksADraft(t *testing.T) {
	t.Parallel()
	for name, caps := range map[string]core.Capabilities{"rich": richCaps(), "short": shortCaps()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := withResult(t, caps, "")
			d := &w.dossiers[0]
			d.State = core.StateProcessing
			tail := dossier.Tail(d.Code)

			c.draftSent()
			if c.last[0].Key != "draft.ask" || len(w.links) != 0 {
				t.Fatalf("%s:\n%s", keys(c.last), c.said)
			}
			c.say("3") // to see it
			if len(w.links) != 1 || c.last[0].Key != "draft.link" || w.links[0].ExpiresAt.After(d.AnswerBy) {
				t.Fatalf("%s, links %+v", keys(c.last), w.links)
			}
			c.say("2")
			if c.last[0].Key != "draft.wrong" {
				t.Fatalf("%s:\n%s", keys(c.last), c.said)
			}
			c.say("Năm sinh phải là 1991")
			if c.last[0].Key != "draft.corrected" || len(w.draftWords) != 1 || w.draftWords[0] != "Năm sinh phải là 1991" {
				t.Fatalf("%s, words %q", keys(c.last), w.draftWords)
			}
			c.draftSent()
			c.say("menu")
			c.say(tail)
			c.tap(c.label(c.last[0], c.last[0].Choices[0])) // the way to it from the status
			c.say("1")
			if c.last[0].Key != "draft.confirmed" || d.ResultDraft != core.ResultDraftConfirmed {
				t.Fatalf("%s, %q:\n%s", keys(c.last), d.ResultDraft, c.said)
			}

			stranger := w.talk("stranger", caps)
			d.ResultDraft, d.AnswerBy = core.ResultDraftSent, w.now.Add(time.Hour)
			stranger.event(core.Event{Kind: core.EventChoice, ChoiceID: "nav.check." + string(d.ID)})
			stranger.say("1")
			if d.ResultDraft != core.ResultDraftSent {
				t.Error("a stranger answered")
			}

			c.say("độc thân")
			c.say("1")
			c.say("phường Sài Gòn")
			c.draftSent()
			if c.last[0].Choices[0].ID != "nav.check."+string(d.ID) {
				t.Errorf("no way to the draft while busy: %+v", c.last[0].Choices)
			}
			c.say("Trần Thị Mai")
			if c.last[0].Args["n"] != "3" {
				t.Errorf("the open question was lost:\n%s", c.said)
			}
		})
	}
}

// asks puts a request to agree before a conversation.
func (c *talk) asks(digits string, state core.DossierState) *core.Cosign {
	c.w.t.Helper()
	person, err := core.SealJSON(core.CosignPerson{Name: "LÊ THỊ BA", Phone: "+84900000071", Digits: digits})
	if err != nil {
		c.w.t.Fatal(err)
	}
	other := core.Dossier{ID: c.w.id(), Code: "H29.26740-261102-0099", ProcedureCode: "1.004873", State: state}
	row := core.Cosign{ID: c.w.id(), DossierID: other.ID, Seq: 1, State: core.CosignPending, Person: person}
	c.w.cosigns = append(c.w.cosigns, dialog.Cosign{Cosign: row, Dossier: other})
	c.event(core.Event{Kind: core.EventCosign, DossierID: other.ID, Seq: 1})
	return &c.w.cosigns[len(c.w.cosigns)-1].Cosign
}

// Somebody is asked to agree while an application of their own waits for its
// consent: each answer goes where its digits belong.
func TestCosignBesideOnesOwnConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, shortCaps(), 15)
	own := c.digits()
	asked := c.asks("4821", core.StateNew)
	if p := c.last[0]; p.Key != "cosign.ask" || strings.Contains(c.said, "LÊ THỊ BA") || strings.Contains(c.said, "LE THI BA") {
		t.Fatalf("%s:\n%s", keys(c.last), c.said)
	}
	c.say("DONG Y 4821")
	if asked.State != core.CosignConfirmed || len(w.dossiers) != 0 {
		t.Fatalf("agreed %s, %d own dossiers filed", asked.State, len(w.dossiers))
	}
	c.say("dong y 4821") // again
	c.say("TU CHOI 4821")
	if asked.State != core.CosignConfirmed || c.last[0].Key != "error.cosign.answered" {
		t.Errorf("%s, %s", asked.State, keys(c.last))
	}
	second := c.asks("7310", core.StateNew)
	c.say("từ chối 7310")
	if second.State != core.CosignDeclined || w.noticesOff {
		t.Errorf("declined %s, notices off %v", second.State, w.noticesOff)
	}
	// A request whose dossier has moved on takes no answer.
	late := c.asks("5555", core.StateWithdrawn)
	c.say("DONG Y 5555")
	if late.State != core.CosignPending {
		t.Error("agreed to a dossier that was withdrawn")
	}
	c.say("DONG Y " + own)
	if len(w.dossiers) != 1 {
		t.Fatalf("the own application was not filed:\n%s", c.said)
	}
}

// By chance a request has the digits of the person's own summary: neither is taken.
func TestCosignWithTheSameDigits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := applying(t, w, shortCaps(), 15)
	own := c.digits()
	asked := c.asks(own, core.StateNew)
	c.say("DONG Y " + own)
	if asked.State != core.CosignPending || len(w.dossiers) != 0 || c.digits() == own || c.digits() == "" {
		t.Fatalf("%s, %d filed, new digits %q:\n%s", asked.State, len(w.dossiers), c.digits(), c.said)
	}
	fresh := c.digits()
	c.say("DONG Y " + own)
	if asked.State != core.CosignConfirmed || len(w.dossiers) != 0 {
		t.Fatalf("now the old digits are the request's only: %s", asked.State)
	}
	c.say("DONG Y " + fresh)
	if len(w.dossiers) != 1 {
		t.Errorf("not filed:\n%s", c.said)
	}
}

// "TU CHOI" alone still stops notices.
func TestDecliningNeedsDigits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, loadPack(t), noon())
	c := w.talk("a", shortCaps())
	asked := c.asks("4821", core.StateNew)
	c.say("TU CHOI 9999")
	if c.last[0].Key != "error.cosign.unknown" || asked.State != core.CosignPending {
		t.Errorf("%s", keys(c.last))
	}
	c.say("DONG Y 9999")
	if c.last[0].Key != "error.cosign.unknown" {
		t.Errorf("%s", keys(c.last))
	}
	c.say("TU CHOI")
	if !w.noticesOff || asked.State != core.CosignPending {
		t.Errorf("notices off %v, %s", w.noticesOff, asked.State)
	}
	if c.caps.Variant != text.Short {
		t.Error("not the channel meant")
	}
}
