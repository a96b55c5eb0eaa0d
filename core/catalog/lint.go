package catalog

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

func itoa(i int) string { return strconv.Itoa(i) }

// The grammars of a pack's codes.
var (
	versionPattern  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,15}$`)
	keyPattern      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	resultPattern   = regexp.MustCompile(`^KQ\.[A-Z]\d{2}\.\d{6}$`)
	wardPattern     = regexp.MustCompile(`^\d{5}$`)
	districtPattern = regexp.MustCompile(`^\d{3}$`)
)

// maxShort is the room a name has in a short message: GSM-7 characters.
const maxShort = 40

// databases are the state databases a requirement may name in replaceableBy.
func databases() []string {
	return []string{
		"national_population", "civil_status", "national_land", "national_insurance", "business_registration",
		"personal_vault", "health_ebirth_edeath", "social_protection", "tax", "construction_permit", "judicial_record",
	}
}

// DatabaseKey gives the message key of a state database's name: "word.database.tax".
func DatabaseKey(database string) string { return "word.database." + database }

// both demands a text in both languages.
func (r *reader) both(b Bilingual, file string, at ...string) {
	r.check(strings.TrimSpace(b.Vi) != "", file, at, "the Vietnamese text is missing")
	r.check(strings.TrimSpace(b.En) != "", file, at, "the English text is missing")
}

// maybeBoth demands both languages or neither.
func (r *reader) maybeBoth(b Bilingual, file string, at ...string) {
	if b != (Bilingual{}) {
		r.both(b, file, at...)
	}
}

// short demands both languages within the room of a short message.
func (r *reader) short(b Bilingual, file string, at ...string) {
	r.both(b, file, at...)
	for locale, s := range map[string]string{"vi": b.Vi, "en": b.En} {
		plain := text.Plain(s)
		n, ok := text.Septets(plain)
		r.check(ok && n <= maxShort, file, append(at[:len(at):len(at)], locale),
			"%q takes %d characters of a short message, %d are allowed", plain, n, maxShort)
	}
}

func (r *reader) readPlaces() (wellFormed bool) {
	a, b, c := r.decode(wardsName, &r.wards), r.decode(oldWardsName, &r.oldWards), r.decode(districtsName, &r.districts)
	if !a || !b || !c {
		return false
	}
	wards := map[string]bool{}
	for i, w := range r.wards.Wards {
		at := []string{"wards", itoa(i)}
		r.check(wardPattern.MatchString(w.Code), wardsName, at, "%q is no unit code of five digits", w.Code)
		r.check(!wards[w.Code], wardsName, at, "the unit %s is there twice", w.Code)
		wards[w.Code] = true
		r.check(w.Name != "" && w.En != "", wardsName, at, "a unit has name and en")
		r.check(slices.Contains([]string{"phuong", "xa", "dac_khu"}, w.Kind), wardsName, at, "the kind %q is not known: phuong, xa, dac_khu", w.Kind)
	}
	r.check(len(wards) > 0, wardsName, []string{"wards"}, "there is no unit")
	units := func(file string, at, codes []string) {
		r.check(len(codes) > 0, file, at, "say which units of today took it over")
		for _, code := range codes {
			r.check(wards[code], file, at, "there is no unit %s today", code)
		}
	}
	districts := map[string]bool{}
	for i, d := range r.districts.Districts {
		at := []string{"districts", itoa(i)}
		r.check(districtPattern.MatchString(d.Code), districtsName, at, "%q is no district code of three digits", d.Code)
		r.check(!districts[d.Code], districtsName, at, "the district %s is there twice", d.Code)
		districts[d.Code] = true
		kind, _ := splitKind(text.Tokens(d.Name), districtKinds())
		r.check(kind != "", districtsName, at, "the name must begin with Quận, Huyện, Thành phố or Thị xã")
		units(districtsName, at, d.To)
	}
	old := map[string]bool{}
	for i, w := range r.oldWards.Wards {
		at := []string{"wards", itoa(i)}
		r.check(wardPattern.MatchString(w.Code), oldWardsName, at, "%q is no unit code of five digits", w.Code)
		r.check(!old[w.Code], oldWardsName, at, "the old ward %s is there twice", w.Code)
		old[w.Code] = true
		r.check(districts[w.District], oldWardsName, at, "there is no old district %s", w.District)
		kind, _ := splitKind(text.Tokens(w.Name), wardKinds())
		r.check(kind != "", oldWardsName, at, "the name must begin with Phường, Xã or Thị trấn")
		units(oldWardsName, at, w.To)
	}
	return true
}

func (r *reader) checkHours(rows []hoursRow, file string, at ...string) {
	r.check(len(rows) > 0, file, at, "the hours are missing")
	end := -1
	for i, h := range rows {
		here := append(at[:len(at):len(at)], itoa(i))
		from, ok := minutes(h.From)
		to, ok2 := minutes(h.To)
		r.check(ok && ok2, file, here, `hours are written "07:30"`)
		r.check(!ok || !ok2 || from < to, file, here, "the hours end before they begin")
		r.check(!ok || from >= end, file, here, "the hours overlap those before")
		end = to
	}
}

func (r *reader) checkCalendar() {
	r.checkHours(r.calendar.Hours, calendarName, "hours")
	weekend := map[time.Weekday]bool{}
	for i, d := range r.calendar.Weekend {
		r.check(d >= 0 && d <= 6, calendarName, []string{"weekend", itoa(i)}, "a day of the week is 0 (Sunday) to 6")
		weekend[time.Weekday(d)] = true
	}
	r.check(len(weekend) > 0 && len(weekend) < 7, calendarName, []string{"weekend"}, "at least one day is off and one is worked")
	years := map[int]bool{}
	for i, y := range r.calendar.Years {
		at := []string{"years", itoa(i)}
		r.check(y.Year >= 2000 && y.Year < 2200 && !years[y.Year], calendarName, append(at, "year"), "the year is there twice or is no year")
		years[y.Year] = true
		r.checkConfidence(y.Confidence, calendarName, append(at, "confidence")...)
		r.check(y.Source != "", calendarName, at, "the source is missing")
		for j, d := range y.Closed {
			here := append(at[:len(at):len(at)], "closed", itoa(j))
			r.check(d.Year == y.Year, calendarName, here, "%s is no day of %d", d, y.Year)
			r.check(!weekend[d.In(core.City).Weekday()], calendarName, here, "%s is off anyway", d)
		}
		for j, d := range y.MakeUp {
			here := append(at[:len(at):len(at)], "makeUp", itoa(j))
			r.check(d.Year == y.Year, calendarName, here, "%s is no day of %d", d, y.Year)
			r.check(weekend[d.In(core.City).Weekday()], calendarName, here, "%s is worked anyway", d)
		}
		for j, h := range y.Holidays {
			r.both(h.Name, calendarName, append(at[:len(at):len(at)], "holidays", itoa(j), "name")...)
		}
	}
}

func (r *reader) checkOffices(wardsKnown bool) {
	r.checkOffice(r.offices.Default, "default")
	r.check(strings.Contains(r.offices.Default.Name.Vi, "{ward}") && strings.Contains(r.offices.Default.Name.En, "{ward}"),
		officesName, []string{"default", "name"}, "the default name must contain {ward}")
	r.check(r.offices.Default.Address == Bilingual{}, officesName, []string{"default", "address"}, "offices do not share an address")
	r.both(r.offices.City.Name, officesName, "city", "name")
	r.both(r.offices.Police, officesName, "police")
	for i, a := range r.offices.Anywhere {
		r.checkAnywhere(a, "anywhere", itoa(i))
	}
	seen := map[string]bool{}
	for i, o := range r.offices.Offices {
		at := []string{"offices", itoa(i)}
		r.checkOffice(o, at...)
		known := slices.ContainsFunc(r.wards.Wards, func(w wardRow) bool { return w.Code == o.Ward })
		r.check(!wardsKnown || known, officesName, append(at, "ward"), "there is no unit %q", o.Ward)
		r.check(!seen[o.Ward], officesName, append(at, "ward"), "the unit %s has two offices", o.Ward)
		r.check(o.Source != "", officesName, at, "the source is missing")
		seen[o.Ward] = true
	}
}

func (r *reader) checkAnywhere(a anywhereRow, at ...string) {
	sub := func(keys ...string) []string { return append(at[:len(at):len(at)], keys...) }
	r.check(len(a.Procedures)+len(a.Agencies) > 0, officesName, at, "neither procedures nor agencies")
	r.check(a.Source != "", officesName, at, "the source is missing")
	r.check(a.Confidence == ConfidenceHigh || a.Confidence == ConfidenceMedium || a.Confidence == ConfidenceLow,
		officesName, at, "the confidence is high, medium or low")
	for i, code := range a.Procedures {
		r.check(validCode(code), officesName, sub("procedures", itoa(i)), "%q is no code of a procedure", code)
	}
	for i, k := range a.Agencies {
		r.check(k.Level() != "", officesName, sub("agencies", itoa(i)), "the authority %q is not known", k)
	}
}

func (r *reader) checkOffice(o officeRow, at ...string) {
	sub := func(keys ...string) []string { return append(at[:len(at):len(at)], keys...) }
	r.both(o.Name, officesName, sub("name")...)
	r.maybeBoth(o.Address, officesName, sub("address")...)
	r.maybeBoth(o.Note, officesName, sub("note")...)
	r.check(len(o.Hours.Days) > 0, officesName, sub("hours"), "the days are missing")
	for i, d := range o.Hours.Days {
		r.check(d >= 0 && d <= 6, officesName, sub("hours", "days", itoa(i)), "a day of the week is 0 (Sunday) to 6")
	}
	r.checkHours(o.Hours.Periods, officesName, sub("hours", "periods")...)
	if len(o.Hours.Saturday) > 0 {
		r.checkHours(o.Hours.Saturday, officesName, sub("hours", "saturday")...)
		r.check(!slices.Contains(o.Hours.Days, 6), officesName, sub("hours", "days"), "a Saturday that serves people only stands under saturday")
	}
	for i, d := range o.Closed {
		day := d.In(core.City).Weekday()
		r.check(slices.Contains(o.Hours.Days, int(day)) || day == time.Saturday && len(o.Hours.Saturday) > 0, officesName, sub("closed", itoa(i)), "%s is off anyway", d)
	}
}
