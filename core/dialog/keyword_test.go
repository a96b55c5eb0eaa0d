package dialog_test

import "testing"

// The keywords of the city's short code lead where their words say, and a question
// that is open is not lost over them.
func TestKeywordsOfTheShortCode(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	for _, tc := range []struct {
		name, say, want string
		at              int // question that is open; 0 for none
	}{
		{"a procedure by its keyword", "TTHC XAC NHAN DOC THAN", "card", 0},
		{"several procedures", "TTHC dat dai", "search.results", 0},
		{"the keyword alone asks for words", "TTHC", "search.ask", 0},
		{"words that fit nothing", "TTHC zzzz qqqq", "error.lost", 0},
		{"an office by its ward", "DIACHI SAI GON", "office.found", 0},
		{"a ward that is none", "DIACHI zzzz qqqq", "error.place.none", 0},
		{"a place outside the city", "DIACHI Da Lat", "error.place.outside", 0},
		{"the keyword of places alone", "DIACHI", "office.ask", 0},
		{"a dossier by the former keyword", "HSHC H29.26740-260312-0042", "error.dossier.unknown", 0},
		{"the former keyword alone", "HSHC", "status.ask", 0},
		{"TTHC before an open question", "TTHC XAC NHAN DOC THAN", "card", 3},
		{"DIACHI where it is no answer", "DIACHI SAI GON", "office.found", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cat, noon())
			c := w.talk("a", shortCaps())
			if tc.at > 0 {
				c = applying(t, w, shortCaps(), tc.at)
			}
			c.say(tc.say)
			if got := c.last[len(c.last)-1].Key; got != tc.want {
				t.Errorf("%q leads to %s, want %s", tc.say, keys(c.last), tc.want)
			}
			if tc.at > 0 {
				c.say("TIEP TUC")
				if got := c.last[len(c.last)-1]; got.Key != "ask" || got.Args["n"] != "3" {
					t.Errorf("the question is lost: %s %v", keys(c.last), got.Args)
				}
			}
		})
	}
}
