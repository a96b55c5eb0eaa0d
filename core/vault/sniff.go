package vault

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// mimeHEIC is known only to be refused with a better word than "unknown".
const mimeHEIC = "image/heic"

// Sniff tells what a file is from its first bytes: MIMEJPEG, MIMEPNG, MIMEPDF, or
// "" for anything else. HEIC and HEIF pictures give "image/heic", which the vault
// does not take yet.
func Sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}):
		return MIMEJPEG
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return MIMEPNG
	case bytes.HasPrefix(trimLead(b), []byte("%PDF-")):
		return MIMEPDF
	case len(b) >= 12 && string(b[4:8]) == "ftyp" && slices.Contains(heicBrands(), string(b[8:12])):
		return mimeHEIC
	}
	return ""
}

// trimLead drops a byte-order mark or a few line breaks, which some writers put
// before "%PDF-". Readers look 1,024 bytes far; we do not, because what may stand
// before it is where one file pretends to be two.
func trimLead(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for range 4 {
		b = bytes.TrimPrefix(bytes.TrimPrefix(b, []byte("\r")), []byte("\n"))
	}
	return b
}

// heicBrands are the major brands of ISO/IEC 23008-12.
func heicBrands() []string {
	return []string{"heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif"}
}

// mixed reports whether a file that is mime could be opened as another format as
// well: a ZIP (and so a JAR or a document with macros) at its end, a PDF or a web
// page at its head.
func mixed(b []byte, mime string) bool {
	head := bytes.ToLower(b[:min(len(b), scanHead)])
	if mime != MIMEPDF && bytes.Contains(head, []byte("%pdf-")) {
		return true
	}
	for _, mark := range []string{"<script", "<html", "<!doctype", "<?php", "<svg"} {
		if bytes.Contains(head, []byte(mark)) {
			return true
		}
	}
	return zipAtEnd(b)
}

// zipAtEnd looks for an end-of-central-directory record whose comment reaches
// exactly to the end of the file, as every reader of ZIP does.
func zipAtEnd(b []byte) bool {
	tail := b[max(0, len(b)-scanTail-endOfCentralDirSize):]
	for at := len(tail); ; {
		at = bytes.LastIndex(tail[:at], []byte("PK\x05\x06"))
		if at < 0 {
			return false
		}
		if rest := len(tail) - at - endOfCentralDirSize; rest >= 0 && int(binary.LittleEndian.Uint16(tail[at+20:])) <= rest {
			return true
		}
	}
}
