package vault_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/vault"
)

func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{byte(x * 7), byte(y * 5), byte(x ^ y), 255})
		}
	}
	return m
}

// pdfOf writes a PDF with plain objects and a classic trailer.
func pdfOf(pages int, trailer string, more ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 10+i)
	}
	fmt.Fprintf(&b, "2 0 obj\n<< /Type /Pages /Kids [%s] /Count %d >>\nendobj\n", kids.String(), pages)
	for i := range pages {
		fmt.Fprintf(&b, "%d 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R >>\nendobj\n", 10+i)
	}
	b.WriteString("5 0 obj\n<< /Length 11 >>\nstream\nBT (hi) ET \nendstream\nendobj\n")
	for _, m := range more {
		b.WriteString(m)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size 20 /Root 1 0 R %s >>\nstartxref\n9\n%%%%EOF\n", trailer)
	return b.Bytes()
}

// pdfCompressed keeps its objects in an object stream, as newer writers do.
func pdfCompressed(pages int, catalogExtra string) []byte {
	objs := []string{"<< /Type /Catalog /Pages 2 0 R " + catalogExtra + ">>", fmt.Sprintf("<< /Type /Pages /Kids [] /Count %d >>", pages)}
	for range pages {
		objs = append(objs, "<< /Type /Page /Parent 2 0 R >>")
	}
	var header, body strings.Builder
	for i, o := range objs {
		fmt.Fprintf(&header, "%d %d ", i+1, body.Len())
		body.WriteString(o + " ")
	}
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = io.WriteString(w, header.String()+body.String())
	_ = w.Close()
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	fmt.Fprintf(&b, "90 0 obj\n<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n", len(objs), header.Len(), z.Len())
	b.Write(z.Bytes())
	b.WriteString("\nendstream\nendobj\n91 0 obj\n<< /Type /XRef /Root 1 0 R /W [1 2 1] /Length 4 >>\nstream\nxxxx\nendstream\nendobj\nstartxref\n9\n%%EOF")
	return b.Bytes()
}

// headerPNG is a PNG whose header promises w×h and whose data are one byte.
func headerPNG(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
		at := len(b)
		b = append(append(b, kind...), body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
	}
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", []byte{0})
	chunk("IEND", nil)
	return b
}

// headerJPEG is a JPEG whose frame header promises w×h.
func headerJPEG(w, h uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	b = append(b, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)
	return append(b, 0xff, 0xda, 0, 2, 0x12, 0xff, 0xd9)
}

