package channels

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
)

// turnTries is how often a turn is taken when another writer was faster, before the
// event is parked. Each loss is another one's progress, so an event that is not to
// blame runs out of tries only behind as many others of its conversation.
const turnTries = 10

// Services are the areas whose effects a turn may ask for.
type Services struct {
	Dossiers *dossier.Service
	Vault    vault.Service
	Identity *identity.Service
}

// Gateway is the one door between the networks and the dialogue. Everything that
// happens to a conversation passes Deliver, whatever it came from.
type Gateway struct {
	store    core.Store
	registry *Registry
	engine   *dialog.Engine
	svc      Services
	render   *Renderer
	blobs    core.Blobs
	clock    core.Clock
	log      *slog.Logger
	observe  Observer
	allow    Allow
	same     func(phone string) []core.AddressKey
	onDuty   func(context.Context) []string
	queue    func(ctx context.Context, ward string) (catalog.Queue, bool)
	barred   func(key string) time.Duration
	missed   func(ctx context.Context, key string)
	baseURL  string
	spool    *Spool
	pace     Pace
	room     int64 // webhooks in flight
	inFlight atomic.Int64
	locks    turnLocks
}

// Allow says whether an actor may perform an operation of the policy table; nil
// means yes, an error has code denied or unauthenticated.
type Allow func(actor core.Actor, operation string) error

// Observer counts what passes the door. No argument is personal data.
type Observer interface {
	Inbound(acc Account, kind core.EventKind, result string)
	Outbound(acc Account, template, result string, units int)
	Rejected(acc Account, reason string)
	Reply(acc Account, d time.Duration)
	Took(acc Account, t Taken)
}

// Taken is what became of a turn or a page, for counting. Fields are zero where
// nothing of the kind happened; none is personal data.
type Taken struct {
	NotUnderstood bool     // a person said something that led nowhere
	AskedPerson   bool     // the conversation waits for an officer
	Searches      []string // what came of searches: dialog.SearchFound and the like
	MovedFrom     string   // channel a draft was taken over from
	MovedTo       string   // channel that goes on with it
	Verdict       core.PageState
	Reason        string // of a refused page, a message key
	Bytes         int64  // of a received page
}

// GatewayConfig wires a Gateway. Every field is needed but those after OnDuty.
type GatewayConfig struct {
	Store    core.Store
	Registry *Registry
	Engine   *dialog.Engine
	Services Services
	Renderer *Renderer
	Blobs    core.Blobs
	Clock    core.Clock
	Log      *slog.Logger
	Observer Observer
	Allow    Allow
	// BaseURL is where our own pages are, for links: no slash at its end.
	BaseURL string
	// SameNumber lists the addresses under which channels know a phone number.
	SameNumber func(phone string) []core.AddressKey
	// OnDuty lists the offices that an officer works for at this moment, "*" for
	// the whole city. It may not know.
	OnDuty func(context.Context) []string
	// Queue gives who waits at the office of a ward, if known; nil: nobody knows.
	Queue func(ctx context.Context, ward string) (catalog.Queue, bool)
	// Barred says for how long a conversation may not look up what is named by a
	// code, and Missed is told that it named a code that does not exist; nil: there is
	// no limit.
	Barred func(key string) time.Duration
	Missed func(ctx context.Context, key string)
	// Spool keeps what vendors that do not redeliver sent while the store was down;
	// nil: they are answered 503 like all others.
	Spool *Spool
	// Pace keeps sends within what the vendors allow; nil: there is no limit.
	Pace Pace
	// InFlight bounds the webhooks that are handled at once; default 256.
	InFlight int
}

// NewGateway refuses missing wiring.
func NewGateway(c GatewayConfig) (*Gateway, error) {
	switch {
	case c.Store == nil, c.Registry == nil, c.Engine == nil, c.Renderer == nil, c.Blobs == nil,
		c.Clock == nil, c.Log == nil, c.Observer == nil, c.Allow == nil,
		c.Services.Dossiers == nil, c.Services.Identity == nil, c.SameNumber == nil, c.OnDuty == nil, c.BaseURL == "":
		return nil, core.Ef(core.CodeInternal, "channels.gateway", "", "incomplete wiring")
	}
	if c.InFlight <= 0 {
		c.InFlight = 256
	}
	return &Gateway{
		spool: c.Spool, pace: c.Pace, room: int64(c.InFlight),
		store: c.Store, registry: c.Registry, engine: c.Engine, svc: c.Services, render: c.Renderer,
		blobs: c.Blobs, clock: c.Clock, log: c.Log, observe: c.Observer, allow: c.Allow, same: c.SameNumber, onDuty: c.OnDuty, baseURL: c.BaseURL,
		queue: c.Queue, barred: c.Barred, missed: c.Missed,
	}, nil
}

