package channels_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/coretest"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/sqlstore"
)

func (r *rig) gaps() (out []core.Gap) {
	r.t.Helper()
	r.view(func(ctx context.Context, tx core.Tx) (err error) {
		out, err = tx.Gaps().List(ctx, time.Time{}, 100)
		return err
	})
	return out
}

// Six citizens ask the same in vain, and each says something of their own that is
// nobody's business. The fifth brings the query on the list, once however often one
// of them asks, and nothing else ever is.
func TestGapsOfTheChat(t *testing.T) {
	t.Parallel()
	r := newRig(t, plan{})
	id := 0
	deliver := func(person int64, words string) {
		t.Helper()
		id++
		if err := r.gateways[0].Deliver(t.Context(), say(r, person, id, words)); err != nil {
			t.Fatal(err)
		}
	}
	for person := int64(901); person <= 906; person++ {
		for _, words := range []string{
			"zzqq wwkk?", "ZZQQ WWKK", "zzqq Lục Hoàng Yến Phụng", "zzqq luc hoang yen phung", "zzqq 079190736251", "zzqq 0938 475 610", "zzqq cho chị Phụng",
		} {
			deliver(person, words)
		}
		got := r.gaps()
		if want := max(0, int(person)-901+1); want < core.GapCitizens {
			if len(got) != 0 {
				t.Fatalf("after %d citizens: %+v", want, got)
			}
		} else if len(got) != 1 || string(got[0].Query) != "zzqq wwkk" || got[0].Citizens != want || got[0].Kind != core.GapNone {
			t.Fatalf("after %d citizens: %+v", want, got)
		}
	}
	if n := r.observer.of("search none"); n != 6*7 {
		t.Errorf("%d searches found nothing, want 42", n)
	}
}

// Whoever is known is one person on every network.
func TestGapsCountACitizenOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, plan{})
	citizen := core.NewID(r.clock.Now())
	r.write(func(ctx context.Context, tx core.Tx) error {
		return tx.Citizens().Insert(ctx, core.Citizen{ID: citizen})
	})
	for i := range 6 {
		person := int64(950 + i)
		if err := r.gateways[0].Deliver(t.Context(), say(r, person, 1, "menu")); err != nil {
			t.Fatal(err)
		}
		row, _ := r.row(person)
		if i < 4 {
			row.Conversation.CitizenID = citizen
			r.write(func(ctx context.Context, tx core.Tx) error { return tx.Conversations().Save(ctx, row.Conversation) })
		}
		if err := r.gateways[0].Deliver(t.Context(), say(r, person, 2, "zzqq wwkk")); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.gaps(); len(got) != 0 {
		t.Fatalf("one citizen on four networks and two others: %+v", got)
	}
}

// The words that four citizens asked are in no file of the store: not in the
// database, not in what it writes ahead.
func TestFourCitizensLeaveNoWords(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), coretest.NewClock()
	s, err := sqlstore.OpenSQLite(t.Context(), dir, &sqlstore.Options{Sealer: coretest.Sealer("gaps"), Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, plan{store: func(core.Store) core.Store { return s }})
	const words = "Xin phép nuôi cá sấu zzqq"
	for person := int64(1); person <= 4; person++ {
		for i := range 2 {
			if err := r.gateways[0].Deliver(t.Context(), say(r, person, i, words)); err != nil {
				t.Fatal(err)
			}
		}
	}
	askers := 0
	files := 0
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		askers += bytes.Count(b, []byte("gap_askers"))
		for _, form := range []string{words, strings.ToLower(words), text.Fold(words), "nuôi cá", "nuoi ca", "zzqq"} {
			if bytes.Contains(b, []byte(form)) {
				t.Errorf("%s holds %q", d.Name(), form)
			}
		}
		return nil
	})
	if err != nil || files < 2 || askers == 0 {
		t.Fatalf("%d files, %d mentions of the table: the test does not see the database (%v)", files, askers, err)
	}
}
