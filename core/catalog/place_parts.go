package catalog

import (
	"slices"
	"strings"
)

// split finds what an address begins and ends in beside the unit itself.
func (a *asked) split() {
	start, end, province := a.dwelling(), len(a.words), ""
	for n := 1; n > 0 && start < end-1; start += n {
		n = a.lead(start)
	}
	a.variants = []placeVariant{{start: start, end: end}}
	for len(a.variants) < maxVariants {
		n, where := a.tail(start, end)
		if n == 0 {
			break
		}
		end -= n
		if where != "" {
			province = where
		}
		a.variants = append(a.variants, placeVariant{start: start, end: end, province: province})
	}
	for i := range a.variants {
		v := &a.variants[i]
		v.after = make([]area, v.end+1)
		v.after[v.end].ok = true
		for e := max(v.start, v.end-a.reach()); e < v.end; e++ {
			v.after[e] = a.districtsOf(e, v.end, e > v.start)
		}
		for e := max(v.start, v.end-2*a.reach()); e < v.end-1; e++ {
			if !v.after[e].ok {
				v.after[e] = a.twice(*v, e)
			}
		}
	}
}

// twice reads two names of one district behind each other: "Quận 2, TP Thủ Đức".
func (a *asked) twice(v placeVariant, e int) area {
	for m := max(e+1, v.end-a.reach()); m < min(v.end, e+a.reach()); m++ {
		if !v.after[m].ok {
			continue
		}
		first := a.districtsOf(e, m, e > v.start)
		same := func(d districtName) bool {
			return slices.ContainsFunc(v.after[m].districts, func(o districtName) bool { return o.code == d.code })
		}
		if first.ok && slices.ContainsFunc(first.districts, same) {
			return area{districts: narrow(first.districts, same, true), ok: true}
		}
	}
	return area{}
}

// reach is how many words a name with its kind takes at most.
func (a *asked) reach() int { return a.p.maxWords + 2 }

// key joins the words from i to j.
func (a *asked) key(i, j int, sep string) string {
	if j == i+1 {
		return a.words[i].key
	}
	var b strings.Builder
	for k := i; k < j; k++ {
		if k > i {
			b.WriteString(sep)
		}
		b.WriteString(a.words[k].key)
	}
	return b.String()
}

// dwelling gives how many words say that somebody lives where the words behind them
// say: "nhà tôi ở", "I live in".
func (a *asked) dwelling() int {
	const most = 4
	for i := range min(most, len(a.words)-1) {
		switch a.words[i].key {
		case "o", "in", "is", "at":
			return i + 1
		case "toi", "tui", "em", "minh", "con", "chau", "bac", "chu", "co", "ba", "ong", "anh", "chi", "nha", "que", "song", "dang", "hien", "tro", "thue",
			"i", "im", "am", "live", "mi", "house", "address":
		default:
			return 0
		}
	}
	return 0
}

// lead gives how many words at a position only lead to an address.
func (a *asked) lead(at int) int {
	switch a.words[at].key {
	case "o", "tai", "ubnd", "ub", "thuoc", "dc":
		return 1
	case "nha", "toi", "em", "minh": // but "Minh Phụng" and "Nhà Bè"
		if at+1 < len(a.words) && slices.Contains([]string{"toi", "em", "minh", "o", "thuoc"}, a.words[at+1].key) {
			return 1
		}
	case "dia", "uy":
		if at+1 < len(a.words) && (a.words[at+1].key == "chi" || a.words[at+1].key == "ban") {
			return 2
		}
	case "nhan":
		if at > 0 && at+1 < len(a.words) && a.words[at+1].key == "dan" {
			return 2
		}
	}
	return 0
}

// tail gives how many words before end only end an address, and the former province
// they name.
func (a *asked) tail(start, end int) (n int, province string) {
	if end-start < 2 {
		return 0, ""
	}
	last := a.words[end-1].key
	switch last {
	case "kia", "day", "xua", "truoc":
		if before := a.words[end-2].key; before == "truoc" || before == "ngay" || before == "hoi" {
			a.old = true
			return 2, ""
		}
	case "island", "islands", "nhe", "vay", "nhi", "vn", "moi", "old", "new":
		return 1, ""
	}
	if last == "province" { // "Dong Nai Province", "Binh Duong Province"
		for _, t := range a.p.tails {
			n := len(t.words)
			if t.province == "" || n >= end-start || !a.same(end-1-n, t.words) {
				continue
			}
			if n+1 == end-start { // nothing else is named
				return 0, ""
			}
			return n + 1, t.province
		}
		return 1, ""
	}
	if isNumber(last) && (len(last) == 5 || len(last) == 6) { // postcode
		return 1, ""
	}
	for _, t := range a.p.tails {
		n := len(t.words)
		if n >= end-start || !a.same(end-n, t.words) {
			continue
		}
		if t.province != "" && n+1 < end-start && (a.words[end-n-1].key == "tinh" || a.words[end-n-1].key == "t") {
			n++
		}
		return n, t.province
	}
	if a.loose {
		for n := 1; n <= 4 && n < end-start; n++ {
			joined := a.key(end-n, end, "")
			for _, t := range a.p.tails {
				if strings.Join(t.words, "") == joined {
					return n, t.province
				}
			}
		}
	}
	return 0, ""
}

func (a *asked) same(at int, words []string) bool {
	for i, w := range words {
		if a.words[at+i].key != w {
			return false
		}
	}
	return true
}

// kindAt gives the kind of unit written at a position and how many words it takes.
func (a *asked) kindAt(at, end int, kinds []string) (kind string, n int) {
	for _, k := range kinds {
		first, second, two := strings.Cut(k, " ")
		if at >= end || a.words[at].key != first {
			continue
		}
		if !two {
			if k == "xa" && at > 0 && a.words[at-1].key == "thi" {
				continue
			}
			return k, 1
		}
		if at+1 < end && a.words[at+1].key == second {
			return k, 2
		}
	}
	return "", 0
}

// named splits the words from i to j into a kind, in front or behind ("Ben Nghe
// Ward"), and the name.
func (a *asked) named(i, j int, kinds []string) (kind string, from, to int) {
	if kind, n := a.kindAt(i, j, kinds); n > 0 && i+n < j {
		if i+n+1 < j && slices.Contains([]string{"so", "thu", "no", "number"}, a.words[i+n].key) && a.countedAt(i+n+1, j) { // "phường số 5"
			n++
		}
		return kind, i + n, j
	}
	for n := 1; n <= 2 && j-n > i; n++ {
		if kind, m := a.kindAt(j-n, j, kinds); m == n {
			return kind, i, j - n
		}
	}
	return "", i, j
}

// countedAt tells whether the words from i to j are a number.
func (a *asked) countedAt(i, j int) bool {
	return j == i+1 && isNumber(a.words[i].key) || numberWords(a.keys(i, j)) != ""
}
