package channels_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/motcua/motcua/core"
)

// ledger is what was committed at the doors of all nodes of a rig: which event
// became which version of its conversation, and what was said.
type ledger struct {
	mu       sync.Mutex
	turns    map[core.ID][]turnRecord // by conversation
	inbox    map[string]int           // rows committed, by event
	open     map[string]*visit        // turns under way, by person
	overlaps []string
}

// turnRecord is one committed turn.
type turnRecord struct {
	event   string
	version int64 // of the conversation, after it
	drafts  int   // saves of the draft
	prompts []core.Prompt
}

func newLedger() *ledger {
	return &ledger{turns: map[core.ID][]turnRecord{}, inbox: map[string]int{}, open: map[string]*visit{}}
}

// of gives the turns of a conversation in the order of its versions.
func (l *ledger) of(conv core.ID) []turnRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.turns[conv])
	slices.SortFunc(out, func(a, b turnRecord) int { return int(a.version - b.version) })
	return out
}

// rows says how many inbox rows an event got.
func (l *ledger) rows(event string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inbox[event]
}

// visit is one request at the door of one node. A turn of it lasts from the read
// of the conversation to the end of the Update.
type visit struct {
	l      *ledger
	node   int
	person string
}

type visitKey struct{}

// visiting marks a request, so that its turn is seen.
func (l *ledger) visiting(ctx context.Context, node int) (context.Context, *visit) {
	v := &visit{l: l, node: node}
	return context.WithValue(ctx, visitKey{}, v), v
}

func (v *visit) begins(person string) {
	v.l.mu.Lock()
	defer v.l.mu.Unlock()
	key := fmt.Sprint(v.node, "/", person)
	if other := v.l.open[key]; other != nil && other != v {
		v.l.overlaps = append(v.l.overlaps, person)
	}
	v.person = key
	v.l.open[key] = v
}

func (v *visit) ends() {
	v.l.mu.Lock()
	defer v.l.mu.Unlock()
	if v.l.open[v.person] == v {
		delete(v.l.open, v.person)
	}
}

// watch lets a ledger see what passes a store. Node by node, a turn of one person
// must not begin while another one is under way.
type watch struct {
	core.Store
	ledger *ledger
}

func (w *watch) View(ctx context.Context, fn func(ctx context.Context, tx core.Tx) error) error {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return w.Store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		return fn(ctx, &watchedTx{Tx: tx, visit: v, rec: &record{}})
	})
}

func (w *watch) Update(ctx context.Context, fn func(ctx context.Context, tx core.Tx) error) error {
	v, _ := ctx.Value(visitKey{}).(*visit)
	var rec *record
	err := w.Store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		rec = &record{} // the closure may run again
		return fn(ctx, &watchedTx{Tx: tx, rec: rec})
	})
	if v != nil {
		v.ends()
	}
	if err != nil || rec.event == "" {
		return err
	}
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	w.ledger.inbox[rec.event]++
	if rec.conv != "" {
		w.ledger.turns[rec.conv] = append(w.ledger.turns[rec.conv], turnRecord{rec.event, rec.version, rec.drafts, rec.prompts})
	}
	return nil
}

// record is what one transaction wrote.
type record struct {
	event   string
	conv    core.ID
	version int64
	drafts  int
	prompts []core.Prompt
}

type watchedTx struct {
	core.Tx
	visit *visit
	rec   *record
}

func (t *watchedTx) Enqueue(ctx context.Context, jobs ...core.Job) error {
	for _, j := range jobs {
		var p struct {
			Prompt core.Prompt `json:"prompt"`
		}
		if j.Kind == "message.send" && core.OpenJSON(j.Payload, &p) == nil {
			t.rec.prompts = append(t.rec.prompts, p.Prompt)
		}
	}
	return t.Tx.Enqueue(ctx, jobs...)
}

func (t *watchedTx) Drafts() core.DraftRepo { return watchedDrafts{t.Tx.Drafts(), t.rec} }

type watchedDrafts struct {
	core.DraftRepo
	rec *record
}

func (r watchedDrafts) Save(ctx context.Context, d core.Draft) error {
	r.rec.drafts++
	return r.DraftRepo.Save(ctx, d)
}

func (t *watchedTx) Inbox() core.InboxRepo { return watchedInbox{t.Tx.Inbox(), t.rec} }

type watchedInbox struct {
	core.InboxRepo
	rec *record
}

func (r watchedInbox) Insert(ctx context.Context, row core.InboxRow) error {
	r.rec.event = row.EventID
	return r.InboxRepo.Insert(ctx, row)
}

func (t *watchedTx) Conversations() core.ConversationRepo {
	return watchedConversations{t.Tx.Conversations(), t}
}

type watchedConversations struct {
	core.ConversationRepo
	tx *watchedTx
}

func (r watchedConversations) ForTurn(ctx context.Context, key core.AddressKey) (core.TurnRow, error) {
	if r.tx.visit != nil {
		r.tx.visit.begins(key.External)
	}
	return r.ConversationRepo.ForTurn(ctx, key)
}

func (r watchedConversations) Insert(ctx context.Context, c core.Conversation) error {
	r.tx.rec.conv, r.tx.rec.version = c.ID, 1
	return r.ConversationRepo.Insert(ctx, c)
}

func (r watchedConversations) Save(ctx context.Context, c core.Conversation) error {
	r.tx.rec.conv, r.tx.rec.version = c.ID, c.Version+1
	return r.ConversationRepo.Save(ctx, c)
}
