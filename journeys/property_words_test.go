package journeys_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// writer writes answers the way people type them.
type writer struct {
	*rand.Rand
	plain  bool // the plainest answer, always
	author *author
}

func (w *writer) below(n int) int {
	if w.plain {
		return 0
	}
	return w.IntN(n)
}

// of takes one of several; the first is the plainest.
func (w *writer) of(all ...string) string { return all[w.below(len(all))] }

// often is true once in n times.
func (w *writer) often(n int) bool { return !w.plain && w.IntN(n) == 0 }

// typed writes a valid answer to a question.
func (w *writer) typed(f form.Field, q *form.Question) string {
	switch f.Type {
	case "person_name":
		return w.name()
	case "personal_id":
		return w.personalID()
	case "date":
		return w.date(w.day(f))
	case "partial_date":
		return w.partialDate(w.day(f))
	case "time":
		return w.clock()
	case "datetime":
		return w.moment(f)
	case "phone":
		return w.phone()
	case "email":
		return w.email()
	case "org", "ward":
		if f.Free && w.often(4) {
			return w.of("UBND xã Mỹ Thạnh, tỉnh Long An", "Ủy ban nhân dân thị trấn Sa Pa, Lào Cai")
		}
		return w.place()
	case "address":
		return w.address()
	case "select":
		i := w.below(len(f.Options))
		o := f.Options[i]
		return w.of(append([]string{strconv.Itoa(i + 1), o.VI, text.Plain(o.VI), o.Plain(text.VI), strings.ToUpper(o.VI), o.EN}, o.Aliases...)...)
	case "code":
		list, _ := w.author.cat.Codes(f.Codes)
		o := list.Codes[w.below(len(list.Codes))]
		return w.of(o.VI, text.Plain(o.VI), o.VI, o.EN, o.Value)
	case "boolean":
		if w.below(2) == 0 {
			return w.of("Không", "2", "ko", "khong", "chưa", "No")
		}
		return w.of("Có", "1", "co", "ok", "vâng", "đúng rồi", "Yes")
	case "integer":
		return w.integer(f, q)
	case "money":
		return w.money(f)
	case "bank_account":
		return w.of("0071001234567", "STK 0071 0012 3456 7", "1903.4567.8901.23", "970436001")
	case "cosign":
		if f.NameFrom != "" {
			return w.phone()
		}
		return w.of(w.name()+" "+w.mobile(), w.mobile()+" "+w.name(), w.name()+", SĐT "+w.mobile())
	case "longtext":
		return w.words(f, 40)
	default:
		return w.words(f, 6)
	}
}

func (w *writer) name() string {
	family := w.of("Nguyễn", "Trần", "Lê", "Đặng", "Hồ", "Âu Dương", "Tôn Nữ", "Huỳnh", "Đỗ", "Ong")
	middle := w.of("Thị", "Văn", "Ngọc Khánh", "Gia", "Hữu", "Thị Bích", "Quốc", "")
	given := w.of("Nhàn", "Thuỷ", "Thúy", "Duyên", "Bảo", "Khoa", "Phượng", "Huy", "Dung", "Hồng", "Ưu")
	s := strings.Join(strings.Fields(family+" "+middle+" "+given), " ")
	switch w.below(14) {
	case 1:
		s = strings.ToUpper(s)
	case 2:
		s = strings.ToLower(s)
	case 3:
		s = text.Plain(s)
	case 4:
		s = norm.NFD.String(s)
	case 5:
		s = w.of("H'Hen Niê", "K’Brơih Mlô", "Y-Bhok Êban", "Nguyễn-Phước Bảo Vàng", "Ka' Thị Hạnh")
	case 6:
		s = given // one word: doubted, and perhaps a command
	case 7:
		s = "  " + strings.ReplaceAll(s, " ", "   ") + " "
	case 8:
		s = w.of("Jean-François Dũng Wójcik", "Zoë Phạm", "Fwj Nguyễn")
	}
	return s
}

func (w *writer) personalID() string {
	year := 1940 + w.below(66)
	century := 0
	if year >= 2000 {
		century = 2
	}
	province := w.of("079", "001", "092", "075", "048", "089")
	if w.often(20) {
		province = "003" // nobody was registered there
	}
	s := fmt.Sprintf("%s%d%02d%06d", province, century+w.below(2), year%100, 1000+w.below(990_000))
	switch w.below(4) {
	case 1:
		return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:]
	case 2:
		return "Số " + s
	}
	return s
}

