package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/vault"
)

// Prepared is a draft made ready to submit: everything that can be worked out
// without the store, so that the transaction only writes.
type Prepared struct {
	DraftID          core.ID
	ProcedureCode    string
	ProcedureVersion string
	FormVersion      string
	Agency           string // organisation code that numbers it
	Office           string // ward code
	Contact          core.DossierContact
	Canonical        []byte
	Hash             string // SHA-256 of Canonical, hex
	Manifest         []vault.Item
	Files, Pages     int             // of the manifest together
	Left             []string        // papers that may be needed and are not there: brought or looked up later
	Cosigners        []form.Cosigner // who must agree, each asked when it is filed
	MinAssurance     core.Assurance
	Confidential     bool

	basis string // hash of the stored answers that were prepared
}

// Prepare checks an application and makes its canonical bytes. Submitting is the
// legal declaration, so consents count as given: the caller has put the question.
//
// Errors: invalid with a violation for each field, "fact.<key>", "paper.<key>" and
// "office" in the order of the steps; failed_precondition with key
// "error.page.pending" or "error.draft.closed".
func (a *Application) Prepare(papers []core.Paper) (Prepared, error) {
	const op = "dossier.prepare"
	if err := a.open(op); err != nil {
		return Prepared{}, err
	}
	sealed, err := core.SealJSON(a.answers)
	if err != nil {
		return Prepared{}, err
	}
	st := a.consented()
	bad := st.Validate()
	for _, f := range a.askedFacts() {
		if a.Facts()[f.Key] == "" {
			bad = append(bad, core.Violation{Field: "fact." + f.Key, Key: "field.required"})
		}
	}
	manifest, err := vault.Manifest(papers, 0)
	if err != nil {
		return Prepared{}, err
	}
	manifest, left, missing := a.papersFor(manifest)
	bad = append(bad, missing...)
	office := a.Office()
	if _, ok := a.svc.cat.Ward(office); !ok {
		bad = append(bad, core.Violation{Field: "office", Key: "field.required"})
	}
	if len(bad) > 0 {
		return Prepared{}, core.Invalid(op, bad...)
	}
	p := Prepared{
		DraftID: a.draft.ID, ProcedureCode: a.Procedure.Code, ProcedureVersion: a.Procedure.Version, FormVersion: a.Form.Version(),
		Agency: a.svc.cat.OrganisationCode(office), Office: office, Contact: a.contact(st), Manifest: manifest, Left: left,
		MinAssurance: a.Procedure.Assurance.Level, Confidential: a.Procedure.Confidential, basis: basisOf(sealed),
	}
	for _, item := range manifest {
		p.Files += len(item.SHA256)
		p.Pages += item.Pages
	}
	p.Cosigners = st.Cosigners()
	if p.Canonical, err = canonical(a, st, manifest); err != nil {
		return Prepared{}, err
	}
	p.Hash = form.HashBytes(p.Canonical)
	return p, nil
}

// consented is the form's state with every consent given.
func (a *Application) consented() *form.State {
	consents := a.State().Consents()
	if len(consents) == 0 {
		return a.State()
	}
	fields := form.Answers{}
	for k, v := range a.answers.Fields {
		fields[k] = v
	}
	for _, key := range consents {
		fields[key] = core.DraftAnswer{Value: true}
	}
	return a.Form.Resolve(fields, a.Facts(), a.now)
}

// papersFor keeps what the case needs of a manifest, so that a picture sent for a
// paper that turned out unneeded does not change the dossier.
func (a *Application) papersFor(all []vault.Item) (kept []vault.Item, left []string, missing []core.Violation) {
	asked := a.askedPapers()
	for _, item := range a.Papers() {
		key := item.Requirement.Key
		i := slices.IndexFunc(all, func(m vault.Item) bool { return m.Requirement == key })
		at := slices.IndexFunc(asked, func(x catalog.Item) bool { return x.Requirement.Key == key })
		switch {
		case i >= 0 && item.Requirement.Single && len(all[i].SHA256) > 1:
			missing = append(missing, core.Violation{Field: "paper." + key, Key: "error.paper.single"})
		case i >= 0:
			kept = append(kept, all[i])
		case at < 0 || a.instead(item, all):
		case asked[at].MustHave():
			missing = append(missing, core.Violation{Field: "paper." + key, Key: "error.paper.missing"})
		default:
			left = append(left, key)
		}
	}
	slices.SortFunc(kept, func(x, y vault.Item) int {
		if x.Requirement < y.Requirement {
			return -1
		}
		return 1
	})
	return kept, left, missing
}

