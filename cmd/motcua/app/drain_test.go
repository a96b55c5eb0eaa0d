package app

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A signal ends the program in order: it wants no more traffic, what is under way
// is finished and answered, and Run gives nil.
func TestDrain(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	var active atomic.Int32
	p.public.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateActive {
			active.Add(1)
		}
	}
	p.run()
	body, more := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", p.URL()+"/motcua.mobile.v1.CatalogService/SearchProcedures", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	type answered struct {
		status int
		body   string
		err    error
	}
	got := make(chan answered, 1)
	before := active.Load()
	go func() {
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			got <- answered{err: err}
			return
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		got <- answered{res.StatusCode, string(b), err}
	}()
	if _, err := io.WriteString(more, `{"query":`); err != nil {
		t.Fatal(err)
	}
	p.eventually("under way", func() bool { return active.Load() > before })

	ended := make(chan error, 1)
	go func() { ended <- p.stop() }()
	p.eventually("unready", func() bool { return p.get(p.AdminURL()+"/readyz").status == http.StatusServiceUnavailable })
	if r := p.get(p.AdminURL() + "/livez"); r.status != http.StatusOK {
		t.Errorf("livez while draining: %d", r.status)
	}
	p.eventually("closed to newcomers", func() bool { return p.get(p.URL()+"/u/page.css").status == 0 })
	select {
	case err := <-ended:
		t.Fatalf("Run ended with a request under way: %v", err)
	default:
	}
	if _, err := io.WriteString(more, `"khai sinh"}`); err != nil {
		t.Fatal(err)
	}
	if err := more.Close(); err != nil {
		t.Fatal(err)
	}
	if a := <-got; a.err != nil || a.status != 200 || !strings.Contains(a.body, "1.001193") {
		t.Errorf("the request that was under way: %+v", a)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Run does not end")
	}
	for line := range strings.Lines(p.log.String()) {
		// The store's watchdog speaks of a slow machine, not of the drain.
		slow := strings.Contains(line, "a closure held the writer")
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) && !slow {
			t.Errorf("logged: %s", line)
		}
	}
}

// A store that does not work is seen, and the program is not ready.
func TestUnready(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := p.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if r := p.get(p.AdminURL() + "/readyz"); r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, `"status":"store unavailable"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := p.get(p.AdminURL() + "/livez"); r.status != http.StatusOK {
		t.Errorf("livez: %d", r.status)
	}
}
