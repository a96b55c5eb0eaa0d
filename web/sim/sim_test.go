package sim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/web/sim"
)

func get(t *testing.T, method, path string) (status int, header http.Header, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	sim.Handler("/sim/").ServeHTTP(w, httptest.NewRequest(method, path, nil))
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, w.Header(), string(b)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct{ contentType, holds string }{
		"/sim/":        {"text/html; charset=utf-8", "<h2 id=\"h-desk\">Bàn cán bộ</h2>"},
		"/sim/sim.js":  {"text/javascript; charset=utf-8", "\"use strict\";"},
		"/sim/sim.css": {"text/css; charset=utf-8", "{"},
	} {
		status, header, body := get(t, "GET", path)
		if status != 200 || header.Get("Content-Type") != want.contentType || !strings.Contains(body, want.holds) {
			t.Errorf("%s: %d %s\n%.200s", path, status, header.Get("Content-Type"), body)
		}
		csp := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; ") || strings.Contains(csp, "unsafe") || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q, %q", path, csp, header.Get("Cache-Control"))
		}
	}
	for path, want := range map[string]int{"/sim/nothing": 404, "/sim/../web.go": 404, "/sim/sim.go": 404} {
		if status, _, body := get(t, "GET", path); status != want || strings.Contains(body, "package") {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, header, _ := get(t, "POST", "/sim/"); status != http.StatusMethodNotAllowed || header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", status)
	}
}

// The page obeys its own policy: what it loads is ours, nothing is written
// inline, and texts never become markup.
func TestPageObeysItsPolicy(t *testing.T) {
	t.Parallel()
	_, _, page := get(t, "GET", "/sim/")
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if status, _, _ := get(t, "GET", m[1]); status != 200 {
			t.Errorf("the page loads %s: %d", m[1], status)
		}
	}
	if bad := regexp.MustCompile(` on[a-z]+="| style="|<script>|<style>|https?://`).FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
	_, _, script := get(t, "GET", "/sim/sim.js")
	if bad := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://`).FindString(script); bad != "" {
		t.Errorf("the script has %q", bad)
	}
}
