package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	segmentExt = ".seg"
	cursorExt  = ".done"
	damagedExt = ".damaged"
	parkedName = "parked" // entries that nobody could handle, as a segment
)

// segment is one file of a queue. Its frames are those not handled yet.
type segment struct {
	path    string
	number  int
	frames  []frame
	size    int64
	damaged int
	w       *writer // of this life of the process, else nil
}

// dirOf is the directory of a queue: names hold a slash.
func dirOf(root, queue string) string { return filepath.Join(root, url.PathEscape(queue)) }

// readQueue lists what is left in a queue's directory, oldest first. Files that
// vanish meanwhile (a server is at work) count as empty.
func readQueue(dir string) ([]*segment, error) {
	entries, err := os.ReadDir(dir) // sorted: the numbers are padded
	if err != nil {
		return nil, gone(err)
	}
	var out []*segment
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), segmentExt) {
			continue
		}
		s, err := readSegment(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readSegment reads one file and leaves out what its cursor says was handled; nil
// when it is gone.
func readSegment(path string) (*segment, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, gone(err)
	}
	s := &segment{path: path, size: int64(len(b))}
	if _, err := fmt.Sscanf(filepath.Base(path), "%d-", &s.number); err != nil {
		s.number = 0 // put there by hand: it is read like any other
	}
	s.frames, s.damaged = scan(b)
	done := readCursor(path)
	for len(s.frames) > 0 && s.frames[0].off < done {
		s.frames = s.frames[1:]
	}
	return s, nil
}

func cursorPath(segment string) string { return strings.TrimSuffix(segment, segmentExt) + cursorExt }

// readCursor gives the offset before which everything was handled: 0 when that is
// not known, and then entries come again.
func readCursor(segment string) int64 {
	b, err := os.ReadFile(cursorPath(segment))
	if err != nil || len(b) != 12 || binary.BigEndian.Uint32(b[8:]) != sum(b[:8]) {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

// writeCursor is not fsynced: after a power cut a few entries are handled again,
// which those who handle them bear, and a drain costs no wait a message.
func writeCursor(segment string, off int64) error {
	b := binary.BigEndian.AppendUint64(nil, uint64(off))
	b = binary.BigEndian.AppendUint32(b, sum(b))
	f, err := os.OpenFile(cursorPath(segment), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	return errors.Join(err, f.Close())
}

// removeSegment deletes a file and its cursor, in this order: a cursor without its
// segment means nothing.
func removeSegment(path string) error {
	return errors.Join(gone(os.Remove(path)), gone(os.Remove(cursorPath(path))))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Status is how a queue stands.
type Status struct {
	Queue   string    `json:"queue"`
	Entries int       `json:"entries"`          // that wait
	Bytes   int64     `json:"bytes"`            // of its files
	Oldest  time.Time `json:"oldest,omitzero"`  // when the first of them came
	Damaged int       `json:"damaged"`          // places that could not be read
	Parked  int       `json:"parked,omitempty"` // entries that could not be handled
}

// Inspect tells how the queues of a directory stand, without opening anything: it
// may run beside a server. A directory that is not there has no queues. Errors:
// those of reading.
func Inspect(dir string) ([]Status, error) {
	names, err := queueNames(dir)
	if err != nil {
		return nil, err
	}
	var out []Status
	for _, name := range names {
		segments, err := readQueue(dirOf(dir, name))
		if err != nil {
			return nil, err
		}
		st := Status{Queue: name, Parked: parkedIn(dirOf(dir, name)), Damaged: keptIn(dirOf(dir, name))}
		for _, s := range segments {
			st.add(s)
		}
		if st.Entries > 0 || st.Damaged > 0 || st.Parked > 0 {
			out = append(out, st)
		}
	}
	return out, nil
}

func (st *Status) add(s *segment) {
	st.Entries += len(s.frames)
	st.Bytes += s.size
	st.Damaged += s.damaged
	if len(s.frames) > 0 && (st.Oldest.IsZero() || s.frames[0].at.Before(st.Oldest)) {
		st.Oldest = s.frames[0].at
	}
}

func queueNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, gone(err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if name, err := url.PathUnescape(e.Name()); err == nil {
			out = append(out, name)
		}
	}
	return out, nil
}

// keptIn counts the segments with damage that were kept to be looked at.
func keptIn(dir string) int {
	kept, err := filepath.Glob(filepath.Join(dir, "*"+damagedExt))
	if err != nil {
		return 0
	}
	return len(kept)
}

// parkedIn counts the entries that were put aside.
func parkedIn(dir string) int {
	b, err := os.ReadFile(filepath.Join(dir, parkedName))
	if err != nil {
		return 0
	}
	frames, _ := scan(b)
	return len(frames)
}