// Deliver takes one event through its turn and returns after the commit.
//
// nil means: the event had its one effect, now or before, or it is parked where
// an operator sees it. Errors: unavailable when the store is down or the
// conversation is busy; the vendor is then told to come back, and nothing was
// stored.
func (g *Gateway) Deliver(ctx context.Context, ev core.Event) error {
	adapter, err := g.admit(&ev)
	if err != nil || adapter == nil {
		return err
	}
	release, err := g.locks.acquire(ctx, lockKey(g.registry.key(ev)))
	if err != nil {
		g.observe.Inbound(adapter.Account(), ev.Kind, "busy")
		return err
	}
	defer release()
	return g.deliver(ctx, adapter, ev)
}

// admit says who serves an event and when it came; no adapter and no error means
// that it has no effect. Errors: not_found, invalid.
func (g *Gateway) admit(ev *core.Event) (Adapter, error) {
	acc := Account{Kind: Kind(ev.Channel), Name: ev.Account}
	adapter, ok := g.registry.Adapter(acc)
	if !ok {
		return nil, core.Ef(core.CodeNotFound, "channels.deliver", "", "no account %s", acc)
	}
	if ev.ID == "" || ev.External == "" {
		return nil, core.Ef(core.CodeInvalid, "channels.deliver", "", "event without id or person")
	}
	if !utf8.ValidString(ev.ID) || strings.Contains(ev.ID, "\x00") {
		// No vendor makes such an id and no store keeps it; it would come for ever.
		g.observe.Rejected(acc, "ignored_id")
		return nil, nil
	}
	if ev.ReceivedAt.IsZero() {
		ev.ReceivedAt = g.clock.Now()
	}
	return adapter, nil
}

// deliver takes an event through its turn. The caller holds the conversation.
func (g *Gateway) deliver(ctx context.Context, adapter Adapter, ev core.Event) error {
	acc := adapter.Account()
	for try := 1; ; try++ {
		var err error
		if ev.Part.Of > 1 {
			if err = g.keepPiece(ctx, ev); arrivedBefore(err) {
				err = core.E(core.CodeDuplicate, "channels.piece", "", err)
			}
		} else {
			err = g.turn(ctx, adapter, ev)
		}
		switch core.ErrorCode(err) {
		case "":
			g.observe.Inbound(acc, ev.Kind, "ok")
			g.observe.Reply(acc, g.clock.Now().Sub(ev.ReceivedAt))
			return nil
		case core.CodeDuplicate:
			g.observe.Inbound(acc, ev.Kind, "duplicate")
			return nil
		case core.CodeUnavailable:
			g.observe.Inbound(acc, ev.Kind, "unavailable")
			return err
		case core.CodeConflict:
			if try < turnTries && backOff(ctx, try) {
				continue
			}
		}
		if ctx.Err() != nil {
			return core.E(core.CodeUnavailable, "channels.deliver", "", err)
		}
		return g.park(ctx, adapter, ev, err)
	}
}

