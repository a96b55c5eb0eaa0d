package channeltest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
	"github.com/motcua/motcua/internal/simkit"
)

// oddTexts are what telephones and people make of words.
func oddTexts() []string {
	return []string{
		"khai sinh", // NFD
		"ＫＨＡＩ　ＳＩＮＨ　１２３",                     // full width
		"khai\u200b\u200d\ufeff sinh",       // zero width
		"\u202ekhai sinh\u202c",             // direction overrides
		"🙏🏽 khai sinh 👨‍👩‍👧 ✅",              // emoji
		"“khai sinh” ‘con’ – …",             // what a telephone makes of quotes
		"khai\x07\x1b[31m sinh\x7f",         // control bytes
		"khai\x00sinh",                      // a byte no store takes
		"\xff\xfekhai sinh",                 // no UTF-8
		strings.Repeat("a\u0301\u0302", 40), // accents on accents
		"\t \n  ",                           // nothing
		"'; DROP TABLE conversations; --", "<b>khai sinh</b> &amp; {{.}}", "%s%n{0}${jndi:x}",
	}
}

// sendVeryLong: a channel without a limit takes any text whole.
func (x *exam) sendVeryLong() {
	said := strings.Repeat("Xin chào. ", 5000)
	if _, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: said}); err != nil {
		x.t.Fatalf("send: %v", err)
	}
	if got := x.Received(); len(got) != 1 || got[0] != said {
		x.t.Errorf("%d messages received, want the one that was sent", len(got))
	}
}

// sendThroughTransport: every call of the vendor went through the transport that
// the adapter was given, or nobody could say where it goes.
func (x *exam) sendThroughTransport() {
	if _, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"}); err != nil {
		x.t.Fatal(err)
	}
	x.guard.mu.Lock()
	defer x.guard.mu.Unlock()
	if n := len(x.Journal.Calls("")); x.guard.passed == 0 || x.guard.passed < n {
		x.t.Errorf("the vendor saw %d calls, the transport %d", n, x.guard.passed)
	}
}

// secretsHidden: whoever prints the adapter, or an error of it, prints no secret;
// and the redaction of logs knows every one.
func (x *exam) secretsHidden() {
	for _, s := range x.Planted {
		if !slices.Contains(x.Adapter.Secrets(), s) {
			x.t.Errorf("Secrets does not list %d characters that the adapter was made with", len(s))
		}
	}
	for _, f := range []simkit.Fault{simkit.ServerError(), simkit.BadGateway(), simkit.CutBefore()} {
		x.fresh()
		x.Faults.Next(x.SendCall, f)
		if _, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"}); err == nil {
			x.t.Errorf("%s: no error", f.Name)
		}
	}
	// begin looks through what was printed, the adapter itself included.
}

// parseRotated: while a secret is replaced, both are good.
func (x *exam) parseRotated() {
	r := x.receiver()
	in, err := x.parse(r, x.Rotated("Xin chào"))
	if err != nil || len(in.Events) != 1 || in.Events[0].Text != "Xin chào" {
		x.t.Errorf("signed with the secret that is being replaced: %+v, %v", in, err)
	}
}

// parseElsewhere: what is authentic for another account of the vendor is not ours.
func (x *exam) parseElsewhere() {
	r := x.receiver()
	for _, q := range x.Elsewhere {
		in, err := x.parse(r, q)
		if code := core.ErrorCode(err); code != "" && code != x.Refusal {
			x.t.Errorf("%s: code %q", q.Name, code)
		}
		if len(in.Events)+len(in.Statuses) != 0 || err == nil && in.Ignored == 0 {
			x.t.Errorf("%s: %+v, %v; want it refused or counted", q.Name, in, err)
		}
	}
}

// parseSkew: a protocol that signs a time refuses what is too old, or not yet; one
// that does not takes a message whatever a clock says.
func (x *exam) parseSkew() {
	r := x.receiver()
	if len(x.Skewed)+len(x.AnyTime) == 0 {
		x.t.Fatal("the Bench tells nothing about clocks: Skewed or AnyTime")
	}
	for _, q := range x.Skewed {
		if in, err := x.parse(r, q); err != nil || len(in.Events) != 0 || in.Ignored == 0 {
			x.t.Errorf("%s: %+v, %v; want it ignored", q.Name, in, err)
		}
	}
	for _, q := range x.AnyTime {
		if in, err := x.parse(r, q); err != nil || len(in.Events) != 1 {
			x.t.Errorf("%s: %+v, %v; want an event", q.Name, in, err)
		}
	}
}

