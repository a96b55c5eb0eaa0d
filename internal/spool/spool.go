package spool

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/motcua/motcua/core"
)

// Options of Open. Sealer and Clock are needed.
type Options struct {
	Sealer core.Sealer
	Clock  core.Clock
	// MaxBytes bounds the files of all queues together; default 256 MiB, which are
	// about a quarter of a million short messages.
	MaxBytes int64
	// SegmentBytes is from when on a file is not appended to any more; default 4 MiB.
	SegmentBytes int64
}

// Spool holds the queues of a directory. Safe for concurrent use.
type Spool struct {
	dir   string
	o     Options
	bytes atomic.Int64

	mu     sync.Mutex
	queues map[string]*queue
}

// Entry is the head of a queue.
type Entry struct {
	Data []byte // nil when it could not be opened: park it
	seg  *segment
	f    frame
}

// Open reads what earlier lives of the process left, and puts what was parked back
// in front: what stood in its way may have been mended. Errors: unavailable.
func Open(dir string, o Options) (*Spool, error) {
	const op = "spool.open"
	if o.MaxBytes <= 0 {
		o.MaxBytes = 256 << 20
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 4 << 20
	}
	s := &Spool{dir: dir, o: o, queues: map[string]*queue{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	names, err := queueNames(dir)
	if err != nil {
		return nil, core.E(core.CodeUnavailable, op, "", err)
	}
	for _, name := range names {
		q := &queue{s: s, name: name, dir: dirOf(dir, name)}
		if err := q.load(); err != nil {
			return nil, core.E(core.CodeUnavailable, op, "", err)
		}
		s.queues[name] = q
	}
	return s, nil
}

// Append adds an entry to a queue and returns when it is on the disk. Errors:
// unavailable when the spool is full or the disk fails (nothing was taken);
// too_large for more than 1 MiB.
func (s *Spool) Append(name string, data []byte) error {
	const op = "spool.append"
	sealed, err := s.o.Sealer.Seal(aad(name), data)
	if err != nil {
		return err
	}
	if len(sealed) > maxPayload {
		return core.Ef(core.CodeTooLarge, op, "", "an entry of %d bytes", len(sealed))
	}
	b := appendFrame(nil, s.o.Clock.Now(), sealed)
	if s.bytes.Add(int64(len(b))) > s.o.MaxBytes {
		s.bytes.Add(-int64(len(b)))
		return core.Ef(core.CodeUnavailable, op, "", "the spool is full: its limit is %d bytes", s.o.MaxBytes)
	}
	q, err := s.queue(name)
	if err == nil {
		err = q.append(b)
	}
	if err != nil {
		s.bytes.Add(-int64(len(b)))
		return core.E(core.CodeUnavailable, op, "", err)
	}
	return nil
}

func aad(queue string) string { return "spool\x1e" + queue }

// queue gives a queue, making its directory when it is new.
func (s *Spool) queue(name string) (*queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	q := &queue{s: s, name: name, dir: dirOf(s.dir, name)}
	if err := os.MkdirAll(q.dir, 0o700); err != nil {
		return nil, err
	}
	if err := syncDir(s.dir); err != nil {
		return nil, err
	}
	s.queues[name] = q
	return q, nil
}

func (s *Spool) known(name string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queues[name]
}

// Pending counts the entries of a queue that wait.
func (s *Spool) Pending(name string) int {
	q := s.known(name)
	if q == nil {
		return 0
	}
	return q.pending()
}

// Next gives the head of a queue without taking it away; ok is false when the
// queue is empty. Errors: unavailable when the disk fails.
func (s *Spool) Next(name string) (e Entry, ok bool, err error) {
	q := s.known(name)
	if q == nil {
		return Entry{}, false, nil
	}
	return q.next()
}

// Done takes the head away. Errors: unavailable; the entry may then come again.
func (s *Spool) Done(name string, e Entry) error {
	if q := s.known(name); q != nil {
		return q.done(e)
	}
	return nil
}

// Park puts the head aside: it comes again at the next Open. Errors: unavailable.
func (s *Spool) Park(name string, e Entry) error {
	if q := s.known(name); q != nil {
		return q.park(e)
	}
	return nil
}

// Status tells how all queues stand that hold anything.
func (s *Spool) Status() []Status {
	s.mu.Lock()
	queues := make([]*queue, 0, len(s.queues))
	for _, q := range s.queues {
		queues = append(queues, q)
	}
	s.mu.Unlock()
	var out []Status
	for _, q := range queues {
		if st := q.status(); st.Entries > 0 || st.Damaged > 0 || st.Parked > 0 {
			out = append(out, st)
		}
	}
	return out
}

// Close closes the files. What waits stays.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, q := range s.queues {
		errs = append(errs, q.close())
	}
	return errors.Join(errs...)
}

// newSegmentName names a file that never existed: a cursor of a file that was
// deleted must not fit another.
func newSegmentName(number int) string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand stops the program instead
	return fmt.Sprintf("%010d-%s%s", number, hex.EncodeToString(b[:]), segmentExt)
}
