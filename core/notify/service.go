package notify

import (
	"context"
	"strconv"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
)

// Options say what the channels of this installation can do.
type Options struct {
	// Pushes reports whether a kind of channel can be written to unasked.
	Pushes func(channel string) bool
	// PhoneKeys lists the addresses under which a phone number may be known, the
	// one for new addresses first; nil or none when the installation writes to no
	// numbers.
	PhoneKeys func(phone string) []core.AddressKey
}

// Service tells citizens of changes. Its work is done by the handler of
// dossier.JobChanged, which runs Tell in an Update of its own: Tell may run again,
// so a crash before the job is finished does no harm.
type Service struct{ opt Options }

// New makes a Service.
func New(opt Options) *Service {
	if opt.Pushes == nil {
		opt.Pushes = func(string) bool { return false }
	}
	if opt.PhoneKeys == nil {
		opt.PhoneKeys = func(string) []core.AddressKey { return nil }
	}
	return &Service{opt: opt}
}

// recent is how many notices of a dossier are looked at; the newest decide.
const recent = 20

// Notice arguments.
const (
	argCode = "code"
	argSeq  = "seq"
)

// Tell deals with one change of a dossier. When until is not zero the change has
// to wait: the handler has Tell called again then, and lets later changes pass. Else it
// keeps a Notice and enqueues the event for the door of the citizen's conversation
// (identity.JobDoor with core.EventDossier). Running it again for a line that was
// told changes nothing.
func (s *Service) Tell(ctx context.Context, tx core.Tx, change dossier.Changed) (until time.Time, err error) {
	d, err := tx.Dossiers().Get(ctx, change.DossierID)
	if err != nil {
		return time.Time{}, err
	}
	c, err := s.gather(ctx, tx, d, change.Seq)
	if err != nil {
		return time.Time{}, err
	}
	decision := Decide(c)
	if decision.Why == WhyWaits {
		return decision.RunAt, nil
	}
	convID := decision.ConvID
	if decision.Why == "" && convID == "" {
		if convID, err = s.conversation(ctx, tx, d, decision); err != nil {
			return time.Time{}, err
		}
	}
	if decision.List {
		if err := s.keep(ctx, tx, d, decision.Line, convID); err != nil {
			return time.Time{}, err
		}
	}
	if decision.Why != "" {
		return time.Time{}, nil
	}
	job, err := identity.DoorEvent{
		ID:     "dossier:" + string(d.ID) + ":" + strconv.Itoa(change.Seq),
		ConvID: convID, Kind: core.EventDossier, DossierID: d.ID, Seq: change.Seq,
	}.Job(core.LaneNotice)
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, tx.Enqueue(ctx, job)
}

// gather reads what the decision depends on.
func (s *Service) gather(ctx context.Context, tx core.Tx, d core.Dossier, seq int) (Case, error) {
	c := Case{Seq: seq, ConvID: d.ConvID, Now: tx.Now(), Pushes: s.opt.Pushes}
	var err error
	if c.Timeline, err = tx.Dossiers().Events(ctx, d.ID); err != nil {
		return c, err
	}
	notices, err := tx.Notices().ByDossier(ctx, d.ID, recent)
	if err != nil {
		return c, err
	}
	for _, n := range notices {
		told, err := seqOf(n)
		if err != nil {
			return c, err
		}
		c.LastSeq = max(c.LastSeq, told)
		if n.ConvID != "" && n.CreatedAt.After(c.LastTold) {
			c.LastTold = n.CreatedAt
		}
	}
	if d.ConvID != "" {
		row, err := tx.Conversations().ForTurnByID(ctx, d.ConvID)
		if err != nil && !core.IsCode(err, core.CodeNotFound) {
			return c, err
		}
		if err == nil {
			c.ConvAddr = &row.Address
		}
	}
	if d.CitizenID != "" {
		if c.Addresses, err = tx.Addresses().ByCitizen(ctx, d.CitizenID); err != nil {
			return c, err
		}
	}
	return c, s.phone(ctx, tx, d, &c)
}

