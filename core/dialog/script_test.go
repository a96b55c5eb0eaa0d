package dialog_test

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

var update = flag.Bool("update", false, "write what was said into the transcripts")

// TestTranscripts plays the conversations of testdata. A transcript is what a
// person does and what is said back; lines that begin with ">" are played:
//
//	> text          the person writes
//	>tap label      presses the button whose label begins so
//	>photo good bad sends pages one by one with these verdicts
//	>album good bad sends them together
//	>upload 2 key   finishes the upload link with two pages for each key
//	>officer n …    the office moves the dossier to state n; "result" gives a file
//	>wait 25h       time passes, and a reminder that is due arrives
//	>contact phone  shares a proved number
//	{code}          in a text is the newest hand-off code, {digits} those of the consent
//	>channel short  goes on in another conversation, opened the first time
func TestTranscripts(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			now := time.Date(2026, 11, 12, 9, 14, 0, 0, core.City)
			p := &player{w: newWorld(t, cat, now.UTC()), talks: map[string]*talk{}}
			got := p.play(string(raw))
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(raw) {
				t.Errorf("the conversation went otherwise; run with -update and read the difference.\n%s", firstDifference(string(raw), got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			old := ""
			if i < len(w) {
				old = w[i]
			}
			return "line " + strconv.Itoa(i+1) + "\nwant " + old + "\ngot  " + g[i]
		}
	}
	return "the transcript is longer than the conversation"
}

type player struct {
	w     *world
	talks map[string]*talk
	cur   *talk
}

// play runs a transcript and gives it back with what was really said.
func (p *player) play(script string) string {
	var out strings.Builder
	p.channel("rich")
	for _, line := range strings.Split(strings.TrimRight(script, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			out.WriteString(line + "\n")
			continue
		}
		if !strings.HasPrefix(line, ">") {
			continue
		}
		out.WriteString(line + "\n")
		for _, l := range strings.Split(strings.TrimRight(p.step(line[1:]), "\n"), "\n") {
			if l != "" {
				out.WriteString("    " + l + "\n")
			}
		}
	}
	return out.String()
}

func (p *player) channel(name string) {
	if p.talks[name] == nil {
		caps := richCaps()
		if strings.HasPrefix(name, "short") {
			caps = shortCaps()
		}
		p.talks[name] = p.w.talk(name, caps)
	}
	p.cur = p.talks[name]
}

func (p *player) step(s string) string {
	c := p.cur
	if words, typed := strings.CutPrefix(s, " "); typed {
		words = strings.NewReplacer("{code}", p.w.newest, "{digits}", c.digits()).Replace(words)
		return c.show(c.say(words))
	}
	verb, rest, _ := strings.Cut(s, " ")
	args := strings.Fields(rest)
	switch verb {
	case "tap":
		return c.show(c.tap(rest))
	case "photo":
		return c.show(c.photos("", args...))
	case "album":
		return c.show(c.photos("g"+strconv.Itoa(c.steps), args...))
	case "upload":
		n, _ := strconv.Atoi(args[0])
		return c.show(c.upload(n, args[1:]...))
	case "officer":
		return p.officer(args)
	case "wait":
		return p.wait(args[0])
	case "contact":
		return c.show(c.event(core.Event{Kind: core.EventContact, Phone: args[0]}).Prompts)
	case "start":
		return c.show(c.event(core.Event{Kind: core.EventStart, Text: rest}).Prompts)
	case "channel":
		p.channel(args[0])
		return ""
	}
	p.w.t.Fatalf("unknown line %q", s)
	return ""
}

// officer plays "state reason requirement page": the last two of a supplement.
func (p *player) officer(args []string) string {
	n, _ := strconv.Atoi(args[0])
	note := dossier.Note{}
	reason := ""
	if len(args) > 1 {
		reason = args[1]
	}
	if core.DossierState(n) == core.StateSupplement {
		item := core.SupplementItem{Requirement: args[2], Reason: reason, Note: "trang chưa có dấu"}
		if len(args) > 3 {
			item.Page, _ = strconv.Atoi(args[3])
		}
		note.Items, note.DueAt, reason = []core.SupplementItem{item}, p.w.now.AddDate(0, 0, 4).Truncate(time.Hour), ""
	}
	return p.cur.show(p.cur.officer(core.DossierState(n), reason, note))
}

func (p *player) wait(d string) string {
	dur, err := time.ParseDuration(d)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.w.now = p.w.now.Add(dur)
	timers := p.w.timers
	p.w.timers = nil
	out := ""
	for _, tm := range timers {
		if tm.Event == core.EventReminder {
			out += p.cur.show(p.cur.event(core.Event{Kind: core.EventReminder}).Prompts)
		}
	}
	return out
}
