package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What names of persons are recognised by. Lists have a space around each word or
// phrase. Those of names keep their accents (see listed), the others are folded.
const (
	// clearNames are family names that hardly are anything else, so that no slip in
	// their accents hides them; "ng" is how people shorten the first.
	clearNames = " nguyen huynh tran pham hoang bui ngo quach khuat vuong ng ngyen nguyn nguen ngueyn nguyem "
	// clearAccented are those that hardly are anything else with their accents.
	clearAccented = " lê vũ võ đặng phan dương trịnh trương đinh tạ lữ lã mạc phùng tống thạch tào bế doãn đàm điền giàng sầm sùng vừ cháng thào quàng lường ngụy nhữ" +
		" uông hứa khuất nông lâm kiều đoàn châu nghiêm bạch bành cù diệp trầm ksor siu kpă niê vòng "
	// shortNames are those that often have one given name alone behind them.
	shortNames = " le vo vu dang phan "
	// beforeName are words that a name may begin behind as at the head of a text.
	beforeName = " hoi cua ten la gap voi va "
	// doubtful are family names that are words of every sentence without accents.
	doubtful = " an ba bo ca cai cam can cao che chung cu cua cung da dai dan dau di dien dinh do doan doi dong du duong gia ha hau hinh ho hoa hong kim la lai lau lo luc luong luu" +
		" ma mua nhan phi pho phu quan quang son su tat than thi thoi tien tieu tinh to tra trinh trung tu ta ung va van vang vi vien xa yen "
	// everyday are family names that are words of every sentence with their accents.
	everyday = " an cam cao chung cung đồng hình hồ la lai mai quan quản sử thi thời tiền tiêu tinh trung từ và văn vi viên xa lý "
	// ordinary are pairs of words that no name is in, whatever one of them alone is.
	ordinary = " vi pham, san pham, my pham, thuc pham, duoc pham, quy pham, an pham, tac pham, che pham, pham vi, pham toi, pham nhan, pham luat, nguyen nhan, nguyen vong," +
		" nguyen lieu, nguyen tac, nguyen quan, nguyen don, tinh nguyen, tai nguyen, ngo doc, ngo nhap, bui ban, dang ky, dang kiem, dang anh, dang bo, le phi, le tan, vu truong," +
		" vu khi, vo thuat, phan anh, phan mem, phan bo, duong tinh, duong lich, duong bo, dinh danh, dinh chinh, dinh cu, ta on, cam ta, mac dinh, thach cao, lam nghiep, lam an, lam viec," +
		" lam giay, lam lai, lam the, lam ho, kieu bao, viet kieu, doan vien, doan the, cong doan, chau au, chau a, nghiem thu, nghiem trong, bach khoa, truong hop, truong hoc, truong cong," +
		" trinh do, trinh bao, chuong trinh, quy trinh, trinh tu, thai san, thai ky, luong huu, mai tang, ly hon, ly lich, ly do, xu ly, quan ly, ho so, ho khau, ho tich, ho chieu, ho ngheo, ho gia," +
		" su dung, bang lai, tinh trang, to chuc, to khai, to tien, vo chong, dao tao, cai chinh, dieu chinh, van phong, van ban, van bang, van hoa, van thu, thi tran, thi xa, thi truong, thi thuc, thi cong, thi hanh, dam bao, dam cuoi, dam tang, phung duong, tong dat, "
	// givenNames are the syllables of which given and middle names are mostly made.
	givenNames = " an anh ánh ân ẩn bách bảo bằng bình bích bảy bổn cảnh châu chánh chi chí chiến chinh chính chung chương công cường cúc đại đào đan đạt đăng" +
		" diễm diên diệp diệu định đắc đam đoan đông đồng đức dũng dung duy duyên dương gia giang giao hà hải hạ hạnh hằng hân hậu hào hảo hiên hiền hiển hiếu hiệp hiệu" +
		" hòa hoa hoài hoàn hoàng hoan hồng huân hùng huệ huy huyền huyên huỳnh hưng hương hường hữu kha khải khang khanh khánh khiêm khoa khoan khôi khuê khương" +
		" khai kiên kiệt kiều kim kỳ lai lam lâm lan lành lập lệ liên liễu linh loan lộc lợi long luân luận lượng lưu ly lý mai mạnh mẫn mến minh mỹ mùi nam nga ngà ngân" +
		" nghi nghĩa ngoan ngọc nguyên nguyệt nhã nhàn nhân nhật nhi nhiên nhung như nhuận ninh oanh phát phi phong phú phúc phục phước phụng phương phượng quân quang" +
		" quế quí quốc quý quyên quyết quỳnh sang sáng sáu sơn sương tài tâm tân tấn tiên tiến tiệp tín tình tịnh toàn toản tố trà trâm trang trân trí triết triều" +
		" trinh trọng trúc trung trường tú tuân tuấn tuệ tùng tuyên tuyền tuyết tường tư uyên thắm thạch thái thanh thành thảo thắng thế thi thiên thiện thiệu thịnh" +
		" thọ thoa thông thơ thơm thu thuận thục thúy thùy thủy thụy thư thương thường thy uy vân văn vi viên việt vinh vĩnh vũ vui vượng vương vy xuân xương xuyến yên yến ý" +
		" tí tèo tẹo tý út bá bửu cát cẩm cương đình hiến lĩnh lynh mộng sĩ sỹ thất thiết vỹ vĩ xuyên kiến quyền chấn chiêu cẩn dần diệm gấm huấn sửu mão thìn ngọ tỵ tuất sen" +
		" lụa thạo thuyên quyến trọng đệ khuê thiêm nhường thùy hạc kha hồ tôn bé "
	// plainGiven are syllables of given names that seldom are other words even without
	// their accents.
	plainGiven = " bich diem diep duc duy dung giang hao hau hieu hoang hue hung huy huyen khanh khoi khoa kiet kieu linh loan long my ngoc nguyet nhi nhung oanh phuc phuong" +
		" phung quynh quoc son thao thuy thinh thoa tuan tung tuyet uyen vinh viet vy xuan yen hanh hien hang lan thang vu "
	// places are words behind which a capital letter begins the name of a place, and
	// known names of places.
	beforePlace = " phuong quan xa huyen tinh tp pho duong cho cau khu p q tx ap thon thi tran "
	placeNames  = "ho chi minh|viet nam|sai gon|ha noi|thu duc|binh thanh|tan binh|binh chanh|can gio|cu chi|hoc mon|nha be|vung tau|binh duong|go vap|phu nhuan|binh tan|tan phu"
	// introductions come before a name, always or when what follows looks like one.
	introductions = "ten la|ten goi la|toi la|minh la|em la|chau la|ten toi|ten em|ten minh|ten chau|toi ten|em ten|minh ten|chau ten|con ten|be ten|goi la|my name|name is|i am|called"
	perhapsIntro  = "ho ten|ho va ten|ten con|ten cua|ten be|ten|cua|named|name"
	// honorifics are how persons are addressed, and their kind the words behind one
	// that name nobody.
	honorifics = " ông bà anh chị cô chú bác em cháu bé thầy cụ dì cậu mợ thím mr mrs ms "
	ofHonour   = " noi ngoai ba ong bau me cha bo em trai gai ho ruot chi anh co chu bac chau be dong re dau nuoi nao nay do kia ay ta toi minh va hoac cho voi cua la da dang" +
		" se bi duoc phai can muon xin lam di ve o tai den vao ra nguoi moi mat chet gia yeu nghi theo con vo chong gi sao hai si giao thuoc chu tre so sinh de the" +
		" phi tiet nhanh bo tra huong chup hang cu may oi a ah u khong co chua sap tung den khai dang ky lam mo doi xin hoi giup "
)

