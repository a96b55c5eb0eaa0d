package form

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/core/text"
)

// fuzzType fuzzes what people type for one kind of field: whatever it is, exactly
// one thing comes of it, it is the same again, and what is taken is acceptable and
// shown without anything hidden.
func fuzzType(f *testing.F, field Field, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add(s)
	}
	form := one(f, field)
	f.Fuzz(func(t *testing.T, in string) {
		o := form.Parse("x", in, text.VI, now())
		set := 0
		for _, b := range []bool{o.Value != nil, o.Violation != nil, len(o.Candidates) > 0} {
			if b {
				set++
			}
		}
		if set != 1 {
			t.Fatalf("%q gives %+v", in, o)
		}
		if o.OK() {
			checkAccepted(t, form, o.Value)
		}
		for _, c := range o.Candidates {
			checkAccepted(t, form, c.Value)
		}
		if again := form.Parse("x", in, text.VI, now()); fmt.Sprint(again.Value, again.Violation) != fmt.Sprint(o.Value, o.Violation) {
			t.Fatalf("%q gives %v and then %v", in, o.Value, again.Value)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	fuzzType(f, Field{Type: "date"}, "5/3/2026", "ngày 5 tháng 3 năm 2026", "mùng năm tháng tư", "2026-03-05", "hôm qua", "31/2/2026", "3/20/2026")
}

func FuzzParsePartialDate(f *testing.F) {
	fuzzType(f, Field{Type: "partial_date", Max: "today"}, "1990", "3/1990", "1990?", "khoảng 1990", "?/3/1990", "không nhớ ngày, tháng 3/1990", "00/00/1990", "k nho")
}

func FuzzParseTime(f *testing.F) {
	fuzzType(f, Field{Type: "time"}, "8h30", "8 giờ rưỡi", "3 giờ chiều", "9h kém 15", "0830", "24:00", "12am")
}

func FuzzParseDateTime(f *testing.F) {
	fuzzType(f, Field{Type: "datetime"}, "8h30 20/3/2026", "chiều mai lúc 3 giờ", "2026-03-20T08:30", "20.3.2026 8.30", "8 giờ 30 ngày 20 tháng 3")
}

func FuzzParseName(f *testing.F) {
	fuzzType(f, Field{Type: "person_name", Native: true}, "Trần Thị Mai", "tra\u0302\u0300n thi\u0323 mai", "O’Brien", "Lê\u200bVăn", "Мария", "A")
}

func FuzzParseCosign(f *testing.F) {
	fuzzType(f, Field{Type: "cosign"}, "Trần Thị Mai 0901 234 567", "0901.234.567 Trần Thị Mai", "Mai 901234567", "SĐT 0901234567", "a\u0301 +84 901 234 567", "İ 0901234567 at")
}

func FuzzParseBankAccount(f *testing.F) {
	fuzzType(f, Field{Type: "bank_account"}, "0071 0001 23456", "STK: 007100", "MAI1990", "٠٠٧١٠٠٠")
}

// Any text is a form or a list of problems, each with its place; never a panic.
func FuzzDefinition(f *testing.F) {
	f.Add(small)
	data, err := os.ReadFile("testdata/household.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(strings.Replace(small, "key: g", "key: g\n    repeat: {max: 2, item: {vi: '{n}', en: '{n}'}}", 1))
	known := refs(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 20_000 {
			return
		}
		form, err := Load(fstest.MapFS{"f.yaml": {Data: []byte(src)}}, "f.yaml", known)
		if err != nil {
			return
		}
		st := form.Resolve(Answers{}, nil, now())
		done, total := st.Progress()
		if done > total {
			t.Fatalf("%d of %d", done, total)
		}
		if q, ok := st.Next(); ok && (q.Key == "" || q.Short(text.VI) == "" && q.Short(text.EN) == "") {
			t.Fatalf("%+v cannot be asked", q)
		}
		if _, err := Canonical(st.Canonical()); err != nil {
			t.Fatal(err)
		}
		if _, err := Canonical(form.JSONSchema()); err != nil {
			t.Fatal(err)
		}
		st.Validate()
		st.Summary(text.EN)
		_ = form.Resolve(Answers{}, nil, time.Time{})
	})
}
