package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/motcua/motcua/core/text"
)

// placeWord is one word of a query.
type placeWord struct {
	key   string // folded, with its short form written out
	exact string // with its accents; "" when it was made of something else
	after bool   // a comma or a line break stands before it
}

// The bounds of a query: an address is shorter.
const (
	maxPlaceBytes = 400
	maxPlaceRaw   = 4 * maxPlaceBytes // with characters nobody sees
	maxPlaceWords = 40
)

// placeKey gives the words of a name as the index keeps them.
func placeKey(name string) []string { return spelledOnce(text.Tokens(name)) }

func spelledOnce(words []string) []string {
	for i, w := range words {
		words[i] = oneSpelling(w)
	}
	return words
}

// exactWords gives the words of a name with their accents.
func exactWords(name string) []string { return strings.Fields(text.FoldExact(name)) }

// oneSpelling writes what people spell in two ways in one: "05" as "5", and the y
// after a consonant, as in "Quý" and "Quí", as i.
func oneSpelling(w string) string {
	if n, err := strconv.Atoi(w); err == nil && n > 0 && n < 100 {
		return strconv.Itoa(n)
	}
	if n := len(w); n > 1 && w[n-1] == 'y' && !strings.ContainsRune("aeo", rune(w[n-2])) && (w[n-2] != 'u' || w == "quy") {
		return w[:n-1] + "i"
	}
	return w
}

// longForm gives what people shorten before a name, by the folded word.
func longForm(word string) (string, bool) {
	switch word {
	case "p", "f", "ph", "phg", "ward", "wards":
		return "phuong", true
	case "x", "commune":
		return "xa", true
	case "tt", "township":
		return "thi tran", true
	case "dk":
		return "dac khu", true
	case "q", "district", "dist":
		return "quan", true
	case "h":
		return "huyen", true
	case "tp", "city":
		return "thanh pho", true
	case "tx", "town":
		return "thi xa", true
	}
	return "", false
}

// numberedKind gives the kind a number may be written to without a space.
func numberedKind(letters string) (string, bool) {
	switch letters {
	case "d":
		return "quan", true
	case "w":
		return "phuong", true
	case "phuong", "quan":
		return letters, true
	}
	return longForm(letters)
}

// longWords writes the short forms among words out.
func longWords(words []string) []string {
	var out []string
	for _, w := range words {
		if long, ok := longForm(w); ok {
			out = append(out, strings.Fields(long)...)
			continue
		}
		out = append(out, w)
	}
	return out
}

func partEnd(r rune) bool {
	switch r {
	case ',', ';', '\n', '(', ')', '[', ']', '|', '，', '、', '；':
		return true
	}
	return false
}

// wordsOf reads a query. Loosely, words nobody knows are taken apart, put together
// or read as what a keyboard left raw.
func (p *places) wordsOf(query string, loose bool) (words []placeWord, old bool) {
	accented := text.Accented(query)
	for _, part := range strings.FieldsFunc(query, partEnd) {
		folded := text.Tokens(part)
		exact := folded
		if accented {
			if e := exactWords(part); len(e) == len(folded) {
				exact = e
			}
		}
		if loose {
			folded, exact = spelledOut(folded, exact)
		}
		after := len(words) > 0
		for i, w := range folded {
			if formerly(folded, exact, i, accented) {
				old = true
				continue
			}
			if i > 0 && (w == "of" || w == "the" || w == "in" && len(words) > 0 && isNumber(words[len(words)-1].key)) {
				continue // "ward 5 of District 3"
			}
			before := ""
			if len(words) > 0 && !after {
				before = words[len(words)-1].key
			}
			if _, known := p.initials[w+next(folded, i)]; known && len(w) == 1 && (before == "quan" || i > 0 && i+2 == len(folded)) {
				folded[i+1], exact[i+1] = w+folded[i+1], "" // "Q. P.Nhuận"
				continue
			}
			long, ok := p.expand(w, before)
			if kind, numbered := numberedKind(w); !ok && numbered && isNumber(next(folded, i)) && (w == "w" || exact[i] == "d" && isNumber(before)) {
				long, ok = []string{kind}, true // "W.5 D.3"
			}
			if !ok && loose {
				long, ok = p.repair(w)
			}
			if !ok {
				words = append(words, placeWord{key: oneSpelling(w), exact: exact[i], after: after})
			}
			for j, l := range long {
				words = append(words, placeWord{key: oneSpelling(l), after: after && j == 0})
			}
			after = false
			if len(words) > maxPlaceWords {
				return nil, false
			}
		}
	}
	return words, old
}

