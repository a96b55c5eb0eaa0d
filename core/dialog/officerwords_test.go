package dialog_test

import (
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/text"
)

// What an officer writes freely never reaches a channel of short texts: neither in a
// text, nor in an argument or a label from which one could be made. A private
// channel shows it, so the words do arrive in this test.
func TestOfficersWordsStayOffShortChannels(t *testing.T) {
	t.Parallel()
	cat := loadPack(t)
	const canary = "xyzzy"
	const words = "Anh " + canary + " mang sổ hộ khẩu bản chính đến gặp cô Ba"
	item := core.SupplementItem{Requirement: "divorce_or_death", Reason: dossier.ReasonOther, Page: 1, Note: words}
	advice := dossier.Note{Advice: words, Supervisor: words}
	fee := dossier.Note{Advice: words, Amount: 50_000, DueAt: noon().AddDate(0, 0, 5)}
	says := func(c *talk, first []core.Prompt, replies ...string) []core.Prompt {
		for _, r := range replies {
			first = append(first, c.say(r)...)
		}
		return first
	}
	for name, act := range map[string]func(c *talk) []core.Prompt{
		"supplement": func(c *talk) []core.Prompt {
			told := c.officer(core.StateSupplement, "", dossier.Note{Items: []core.SupplementItem{item}})
			return says(c, told, "1", "0", "HO SO", "1", "bo sung "+dossier.Tail(c.w.dossiers[0].Code), "2")
		},
		"fee": func(c *talk) []core.Prompt { return says(c, c.officer(core.StatePayment, "", fee), "HO SO") },
		"refusal": func(c *talk) []core.Prompt {
			return says(c, c.officer(core.StateRefused, dossier.ReasonOther, advice), "HO SO")
		},
		"stop": func(c *talk) []core.Prompt {
			return says(c, c.officer(core.StateStopped, dossier.ReasonOther, advice), "HO SO")
		},
		"apology": func(c *talk) []core.Prompt {
			d := &c.w.dossiers[0]
			seq := c.w.move(d, d.State, dossier.ReasonOther, fee, core.ActorOfficer)
			lines := c.w.timeline[d.ID]
			lines[len(lines)-1].Kind = dossier.KindExtended
			return says(c, c.event(core.Event{Kind: core.EventDossier, DossierID: d.ID, Seq: seq}).Prompts, "HO SO")
		},
		"draft": func(c *talk) []core.Prompt { return says(c, c.draftSent(), "2", words, "HO SO") },
	} {
		for _, caps := range []core.Capabilities{shortCaps(), richCaps()} {
			t.Run(name+" "+caps.Variant, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, cat, noon())
				c := filed(t, w)
				w.dossiers[0].State = core.StateProcessing
				c.caps = caps
				said := act(c)
				if len(said) < 2 {
					t.Fatalf("%d prompts: nothing was told", len(said))
				}
				seen := false
				for _, p := range said {
					all := w.msg.Text(p.Locale, caps.Variant, p.Key, p.Args)
					for _, a := range p.Args {
						all += "\n" + a
					}
					for _, ch := range p.Choices {
						all += "\n" + ch.Label + "\n" + ch.Short
					}
					seen = seen || strings.Contains(text.Fold(all), canary)
				}
				if want := caps.Variant != text.Short && name != "draft"; seen != want {
					t.Errorf("officer's words are said: %v, want %v\n%s", seen, want, c.said)
				}
			})
		}
	}
}