// backOff lets the writer on another node pass, longer each time, and reports
// whether there is time for another try. The first one is taken at once.
func backOff(ctx context.Context, try int) bool {
	if try == 1 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(mathrand.N(min(time.Millisecond<<try, 64*time.Millisecond)))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lockKey names a conversation without keeping personal data in memory longer
// than the turn.
func lockKey(k core.AddressKey) string {
	h := sha256.Sum256([]byte(k.Channel + "\x00" + k.Account + "\x00" + k.External))
	return hex.EncodeToString(h[:16])
}

// turn reads, decides and writes once. A panic on the way, inside a transaction
// too, becomes an internal error: one poisonous message must neither take the
// process down nor come again for ever.
func (g *Gateway) turn(ctx context.Context, adapter Adapter, ev core.Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			g.log.ErrorContext(ctx, "a turn panicked", "channel", ev.Channel, "kind", ev.Kind, "stack", string(debug.Stack()))
			err = core.Ef(core.CodeInternal, "channels.turn", "", "panic: %s", harmless(p))
		}
	}()
	in, err := g.load(ctx, adapter, ev)
	if err != nil {
		return err
	}
	out := g.engine.Turn(in)
	if err := g.permit(in, out); err != nil {
		return err
	}
	g.fillQueue(ctx, in, out)
	if err := g.commit(ctx, adapter, in, out); err != nil {
		return err
	}
	if out.UnknownCode && g.missed != nil {
		g.missed(ctx, g.missKey(ev))
	}
	g.count(g.registry.Home(adapter.Account()), in, out)
	return nil
}

// fillQueue tells who waits at the office of an answer. It may ask over the network:
// not inside a transaction.
func (g *Gateway) fillQueue(ctx context.Context, in dialog.Input, out dialog.Output) {
	at := out.Queue
	if at == nil || g.queue == nil || at.Prompt >= len(out.Prompts) {
		return
	}
	if q, ok := g.queue(ctx, at.Ward); ok {
		g.engine.FillQueue(&out.Prompts[at.Prompt], q, in.Caps)
	}
}

// missKey names who goes through codes: the address that a message came from.
func (g *Gateway) missKey(ev core.Event) string { return "chat:" + lockKey(g.registry.key(ev)) }

// causeText is what an operator reads about a parked event, as text that every
// store takes.
func causeText(err error) string {
	return fmt.Sprintf("%.300s", strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "\x00", "?"))
}

// harmless describes a panic without values that may be somebody's data: the
// runtime's own errors speak of indices and types only.
func harmless(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", p)
}

// permit checks every command against the policy table.
func (g *Gateway) permit(in dialog.Input, out dialog.Output) error {
	actor := core.Actor{Kind: core.ActorCitizen, ID: in.Row.Conversation.CitizenID, Assurance: in.Row.Address.Assurance}
	for _, c := range out.Commands {
		if err := g.allow(actor, c.Operation()); err != nil {
			return err
		}
	}
	return nil
}

// load reads what the turn needs in one View.
func (g *Gateway) load(ctx context.Context, adapter Adapter, ev core.Event) (dialog.Input, error) {
	caps := adapter.Capabilities()
	now := g.clock.Now()
	in := dialog.Input{
		Event: ev, Caps: caps, Now: now,
		NewID:  func() core.ID { return core.NewID(now) },
		Random: randomBytes, BaseURL: g.baseURL,
	}
	var want dialog.Want
	err := g.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		row, err := g.rowFor(ctx, tx, ev)
		if core.IsCode(err, core.CodeNotFound) {
			row, err = newRow(g.registry.key(ev), ev.Locale, now), nil
		}
		if err != nil {
			return err
		}
		in.Row = row
		want = g.engine.Want(row, ev, caps)
		wait := time.Duration(0)
		if want.DossierCode != "" && g.barred != nil {
			if wait = g.barred(g.missKey(ev)); wait > 0 { // before the look-up: a hit is not told either
				want.DossierCode = ""
			}
		}
		in.Found, err = g.find(ctx, tx, row, want)
		in.Found.Wait = wait
		return err
	})
	if err == nil && want.Person {
		in.Found.OnDuty = g.onDuty(ctx) // may ask over the network: not inside the read
	}
	return in, err
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand stops the program instead
	return b
}

// newRow is the row of an address that writes for the first time.
func newRow(key core.AddressKey, locale string, now time.Time) core.TurnRow {
	a := core.Address{
		ID: core.NewID(now), Channel: key.Channel, Account: key.Account,
		External: core.Sealed(key.External), CreatedAt: now, UpdatedAt: now,
	}
	if locale != "en" {
		locale = "vi"
	}
	return core.TurnRow{
		Address: a,
		Conversation: core.Conversation{
			ID: core.NewID(now), AddressID: a.ID, Channel: key.Channel, Account: key.Account,
			Locale: locale, CreatedAt: now, UpdatedAt: now,
		},
	}
}