func TestInspectTakes(t *testing.T) {
	t.Parallel()
	photo := jpegOf(t, 1280, 960)
	for _, c := range []struct {
		name  string
		in    []byte
		mime  string
		count int
		warn  string
	}{
		{"chat photo", photo, vault.MIMEJPEG, 1, ""},
		{"photo with a film behind it", append(bytes.Clone(photo), "ftypmp42 film"...), vault.MIMEJPEG, 1, ""},
		{"small photo", jpegOf(t, 64, 48), vault.MIMEJPEG, 1, vault.WarnSmall},
		{"scan", pngOf(t, 1000, 1400), vault.MIMEPNG, 1, ""},
		{"one page", pdfOf(1, ""), vault.MIMEPDF, 1, ""},
		{"three pages", pdfOf(3, ""), vault.MIMEPDF, 3, ""},
		{"200 pages", pdfOf(200, ""), vault.MIMEPDF, 200, ""},
		{"object streams", pdfCompressed(4, ""), vault.MIMEPDF, 4, ""},
		{"byte-order mark", append([]byte("\xef\xbb\xbf"), pdfOf(2, "")...), vault.MIMEPDF, 2, ""},
		{"deleted page left behind", pdfOf(2, "", "77 0 obj\n<< /Type /Page >>\nendobj\n"), vault.MIMEPDF, 2, ""},
		{"metadata is not encryption", pdfOf(1, "", "78 0 obj\n<< /EncryptMetadata false >>\nendobj\n"), vault.MIMEPDF, 1, ""},
	} {
		v := vault.Inspect(c.in)
		if v.State != core.PageReady || v.MIME != c.mime || v.Count != c.count || v.Warning != c.warn || v.Err() != nil {
			t.Errorf("%s: %+v, %v", c.name, v, v.Err())
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	photo, scan, pdf := jpegOf(t, 300, 200), pngOf(t, 300, 200), pdfOf(2, "")
	flipped := bytes.Clone(scan)
	flipped[len(flipped)/2] ^= 0xff
	zip := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	escaped := bytes.Replace(pdfOf(1, "", "79 0 obj\n<< /S /JavaScript /JS (x) >>\nendobj\n"), []byte("/JavaScript /JS"), []byte("/#4aavaScript /J#53"), 1)
	for _, c := range []struct {
		name, reason string
		in           []byte
	}{
		{"nothing", vault.ReasonEmpty, nil},
		{"too much", vault.ReasonTooLarge, make([]byte, core.MaxFile+1)},
		{"text", vault.ReasonType, []byte("xin chào")},
		{"word document", vault.ReasonType, append([]byte("PK\x03\x04"), make([]byte, 100)...)},
		{"gif", vault.ReasonType, []byte("GIF89a.............")},
		{"svg", vault.ReasonType, []byte("<svg onload=alert(1)>")},
		{"heic", vault.ReasonHEIC, []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")},
		{"half a jpeg", vault.ReasonTruncated, photo[:len(photo)/2]},
		{"jpeg without its end", vault.ReasonTruncated, photo[:len(photo)-2]},
		{"jpeg head only", vault.ReasonTruncated, photo[:20]},
		{"jpeg with text inside", vault.ReasonBroken, append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1}, "hello, this is no marker"...)},
		{"half a png", vault.ReasonTruncated, scan[:len(scan)/2]},
		{"png without its end", vault.ReasonTruncated, scan[:len(scan)-1]},
		{"png with a flipped bit", vault.ReasonBroken, flipped},
		{"png pixel bomb", vault.ReasonPixels, headerPNG(30000, 30000)},
		{"png with the largest sides", vault.ReasonPixels, headerPNG(1<<31-1, 1<<31-1)},
		{"png one line too wide", vault.ReasonPixels, headerPNG(16_000_001, 1)},
		{"jpeg pixel bomb", vault.ReasonPixels, headerJPEG(65000, 65000)},
		{"half a pdf", vault.ReasonTruncated, pdf[:len(pdf)/2]},
		{"pdf without pages", vault.ReasonBroken, pdfOf(0, "")},
		{"pdf of 201 pages", vault.ReasonTooManyPages, pdfOf(201, "")},
		{"locked pdf", vault.ReasonEncrypted, pdfOf(1, "/Encrypt 8 0 R")},
		{"locked pdf, escaped name", vault.ReasonEncrypted, pdfOf(1, "/Encr#79pt 8 0 R")},
		{"pdf with a script", vault.ReasonActive, pdfOf(1, "", "79 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n")},
		{"pdf with a hidden script", vault.ReasonActive, escaped},
		{"pdf with a script in an object stream", vault.ReasonActive, pdfCompressed(1, "/OpenAction << /S /Launch /F (cmd.exe) >> ")},
		{"pdf with a file inside", vault.ReasonActive, pdfOf(1, "", "80 0 obj\n<< /Type /Filespec /EF << /F 81 0 R >> /Names << /EmbeddedFiles 82 0 R >> >>\nendobj\n")},
		{"jpeg and zip", vault.ReasonMixed, append(bytes.Clone(photo), zip...)},
		{"pdf and zip", vault.ReasonMixed, append(bytes.Clone(pdf), zip...)},
		{"png and pdf", vault.ReasonMixed, pngWithText(scan, "%PDF-1.4 1 0 obj")},
		{"png and web page", vault.ReasonMixed, pngWithText(scan, "<SCRIPT>alert(1)</SCRIPT>")},
	} {
		v := vault.Inspect(c.in)
		if v.State != core.PageRejected || v.Reason != c.reason {
			t.Errorf("%s: %s %q, want rejected %q", c.name, v.State, v.Reason, c.reason)
		}
		if core.ErrorKey(v.Err()) != c.reason {
			t.Errorf("%s: Err() = %v", c.name, v.Err())
		}
	}
}

// pngWithText puts a comment chunk behind the header.
func pngWithText(b []byte, text string) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	chunk = append(append(chunk, "tEXt"...), text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(bytes.Clone(b[:33]), chunk...), b[33:]...)
}