func (w *writer) today() time.Time {
	y, m, d := w.author.now.In(core.City).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, core.City)
}

// bound reads the least or greatest day of a field.
func (w *writer) bound(s string, otherwise time.Time) time.Time {
	if rest, ok := strings.CutPrefix(s, "today"); ok {
		n, _ := strconv.Atoi(strings.TrimRight(rest, "dmy"))
		switch {
		case strings.HasSuffix(rest, "m"):
			return w.today().AddDate(0, n, 0)
		case strings.HasSuffix(rest, "y") && rest != "":
			return w.today().AddDate(n, 0, 0)
		}
		if rest == "" {
			return w.today()
		}
		return w.today().AddDate(0, 0, n)
	}
	if t, err := time.ParseInLocation("2006-01-02", s, core.City); err == nil {
		return t
	}
	return otherwise
}

// day is a likely day for a field: people were born long ago, and what else is
// asked was or will be soon.
func (w *writer) day(f form.Field) time.Time {
	from, to := w.today().AddDate(0, 0, -200), w.today().AddDate(0, 0, 200)
	key := strings.ToLower(f.Key)
	switch {
	case strings.Contains(key, "child"):
		from, to = w.today().AddDate(0, 0, -300), w.today().AddDate(0, 0, -1)
	case strings.Contains(key, "birth"):
		from, to = w.today().AddDate(-95, 0, 0), w.today().AddDate(-17, 0, 0)
	}
	if min := w.bound(f.Min, from); min.After(from) {
		from = min
	}
	if max := w.bound(f.Max, to); max.Before(to) {
		to = max
	}
	days := int(to.Sub(from) / (24 * time.Hour))
	return from.AddDate(0, 0, w.below(max(1, days)))
}

func (w *writer) date(t time.Time) string {
	switch d, m, y := t.Day(), int(t.Month()), t.Year(); w.below(9) {
	case 1:
		return fmt.Sprintf("%02d-%02d-%d", d, m, y)
	case 2:
		return fmt.Sprintf("%d.%d.%d", d, m, y)
	case 3:
		return t.Format("02012006")
	case 4:
		return fmt.Sprintf("ngày %d tháng %d năm %d", d, m, y)
	case 5:
		return t.Format("2006-01-02")
	case 6:
		return text.DateLong(text.VI, t)
	case 7:
		return t.Format("2 January 2006")
	case 8:
		return norm.NFD.String(fmt.Sprintf("Ngày %d tháng %d năm %d", d, m, y))
	default:
		return fmt.Sprintf("%d/%d/%d", d, m, y)
	}
}

func (w *writer) partialDate(t time.Time) string {
	return w.of(t.Format("2006"), t.Format("1/2006"), "năm "+t.Format("2006"), "tháng "+t.Format("1 năm 2006"), w.date(t))
}

func (w *writer) clock() string {
	return w.of("8h30", "15:30", "3 giờ chiều", "8 giờ kém 15", "9h", "23h05", "10 giờ rưỡi")
}

// moment is in an office's hours on one of the next working days.
func (w *writer) moment(f form.Field) string {
	t := w.day(f)
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || !t.After(w.today()) {
		t = t.AddDate(0, 0, 1)
	}
	return w.of("8h30 "+t.Format("2/1/2006"), t.Format("02/01/2006")+" lúc 14h", t.Format("2006-01-02T09:15"), "10:00 ngày "+t.Format("2/1/2006"))
}

// mobile is a number that can only be read in one way.
func (w *writer) mobile() string {
	return w.of("093", "034", "076", "088", "059", "096") + fmt.Sprintf("%07d", 1_000_000+w.below(8_999_999))
}

func (w *writer) phone() string {
	s := w.mobile()
	switch w.below(7) {
	case 1:
		return "+84 " + s[1:4] + " " + s[4:7] + " " + s[7:]
	case 2:
		return "84" + s[1:]
	case 3:
		return s[:4] + "." + s[4:7] + "." + s[7:]
	case 4:
		return s[1:] // without its zero: asked back
	case 5:
		return "0121" + s[3:] // as it was before 2018: asked back
	case 6:
		return "(" + s[:3] + ") " + s[3:6] + "-" + s[6:]
	}
	return s
}

func (w *writer) email() string {
	who := w.of("an.tran", "khanh_vy.1990", "Ho.So", "nha-tro+12")
	return who + "@" + w.of("example.com", "gmail.com", "gmial.com", "Truong.edu.vn", "yahoo.com.vn")
}

