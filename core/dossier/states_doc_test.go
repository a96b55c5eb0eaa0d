package dossier_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/motcua/motcua/core/dossier"
)

// The diagram in the documentation is drawn from the table; UPDATE_GOLDEN=1
// draws it anew.
func TestStateDiagramIsFresh(t *testing.T) {
	t.Parallel()
	const file = "../../docs/dossier-states.md"
	want := "# The states of a dossier\n\n" +
		"Drawn from the table in `core/dossier/state.go`; in brackets what the clock of the due date does, and who may take a step.\n\n" +
		"```mermaid\n" + mermaid() + "```\n\n" + inside(t)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run UPDATE_GOLDEN=1 go test ./core/dossier", file)
	}
}

// inside lists what happens to a dossier without a new official state.
func inside(t *testing.T) string {
	t.Helper()
	when := map[dossier.Act]string{
		dossier.ActAgree:        "Somebody whom the declaration names must agree. All must before the dossier is accepted; an officer may record it for whoever comes.",
		dossier.ActDecline:      "The dossier is not accepted; applicant and officer are told. An officer may record another answer at the counter.",
		dossier.ActExtend:       "An apology with a later date, once in the life of a dossier. It keeps the first date.",
		dossier.ActSendDraft:    "The applicant checks the draft until the same time next day. Not while another one is being checked.",
		dossier.ActConfirmDraft: "While a draft is being checked. When its time is over the system confirms it: silence is consent.",
		dossier.ActCorrectDraft: "While a draft is being checked and, for the applicant, its time is not over. The officer sends another one.",
	}
	var b strings.Builder
	b.WriteString("## Inside a state\n\n| state | act | who | when |\n|---|---|---|---|\n")
	for _, tr := range dossier.Transitions() {
		if tr.From != tr.To {
			continue
		}
		if when[tr.Act] == "" {
			t.Errorf("%s is not explained", tr.Act)
		}
		who := make([]string, len(tr.Who))
		for i, k := range tr.Who {
			who[i] = string(k)
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", tr.From, tr.Act, strings.Join(who, ", "), when[tr.Act])
	}
	b.WriteString("\nWhere a procedure says `draftResult`, a dossier filed from afar is completed only after its draft was confirmed. ")
	b.WriteString("A request for papers or money closes an open draft; it is sent again after it. ")
	b.WriteString("The office may pause, stop, complete or send a draft of an accepted dossier: the step into processing is written for it.\n\n")
	b.WriteString("A dossier filed at a counter belongs to nobody at first, unless its applicant is known: by the number that the officer compared with the card, of a citizen with a proved identity, or with the declared phone proved. ")
	b.WriteString("Else the applicant takes it into the app with that phone, proved, and that number; the timeline keeps a line `claimed`, in whatever state.\n")
	return b.String()
}

// mermaid draws the state machine for the documentation.
func mermaid() string {
	names := []string{"", "Mới đăng ký", "Được tiếp nhận", "Không được tiếp nhận", "Đang xử lý", "Yêu cầu bổ sung giấy tờ",
		"Yêu cầu thực hiện nghĩa vụ tài chính", "Công dân yêu cầu rút hồ sơ", "Dừng xử lý", "Đã xử lý xong", "Đã trả kết quả"}
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range dossier.States() {
		b.WriteString("    s" + strconv.Itoa(int(s)) + " : " + strconv.Itoa(int(s)) + " " + names[s] + " (" + string(dossier.ClockIn(s)) + ")\n")
	}
	for _, t := range dossier.Transitions() {
		from := "[*]"
		if t.From != 0 {
			from = "s" + strconv.Itoa(int(t.From))
		}
		who := make([]string, len(t.Who))
		for i, k := range t.Who {
			who[i] = string(k)
		}
		b.WriteString("    " + from + " --> s" + strconv.Itoa(int(t.To)) + " : " + string(t.Act) + " (" + strings.Join(who, ", ") + ")\n")
	}
	for _, s := range dossier.States() {
		if dossier.Final(s) {
			b.WriteString("    s" + strconv.Itoa(int(s)) + " --> [*]\n")
		}
	}
	return b.String()
}
