package dossier_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

func actors() []core.ActorKind {
	return []core.ActorKind{
		core.ActorAnonymous, core.ActorCitizen, core.ActorOfficer, core.ActorKiosk, core.ActorAgency, core.ActorOperator, core.ActorSystem,
	}
}

func acts() []dossier.Act {
	return []dossier.Act{
		dossier.ActSubmit, dossier.ActAccept, dossier.ActRefuse, dossier.ActStart, dossier.ActSupplement, dossier.ActRespond,
		dossier.ActPause, dossier.ActResume, dossier.ActWithdraw, dossier.ActStop, dossier.ActComplete, dossier.ActReturn,
		dossier.ActAgree, dossier.ActDecline, dossier.ActExtend, dossier.ActSendDraft, dossier.ActConfirmDraft, dossier.ActCorrectDraft,
	}
}

// The flow as the national interface has it, written a second time on purpose, with
// what happens inside a state.
func officialFlow() map[core.DossierState][]core.DossierState {
	return map[core.DossierState][]core.DossierState{
		0: {1}, 1: {1, 2, 3, 7}, 2: {2, 4, 5, 7}, 4: {4, 5, 6, 7, 8, 9}, 5: {4, 7, 8}, 6: {4, 8}, 9: {10},
	}
}

// Every state × act × actor: an allowed step follows the official flow, and all
// others are refused with the right code.
func TestNextOverTheFullProduct(t *testing.T) {
	t.Parallel()
	reached := map[core.DossierState]map[core.DossierState]bool{}
	for _, from := range append([]core.DossierState{0}, dossier.States()...) {
		for _, act := range acts() {
			possible := false
			for _, who := range actors() {
				to, err := dossier.Next(from, act, who)
				if err != nil {
					if c := core.ErrorCode(err); c != core.CodeDenied && c != core.CodeFailedPrecondition {
						t.Fatalf("Next(%d, %s, %s): %v", from, act, who, err)
					}
					continue
				}
				possible = true
				if !slices.Contains(officialFlow()[from], to) {
					t.Errorf("%s leads from %d to %d", act, from, to)
				}
				if !slices.Contains(actsIn(from, who), act) {
					t.Errorf("Acts(%d, %s) lacks %s", from, who, act)
				}
				if reached[from] == nil {
					reached[from] = map[core.DossierState]bool{}
				}
				reached[from][to] = true
			}
			// Where an act is possible, the wrong person is denied; elsewhere it is a
			// matter of the state.
			want := core.CodeFailedPrecondition
			if possible {
				want = core.CodeDenied
			}
			if _, err := dossier.Next(from, act, core.ActorOperator); !core.IsCode(err, want) {
				t.Errorf("Next(%d, %s, operator) = %v, want %s", from, act, err, want)
			}
		}
	}
	for from, tos := range officialFlow() {
		for _, to := range tos {
			if !reached[from][to] {
				t.Errorf("no act leads from %d to %d", from, to)
			}
		}
	}
}

func TestCitizensNeverDecide(t *testing.T) {
	t.Parallel()
	for _, s := range dossier.States() {
		for _, who := range []core.ActorKind{core.ActorCitizen, core.ActorAnonymous, core.ActorKiosk} {
			for _, act := range actsIn(s, who) {
				answers := []dossier.Act{
					dossier.ActWithdraw, dossier.ActRespond, dossier.ActAgree, dossier.ActDecline, dossier.ActConfirmDraft, dossier.ActCorrectDraft,
				}
				if !slices.Contains(answers, act) {
					t.Errorf("a %s may %s in state %d", who, act, s)
				}
			}
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	want := map[core.DossierState]dossier.Clock{2: dossier.ClockRunning, 4: dossier.ClockRunning, 5: dossier.ClockPaused, 6: dossier.ClockPaused}
	for _, s := range dossier.States() {
		w := dossier.ClockStopped
		if c, ok := want[s]; ok {
			w = c
		}
		if got := dossier.ClockIn(s); got != w {
			t.Errorf("ClockIn(%d) = %s, want %s", s, got, w)
		}
	}
	for _, s := range []core.DossierState{core.StateRefused, core.StateWithdrawn, core.StateStopped, core.StateReturned} {
		if !dossier.Final(s) {
			t.Errorf("state %d is not final", s)
		}
	}
}

func TestPlainWordsAreAtMostEight(t *testing.T) {
	t.Parallel()
	words := map[dossier.Plain]bool{}
	for _, s := range dossier.States() {
		words[dossier.PlainOf(s)] = true
	}
	if len(words) != 8 {
		t.Errorf("%d words for the states, want 8", len(words))
	}
}

func TestMermaidDrawsEveryTransition(t *testing.T) {
	t.Parallel()
	drawing := mermaid()
	if n := strings.Count(drawing, " --> s"); n != len(dossier.Transitions()) {
		t.Errorf("%d arrows for %d transitions:\n%s", n, len(dossier.Transitions()), drawing)
	}
	if !strings.HasPrefix(drawing, "stateDiagram-v2\n") || !strings.Contains(drawing, "s4 --> s5 : request_supplement (officer)") {
		t.Errorf("unexpected drawing:\n%s", drawing)
	}
}

// actsIn lists what a kind of actor may do in a state.
func actsIn(from core.DossierState, who core.ActorKind) []dossier.Act {
	var out []dossier.Act
	for _, t := range dossier.Transitions() {
		if t.From == from && slices.Contains(t.Who, who) {
			out = append(out, t.Act)
		}
	}
	return out
}
