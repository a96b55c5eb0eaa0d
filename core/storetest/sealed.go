package storetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
)

func sealedCases() []Case {
	return []Case{
		{"personal data is not in the database", canary},
		{"a sealed value opens in its own row only", aadSwap},
		{"another key opens nothing", otherKey},
	}
}

// canary stores strings that nobody else has, in every field that holds personal
// data, and looks for them in the database.
func canary(t testing.TB, h *Harness) {
	const (
		name   = "Canary Thị Hoàng Yến"
		phone  = "+84912345678"
		number = "079299887766"
		chat   = "canary-chat-4711"
		code   = "KANARY42"
		token  = "canarytoken00001"
		said   = "canary said something private"
	)
	words := []string{name, phone, number, chat, code, token, said}
	z := h.Build.Citizen(func(c *core.Citizen) { c.Profile, c.PersonalID = core.Sealed(name+number+phone), number })
	a := h.Build.Address(func(a *core.Address) { a.External = core.Sealed(chat) })
	c := h.Build.Conversation(a, func(c *core.Conversation) { c.State = core.Sealed(said) })
	d := h.Build.Draft(z.ID, func(d *core.Draft) { d.Answers = core.Sealed(name) })
	p := h.Build.Paper(d.ID)
	g := h.Build.Page(p, func(g *core.Page) { g.Name, g.Source = core.Sealed(name+".jpg"), core.Sealed(said) })
	o := h.Build.Dossier(d, func(o *core.Dossier) {
		o.Contact, o.ContactPhone, o.Canonical = core.Sealed(name+phone), phone, core.Sealed(name+number)
	})
	row := core.InboxRow{Channel: "test", Account: "main", EventID: "1", Cause: "panic", Raw: core.Sealed(said + chat)}
	fill := func(ctx context.Context, tx core.Tx) error {
		return errors.Join(
			tx.Citizens().Insert(ctx, z), tx.Addresses().Insert(ctx, a), tx.Conversations().Insert(ctx, c),
			tx.Drafts().Insert(ctx, d), tx.Papers().Insert(ctx, p), tx.Papers().InsertPage(ctx, g),
			tx.Dossiers().Insert(ctx, o), tx.Inbox().Park(ctx, row),
			tx.Dossiers().AddEvent(ctx, core.DossierEvent{DossierID: o.ID, Kind: "submitted", Note: core.Sealed(said)}),
			tx.Dossiers().AddSupplement(ctx, core.Supplement{ID: h.Build.ID(), DossierID: o.ID, Round: 1, Items: core.Sealed(said)}),
			tx.HandOffs().Insert(ctx, code, core.HandOff{DraftID: d.ID}),
			tx.Links().Insert(ctx, token, core.Link{DraftID: d.ID}),
			tx.Refreshes().Insert(ctx, token, core.RefreshToken{FamilyID: h.Build.ID(), CitizenID: z.ID}),
			tx.Kiosks().InsertEnrolment(ctx, code, core.Enrolment{Office: "26734"}),
			tx.Challenges().Insert(ctx, core.Challenge{ID: h.Build.ID(), Address: core.Sealed(phone), Purpose: "login"}),
			tx.Handovers().Insert(ctx, core.Handover{ID: h.Build.ID(), Context: core.Sealed(said)}),
			tx.Notices().Insert(ctx, core.Notice{ID: h.Build.ID(), CitizenID: z.ID, Args: core.Sealed(name)}),
			tx.Replies().Insert(ctx, core.RPCReply{Key: []byte("k"), BodyHash: []byte("b"), Response: core.Sealed(name)}),
			tx.Enqueue(ctx, h.Build.Job("", func(j *core.Job) { j.Payload = core.Sealed(said) })),
		)
	}
	update(t, h, fill)
	dump := h.Dump(t)
	if !bytes.Contains(dump, []byte(z.ID)) {
		t.Fatal("the dump does not hold the rows: the case would see nothing")
	}
	for _, w := range words {
		if bytes.Contains(dump, []byte(w)) || bytes.Contains(dump, []byte(hex.EncodeToString([]byte(w)))) {
			t.Errorf("%q is in the database", w)
		}
	}
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Citizen, error) { return tx.Citizens().Get(ctx, z.ID) })
	equal(t, "opened again", string(got.Profile), string(z.Profile))
}

func aadSwap(t testing.TB, h *Harness) {
	a, b := h.Build.Citizen(), h.Build.Citizen()
	p := h.Build.Paper(h.Build.ID())
	g := h.Build.Page(p)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Citizens().Insert(ctx, a), tx.Citizens().Insert(ctx, b), tx.Papers().Insert(ctx, p),
			tx.Papers().InsertPage(ctx, g))
	})
	h.SQL(t, `update citizens set profile = (select profile from citizens where id = '`+string(a.ID)+`') where id = '`+string(b.ID)+`'`)
	h.SQL(t, `update pages set name = source where id = '`+string(g.ID)+`'`)
	wantCode(t, "another row's profile", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Citizens().Get(ctx, b.ID)
		return err
	}), core.CodeInternal)
	wantCode(t, "another column's value", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Papers().Page(ctx, g.ID)
		return err
	}), core.CodeInternal)
	if !stored(t, h, a.ID) {
		t.Fatal("the row that was not touched does not open")
	}
}

func otherKey(t testing.TB, h *Harness) {
	z := h.Build.Citizen(func(c *core.Citizen) { c.PersonalID = "079200000009" })
	update(t, h, insertCitizen(z))
	sealer := coretest.Sealer("another key")
	s := h.Reopen(t, &sealer)
	wantCode(t, "the row", s.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Citizens().Get(ctx, z.ID)
		return err
	}), core.CodeInternal)
	wantCode(t, "the look-up", s.View(t.Context(), func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Citizens().ByPersonalID(ctx, "079200000009")
		return err
	}), core.CodeNotFound)
}
