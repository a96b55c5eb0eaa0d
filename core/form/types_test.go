package form

import (
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// typed is one line a person may type and what comes of it:
//
//	=<canonical JSON>    taken
//	!<message key>       not taken
//	?<message key> a|b   asked back, with the canonical JSON of the candidates
//
// followed by " ~<key>" for each warning and " +<key>" for each note.
type typed struct{ in, want string }

func outcome(t *testing.T, o Outcome) string {
	t.Helper()
	var b strings.Builder
	switch {
	case o.Violation != nil:
		b.WriteString("!" + o.Violation.Key)
	case o.Ambiguous():
		var cs []string
		for _, c := range o.Candidates {
			cs = append(cs, canonical(t, c.Value))
		}
		b.WriteString("?" + o.Ask + " " + strings.Join(cs, "|"))
	default:
		b.WriteString("=" + canonical(t, o.Value))
	}
	for _, w := range o.Warnings {
		b.WriteString(" ~" + w.Key)
	}
	for _, n := range o.Notes {
		b.WriteString(" +" + n.Key)
	}
	return b.String()
}

func canonical(t *testing.T, v any) string {
	t.Helper()
	c, err := Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(c)
}

// typeCases is what people type, by field.
func typeCases() map[string]struct {
	field Field
	cases []typed
} {
	type group = struct {
		field Field
		cases []typed
	}
	sex := []Option{{Value: "nam", VI: "Nam", EN: "Male"}, {Value: "nu", VI: "Nữ", EN: "Female"}}
	delivery := []Option{
		{Value: "electronic", VI: "Bản điện tử", EN: "Electronic"},
		{Value: "counter", VI: "Tại quầy", EN: "At the counter", Aliases: []string{"đến lấy"}},
		{Value: "post", VI: "Bưu chính công ích", EN: "Post", Aliases: []string{"bưu điện"}},
		{Value: "post_fast", VI: "Bưu chính nhanh", EN: "Express post"},
	}
	return map[string]group{
		"person_name": {Field{Type: "person_name"}, []typed{
			{"Lê Quốc Huy", `="LÊ QUỐC HUY"`},
			{"lê quốc huy", `="LÊ QUỐC HUY"`},
			{"  LÊ   QUỐC\tHUY ", `="LÊ QUỐC HUY"`},
			{"Le\u0302 Quo\u0302\u0301c Huy", `="LÊ QUỐC HUY"`},
			{"Le Quoc Huy", `="LE QUOC HUY" ~field.name.accents`},
			{"H’Hen Niê", `="H'HEN NIÊ"`},
			{"Maria Nguyễn-Smith", `="MARIA NGUYỄN-SMITH"`},
			{"William Shakespeare", `="WILLIAM SHAKESPEARE"`},
			{"Müller Jürgen", `="MÜLLER JÜRGEN"`},
			{"Huy", `="HUY" ~field.name.full`},
			{"Dung", `="DUNG" ~field.name.full`},
			{"Hồng", `="HỒNG" ~field.name.full`},
			{"Vi", `="VI" ~field.name.full`},
			{"Én", `="ÉN" ~field.name.full`},
			{"Đà", `="ĐÀ" ~field.name.full`},
			{"hủy bỏ", `="HỦY BỎ"`},
			{"0", "!field.name.digits"},
			{"Nguyễn Văn 2", "!field.name.digits"},
			{"Nguyễn Văn ２", "!field.name.digits"},
			{"A", "!field.name.short"},
			{"", "!field.empty"},
			{" \n ", "!field.empty"},
			{"Nguyễn \u202eVăn An", "!field.name.invisible"},
			{"Nguyễn\u200bVăn An", "!field.name.invisible"},
			{"Nguyễn\x00Văn An", "!field.name.invisible"},
			{"Nguyễn Vаn An", "!field.name.script"}, // Cyrillic а
			{"Νguyễn Văn An", "!field.name.script"}, // Greek Ν
			{"Ｎguyen Van An", "!field.name.script"}, // full width
			{"An <b>", "!field.name.characters"},
			{"Nguyễn Văn An 😀", "!field.name.characters"},
			{"An\xff Nguyễn", "!field.encoding"},
			{strings.Repeat("An ", 40), "!field.tooLong"},
		}},
		"person_name native": {Field{Type: "person_name", Native: true}, []typed{
			{"Nguyễn Minh Khang", `="NGUYỄN MINH KHANG"`},
			{"Nguyễn John", `="NGUYỄN JOHN" ~field.name.foreign`},
		}},
		"personal_id": {Field{Type: "personal_id"}, []typed{
			{"079190001234", `="079190001234"`},
			{"079 190 001 234", `="079190001234"`},
			{"079.190.001.234", `="079190001234"`},
			{"079-190-001-234", `="079190001234"`},
			{"０７９１９０００１２３４", `="079190001234"`},
			{"so 079190001234", `="079190001234"`},
			{"079190001234|023456789|Trần Thị Mai|04091990|Nữ|12 Lê Lợi|01012022", `="079190001234"`},
			{"079 19 0001234", `="079190001234"`},
			{"101090001234", `="101090001234"`},
			{"003190001234", `="003190001234" ~field.id.province`},
			{"079290001234", `="079290001234" ~field.id.year`},
			{"079226001234", `="079226001234"`},
			{"023456789", "!field.id.old"},
			{"07919000123", "!field.id.digits"},
			{"0791900012345", "!field.id.digits"},
			{"khong co", "!field.id.digits"},
			{"0", "!field.id.digits"},
			{"", "!field.empty"},
		}},
		"date past": {Field{Type: "date", Max: "today"}, []typed{
			{"5/3/2026", `="2026-03-05"`},
			{"05/03/2026", `="2026-03-05"`},
			{"05-03-26", `="2026-03-05"`},
			{"5.3.2026", `="2026-03-05"`},
			{"5 3 2026", `="2026-03-05"`},
			{"05032026", `="2026-03-05"`},
			{"050326", `="2026-03-05"`},
			{"2026-03-05", `="2026-03-05"`},
			{"20260305", `="2026-03-05"`},
			{"5 tháng 3 năm 2026", `="2026-03-05"`},
			{"Ngày 5 tháng 3 năm 2026", `="2026-03-05"`},
			{"ngay 5 thang 3 nam 2026", `="2026-03-05"`},
			{"mùng năm tháng ba năm 2026", `="2026-03-05"`},
			{"ngày hai mươi tư tháng tư năm 1990", `="1990-04-24"`},
			{"ngày hai mươi tháng mười năm 2025", `="2025-10-20"`},
			{"ngày mười lăm tháng mười hai năm 2025", `="2025-12-15"`},
			{"mồng 5 tháng 3 năm nay", `="2026-03-05"`},
			{"5 tháng 3 năm ngoái", `="2025-03-05"`},
			{"ngay 5 thang 3", `="2026-03-05" +field.date.yearAssumed`},
			{"5/3", `="2026-03-05" +field.date.yearAssumed`},
			{"25/12", `="2025-12-25" +field.date.yearAssumed`},
			{"29/2", `="2024-02-29" +field.date.yearAssumed`},
			{"thứ Năm, 05/03/2026", `="2026-03-05"`},
			{"sinh ngày 5/3/2026", `="2026-03-05"`},
			{"5 March 2026", `="2026-03-05"`},
			{"Mar 5th, 2026", `="2026-03-05"`},
			{"５／３／２０２６", `="2026-03-05"`},
			{"hôm nay", `="2026-03-12"`},
			{"hom qua", `="2026-03-11"`},
			{"HÔM KIA", `="2026-03-10"`},
			{"4/9/90", `="1990-09-04"`},
			{"29/2/2024", `="2024-02-29"`},
			{"3/25/2026", "!field.date.impossible"}, // the other way round it is in the future
			{"3/25/2025", `?field.date.swapped "2025-03-25"`},
			{"29/2/2026", "!field.date.impossible"},
			{"31/4/2025", "!field.date.impossible"},
			{"13/3/2026", "!field.date.future"},
			{"ngày mai", "!field.date.future"},
			{"1/1/1700", "!field.date.before"},
			{"1990", "!field.date.format"},
			{"3/1990", "!field.date.format"},
			{"không nhớ", "!field.date.format"},
			{"1/2/3/4", "!field.date.format"},
			{"0", "!field.date.format"},
			{"0/0/0", "!field.date.format"},
			{"", "!field.empty"},
			{"99999999", "!field.date.impossible"},
		}},
		"date open": {Field{Type: "date", Min: "today-60d", Max: "today+1y"}, []typed{
			{"13/3/2026", `="2026-03-13"`},
			{"13/3/26", `="2026-03-13"`},
			{"5 thang 12", `="2026-12-05" +field.date.yearAssumed`},
			{"1/1/2026", "!field.date.before"},
			{"1/4/2027", "!field.date.after"},
		}},
		"partial_date": {Field{Type: "partial_date", Max: "today"}, []typed{
			{"1990", `="1990"`},
			{"năm 1990", `="1990"`},
			{"sinh năm 1990", `="1990"`},
			{"90", `="1990"`},
			{"05", `="2005"`},
			{"3/1990", `="1990-03"`},
			{"03-1990", `="1990-03"`},
			{"tháng 3 năm 1990", `="1990-03"`},
			{"thang ba nam 1990", `="1990-03"`},
			{"March 1990", `="1990-03"`},
			{"5/3/1990", `="1990-03-05"`},
			{"5/3/90", `="1990-03-05"`},
			{"ngay 5 thang 3 nam 1990", `="1990-03-05"`},
			{"1990-03-05", `="1990-03-05"`},
			{"31/2/1990", "!field.date.impossible"},
			{"13/1990", "!field.date.impossible"},
			{"2027", "!field.date.future"},
			{"4/2026", "!field.date.future"},
			{"1990?", `="1990" +field.date.about`}, {"khoảng 1990", `="1990" +field.date.about`}, {"khoảng tháng 3 năm 1990", `="1990-03" +field.date.about`}, {"chừng năm 1990", `="1990" +field.date.about`},
			{"?/3/1990", `="1990-03" +field.date.about`}, {"00/03/1990", `="1990-03" +field.date.about`}, {"00/00/1990", `="1990" +field.date.about`}, {"xx/xx/1990", `="1990" +field.date.about`}, {"__/03/1990", `="1990-03" +field.date.about`},
			{"không nhớ ngày, tháng 3/1990", `="1990-03" +field.date.about`}, {"không nhớ ngày tháng, năm 1990", `="1990" +field.date.about`}, {"ko nho ngay thang 1990", `="1990" +field.date.about`}, {"quên ngày, 3/1990", `="1990-03" +field.date.about`}, {"about 1990", `="1990" +field.date.about`},
			{"không nhớ", "!field.date.format"}, {"?", "!field.date.format"}, {"khoảng", "!field.date.format"}, {"khoảng 2027", "!field.date.future"},
			{"5/3", "!field.date.format"},
			{"lâu rồi", "!field.date.format"},
			{"", "!field.empty"},
		}},
		"phone": {Field{Type: "phone"}, []typed{
			{"0901234567", `="+84901234567"`},
			{"0901 234.567", `="+84901234567"`},
			{"0901-234-567", `="+84901234567"`},
			{"(0901) 234 567", `="+84901234567"`},
			{"+84 901 234 567", `="+84901234567"`},
			{"84901234567", `="+84901234567"`},
			{"0084901234567", `="+84901234567"`},
			{"+84 0901 234 567", `="+84901234567"`},
			{"sđt 0901234567 nha", `="+84901234567"`},
			{"０９０１２３４５６７", `="+84901234567"`},
			{"0321234567", `="+84321234567"`},
			{"901234567", `?field.phone.zero "+84901234567"`},
			{"01201234567", `?field.phone.moved "+84701234567"`},
			{"0169 1234567", `?field.phone.moved "+84391234567"`},
			{"01991234567", `?field.phone.moved "+84591234567"`},
			{"02838291234", "!field.phone.mobile"},
			{"+1 415 555 2671", "!field.phone.foreign"},
			{"0951234567", "!field.phone.format"},
			{"090123456", "!field.phone.format"},
			{"1022", "!field.phone.format"},
			{"0901234567 hoặc 0912345678", "!field.phone.format"},
			{"chưa có", "!field.phone.format"},
			{"", "!field.empty"},
		}},
		"email": {Field{Type: "email"}, []typed{
			{"An.Nguyen@Example.VN", `="an.nguyen@example.vn"`},
			{" an@example.vn. ", `="an@example.vn"`},
			{"<an@example.vn>", `="an@example.vn"`},
			{"mailto:an@example.vn", `="an@example.vn"`},
			{"an @ example.vn", `="an@example.vn"`},
			{"an+dvc@gmail.com", `="an+dvc@gmail.com"`},
			{"an_1990@yahoo.com.vn", `="an_1990@yahoo.com.vn"`},
			{"a@b.co", `="a@b.co"`},
			{"an@gmail.con", `?field.email.typo "an@gmail.com"|"an@gmail.con"`},
			{"an@gmial.com", `?field.email.typo "an@gmail.com"|"an@gmial.com"`},
			{"an", "!field.email.format"},
			{"an@", "!field.email.format"},
			{"an@example", "!field.email.format"},
			{"an..b@example.vn", "!field.email.format"},
			{"an@-example.vn", "!field.email.format"},
			{"ạn@example.vn", "!field.email.format"},
			{"an@example.vn, binh@example.vn", "!field.email.format"},
			{"", "!field.empty"},
		}},
		"org": {Field{Type: "org"}, []typed{
			{"26740", `="26740"`},
			{"Phường Sài Gòn", `="26740"`},
			{"phuong sai gon", `="26740"`},
			{"SAI GON", `="26740"`},
			{"p. bến thành", `="26743"`},
			{"xã bình chánh", `="27541"`},
			{"Bến Nghé, Quận 1", `?field.place.moved "26740"`},
			{"quan 1 ben nghe", `?field.place.moved "26740"`},
			{"ben nghe q1", `?field.place.moved "26740"`},
			{"q1 ben nghe", `?field.place.moved "26740"`},
			{"quận 1 phường bến nghé", `?field.place.moved "26740"`},
			{"sai gonn", `?field.place.confirm "26740"`},
			{"thanh an", `?field.place.several "25807"|"27676"`},
			{"quận 1", "!field.place.tooMany"},
			{"Hà Nội", "!field.place.outside"},
			{"Hà Tiên", "!field.place.unknown"},
			{"99999", "!field.place.unknown"},
			{"0", "!field.place.unknown"},
			{"", "!field.empty"},
		}},
		"org free": {Field{Type: "org", Free: true}, []typed{
			{"bến thành", `="26743"`},
			{"UBND phường Hàng Bạc, Hà Nội", `="UBND phường Hàng Bạc, Hà Nội"`},
			{"UBND xã Hòa Bình, tỉnh Nghệ An", `="UBND xã Hòa Bình, tỉnh Nghệ An"`},
			{"sai gonn", `?field.place.confirm "26740"|"sai gonn"`},
			{"99999", "!field.place.unknown"},
		}},
		"ward": {Field{Type: "ward"}, []typed{{"ben thanh", `="26743"`}}},
		"address": {Field{Type: "address"}, []typed{
			{"12 Lê Lợi, phường Sài Gòn", `={"line":"12 Lê Lợi","ward":"26740"}`},
			{"12 Lê Lợi, Sài Gòn", `={"line":"12 Lê Lợi","ward":"26740"}`},
			{"12 Lê Lợi, phường Sài Gòn, TP.HCM", `={"line":"12 Lê Lợi","ward":"26740"}`},
			{"12 Lê Lợi, P. Sài Gòn, TP. Hồ Chí Minh, Việt Nam", `={"line":"12 Lê Lợi","ward":"26740"}`},
			{"12 le loi phuong ben thanh", `={"line":"12 le loi","ward":"26743"}`},
			{"12/3 hẻm 5, đường Lê Lợi p bến thành", `={"line":"12/3 hẻm 5, đường Lê Lợi","ward":"26743"}`},
			{"ấp 2, xã Bình Chánh", `={"line":"ấp 2","ward":"27541"}`},
			{"xã Bình Chánh", `={"ward":"27541"} +field.address.noLine`},
			{"12 Lê Lợi, Bến Nghé, Quận 1", `?field.place.moved {"line":"12 Lê Lợi","ward":"26740"}`},
			{"12 le loi phuong ben nghe quan 1", `?field.place.moved {"line":"12 le loi","ward":"26740"}`},
			{"12 Lê Lợi, P.Bến Nghé, Q1, TPHCM", `?field.place.moved {"line":"12 Lê Lợi","ward":"26740"}`},
			{"ấp 1, Thanh An", `?field.place.several {"line":"ấp 1","ward":"25807"}|{"line":"ấp 1","ward":"27676"}`},
			{"12 Lê Lợi, sai gonn", `?field.place.confirm {"line":"12 Lê Lợi","ward":"26740"}|{"line":"12 Lê Lợi, sai gonn"}`},
			{"Xóm 3, xã Hòa Bình, tỉnh Nghệ An", `={"line":"Xóm 3, xã Hòa Bình, tỉnh Nghệ An"} ~field.address.noWard`},
			{"12 Lê Lợi, Quận 1", `={"line":"12 Lê Lợi, Quận 1"} ~field.address.noWard`},
			{"Bệnh viện Từ Dũ, 284 Cống Quỳnh, kế bên Bến Nghé, Quận 1", `?field.place.moved {"line":"Bệnh viện Từ Dũ, 284 Cống Quỳnh, kế bên","ward":"26740"}`},
			{"12", "!field.address.short"},
			{"", "!field.empty"},
			{strings.Repeat("đường dài ", 40), "!field.tooLong"},
		}},
		"select": {Field{Type: "select", Options: delivery}, []typed{
			{"1", `="electronic"`},
			{" 2. ", `="counter"`},
			{"(3)", `="post"`},
			{"số 3", `="post"`},
			{"chọn 4", `="post_fast"`},
			{"２", `="counter"`},
			{"electronic", `="electronic"`},
			{"ban dien tu", `="electronic"`},
			{"BẢN ĐIỆN TỬ", `="electronic"`},
			{"điện tử", `="electronic"`},
			{"den lay", `="counter"`},
			{"buu dien", `="post"`},
			{"bưu chính công ích", `="post"`},
			{"buu chinh", `?field.choice.several "post"|"post_fast"`},
			{"ban dien tuu", `="electronic"`},
			{"5", "!field.choice.range"},
			{"0", "!field.choice.range"},
			{"-1", "!field.choice.unknown"},
			{"gì cũng được", "!field.choice.unknown"},
			{"", "!field.empty"},
		}},
		"select sex": {Field{Type: "select", Options: sex}, []typed{
			{"nam", `="nam"`}, {"Nữ", `="nu"`}, {"nu", `="nu"`}, {"female", `="nu"`}, {"5", "!field.choice.range"}, {"năm", `?field.choice.several "nam"`}, {"NỮ", `="nu"`},
		}},
		"select relation": {Field{Type: "select", Options: []Option{
			{Value: "cha", VI: "Cha", EN: "Father", Aliases: []string{"ba", "bố"}}, {Value: "me", VI: "Mẹ", EN: "Mother"}, {Value: "ong_ba", VI: "Ông/Bà", EN: "Grandparent"},
		}}, []typed{
			{"ba", `="cha"`}, {"Ba", `="cha"`}, {"bo", `="cha"`}, {"bố", `="cha"`}, {"mẹ", `="me"`}, {"me", `="me"`}, {"ông bà", `="ong_ba"`}, {"ong ba", `="ong_ba"`}, {"bà", `?field.choice.several "cha"`}, {"3", `="ong_ba"`},
		}},
		"code": {Field{Type: "code", Codes: "ethnicity"}, []typed{
			{"Kinh", `="01"`},
			{"kinh", `="01"`},
			{"01", `="01"`},
			{"Tày", `="02"`},
			{"tay", `="02"`},
			{"Thái", `="03"`},
			{"Hoa", `="04"`},
			{"khmer", `="05"`},
			{"Khơ-me", `="05"`},
			{"kho me", `="05"`},
			{"H'Mông", `="08"`},
			{"cham", `="17"`},
			{"Chăm", `="17"`},
			{"bru", `="23"`},
			{"Martian", "!field.code.unknown"},
			{"0", "!field.code.unknown"},
			{"", "!field.empty"},
		}},
		"code nationality": {Field{Type: "code", Codes: "nationality"}, []typed{
			{"Việt Nam", `="VN"`}, {"viet nam", `="VN"`}, {"vn", `="VN"`}, {"VIETNAM", `="VN"`}, {"Hàn Quốc", `="KR"`},
		}},
		"boolean": {Field{Type: "boolean"}, []typed{
			{"có", "=true"}, {"co", "=true"}, {"CÓ", "=true"}, {"1", "=true"}, {"ok", "=true"}, {"👍", "=true"}, {"đúng", "=true"}, {"dạ", "=true"},
			{"vâng", "=true"}, {"đồng ý", "=true"}, {"rồi", "=true"}, {"yes", "=true"}, {"uh", "=true"}, {"co\u0301", "=true"},
			{"không", "=false"}, {"khong", "=false"}, {"ko", "=false"}, {"k", "=false"}, {"hong", "=false"}, {"chưa", "=false"}, {"2", "=false"}, {"no", "=false"}, {"２", "=false"},
			{"dung", "?field.yesno.unclear true|false"},
			{"dừng", "?field.yesno.unclear true|false"},
			{"đã", "?field.yesno.unclear true|false"},
			{"cô", "!field.yesno.unknown"},
			{"cổ", "!field.yesno.unknown"},
			{"0", "!field.choice.range"},
			{"9", "!field.choice.range"},
			{"có lẽ", "!field.yesno.unknown"},
			{"", "!field.empty"},
		}},
		"fact": {Field{Type: "fact"}, []typed{
			{"có", `="yes"`}, {"1", `="yes"`}, {"không", `="no"`}, {"2", `="no"`}, {"không rõ", `="unknown"`}, {"ko biet", `="unknown"`}, {"3", `="unknown"`},
			{"Not sure", `="unknown"`}, {"I don't know", `="unknown"`}, {"chưa", `="no"`}, {"dung", `?field.yesno.unclear "yes"|"no"`},
			{"4", "!field.choice.range"}, {"0", "!field.choice.range"}, {"gì", "!field.yesno.unknown"}, {"", "!field.empty"},
		}},
		"consent": {Field{Type: "consent"}, []typed{
			{"đồng ý", "=true"}, {"ĐỒNG Ý", "=true"}, {"dong y", "=true"}, {"tôi đồng ý", "=true"}, {"I agree", "=true"}, {"đồng\u00a0ý.", "=true"},
			{"1", "!field.consent.needed"}, {"có", "!field.consent.needed"}, {"ok", "!field.consent.needed"}, {"dung", "!field.consent.needed"}, {"đúng", "!field.consent.needed"},
			{"không đồng ý", "!field.consent.needed"}, {"true", "!field.consent.needed"}, {"", "!field.consent.needed"}, {"👍", "!field.consent.needed"},
		}},
		"integer": {Field{Type: "integer", Min: "0", Max: "50"}, []typed{
			{"3", "=3"}, {"3 bản", "=3"}, {"ba", "=3"}, {"Ba bản", "=3"}, {"bà", "=3"}, {"mười lăm", "=15"}, {"hai muoi mot", "=21"}, {"không", "=0"}, {"0", "=0"}, {"０", "=0"},
			{"9", "=9"}, {"năm", "=5"}, {"nam", "=5"}, {"tư", "=4"}, {"khoảng 10", "=10"}, {"50", "=50"},
			{"51", "!field.number.max"}, {"1.000", "!field.number.max"}, {"-1", "!field.number.min"}, {"1,5", "!field.number.whole"}, {"2 hoặc 3", "!field.number.format"},
			{"nhiều", "!field.number.format"}, {"9999999999999999999", "!field.number.format"}, {"", "!field.empty"},
		}},
		"money": {Field{Type: "money", Min: "0"}, []typed{
			{"8000", "=8000"}, {"8.000", "=8000"}, {"8,000 đ", "=8000"}, {"8000đ", "=8000"}, {"8 000 vnd", "!field.money.format"}, {"8k", "=8000"}, {"8 nghìn", "=8000"}, {"8 ngàn đồng", "=8000"},
			{"1.500.000", "=1500000"}, {"1,5 triệu", "=1500000"}, {"1.5tr", "=1500000"}, {"2tr5", "=2500000"}, {"2 triệu 5", "=2500000"}, {"1 tỷ", "=1000000000"}, {"1,25 tỷ", "=1250000000"}, {"500K", "=500000"}, {"0", "=0"},
			{"1.500.000 triệu", "=1500000000000"}, {"1,2345 triệu", "!field.money.format"}, {"1.5", "!field.money.format"}, {"-5", "!field.money.format"}, {"nhiều", "!field.money.format"}, {"99999999 tỷ", "!field.money.format"}, {"", "!field.empty"},
		}},
		"text": {Field{Type: "text", Min: "2", Max: "20"}, []typed{
			{"vay vốn", `="vay vốn"`}, {"  vay   vốn\n", `="vay vốn"`}, {"vay vo\u0302\u0301n", `="vay vốn"`}, {"0912", `="0912"`}, {"hủy bỏ", `="hủy bỏ"`}, {"12/3", `="12/3"`},
			{"vay\u200bvốn", `="vayvốn"`}, {"vay \u202evốn", `="vay vốn"`}, {"<b>vay</b>", `="<b>vay</b>"`}, {"{{x}} ${y}", `="{{x}} ${y}"`}, {"'; --", `="'; --"`}, {"😀 ok", `="😀 ok"`}, {"“vay”", `="“vay”"`},
			{"v", "!field.tooShort"}, {strings.Repeat("v", 21), "!field.tooLong"}, {"\u200b", "!field.empty"}, {"a\xffb", "!field.encoding"}, {"", "!field.empty"}, {strings.Repeat("x", 1<<20), "!field.tooLong"},
		}},
		"longtext": {Field{Type: "longtext"}, []typed{
			{"Dòng một\nDòng hai", `="Dòng một\nDòng hai"`}, {" a\r\nb ", `="a\nb"`}, {"", "!field.empty"}, {strings.Repeat("x ", 2001), "!field.tooLong"},
		}},
		"time": {Field{Type: "time"}, []typed{
			{"8h30", `="08:30"`}, {"08:30", `="08:30"`}, {"8 giờ 30", `="08:30"`}, {"8 gio ruoi", `="08:30"`}, {"8g30", `="08:30"`}, {"8.30", `="08:30"`}, {"0830", `="08:30"`}, {"tám giờ rưỡi", `="08:30"`}, {"lúc 8h", `="08:00"`}, {"8", `="08:00"`},
			{"3 giờ chiều", `="15:00"`}, {"3h15 chiều", `="15:15"`}, {"15:30", `="15:30"`}, {"3pm", `="15:00"`}, {"3:30 PM", `="15:30"`}, {"12 giờ trưa", `="12:00"`}, {"1 giờ trưa", `="13:00"`}, {"12 giờ đêm", `="00:00"`}, {"11 giờ đêm", `="23:00"`}, {"2 giờ đêm", `="02:00"`}, {"nửa đêm", `="00:00"`}, {"7 giờ tối", `="19:00"`}, {"12am", `="00:00"`},
			{"9h kém 15", `="08:45"`}, {"9 giờ kém mười phút", `="08:50"`}, {"23h59", `="23:59"`}, {"8 giờ 5 phút", `="08:05"`}, {"giờ 8", "!field.time.format"}, {"8 giờ 30", `="08:30"`},
			{"25:00", "!field.time.format"}, {"8:60", "!field.time.format"}, {"24:01", "!field.time.format"}, {"sáng", "!field.time.format"}, {"8h30 ngày mai", "!field.time.format"}, {"-1", `="01:00"`}, {"", "!field.empty"},
		}},
		"datetime": {Field{Type: "datetime", Min: "today"}, []typed{
			{"8h30 20/3/2026", `="2026-03-20T08:30"`}, {"20/3/2026 8:30", `="2026-03-20T08:30"`}, {"20.3.2026 8.30", `="2026-03-20T08:30"`}, {"8.30 20.3.2026", `="2026-03-20T08:30"`}, {"2026-03-20T08:30", `="2026-03-20T08:30"`}, {"2026-03-20 08:30", `="2026-03-20T08:30"`},
			{"8 giờ 30 ngày 20 tháng 3 năm 2026", `="2026-03-20T08:30"`}, {"ngày 20/3/2026 lúc 8h30", `="2026-03-20T08:30"`}, {"8h30 sáng mai", `="2026-03-13T08:30"`}, {"chiều mai lúc 3 giờ", `="2026-03-13T15:00"`}, {"ngày mai 3h chiều", `="2026-03-13T15:00"`},
			{"08:30, thứ Sáu, 20/03/2026", `="2026-03-20T08:30"`}, {"8h30 20/3", `="2026-03-20T08:30" +field.date.yearAssumed`},
			{"8h30 1/3/2026", "!field.date.before"}, {"8h30 31/2/2027", "!field.date.impossible"}, {"8h30 3/20/2026", `?field.date.swapped "2026-03-20T08:30"`}, {"20/3/2026", "!field.datetime.format"}, {"8h30", "!field.datetime.format"}, {"mai", "!field.datetime.format"}, {"", "!field.empty"},
		}},
		"bank_account": {Field{Type: "bank_account"}, []typed{
			{"0071000123456", `="0071000123456"`}, {"0071 0001 23456", `="0071000123456"`}, {"0071.000.123456", `="0071000123456"`}, {"STK: 007100", `="007100"`}, {"số tài khoản 123456789", `="123456789"`}, {"1234567890123456789", `="1234567890123456789"`},
			{"12345", "!field.bank.format"}, {"12345678901234567890", "!field.bank.format"}, {"MAI1990", "!field.bank.format"}, {"Vietcombank 0071000123456", "!field.bank.format"}, {"", "!field.empty"},
		}},
		"cosign": {Field{Type: "cosign"}, []typed{
			{"Trần Thị Mai 0901 234 567", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"0901.234.567 Trần Thị Mai", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"Trần Thị Mai, 0901234567", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`},
			{"Trần Thị Mai, SĐT: 0901234567", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"trần thị mai - số điện thoại +84 901 234 567", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"hỏi Trần Thị Mai (0901-234-567)", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"ask Trần Thị Mai at 0901234567", `={"name":"TRẦN THỊ MAI","phone":"+84901234567"}`},
			{"Nguyễn Văn Đông 0901234567", `={"name":"NGUYỄN VĂN ĐÔNG","phone":"+84901234567"}`}, {"Le Van Tai 0901234567", `={"name":"LE VAN TAI","phone":"+84901234567"} ~field.name.accents`}, {"Mai 0901234567", `={"name":"MAI","phone":"+84901234567"} ~field.name.full`},
			{"Trần Thị Mai 901234567", `?field.phone.zero {"name":"TRẦN THỊ MAI","phone":"+84901234567"}`}, {"Trần Thị Mai 01212345678", `?field.phone.moved {"name":"TRẦN THỊ MAI","phone":"+84792345678"}`},
			{"Trần Thị Mai", "!field.cosign.phone"}, {"0901234567", "!field.cosign.name"}, {"SĐT 0901234567", "!field.cosign.name"}, {"Trần Thị Mai 0901234567 hoặc 0912345678", "!field.cosign.one"}, {"Trần Thị Mai 02838221234", "!field.phone.mobile"}, {"Mai2 0901234567", "!field.name.digits"}, {"Trần Thị М 0901234567", "!field.name.script"}, {"", "!field.empty"},
		}},
		"image":    {Field{Type: "image"}, []typed{{"gì cũng được", "!field.paper"}}},
		"computed": {Field{Type: "computed", Computed: "'x'"}, []typed{{"gì cũng được", "!field.computed"}}},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, g := range typeCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := one(t, g.field)
			for _, c := range g.cases {
				o := f.Parse("x", c.in, text.VI, now())
				if got := outcome(t, o); got != c.want {
					t.Errorf("%.60q: %s, want %s", c.in, got, c.want)
				}
				if o.OK() {
					checkAccepted(t, f, o.Value)
				}
				for _, c := range o.Candidates {
					checkAccepted(t, f, c.Value)
				}
			}
		})
	}
}

// checkAccepted checks what must hold of every value a type gave.
func checkAccepted(t *testing.T, f *Form, v any) {
	t.Helper()
	c := f.fields[0]
	cx := f.context(c, text.VI, now())
	if bad := c.typ.Check(c.Field, v, cx); bad != nil {
		t.Errorf("parsed %#v and then refused it: %s", v, bad.Key)
	}
	if n, err := Normal(v); err != nil || !Same(n, v) {
		t.Errorf("%#v is not in normal form", v)
	}
	for _, l := range text.Locales() {
		for _, s := range []string{f.Display("x", v, l), f.Mask("x", v, l), f.Spoken("x", v, l), f.Echo("x", v, l)} {
			if strings.ContainsFunc(s, hidden) {
				t.Errorf("%#v is shown as %q", v, s)
			}
		}
	}
}

// Every key a type answers with must be known to whoever writes the messages.
func TestMessageKeys(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, k := range MessageKeys() {
		if known[k] {
			t.Errorf("%s is listed twice", k)
		}
		known[k] = true
	}
	for _, g := range typeCases() {
		for _, c := range g.cases {
			for _, w := range strings.Fields(c.want) {
				if key := strings.TrimLeft(w, "!?~+"); strings.HasPrefix(key, "field.") && !known[key] {
					t.Errorf("%s is not in MessageKeys", key)
				}
			}
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ                          string
		v                            any
		vi, en, mask, spoken, echoed string
	}{
		{"person_name", "LÊ QUỐC HUY", "Lê Quốc Huy", "Lê Quốc Huy", "L.Q.H.", "Lê Quốc Huy", "Lê Quốc Huy"},
		{"personal_id", "079190001212", "0791******12", "0791******12", "0791******12", "một hai", "0791******12"},
		{"date", "2026-03-05", "05/03/2026", "05/03/2026", "…26", "ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu", "thứ Năm, 05/03/2026"},
		{"partial_date", "1990", "1990", "1990", "…90", "năm một nghìn chín trăm chín mươi", "1990"},
		{"partial_date", "1990-03", "03/1990", "03/1990", "…90", "tháng ba năm một nghìn chín trăm chín mươi", "03/1990"},
		{"phone", "+84901234567", "0901 234 567", "0901 234 567", "…67", "không chín không một hai ba bốn năm sáu bảy", "0901 234 567"},
		{"email", "an@example.vn", "an@example.vn", "an@example.vn", "a***@***", "an@example.vn", "an@example.vn"},
		{"org", "26740", "Phường Sài Gòn", "Sai Gon Ward", "Phường Sài Gòn", "Phường Sài Gòn", "Phường Sài Gòn"},
		{"address", map[string]any{"line": "12 Lê Lợi", "ward": "26740"}, "12 Lê Lợi, Phường Sài Gòn", "12 Lê Lợi, Sai Gon Ward", "L.L., Phường Sài Gòn", "12 Lê Lợi, Phường Sài Gòn", "12 Lê Lợi, Phường Sài Gòn"},
		{"boolean", true, "Có", "Yes", "Có", "Có", "Có"},
		{"fact", "unknown", "Không rõ", "Not sure", "Không rõ", "Không rõ", "Không rõ"},
		{"consent", true, "Tôi đồng ý", "I agree", "Tôi đồng ý", "Tôi đồng ý", "Tôi đồng ý"},
		{"integer", int64(21), "21", "21", "21", "hai mươi mốt", "21"},
		{"money", int64(1500000), "1.500.000 đ", "1,500,000 VND", "…00", "1.500.000 đ", "1.500.000 đ"},
		{"time", "08:05", "08:05", "08:05", "…05", "tám giờ năm phút", "08:05"},
		{"datetime", "2026-03-05T08:30", "08:30, 05/03/2026", "08:30, 05/03/2026", "…26", "tám giờ ba mươi phút, ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu", "08:30, thứ Năm, 05/03/2026"},
		{"bank_account", "0071000123456", "…56", "…56", "…56", "năm sáu", "…56"},
		{"cosign", map[string]any{"name": "TRẦN THỊ MAI", "phone": "+84901234567"}, "Trần Thị Mai, 0901 234 567", "Trần Thị Mai, 0901 234 567", "T.T.M. …67", "Trần Thị Mai, 0901 234 567", "Trần Thị Mai, 0901 234 567"},
		{"text", "vay vốn", "vay vốn", "vay vốn", "V.V.", "vay vốn", "vay vốn"},
		{"text", "079088000016", "0790******16", "0790******16", "…16", "0790******16", "0790******16"},
		{"text", "căn cước 0790 8800 0016", "căn cước 0790******16", "căn cước 0790******16", "C.C. …16", "căn cước 0790******16", "căn cước 0790******16"},
		{"longtext", "số 079088000016", "số 0790******16", "số 0790******16", "S. …16", "số 0790******16", "số 0790******16"},
		{"email", "079088000016@example.vn", "0790******16@example.vn", "0790******16@example.vn", "0***@***", "0790******16@example.vn", "0790******16@example.vn"},
	} {
		f := one(t, Field{Type: c.typ})
		got := []string{f.Display("x", c.v, text.VI), f.Display("x", c.v, text.EN), f.Mask("x", c.v, text.VI), f.Spoken("x", c.v, text.VI), f.Echo("x", c.v, text.VI)}
		if want := []string{c.vi, c.en, c.mask, c.spoken, c.echoed}; strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s %v is shown as %q, want %q", c.typ, c.v, got, want)
		}
	}
	if f := one(t, Field{Type: "text", Private: true}); f.Mask("x", "HIV", text.VI) != "***" {
		t.Error("a private value shows something of itself")
	}
}

// A value of a wrong shape is refused and never panics, whatever the type.
func TestCheckWrongShapes(t *testing.T) {
	t.Parallel()
	shapes := []any{"", "\x00", "x\u202ey", int64(-1 << 60), true, false, []any{}, map[string]any{}, map[string]any{"line": int64(1)}, map[string]any{"ward": "0"}, map[string]any{"line": "a long line", "x": "y"}, 1.5, nil}
	for name, g := range typeCases() {
		f := one(t, g.field)
		c := f.fields[0]
		for _, v := range shapes {
			if b, ok := v.(bool); ok && c.kind == KindBool && (b || c.Type == "boolean") {
				continue
			}
			if bad := c.typ.Check(c.Field, v, f.context(c, text.VI, now())); bad == nil {
				t.Errorf("%s takes %#v", name, v)
			}
			f.Display("x", v, text.VI)
			f.Mask("x", v, text.EN)
			f.Spoken("x", v, text.VI)
		}
	}
}

func TestDateInWords(t *testing.T) {
	t.Parallel()
	for iso, want := range map[string]string{
		"2026-03-05": "Ngày năm tháng ba năm hai nghìn không trăm hai mươi sáu",
		"1990-04-24": "Ngày hai mươi tư tháng tư năm một nghìn chín trăm chín mươi",
		"2001-11-15": "Ngày mười lăm tháng mười một năm hai nghìn không trăm linh một",
		"2000-12-31": "Ngày ba mươi mốt tháng mười hai năm hai nghìn",
		"2015-01-10": "Ngày mười tháng một năm hai nghìn không trăm mười lăm",
		"1990-04":    "Tháng tư năm một nghìn chín trăm chín mươi",
		"1990":       "Năm một nghìn chín trăm chín mươi",
		"1990-13":    "",
		"199":        "",
		"2026-02-30": "",
		"":           "",
	} {
		if got := DateInWordsVI(iso); got != want {
			t.Errorf("%s: %q, want %q", iso, got, want)
		}
	}
}

// What was typed is offered to its owner as it is, and to a channel that others may
// read without names, numbers and words.
func TestCandidatesOfAnotherEye(t *testing.T) {
	t.Parallel()
	cx := Context{Now: time.Date(2026, 11, 22, 9, 0, 0, 0, core.City), Refs: refs(t)}
	for _, c := range []struct {
		typ    Type
		f      Field
		typed  string
		hidden []string
		public string // of the last candidate
	}{
		{phone{}, Field{}, "901234567", []string{"901", "234"}, "…67"},
		{phone{}, Field{}, "01211234567", []string{"123", "456"}, "…67"},
		{cosign{}, Field{}, "Trần Thị Mai 901234567", []string{"Mai", "901"}, "T.T.M. …67"},
		{email{}, Field{}, "mai.tran@gmial.com", []string{"mai.tran"}, "..@gmial.com"},
	} {
		o := c.typ.Parse(&c.f, c.typed, cx)
		if !o.Ambiguous() {
			t.Errorf("%s %q: not asked back", c.typ.Name(), c.typed)
			continue
		}
		for _, cand := range o.Candidates {
			if cand.Shown(true) != cand.Label {
				t.Errorf("%q: its owner is shown %v", c.typed, cand.Shown(true))
			}
			for _, h := range c.hidden {
				if strings.Contains(cand.Shown(false).VI, h) {
					t.Errorf("%q: others are shown %q", c.typed, cand.Shown(false).VI)
				}
			}
		}
		if got := o.Candidates[len(o.Candidates)-1].Shown(false).VI; got != c.public {
			t.Errorf("%q: others are shown %q, want %q", c.typed, got, c.public)
		}
	}
}
