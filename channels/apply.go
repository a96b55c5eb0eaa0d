package channels

import (
	"context"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/identity"
	"github.com/motcua/motcua/core/vault"
)

// apply performs the commands of a turn in its transaction, in order, and gives
// the prompts with what only the transaction knows (code, due date) filled in.
func (g *Gateway) apply(ctx context.Context, tx core.Tx, adapter Adapter, in dialog.Input, out dialog.Output) ([]core.Prompt, error) {
	if len(out.Commands) == 0 {
		return out.Prompts, nil
	}
	// The closure may run again: the turn's own prompts stay untouched.
	prompts := make([]core.Prompt, len(out.Prompts))
	for i, p := range out.Prompts {
		args := make(map[string]string, len(p.Args)+4)
		for k, v := range p.Args {
			args[k] = v
		}
		p.Args = args
		prompts[i] = p
	}
	for _, c := range out.Commands {
		if err := g.applyOne(ctx, tx, adapter, in, out, c, prompts); err != nil {
			return nil, err
		}
	}
	return prompts, nil
}

func (g *Gateway) applyOne(ctx context.Context, tx core.Tx, adapter Adapter, in dialog.Input, out dialog.Output, c dialog.Command, prompts []core.Prompt) error {
	conv := out.Conversation
	switch c := c.(type) {
	case dialog.AddPages:
		return g.addPages(ctx, tx, adapter, conv, c)
	case dialog.RemovePage:
		return removePage(ctx, tx, c.PageID)
	case dialog.Submit:
		d, err := g.svc.Dossiers.Submit(ctx, tx, c.Prepared, dossier.Submitter{
			Actor: actorOf(in), CitizenID: conv.CitizenID, ConvID: conv.ID,
			Assurance: in.Row.Address.Assurance, Locale: conv.Locale, Phone: provedPhone(in),
		})
		if err != nil {
			return err
		}
		g.fill(prompts, c.Prompt, d)
		return nil
	case dialog.RespondSupplement:
		d, err := g.svc.Dossiers.RespondToSupplement(ctx, tx, dossier.By{Actor: actorOf(in)}, c.DossierID)
		if err != nil {
			return err
		}
		g.fill(prompts, c.Prompt, d)
		return nil
	case dialog.Withdraw:
		d, err := g.svc.Dossiers.Withdraw(ctx, tx, dossier.By{Actor: actorOf(in)}, c.DossierID)
		if err != nil {
			return err
		}
		g.fill(prompts, c.Prompt, d)
		return nil
	case dialog.AnswerDraft:
		return g.answerDraft(ctx, tx, in, c, prompts)
	case dialog.AnswerCosign:
		_, err := g.svc.Dossiers.AnswerCosign(ctx, tx, dossier.By{Actor: actorOf(in)}, c.CosignID, c.Digits, c.Agree)
		return again("channels.answer_cosign", err)
	case dialog.CreateHandOff:
		now := tx.Now()
		return tx.HandOffs().Insert(ctx, c.Code, core.HandOff{
			DraftID: c.DraftID, FromConv: conv.ID, CreatedAt: now, ExpiresAt: now.Add(identity.HandOffLife),
		})
	case dialog.RedeemHandOff:
		return g.redeem(ctx, tx, in, conv, c)
	case dialog.CreateLink:
		return tx.Links().Insert(ctx, c.Token, core.Link{
			DraftID: c.DraftID, DossierID: c.DossierID, ConvID: conv.ID, CreatedAt: tx.Now(), ExpiresAt: c.ExpiresAt,
		})
	case dialog.AskPerson:
		return g.askPerson(ctx, tx, in, conv, c)
	case dialog.NoteGap:
		return tx.Gaps().Note(ctx, core.GapNote{Query: c.Query, Asker: asker(conv), Kind: c.Kind})
	case dialog.SetNotices:
		return g.svc.Identity.SetNotices(ctx, tx, conv.AddressID, !c.Stop)
	case dialog.ProveAddress:
		return g.prove(ctx, tx, in, out, c)
	case dialog.Timer:
		return setTimer(ctx, tx, conv, c)
	}
	return core.Ef(core.CodeInternal, "channels.apply", "", "command %T has no effect", c)
}

func (g *Gateway) answerDraft(ctx context.Context, tx core.Tx, in dialog.Input, c dialog.AnswerDraft, prompts []core.Prompt) error {
	by := dossier.By{Actor: actorOf(in)}
	var d core.Dossier
	var err error
	if c.Right {
		d, err = g.svc.Dossiers.ConfirmDraft(ctx, tx, by, c.DossierID)
	} else {
		d, err = g.svc.Dossiers.CorrectDraft(ctx, tx, by, c.DossierID, c.Words)
	}
	if err != nil {
		return again("channels.answer_draft", err)
	}
	g.fill(prompts, c.Prompt, d)
	return nil
}

// again makes a conflict of what is no longer possible since the turn read it: the
// turn is taken again and answers what is true then.
func again(op string, err error) error {
	if core.IsCode(err, core.CodeFailedPrecondition) {
		return core.E(core.CodeConflict, op, "", err)
	}
	return err
}

