package channels

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
)

// turnTries is how often a turn is taken again when another writer was faster,
// before the event is parked.
const turnTries = 4

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
	baseURL  string
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
}

// GatewayConfig wires a Gateway. Every field is needed.
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
}

// NewGateway refuses missing wiring.
func NewGateway(c GatewayConfig) (*Gateway, error) {
	switch {
	case c.Store == nil, c.Registry == nil, c.Engine == nil, c.Renderer == nil, c.Blobs == nil,
		c.Clock == nil, c.Log == nil, c.Observer == nil, c.Allow == nil,
		c.Services.Dossiers == nil, c.Services.Identity == nil, c.SameNumber == nil, c.BaseURL == "":
		return nil, core.Ef(core.CodeInternal, "channels.gateway", "", "incomplete wiring")
	}
	return &Gateway{
		store: c.Store, registry: c.Registry, engine: c.Engine, svc: c.Services, render: c.Renderer,
		blobs: c.Blobs, clock: c.Clock, log: c.Log, observe: c.Observer, allow: c.Allow, same: c.SameNumber, baseURL: c.BaseURL,
	}, nil
}

// Deliver takes one event through its turn and returns after the commit.
//
// nil means: the event had its one effect, now or before, or it is parked where
// an operator sees it. Errors: unavailable when the store is down or the
// conversation is busy; the vendor is then told to come back, and nothing was
// stored.
func (g *Gateway) Deliver(ctx context.Context, ev core.Event) error {
	acc := Account{Kind: Kind(ev.Channel), Name: ev.Account}
	adapter, ok := g.registry.Adapter(acc)
	if !ok {
		return core.Ef(core.CodeNotFound, "channels.deliver", "", "no account %s", acc)
	}
	if ev.ID == "" || ev.External == "" {
		return core.Ef(core.CodeInvalid, "channels.deliver", "", "event without id or person")
	}
	if ev.ReceivedAt.IsZero() {
		ev.ReceivedAt = g.clock.Now()
	}
	release, err := g.locks.acquire(ctx, lockKey(ev))
	if err != nil {
		g.observe.Inbound(acc, ev.Kind, "busy")
		return err
	}
	defer release()

	for try := 1; ; try++ {
		err = g.turn(ctx, adapter, ev)
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
			if try < turnTries {
				continue
			}
		}
		if ctx.Err() != nil {
			return core.E(core.CodeUnavailable, "channels.deliver", "", err)
		}
		return g.park(ctx, adapter, ev, err)
	}
}

// lockKey names a conversation without keeping personal data in memory longer
// than the turn.
func lockKey(ev core.Event) string {
	h := sha256.Sum256([]byte(ev.Channel + "\x00" + ev.Account + "\x00" + ev.External))
	return hex.EncodeToString(h[:16])
}

// turn reads, decides and writes once. A panic of the dialogue becomes an
// internal error: one poisonous message must not take the process down.
func (g *Gateway) turn(ctx context.Context, adapter Adapter, ev core.Event) (err error) {
	in, err := g.load(ctx, adapter, ev)
	if err != nil {
		return err
	}
	out, err := g.decide(in)
	if err != nil {
		return err
	}
	if err := g.permit(in, out); err != nil {
		return err
	}
	return g.commit(ctx, adapter, in, out)
}

func (g *Gateway) decide(in dialog.Input) (out dialog.Output, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = core.Ef(core.CodeInternal, "dialog.turn", "", "panic: %v", p)
		}
	}()
	return g.engine.Turn(in), nil
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
	err := g.store.View(ctx, func(ctx context.Context, tx core.Tx) error {
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: ev.Channel, Account: ev.Account, External: ev.External})
		if core.IsCode(err, core.CodeNotFound) {
			row, err = newRow(ev, now), nil
		}
		if err != nil {
			return err
		}
		in.Row = row
		in.Found, err = g.find(ctx, tx, row, g.engine.Want(row, ev, caps))
		return err
	})
	return in, err
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand stops the program instead
	return b
}