// find answers what the dialogue wants to know.
func (g *Gateway) find(ctx context.Context, tx core.Tx, row core.TurnRow, want dialog.Want) (f dialog.Found, err error) {
	if want.Papers && row.Draft != nil {
		if f.Papers, err = tx.Papers().ByDraft(ctx, row.Draft.ID); err != nil {
			return f, err
		}
	}
	if err := g.findDossier(ctx, tx, row, want, &f); err != nil {
		return f, err
	}
	if err := findDrafts(ctx, tx, row, want, &f); err != nil {
		return f, err
	}
	if want.Cosigns {
		if f.Cosigns, err = cosigns(ctx, tx, row.Conversation.ID); err != nil {
			return f, err
		}
	}
	if want.Person {
		const most = 50
		if f.Waiting, err = waiting(ctx, tx, most); err != nil {
			return f, err
		}
	}
	if want.HandOffCode != "" {
		h, err := tx.HandOffs().ByCode(ctx, want.HandOffCode)
		if core.IsCode(err, core.CodeNotFound) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		d, err := tx.Drafts().Get(ctx, h.DraftID)
		if err != nil {
			return f, err
		}
		f.HandOff, f.HandOffDraft = &h, &d
		if f.HandOffPages, err = tx.Papers().ByDraft(ctx, h.DraftID); err != nil {
			return f, err
		}
	}
	return f, nil
}

// cosigns lists what a conversation was asked to agree to lately.
func cosigns(ctx context.Context, tx core.Tx, conv core.ID) ([]dialog.Cosign, error) {
	const lately = 10
	all, err := tx.Cosigns().ByConversation(ctx, conv, lately)
	if err != nil {
		return nil, err
	}
	out := make([]dialog.Cosign, len(all))
	for i, c := range all {
		d, err := tx.Dossiers().Get(ctx, c.DossierID)
		if err != nil {
			return nil, err
		}
		out[i] = dialog.Cosign{Cosign: c, Dossier: d}
	}
	return out, nil
}

// waiting lists the requests for a person that no officer has taken.
func waiting(ctx context.Context, tx core.Tx, limit int) ([]core.Handover, error) {
	open, err := tx.Handovers().Open(ctx, "*", limit)
	return slices.DeleteFunc(open, func(h core.Handover) bool { return !h.TakenAt.IsZero() }), err
}

// findDossier looks one dossier, or the citizen's own, up.
func (g *Gateway) findDossier(ctx context.Context, tx core.Tx, row core.TurnRow, want dialog.Want, f *dialog.Found) (err error) {
	const own = 20
	if want.Mine || want.CodeTail != "" {
		if f.Dossiers, err = g.own(ctx, tx, row, own); err != nil {
			return err
		}
	}
	var d core.Dossier
	switch {
	case want.DossierID != "":
		d, err = tx.Dossiers().Get(ctx, want.DossierID)
	case want.DossierCode != "":
		d, err = tx.Dossiers().ByCode(ctx, want.DossierCode)
	default:
		return nil
	}
	if core.IsCode(err, core.CodeNotFound) {
		if want.DossierCode != "" {
			f.Dossiers, err = g.own(ctx, tx, row, own)
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	f.Dossier = &d
	if d.ConvID != row.Conversation.ID && (d.CitizenID == "" || d.CitizenID != row.Conversation.CitizenID) {
		f.Timeline, err = told(ctx, tx, d.ID, want.Line)
		return err
	}
	s, err := tx.Dossiers().Supplement(ctx, d.ID)
	switch {
	case core.IsCode(err, core.CodeNotFound):
	case err != nil:
		return err
	default:
		f.Supplement = &s
	}
	f.Timeline, err = tx.Dossiers().Events(ctx, d.ID)
	if err != nil {
		return err
	}
	if f.Papers == nil {
		f.Papers, err = tx.Papers().ByDossier(ctx, d.ID)
	}
	return err
}

// own lists the dossiers of the person behind a conversation.
func (g *Gateway) own(ctx context.Context, tx core.Tx, row core.TurnRow, limit int) ([]core.Dossier, error) {
	if row.Conversation.CitizenID != "" {
		return tx.Dossiers().ByCitizen(ctx, row.Conversation.CitizenID, tx.Now().Add(time.Hour), limit)
	}
	if row.Conversation.Version == 0 {
		return nil, nil
	}
	return tx.Dossiers().ByConversation(ctx, row.Conversation.ID, limit)
}

// commit writes the turn in one Update: the inbox row first, so that a second
// arrival stops everything; the prompts' jobs last. Duplicate means that the event
// arrived before; any other row that somebody else was faster to insert (two first
// messages at once, a phone proved on two channels) is a conflict.
func (g *Gateway) commit(ctx context.Context, adapter Adapter, in dialog.Input, out dialog.Output) error {
	err := g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		ev := in.Event
		conv := out.Conversation
		if err := remember(ctx, tx, ev, conv.ID); err != nil {
			return err
		}
		if err := g.saveConversation(ctx, tx, in, conv); err != nil {
			return err
		}
		if out.Draft != nil {
			if err := saveDraft(ctx, tx, *out.Draft); err != nil {
				return err
			}
		}
		prompts, err := g.apply(ctx, tx, adapter, in, out)
		if err != nil {
			return err
		}
		jobs, err := g.sendJobs(tx.Now(), conv, adapter.Account(), ev.External, prompts, core.LaneReply)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs...)
	})
	if core.IsCode(err, core.CodeDuplicate) && !arrivedBefore(err) {
		return core.E(core.CodeConflict, "channels.commit", "", err)
	}
	return err
}

