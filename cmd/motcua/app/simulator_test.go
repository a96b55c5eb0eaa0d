package app

import (
	"net/http"
	"strings"
	"testing"
)

// A foreign name that was made to point at this machine gets no officer's token.
func TestSimulatorAnswersToThisMachineOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	for host, want := range map[string]int{"evil.example": http.StatusForbidden, "127.0.0.1.evil.example:80": http.StatusForbidden, "localhost:1": http.StatusOK} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.App.URL()+"/sim/tokens", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, res.StatusCode, want)
		}
	}
}