// Every prefix of a good file is refused and none crashes.
func TestInspectRefusesEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, whole := range [][]byte{jpegOf(t, 40, 30), pngOf(t, 40, 30), pdfOf(2, ""), pdfCompressed(2, "")} {
		if v := vault.Inspect(whole); v.State != core.PageReady {
			t.Fatalf("the whole file is refused: %+v", v)
		}
		for n := range len(bytes.TrimRight(whole, "\n")) {
			if v := vault.Inspect(whole[:n]); v.State != core.PageRejected {
				t.Fatalf("%s: %d of %d bytes are taken", v.MIME, n, len(whole))
			}
		}
	}
}

// Files made to send a naive scanner over the same bytes again and again.
func TestInspectIsLinear(t *testing.T) {
	t.Parallel()
	fill := func(unit string) []byte {
		b := append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte(unit), (8<<20)/len(unit))...)
		return append(b, "\nstartxref\n0\n%%EOF"...)
	}
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	_, _ = w.Write(make([]byte, 64<<20))
	_ = w.Close()
	inner := fmt.Sprintf("1 0 obj <</Type/ObjStm/N 9/First 9/Filter/FlateDecode>>\nstream\n%s\nendstream endobj ", bomb.String())
	start := time.Now()
	for _, b := range [][]byte{
		fill("1 0 obj "), fill("1 0 obj <<>> stream\nendstream "), fill("obj"), fill("trailer"), fill("1 0 obj endobj "),
		fill("stream\n"), fill("1 0 obj<</Type/Page>>endobj "), fill(inner), fill("#41#"),
		append([]byte{0xff, 0xd8}, bytes.Repeat([]byte{0xff}, 8<<20)...),
		append([]byte{0xff, 0xd8}, bytes.Repeat([]byte{0xff, 0xda, 0, 2}, 2<<20)...),
	} {
		vault.Inspect(b)
	}
	// A quadratic scan of any of them takes minutes.
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(pdfOf(2, ""))
	f.Add(pdfCompressed(2, ""))
	f.Add(headerPNG(3, 3))
	f.Add(headerJPEG(3, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		v := vault.Inspect(b)
		if (v.State == core.PageReady) != (v.Err() == nil) || v.State == core.PageReady && v.Count < 1 {
			t.Fatalf("%+v", v)
		}
	})
}

func TestReceive(t *testing.T) {
	t.Parallel()
	f, err := vault.Receive(strings.NewReader("abc"))
	if err != nil || string(f.Bytes) != "abc" || f.SHA256 != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Fatalf("Receive = %+v, %v", f, err)
	}
	m := vault.NewMeter(iotest.OneByteReader(bytes.NewReader(make([]byte, 1000))))
	if _, err := io.Copy(io.Discard, m); err != nil || m.Size() != 1000 {
		t.Fatalf("Size = %d, %v", m.Size(), err)
	}
	if _, err := vault.Receive(io.LimitReader(zeros{}, core.MaxFile)); err != nil {
		t.Fatalf("the largest file: %v", err)
	}
	if _, err := vault.Receive(zeros{}); !core.IsCode(err, core.CodeTooLarge) {
		t.Fatalf("an endless file: %v", err)
	}
	if _, err := vault.Receive(iotest.ErrReader(errors.New("line cut"))); !core.IsCode(err, core.CodeUnavailable) {
		t.Fatalf("a broken line: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
