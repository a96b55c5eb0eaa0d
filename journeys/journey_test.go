package journeys_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

// hashes collects the canonical dossiers of one journey on every channel.
type hashes struct {
	mu  sync.Mutex
	got map[string]string // hash by channel
	doc map[string][]byte // canonical bytes by channel
}

func (h *hashes) add(channel string, r *run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.got == nil {
		h.got, h.doc = map[string]string{}, map[string][]byte{}
	}
	h.got[channel], h.doc[channel] = r.submitted.Hash, r.submitted.Canonical
}

// same checks that every dossier is the same as every other.
func (h *hashes) same(t *testing.T, want int) {
	t.Helper()
	if len(h.got) != want {
		t.Errorf("%d dossiers were filed, want %d", len(h.got), want)
	}
	first := ""
	for channel, hash := range h.got {
		if first == "" {
			first = channel
		}
		if hash != h.got[first] || string(h.doc[channel]) != string(h.doc[first]) {
			t.Errorf("the dossier of %s is not that of %s:\n%s\n%s", channel, first, h.doc[channel], h.doc[first])
		}
	}
}

// TestJourneys replays every script on every channel it names, each in a program
// of its own, and compares what was filed.
func TestJourneys(t *testing.T) {
	t.Parallel()
	var filed hashes
	var told transcripts
	var filings atomic.Int32
	t.Run("on SQLite", func(t *testing.T) {
		for _, s := range readScripts(t) {
			for _, channel := range s.channels {
				t.Run(s.name+"/"+channel, func(t *testing.T) {
					t.Parallel()
					if s.files() {
						filings.Add(1)
					}
					r := replay(t, s, channel, "")
					told.add(s.name, r)
					if s.files() {
						filed.add(s.name+"/"+channel, r)
					}
				})
			}
		}
	})
	if !t.Failed() {
		filed.same(t, int(filings.Load()))
		told.fresh(t)
	}
}

// TestPostgreSQL replays filing and everything that follows on the other engine.
func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	var filed hashes
	t.Run("on PostgreSQL", func(t *testing.T) {
		for _, s := range readScripts(t) {
			if s.name != "4-file" && s.name != "5-supplement" {
				continue
			}
			for _, channel := range []string{"telegram", "app"} {
				t.Run(s.name+"/"+channel, func(t *testing.T) {
					t.Parallel()
					filed.add(s.name+"/"+channel, replay(t, s, channel, postgres.url(t)))
				})
			}
		}
	})
	if !t.Failed() {
		filed.same(t, 4)
	}
}

// TestCarriers replays filing by SMS through the other network, and through both
// in turn: whoever brings the messages of a number, it is one conversation, and
// the same is filed.
func TestCarriers(t *testing.T) {
	t.Parallel()
	var filed hashes
	t.Run("of SMS", func(t *testing.T) {
		for _, s := range readScripts(t) {
			if s.name != "4-file" {
				continue
			}
			for _, carrier := range []string{"smsgate", "twilio", "both"} {
				t.Run(carrier, func(t *testing.T) {
					t.Parallel()
					w := newWorldOn(t, readPersona(t), "", carrier)
					r := newRun(t, w, "sms")
					r.play(s)
					w.close()
					filed.add(s.name+"/"+carrier, r)
				})
			}
		}
	})
	if !t.Failed() {
		filed.same(t, 3)
	}
}

// files reports whether a dossier is filed in a journey.
func (s script) files() bool {
	for _, st := range s.steps {
		if st.verb == "citizen submits" || st.verb == "citizen files" {
			return true
		}
	}
	return false
}

func replay(t *testing.T, s script, channel, database string) *run {
	t.Helper()
	w := newWorld(t, readPersona(t), database)
	r := newRun(t, w, channel)
	r.play(s)
	w.close()
	return r
}