// parseOddText: what was written arrives as it was meant, or is counted.
func (x *exam) parseOddText() {
	r := x.receiver()
	for _, said := range oddTexts() {
		in, err := x.parse(r, x.Message(said))
		if err != nil || len(in.Events)+in.Ignored == 0 {
			x.t.Errorf("%q: %+v, %v", said, in, err)
			continue
		}
		for _, ev := range in.Events {
			if !utf8.ValidString(ev.Text) {
				x.t.Errorf("%q: the text is no UTF-8", said)
			}
			if utf8.ValidString(said) && text.Fold(ev.Text) != text.Fold(said) {
				x.t.Errorf("%q arrives as %q", said, ev.Text)
			}
		}
	}
}

// parseHugeIDs: ids are names, not numbers; no digit is lost.
func (x *exam) parseHugeIDs() {
	in, err := x.parse(x.receiver(), x.Huge.Request)
	if err != nil || len(in.Events) != 1 || in.Events[0].ID != x.Huge.ID || in.Events[0].External != x.Huge.External {
		x.t.Errorf("%+v, %v; want id %q of %q", in, err, x.Huge.ID, x.Huge.External)
	}
}

// parseConcurrently: one adapter value reads for all goroutines.
func (x *exam) parseConcurrently() {
	r := x.receiver()
	var wg sync.WaitGroup
	for i := range 16 {
		said := fmt.Sprintf("so %02d", i)
		q := x.Message(said)
		wg.Go(func() {
			in, err := r.Parse(q.build(), []byte(q.Body))
			if err != nil || len(in.Events) != 1 || in.Events[0].Text != said {
				x.t.Errorf("%s: %+v, %v", said, in, err)
			}
		})
	}
	wg.Wait()
}

// noReports: where nothing is told later, the answer to the call is all there is.
func (x *exam) noReports() {
	_, asks := x.Adapter.(channels.Asker)
	sent, err := x.send(x.t.Context(), channels.Outbound{To: x.To, Text: "a"})
	if err != nil || sent.State.Rank() < core.ReceiptSent.Rank() || sent.External == "" || x.Reports != nil || asks {
		x.t.Errorf("sent %+v, %v; asks: %v", sent, err, asks)
	}
}

// rendered renders a prompt for the record and sends it.
func (x *exam) rendered(p core.Prompt) []channels.Outbound {
	x.t.Helper()
	p.Locale = text.VI
	parts := channels.NewRenderer(x.world.catalog(x.t).Messages()).Render(p, x.Adapter.Capabilities())
	x.sends++
	for i, out := range parts {
		out.To, out.CallbackID = x.To, fmt.Sprintf("prompt%d.%d", x.sends, i)
		if _, err := x.send(x.t.Context(), out); err != nil {
			x.t.Fatalf("the vendor does not take part %d: %v", i, err)
		}
	}
	return parts
}

func choices(n int, label string) (out []core.Choice) {
	for i := range n {
		c := core.Choice{ID: fmt.Sprintf("%02d.0123456789abcdef", i), Label: fmt.Sprintf("%s %d", label, i+1)}
		if i < 8 {
			c.Digit = fmt.Sprint(i + 1)
		}
		out = append(out, c)
	}
	return out
}

const longLabel = "Đã ly hôn, hiện tại chưa đăng ký kết hôn với ai, phương án số"

// renderButtons: as many buttons as the record allows, of the length it allows,
// and no word of a label is lost; more become a numbered list.
func (x *exam) renderButtons() {
	caps := x.Adapter.Capabilities()
	for _, label := range []string{"Bến Thành", longLabel, `<b>"Tám & Chín"</b>`} {
		for _, n := range []int{1, caps.Buttons, caps.Buttons + 1} {
			before := len(x.Received())
			x.rendered(core.Prompt{Key: "home", Choices: choices(n, label)})
			shown := strings.Join(x.Received()[before:], "\n")
			buttons := 0
			for _, row := range x.Buttons() {
				for _, b := range row {
					buttons++
					shown += "\n" + b.Label
					if over := utf8.RuneCountInString(b.Label) - caps.ButtonLabel; caps.ButtonLabel > 0 && over > 0 {
						x.t.Errorf("a label is %d characters too long: %q", over, b.Label)
					}
					if len(b.Data) > 64 || b.Data == "" {
						x.t.Errorf("%d bytes behind a button", len(b.Data))
					}
				}
			}
			want := n
			if n > caps.Buttons {
				want = 0
			}
			if buttons != want {
				x.t.Errorf("%d choices give %d buttons, want %d", n, buttons, want)
			}
			for i := range n {
				if whole := fmt.Sprintf("%s %d", label, i+1); !strings.Contains(shown, whole) {
					x.t.Errorf("%d choices: %q is nowhere to be read in %q", n, whole, shown)
				}
			}
		}
	}
}

