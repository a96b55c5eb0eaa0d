package journeys_test

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/simkit"
)

// persona is the person who makes the journeys.
type persona struct {
	name    string
	phone   string // E.164
	chat    int64
	answers map[string]answer // by the key of the question
	papers  []paper
	secrets []string
}

// answer is what the person types, and what they choose when asked back.
type answer struct{ typed, back string }

type paper struct {
	requirement string
	pages       []page
}

type page struct {
	name, mime string
	data       []byte
	count      int // pages inside
}

func (p page) sha256() string {
	sum := sha256.Sum256(p.data)
	return hex.EncodeToString(sum[:])
}

// pageOf makes the file of a name: the same name, the same bytes.
func pageOf(name string) (page, error) {
	switch filepath.Ext(name) {
	case ".jpg":
		return page{name, "image/jpeg", simkit.SamplePhoto(name), 1}, nil
	case ".pdf":
		return page{name, "application/pdf", simkit.SamplePDF(strings.TrimSuffix(name, ".pdf"), 2), 2}, nil
	}
	return page{}, fmt.Errorf("%s is neither .jpg nor .pdf", name)
}

func pagesOf(list string) (out []page, err error) {
	for name := range strings.SplitSeq(list, ",") {
		p, err := pageOf(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// lines gives the lines of a file that say something, with their numbers.
func lines(name string, b []byte, each func(pos, line string) error) error {
	s := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		pos := fmt.Sprintf("%s:%d", name, n)
		if err := each(pos, line); err != nil {
			return fmt.Errorf("%s: %w", pos, err)
		}
	}
	return s.Err()
}

func readPersona(t *testing.T) *persona {
	t.Helper()
	b, err := os.ReadFile("testdata/persona.txt")
	if err != nil {
		t.Fatal(err)
	}
	p := &persona{answers: map[string]answer{}}
	err = lines("persona.txt", b, func(_, line string) error {
		key, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !ok || value == "" {
			return fmt.Errorf("not a line of the form key: value")
		}
		what, name, _ := strings.Cut(key, " ")
		switch what {
		case "name":
			p.name = value
		case "phone":
			p.phone = value
		case "chat":
			_, err := fmt.Sscan(value, &p.chat)
			return err
		case "secret":
			p.secrets = append(p.secrets, value)
		case "answer":
			typed, back, _ := strings.Cut(value, "=>")
			p.answers[name] = answer{strings.TrimSpace(typed), strings.TrimSpace(back)}
		case "paper":
			pages, err := pagesOf(value)
			p.papers = append(p.papers, paper{name, pages})
			return err
		default:
			return fmt.Errorf("unknown key %q", what)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// script is one journey.
type script struct {
	name     string // file name without its ending
	channels []string
	steps    []step
}

type step struct {
	pos  string
	only []string // channels; empty = all
	verb string
	arg  string
}

func channelNames() []string { return []string{"telegram", "sms", "app", "kiosk"} }

func readScripts(t *testing.T) []script {
	t.Helper()
	files, err := filepath.Glob("testdata/*.journey")
	if err != nil || len(files) == 0 {
		t.Fatal("no journeys found", err)
	}
	var out []script
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		s, err := parseScript(filepath.Base(f), b)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func parseScript(file string, b []byte) (script, error) {
	s := script{name: strings.TrimSuffix(file, ".journey")}
	err := lines(file, b, func(pos, line string) error {
		if s.channels == nil {
			list, ok := strings.CutPrefix(line, "on ")
			if !ok {
				return fmt.Errorf("the first line names the channels: on telegram, sms, app, kiosk")
			}
			var err error
			s.channels, err = channelList(list, ",")
			return err
		}
		st := step{pos: pos}
		if rest, ok := strings.CutPrefix(line, "["); ok {
			list, tail, ok := strings.Cut(rest, "]")
			if !ok {
				return fmt.Errorf("no ] after the channels")
			}
			var err error
			if st.only, err = channelList(list, " "); err != nil {
				return err
			}
			line = strings.TrimSpace(tail)
		}
		var err error
		st.verb, st.arg, err = splitVerb(line)
		s.steps = append(s.steps, st)
		return err
	})
	if err == nil && len(s.steps) == 0 {
		err = fmt.Errorf("%s has no steps", file)
	}
	return s, err
}

func channelList(list, sep string) ([]string, error) {
	var out []string
	for c := range strings.SplitSeq(list, sep) {
		c = strings.TrimSpace(c)
		if !slices.Contains(channelNames(), c) {
			return nil, fmt.Errorf("no channel %q", c)
		}
		out = append(out, c)
	}
	return out, nil
}

// splitVerb finds the step that a line is: a verb alone, a verb with an argument
// after a colon, or one with its argument inside ("at most 2 messages").
func splitVerb(line string) (verb, arg string, err error) {
	for _, f := range []struct{ before, after, verb string }{
		{"at most ", " messages", "at most"}, {"", " minutes pass", "minutes pass"},
	} {
		if mid, ok := strings.CutPrefix(line, f.before); ok {
			if n, ok := strings.CutSuffix(mid, f.after); ok {
				return f.verb, strings.TrimSpace(n), nil
			}
		}
	}
	verb, arg, colon := strings.Cut(line, ":")
	verb, arg = strings.TrimSpace(verb), strings.TrimSpace(arg)
	if channel, ok := strings.CutPrefix(verb, "citizen is told on "); ok {
		verb, arg = "citizen is told on", channel+": "+arg
	}
	do, ok := verbs()[verb]
	switch {
	case !ok:
		return "", "", fmt.Errorf("no step %q", cmp.Or(verb, line))
	case do.needs != (colon && arg != ""):
		return "", "", fmt.Errorf("step %q: an argument is missing, or one too many", verb)
	}
	return verb, arg, nil
}

// words splits what a step lists.
func words(arg string) []string {
	var out []string
	for w := range strings.SplitSeq(arg, ";") {
		out = append(out, strings.TrimSpace(w))
	}
	return out
}

// A script that says nonsense is refused with the line.
func TestScriptErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{"", "has no steps"},
		{"on telegram\n", "has no steps"},
		{"citizen answers\n", "x.journey:1: the first line names the channels"},
		{"on fax\n", `x.journey:1: no channel "fax"`},
		{"on sms\n\n# a comment\ncitizen dances\n", `x.journey:4: no step "citizen dances"`},
		{"on sms\ncitizen asks:\n", `step "citizen asks": an argument is missing`},
		{"on sms\ncitizen answers: all\n", "or one too many"},
		{"on sms\n[app one dossier\n", "no ] after"},
		{"on sms\n[fax] one dossier\n", `no channel "fax"`},
	} {
		_, err := parseScript("x.journey", []byte(c.src))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.src, err, c.want)
		}
	}
	s, err := parseScript("x.journey", []byte("on sms, app\n[sms] at most 3 messages\n15 minutes pass\ncitizen is told on sms: một; hai\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []step{
		{"x.journey:2", []string{"sms"}, "at most", "3"}, {"x.journey:3", nil, "minutes pass", "15"},
		{"x.journey:4", nil, "citizen is told on", "sms: một; hai"},
	}
	if !slices.EqualFunc(s.steps, want, func(a, b step) bool {
		return a.pos == b.pos && slices.Equal(a.only, b.only) && a.verb == b.verb && a.arg == b.arg
	}) {
		t.Errorf("steps %v, want %v", s.steps, want)
	}
}
