package vault

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/jpeg"
	"image/png"

	"github.com/motcua/motcua/core"
)

// inspectJPEG walks the marker segments (ITU-T T.81 annex B) from start to end of
// image. What follows the end is left alone: cameras append a second picture or a
// short film there.
func inspectJPEG(b []byte) Verdict {
	at, scans := 2, 0
	var w, h int
	for {
		// Fill bytes may precede a marker.
		for at < len(b) && b[at] == 0xff && at+1 < len(b) && b[at+1] == 0xff {
			at++
		}
		if at+2 > len(b) {
			return rejected(MIMEJPEG, ReasonTruncated)
		}
		if b[at] != 0xff {
			return rejected(MIMEJPEG, ReasonBroken)
		}
		marker := b[at+1]
		at += 2
		switch {
		case marker == 0xd9: // end of image
			if scans == 0 || w == 0 {
				return rejected(MIMEJPEG, ReasonBroken)
			}
			if v, ok := budget(MIMEJPEG, w, h); !ok {
				return v
			}
			if _, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil {
				return rejected(MIMEJPEG, ReasonBroken)
			}
			return picture(w, h)
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // stand-alone
			continue
		case marker == 0x00 || marker == 0xd8:
			return rejected(MIMEJPEG, ReasonBroken)
		}
		if at+2 > len(b) {
			return rejected(MIMEJPEG, ReasonTruncated)
		}
		size := int(binary.BigEndian.Uint16(b[at:]))
		if size < 2 {
			return rejected(MIMEJPEG, ReasonBroken)
		}
		if at+size > len(b) {
			return rejected(MIMEJPEG, ReasonTruncated)
		}
		switch {
		case marker >= 0xc0 && marker <= 0xc2: // frame header: baseline, extended, progressive
			if size < 8 || w != 0 {
				return rejected(MIMEJPEG, ReasonBroken)
			}
			h, w = int(binary.BigEndian.Uint16(b[at+3:])), int(binary.BigEndian.Uint16(b[at+5:]))
			if w == 0 || h == 0 {
				return rejected(MIMEJPEG, ReasonBroken)
			}
		case marker == 0xda: // scan: entropy-coded bytes up to the next real marker
			scans++
			at = endOfScan(b, at+size)
			continue
		}
		at += size
	}
}

// endOfScan finds the next marker that is not a stuffed byte or a restart.
func endOfScan(b []byte, at int) int {
	for at < len(b) {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 {
			return len(b)
		}
		at += i
		if at+1 >= len(b) {
			return len(b)
		}
		if next := b[at+1]; next != 0x00 && next != 0xff && (next < 0xd0 || next > 0xd7) {
			return at
		}
		at++
	}
	return at
}

// inspectPNG walks the chunks (ISO/IEC 15948) and checks each one's CRC.
func inspectPNG(b []byte) Verdict {
	at, data := 8, false
	var w, h int
	for {
		if at+12 > len(b) {
			return rejected(MIMEPNG, ReasonTruncated)
		}
		size := int64(binary.BigEndian.Uint32(b[at:]))
		if size > 1<<31-1 {
			return rejected(MIMEPNG, ReasonBroken)
		}
		if int64(at)+12+size > int64(len(b)) {
			return rejected(MIMEPNG, ReasonTruncated)
		}
		kind, body := string(b[at+4:at+8]), b[at+8:at+8+int(size)]
		if crc32.ChecksumIEEE(b[at+4:at+8+int(size)]) != binary.BigEndian.Uint32(b[at+8+int(size):]) {
			return rejected(MIMEPNG, ReasonBroken)
		}
		at += 12 + int(size)
		switch kind {
		case "IHDR":
			if w != 0 || len(body) != 13 {
				return rejected(MIMEPNG, ReasonBroken)
			}
			bw, bh := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if bw == 0 || bh == 0 {
				return rejected(MIMEPNG, ReasonBroken)
			}
			w, h = int(min(bw, 1<<20)), int(min(bh, 1<<20))
		case "IDAT":
			data = true
		case "IEND":
			if w == 0 || !data {
				return rejected(MIMEPNG, ReasonBroken)
			}
			if v, ok := budget(MIMEPNG, w, h); !ok {
				return v
			}
			if _, err := png.DecodeConfig(bytes.NewReader(b)); err != nil {
				return rejected(MIMEPNG, ReasonBroken)
			}
			return picture(w, h)
		}
		if w == 0 {
			return rejected(MIMEPNG, ReasonBroken) // IHDR comes first
		}
	}
}

// budget refuses what would not fit when decoded.
func budget(mime string, w, h int) (Verdict, bool) {
	if w > maxSide || h > maxSide || w*h > MaxPixels {
		return rejected(mime, ReasonPixels), false
	}
	return Verdict{}, true
}

func picture(w, h int) Verdict {
	v := Verdict{State: core.PageReady, Count: 1, Width: w, Height: h}
	if min(w, h) < minReadableSide {
		v.Warning = WarnSmall
	}
	return v
}
