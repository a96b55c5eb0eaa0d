package httpx

import "net/http"

// Headers are the security headers of a group of routes.
type Headers struct {
	// CSP is the Content-Security-Policy; "" means that nothing is loaded and
	// nothing frames the answer, which suits everything that is not a page.
	CSP string
	// Frames lets pages of the same origin frame the answer (the simulator shows
	// the kiosk's page so).
	Frames bool
	// Camera lets a page of this origin ask for the camera.
	Camera bool
	// HSTS tells browsers to come back by HTTPS only; for an https public URL.
	HSTS bool
	// Cache leaves Cache-Control to the handler; otherwise nothing is kept.
	Cache bool
}

// PageCSP is the policy of our own pages: scripts, styles, images and calls from
// this origin, no inline code, no plugins.
const PageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'"

// Wrap sets the headers before next runs; next may replace them.
func (s Headers) Wrap(next http.Handler) http.Handler {
	csp, frames := s.CSP, "'none'"
	if csp == "" {
		csp = "default-src 'none'; base-uri 'none'; form-action 'none'"
	}
	if s.Frames {
		frames = "'self'"
	}
	csp += "; frame-ancestors " + frames
	camera := "()"
	if s.Camera {
		camera = "(self)"
	}
	permissions := "camera=" + camera + ", microphone=(), geolocation=(), payment=(), usb=()"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.HSTS {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if !s.Cache {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// SameOrigin refuses requests that change something and that a browser sends on
// behalf of another site (CSRF), with denied. Programs that are no browsers send
// neither header and pass.
func SameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard.Check(r); err != nil {
			WriteError(w, r, crossOrigin(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}
