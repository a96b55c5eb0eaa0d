package form

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/motcua/motcua/core"
)

func TestCanonicalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"keys in order", `{"b":1,"a":"x"}`, `{"a":"x","b":1}`},
		{"no space", " { \"a\" : [ 1 , true , false ] } \n", `{"a":[1,true,false]}`},
		// RFC 8785 §3.2.3, without the values it maps to.
		{"order of UTF-16", `{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"\u05d3\u05bc\":3,\"€\":1,\"😀\":5}"}, // U+FB33 is two characters in NFC
		{"surrogates before U+E000", `{"\ue000":1,"\ud83d\ude00":2,"\ud83d\ude01":3,"\uffee":4}`, "{\"😀\":2,\"😁\":3,\"\ue000\":1,\"\uffee\":4}"},
		// RFC 8785 §3.2.2.2.
		{"escapes", `"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`, "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""},
		{"short escapes", `"\b\t\n\f\r\u001f\u007f"`, "\"\\b\\t\\n\\f\\r\\u001f\u007f\""},
		{"NFC", `"Nguye\u0302\u0303n"`, `"Nguyễn"`},
		{"NFC of a key", `{"te\u0302n":1}`, `{"tên":1}`},
		{"NFC across nothing", "\"e\u200b\u0301\"", "\"e\u200b\u0301\""},
		{"NFC of a sign", `"<\u0338"`, "\"\u226e\""},
		{"NFC of a space", `"\u2000"`, "\"\u2002\""},
		{"spaces stay", `"  a  "`, `"  a  "`},
		{"integers", `[0,-1,9007199254740991,-9007199254740991]`, `[0,-1,9007199254740991,-9007199254740991]`},
		{"empty", `{}`, `{}`},
		{"list order stays", `[2,1]`, `[2,1]`},
	} {
		got, err := Canonicalize([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, c.want)
		}
	}
}

func TestCanonicalizeRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		``, ` `, `{`, `[`, `"`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `{a:1}`, `'a'`, `nul`, `tru`, `1 2`, `{}{}`,
		`null`, `{"a":null}`, `1.0`, `1.5`, `1e3`, `-0`, `01`, `-`, `+1`, `.5`, `9007199254740992`, `-9007199254740992`, `99999999999999999999`, `NaN`,
		`{"a":1,"a":1}`, `{"a":1,"\u0061":2}`, "{\"te\u0302n\":1,\"tên\":2}",
		`"\ud800"`, `"\ud800x"`, `"\ud800\u0041"`, `"\udc00"`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\xff\"", "\xef\xbb\xbf{}",
		strings.Repeat("[", 40) + strings.Repeat("]", 40), `"` + strings.Repeat("x", MaxJSON) + `"`,
	} {
		got, err := Canonicalize([]byte(in))
		if code := core.ErrorCode(err); code != core.CodeInvalid && code != core.CodeTooLarge {
			t.Errorf("%.40q gives %s, %v", in, got, err)
		}
	}
}

func TestCanonicalGoValues(t *testing.T) {
	t.Parallel()
	got, err := Canonical(map[string]any{"f": float64(3), "n": json.Number("4"), "i": 5, "l": []string{"a"}, "m": map[string]string{"k": "v"}})
	if want := `{"f":3,"i":5,"l":["a"],"m":{"k":"v"},"n":4}`; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	for _, v := range []any{nil, 1.5, 1e300, json.Number("1.5"), struct{}{}, "\xff", map[string]any{"\xff": 1}, []any{nil}, int64(1) << 60} {
		if b, err := Canonical(v); core.ErrorCode(err) != core.CodeInvalid {
			t.Errorf("%#v gives %s, %v", v, b, err)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	got, err := Hash(map[string]any{"a": "x"})
	// printf '{"a":"x"}' | sha256sum
	if want := "bac82bcae3ff0e486fd02d6dce53dc6444bcbd21f6ab5dea0a69e86e8b723b7f"; err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}

// tree draws a value that has a canonical form.
func tree(t *rapid.T) any {
	leaf := rapid.OneOf(
		rapid.String().AsAny(),
		rapid.StringOfN(rapid.RuneFrom([]rune("aeêễđ \u0301\u0302\u0303\u0323\u200b<\u0338\"\\\n😀\ufb33")), 0, 12, -1).AsAny(),
		rapid.Int64Range(-MaxInteger, MaxInteger).AsAny(),
		rapid.Bool().AsAny(),
	)
	var node func(depth int) *rapid.Generator[any]
	node = func(depth int) *rapid.Generator[any] {
		if depth == 0 {
			return leaf
		}
		return rapid.OneOf(leaf,
			rapid.SliceOfN(node(depth-1), 0, 4).AsAny(),
			rapid.MapOfN(rapid.StringN(0, 6, -1), node(depth-1), 0, 5).AsAny(),
		)
	}
	return node(3).Draw(t, "tree")
}

// shuffled writes v as JSON with the keys in random order and random space.
func shuffled(v any, r *rand.Rand) string {
	space := func() string { return []string{"", " ", "\n\t"}[r.IntN(3)] }
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for k, e := range v {
			key, _ := json.Marshal(k)
			parts = append(parts, space()+string(key)+space()+":"+shuffled(e, r))
		}
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, shuffled(e, r))
		}
		return "[" + strings.Join(parts, ","+space()) + "]"
	default:
		b, _ := json.Marshal(v)
		return space() + string(b) + space()
	}
}

func TestCanonicalProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := tree(t)
		once, err := Canonical(v)
		if err != nil {
			if m := err.Error(); !strings.Contains(m, "occurs twice") { // two keys that are one in NFC
				t.Fatal(err)
			}
			return
		}
		if again, err := Canonicalize(once); err != nil || string(again) != string(once) {
			t.Fatalf("not idempotent: %s then %s, %v", once, again, err)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		written := shuffled(v, rand.New(rand.NewPCG(seed, 1)))
		if other, err := Canonicalize([]byte(written)); err != nil || string(other) != string(once) {
			t.Fatalf("depends on how it is written: %s gives %s, %v, want %s", written, other, err, once)
		}
		if !json.Valid(once) || !utf8.Valid(once) {
			t.Fatalf("not JSON: %s", once)
		}
	})
}

// Composed and decomposed Vietnamese is the same answer.
func TestCanonicalNFD(t *testing.T) {
	t.Parallel()
	nfd := strings.NewReplacer(
		"ễ", "e\u0302\u0303", "ộ", "o\u0323\u0302", "Ấ", "A\u0302\u0301", "ữ", "u\u031b\u0303", "ạ", "a\u0323", "ế", "e\u0302\u0301",
	)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("abc ễộẤữạếđ\u200b\t-"))).Draw(t, "s")
		a, errA := Canonical(s)
		b, errB := Canonical(nfd.Replace(s))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("%q: %s and %s, %v %v", s, a, b, errA, errB)
		}
	})
}

func FuzzCanonicalize(f *testing.F) {
	for _, s := range []string{`{"b":[1,{"a":"\u00e9"}],"a":true}`, `"\ud83d\ude00"`, `-9007199254740991`, `[[[[]]]]`, `{"a":1,"a":2}`, "\"e\u0301\u2000<\u0338\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := Canonicalize(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("took what is not JSON: %q", data)
		}
		again, err := Canonicalize(once)
		if err != nil || string(again) != string(once) {
			t.Fatalf("%q then %q, %v", once, again, err)
		}
	})
}
