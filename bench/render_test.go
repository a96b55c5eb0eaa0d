package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/text"
)

// longestQuestion is a question with every part at its greatest length, accents that
// an SMS does not have, and more choices than fit: the dearest thing to render.
func longestQuestion() core.Prompt {
	p := core.Prompt{Key: "ask", Locale: text.VI, Args: map[string]string{
		"lead": "Đã ghi: " + strings.Repeat("Nguyễn ", 8), "n": "123", "total": "123", "question": strings.Repeat("Bạn ở đâu ", 5),
		"example": strings.Repeat("phường Đức Nhuận ", 3), "more": "(hoặc BỎ QUA)",
	}}
	for i := range 6 {
		p.Choices = append(p.Choices, core.Choice{ID: fmt.Sprint("a.", i), Digit: fmt.Sprint(i + 1), Label: "Đã ly hôn hoặc người kia đã mất"})
	}
	return core.Prompt{Key: p.Key, Locale: p.Locale, Args: p.Args, Choices: append(p.Choices,
		core.Choice{ID: "nav.back", Digit: "9", Key: "choice.back"}, core.Choice{ID: "nav.menu", Digit: "0", Key: "choice.menu"})}
}

func smsRenderer(t testing.TB) (*channels.Renderer, core.Capabilities) {
	t.Helper()
	cat, err := catalog.Load(hcmc.Pack())
	if err != nil {
		t.Fatal(err)
	}
	return channels.NewRenderer(cat.Messages()), core.Capabilities{Variant: text.Short}
}

// What is measured is one message that a phone network carries.
func TestLongestQuestionIsAnSMS(t *testing.T) {
	t.Parallel()
	r, caps := smsRenderer(t)
	parts := r.Render(longestQuestion(), caps)
	if len(parts) != 1 || !strings.HasPrefix(parts[0].Text, "HCMC-DVC:") || len(parts[0].Text) < 150 || sms.Count(parts[0].Text).Segments > 3 {
		t.Errorf("%d parts: %+v", len(parts), parts)
	}
}

func BenchmarkRenderSMS(b *testing.B) {
	r, caps := smsRenderer(b)
	p := longestQuestion()
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Render(p, caps)
	}
}

// BenchmarkRenderSprintf is the yardstick: the same words put together by the
// standard library, which neither cuts nor counts nor takes accents off.
func BenchmarkRenderSprintf(b *testing.B) {
	p := longestQuestion()
	b.ReportAllocs()
	for b.Loop() {
		var options strings.Builder
		for _, c := range p.Choices {
			fmt.Fprintf(&options, " %s %s", c.Digit, c.Label)
		}
		_ = fmt.Sprintf("HCMC-DVC: %s Cau %s/%s: %s Vd: %s %s.%s", p.Args["lead"], p.Args["n"], p.Args["total"], p.Args["question"],
			p.Args["example"], p.Args["more"], options.String())
	}
}