func next(words []string, i int) string {
	if i+1 < len(words) {
		return words[i+1]
	}
	return ""
}

// formerly tells whether a word only says that a name is one of before ("cũ"), or
// one of today, so that it stands for nothing itself.
func formerly(folded, exact []string, i int, accented bool) bool {
	if i == 0 {
		return len(folded) == 1 && folded[0] == "cu" && (exact[0] == "cũ" || !accented)
	}
	if folded[i] != "cu" {
		return false
	}
	if accented || i+1 == len(folded) {
		return exact[i] == "cũ" || !accented
	}
	_, kind := longForm(folded[i+1]) // "p5 cu q gv", not "xa cu bi"
	return kind || slices.Contains([]string{"quan", "huyen", "thanh", "thi"}, folded[i+1])
}

// expand writes a short form out: "p" is phuong, "q1" is quan 1, "p5q10" both,
// "qgv" is quan gv. before is the word before, when nothing parts them.
func (p *places) expand(w, before string) (long []string, ok bool) {
	if before == "phuong" || before == "quan" {
		if n := roman(w); n > 0 {
			return []string{strconv.Itoa(n)}, true
		}
		if _, known := p.initials[w]; known && before == "quan" { // "Q.TP" is Tân Phú
			return []string{w}, true
		}
	}
	if l, ok := longForm(w); ok {
		return strings.Fields(l), true
	}
	runs := runsOf(w)
	if len(runs) == 1 {
		return p.shortDistrict(w)
	}
	for i, run := range runs {
		if isNumber(run) {
			if i == 0 {
				return nil, false // a house: "12a"
			}
			long = append(long, run)
			continue
		}
		kind, ok := numberedKind(run)
		if ok && (i+1 < len(runs) || len(run) == 1 && i > 0) { // "p14q.gv"
			long = append(long, strings.Fields(kind)...)
			continue
		}
		if short, ok := p.shortDistrict(run); ok {
			long = append(long, short...)
			continue
		}
		if _, ok := p.initials[run]; !ok || i+1 < len(runs) {
			return nil, false
		}
		long = append(long, run)
	}
	return long, true
}

// shortDistrict reads a kind and initials without a space: "qgv", "tptd".
func (p *places) shortDistrict(w string) ([]string, bool) {
	if _, ward := p.wardShort[w]; ward || p.vocabulary[w] {
		return nil, false
	}
	if kind, rest := shortKind(w); kind != "" && len(p.initials[rest]) > 0 {
		return append(strings.Fields(kind), rest), true
	}
	return nil, false
}

// shortKind takes the short form of a district's kind off a word.
func shortKind(w string) (kind, rest string) {
	for _, short := range []string{"quan", "tp", "tx", "q", "h"} {
		if rest, ok := strings.CutPrefix(w, short); ok && rest != "" {
			kind, ok := longForm(short)
			if !ok {
				kind = short
			}
			return kind, rest
		}
	}
	return "", ""
}

// runsOf splits a word where letters and digits meet.
func runsOf(w string) []string {
	var out []string
	from := 0
	digit := func(i int) bool { return w[i] >= '0' && w[i] <= '9' }
	for i := 1; i <= len(w); i++ {
		if i == len(w) || digit(i) != digit(i-1) {
			out = append(out, w[from:i])
			from = i
		}
	}
	return out
}

func isNumber(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// roman reads "vii"; 0 is none. No ward had a number above 39.
func roman(w string) int {
	n, rest := 0, w
	for strings.HasPrefix(rest, "x") && n < 30 {
		n, rest = n+10, rest[1:]
	}
	for i, ones := range []string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"} {
		if rest == ones {
			return n + i
		}
	}
	return 0
}

