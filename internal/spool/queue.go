package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/motcua/motcua/core"
)

// queue is one directory of segments.
type queue struct {
	s         *Spool
	name, dir string

	mu       sync.Mutex // of all below, never held over an fsync of a segment
	segments []*segment // oldest first; the frames of each are durable
	w        *writer    // the newest, while it is appended to
	waiting  int        // entries
	damaged  int        // of segments that are gone
	parked   int
}

// writer appends to one segment.
type writer struct {
	seg  *segment
	file *os.File
	off  int64   // written; under the queue's mu
	new  []frame // written and not durable yet; under the queue's mu

	sync   sync.Mutex // one fsync at a time; the others find their bytes synced
	synced int64
	failed error // of an fsync: nothing can be said of later ones
}

// load reads what is left from before.
func (q *queue) load() error {
	if _, err := os.Stat(filepath.Join(q.dir, parkedName)); err == nil {
		again := filepath.Join(q.dir, newSegmentName(0))
		if err := os.Rename(filepath.Join(q.dir, parkedName), again); err != nil {
			return err
		}
	}
	segments, err := readQueue(q.dir)
	if err != nil {
		return err
	}
	for _, s := range segments {
		q.damaged += s.damaged
		if len(s.frames) == 0 {
			// Handled, or torn before anything of it was acknowledged. What was damaged
			// is kept for who wants to look at it.
			if err := q.retire(s); err != nil {
				return err
			}
			continue
		}
		q.waiting += len(s.frames)
		q.s.bytes.Add(s.size)
		q.segments = append(q.segments, s)
	}
	return syncDir(q.dir)
}

// retire deletes a segment, or keeps one with damaged places under another name.
func (q *queue) retire(s *segment) error {
	if s.damaged > 0 {
		return errors.Join(os.Rename(s.path, s.path+damagedExt), gone(os.Remove(cursorPath(s.path))))
	}
	return removeSegment(s.path)
}

func (q *queue) pending() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// append writes a frame and returns when it is durable.
func (q *queue) append(b []byte) error {
	w, end, err := q.write(b)
	if err != nil {
		return err
	}
	w.sync.Lock()
	defer w.sync.Unlock()
	if w.synced >= end {
		return nil // somebody's fsync took it along
	}
	if w.failed != nil {
		return w.failed
	}
	q.mu.Lock()
	target := w.off
	q.mu.Unlock()
	err = w.file.Sync()
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		// The kernel may have dropped the pages and call the next fsync a success, so
		// this file is not trusted with anything more.
		w.failed, w.new = err, nil
		if q.w == w {
			q.w = nil
		}
		return err
	}
	w.synced = target
	for len(w.new) > 0 && w.new[0].end <= target {
		w.seg.frames = append(w.seg.frames, w.new[0])
		w.new = w.new[1:]
		q.waiting++
	}
	w.seg.size = target
	return nil
}

// write puts a frame at the end of the newest segment.
func (q *queue) write(b []byte) (*writer, int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.w != nil && q.w.off >= q.s.o.SegmentBytes {
		q.w = nil // its appenders hold it until their fsync
	}
	if q.w == nil {
		w, err := q.create()
		if err != nil {
			return nil, 0, err
		}
		q.w = w
		q.segments = append(q.segments, w.seg)
	}
	w := q.w
	f, _, ok := frameAt(b, 0)
	if !ok {
		return nil, 0, errors.New("not a frame")
	}
	if _, err := w.file.WriteAt(b, w.off); err != nil {
		q.w = nil // half of it may be there: a torn tail, as after a crash
		return nil, 0, err
	}
	f.off, f.end = w.off, w.off+int64(len(b))
	w.off = f.end
	w.new = append(w.new, f)
	return w, f.end, nil
}

// create makes the next segment and its name durable.
func (q *queue) create() (*writer, error) {
	number := 1
	if n := len(q.segments); n > 0 {
		number = q.segments[n-1].number + 1
	}
	path := filepath.Join(q.dir, newSegmentName(number))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(q.dir); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	w := &writer{seg: &segment{path: path, number: number}, file: f}
	w.seg.w = w
	return w, nil
}

// next reads the head.
func (q *queue) next() (Entry, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range slices.Clone(q.segments) {
		if len(s.frames) == 0 {
			continue // appends to it are on their way
		}
		e := Entry{seg: s, f: s.frames[0]}
		b, err := readFrame(s.path, e.f)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.EOF) {
			// Somebody took the file, or its end, away: what is left must not wait for it.
			q.damaged++
			q.waiting -= len(s.frames)
			s.frames = nil
			if err = q.drop(s); err == nil {
				continue
			}
		}
		if err != nil {
			return Entry{}, false, core.E(core.CodeUnavailable, "spool.next", "", err)
		}
		if _, sealed, ok := frameAt(b, 0); ok {
			// What does not open was sealed with another key, or written by another hand.
			if e.Data, err = q.s.o.Sealer.Open(aad(q.name), sealed); err != nil {
				e.Data = nil
			}
		}
		return e, true, nil
	}
	return Entry{}, false, nil
}

func readFrame(path string, f frame) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := make([]byte, f.end-f.off)
	_, err = file.ReadAt(b, f.off)
	return b, errors.Join(err, file.Close())
}

// done takes the head away, and its file when nothing is left in it.
func (q *queue) done(e Entry) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := e.seg
	if len(s.frames) == 0 || s.frames[0] != e.f {
		return core.Ef(core.CodeInternal, "spool.done", "", "that is not the head of %s", q.name)
	}
	s.frames = s.frames[1:]
	q.waiting--
	if len(s.frames) > 0 || s.w != nil && len(s.w.new) > 0 {
		if err := writeCursor(s.path, e.f.end); err != nil {
			return core.E(core.CodeUnavailable, "spool.done", "", err)
		}
		return nil
	}
	return q.drop(s)
}

// drop forgets a segment that was handled whole. The caller holds mu.
func (q *queue) drop(s *segment) error {
	if w := s.w; w != nil {
		s.w = nil
		if q.w == w {
			q.w = nil
		}
		if err := w.file.Close(); err != nil {
			return core.E(core.CodeUnavailable, "spool.done", "", err)
		}
	}
	q.segments = slices.DeleteFunc(q.segments, func(x *segment) bool { return x == s })
	q.s.bytes.Add(-s.size)
	if err := q.retire(s); err != nil {
		return core.E(core.CodeUnavailable, "spool.done", "", err)
	}
	return nil
}

// park copies the head to the file of those put aside, durably, and takes it away.
func (q *queue) park(e Entry) error {
	const op = "spool.park"
	b, err := readFrame(e.seg.path, e.f)
	if err != nil {
		return core.E(core.CodeUnavailable, op, "", err)
	}
	f, err := os.OpenFile(filepath.Join(q.dir, parkedName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return core.E(core.CodeUnavailable, op, "", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close(), syncDir(q.dir)); err != nil {
		return core.E(core.CodeUnavailable, op, "", err)
	}
	q.mu.Lock()
	q.parked++
	q.mu.Unlock()
	return q.done(e)
}

func (q *queue) status() Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	st := Status{Queue: q.name, Parked: q.parked}
	for _, s := range q.segments {
		st.add(s)
	}
	st.Damaged = q.damaged
	return st
}

func (q *queue) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.w = nil
	var errs []error
	for _, s := range q.segments {
		if s.w != nil {
			errs = append(errs, s.w.file.Close())
			s.w = nil
		}
	}
	return errors.Join(errs...)
}
