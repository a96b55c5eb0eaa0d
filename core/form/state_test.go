package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// persona is what one person says to each question of a form; "-" passes over.
type persona map[string]string

func single() persona {
	return persona{
		"receivingAgency": "sai gon", "requester.fullName": "Trần Thị Mai", "requester.personalId": "079190001234",
		"requester.residence": "12 Lê Lợi, phường Sài Gòn", "requester.relation": "bản thân", "subject.birthDate": "4/9/1990",
		"subject.ethnicity": "kinh", "subject.status": "chưa", "purpose.kind": "kết hôn", "purpose.partnerName": "Lê Quốc Huy",
		"delivery.method": "1", "contact.phone": "0901 234.567",
	}
}

func father() persona {
	return persona{
		"receivingAgency": "sai gon", "requester.fullName": "Nguyễn Văn An", "requester.personalId": "079093001234",
		"requester.residence": "12 Lê Lợi, phường Sài Gòn", "requester.relation": "cha",
		"child.fullName": "Nguyễn Minh Khang", "child.birthDate": "5/3/2026", "child.sex": "nam", "child.ethnicity": "kinh",
		"child.birthPlace": "Bệnh viện Từ Dũ, phường Bến Thành", "child.hometown": "xã Bình Chánh", "child.birthNoticeNo": "-",
		"mother.fullName": "Trần Thị Mai", "mother.birthYear": "1995", "mother.personalId": "079195001234", "mother.ethnicity": "kinh", "mother.residence": "12 Lê Lợi, phường Sài Gòn",
		"father.ethnicity": "kinh", "marriage.registered": "rồi", "marriage.certNo": "12/2023", "marriage.certDate": "20/11/2023", "marriage.certPlace": "-",
		"delivery.method": "2", "contact.phone": "0901234567",
	}
}

// answer lets a persona answer everything Next asks and returns the order.
func answer(t testing.TB, f *Form, p persona) (a Answers, asked []string) {
	t.Helper()
	a = Answers{}
	for {
		st := f.Resolve(a, nil, now())
		q, ok := st.Next()
		if !ok {
			return a, asked
		}
		if len(asked) > len(f.fields) || slices.Contains(asked, q.Key) {
			t.Fatalf("%s is asked twice", q.Key)
		}
		asked = append(asked, q.Key)
		reply, ok := p[q.Key]
		if !ok {
			t.Fatalf("%s is asked and the persona knows nothing of it", q.Key)
		}
		a = say(t, f, a, q.Key, reply)
	}
}

func consented(t testing.TB, f *Form, a Answers) Answers {
	t.Helper()
	a, err := f.Set(a, "declaration.truthful", core.DraftAnswer{Value: true, Author: "citizen"}, nil, now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNothingAskedTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form    string
		p       persona
		never   []string // known without asking
		answers int
	}{
		{"marital_status", single(), []string{"requester.idDoc.type", "subject.fullName", "subject.sex", "subject.personalId", "subject.residence", "subject.nationality", "subject.residedFrom", "purpose.partnerId", "purpose.marryAt", "purpose.text", "declaration.truthful"}, 12},
		{"birth_registration", father(), []string{"requester.idDoc.type", "father.fullName", "father.birthYear", "father.personalId", "father.residence", "father.nationality", "child.birthDateText"}, 24},
	} {
		f := load(t, c.form)
		a, asked := answer(t, f, c.p)
		if len(asked) != c.answers {
			t.Errorf("%s asks %d questions, want %d: %v", c.form, len(asked), c.answers, asked)
		}
		for _, key := range c.never {
			if slices.Contains(asked, key) {
				t.Errorf("%s asks for %s", c.form, key)
			}
		}
		st := f.Resolve(a, nil, now())
		if vs := st.Validate(); len(vs) != 1 || vs[0].Field != "declaration.truthful" || vs[0].Key != "field.consent.needed" {
			t.Errorf("%s before the consent: %v", c.form, vs)
		}
		st = f.Resolve(consented(t, f, a), nil, now())
		if vs := st.Validate(); len(vs) > 0 {
			t.Errorf("%s: %v", c.form, vs)
		}
		if ws := st.Warnings(); len(ws) > 0 {
			t.Errorf("%s: %v", c.form, ws)
		}
	}
}