// phone finds the contact phone's address where the installation can use it.
func (s *Service) phone(ctx context.Context, tx core.Tx, d core.Dossier, c *Case) error {
	var contact core.DossierContact
	if err := core.OpenJSON(d.Contact, &contact); err != nil {
		return err
	}
	if contact.Phone == "" {
		return nil
	}
	if !s.writesTo(contact.Phone) {
		return nil
	}
	c.Phone = contact.Phone
	var err error
	c.PhoneAddr, err = s.byPhone(ctx, tx, c.Phone)
	return err
}

// writesTo reports whether the installation writes to a number unasked.
func (s *Service) writesTo(phone string) bool {
	keys := s.opt.PhoneKeys(phone)
	return len(keys) > 0 && s.opt.Pushes(keys[0].Channel)
}

// byPhone finds the address of a number; nil when it has none yet.
func (s *Service) byPhone(ctx context.Context, tx core.Tx, phone string) (*core.Address, error) {
	for _, key := range s.opt.PhoneKeys(phone) {
		a, err := tx.Addresses().ByKey(ctx, key)
		if err == nil {
			return &a, nil
		}
		if !core.IsCode(err, core.CodeNotFound) {
			return nil, err
		}
	}
	return nil, nil
}

// conversation finds or opens the conversation with the address that was chosen.
func (s *Service) conversation(ctx context.Context, tx core.Tx, d core.Dossier, decision Decision) (core.ID, error) {
	now := tx.Now()
	var a core.Address
	if decision.Address != nil {
		a = *decision.Address
		row, err := tx.Conversations().ForTurn(ctx, core.AddressKey{Channel: a.Channel, Account: a.Account, External: string(a.External)})
		if err == nil && row.Conversation.ID != "" {
			return row.Conversation.ID, nil
		}
		if err != nil && !core.IsCode(err, core.CodeNotFound) {
			return "", err
		}
	} else {
		// A number somebody typed proves nothing: the address stays without a
		// citizen, so it can be asked nothing private.
		key := s.opt.PhoneKeys(decision.Phone)[0]
		a = core.Address{ID: core.NewID(now), Channel: key.Channel, Account: key.Account, External: core.Sealed(key.External), CreatedAt: now, UpdatedAt: now}
		if err := tx.Addresses().Insert(ctx, a); err != nil {
			return "", err
		}
	}
	var contact core.DossierContact
	if err := core.OpenJSON(d.Contact, &contact); err != nil {
		return "", err
	}
	conv := core.Conversation{
		ID: core.NewID(now), AddressID: a.ID, Channel: a.Channel, Account: a.Account, CitizenID: a.CitizenID,
		Locale: contact.Locale, CreatedAt: now, UpdatedAt: now,
	}
	if conv.Locale == "" {
		conv.Locale = "vi"
	}
	return conv.ID, tx.Conversations().Insert(ctx, conv)
}

// keep stores the notice for the app's list. Its key is the state's word, or what
// happened inside the state.
func (s *Service) keep(ctx context.Context, tx core.Tx, d core.Dossier, line core.DossierEvent, convID core.ID) error {
	args, err := core.SealJSON(map[string]string{argCode: d.Code, argSeq: strconv.Itoa(line.Seq)})
	if err != nil {
		return err
	}
	now := tx.Now()
	return tx.Notices().Insert(ctx, core.Notice{
		ID: core.NewID(now), CitizenID: d.CitizenID, ConvID: convID, DossierID: d.ID,
		Key: titleKey(line), Args: args, CreatedAt: now,
	})
}

func titleKey(line core.DossierEvent) string {
	if line.From == line.To || line.To == core.StateNew {
		return "event." + line.Kind
	}
	return dossier.StateKey(line.To)
}

func seqOf(n core.Notice) (int, error) {
	var args map[string]string
	if err := core.OpenJSON(n.Args, &args); err != nil {
		return 0, err
	}
	seq, err := strconv.Atoi(args[argSeq])
	if err != nil {
		return 0, nil // a notice of another kind
	}
	return seq, nil
}