// word is one word of a text, in the forms that tell names.
type word struct {
	raw, folded string
	accented    bool
	capital     bool // begins with a capital letter and is no abbreviation
	first       bool // of the text, or behind a mark of punctuation
	family      bool // a family name, with its accents or for want of them
	given       bool // a syllable of given names, likewise
}

func (w word) in(list string) bool  { return strings.Contains(list, " "+w.folded+" ") }
func (w word) is(exact string) bool { return listed(" "+exact+" ", w.raw, w.accented) }
func (w word) middle() bool {
	return w.is("thị") || w.is("văn") || w.folded == "van" && !w.accented || w.folded == "a"
}
func (w word) clear() bool {
	return w.in(clearNames) || w.accented && listed(clearAccented, w.raw, true)
}

// namesPerson reports whether a text may hold the name of a person. It knows how
// Vietnamese names are made, with and without accents and capital letters, what
// comes before a name, and what a keyboard leaves that is off; of other names it
// knows the capital letters only.
func namesPerson(s string) bool {
	lists := nameLists{plainFamily: " " + Fold(familyNames) + " ", plainGiven: " " + Fold(givenNames) + " "}
	words := nameWords(s)
	for i := range words {
		lists.look(&words[i])
	}
	if people(words) {
		return true
	}
	read := false
	for i := range words {
		if w := &words[i]; !w.accented {
			if folded, ok := Unkeyed(w.raw); ok {
				w.raw, w.folded, read = folded, folded, true
				lists.look(w)
			}
		}
	}
	return read && people(words)
}

// nameLists are the lists of names without their accents.
type nameLists struct{ plainFamily, plainGiven string }

func (l nameLists) look(w *word) {
	if w.accented {
		w.family, w.given = listed(familyNames, w.raw, true), listed(givenNames, w.raw, true)
		return
	}
	w.family, w.given = w.in(l.plainFamily), w.in(l.plainGiven)
}

