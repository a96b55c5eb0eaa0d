package simkit

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
)

// SamplePhoto draws a photographed paper: a bright sheet with lines of "writing"
// on a dark table, as a JPEG of 1000×1400 pixels. The same name gives the same
// bytes, so that the same page can be sent on every channel.
func SamplePhoto(name string) []byte {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	seed := h.Sum64()
	img := image.NewGray(image.Rect(0, 0, 1000, 1400))
	for y := range 1400 {
		for x := range 1000 {
			img.SetGray(x, y, color.Gray{Y: 40})
		}
	}
	for y := 60; y < 1340; y++ {
		for x := 60; x < 940; x++ {
			img.SetGray(x, y, color.Gray{Y: 235})
		}
	}
	for line := range 30 {
		seed = seed*6364136223846793005 + 1442695040888963407
		width := 300 + int(seed>>33)%460
		for y := 120 + line*38; y < 132+line*38; y++ {
			for x := 110; x < 110+width; x++ {
				if (x/9+int(seed>>(x%24)))%3 != 0 {
					img.SetGray(x, y, color.Gray{Y: 30})
				}
			}
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}) // a bytes.Buffer does not fail
	return b.Bytes()
}

// SamplePDF writes a small, well-formed PDF 1.4 of some pages.
func SamplePDF(name string, pages int) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 4+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids, pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for i := range pages {
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i))
		text := fmt.Sprintf("BT /F1 18 Tf 72 770 Td (%s - page %d) Tj ET", printable(name), i+1)
		object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	return b.Bytes()
}

// printable keeps the letters and digits of a name, so that it cannot end the
// PDF string it is written into.
func printable(s string) string {
	out := []rune{}
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ' ' || r == '-' {
			out = append(out, r)
		}
	}
	return string(out)
}
