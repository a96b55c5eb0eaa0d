package vault

import (
	"github.com/motcua/motcua/core"
)

// What the vault takes.
const (
	MIMEJPEG = "image/jpeg"
	MIMEPNG  = "image/png"
	MIMEPDF  = "application/pdf"
)

// The reasons of a refusal: message keys, each with what happened and one fix.
const (
	ReasonEmpty         = "error.page.empty"           // no bytes
	ReasonTooLarge      = "error.page.too_large"       // over 20 MB
	ReasonType          = "error.page.type"            // neither JPEG, PNG nor PDF
	ReasonHEIC          = "error.page.heic"            // the camera's own format: send as JPEG
	ReasonTruncated     = "error.page.truncated"       // the end is missing: send again
	ReasonBroken        = "error.page.broken"          // cannot be read: take it again
	ReasonPixels        = "error.page.too_many_pixels" // over 16 megapixels
	ReasonEncrypted     = "error.page.encrypted"       // PDF with a password
	ReasonMixed         = "error.page.mixed"           // two formats in one file
	ReasonActive        = "error.page.active"          // PDF that runs something or carries files
	ReasonTooManyPages  = "error.page.too_many_pages"  // PDF over 200 pages
	WarnSmall           = "page.warn.small"            // may be too small to read
	MaxPixels           = 16_000_000
	MaxPDFPages         = 200
	minReadableSide     = 900 // a page sent as a chat photo is 1280×960
	maxSide             = 30_000
	maxInflated         = 16 << 20 // of all object streams of one PDF together
	maxInflatedOne      = 4 << 20
	maxObjectStreams    = 512
	maxPDFObjects       = 100_000
	scanHead, scanTail  = 1 << 10, 64 << 10
	endOfCentralDirSize = 22
)

// Reasons lists every reason a page may be refused for.
func Reasons() []string {
	return []string{
		ReasonEmpty, ReasonTooLarge, ReasonType, ReasonHEIC, ReasonTruncated, ReasonBroken, ReasonPixels,
		ReasonEncrypted, ReasonMixed, ReasonActive, ReasonTooManyPages,
	}
}

// Verdict is what an inspection found.
type Verdict struct {
	State         core.PageState // PageReady or PageRejected
	Reason        string         // one of Reasons when rejected
	Warning       string         // message key of a doubt that does not block, "" if none
	MIME          string         // sniffed; "" when it is none of ours
	Count         int            // pages inside: 1 for an image
	Width, Height int            // of an image
}

// Err is the verdict as an error for a caller who waits for it: nil when ready,
// else too_large, unsupported or invalid with the reason as its key.
func (v Verdict) Err() error {
	if v.State == core.PageReady {
		return nil
	}
	code := core.CodeInvalid
	switch v.Reason {
	case ReasonTooLarge:
		code = core.CodeTooLarge
	case ReasonType, ReasonHEIC:
		code = core.CodeUnsupported
	}
	return core.E(code, "vault.inspect", v.Reason, nil)
}

// Inspect gives the verdict on a file's bytes. It decodes nothing but headers and
// the compressed object tables of a PDF (bounded), so a hostile file costs no more
// than a pass over its bytes.
func Inspect(b []byte) Verdict {
	switch {
	case len(b) == 0:
		return rejected("", ReasonEmpty)
	case len(b) > core.MaxFile:
		return rejected("", ReasonTooLarge)
	}
	mime := Sniff(b)
	var v Verdict
	switch mime {
	case MIMEJPEG:
		v = inspectJPEG(b)
	case MIMEPNG:
		v = inspectPNG(b)
	case MIMEPDF:
		v = inspectPDF(b)
	case mimeHEIC:
		return rejected("", ReasonHEIC)
	default:
		return rejected("", ReasonType)
	}
	v.MIME = mime
	if v.State == core.PageReady && mixed(b, mime) {
		return rejected(mime, ReasonMixed)
	}
	return v
}

func rejected(mime, reason string) Verdict {
	return Verdict{State: core.PageRejected, Reason: reason, MIME: mime}
}
