// Package sim serves the simulator's page: a chat, a phone, the app, a kiosk and
// an officer's desk beside one another. The page is a client like any other: the
// chat and the phone go through the fake vendors' control API, the app, kiosk and
// desk through the public RPC services.
//
// Invariants: it is mounted in development only; it loads nothing from another
// host; what people type is always put into the page as text.
package sim

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page.html sim.js sim.css
var files embed.FS

// Handler serves the page and its two files below prefix, for example "/sim/".
func Handler(prefix string) http.Handler {
	static := http.StripPrefix(prefix, http.FileServerFS(fs.FS(files)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path == prefix {
			http.ServeFileFS(w, r, files, "page.html")
			return
		}
		static.ServeHTTP(w, r)
	})
}
