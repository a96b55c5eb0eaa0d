package text

import (
	"strings"
	"unicode/utf8"
)

// maxRaw bounds a word left raw by a keyboard, in bytes: the longest syllable with
// all its key strokes ("nghieeengs") is shorter.
const maxRaw = 12

// rawTones are the tones a key stands for, in Telex and in VNI.
const (
	telexTones = "sfrxj"
	vniTones   = "12345"
)

// Unkeyed reads a word whose key strokes were left raw, in Telex or in VNI. No word is
// both: VNI strokes are digits, which Telex has none of.
func Unkeyed(word string) (folded string, ok bool) {
	if folded, ok = Untelex(word); ok {
		return folded, true
	}
	return Unvni(word)
}

// Untelex reads a word whose Telex key strokes were left raw because no keyboard
// program turned them into letters: "ddawng" is "dang", "giaays" and "giayas" are
// "giay", "phuwowngf" and "phuwowfng" are "phuong". ok is false where the word is no
// such thing: it holds no stroke of that kind, or what is left is no syllable of
// Vietnamese. An English word may read as one ("tax" is "ta"), so a word that is
// known as it stands is never to be asked about.
func Untelex(word string) (folded string, ok bool) {
	raw := Fold(word)
	if len(raw) > maxRaw {
		return "", false
	}
	var s strokes
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == 'w':
			s.horn()
		case len(s.vowels) > 0 && strings.IndexByte(telexTones, c) >= 0:
			s.tone(c == 's' || c == 'j')
		case s.doubles(c):
			s.hat()
		case c == 'd' && s.strokeD(i):
			s.marks++
		case c >= 'a' && c <= 'z':
			s.letter(c)
		default:
			return "", false
		}
	}
	return s.syllable()
}

// Unvni reads a word whose VNI key strokes were left raw: "d9a8ng" is "dang",
// "gia61y" is "giay", "phuong72" is "phuong". ok as with Untelex; "quan1" reads as
// "quan" although its writer may mean a number, so the number is to be tried first.
func Unvni(word string) (folded string, ok bool) {
	raw := Fold(word)
	if len(raw) > maxRaw {
		return "", false
	}
	var s strokes
	for i := range len(raw) {
		switch c := raw[i]; {
		case c >= 'a' && c <= 'z':
			s.letter(c)
		case strings.IndexByte(vniTones, c) >= 0:
			s.tone(c == '1' || c == '5')
		case c == '6' && s.hasVowel("aeo"), c == '8' && s.hasVowel("a"):
			s.hat()
		case c == '7' && s.hasVowel("uo"):
			s.marks++ // once or, on "ươ", twice
		case c == '9' && s.plain.Len() > 0 && s.plain.String()[0] == 'd' && !s.barred:
			s.barred = true
			s.marks++
		default:
			return "", false
		}
	}
	return s.syllable()
}

// strokes is a raw word as it is read, one key after the other.
type strokes struct {
	plain  strings.Builder // the letters without what marks them
	vowels string          // the vowels among them
	closed bool            // a consonant followed the vowels
	last   byte            // the key before, when it was a letter or "w"
	marks  int             // strokes that mark a letter or a tone
	tones  int
	stop   bool // the tone is one that "c", "ch", "p" and "t" at the end allow
	hats   int
	late   bool // a vowel was marked after the consonant that follows it
	barred bool // the d is đ
	wrong  bool
}

func isVowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }

func (s *strokes) letter(c byte) {
	switch {
	case isVowel(c):
		s.wrong = s.wrong || s.closed
		s.vowels += string(c)
	case s.vowels != "":
		s.closed = true
	}
	s.plain.WriteByte(c)
	s.last = c
}

func (s *strokes) hasVowel(some string) bool { return strings.ContainsAny(s.vowels, some) }

// tone reads the key of a tone; a syllable has one.
func (s *strokes) tone(stop bool) {
	s.wrong = s.wrong || s.vowels == ""
	s.tones++
	s.marks++
	s.stop = stop
	s.last = 0
}