// arrivedBefore reports whether an Update failed because the inbox has the event.
// A store may tell of a duplicate only at the end of the transaction, so where it
// happened is read off the error.
func arrivedBefore(err error) bool {
	var e *core.Error
	return errors.As(err, &e) && e.Code == core.CodeDuplicate && e.Op == "inbox.insert"
}

func (g *Gateway) saveConversation(ctx context.Context, tx core.Tx, in dialog.Input, conv core.Conversation) error {
	conv.UpdatedAt = tx.Now()
	if in.Row.Conversation.Version > 0 {
		return tx.Conversations().Save(ctx, conv)
	}
	if err := tx.Addresses().Insert(ctx, in.Row.Address); err != nil {
		return err
	}
	return tx.Conversations().Insert(ctx, conv)
}

func saveDraft(ctx context.Context, tx core.Tx, d core.Draft) error {
	if d.Version == 0 {
		return tx.Drafts().Insert(ctx, d)
	}
	return tx.Drafts().Save(ctx, d)
}

// park keeps an event that could not be handled where operators see it, and
// tells the citizen, once, to try again or to ask a person. It returns nil: the
// vendor must not send a poisonous event again. An error is unavailable.
func (g *Gateway) park(ctx context.Context, adapter Adapter, ev core.Event, cause error) error {
	g.log.ErrorContext(ctx, "event parked", "channel", ev.Channel, "account", ev.Account, "kind", ev.Kind,
		"code", core.ErrorCode(cause), "cause", cause.Error())
	raw, err := core.SealJSON(ev)
	if err != nil {
		return err
	}
	now := g.clock.Now()
	err = g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		row, err := g.rowFor(ctx, tx, ev)
		if core.IsCode(err, core.CodeNotFound) {
			row, err = newRow(g.registry.key(ev), ev.Locale, now), nil
			if err == nil {
				err = tx.Addresses().Insert(ctx, row.Address)
			}
			if err == nil {
				err = tx.Conversations().Insert(ctx, row.Conversation)
			}
		}
		if err != nil {
			return err
		}
		if err := tx.Inbox().Insert(ctx, core.InboxRow{
			Channel: ev.Channel, Account: ev.Account, EventID: ev.ID, ConvID: row.Conversation.ID,
			ReceivedAt: ev.ReceivedAt, ParkedAt: tx.Now(), Cause: causeText(cause), Raw: raw,
		}); err != nil {
			return err
		}
		jobs, err := g.sendJobs(tx.Now(), row.Conversation, adapter.Account(), ev.External,
			[]core.Prompt{g.engine.Sorry(row)}, core.LaneReply)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs...)
	})
	switch {
	case err == nil:
		g.observe.Inbound(adapter.Account(), ev.Kind, "parked")
		return nil
	case arrivedBefore(err):
		g.observe.Inbound(adapter.Account(), ev.Kind, "duplicate")
		return nil
	}
	return core.E(core.CodeUnavailable, "channels.park", "", err)
}