// The canonical answers and their hash are what a dossier is compared by: a
// change here is a change of what was submitted.
func TestCanonicalAnswers(t *testing.T) {
	t.Parallel()
	f := load(t, "birth_registration")
	a, _ := answer(t, f, father())
	got := canonical(t, f.Resolve(consented(t, f, a), nil, now()).Canonical())
	want := `{"child.birthDate":"2026-03-05","child.birthDateText":"Ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu","child.birthPlace":{"line":"Bệnh viện Từ Dũ","ward":"26743"},` +
		`"child.ethnicity":"01","child.fullName":"NGUYỄN MINH KHANG","child.hometown":{"ward":"27541"},"child.nationality":"VN","child.sex":"nam","contact.phone":"+84901234567",` +
		`"declaration.truthful":true,"delivery.method":"counter","father.birthYear":"1993","father.ethnicity":"01","father.fullName":"NGUYỄN VĂN AN","father.nationality":"VN","father.personalId":"079093001234",` +
		`"father.residence":{"line":"12 Lê Lợi","ward":"26740"},"marriage.certDate":"2023-11-20","marriage.certNo":"12/2023","marriage.registered":true,` +
		`"mother.birthYear":"1995","mother.ethnicity":"01","mother.fullName":"TRẦN THỊ MAI","mother.nationality":"VN","mother.personalId":"079195001234","mother.residence":{"line":"12 Lê Lợi","ward":"26740"},` +
		`"receivingAgency":"26740","requester.fullName":"NGUYỄN VĂN AN","requester.personalId":"079093001234","requester.relation":"cha","requester.residence":{"line":"12 Lê Lợi","ward":"26740"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// A stored draft goes through JSON; the bytes stay.
	stored, err := json.Marshal(consented(t, f, a))
	if err != nil {
		t.Fatal(err)
	}
	var back Answers
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if again := canonical(t, f.Resolve(back, nil, now()).Canonical()); again != want {
		t.Errorf("after JSON %s", again)
	}
	// Stored values that follow from others are worked out anew.
	back["father.fullName"] = core.DraftAnswer{Value: "SOMEBODY ELSE", Author: AuthorCopy}
	back["child.birthDateText"] = core.DraftAnswer{Value: "hôm qua", Author: "citizen"}
	if again := canonical(t, f.Resolve(back, nil, now()).Canonical()); again != want {
		t.Errorf("with stale copies %s", again)
	}
}

func TestBirthRules(t *testing.T) {
	t.Parallel()
	f := load(t, "birth_registration")
	for _, c := range []struct {
		name   string
		change persona
		want   string // ids of the rules that warn
		hidden []string
	}{
		{"on time", nil, "", nil},
		{"60 days", persona{"child.birthDate": "11/1/2026"}, "", nil},
		{"61 days", persona{"child.birthDate": "10/1/2026"}, "late", nil},
		{"no father", persona{"requester.relation": "mẹ", "requester.fullName": "Trần Thị Mai", "requester.personalId": "079195001234", "father.fullName": "-", "marriage.registered": "chưa", "child.fullName": "Trần Minh Khang"}, "",
			[]string{"father.birthYear", "father.personalId", "father.ethnicity", "father.nationality", "father.residence", "marriage.certNo"}},
		{"no father, other family name", persona{"requester.relation": "mẹ", "requester.fullName": "Trần Thị Mai", "requester.personalId": "079195001234", "father.fullName": "-", "marriage.registered": "chưa"}, "family_name_of_mother", nil},
		{"no father, other ethnicity", persona{"requester.relation": "mẹ", "requester.fullName": "Trần Thị Mai", "requester.personalId": "079195001234", "father.fullName": "-", "marriage.registered": "chưa", "child.fullName": "Trần Minh Khang", "mother.ethnicity": "tày"}, "ethnicity_of_mother", nil},
		{"married without father", persona{"requester.relation": "mẹ", "requester.fullName": "Trần Thị Mai", "requester.personalId": "079195001234", "father.fullName": "-", "child.fullName": "Trần Minh Khang"}, "married_without_father", nil},
		{"year of the mother", persona{"mother.birthYear": "1994"}, "mother_id_year", nil},
	} {
		p := father()
		for k, v := range c.change {
			p[k] = v
		}
		a, _ := answer(t, f, p)
		st := f.Resolve(a, nil, now())
		var ids []string
		for _, w := range st.Warnings() {
			ids = append(ids, w.Args["rule"])
			if w.Key != "field.rule" || w.Args["vi"] == "" || w.Args["en"] == "" {
				t.Errorf("%s: %v", c.name, w)
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s warns %q, want %q", c.name, got, c.want)
		}
		for _, key := range c.hidden {
			if slices.Contains(st.Visible(), key) {
				t.Errorf("%s shows %s", c.name, key)
			}
		}
	}
}

func TestBlockingRule(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	a, _ := answer(t, f, single())
	a = say(t, f, a, "subject.residedFrom", "1/1/2020")
	a = say(t, f, consented(t, f, a), "subject.residedTo", "1/1/2019")
	if vs := f.Resolve(a, nil, now()).Validate(); len(vs) != 1 || vs[0].Args["rule"] != "resided_order" {
		t.Errorf("%v", vs)
	}
	a = say(t, f, a, "subject.residedTo", "1/1/2021")
	if vs := f.Resolve(a, nil, now()).Validate(); len(vs) > 0 {
		t.Errorf("%v", vs)
	}
}

// Changing a branch hides its answers without losing them.
func TestAside(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	a, _ := answer(t, f, single())
	a = say(t, f, a, "purpose.marryAt", "ben thanh")
	before := canonical(t, f.Resolve(a, nil, now()).Canonical())
	other := say(t, f, a, "purpose.kind", "khác")
	st := f.Resolve(other, nil, now())
	if got := strings.Join(st.Aside(), " "); got != "purpose.partnerName purpose.marryAt" {
		t.Errorf("aside: %s", got)
	}
	if c := canonical(t, st.Canonical()); strings.Contains(c, "LÊ QUỐC HUY") {
		t.Errorf("a hidden answer is submitted: %s", c)
	}
	if q, ok := st.Next(); !ok || q.Key != "purpose.text" {
		t.Errorf("next is %s", q.Key)
	}
	back := say(t, f, other, "purpose.kind", "kết hôn")
	st = f.Resolve(back, nil, now())
	if _, ok := st.Next(); ok || canonical(t, st.Canonical()) != before {
		t.Error("the answers did not come back")
	}
	// A copy that is overruled stays overruled, and comes back when cleared.
	mine := say(t, f, a, "subject.residence", "5 Hai Bà Trưng, phường Bến Thành")
	if v, _ := f.Resolve(mine, nil, now()).Value("subject.residence"); !Same(v, addressValue("5 Hai Bà Trưng", "26743")) {
		t.Errorf("%v", v)
	}
	if got := canonical(t, f.Resolve(f.Clear(mine, "subject.residence"), nil, now()).Canonical()); got != before {
		t.Errorf("%s", got)
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	a := say(t, f, Answers{}, "purpose.kind", "khác")
	for _, c := range []struct {
		key  string
		ans  core.DraftAnswer
		want string
	}{
		{"nothing", core.DraftAnswer{Value: "x"}, "field.unknown"},
		{"purpose.partnerName", core.DraftAnswer{Value: "LÊ QUỐC HUY"}, "field.hidden"},
		{"purpose.kind", core.DraftAnswer{Skipped: true}, "field.required"},
		{"purpose.kind", core.DraftAnswer{Value: "travel"}, "field.choice.unknown"},
		{"contact.phone", core.DraftAnswer{Value: "0901234567"}, "field.phone.format"},
		{"contact.phone", core.DraftAnswer{Value: 901234567}, "field.phone.format"},
		{"request.copies", core.DraftAnswer{Value: 2.5}, "field.type"},
		{"request.copies", core.DraftAnswer{Value: 51}, "field.number.max"},
		{"requester.fullName", core.DraftAnswer{Value: "Trần Thị Mai"}, "field.type"}, // not canonical
		{"requester.residence", core.DraftAnswer{Value: map[string]any{"ward": "99999"}}, "field.place.unknown"},
		{"declaration.truthful", core.DraftAnswer{Value: false}, "field.consent.needed"},
		{"subject.birthDate", core.DraftAnswer{Value: "2026-03-13"}, "field.date.future"},
	} {
		after, err := f.Set(a, c.key, c.ans, nil, now())
		var e *core.Error
		if core.ErrorCode(err) != core.CodeInvalid {
			t.Errorf("%s %v: %v", c.key, c.ans.Value, err)
			continue
		}
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Key != c.want || e.Fields[0].Field != c.key {
			t.Errorf("%s %v: %v, want %s", c.key, c.ans.Value, e.Fields, c.want)
		}
		if len(after) != len(a) {
			t.Errorf("%s: the answers changed", c.key)
		}
	}
	birth := load(t, "birth_registration")
	if _, err := birth.Set(Answers{}, "child.birthDateText", core.DraftAnswer{Value: "x"}, nil, now()); core.ErrorCode(err) != core.CodeInvalid {
		t.Errorf("a computed field was set: %v", err)
	}
}

func TestRebase(t *testing.T) {
	t.Parallel()
	old := load(t, "marital_status")
	alone := single()
	alone["purpose.partnerName"] = "-"
	a, _ := answer(t, old, alone)
	def := old.Definition()
	def.Version = "2"
	def.Groups = slices.Clone(def.Groups)
	for i := range def.Groups {
		def.Groups[i].Fields = slices.Clone(def.Groups[i].Fields)
		for j := range def.Groups[i].Fields {
			switch fd := &def.Groups[i].Fields[j]; fd.Key {
			case "subject.ethnicity": // another type
				*fd = Field{Key: fd.Key, Type: "text", Label: fd.Label, Required: true}
			case "contact.phone": // another meaning
				fd.Rev = 1
			case "delivery.method": // the chosen option is gone
				fd.Options = fd.Options[1:]
			case "purpose.partnerName": // skipped, and required now
				fd.Required = true
			}
		}
	}
	f, issues := Compile(def, refs(t))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	kept, dropped := f.Rebase(a, now())
	if got := strings.Join(dropped, " "); got != "subject.ethnicity purpose.partnerName delivery.method contact.phone" {
		t.Errorf("dropped %s", got)
	}
	if len(kept) != len(a)-4 {
		t.Errorf("kept %d of %d", len(kept), len(a))
	}
	var asked []string
	for st := f.Resolve(kept, nil, now()); ; st = f.Resolve(kept, nil, now()) {
		q, ok := st.Next()
		if !ok {
			break
		}
		asked = append(asked, q.Key)
		kept = say(t, f, kept, q.Key, map[string]string{"subject.ethnicity": "Kinh", "purpose.partnerName": "Lê Quốc Huy", "delivery.method": "1", "contact.phone": "0901234567"}[q.Key])
	}
	if !slices.Equal(asked, dropped) {
		t.Errorf("asked %v after the change, want %v", asked, dropped)
	}
	if again, none := f.Rebase(kept, now()); len(none) > 0 || len(again) != len(kept) {
		t.Errorf("nothing changed and %v was dropped", none)
	}
}

func TestProgressOfProfile(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	_, before := f.Resolve(nil, nil, now()).Progress()
	known := Answers{
		"requester.fullName": {Value: "TRẦN THỊ MAI", Author: AuthorProfile}, "requester.personalId": {Value: "079190001234", Author: AuthorProfile},
		"contact.phone": {Value: "+84901234567", Author: AuthorProfile},
	}
	done, total := f.Resolve(known, nil, now()).Progress()
	if done != 0 || total != before-3-4 { // three answers, and four questions about another paper
		t.Errorf("%d of %d, %d before", done, total, before)
	}
}

func TestPrevious(t *testing.T) {
	t.Parallel()
	f := load(t, "marital_status")
	a, asked := answer(t, f, single())
	st := f.Resolve(a, nil, now())
	key := ""
	for i := len(asked) - 1; i >= 0; i-- {
		q, ok := st.Previous(key)
		if !ok || q.Key != asked[i] {
			t.Fatalf("before %q comes %q, want %q", key, q.Key, asked[i])
		}
		key = q.Key
	}
	if q, ok := st.Previous(key); ok {
		t.Errorf("before the first comes %s", q.Key)
	}
}

// A question with its options fits one message of 160 GSM-7 characters, behind
// the brand and the widest counter, in both languages.
func TestCompactFits(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"marital_status", "birth_registration", "generic"} {
		f := load(t, id)
		for _, key := range f.Keys() {
			st := f.Resolve(Answers{}, nil, now())
			i := f.scope.index[key]
			if f.fields[i].Type == "computed" {
				continue
			}
			q := st.question(i)
			for l, counter := range map[text.Locale]string{text.VI: "HCMC-DVC: Cau 12/23: ", text.EN: "HCMC-DVC: Q 12/23: "} {
				m := counter + q.Compact(l)
				n, ok := text.Septets(m)
				if !ok || n > 160 {
					t.Errorf("%s %s: %d septets, GSM-7 %v: %s", id, key, n, ok, m)
				}
			}
			if q.Text.VI == "" || q.Text.EN == "" || q.AudioKey != "form."+id+"."+key {
				t.Errorf("%s %s: %+v", id, key, q)
			}
		}
	}
}

func TestJSONSchema(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"marital_status", "birth_registration", "generic"} {
		f := load(t, id)
		s := f.JSONSchema()
		if _, err := Canonical(s); err != nil { // whole numbers, strings and booleans only
			t.Errorf("%s: %v", id, err)
		}
		properties, _ := s["properties"].(map[string]any)
		if len(properties) != len(f.Keys()) {
			t.Errorf("%s: %d properties", id, len(properties))
		}
		required := fmt.Sprint(s["required"])
		if !strings.Contains(required, "contact.phone") || strings.Contains(required, "contact.email") {
			t.Errorf("%s requires %s", id, required)
		}
	}
}

// whim draws any acceptable reply to a question.
func whim(t *rapid.T, f *Form, q Question) core.DraftAnswer {
	by := core.DraftAnswer{Author: "citizen", At: now()}
	if q.Optional && rapid.Bool().Draw(t, "skip "+q.Key) {
		by.Skipped = true
		return by
	}
	replies := map[string][]string{
		"person_name": {"Nguyễn Văn An", "LE QUOC HUY", "Huy", "trần thị mai"}, "personal_id": {"079190001234", "079093001234", "001 205 000 001"},
		"date": {"5/3/2026", "hôm qua", "1/1/1990", "29/2/2024"}, "partial_date": {"1990", "3/1990", "5/3/1990"},
		"phone": {"0901234567", "+84 321 234 567"}, "email": {"an@example.vn"}, "org": {"sai gon", "bến thành"},
		"address": {"12 Lê Lợi, phường Sài Gòn", "xã Bình Chánh", "Xóm 3, tỉnh Nghệ An"}, "code": {"Kinh", "Hoa", "Tày", "VN"},
		"integer": {"0", "3", "năm"}, "text": {"vay vốn", "0", "12/2023"}, "longtext": {"nội dung"}, "boolean": {"có", "chưa"},
	}[q.Type]
	if len(q.Choices) > 0 {
		replies = nil
		for i := range q.Choices {
			replies = append(replies, fmt.Sprint(i+1))
		}
	}
	for _, r := range rapid.Permutation(replies).Draw(t, q.Key) {
		if o := f.Parse(q.Key, r, text.VI, now()); o.OK() {
			by.Value = o.Value
			return by
		}
	}
	t.Fatalf("no reply to %s", q.Key)
	return by
}

// Whatever a person answers, Next ends with a form that can be submitted, asks
// nothing twice, and its total never rises on the way.
func TestNextReachesTheEnd(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"marital_status", "birth_registration", "generic"} {
		f := load(t, id)
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				a := Answers{}
				asked := map[string]bool{}
				last := 1 << 30
				for n := 0; ; n++ {
					st := f.Resolve(a, nil, now())
					done, total := st.Progress()
					if done != n || total > last {
						t.Fatalf("progress %d/%d after %d answers, %d before", done, total, n, last)
					}
					last = total
					q, ok := st.Next()
					if !ok {
						if done != total {
							t.Fatalf("ends at %d of %d", done, total)
						}
						break
					}
					if asked[q.Key] {
						t.Fatalf("%s is asked twice", q.Key)
					}
					asked[q.Key] = true
					var err error
					if a, err = f.Set(a, q.Key, whim(t, f, q), nil, now()); err != nil {
						t.Fatal(err)
					}
				}
				var err error
				if a, err = f.Set(a, "declaration.truthful", core.DraftAnswer{Value: true}, nil, now()); err != nil {
					t.Fatal(err)
				}
				st := f.Resolve(a, nil, now())
				if vs := st.Validate(); len(vs) > 0 {
					t.Fatalf("cannot be submitted: %v", vs)
				}
				once, err := Canonical(st.Canonical())
				if err != nil {
					t.Fatal(err)
				}
				if again, err := Canonicalize(once); err != nil || string(again) != string(once) {
					t.Fatalf("%s, %v", again, err)
				}
				// A draft that is not changed says the same in a year, but for what is late.
				later := f.Resolve(a, nil, now().AddDate(1, 0, 0))
				if c, _ := Canonical(later.Canonical()); string(c) != string(once) {
					t.Fatalf("the clock changes the answers: %s and %s", once, c)
				}
			})
		})
	}
}

// The order of answering changes nothing: an app fills fields in as it likes.
func TestOrderOfAnswers(t *testing.T) {
	t.Parallel()
	f := load(t, "birth_registration")
	a, _ := answer(t, f, father())
	want := canonical(t, f.Resolve(a, nil, now()).Canonical())
	keys := make([]string, 0, len(a))
	for k := range a {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	rapid.Check(t, func(t *rapid.T) {
		b := Answers{}
		for _, k := range rapid.Permutation(keys).Draw(t, "order") {
			var err error
			if b, err = f.Set(b, k, a[k], nil, now()); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Canonical(f.Resolve(b, nil, now()).Canonical())
		if err != nil || string(c) != want {
			t.Fatalf("%s, %v", c, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	groups := typeCases()
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	slices.Sort(names)
	forms := make([]*Form, len(names))
	for i, name := range names {
		forms[i] = one(f, groups[name].field)
		for _, c := range groups[name].cases {
			if len(c.in) < 500 {
				f.Add(uint8(i), c.in)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, in string) {
		form := forms[int(which)%len(forms)]
		o := form.Parse("x", in, text.EN, now())
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
		if again := form.Parse("x", in, text.EN, now()); fmt.Sprint(again.Value) != fmt.Sprint(o.Value) {
			t.Fatalf("%q gives %v and then %v", in, o.Value, again.Value)
		}
	})
}

// Programs are made once: resolving again makes none and stays in its budget of
// allocations.
//
// Not parallel: allocations are counted over the whole process.
func TestResolveDoesNotCompile(t *testing.T) {
	f, a := halfway(t)
	programs := func() (n int) {
		for _, e := range f.scope.exprs {
			if e.prg != nil {
				n++
			}
		}
		return n
	}
	f.Resolve(a, nil, now()).Validate()
	before := programs()
	allocs := testing.AllocsPerRun(50, func() { f.Resolve(a, nil, now()).Validate() })
	if programs() != before || allocs > 300 {
		t.Errorf("%d programs, then %d; %.0f allocations", before, programs(), allocs)
	}
	if now().Location() != core.City || civil(time.Date(2026, 3, 11, 17, 30, 0, 0, time.UTC)).Day() != 12 {
		t.Error("a day does not start at midnight in the city")
	}
}