// hat reads the key of a, e or o with a hat or a breve; a syllable has one.
func (s *strokes) hat() {
	s.hats++
	s.marks++
	s.last = 0
}

// horn reads "w": it marks the vowel before it, or is itself a "ư".
func (s *strokes) horn() {
	s.marks++
	s.wrong = s.wrong || s.last == 'w' // the second takes the first back
	s.last = 'w'
	if !s.hasVowel("uoa") {
		s.wrong = s.wrong || s.closed
		s.vowels += "u"
		s.plain.WriteByte('u')
	}
}

// doubles tells whether c repeats a vowel to give it its hat, at once ("aa") or after
// the consonant ("canaf").
func (s *strokes) doubles(c byte) bool {
	if c != 'a' && c != 'e' && c != 'o' {
		return false
	}
	if s.last == c {
		return true
	}
	if (s.closed || s.last == 0 || s.last == 'y' || s.last == 'u') && strings.HasSuffix(strings.TrimRight(s.vowels, "yu"), string(c)) {
		s.late = true
		return true
	}
	return false
}

// strokeD tells whether the d at position i bars the d the word begins with.
func (s *strokes) strokeD(i int) bool {
	if i == 0 || s.barred || s.plain.String()[0] != 'd' || (i > 1 && s.vowels == "") {
		return false
	}
	s.barred = true
	s.last = 0
	return true
}

// syllable gives what was read, if it is a syllable with strokes in it.
func (s *strokes) syllable() (string, bool) {
	plain := s.plain.String()
	switch {
	case s.wrong, s.marks == 0, s.tones > 1, s.hats > 1:
		return "", false
	case s.late && s.tones == 0: // "data" is a word, "canaf" is "cần"
		return "", false
	case s.tones == 1 && !s.stop && endsInStop(plain):
		return "", false
	}
	return plain, Syllable(plain)
}

func endsInStop(plain string) bool {
	return strings.HasSuffix(plain, "c") || strings.HasSuffix(plain, "ch") || strings.HasSuffix(plain, "p") || strings.HasSuffix(plain, "t")
}

// Syllable tells whether a folded word is written like a syllable of Vietnamese:
// "nghieng" is one, "tax" and "dsj" are not.
func Syllable(folded string) bool {
	if len(folded) > maxRaw || !utf8.ValidString(folded) {
		return false
	}
	for n := min(3, len(folded)); n >= 0; n-- {
		if begins(folded[:n], folded[n:]) && rhyme(folded[n:]) {
			return true
		}
	}
	return false
}

// begins tells whether a syllable may begin so before that rhyme.
func begins(onset, rest string) bool {
	if rest == "" {
		return false
	}
	front := rest[0] == 'i' || rest[0] == 'e' || rest[0] == 'y'
	switch onset {
	case "k", "gh", "ngh":
		return front
	case "c", "ng":
		return !front
	case "g":
		return rest[0] != 'e' && rest[0] != 'y'
	case "", "b", "ch", "d", "gi", "h", "kh", "l", "m", "n", "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x":
		return true
	}
	return false
}

// rhyme tells whether a syllable may end so.
func rhyme(r string) bool {
	switch r {
	case "a", "ac", "ach", "ai", "ak", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay",
		"e", "ec", "ech", "em", "en", "eng", "enh", "eo", "ep", "et", "eu",
		"i", "ia", "ich", "iec", "iem", "ien", "ieng", "iep", "iet", "ieu", "im", "in", "inh", "ip", "it", "iu",
		"o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oc", "oe", "oen", "oeo", "oet", "oi", "om", "on", "ong", "op", "ot",
		"u", "ua", "uan", "uang", "uat", "uay", "uc", "ue", "uech", "uenh", "ui", "um", "un", "ung", "uo", "uoc", "uoi", "uom", "uon", "uong", "uop", "uot", "uou", "up", "ut", "uu",
		"uy", "uya", "uych", "uyen", "uyet", "uynh", "uyp", "uyt", "uyu",
		"y", "yem", "yen", "yet", "yeu":
		return true
	}
	return false
}