// provedPhone is the number the citizen behind this conversation proved, "" if
// none.
func provedPhone(in dialog.Input) string {
	if in.Row.Citizen == nil || in.Row.Citizen.Assurance < core.AssuranceAddress {
		return ""
	}
	var p core.CitizenProfile
	if err := core.OpenJSON(in.Row.Citizen.Profile, &p); err != nil {
		return "" // an unreadable profile proves nothing
	}
	return p.Phone
}

// fill puts the result of a command into the prompt that announces it.
func (g *Gateway) fill(prompts []core.Prompt, i int, d core.Dossier) {
	if i >= 0 && i < len(prompts) {
		g.engine.FillSubmitted(&prompts[i], d)
	}
}

func actorOf(in dialog.Input) core.Actor {
	return core.Actor{
		Kind: core.ActorCitizen, ID: in.Row.Conversation.CitizenID, Session: in.Row.Conversation.ID,
		Assurance: in.Row.Address.Assurance,
	}
}

// asker names who asked something, for counting different people: the citizen, or
// the address of somebody nobody knows.
func asker(conv core.Conversation) string {
	if conv.CitizenID != "" {
		return string(core.ActorCitizen) + ":" + string(conv.CitizenID)
	}
	return "address:" + string(conv.AddressID)
}

func (g *Gateway) addPages(ctx context.Context, tx core.Tx, adapter Adapter, conv core.Conversation, c dialog.AddPages) error {
	acc := adapter.Account()
	for _, p := range c.Pages {
		if _, err := g.svc.Vault.AddPending(ctx, tx, vault.NewPage{
			ID: p.ID, DraftID: c.DraftID, DossierID: c.DossierID, Requirement: c.Requirement, Round: c.Round,
			Group: c.Group, Channel: string(acc.Kind), Account: acc.Name, ConvID: conv.ID, Name: p.Media.Name,
		}, p.Media); err != nil {
			return err
		}
	}
	return nil
}

func removePage(ctx context.Context, tx core.Tx, id core.ID) error {
	p, err := tx.Papers().Page(ctx, id)
	if err != nil || p.State == core.PageRemoved {
		return err
	}
	from := p.State
	p.State = core.PageRemoved
	return tx.Papers().SavePage(ctx, p, from)
}

// redeem moves a draft into this conversation. A code that meanwhile was used or
// ran out is a conflict: the turn is taken again and answers what is true then.
func (g *Gateway) redeem(ctx context.Context, tx core.Tx, in dialog.Input, conv core.Conversation, c dialog.RedeemHandOff) error {
	_, err := g.svc.Identity.Redeem(ctx, tx, c.Code, identity.To{
		ConvID: conv.ID, Channel: conv.Channel, CitizenID: conv.CitizenID, Assurance: in.Row.Address.Assurance,
	})
	switch core.ErrorCode(err) {
	case core.CodeFailedPrecondition, core.CodeNotFound:
		return core.E(core.CodeConflict, "channels.redeem", "", err)
	}
	return err
}

// askPerson puts the conversation into the queue once, however often it asks.
func (g *Gateway) askPerson(ctx context.Context, tx core.Tx, in dialog.Input, conv core.Conversation, c dialog.AskPerson) error {
	if in.Row.Conversation.Version > 0 {
		_, err := tx.Handovers().OpenByConversation(ctx, conv.ID)
		if err == nil || !core.IsCode(err, core.CodeNotFound) {
			return err
		}
	}
	now := tx.Now()
	return tx.Handovers().Insert(ctx, core.Handover{
		ID: core.NewID(now), ConvID: conv.ID, DraftID: conv.DraftID, Office: c.Office, Reason: c.Reason,
		Context: core.Sealed(c.Said), CreatedAt: now,
	})
}

// prove raises the address when its vendor vouches for the phone number, and
// binds the conversation to the citizen behind it.
func (g *Gateway) prove(ctx context.Context, tx core.Tx, in dialog.Input, out dialog.Output, c dialog.ProveAddress) error {
	_, a, err := g.svc.Identity.Prove(ctx, tx, in.Row.Address, c.Phone, g.same(c.Phone)...)
	if err != nil {
		return err
	}
	conv := out.Conversation
	conv.CitizenID = a.CitizenID
	conv.Version = in.Row.Conversation.Version + 1
	return tx.Conversations().Save(ctx, conv)
}

// setTimer lets an event come to this conversation later.
func setTimer(ctx context.Context, tx core.Tx, conv core.Conversation, c dialog.Timer) error {
	at := tx.Now().Add(c.After)
	job, err := identity.DoorEvent{
		ID: "timer:" + string(c.Event) + ":" + string(core.NewID(tx.Now())), ConvID: conv.ID,
		Kind: c.Event, Group: c.Group, Seq: c.Seq, DraftID: conv.DraftID,
	}.Job(core.LaneReply)
	if err != nil {
		return err
	}
	job.RunAt = at
	return tx.Enqueue(ctx, job)
}