// contact reads who the applicant is and how they are reached off the form: its
// first name, number, phone and e-mail.
func (a *Application) contact(st *form.State) core.DossierContact {
	var c core.DossierContact
	for _, key := range st.Visible() {
		f, _ := a.Form.Field(key)
		v, _ := st.Value(key)
		s, _ := v.(string)
		switch {
		case s == "":
		case f.Type == "person_name" && c.Name == "":
			c.Name = s
		case f.Type == "personal_id" && c.PersonalID == "":
			c.PersonalID = s
		case f.Type == "phone" && c.Phone == "":
			c.Phone = s
		case f.Type == "email" && c.Email == "":
			c.Email = s
		}
	}
	return c
}

// canonical makes the bytes that are submitted. Nothing of channel, id, time or
// actor is in them.
func canonical(a *Application, st *form.State, manifest []vault.Item) ([]byte, error) {
	papers := make([]any, len(manifest))
	for i, item := range manifest {
		papers[i] = map[string]any{"requirement": item.Requirement, "pages": int64(item.Pages), "sha256": item.SHA256}
	}
	facts := map[string]any{}
	for k, v := range a.Facts() {
		facts[k] = v
	}
	return form.Canonical(map[string]any{
		"procedure": a.Procedure.Code, "procedureVersion": a.Procedure.Version,
		"form": a.Form.ID(), "formVersion": a.Form.Version(),
		"answers": st.Canonical(), "facts": facts, "manifest": papers,
	})
}

func basisOf(answers core.Sealed) string {
	sum := sha256.Sum256(answers)
	return hex.EncodeToString(sum[:])
}

// Submitter is who submits, from where.
type Submitter struct {
	Actor     core.Actor
	CitizenID core.ID
	ConvID    core.ID // told of changes; "" if none
	Assurance core.Assurance
	Locale    string
	Phone     string // E.164 of the citizen's proved number, used when the form has none
}

// Submit files a prepared draft: dossier, manifest, code, first timeline line and
// the job that tells of it commit together or not at all. A draft that was
// submitted before gives its dossier back, so a double tap has one effect.
//
// A draft that belongs to a citizen is filed for that citizen: somebody who only
// holds it, in a chat it was moved to by code, proves nothing about its owner.
//
// Errors: conflict when answers or papers changed since Prepare, or when another
// submission of the draft won (read again, and it is found);
// failed_precondition with key "error.draft.closed" for a dropped draft.
func (s *Service) Submit(ctx context.Context, tx core.Tx, p Prepared, by Submitter) (core.Dossier, error) {
	const op = "dossier.submit"
	d, err := tx.Drafts().Get(ctx, p.DraftID)
	if err != nil {
		return core.Dossier{}, err
	}
	switch {
	case d.State == core.DraftSubmitted:
		return tx.Dossiers().ByDraft(ctx, d.ID)
	case d.State != core.DraftOpen:
		return core.Dossier{}, core.E(core.CodeFailedPrecondition, op, "error.draft.closed", nil)
	case basisOf(d.Answers) != p.basis:
		return core.Dossier{}, core.Ef(core.CodeConflict, op, "", "the answers of draft %s changed since they were prepared", d.ID)
	}
	if err := s.samePapers(ctx, tx, op, p); err != nil {
		return core.Dossier{}, err
	}
	if _, err := Next(0, ActSubmit, by.Actor.Kind); err != nil {
		return core.Dossier{}, err
	}
	proc, ok := s.cat.ProcedureVersion(p.ProcedureCode, p.ProcedureVersion)
	if !ok {
		return core.Dossier{}, core.Ef(core.CodeInternal, op, "", "procedure %s version %s is not in the pack", p.ProcedureCode, p.ProcedureVersion)
	}
	if d.CitizenID != "" && d.CitizenID != by.CitizenID {
		by.CitizenID, by.Assurance, by.Phone = d.CitizenID, core.AssuranceNone, ""
	}
	if by.Actor.Kind == core.ActorOfficer {
		if by.CitizenID, err = applicant(ctx, tx, p.Contact); err != nil {
			return core.Dossier{}, err
		}
	}
	dossier, err := s.filed(p, by, proc, tx)
	if err != nil {
		return core.Dossier{}, err
	}
	d.State, d.DossierID, d.Office, d.UpdatedAt = core.DraftSubmitted, dossier.ID, p.Office, tx.Now()
	if d.CitizenID == "" {
		d.CitizenID = by.CitizenID
	}
	if err := tx.Drafts().Save(ctx, d); err != nil {
		return core.Dossier{}, err
	}
	if err := s.changed(ctx, tx, dossier.ID, 1); err != nil {
		return core.Dossier{}, err
	}
	// The counter of the agency's day is the last lock; what follows only inserts
	// rows that nobody else can want.
	day := Day(dossier.SubmittedAt)
	n, err := tx.Dossiers().NextNumber(ctx, p.Agency, day)
	if err != nil {
		return core.Dossier{}, err
	}
	dossier.Code = NewCode(p.Agency, dossier.SubmittedAt, n)
	if err := tx.Dossiers().Insert(ctx, dossier); err != nil {
		return core.Dossier{}, err
	}
	if err := tx.Papers().SetDossier(ctx, d.ID, dossier.ID); err != nil {
		return core.Dossier{}, err
	}
	c := change{s: s, tx: tx, by: By{Actor: by.Actor}, d: dossier}
	if err := c.askCosigners(ctx, p.Cosigners); err != nil {
		return core.Dossier{}, err
	}
	if err := s.audit(ctx, tx, c.by, opPrefix+string(ActSubmit), dossier); err != nil {
		return core.Dossier{}, err
	}
	return dossier, c.event(ctx, 0, core.StateNew, ActSubmit.Kind(), "", Note{})
}