// newRow is the row of an address that writes for the first time.
func newRow(ev core.Event, now time.Time) core.TurnRow {
	a := core.Address{
		ID: core.NewID(now), Channel: ev.Channel, Account: ev.Account,
		External: core.Sealed(ev.External), CreatedAt: now, UpdatedAt: now,
	}
	locale := "vi"
	if ev.Locale == "en" {
		locale = "en"
	}
	return core.TurnRow{
		Address: a,
		Conversation: core.Conversation{
			ID: core.NewID(now), AddressID: a.ID, Channel: ev.Channel, Account: ev.Account,
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
		return nil
	}
	if err != nil {
		return err
	}
	f.Dossier = &d
	if d.ConvID != row.Conversation.ID && (d.CitizenID == "" || d.CitizenID != row.Conversation.CitizenID) {
		return nil // a stranger's dossier: the state is enough
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
// arrival stops everything; the prompts' jobs last.
func (g *Gateway) commit(ctx context.Context, adapter Adapter, in dialog.Input, out dialog.Output) error {
	return g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		ev := in.Event
		conv := out.Conversation
		if err := tx.Inbox().Insert(ctx, core.InboxRow{
			Channel: ev.Channel, Account: ev.Account, EventID: ev.ID, ConvID: conv.ID, ReceivedAt: ev.ReceivedAt,
		}); err != nil {
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
		jobs, err := sendJobs(tx.Now(), conv, adapter.Account(), ev.External, prompts, core.LaneReply)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs...)
	})
}

func (g *Gateway) saveConversation(ctx context.Context, tx core.Tx, in dialog.Input, conv core.Conversation) error {
	conv.UpdatedAt = tx.Now()
	if in.Row.Conversation.Version > 0 {
		return tx.Conversations().Save(ctx, conv)
	}
	// Two first messages at once: the loser's insert is a duplicate of the
	// address, which is a conflict to this turn and not a repeated event.
	if err := tx.Addresses().Insert(ctx, in.Row.Address); err != nil {
		return asConflict(err)
	}
	return asConflict(tx.Conversations().Insert(ctx, conv))
}

func asConflict(err error) error {
	if core.IsCode(err, core.CodeDuplicate) {
		return core.E(core.CodeConflict, "channels.commit", "", err)
	}
	return err
}

func saveDraft(ctx context.Context, tx core.Tx, d core.Draft) error {
	if d.Version == 0 {
		return tx.Drafts().Insert(ctx, d)
	}
	return tx.Drafts().Save(ctx, d)
}

// park keeps an event that could not be handled where operators see it, and
// tells the citizen to try again or to ask a person. It returns nil: the vendor
// must not send a poisonous event again.
func (g *Gateway) park(ctx context.Context, adapter Adapter, ev core.Event, cause error) error {
	g.log.ErrorContext(ctx, "event parked", "channel", ev.Channel, "account", ev.Account, "kind", ev.Kind,
		"code", core.ErrorCode(cause), "cause", cause.Error())
	g.observe.Inbound(adapter.Account(), ev.Kind, "parked")
	raw, err := core.SealJSON(ev)
	if err != nil {
		return err
	}
	now := g.clock.Now()
	return g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: ev.Channel, Account: ev.Account, External: ev.External})
		if core.IsCode(err, core.CodeNotFound) {
			row, err = newRow(ev, now), nil
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
		if err := tx.Inbox().Park(ctx, core.InboxRow{
			Channel: ev.Channel, Account: ev.Account, EventID: ev.ID, ConvID: row.Conversation.ID,
			ReceivedAt: ev.ReceivedAt, ParkedAt: tx.Now(), Cause: fmt.Sprintf("%.300s", cause), Raw: raw,
		}); err != nil {
			return err
		}
		jobs, err := sendJobs(tx.Now(), row.Conversation, adapter.Account(), ev.External,
			[]core.Prompt{g.engine.Sorry(row)}, core.LaneReply)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs...)
	})
}
