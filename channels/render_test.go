package channels_test

import (
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// phrases is a catalogue small enough to be read here.
func phrases(t *testing.T) *text.Catalogue {
	t.Helper()
	entries := map[string]text.Entry{
		"brand":          {Rich: "HCMC-DVC:"},
		"ask":            {Rich: "Câu {n} · **{question}**\nVí dụ: {example}.", Short: "{brand} Cau {n:3}: {question:60}"},
		"said":           {Rich: "Bạn ghi: **{value:60}**."},
		"long":           {Rich: "{value:100}"},
		"choice.yes":     {Rich: "Đúng", Short: "Dung vay"},
		"choice.menu":    {Rich: "Menu", Short: "menu"},
		"choice.back":    {Rich: "Quay lại", Short: "quay lai"},
		"error.internal": {What: "Có trục trặc.", Fix: "Thử lại sau.", Exit: "Gặp cán bộ."},
	}
	c, issues := text.NewCatalogue(map[text.Locale]map[string]text.Entry{text.VI: entries, text.EN: entries})
	if len(issues) != 0 {
		t.Fatalf("issues: %v", issues)
	}
	return c
}

func rich() core.Capabilities {
	return core.Capabilities{MaxText: 4096, Buttons: 10, ButtonLabel: 40, Variant: text.Rich, Markup: "html", Accents: true, Contact: true, Edit: true}
}

func TestRender(t *testing.T) {
	t.Parallel()
	question := core.Prompt{
		Key: "ask", Locale: "vi", Args: map[string]string{"n": "5", "question": "Bạn là gì?", "example": "A & B <c>"},
		Choices: []core.Choice{
			{ID: "5.0", Digit: "1", Label: "Bản thân"}, {ID: "5.1", Digit: "2", Label: "Cha & mẹ"},
			{ID: "5.2", Digit: "3", Label: "Người, tổ chức đang nuôi dưỡng trẻ em mồ côi", Short: "Nuoi duong"},
			{ID: "nav.back", Digit: "9", Key: "choice.back"}, {ID: "nav.menu", Digit: "0", Key: "choice.menu"},
		},
	}
	pressed := question
	pressed.AnswersRef, pressed.Replaces = "77:4242", true
	contact := core.Prompt{Key: "ask", Args: map[string]string{"n": "1", "question": "Số điện thoại?", "example": "0901"}, Expect: core.ExpectContact}
	few := rich()
	few.Buttons = 4
	plain := core.Capabilities{MaxText: 1600, Variant: text.Rich}
	short := core.Capabilities{MaxText: 1600, Variant: text.Short}
	text5 := "Câu 5 · <b>Bạn là gì?</b>\nVí dụ: A &amp; B &lt;c&gt;."
	cut := "\n\n3. Người, tổ chức đang nuôi dưỡng trẻ em mồ côi" // what its button has no room for
	rows := [][]channels.Button{
		{{Label: "1 Bản thân", Data: "5.0"}, {Label: "2 Cha & mẹ", Data: "5.1"}},
		{{Label: "3 Người, tổ chức đang nuôi dưỡng trẻ e..", Data: "5.2"}},
		{{Label: "9 Quay lại", Data: "nav.back"}, {Label: "0 Menu", Data: "nav.menu"}},
	}
	for _, tc := range []struct {
		name   string
		prompt core.Prompt
		caps   core.Capabilities
		want   []channels.Outbound
	}{
		{"buttons", question, rich(), []channels.Outbound{{Text: text5 + cut, Rows: rows, Template: "ask"}}},
		{"more choices than buttons", question, few, []channels.Outbound{{Template: "ask", Text: text5 +
			"\n\n1. Bản thân\n2. Cha &amp; mẹ\n3. Người, tổ chức đang nuôi dưỡng trẻ em mồ côi\n9. Quay lại\n0. Menu"}}},
		{"no markup", question, plain, []channels.Outbound{{Template: "ask", Text: "Câu 5 · Bạn là gì?\nVí dụ: A & B <c>." +
			"\n\n1. Bản thân\n2. Cha & mẹ\n3. Người, tổ chức đang nuôi dưỡng trẻ em mồ côi\n9. Quay lại\n0. Menu"}}},
		{"one segment", question, short, []channels.Outbound{{Template: "ask",
			Text: "HCMC-DVC: Cau 5: Ban la gi? 1 Ban than 2 Cha & me 3 Nuoi duong. 9 quay lai 0 menu",
			Menu: " 1 Ban than 2 Cha & me 3 Nuoi duong. 9 quay lai 0 menu"}}},
		{"an edit in place of the pressed message", pressed, rich(), []channels.Outbound{{
			Text: text5 + cut, Rows: rows, Template: "ask", AnswersRef: "77:4242", EditRef: "77:4242"}}},
		{"a phone number is asked for", contact, rich(), []channels.Outbound{{
			Text: "Câu 1 · <b>Số điện thoại?</b>\nVí dụ: 0901.", Template: "ask", AskContact: true}}},
		{"nobody can share a number", contact, plain, []channels.Outbound{{
			Text: "Câu 1 · Số điện thoại?\nVí dụ: 0901.", Template: "ask"}}},
		{"an unknown key says something", core.Prompt{Key: "no.such.key"}, plain, []channels.Outbound{{
			Text: "Có trục trặc.\nThử lại sau.\nGặp cán bộ.", Template: "no.such.key"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := channels.NewRenderer(phrases(t)).Render(tc.prompt, tc.caps)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A long text is sent in parts that fit, together say all of it, and are each
// whole: no torn entity, no bold that does not end. Buttons go with the last.
func TestRenderSplits(t *testing.T) {
	t.Parallel()
	r := channels.NewRenderer(phrases(t))
	rng := rand.New(rand.NewPCG(7, 11))
	words := []string{"&", "<b>", "</b>", "a&b", "ường", "🧾", "x", "\n", " ", "\"quoted\"", "&amp;", "<<<<", ">>>>", "'", strings.Repeat(" ", 90)}
	for i := range 600 {
		var b strings.Builder
		b.WriteByte('x')
		for range rng.IntN(400) {
			b.WriteString(words[rng.IntN(len(words))])
			if rng.IntN(3) == 0 {
				b.WriteByte(' ')
			}
		}
		value := b.String()
		caps := rich()
		caps.MaxText = 40 + rng.IntN(200)
		key := []string{"long", "said"}[i%2]
		p := core.Prompt{Key: key, Args: map[string]string{"value": value}, Choices: []core.Choice{{ID: "nav.menu", Digit: "0", Key: "choice.menu"}}}
		var said strings.Builder
		parts := r.Render(p, caps)
		for n, part := range parts {
			if size := utf8.RuneCountInString(part.Text); size > caps.MaxText || size == 0 {
				t.Fatalf("part %d of %d has %d characters, the limit is %d: %q", n+1, len(parts), size, caps.MaxText, part.Text)
			}
			shown, err := read(part.Text)
			if err != nil {
				t.Fatalf("part %d of %d: %v: %q", n+1, len(parts), err, part.Text)
			}
			if strings.TrimSpace(shown) == "" {
				t.Fatalf("part %d of %d shows nothing: %q", n+1, len(parts), part.Text)
			}
			said.WriteString(shown)
			if last := n == len(parts)-1; last != (len(part.Rows) > 0) {
				t.Fatalf("part %d of %d has %d rows of buttons", n+1, len(parts), len(part.Rows))
			}
		}
		// Between two parts a line break or a space may be lost, nothing else.
		want := phrases(t).Text("vi", text.Rich, key, p.Args)
		if a, c := squeeze(said.String()), squeeze(want); a != c {
			t.Fatalf("limit %d: said\n%q\nmeant\n%q", caps.MaxText, a, c)
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

var (
	tagOrText = regexp.MustCompile(`</?b>|[^<]+|<`)
	entity    = regexp.MustCompile(`&(?:amp|lt|gt|#34|#39);`)
)

// read gives a text as a chat shows it, and refuses what the vendor would.
func read(s string) (string, error) {
	var out strings.Builder
	bold := false
	for _, piece := range tagOrText.FindAllString(s, -1) {
		switch piece {
		case "<b>", "</b>":
			if bold == (piece == "<b>") {
				return "", fmt.Errorf("%s where bold is %v", piece, bold)
			}
			bold = !bold
			continue
		case "<":
			return "", fmt.Errorf("a bare <")
		}
		if strings.ContainsAny(entity.ReplaceAllString(piece, ""), "&>") {
			return "", fmt.Errorf("a torn entity in %q", piece)
		}
		out.WriteString(html.UnescapeString(piece))
	}
	if bold {
		return "", fmt.Errorf("bold does not end")
	}
	return out.String(), nil
}

// One segment stays one segment: the way out goes first, then labels are cut, and
// no two of them become the same.
func TestRenderShortFits(t *testing.T) {
	t.Parallel()
	r := channels.NewRenderer(phrases(t))
	long := "Giấy chứng nhận đăng ký phương tiện của "
	for n := 2; n <= 6; n++ {
		var choices []core.Choice
		for i := range n {
			choices = append(choices, core.Choice{ID: fmt.Sprint(i), Digit: fmt.Sprint(i + 1), Label: fmt.Sprintf("%c %s", 'A'+i, long)})
		}
		choices = append(choices, core.Choice{ID: "nav.menu", Digit: "0", Key: "choice.menu"})
		parts := r.Render(core.Prompt{Key: "ask", Args: map[string]string{"n": "12", "question": "Giấy nào?"}, Choices: choices},
			core.Capabilities{Variant: text.Short})
		if len(parts) != 1 {
			t.Fatalf("%d parts", len(parts))
		}
		got := parts[0].Text
		if cost := sms.Count(got); cost.Segments != 1 || cost.Encoding != sms.GSM7 {
			t.Errorf("%d choices cost %+v: %q", n, cost, got)
		}
		for i := range n {
			if want := fmt.Sprintf(" %d %c", i+1, 'A'+i); strings.Count(got, want) != 1 {
				t.Errorf("%d choices: %q occurs %d times in %q", n, want, strings.Count(got, want), got)
			}
		}
	}
}

// Two short choices share a row; a long one has its own.
func TestRenderRows(t *testing.T) {
	t.Parallel()
	var choices []core.Choice
	for i, l := range []string{"Có", "Không", "Chưa rõ", "Người đại diện theo pháp luật", "Khác"} {
		choices = append(choices, core.Choice{ID: fmt.Sprint(i), Digit: fmt.Sprint(i + 1), Label: l})
	}
	parts := channels.NewRenderer(phrases(t)).Render(core.Prompt{Key: "long", Args: map[string]string{"value": "?"}, Choices: choices}, rich())
	var sizes []int
	for _, row := range parts[0].Rows {
		sizes = append(sizes, len(row))
	}
	if want := []int{2, 1, 1, 1}; !slices.Equal(sizes, want) {
		t.Errorf("rows of %v, want %v", sizes, want)
	}
}
