package form_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// plate is a field type of its own: a motorbike plate of the city, "59-X1 234.56".
// Embedding a product type would do as well; a type needs nothing but its methods.
type plate struct{}

func (plate) Name() string                                        { return "plate" }
func (plate) Kind() form.Kind                                     { return form.KindString }
func (plate) Define(*form.Field, form.Context) []form.Problem     { return nil }
func (plate) Display(_ *form.Field, v any, _ form.Context) string { return fmt.Sprint(v) }

func (p plate) Parse(f *form.Field, typed string, cx form.Context) form.Outcome {
	v := strings.ToUpper(strings.ReplaceAll(text.Fold(typed), " ", ""))
	if bad := p.Check(f, v, cx); bad != nil {
		return form.Outcome{Violation: bad}
	}
	return form.Outcome{Value: v}
}

func (plate) Check(_ *form.Field, v any, _ form.Context) *core.Violation {
	if s, _ := v.(string); len(s) < 8 || len(s) > 9 {
		return &core.Violation{Key: "field.plate.format"}
	}
	return nil
}

func (plate) Mask(_ *form.Field, v any, _ form.Context) string { return text.LastTwo(fmt.Sprint(v)) }

func (plate) Schema(*form.Field, form.Context) map[string]any {
	return map[string]any{"type": "string", "minLength": int64(8), "maxLength": int64(9)}
}

// A field type is a value with a few methods; Compile takes it next to the
// product's own.
func Example_fieldType() {
	def := form.Definition{ID: "bike", Version: "1", Title: form.Text{VI: "Xe", EN: "Bike"},
		Groups: []form.Group{{Key: "bike", Title: form.Text{VI: "Xe", EN: "Bike"}, Fields: []form.Field{
			{Key: "bike.plate", Type: "plate", Required: true, Label: form.Text{VI: "Biển số", EN: "Plate"}},
		}}}}
	f, issues := form.Compile(def, form.Refs{}, plate{})
	if len(issues) > 0 {
		fmt.Println(issues)
		return
	}
	at := time.Date(2026, 3, 12, 9, 0, 0, 0, core.City)
	o := f.Parse("bike.plate", "59-x1 234.56", text.VI, at)
	fmt.Println(o.Value, f.Mask("bike.plate", o.Value, text.VI))
	fmt.Println(f.Parse("bike.plate", "59", text.VI, at).Violation.Key)
	// Output:
	// 59X123456 …56
	// field.plate.format
}

// Next gives the open questions one by one; what follows from an answer is
// never asked.
func Example_next() {
	def := form.Definition{ID: "trip", Version: "1", Title: form.Text{VI: "Chuyến đi", EN: "Trip"},
		Groups: []form.Group{{Key: "trip", Title: form.Text{VI: "Chuyến đi", EN: "Trip"}, Fields: []form.Field{
			{Key: "trip.alone", Type: "boolean", Required: true, Label: form.Text{VI: "Đi một mình", EN: "Alone"}},
			{Key: "trip.companion", Type: "person_name", Required: true, When: "trip.alone == false", Label: form.Text{VI: "Người đi cùng", EN: "Companion"}},
			{Key: "trip.day", Type: "date", Required: true, Label: form.Text{VI: "Ngày đi", EN: "Day"}},
		}}}}
	f, issues := form.Compile(def, form.Refs{})
	if len(issues) > 0 {
		fmt.Println(issues)
		return
	}
	at := time.Date(2026, 3, 12, 9, 0, 0, 0, core.City)
	answers := form.Answers{}
	for _, typed := range []string{"có", "ngày mai"} {
		q, _ := f.Resolve(answers, nil, at).Next()
		o := f.Parse(q.Key, typed, text.VI, at)
		fmt.Printf("%d/%d %s = %v\n", q.Done+1, q.Total, q.Key, o.Value)
		answers, _ = f.Set(answers, q.Key, core.DraftAnswer{Value: o.Value, Author: "citizen", At: at}, nil, at)
	}
	st := f.Resolve(answers, nil, at)
	_, open := st.Next()
	canonical, err := form.Canonical(st.Canonical())
	fmt.Println(open, string(canonical), err)
	// Output:
	// 1/3 trip.alone = true
	// 2/2 trip.day = 2026-03-13
	// false {"trip.alone":true,"trip.day":"2026-03-13"} <nil>
}
