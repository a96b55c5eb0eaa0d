package vault

import (
	"bytes"
	"compress/zlib"
	"io"
	"strconv"

	"github.com/motcua/motcua/core"
)

// pdfFile is what one pass over a PDF (ISO 32000) collects: the dictionaries of
// its objects, without their streams, and its trailers.
type pdfFile struct {
	objects  map[int][]byte // by object number; a later definition replaces an earlier one
	trailers [][]byte       // trailer dictionaries and cross-reference streams, in file order
	inflated int            // bytes of object streams so far
	streams  int
}

// inspectPDF checks the frame of a PDF, refuses what is locked or active, and
// counts its pages.
func inspectPDF(b []byte) Verdict {
	tail := b[max(0, len(b)-4096):]
	if !bytes.Contains(tail, []byte("%%EOF")) || !bytes.Contains(tail, []byte("startxref")) {
		return rejected(MIMEPDF, ReasonTruncated)
	}
	f := pdfFile{objects: map[int][]byte{}}
	f.scan(b)
	for _, t := range f.trailers {
		if _, ok := value(t, "/Encrypt"); ok {
			return rejected(MIMEPDF, ReasonEncrypted)
		}
	}
	for _, d := range f.objects {
		for _, name := range []string{"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia"} {
			if _, ok := value(d, name); ok {
				return rejected(MIMEPDF, ReasonActive)
			}
		}
	}
	switch n := f.pages(); {
	case n == 0:
		return rejected(MIMEPDF, ReasonBroken)
	case n > MaxPDFPages:
		return rejected(MIMEPDF, ReasonTooManyPages)
	default:
		return Verdict{State: core.PageReady, Count: n}
	}
}

// scan walks "n g obj … endobj" and the trailers. It never searches the same
// bytes for the same word twice, so it is linear whatever the file says.
func (f *pdfFile) scan(b []byte) {
	end := -1 // next endobj at or after pos
	for pos := 0; len(f.objects) < maxPDFObjects; {
		i := bytes.Index(b[pos:], []byte("obj"))
		if i < 0 {
			break
		}
		at := pos + i
		num, ok := objectNumber(b[max(pos, at-24):at])
		body := at + 3
		if !ok {
			pos = body
			continue
		}
		if end < body {
			j := bytes.Index(b[body:], []byte("endobj"))
			if j < 0 {
				break
			}
			end = body + j
		}
		s := streamStart(b[body:end])
		if s < 0 {
			f.objects[num] = plainNames(b[body:end])
			pos = end + 6
			continue
		}
		dict := plainNames(b[body : body+s])
		f.objects[num] = dict
		data := body + s + 6
		stop := bytes.Index(b[data:], []byte("endstream"))
		if stop < 0 {
			break
		}
		f.stream(dict, b[data:data+stop])
		pos = data + stop + 9
	}
	for pos := 0; ; {
		i := bytes.Index(b[pos:], []byte("trailer"))
		if i < 0 {
			return
		}
		pos += i + 7
		t := b[pos:min(len(b), pos+4096)]
		if j := bytes.Index(t, []byte("startxref")); j >= 0 {
			t = t[:j]
		}
		f.trailers = append(f.trailers, plainNames(t))
	}
}

// stream looks into the two kinds of stream that carry structure.
func (f *pdfFile) stream(dict, data []byte) {
	switch {
	case isType(dict, "/XRef"):
		f.trailers = append(f.trailers, dict)
	case isType(dict, "/ObjStm"):
		f.objectStream(dict, data)
	}
}

