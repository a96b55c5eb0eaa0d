package sqlstore

import (
	"context"

	"github.com/motcua/motcua/core"
)

type conversationRepo struct{ *txn }

const conversationCols = `c.id, c.address_id, c.channel, c.account, c.citizen_id, c.draft_id, c.locale, c.state,
	c.version, c.created_at, c.updated_at`

func conversationDest(c *core.Conversation) []any {
	return []any{(*text)(&c.ID), (*text)(&c.AddressID), (*text)(&c.Channel), (*text)(&c.Account),
		(*text)(&c.CitizenID), (*text)(&c.DraftID), (*text)(&c.Locale), (*octets)(&c.State),
		(*number)(&c.Version), (*stamp)(&c.CreatedAt), (*stamp)(&c.UpdatedAt)}
}

// A turn reads everything it needs at once. The citizen is the address's, or the
// one the conversation knows of while the address is not linked.
const turnSelect = `select ` + addressCols + `, ` + conversationCols + `, ` + draftCols + `, ` + citizenCols + `
	from addresses a
	left join conversations c on c.address_id = a.id
	left join drafts d on d.id = c.draft_id
	left join citizens z on z.id = case when a.citizen_id <> '' then a.citizen_id else c.citizen_id end
	where `

func (r conversationRepo) turn(op, where string, arg any) (core.TurnRow, error) {
	var (
		t core.TurnRow
		d core.Draft
		z core.Citizen
	)
	dest := addressDest(&t.Address)
	dest = append(dest, conversationDest(&t.Conversation)...)
	dest = append(dest, draftDest(&d)...)
	dest = append(dest, citizenDest(&z)...)
	if err := r.QueryRow(op, turnSelect+where, dest, arg); err != nil {
		return core.TurnRow{}, err
	}
	if err := r.open("addresses.external", t.Address.ID, &t.Address.External); err != nil {
		return core.TurnRow{}, err
	}
	if err := r.open("conversations.state", t.Conversation.ID, &t.Conversation.State); err != nil {
		return core.TurnRow{}, err
	}
	if d.ID != "" {
		if err := r.open("drafts.answers", d.ID, &d.Answers); err != nil {
			return core.TurnRow{}, err
		}
		t.Draft = &d
	}
	if z.ID != "" {
		if err := r.open("citizens.profile", z.ID, &z.Profile); err != nil {
			return core.TurnRow{}, err
		}
		t.Citizen = &z
	}
	return t, nil
}

func (r conversationRepo) ForTurn(_ context.Context, key core.AddressKey) (core.TurnRow, error) {
	return r.turn("conversation.for_turn", `a.key_hash = $1`, r.addressHash(key))
}

func (r conversationRepo) ForTurnByID(_ context.Context, id core.ID) (core.TurnRow, error) {
	return r.turn("conversation.for_turn", `c.id = $1`, id)
}

func (r conversationRepo) Get(_ context.Context, id core.ID) (core.Conversation, error) {
	var c core.Conversation
	err := r.QueryRow("conversation.get", `select `+conversationCols+` from conversations c where c.id = $1`,
		conversationDest(&c), id)
	if err != nil {
		return core.Conversation{}, err
	}
	return c, r.open("conversations.state", c.ID, &c.State)
}

func (r conversationRepo) Insert(_ context.Context, c core.Conversation) error {
	return r.Exec("conversation.insert",
		`insert into conversations (id, address_id, channel, account, citizen_id, draft_id, locale, state,
		 version, created_at, updated_at) values ($1,$2,$3,$4,$5,$6,$7,$8,1,$9,$10)`,
		c.ID, c.AddressID, c.Channel, c.Account, c.CitizenID, c.DraftID, c.Locale,
		r.seal("conversations.state", c.ID, c.State), orNow(c.CreatedAt, r.at), orNow(c.UpdatedAt, r.at))
}

func (r conversationRepo) Save(_ context.Context, c core.Conversation) error {
	return r.ExecOne("conversation.save", core.CodeConflict,
		`update conversations set citizen_id = $3, draft_id = $4, locale = $5, state = $6, updated_at = $7,
		 version = version + 1 where id = $1 and version = $2`,
		c.ID, c.Version, c.CitizenID, c.DraftID, c.Locale, r.seal("conversations.state", c.ID, c.State),
		r.at)
}

func (r conversationRepo) ByDraft(_ context.Context, draftID core.ID) ([]core.Conversation, error) {
	var out []core.Conversation
	err := r.Query("conversation.by_draft",
		`select `+conversationCols+` from conversations c where c.draft_id = $1 and c.draft_id <> '' order by c.id`,
		func(w row) error {
			var c core.Conversation
			if err := w.Scan(conversationDest(&c)...); err != nil {
				return err
			}
			if err := r.open("conversations.state", c.ID, &c.State); err != nil {
				return err
			}
			out = append(out, c)
			return nil
		}, draftID)
	return out, err
}
