package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/core"
)

func (p *program) listGaps() (out []core.Gap) {
	p.t.Helper()
	if err := p.Store.View(p.t.Context(), func(ctx context.Context, tx core.Tx) (err error) {
		out, err = tx.Gaps().List(ctx, time.Time{}, 10)
		return err
	}); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// Searches of the app are counted behind their answers: many sessions at one address
// are one citizen, what is somebody's is not counted, and a store that is gone fails
// no search.
func TestGapsOfSearchesInTheApp(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.run()
	const search = "/motcua.mobile.v1.CatalogService/SearchProcedures"
	for range 6 {
		var s struct{ Tokens struct{ AccessToken string } }
		p.json("/motcua.mobile.v1.SessionService/StartAnonymous", nil, map[string]any{}, &s)
		as := map[string]string{"Authorization": "Bearer " + s.Tokens.AccessToken}
		if s.Tokens.AccessToken == "" {
			t.Fatal("no session")
		}
		p.must(search, as, map[string]any{"query": "zzqq nuôi cá sấu"})
	}
	p.must(search, nil, map[string]any{"query": "đăng ký khai sinh"})
	metrics := p.get(p.AdminURL() + "/metrics").body
	for _, want := range []string{`motcua_search_total{channel="app",result="none"} 6`, `motcua_search_total{channel="app",result="found"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if r := p.get(p.URL() + search + "?encoding=json&message=%7B%22query%22%3A%22zzqq+by+get%22%7D"); r.status != http.StatusOK {
		t.Fatalf("by GET: %d %s", r.status, r.body)
	}
	for i := range 6 {
		as := fmt.Sprint("citizen:", i)
		p.searched(gate.Search{Kind: core.ActorCitizen, Asker: as, Query: "zzqq wwkk"})
		p.searched(gate.Search{Kind: core.ActorCitizen, Asker: as, Query: "zzqq Lục Hoàng Yến Phụng"})
		p.searched(gate.Search{Kind: core.ActorKiosk, Asker: as, Query: "zzqq 079190736251"})
		p.searched(gate.Search{Kind: core.ActorKiosk, Asker: as, Query: "khai sinh", Found: true})
		p.searched(gate.Search{Kind: core.ActorCitizen, Query: "zzqq wwkk"}) // of nobody
	}
	p.eventually("counted six citizens", func() bool {
		got := p.listGaps()
		return len(got) == 1 && string(got[0].Query) == "zzqq wwkk" && got[0].Citizens == 6
	})
	if err := p.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for range gapRoom + 10 {
		if r := p.do(http.MethodPost, p.URL()+search, map[string]string{"Content-Type": "application/json"}, `{"query":"zzqq wwkk"}`); r.status != http.StatusOK {
			t.Fatalf("a search without a store: %d %s", r.status, r.body)
		}
	}
	metrics = p.get(p.AdminURL() + "/metrics").body
	p.close()
	for where, s := range map[string]string{"log": p.log.String(), "metrics": metrics} {
		for _, w := range []string{"zzqq", "wwkk", "Phụng", "079190736251"} {
			if strings.Contains(s, w) {
				t.Errorf("the %s holds %q", where, w)
			}
		}
	}
}

// A search never waits: with nobody counting, what does not fit is not counted.
func TestSearchesDoNotWaitToBeCounted(t *testing.T) {
	t.Parallel()
	a := &App{gaps: make(chan core.GapNote, gapRoom)}
	for i := range 3 * gapRoom {
		a.searched(gate.Search{Kind: core.ActorCitizen, Asker: fmt.Sprint(i), Query: "zzqq wwkk"})
	}
	if len(a.gaps) != gapRoom {
		t.Errorf("%d wait", len(a.gaps))
	}
}