// objectStream reads compressed objects (ISO 32000 §7.5.7).
func (f *pdfFile) objectStream(dict, data []byte) {
	n, ok1 := intValue(dict, "/N")
	first, ok2 := intValue(dict, "/First")
	if f.streams++; !ok1 || !ok2 || f.streams > maxObjectStreams || f.inflated > maxInflated {
		return
	}
	if _, flate := value(dict, "/FlateDecode"); flate {
		data = bytes.TrimLeft(data, "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		// A damaged end still gives the objects before it.
		data, _ = io.ReadAll(io.LimitReader(z, maxInflatedOne))
		f.inflated += len(data)
	}
	if first > len(data) {
		return
	}
	header := bytes.Fields(data[:first])
	n = min(n, len(header)/2)
	for i := range n {
		num, err1 := strconv.Atoi(string(header[2*i]))
		from, err2 := strconv.Atoi(string(header[2*i+1]))
		to := len(data) - first
		if i+1 < n {
			if next, err := strconv.Atoi(string(header[2*i+3])); err == nil {
				to = next
			}
		}
		if err1 != nil || err2 != nil || from < 0 || to < from || first+to > len(data) || len(f.objects) >= maxPDFObjects {
			return
		}
		f.objects[num] = plainNames(data[first+from : first+to])
	}
}

// pages counts pages: what the page tree's root says, but not more than there are
// page objects; either alone when the other cannot be read.
func (f *pdfFile) pages() int {
	objects := 0
	for _, d := range f.objects {
		if isType(d, "/Page") {
			objects++
		}
	}
	declared := 0
	for _, t := range f.trailers {
		root, ok := intValue(t, "/Root")
		if !ok {
			continue
		}
		tree, ok := intValue(f.objects[root], "/Pages")
		if !ok {
			continue
		}
		if n, ok := intValue(f.objects[tree], "/Count"); ok && n > 0 {
			declared = n
		}
	}
	if declared == 0 || objects == 0 {
		return max(declared, objects)
	}
	return min(declared, objects)
}

// objectNumber reads the "12 0 " before the word obj.
func objectNumber(before []byte) (int, bool) {
	rest := bytes.TrimRight(before, " \t\r\n\x00\f")
	if len(rest) == len(before) {
		return 0, false
	}
	gen := trimDigits(rest)
	spaced := bytes.TrimRight(gen, " \t\r\n\x00\f")
	num := trimDigits(spaced)
	if len(gen) == len(rest) || len(spaced) == len(gen) || len(num) == len(spaced) {
		return 0, false
	}
	n, err := strconv.Atoi(string(spaced[len(num):]))
	return n, err == nil && n >= 0
}

func trimDigits(b []byte) []byte { return bytes.TrimRight(b, "0123456789") }

// streamStart finds the keyword stream that follows a dictionary.
func streamStart(body []byte) int {
	for pos := 0; ; {
		i := bytes.Index(body[pos:], []byte("stream"))
		if i < 0 {
			return -1
		}
		at := pos + i
		if at+6 < len(body) && (body[at+6] == '\n' || body[at+6] == '\r') && bytes.HasSuffix(bytes.TrimRight(body[max(0, at-8):at], " \t\r\n"), []byte(">>")) {
			return at
		}
		pos = at + 6
	}
}

// plainNames undoes the #xx escapes of names, behind which a key could hide.
func plainNames(d []byte) []byte {
	if bytes.IndexByte(d, '#') < 0 {
		return d
	}
	out := make([]byte, 0, len(d))
	for i := 0; i < len(d); i++ {
		if d[i] == '#' && i+2 < len(d) {
			if v, err := strconv.ParseUint(string(d[i+1:i+3]), 16, 8); err == nil && v > ' ' {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, d[i])
	}
	return out
}

// value finds a name in d as a whole token and gives what follows it.
func value(d []byte, name string) ([]byte, bool) {
	for pos := 0; ; {
		i := bytes.Index(d[pos:], []byte(name))
		if i < 0 {
			return nil, false
		}
		pos += i + len(name)
		if pos == len(d) || bytes.IndexByte([]byte(" \t\r\n\f\x00/<>[](){}%"), d[pos]) >= 0 {
			return bytes.TrimLeft(d[pos:], " \t\r\n\f\x00"), true
		}
	}
}

func isType(d []byte, name string) bool {
	v, ok := value(d, "/Type")
	if !ok || !bytes.HasPrefix(v, []byte(name)) {
		return false
	}
	_, whole := value(v[:min(len(v), len(name)+1)], name)
	return whole
}

func intValue(d []byte, name string) (int, bool) {
	v, ok := value(d, name)
	if !ok {
		return 0, false
	}
	digits := v[:len(v)-len(bytes.TrimLeft(v, "0123456789"))]
	if len(digits) == 0 || len(digits) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(string(digits))
	return n, err == nil
}