// nameWords splits a text and takes the names of places out of it. Where all is in
// capital letters they say nothing.
func nameWords(s string) []word {
	shouted := s == strings.ToUpper(s)
	var words []word
	first := true
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return !inWord(r) })
		if end < 0 {
			end = len(s)
		}
		if end == 0 {
			r, size := utf8.DecodeRuneInString(s)
			first = first || !unicode.IsSpace(r) && r != '-'
			s = s[size:]
			continue
		}
		raw := s[:end]
		s = s[end:]
		letter, _ := utf8.DecodeRuneInString(raw)
		w := word{raw: raw, folded: Fold(raw), accented: Accented(raw), first: first}
		w.capital = unicode.IsUpper(letter) && !shouted && (utf8.RuneCountInString(raw) == 1 || raw != strings.ToUpper(raw))
		if w.folded != "" {
			words, first = append(words, w), false
		}
	}
	for place := range strings.SplitSeq(placeNames, "|") {
		parts := strings.Fields(place)
		for i := 0; i+len(parts) <= len(words); i++ {
			if follows(words, i, place) {
				words = slices.Delete(words, i, i+len(parts))
			}
		}
	}
	return words
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '\'' || r == '’'
}

// follows reports whether a phrase stands at place i.
func follows(words []word, i int, phrase string) bool {
	parts := strings.Fields(phrase)
	if i+len(parts) > len(words) {
		return false
	}
	for k, p := range parts {
		if words[i+k].folded != p {
			return false
		}
	}
	return true
}

func people(words []word) bool {
	onlyNames := len(words) > 0
	for i, w := range words {
		family := (w.family || w.clear()) && !inOrdinary(words, i)
		onlyNames = onlyNames && (w.given || i == 0 && family) && !inOrdinary(words, i)
		if i > 0 && words[i-1].in(beforeName) {
			w.first = true
		}
		if family && fullName(w, words[i+1:]) || middleName(words, i) || introduced(words, i) || honoured(w, words[i+1:]) || capitalised(words, i) {
			return true
		}
	}
	return onlyNames
}

// inOrdinary reports whether the word at i makes an ordinary one with the word
// before or behind it.
func inOrdinary(words []word, i int) bool {
	for _, pair := range [][]word{words[max(i-1, 0) : i+1], words[i:min(i+2, len(words))]} {
		if len(pair) == 2 && strings.Contains(ordinary, " "+pair[0].folded+" "+pair[1].folded+",") {
			return true
		}
	}
	return false
}

// fullName: a family name before anything if it hardly is another word, else before
// a middle name, a capital letter, or two syllables of given names.
func fullName(w word, rest []word) bool {
	switch {
	case len(rest) == 0:
		return false
	case w.clear() || rest[0].capital:
		return true
	case w.in(shortNames) && rest[0].given, (w.accented || rest[0].accented) && rest[0].given && !listed(everyday, w.raw, true):
		return true
	case len(rest) == 1:
		return false
	case rest[0].middle():
		return !inOrdinary(rest[:2], 0)
	}
	if inOrdinary(rest[:2], 0) || !rest[0].given || !rest[1].given && !rest[1].capital {
		return false
	}
	return w.first || !w.in(doubtful) || rest[0].in(plainGiven) || rest[1].in(plainGiven)
}

// middleName: "thị" or "văn" between two words, whatever the family name is.
func middleName(words []word, i int) bool {
	if i == 0 || i+1 >= len(words) || !words[i].middle() {
		return false
	}
	next := words[i+1]
	if words[i].capital && next.capital {
		return true
	}
	const notPeople = " xa tran truong thuc phong ban bang hoa thu minh hien kien phuc vat "
	return next.given && !next.in(notPeople)
}

// introduced: what comes before a name.
func introduced(words []word, i int) bool {
	for phrase := range strings.SplitSeq(introductions, "|") {
		if next := i + len(strings.Fields(phrase)); next < len(words) && follows(words, i, phrase) {
			return true
		}
	}
	for phrase := range strings.SplitSeq(perhapsIntro, "|") {
		next := i + len(strings.Fields(phrase))
		if next >= len(words) || !follows(words, i, phrase) {
			continue
		}
		const kin = " minh anh chi em con trong quy gia mot "
		if n := words[next]; n.capital || n.given && !n.in(kin) {
			return true
		}
	}
	return false
}

// honoured: how a person is addressed, and who it is. Without their accents most of
// these words are others too ("chi nhánh"): then a name must follow that is known.
func honoured(w word, rest []word) bool {
	if len(rest) == 0 || !listed(honorifics, w.raw, w.accented) {
		return false
	}
	next := rest[0]
	if next.capital {
		return true
	}
	return !next.in(ofHonour) && (listed(honorifics, w.raw, true) || next.given || next.family)
}

// capitalised: two words with capital letters in a row, or a given name with one
// inside the text, that are no part of the name of a place.
func capitalised(words []word, i int) bool {
	if !words[i].capital {
		return false
	}
	if i+1 < len(words) && words[i+1].capital {
		return !ofPlace(words, i)
	}
	return i > 0 && words[i].given && !ofPlace(words, i)
}

// ofPlace reports whether the capital letters up to place i begin behind a word for
// a kind of place.
func ofPlace(words []word, i int) bool {
	for i > 0 && words[i-1].capital && !words[i-1].in(beforePlace) {
		i--
	}
	return i > 0 && words[i-1].in(beforePlace)
}