// renderMenu: without buttons every choice has its number in the text.
func (x *exam) renderMenu() {
	for _, label := range []string{"Ben Thanh", longLabel} {
		before := len(x.Received())
		offered := choices(4, label)
		for i := range offered {
			offered[i].Label = fmt.Sprintf("%s, %s", offered[i].ID[:2], offered[i].Label)
		}
		parts := x.rendered(core.Prompt{Key: "home", Choices: offered})
		shown := strings.Join(x.Received()[before:], "\n")
		for i := range 4 {
			if !strings.Contains(shown, fmt.Sprintf("%d ", i+1)) {
				x.t.Errorf("no number %d in %q", i+1, shown)
			}
		}
		for _, p := range parts {
			if len(p.Rows) != 0 {
				x.t.Errorf("buttons for a channel without: %+v", p.Rows)
			}
		}
	}
}

// renderLong: parts that the vendor takes, and together the whole.
func (x *exam) renderLong() {
	var said []string
	for i := range 500 {
		said = append(said, fmt.Sprintf("dòng <%d> & “%d”", i, i))
	}
	parts := x.rendered(core.Prompt{Key: "word.noted", Args: map[string]string{"value": strings.Join(said, "\n")}})
	got := strings.Join(x.Received(), "\n")
	for _, line := range said {
		if !strings.Contains(got, line) {
			x.t.Errorf("%q was lost", line)
			break
		}
	}
	if limit := x.Adapter.Capabilities().MaxText; limit > 0 && len(parts) < 2 {
		x.t.Errorf("%d characters in one part", utf8.RuneCountInString(got))
	}
}

// renderSegment: however long the words, one segment that anybody's telephone
// shows; only a choice among labels that nobody could tell apart takes more, and
// never more than the vendor carries.
func (x *exam) renderSegment() {
	lead := strings.Repeat("Đường Điện Biên Phủ ", 50)
	for _, c := range []struct {
		lead    string
		choices []core.Choice
		most    int
	}{
		{lead, nil, 1}, {"", choices(2, "Ly hôn, chưa kết hôn với ai"), 1}, {lead, choices(3, longLabel), 3}, {lead, choices(8, longLabel), 3},
	} {
		for i := range c.choices {
			c.choices[i].Label = fmt.Sprintf("Cách %d: %s", i+1, c.choices[i].Label)
		}
		parts := x.rendered(core.Prompt{Key: "home", Args: map[string]string{"lead": c.lead}, Choices: c.choices})
		if n := sms.Count(parts[0].Text); len(parts) != 1 || n.Segments > c.most || n.Encoding != sms.GSM7 {
			x.t.Errorf("%d choices: %d parts, the first %+v: %q", len(c.choices), len(parts), n, parts[0].Text)
		}
		for i := range c.choices {
			if want := fmt.Sprintf("%d Cach %d", i+1, i+1); !strings.Contains(parts[0].Text, want) {
				x.t.Errorf("no %q in %q", want, parts[0].Text)
			}
		}
	}
}

// renderHostile: what a citizen typed is shown as it was typed, and is no markup.
func (x *exam) renderHostile() {
	const typed = `</b><a href="https://evil.example">1</a> & "x" <script>`
	x.rendered(core.Prompt{Key: "word.noted", Args: map[string]string{"value": typed}})
	want := typed
	if !x.Adapter.Capabilities().Accents {
		want = text.Plain(typed)
	}
	if got := x.Received(); len(got) != 1 || !strings.Contains(got[0], want) {
		x.t.Errorf("received %q, want %q in it", got, want)
	}
}

// otherMethod is a method that is not the adapter's.
func otherMethod(of string) string {
	if of == http.MethodGet {
		return http.MethodPost
	}
	return http.MethodGet
}