// numberWords reads the number that words say: "muoi bon" is 14; "" is none.
func numberWords(words []string) string {
	if len(words) == 0 || len(words) > 3 {
		return ""
	}
	ones := func(w string) int {
		switch w {
		case "mot", "nhat", "nhut", "one", "first":
			return 1
		case "hai", "nhi", "two":
			return 2
		case "ba", "three":
			return 3
		case "bon", "tu", "four":
			return 4
		case "nam", "lam", "nham", "five":
			return 5
		case "sau", "six":
			return 6
		case "bay", "seven":
			return 7
		case "tam", "eight":
			return 8
		case "chin", "nine":
			return 9
		}
		return 0
	}
	for i, w := range []string{"ten", "eleven", "twelve"} {
		if len(words) == 1 && words[0] == w {
			return strconv.Itoa(10 + i)
		}
	}
	tens := 0
	if i := slices.Index(words, "muoi"); i == 0 {
		tens, words = 10, words[1:]
	} else if i == 1 && ones(words[0]) > 1 {
		tens, words = 10*ones(words[0]), words[2:]
	}
	switch {
	case len(words) == 0:
		return strconv.Itoa(tens)
	case len(words) == 1 && ones(words[0]) > 0:
		return strconv.Itoa(tens + ones(words[0]))
	}
	return ""
}

// spelledOut joins a run of single letters, as in "g o v a p".
func spelledOut(folded, exact []string) (f, e []string) {
	for i := 0; i < len(folded); {
		j := i
		for j < len(folded) && len(folded[j]) == 1 && !isNumber(folded[j]) {
			j++
		}
		if j-i >= 4 {
			f, e = append(f, strings.Join(folded[i:j], "")), append(e, "")
			i = j
			continue
		}
		f, e = append(f, folded[i]), append(e, exact[i])
		i++
	}
	return f, e
}

// repair reads a word that is none as it stands: left raw by a keyboard, a kind that
// is misspelt, or several words written together.
func (p *places) repair(w string) ([]string, bool) {
	if p.vocabulary[oneSpelling(w)] || isNumber(w) {
		return nil, false
	}
	if plain, ok := text.Unkeyed(w); ok && p.vocabulary[oneSpelling(plain)] {
		return []string{plain}, true
	}
	var long []string
	for _, run := range runsOf(w) {
		switch kind := misspeltKind(run); {
		case isNumber(run), p.vocabulary[run]:
			long = append(long, run)
		case kind != "":
			long = append(long, kind)
		default:
			parts := p.apart(run)
			if len(parts) == 0 {
				return nil, false
			}
			long = append(long, parts...)
		}
	}
	return long, len(long) > 0
}

// misspeltKind gives the kind that a word one slip away from it stands for.
func misspeltKind(w string) string {
	for _, kind := range []string{"phuong", "quan", "huyen"} {
		if len(w) > 2 && w[0] == kind[0] && text.Distance(w, kind, 1) == 1 {
			return kind
		}
	}
	for _, kind := range []string{"district", "commune"} {
		if len(w) > 5 && text.Distance(w, kind, 2) <= 2 {
			long, _ := longForm(kind)
			return long
		}
	}
	return ""
}

// apart takes words written together apart into as few as possible; nil when they
// are not all known.
func (p *places) apart(w string) []string {
	if len(w) < 4 || len(w) > 4*maxTyped {
		return nil
	}
	const longest = 7 // letters of a syllable
	fewest := make([]int, len(w)+1)
	from := make([]int, len(w)+1)
	for end := 1; end <= len(w); end++ {
		fewest[end] = len(w) + 1
		for begin := max(0, end-longest); begin < end; begin++ {
			part := w[begin:end]
			known := p.vocabulary[oneSpelling(part)] && (len(part) > 1 || end == len(w))
			if begin == 0 && !known {
				_, known = longForm(part)
				known = known && len(part) < 3
			}
			if known && fewest[begin]+1 < fewest[end] {
				fewest[end], from[end] = fewest[begin]+1, begin
			}
		}
	}
	if fewest[len(w)] > len(w) {
		return nil
	}
	var out []string
	for end := len(w); end > 0; end = from[end] {
		out = append(out, w[from[end]:end])
	}
	slices.Reverse(out)
	return longWords(out)
}
