package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func identityCases() []Case {
	return []Case{
		{"citizens", citizens},
		{"a hand-off code is used once", handOffOnce},
		{"an upload link is finished once", linkOnce},
		{"tries of a challenge are counted one by one", challengeAttempts},
		{"refresh tokens", refreshTokens},
		{"kiosks and their sessions", kiosks},
		{"the log of reads", auditLog},
		{"the answer of an RPC is kept", replies},
		{"a pack version keeps its content", packs},
	}
}

func citizens(t testing.TB, h *Harness) {
	z := h.Build.Citizen()
	withID := z
	withID.PersonalID = "079200000001"
	update(t, h, insertCitizen(withID))
	byID := func() (core.Citizen, error) {
		var got core.Citizen
		err := tryView(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			got, err = tx.Citizens().ByPersonalID(ctx, "079200000001")
			return err
		})
		return got, err
	}
	got, err := byID()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by personal id", got, z) // without the number: it is write-only
	got.Profile = core.Sealed(`{"phone":"x"}`)
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Citizens().Save(ctx, got) })
	if got, err = byID(); err != nil {
		t.Fatalf("after a save without the number: %v", err)
	}
	equal(t, "profile", string(got.Profile), `{"phone":"x"}`)
	equal(t, "version", got.Version, 2)
	wantCode(t, "an old version", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.Citizens().Save(ctx, z)
	}), core.CodeConflict)

	// Whoever types the number of another does not take the other's place.
	claims := h.Build.Citizen()
	claims.PersonalID, claims.Assurance = "079200000001", core.AssuranceNone
	update(t, h, insertCitizen(claims))
	if got, err = byID(); err != nil || got.ID != z.ID {
		t.Fatalf("by personal id: %v, %v, want the one who proved more", got.ID, err)
	}
	for _, id := range []string{"", "079200000002"} {
		wantCode(t, "an unknown number", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
			_, err := tx.Citizens().ByPersonalID(ctx, id)
			return err
		}), core.CodeNotFound)
	}
}

// winners counts how many of n parallel Updates succeed; the others must end with
// conflict.
func winners(t testing.TB, h *Harness, n int, fn func(ctx context.Context, tx core.Tx) error) int32 {
	var won atomic.Int32
	parallel(n, func(int) {
		switch err := h.Store.Update(context.Background(), fn); {
		case err == nil:
			won.Add(1)
		case !core.IsCode(err, core.CodeConflict):
			t.Errorf("Update: %v", err)
		}
	})
	return won.Load()
}

func handOffOnce(t testing.TB, h *Harness) {
	const code = "K7QM2P4X"
	want := core.HandOff{DraftID: h.Build.ID(), FromConv: h.Build.ID(), CreatedAt: h.Clock.Now(),
		ExpiresAt: h.Clock.Now().Add(15 * time.Minute)}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.HandOffs().Insert(ctx, code, want) })
	equal(t, "uses", winners(t, h, 64, func(ctx context.Context, tx core.Tx) error {
		if _, err := tx.HandOffs().ByCode(ctx, code); err != nil {
			return err
		}
		return tx.HandOffs().Use(ctx, code, tx.Now())
	}), 1)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.HandOff, error) { return tx.HandOffs().ByCode(ctx, code) })
	if len(got.Hash) == 0 || string(got.Hash) == code {
		t.Fatal("the hash is missing or is the code")
	}
	want.Hash, want.UsedAt = got.Hash, h.Clock.Now()
	same(t, "hand-off", got, want)
	wantCode(t, "an unknown code", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.HandOffs().ByCode(ctx, "AAAAAAAA")
		return err
	}), core.CodeNotFound)
	wantCode(t, "the code again", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		return tx.HandOffs().Insert(ctx, code, want)
	}), core.CodeDuplicate)
}

func linkOnce(t testing.TB, h *Harness) {
	want := core.Link{DraftID: h.Build.ID(), ConvID: h.Build.ID(), CreatedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(time.Hour)}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Links().Insert(ctx, "token", want) })
	equal(t, "finished", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error {
		return tx.Links().Finish(ctx, "token", tx.Now())
	}), 1)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Link, error) { return tx.Links().ByToken(ctx, "token") })
	want.Hash, want.FinishedAt = got.Hash, h.Clock.Now()
	same(t, "link", got, want)
}

