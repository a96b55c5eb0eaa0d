package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the vendor's protocol; HMAC-SHA1 is not broken by collisions
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signed reports whether one of our tokens signed this request.
//
// Protocol: https://www.twilio.com/docs/usage/webhooks/webhooks-security — base64 of
// HMAC-SHA1 over the URL the vendor called, followed by all parameters sorted by
// name, names and values without separators. The URL is the configured public one
// with the path and query of the request, exactly as they came on the wire.
//
// All combinations are computed whatever fits, so that time tells nothing.
func (a *Adapter) signed(r *http.Request, form url.Values) bool {
	given := []byte(r.Header.Get("X-Twilio-Signature"))
	uri := r.RequestURI
	if !strings.HasPrefix(uri, "/") {
		uri = r.URL.RequestURI()
	}
	with, without := withPort(a.public)
	ok := 0
	for _, host := range []string{with, without} {
		full := a.public.Scheme + "://" + host + a.public.EscapedPath() + uri
		for _, content := range []string{canonical(form, false), canonical(form, true)} {
			for _, token := range a.tokens {
				mac := hmac.New(sha1.New, []byte(token))
				mac.Write([]byte(full + content))
				want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
				ok |= subtle.ConstantTimeCompare([]byte(want), given)
			}
		}
	}
	return ok == 1
}

// canonical writes the parameters in signing order. Of a repeated name either all
// distinct values are signed, sorted, or the first one alone: the vendor's
// libraries differ, and which one its servers follow is not documented.
func canonical(form url.Values, firstOnly bool) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if firstOnly {
			values = values[:1]
		} else {
			values = slices.Compact(slices.Sorted(slices.Values(values)))
		}
		for _, v := range values {
			b.WriteString(name)
			b.WriteString(v)
		}
	}
	return b.String()
}
