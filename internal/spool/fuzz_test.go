package spool

import (
	"bytes"
	"testing"
	"time"
)

// FuzzScan: whatever the disk holds, the reader ends, its frames lie within the
// bytes in order, each is read again as it was written, and a whole frame behind any
// rubbish is found.
func FuzzScan(f *testing.F) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	one := appendFrame(nil, at, []byte("one"))
	two := appendFrame(one, at, []byte("two"))
	f.Add([]byte{})
	f.Add(one)
	f.Add(two)
	f.Add(two[:len(two)-1])
	f.Add(append(bytes.Clone(one), make([]byte, 50)...))
	f.Add(bytes.Repeat(magic(), 20))
	damaged := bytes.Clone(two)
	damaged[5] ^= 0xff
	f.Add(damaged)
	f.Fuzz(func(t *testing.T, b []byte) {
		frames, _ := scan(b)
		last := int64(0)
		for _, fr := range frames {
			if fr.off < last || fr.end <= fr.off || fr.end > int64(len(b)) {
				t.Fatalf("frame %+v behind %d in %d bytes", fr, last, len(b))
			}
			last = fr.end
			_, payload, ok := frameAt(b, int(fr.off))
			if !ok || !bytes.Equal(appendFrame(nil, fr.at, payload), b[fr.off:fr.end]) {
				t.Fatalf("frame %+v is not what was written", fr)
			}
		}
		more, _ := scan(append(bytes.Clone(b), one...))
		if len(more) == 0 || len(more) <= len(frames) && more[len(more)-1].end != int64(len(b)+len(one)) {
			t.Fatalf("%d frames, and %d with one more behind them", len(frames), len(more))
		}
	})
}
