package form

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// household compiles the form of testdata with every kind of list.
func household(t testing.TB) *Form {
	t.Helper()
	f, err := Load(os.DirFS("testdata"), "household.yaml", refs(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// family says what a household of two members and one document answers.
func family() persona {
	return persona{
		"owner.fullName": "Nguyễn Văn An", "household.shared": "có",
		"members.count":       "2",
		"members.i1.fullName": "Trần Thị Mai", "members.i1.relation": "vợ chồng", "members.i1.share": "10 triệu", "members.i1.signature": "0901234567",
		"members.i2.fullName": "Nguyễn Minh Khang", "members.i2.relation": "con", "members.i2.guardian": "Lê Quốc Huy", "members.i2.share": "2tr5",
		"docs.count": "1", "docs.i1.title": "Bằng tốt nghiệp", "docs.i1.pages": "3", "docs.i1.copies": "2",
		"bank.account": "0071000123456",
	}
}

func TestListIsAskedItemByItem(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, asked := answer(t, f, family())
	want := "owner.fullName household.shared members.count members.i1.fullName members.i1.relation members.i1.share members.i1.signature " +
		"members.i2.fullName members.i2.relation members.i2.guardian members.i2.share docs.count docs.i1.title docs.i1.pages docs.i1.copies bank.account"
	if got := strings.Join(asked, " "); got != want {
		t.Errorf("asked %s", got)
	}
	st := f.Resolve(a, nil, now())
	if vs := st.Validate(); len(vs) > 0 {
		t.Errorf("%v", vs)
	}
	got := canonical(t, st.Canonical())
	if want := `{"bank.account":"0071000123456","docs":[{"copies":2,"fee":10000,"pages":3,"title":"Bằng tốt nghiệp"}],"fee.total":10000,"household.shared":true,` +
		`"members":[{"fullName":"TRẦN THỊ MAI","relation":"vo_chong","share":10000000,"signature":{"phone":"+84901234567"}},` +
		`{"fullName":"NGUYỄN MINH KHANG","guardian":"LÊ QUỐC HUY","relation":"con","share":2500000}],"owner.fullName":"NGUYỄN VĂN AN","shares.total":12500000}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c := st.Cosigners(); len(c) != 1 || c[0] != (Cosigner{"members.i1.signature", "TRẦN THỊ MAI", "+84901234567"}) {
		t.Errorf("%+v", c)
	}
	flat := f.Unfold(st.Canonical())
	for _, key := range f.Keys() {
		if v, ok := st.Value(key); ok && !Same(flat[key], v) {
			t.Errorf("%s: %v, want %v", key, flat[key], v)
		}
	}
}

// The schema takes what the engine makes, and refuses it when an item is wrong.
func TestListSchema(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, _ := answer(t, f, family())
	plain := func(v any) any {
		t.Helper()
		x, err := jsonschema.UnmarshalJSON(strings.NewReader(canonical(t, v)))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("form.json", plain(f.JSONSchema())); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("form.json")
	if err != nil {
		t.Fatal(err)
	}
	good := f.Resolve(a, nil, now()).Canonical()
	if err := s.Validate(plain(good)); err != nil {
		t.Error(err)
	}
	for name, item := range map[string]any{"unknown": map[string]any{"fullName": "A B", "colour": "red"}, "missing": map[string]any{"relation": "con"}, "no item": "x"} {
		good["members"] = []any{item}
		if s.Validate(plain(good)) == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestQuestionOfItem(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, _ := answer(t, f, family())
	st := f.Resolve(a, nil, now())
	q, ok := st.Question("members.i2.fullName")
	if !ok || q.Heading != (Text{"Thành viên 2/2", "Member 2/2"}) || q.Item != 2 || q.Items != 2 {
		t.Errorf("%+v", q)
	}
	if got := q.Compact(text.VI); got != "Thanh vien 2/2: Ho va ten? Vi du: Tran Thi Mai" {
		t.Errorf("%q", got)
	}
	// Where the heading does not fit, the number stays.
	if q, _ := st.Question("docs.i1.title"); q.Short(text.VI) != "Ten giay to can chung thuc ban sao 1/1" {
		t.Errorf("%q", q.Short(text.VI))
	}
	if q, _ := st.Question("members.i1.signature"); q.Text.VI != "Số di động của Trần Thị Mai là gì?" {
		t.Errorf("named %q", q.Text.VI)
	}
	headings := map[string]bool{}
	for _, l := range st.Summary(text.VI) {
		headings[l.Heading.VI] = true
	}
	if !headings["Thành viên 1/2"] || !headings["Thành viên 2/2"] || !headings["Giấy tờ 1/1"] || len(headings) != 4 {
		t.Errorf("headings %v", headings)
	}
}

// The total rises with the answer how many, and with nothing else.
func TestProgressOfLists(t *testing.T) {
	t.Parallel()
	f := household(t)
	p := family()
	a, last := Answers{}, 1<<30
	for n := 0; ; n++ {
		st := f.Resolve(a, nil, now())
		done, total := st.Progress()
		q, ok := st.Next()
		if done != n || !ok && done != total {
			t.Fatalf("%d/%d after %d answers", done, total, n)
		}
		if !ok {
			return
		}
		if total > last {
			t.Errorf("the total rises to %d before %s", total, q.Key)
		}
		last = total
		if _, count := f.CountOf(q.Key); count {
			last = 1 << 30
		}
		a = say(t, f, a, q.Key, p[q.Key])
	}
}

func TestLowerCountKeepsAside(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, _ := answer(t, f, family())
	before := canonical(t, f.Resolve(a, nil, now()).Canonical())
	fewer := say(t, f, a, "members.count", "1")
	st := f.Resolve(fewer, nil, now())
	if got := canonical(t, st.Canonical()); strings.Contains(got, "KHANG") || !strings.Contains(got, `"shares.total":10000000`) {
		t.Errorf("%s", got)
	}
	if got := strings.Join(st.Aside(), " "); got != "members.i2.fullName members.i2.relation members.i2.guardian members.i2.share" {
		t.Errorf("aside %s", got)
	}
	if got := canonical(t, f.Resolve(say(t, f, fewer, "members.count", "2"), nil, now()).Canonical()); got != before {
		t.Errorf("the answers did not come back: %s", got)
	}
}

func TestRemoveItem(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, _ := answer(t, f, family())
	fewer, err := f.RemoveItem(a, "members", 1, now())
	if err != nil {
		t.Fatal(err)
	}
	st := f.Resolve(fewer, nil, now())
	got := canonical(t, st.Canonical())
	if !strings.Contains(got, `"members":[{"fullName":"NGUYỄN MINH KHANG","guardian":"LÊ QUỐC HUY","relation":"con","share":2500000}]`) || strings.Contains(got, "MAI") {
		t.Errorf("%s", got)
	}
	if _, open := st.Next(); open || len(st.Aside()) > 0 {
		t.Errorf("something is open or aside: %v", st.Aside())
	}
	if v, _ := f.Resolve(a, nil, now()).Value("members.count"); v != int64(2) {
		t.Error("the answers that were given changed")
	}
	for _, c := range []struct {
		group string
		n     int
		want  string
	}{{"members", 0, "field.repeat.none"}, {"members", 3, "field.repeat.none"}, {"docs", 1, "field.repeat.min"}, {"owner", 1, "field.unknown"}, {"", 1, "field.unknown"}} {
		_, err := f.RemoveItem(a, c.group, c.n, now())
		var e *core.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Key != c.want {
			t.Errorf("%s %d: %v, want %s", c.group, c.n, err, c.want)
		}
	}
}

// An item that is not there costs nothing: its conditions are not evaluated.
func TestItemsThatAreNotThereCostNothing(t *testing.T) {
	t.Parallel()
	f := household(t)
	evaluated := func(a Answers) (n int) {
		for _, v := range f.Resolve(a, nil, now()).memo {
			if v != nil {
				n++
			}
		}
		return n
	}
	a, _ := answer(t, f, family())
	none, two := evaluated(Answers{}), evaluated(a)
	if all := *f.scope.next; none > 6 || two > 12 || all < 60 {
		t.Errorf("%d of %d expressions evaluated with nothing answered, %d with two members", none, all, two)
	}
	programs := map[*program]bool{}
	for _, s := range append([]*scope{f.scope}, f.lists[0].scope, f.lists[1].scope) {
		for _, p := range s.checked {
			programs[p] = true
		}
	}
	if len(programs) > 12 {
		t.Errorf("%d programs for 20 items", len(programs))
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, _ := answer(t, f, family())
	st := f.Resolve(a, nil, now())
	if _, ok := st.Question("fee.total"); ok {
		t.Error("a read-only field has a question")
	}
	for _, l := range st.Summary(text.VI) {
		if (l.Key == "fee.total" || l.Key == "docs.i1.fee") && (l.Editable || !l.Known || l.Value == nil) {
			t.Errorf("%+v", l)
		}
	}
	if _, err := f.Set(a, "fee.total", core.DraftAnswer{Value: int64(0)}, nil, now()); core.ErrorCode(err) != core.CodeInvalid {
		t.Errorf("%v", err)
	}
	a["fee.total"] = core.DraftAnswer{Value: int64(0), Author: "citizen"}
	if v, _ := f.Resolve(a, nil, now()).Value("fee.total"); v != int64(10000) {
		t.Errorf("a stored value of a read-only field counts: %v", v)
	}
}

func TestPapers(t *testing.T) {
	t.Parallel()
	f := household(t)
	a, asked := answer(t, f, family())
	ps := f.Resolve(a, nil, now()).Papers()
	var got []string
	for _, p := range ps {
		got = append(got, fmt.Sprint(p.Key, " ", p.Required, " ", p.Single, " ", p.Needed))
	}
	if want := "owner.photo true true yes,owner.idDoc false false yes,evidence false false yes"; strings.Join(got, ",") != want {
		t.Errorf("%v", got)
	}
	if slices.Contains(asked, "owner.photo") {
		t.Error("a paper is asked as a question")
	}
	if _, err := f.Set(a, "owner.photo", core.DraftAnswer{Value: "x"}, nil, now()); core.ErrorCode(err) != core.CodeInvalid {
		t.Errorf("%v", err)
	}
	alone := family()
	alone["household.shared"] = "không"
	if a, _ = answer(t, f, alone); len(f.Resolve(a, nil, now()).Papers()) != 2 {
		t.Error("the paper of a closed branch is asked")
	}
	if ps := f.Resolve(Answers{}, nil, now()).Papers(); len(ps) != 3 || ps[2].Needed != Maybe {
		t.Errorf("%+v", ps)
	}
}

// Each way to break the list, with the line and words of the issue.
func TestListIssues(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/household.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"max", "max: 20", "max: 21", "repeat.max: a list has min 0 or more and max 1 to 20 items"},
		{"heading", `vi: "Thành viên {n}"`, `vi: "Thành viên"`, "repeat.item: the heading of an item says its number"},
		{"condition of the list", "when: household.shared == true", "when: household.shard == true", "repeat.when: column 1: undeclared reference"},
		{"later sibling", "when: item.relation == 'con'", "when: item.share == 1", "members.i1.share does not come before this field"},
		{"unknown sibling", "when: item.relation == 'con'", "when: item.age == 1", "fields.2.when: column 1: undeclared reference to 'item'"},
		{"item outside", "computed: docs.sum.fee", "computed: item.fee", "undeclared reference to 'item'"},
		{"a field of an item outside", "computed: docs.sum.fee", "computed: docs.i1.fee", "undeclared reference to 'docs"},
		{"sum too early", "when: household.shared == true", "when: docs.sum.fee == 1", "docs.i1.fee does not come before this field"},
		{"no count", "label: {vi: Số thành viên, en: Number of members}", "label: {}", "repeat.count.label: the text is missing"},
		{"paper in a list", "{key: issuer, type: text,", "{key: issuer, type: image,", "a list has no papers"},
		{"consent in a list", "{key: issuer, type: text,", "{key: issuer, type: consent,", "a list has no papers and no consents"},
		{"duplicate", "{key: issuer,", "{key: title,", "the key title occurs twice"},
		{"inside the list", "key: owner.fullName", "key: members.boss", "the key members.boss lies inside the list members"},
		{"named like a list", "key: household.shared", "key: members", "a list has a key of its own"},
		{"key of a list", "- key: docs", "- key: my.docs", "a list has a key of its own"},
		{"item in front", "{key: issuer,", "{key: item.issuer,", "has no item. in front"},
		{"read-only without value", "computed: docs.sum.fee", "default: '1'", "a read-only field says how it is computed"},
		{"name from nothing", "nameFrom: item.fullName", "nameFrom: item.nobody", "there is no person_name field item.nobody"},
		{"name from a number", "nameFrom: item.fullName", "nameFrom: item.share", "there is no person_name field members.i1.share"},
		{"name of a text", "{key: issuer, type: text,", "{key: issuer, type: text, nameFrom: owner.fullName,", "only a cosign field takes its name"},
		{"paper with a value", "type: image", "type: image\n        default: x", "a paper has no value"},
		{"long label", "Tên giấy tờ cần chứng thực bản sao", "Tên giấy tờ cần chứng thực bản saoo", "with the number of the item"},
		{"too many", "fields: # of docs", "fields: # of docs\n" + manyFields(30), "a form has at most 600 fields with each item counted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(string(data), c.old, c.new, 1)
			if text == string(data) {
				t.Fatal("the case changes nothing")
			}
			_, err := Load(fstest.MapFS{"h.yaml": {Data: []byte(text)}}, "h.yaml", refs(t))
			var issues pack.Issues
			if !errors.As(err, &issues) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if len(issues) > 4 {
				t.Errorf("the same thing is said %d times", len(issues))
			}
			for _, i := range issues {
				if i.Line == 0 {
					t.Errorf("%v has no place", i)
				}
			}
		})
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "      - {key: x%d, type: text, label: {vi: X, en: X}}\n", i)
	}
	return b.String()
}
