package pack_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/pack"
)

type dish struct {
	Name   string         `yaml:"name"`
	Price  int            `yaml:"price"`
	Spicy  bool           `yaml:"spicy"`
	Since  pack.Date      `yaml:"since"`
	Extras []extra        `yaml:"extras"`
	Words  map[string]int `yaml:"words"`
}

type extra struct {
	Key  string         `yaml:"key"`
	Name pack.Bilingual `yaml:"name"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	text := "name: bún bò\nprice: 45000\nspicy: yes\nsince: 2026-07-01\nextras:\n  - key: a\n    name: {vi: rau, en: herbs}\nwords: {one: 1}\n"
	var got dish
	if err := pack.DecodeBytes("dish.yaml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "bún bò" || got.Price != 45000 || !got.Spicy || got.Since.String() != "2026-07-01" ||
		len(got.Extras) != 1 || got.Extras[0].Name.In("en") != "herbs" || got.Words["one"] != 1 {
		t.Fatalf("got %+v", got)
	}
}

func TestDecodeIssues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"unknown field":     {"name: a\nprise: 3\n", `dish.yaml:2: prise: the field "prise" is not known`},
		"duplicate key":     {"name: a\nprice: 1\nname: b\n", `dish.yaml:3: name: the key "name" was already given in line 1`},
		"number":            {"name: a\nprice: cheap\n", `dish.yaml:2: price: expected a whole number, found "cheap"`},
		"fraction":          {"price: 1.5\n", `dish.yaml:1: price: expected a whole number, found "1.5"`},
		"list":              {"extras: none\n", `dish.yaml:1: extras: expected a list, found "none"`},
		"text from list":    {"name: [a]\n", `dish.yaml:1: expected a text, found a list`},
		"no value":          {"name:\nprice: 1\n", `dish.yaml:1: name: there is no value: remove the key or fill it in`},
		"day":               {"since: 2026-02-30\n", `dish.yaml:1: since: "2026-02-30" is not a day of the form 2026-07-01`},
		"alias":             {"name: &n a\nextras:\n  - key: *n\n", "dish.yaml:1: name: anchors (&n) are not used in a pack: write the value out\ndish.yaml:3: extras.0.key: aliases (*n) are not used in a pack: write the value out"},
		"merge key":         {"<<: {name: a}\n", `dish.yaml:1: a key must be a plain word`},
		"binary tag":        {"name: !!binary aGk=\n", `dish.yaml:1: name: the tag !!binary is not used in a pack`},
		"two documents":     {"name: a\n---\nname: b\n", `dish.yaml:`},
		"empty":             {"", `dish.yaml:1: `},
		"broken":            {"name: a\nextras: [\n", `dish.yaml:`},
		"not utf-8":         {"name: a\nprice: 1\nwords: \xff\n", `dish.yaml:3: the text is not UTF-8`},
		"several at once":   {"nom: a\nprice: x\nspicy: maybe\n", "dish.yaml:1: nom: the field \"nom\" is not known\ndish.yaml:2: price: expected a whole number, found \"x\"\ndish.yaml:3: spicy: expected true or false, found \"maybe\""},
		"unknown in a list": {"extras:\n  - key: a\n    colour: red\n", `dish.yaml:3: extras.0.colour: the field "colour" is not known`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var into dish
			err := pack.DecodeBytes("dish.yaml", []byte(tt.text), &into)
			if err == nil {
				t.Fatal("no error")
			}
			var issues pack.Issues
			if !errors.As(err, &issues) || len(issues) == 0 {
				t.Fatalf("error is %T, want Issues", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestDecodeBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"size":  {"name: " + strings.Repeat("x", pack.MaxFileSize), "larger than"},
		"depth": {"words: " + strings.Repeat("[", pack.MaxDepth+1) + strings.Repeat("]", pack.MaxDepth+1), "nested deeper"},
		"nodes": {"words: [" + strings.Repeat("1,", pack.MaxNodes) + "]", "more than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{"dish.yaml": {Data: []byte(tt.text)}}
			var into dish
			if err := pack.Decode(fsys, "dish.yaml", &into); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	t.Run("missing file", func(t *testing.T) {
		t.Parallel()
		var into dish
		err := pack.Decode(fstest.MapFS{}, "no.yaml", &into)
		if err == nil || err.Error() != "no.yaml: the file is missing" {
			t.Errorf("got %v", err)
		}
	})
}

func TestLocate(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"a.yaml": {Data: []byte("# head\nname: a\nextras:\n  - key: one\n  - key: two\n    name:\n      vi: hai\n")}}
	tests := []struct {
		path []string
		want int
	}{
		{nil, 2},
		{[]string{"name"}, 2},
		{[]string{"extras"}, 3},
		{[]string{"extras", "1"}, 5},
		{[]string{"extras", "1", "name", "vi"}, 7},
		{[]string{"extras", "1", "name", "en"}, 6},
		{[]string{"extras", "9"}, 3},
		{[]string{"absent"}, 2},
	}
	for _, tt := range tests {
		if got := pack.Locate(fsys, "a.yaml", tt.path...); got != tt.want {
			t.Errorf("Locate(%v) = %d, want %d", tt.path, got, tt.want)
		}
	}
	if got := pack.Locate(fsys, "missing.yaml"); got != 0 {
		t.Errorf("missing file: line %d", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: a\nprice: 1\n", "a: &a [*a]\n", "<<: {x: 1}\n", "? [a]\n: b\n", "name: |\n  x\n", "- 1\n- {a: b}\n",
		"a: &x [1]\nb: [*x,*x]\n", "since: 2026-01-01T00:00:00Z\n", "%YAML 1.2\n---\nname: a\n", "\ufeffname: a\n", "a: !!set {}\n", "---\n...\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var into dish
		err := pack.DecodeBytes("f.yaml", data, &into)
		var issues pack.Issues
		if err != nil && (!errors.As(err, &issues) || len(issues) == 0) {
			t.Fatalf("%T is not Issues", err)
		}
		for _, issue := range issues {
			if issue.File != "f.yaml" || issue.Line < 1 || issue.Message == "" {
				t.Fatalf("issue without a place: %+v", issue)
			}
		}
		pack.LocateBytes(data, "extras", "0", "name")
	})
}