// filed makes the dossier without its code.
func (s *Service) filed(p Prepared, by Submitter, proc *catalog.Procedure, tx core.Tx) (core.Dossier, error) {
	now := tx.Now()
	contact := p.Contact
	if contact.Phone == "" {
		contact.Phone = by.Phone
	}
	contact.Locale = by.Locale
	if by.Actor.Kind != core.ActorOfficer {
		contact.PersonalID = "" // nobody compared it with a card
	}
	sealed, err := core.SealJSON(contact)
	if err != nil {
		return core.Dossier{}, err
	}
	return core.Dossier{
		ID: core.NewID(now), ProcedureCode: p.ProcedureCode, ProcedureVersion: p.ProcedureVersion, FormVersion: p.FormVersion,
		Agency: p.Agency, Office: p.Office, CitizenID: by.CitizenID, ConvID: by.ConvID, DraftID: p.DraftID,
		Contact: sealed, ContactPhone: contact.Phone, Canonical: core.Sealed(p.Canonical), Hash: p.Hash,
		State: core.StateNew, NeedsProof: by.Assurance < p.MinAssurance, Confidential: p.Confidential,
		FiledBy: by.Actor.Kind, SubmittedAt: now, ExpectedAt: Expected(s.calendar(p.Office), proc.TimeLimit, now), Version: 1, UpdatedAt: now,
	}, nil
}

// samePapers refuses a submission whose pages are not those that were prepared.
func (s *Service) samePapers(ctx context.Context, tx core.Tx, op string, p Prepared) error {
	papers, err := tx.Papers().ByDraft(ctx, p.DraftID)
	if err != nil {
		return err
	}
	stored, err := vault.Manifest(papers, 0)
	if err != nil {
		return err
	}
	changed := func(key string, want []string) bool {
		i := slices.IndexFunc(stored, func(m vault.Item) bool { return m.Requirement == key })
		if i < 0 {
			return len(want) > 0
		}
		return !slices.Equal(stored[i].SHA256, want)
	}
	stale := slices.ContainsFunc(p.Left, func(key string) bool { return changed(key, nil) }) ||
		slices.ContainsFunc(p.Manifest, func(m vault.Item) bool { return changed(m.Requirement, m.SHA256) })
	if stale {
		return core.Ef(core.CodeConflict, op, "", "the papers of draft %s changed since they were prepared", p.DraftID)
	}
	return nil
}

// AddCode records another number a dossier is known by, for example the one of
// the national portal. The official one stays.
func (s *Service) AddCode(ctx context.Context, tx core.Tx, dossierID core.ID, code, issuer string) error {
	c, ok := ParseCode(code)
	if !ok {
		return core.Invalid("dossier.add_code", core.Violation{Field: "code", Key: "error.code.format"})
	}
	return tx.Dossiers().AddCode(ctx, core.DossierCode{Code: c.String(), DossierID: dossierID, Issuer: issuer, CreatedAt: tx.Now()})
}
