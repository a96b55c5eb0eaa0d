package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A frame is magic (4), length of the payload (4), time in µs (8), CRC-32C of the
// payload (4), CRC-32C of these 20 bytes (4), payload; numbers are big-endian. The
// header has a sum of its own so that a search for the next whole frame costs a few
// bytes at each place where one could begin.
const (
	headerSize = 24
	maxPayload = 1 << 20
)

func magic() []byte { return []byte{0xf7, 'M', 'C', 1} }

func sum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// appendFrame adds a frame to dst.
func appendFrame(dst []byte, at time.Time, payload []byte) []byte {
	start := len(dst)
	dst = append(dst, magic()...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	dst = binary.BigEndian.AppendUint64(dst, uint64(at.UnixMicro()))
	dst = binary.BigEndian.AppendUint32(dst, sum(payload))
	dst = binary.BigEndian.AppendUint32(dst, sum(dst[start:]))
	return append(dst, payload...)
}

// frame is one entry of a segment.
type frame struct {
	off, end int64
	at       time.Time
}

// frameAt reads the frame that begins at off, if a whole one does.
func frameAt(b []byte, off int) (f frame, payload []byte, ok bool) {
	if len(b)-off < headerSize || !bytes.Equal(b[off:off+4], magic()) {
		return f, nil, false
	}
	h := b[off : off+headerSize]
	n := int(binary.BigEndian.Uint32(h[4:]))
	if sum(h[:headerSize-4]) != binary.BigEndian.Uint32(h[headerSize-4:]) || n > maxPayload || len(b)-off-headerSize < n {
		return f, nil, false
	}
	payload = b[off+headerSize : off+headerSize+n]
	if sum(payload) != binary.BigEndian.Uint32(h[16:]) {
		return f, nil, false
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(h[8:]))).UTC()
	return frame{int64(off), int64(off + headerSize + n), at}, payload, true
}

// scan lists the whole frames of a segment. What lies between two of them was
// damaged and is counted as one; what follows the last is a torn tail, which was
// never acknowledged, or damage that nothing can be said of.
func scan(b []byte) (frames []frame, damaged int) {
	for off := 0; off < len(b); {
		f, _, ok := frameAt(b, off)
		if ok {
			frames = append(frames, f)
			off = int(f.end)
			continue
		}
		next := nextFrame(b, off+1)
		if next < 0 {
			break
		}
		damaged++
		off = next
	}
	return frames, damaged
}

// nextFrame finds the first whole frame at or behind off; -1 if there is none.
func nextFrame(b []byte, off int) int {
	for off < len(b) {
		i := bytes.Index(b[off:], magic())
		if i < 0 {
			return -1
		}
		off += i
		if _, _, ok := frameAt(b, off); ok {
			return off
		}
		off++
	}
	return -1
}
