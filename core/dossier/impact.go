package dossier

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
)

// impactPage is how many rows are read in one look at the store.
const impactPage = 200

// Impact is what a new pack does to what citizens have begun and filed.
type Impact struct {
	Drafts  int                 `json:"drafts"`  // open ones that were looked at
	Gone    int                 `json:"gone"`    // of a procedure that the new pack does not have
	Back    int                 `json:"back"`    // with at least one question asked again
	Again   []Again             `json:"again"`   // questions asked again
	Orphans []core.ProcedureUse `json:"orphans"` // dossiers filed under a version that the new pack does not have
}

// Again is a question that a number of drafts are asked once more.
type Again struct {
	Form   string `json:"form"`
	Field  string `json:"field"`
	Drafts int    `json:"drafts"`
}

// Breaks reports whether anything that was begun or filed is touched.
func (i Impact) Breaks() bool { return i.Gone+i.Back+len(i.Orphans) > 0 }

// Measure tells what would happen if newer took the place of the present pack now. It reads
// the store in pages and changes nothing. Errors: those of the store; internal
// when a draft cannot be read.
func Measure(ctx context.Context, store core.Store, newer *catalog.Catalog, now time.Time) (Impact, error) {
	m := impact{newer: newer, now: now, again: map[Again]int{}}
	if err := m.drafts(ctx, store); err != nil {
		return Impact{}, err
	}
	if err := m.dossiers(ctx, store); err != nil {
		return Impact{}, err
	}
	for a, n := range m.again {
		a.Drafts = n
		m.out.Again = append(m.out.Again, a)
	}
	slices.SortFunc(m.out.Again, func(a, b Again) int {
		return strings.Compare(a.Form+" "+a.Field, b.Form+" "+b.Field)
	})
	return m.out, nil
}

type impact struct {
	newer *catalog.Catalog
	now   time.Time
	out   Impact
	again map[Again]int // Drafts is 0 in the key
}

func (m *impact) drafts(ctx context.Context, store core.Store) error {
	for after := core.ID(""); ; {
		var page []core.Draft
		err := store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			page, err = tx.Drafts().Open(ctx, after, impactPage)
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range page {
			if err := m.draft(d); err != nil {
				return err
			}
			after = d.ID
		}
		if len(page) < impactPage {
			return nil
		}
	}
}

// draft re-bases a draft as Open would.
func (m *impact) draft(d core.Draft) error {
	m.out.Drafts++
	p, ok := New(m.newer).inForce(d.ProcedureCode, m.now)
	if !ok {
		m.out.Gone++
		return nil
	}
	f, ok := m.newer.Form(p.Form)
	if !ok || d.FormID == f.ID() && d.FormVersion == f.Version() {
		return nil
	}
	var answers core.DraftAnswers
	if err := core.OpenJSON(d.Answers, &answers); err != nil {
		return err
	}
	_, dropped := f.Rebase(answers.Fields, m.now)
	for _, key := range dropped {
		m.again[Again{Form: f.ID(), Field: key}]++
	}
	if len(dropped) > 0 {
		m.out.Back++
	}
	return nil
}

func (m *impact) dossiers(ctx context.Context, store core.Store) error {
	for after := (core.ProcedureUse{}); ; {
		var page []core.ProcedureUse
		err := store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
			page, err = tx.Dossiers().Uses(ctx, after, impactPage)
			return err
		})
		if err != nil {
			return err
		}
		for _, u := range page {
			if _, ok := m.newer.ProcedureVersion(u.Code, u.Version); !ok {
				m.out.Orphans = append(m.out.Orphans, u)
			}
			after = u
		}
		if len(page) < impactPage {
			return nil
		}
	}
}