func challengeAttempts(t testing.TB, h *Harness) {
	const phone = "+84900000001"
	c := core.Challenge{ID: h.Build.ID(), Channel: "test", Address: core.Sealed(phone), Purpose: "login",
		CreatedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(10 * time.Minute)}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Challenges().Insert(ctx, c) })
	var mu sync.Mutex
	var before []int
	const tries = 32
	parallel(tries, func(int) {
		var was core.Challenge
		err := h.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
			was, err = tx.Challenges().Attempt(ctx, c.ID)
			return err
		})
		if err != nil || string(was.Address) != phone {
			t.Errorf("Attempt: %v", err)
			return
		}
		mu.Lock()
		before = append(before, was.Attempts)
		mu.Unlock()
	})
	slices.Sort(before)
	for i, n := range before {
		if n != i {
			t.Fatalf("tries before each try: %v, want every number once", before)
		}
	}
	equal(t, "uses", winners(t, h, 16, func(ctx context.Context, tx core.Tx) error {
		return tx.Challenges().Use(ctx, c.ID, tx.Now())
	}), 1)
	counts := func(since time.Time) (recent, failures int) {
		view(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			if recent, err = tx.Challenges().Recent(ctx, phone, since); err != nil {
				return err
			}
			failures, err = tx.Challenges().Failures(ctx, phone, since)
			return err
		})
		return recent, failures
	}
	recent, failures := counts(h.Clock.Now())
	equal(t, "recent", recent, 1)
	equal(t, "failures", failures, tries)
	recent, failures = counts(h.Clock.Now().Add(time.Second))
	equal(t, "recent, later", recent, 0)
	equal(t, "failures, later", failures, 0)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Challenge, error) { return tx.Challenges().Get(ctx, c.ID) })
	c.Attempts, c.UsedAt = tries, h.Clock.Now()
	same(t, "challenge", got, c)
	wantCode(t, "an unknown challenge", tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := tx.Challenges().Attempt(ctx, h.Build.ID())
		return err
	}), core.CodeNotFound)
}

func refreshTokens(t testing.TB, h *Harness) {
	family := h.Build.ID()
	want := core.RefreshToken{FamilyID: family, CitizenID: h.Build.ID(), CreatedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(time.Hour)}
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Refreshes().Insert(ctx, "one", want), tx.Refreshes().Insert(ctx, "two", want))
	})
	equal(t, "uses", winners(t, h, 64, func(ctx context.Context, tx core.Tx) error {
		return tx.Refreshes().Use(ctx, "one", tx.Now())
	}), 1)
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Refreshes().RevokeFamily(ctx, family, tx.Now()) })
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.RefreshToken, error) {
		return tx.Refreshes().ByToken(ctx, "two")
	})
	want.Hash, want.RevokedAt = got.Hash, h.Clock.Now()
	same(t, "token", got, want)
	equal(t, "uses after revocation", winners(t, h, 2, func(ctx context.Context, tx core.Tx) error {
		return tx.Refreshes().Use(ctx, "two", tx.Now())
	}), 0)
}

func kiosks(t testing.TB, h *Harness) {
	k := core.Kiosk{ID: h.Build.ID(), Office: "26734", Label: "Quầy 1", PublicKey: []byte{1, 2, 3}, EnrolledAt: h.Clock.Now()}
	e := core.Enrolment{Office: k.Office, Label: k.Label, CreatedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(time.Hour)}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().InsertEnrolment(ctx, "code", e) })
	equal(t, "enrolments", winners(t, h, 8, func(ctx context.Context, tx core.Tx) error {
		return tx.Kiosks().UseEnrolment(ctx, "code", k.ID, tx.Now())
	}), 1)
	got := get(t, h, func(ctx context.Context, tx core.Tx) (core.Enrolment, error) {
		return tx.Kiosks().Enrolment(ctx, "code")
	})
	e.Hash, e.UsedAt, e.KioskID = got.Hash, h.Clock.Now(), k.ID
	same(t, "enrolment", got, e)

	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().Insert(ctx, k) })
	h.Clock.Add(time.Minute)
	update(t, h, func(ctx context.Context, tx core.Tx) error {
		return errors.Join(tx.Kiosks().Seen(ctx, k.ID, tx.Now()), tx.Kiosks().Revoke(ctx, k.ID, tx.Now()))
	})
	k.SeenAt, k.RevokedAt = h.Clock.Now(), h.Clock.Now()
	same(t, "kiosk", get(t, h, func(ctx context.Context, tx core.Tx) (core.Kiosk, error) { return tx.Kiosks().Get(ctx, k.ID) }), k)
	equal(t, "kiosks", len(get(t, h, func(ctx context.Context, tx core.Tx) ([]core.Kiosk, error) { return tx.Kiosks().List(ctx, 10) })), 1)

	s := core.TerminalSession{ID: h.Build.ID(), KioskID: k.ID, Locale: "vi", StartedAt: h.Clock.Now(), SeenAt: h.Clock.Now()}
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().InsertSession(ctx, s) })
	s.CitizenID, s.DraftID, s.Locale = h.Build.ID(), h.Build.ID(), "en"
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().SaveSession(ctx, s) })
	session := func() core.TerminalSession {
		return get(t, h, func(ctx context.Context, tx core.Tx) (core.TerminalSession, error) {
			return tx.Kiosks().Session(ctx, s.ID)
		})
	}
	same(t, "session", session(), s)
	ended := h.Clock.Now()
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().EndSessions(ctx, k.ID, ended) })
	h.Clock.Add(time.Minute)
	s.SeenAt = h.Clock.Now() // a request that was on its way
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Kiosks().SaveSession(ctx, s) })
	if got := session().EndedAt; !got.Equal(ended) {
		t.Fatalf("an ended session: EndedAt %v, want %v", got, ended)
	}
}

