package channels_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// Files of many people arrive duplicated, out of order and on two nodes, while
// jobs fetch them. Each file is one page, fetched and judged, with the bytes that
// were sent; and then the talk goes on.
func TestPagesInterleaved(t *testing.T) {
	t.Parallel()
	people := 30
	if testing.Short() {
		people = 6
	}
	c := newCrowd(t, plan{nodes: 2}, 17)
	c.run()
	var visitors []*visitor
	sent := map[int64][]string{}
	for i := range people {
		person := int64(20_000 + i)
		v := c.visitor(person, c.join(person, c.paper, ""))
		for page := range 3 {
			data := simkit.SamplePDF(fmt.Sprintf("trang %d %d", person, page), 1)
			id, err := v.p.SendDocument("trang.pdf", "application/pdf", data, "")
			if err != nil {
				t.Fatal(err)
			}
			v.events = append(v.events, fmt.Sprint(id))
			sum := sha256.Sum256(data)
			sent[person] = append(sent[person], hex.EncodeToString(sum[:]))
		}
		slices.Sort(sent[person])
		visitors = append(visitors, v)
	}
	c.deliver()
	c.settle()
	for _, v := range visitors {
		v.say("xong")
	}
	c.deliver()
	c.settle()
	for _, v := range visitors {
		end, _ := c.row(v.p.ID)
		for _, id := range v.events {
			if n := c.ledger.rows(id); n != 1 {
				t.Errorf("person %d: event %s was taken %d times", v.p.ID, id, n)
			}
		}
		turns := c.ledger.of(end.Conversation.ID)
		// Three files and their three verdicts, and "done".
		if len(turns) != 7 || end.Conversation.Version != v.begin.Conversation.Version+7 {
			t.Errorf("person %d: %d turns, version %d from %d", v.p.ID, len(turns), end.Conversation.Version, v.begin.Conversation.Version)
			continue
		}
		last := turns[len(turns)-1]
		if n := len(last.prompts); n == 0 || !strings.HasPrefix(last.prompts[n-1].Key, "summary") {
			t.Errorf("person %d: after the papers: %s", v.p.ID, readable(t, last.prompts))
		}
		c.view(func(ctx context.Context, tx core.Tx) error {
			papers, err := tx.Papers().ByDraft(ctx, end.Draft.ID)
			var got []string
			var seqs []int
			for _, p := range papers {
				for _, page := range p.Pages {
					if page.State != core.PageReady {
						t.Errorf("person %d: a page is %s (%s)", v.p.ID, page.State, page.Reason)
					}
					got = append(got, page.SHA256)
					seqs = append(seqs, page.Seq)
				}
			}
			slices.Sort(got)
			slices.Sort(seqs)
			if len(papers) != 1 || !slices.Equal(got, sent[v.p.ID]) || !slices.Equal(seqs, []int{1, 2, 3}) {
				t.Errorf("person %d: %d papers with pages %v %v, sent were %v", v.p.ID, len(papers), seqs, got, sent[v.p.ID])
			}
			return err
		})
		// Sends of one conversation follow each other, and each message went once.
		seen := map[string]int{}
		for _, m := range v.p.Messages() {
			seen[m.Text]++
		}
		var prompts int
		for _, turn := range turns {
			prompts += len(turn.prompts)
		}
		if n := len(v.p.Messages()); n != prompts {
			t.Errorf("person %d was sent %d messages of %d prompts: %v", v.p.ID, n, prompts, seen)
		}
	}
}
