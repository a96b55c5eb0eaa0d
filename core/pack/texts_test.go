package pack_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/motcua/motcua/core/pack"
)

func TestDecodeTexts(t *testing.T) {
	t.Parallel()
	read := func(s string) (pack.Texts, error) {
		return pack.DecodeTexts(fstest.MapFS{"vi.yaml": {Data: []byte(s)}}, "vi.yaml")
	}
	got, err := read("hello: Xin chào.\nask:\n  rich: \"**{q}**\"\n  short: 12\n")
	if err != nil {
		t.Fatal(err)
	}
	want := pack.Texts{"hello": {"": "Xin chào."}, "ask": {"rich": "**{q}**", "short": "12"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for in, want := range map[string]string{
		"- a\n":                   "vi.yaml:1: expected keys with texts",
		"a: b\nc: [d]\n":          "vi.yaml:2: c: expected a text",
		"a:\n  rich:\n    x: y\n": "vi.yaml:3: a.rich: expected a text",
	} {
		if _, err := read(in); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}