func auditLog(t testing.TB, h *Harness) {
	dossier, citizen := h.Build.ID(), h.Build.ID()
	var rows []core.AuditRow
	for range 3 {
		h.Clock.Add(time.Second)
		rows = append(rows, core.AuditRow{ID: h.Build.ID(), At: h.Clock.Now(), Actor: core.ActorOfficer, ActorID: h.Build.ID(),
			ActorName: "Cán bộ", Office: "26734", Op: "dossier.read", DossierID: dossier, CitizenID: citizen, Purpose: "xử lý"})
		update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Audit().Insert(ctx, rows[len(rows)-1]) })
	}
	got := get(t, h, func(ctx context.Context, tx core.Tx) ([]core.AuditRow, error) {
		return tx.Audit().ByDossier(ctx, dossier, 2)
	})
	equal(t, "rows", len(got), 2)
	same(t, "the newest", got[0], rows[2])
	got = get(t, h, func(ctx context.Context, tx core.Tx) ([]core.AuditRow, error) {
		return tx.Audit().ByCitizen(ctx, citizen, 10)
	})
	equal(t, "rows of the citizen", len(got), 3)

	// What was done with the draft at a counter is the dossier's, and its citizen's.
	d := h.Build.Dossier(core.Draft{ID: h.Build.ID(), CitizenID: citizen})
	row := rows[0]
	row.ID, row.At, row.DossierID, row.CitizenID = h.Build.ID(), row.At.Add(-time.Hour), d.DraftID, ""
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Audit().Insert(ctx, row) })
	update(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Dossiers().Insert(ctx, d) })
	for name, list := range map[string]func(ctx context.Context, tx core.Tx) ([]core.AuditRow, error){
		"of the dossier": func(ctx context.Context, tx core.Tx) ([]core.AuditRow, error) {
			return tx.Audit().ByDossier(ctx, d.ID, 10)
		},
		"of the citizen": func(ctx context.Context, tx core.Tx) ([]core.AuditRow, error) {
			return tx.Audit().ByCitizen(ctx, citizen, 10)
		},
	} {
		same(t, "the draft's row "+name, last(get(t, h, list)), row)
	}
}

func last(rows []core.AuditRow) core.AuditRow {
	if len(rows) == 0 {
		return core.AuditRow{}
	}
	return rows[len(rows)-1]
}

func replies(t testing.TB, h *Harness) {
	r := core.RPCReply{Key: []byte("0123456789abcdef"), BodyHash: []byte{9}, Response: core.Sealed("answer"),
		CreatedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(time.Hour)}
	insert := func() error {
		return tryUpdate(t, h, func(ctx context.Context, tx core.Tx) error { return tx.Replies().Insert(ctx, r) })
	}
	if err := insert(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the key again", insert(), core.CodeDuplicate)
	read := func(ctx context.Context, tx core.Tx) (core.RPCReply, error) { return tx.Replies().Get(ctx, r.Key) }
	same(t, "reply", get(t, h, read), r)
	expire := func(now time.Time) (n int) {
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			n, err = tx.Replies().DeleteExpired(ctx, now, 10)
			return err
		})
		return n
	}
	equal(t, "expired too early", expire(h.Clock.Now()), 0)
	equal(t, "expired", expire(r.ExpiresAt), 1)
	wantCode(t, "after its end", tryView(t, h, func(ctx context.Context, tx core.Tx) error {
		_, err := read(ctx, tx)
		return err
	}), core.CodeNotFound)
}

func packs(t testing.TB, h *Harness) {
	bind := func(version, hash string) (stored string) {
		update(t, h, func(ctx context.Context, tx core.Tx) (err error) {
			stored, err = tx.Packs().Bind(ctx, version, hash)
			return err
		})
		return stored
	}
	equal(t, "first", bind("2026.1", "aa"), "aa")
	equal(t, "again", bind("2026.1", "aa"), "aa")
	equal(t, "changed content", bind("2026.1", "bb"), "aa")
	equal(t, "another version", bind("2026.2", "bb"), "bb")
}