// place is a ward by its present name, with or without its kind and accents, or by
// a name of before July 2025.
func (w *writer) place() string {
	wards := w.author.cat.Wards()
	ward := wards[w.below(len(wards))]
	return w.of(ward.FullName(), ward.FullName(), text.Plain(ward.FullName()), ward.Code, w.former())
}

func (w *writer) former() string {
	return w.of("Bến Nghé, Quận 1", "phường Đa Kao, Quận 1", "phuong 7 quan 3", "Thảo Điền, Thủ Đức", "xã Bình Mỹ, huyện Củ Chi",
		"phường 14, quận Gò Vấp", "Phường Hiệp Thành, Thủ Dầu Một", "phường Thắng Tam, Vũng Tàu", "P. Tân Định, Q.1", "phường An Phú, thành phố Thủ Đức")
}

func (w *writer) address() string {
	line := w.of("36/12 Hẻm Ba Mươi Sáu", "212 Điện Biên Phủ", "Ấp 3, tổ 12", "Căn hộ B12-05 chung cư Hoa Sen", "số 9 Phạm Ngũ Lão 🏠", "15 đường số 7, khu phố 2")
	switch w.below(6) {
	case 1:
		return w.of("Thôn 4, xã Ea Tu, thành phố Buôn Ma Thuột, Đắk Lắk", "18 ngõ 5 phố Huế, Hà Nội", "1 Rue de Rivoli, Paris")
	case 2:
		return norm.NFD.String(line + ", " + w.former())
	}
	wards := w.author.cat.Wards()
	return line + ", " + w.of(wards[w.below(len(wards))].FullName(), w.former()) + w.of("", ", TP.HCM", ", Thành phố Hồ Chí Minh, Việt Nam")
}

func (w *writer) integer(f form.Field, q *form.Question) string {
	min, _ := strconv.ParseInt(f.Min, 10, 64)
	most := min + 3 // a list is not made longer than that
	if max, err := strconv.ParseInt(f.Max, 10, 64); err == nil && max < most {
		most = max
	}
	n := min + int64(w.below(int(most-min)+1))
	s := strconv.FormatInt(n, 10)
	spoken := []string{"không", "một", "hai", "ba", "bốn", "năm", "sáu"}
	if n > 0 && int(n) < len(spoken) {
		return w.of(s, s, "0"+s, spoken[n], spoken[n]+" bản")
	}
	return s
}

func (w *writer) money(f form.Field) string {
	all := []string{"20000000", "1.500.000", "1,5 triệu", "500k", "2tr5", "200 triệu", "3.000.000 đồng", "1 tỷ"}
	for range 20 {
		s := w.of(all...)
		if min, err := strconv.ParseInt(f.Min, 10, 64); err == nil && min > 1_000_000 && !strings.Contains(s, "triệu") {
			continue
		}
		return s
	}
	return "200 triệu"
}

// words is free text between a field's lengths: emoji, quotes, marks apart from
// their letters, lines.
func (w *writer) words(f form.Field, most int) string {
	if strings.Contains(f.Key, "taxCode") {
		return w.of("0301234567", "0301234567-001", "079190613572")
	}
	min, _ := strconv.Atoi(f.Min)
	max, err := strconv.Atoi(f.Max)
	if err != nil {
		max = 200
	}
	pool := []string{"giấy", "chuyển", "nhượng", "nhà", "🏠", "cửa", "hàng", "“Phở", "Bắc”", "số", "12/2021", "QĐ-TTHN", "được", "Đường", "<b>", "&", "ở", "🙂", "an", "*_`"}
	var b strings.Builder
	for n := 0; n < 2+w.below(most) || len([]rune(strings.Join(strings.Fields(norm.NFC.String(b.String())), ""))) < min; n++ {
		if n > 0 {
			b.WriteString(w.of(" ", " ", " ", "  "))
			if f.Type == "longtext" && w.often(6) {
				b.WriteString("\n\n")
			}
		}
		b.WriteString(pool[w.below(len(pool))])
		if w.plain && n > min {
			break
		}
	}
	s := b.String()
	if w.often(3) {
		s = norm.NFD.String(s)
	}
	for len([]rune(norm.NFC.String(s))) > max {
		r := []rune(norm.NFC.String(s))
		s = strings.TrimSpace(string(r[:max]))
		if slices.Contains([]rune{0x200d}, r[max-1]) {
			s = "giấy"
		}
	}
	return s
}
