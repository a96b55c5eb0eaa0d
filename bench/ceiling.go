package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// The ceiling is the least that a webhook can do and keep the product's promise:
// check the secret, know the update from a copy, change one state row and write
// one outbox row, durable before the answer. It has no dialogue, no sealing, no
// jobs.

// Sizes of what the yardsticks write: a state row until the product's own size is
// known (see stateOf), and a row of the outbox, about one prompt.
const (
	stateSize  = 1024
	outboxSize = 512
)

// bareTurn is what one update makes the ceiling write.
type bareTurn struct {
	updateID, chat int64
	state, outbox  []byte
	done           chan error
}

// errCopy answers an update that came before.
var errCopy = errors.New("update id seen before")

// committer makes bare turns durable, many in one transaction.
type committer interface {
	// commit returns nil after the turn is durable, errCopy when it was before.
	commit(t *bareTurn) error
	// rows counts the committed updates.
	rows() (int64, error)
	// seed makes the state rows of a cohort.
	seed(first int64, people int) error
	close() error
}

// ceiling is the bare server over a committer.
type ceiling struct {
	committer
	server *http.Server
	addr   string
	secret string
	state  int // bytes of a state row, as many as a turn of the product writes
}

func newCeiling(c committer, secret string) (*ceiling, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &ceiling{committer: c, addr: l.Addr().String(), secret: secret, state: stateSize}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with close
	return s, nil
}

func (s *ceiling) close() error { return errors.Join(s.server.Close(), s.committer.close()) }

// ServeHTTP takes one update.
func (s *ceiling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, want := sha256.Sum256([]byte(r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))), sha256.Sum256([]byte(s.secret))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	var u struct {
		ID      int64 `json:"update_id"`
		Message struct {
			Chat struct {
				ID int64 `json:"id"`
			} `json:"chat"`
			Text string `json:"text"`
		} `json:"message"`
	}
	if err := json.Unmarshal(body, &u); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	t := &bareTurn{updateID: u.ID, chat: u.Message.Chat.ID, state: make([]byte, s.state), outbox: make([]byte, outboxSize), done: make(chan error, 1)}
	copy(t.state, u.Message.Text)
	copy(t.outbox, u.Message.Text)
	if err := s.commit(t); err != nil && !errors.Is(err, errCopy) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// batches feeds groups of at most 64 turns to flush, in as many goroutines as
// workers, until the channel is closed: whoever is free takes all that wait.
func batches(in <-chan *bareTurn, workers int, flush func(worker int, group []*bareTurn)) (wait func()) {
	ended := make(chan struct{})
	for n := range workers {
		go func() {
			defer func() { ended <- struct{}{} }()
			for first := range in {
				group := []*bareTurn{first}
			fill:
				for len(group) < 64 {
					select {
					case t, ok := <-in:
						if !ok {
							break fill
						}
						group = append(group, t)
					default:
						break fill
					}
				}
				flush(n, group)
			}
		}()
	}
	return func() {
		for range workers {
			<-ended
		}
	}
}
