package dossier_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// A look-up reads no more of a dossier than its status is made of
// (DossierRepo.StatusByCode): a status that needs more has to read more.
func TestStatusNeedsWhatIsRead(t *testing.T) {
	t.Parallel()
	s := dossier.New(testPack(t))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for state := core.StateNew; state <= core.StateNew+20; state++ {
		for bits := range 16 {
			whole := core.Dossier{
				ID: "1", Code: "H29.26740-261123-0001", ProcedureCode: "1.004873", ProcedureVersion: "2026-07-01", FormVersion: "1", Agency: "H29",
				Office: "26740", CitizenID: "c", ConvID: "v", DraftID: "d", Contact: core.Sealed("{}"), Canonical: core.Sealed("{}"), Hash: "h",
				State: state, NeedsProof: bits&1 != 0, Confidential: bits&2 != 0, FiledBy: core.ActorOfficer, SubmittedAt: now.Add(-9 * time.Hour),
				AcceptedAt: now.Add(-8 * time.Hour), ExpectedAt: now.Add(time.Hour), DueAt: now.Add(-time.Hour), OriginalDueAt: now.Add(-2 * time.Hour),
				AnswerBy: now.Add(2 * time.Hour), ClockPausedAt: now.Add(-time.Minute), PausedFor: time.Minute, DoneAt: now, Round: 2, Version: 7, UpdatedAt: now,
			}
			if bits&4 != 0 {
				whole.ResultDraft = core.ResultDraftSent
			}
			read := core.Dossier{
				ID: whole.ID, Code: whole.Code, ProcedureCode: whole.ProcedureCode, Office: whole.Office, CitizenID: whole.CitizenID,
				State: whole.State, NeedsProof: whole.NeedsProof, Confidential: whole.Confidential, ExpectedAt: whole.ExpectedAt,
				DueAt: whole.DueAt, AnswerBy: whole.AnswerBy, ResultDraft: whole.ResultDraft,
			}
			owner := bits&8 != 0
			if a, b := s.StatusOf(whole, "", owner, now), s.StatusOf(read, "", owner, now); !reflect.DeepEqual(a, b) {
				t.Errorf("state %d: %+v of all, %+v of what is read", state, a, b)
			}
			v := dossier.Viewer{CitizenID: "c", Assurance: core.AssuranceAddress, Private: true}
			if !dossier.SeesDetails(whole, v) || !dossier.SeesDetails(read, v) {
				t.Error("the applicant does not see the details")
			}
		}
	}
}
