package catalog

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

func itoa(i int) string { return strconv.Itoa(i) }

// patterns are the grammars of a pack's codes.
type patterns struct {
	procedure, version, key, result, ward, district *regexp.Regexp
}

func newPatterns() patterns {
	return patterns{
		procedure: regexp.MustCompile(`^\d\.\d{6}$`),
		version:   regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,15}$`),
		key:       regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`),
		result:    regexp.MustCompile(`^KQ\.[A-Z]\d{2}\.\d{6}$`),
		ward:      regexp.MustCompile(`^\d{5}$`),
		district:  regexp.MustCompile(`^\d{3}$`),
	}
}

// maxShort is the room a name has in a short message: GSM-7 characters.
const maxShort = 40

// databases are the state databases a requirement may name in replaceableBy.
func databases() []string {
	return []string{
		"national_population", "civil_status", "national_land", "national_insurance", "business_registration",
		"personal_vault", "health_ebirth_edeath", "social_protection", "tax", "construction_permit", "judicial_record",
	}
}

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

func (r *reader) checkProcedure(p *Procedure) {
	f, pat := p.file, newPatterns()
	r.check(pat.procedure.MatchString(p.Code), f, []string{"code"}, "%q is no national procedure code (N.NNNNNN)", p.Code)
	r.check(strings.HasPrefix(path.Base(f), p.Code), f, []string{"code"}, "the file must be named after the code %s", p.Code)
	r.check(pat.version.MatchString(p.Version), f, []string{"version"}, "the version is missing or has other characters than letters, digits, dot, hyphen")
	r.check(!p.EffectiveFrom.IsZero(), f, []string{"effectiveFrom"}, "the first day of effect is missing")
	r.both(p.Name, f, "name")
	r.short(p.Short, f, "short")
	r.both(p.Summary, f, "summary")
	r.maybeBoth(p.Tip, f, "tip")
	r.both(p.Field, f, "field")
	r.check(len(p.Aliases.Vi) > 0 && len(p.Aliases.En) > 0, f, []string{"aliases"}, "search words are needed in vi and en")
	r.check(p.Level == "ward", f, []string{"level"}, "the level must be ward: no other level is offered")
	r.check(p.Agency == AgencyCommittee || p.Agency == AgencyPolice, f, []string{"agency"}, "the agency must be ward_committee or ward_police")
	r.check(len(p.Channels) > 0, f, []string{"channels"}, "say how it may be filed: in_person, online, post")
	for i, c := range p.Channels {
		r.check(c == FileInPerson || c == FileOnline || c == FileByPost, f, []string{"channels", itoa(i)}, "the channel %q is not known: in_person, online, post", c)
	}
	r.checkLimit(p.TimeLimit, f, "timeLimit")
	r.check(p.TimeLimit.Source != "", f, []string{"timeLimit"}, "the source of the time limit is missing")
	r.check(p.Fee.Amount >= 0, f, []string{"fee", "amount"}, "a fee is not negative")
	r.both(p.Fee.Text, f, "fee", "text")
	r.maybeBoth(p.Fee.Per, f, "fee", "per")
	for i, e := range p.Fee.Exemptions {
		r.both(e, f, "fee", "exemptions", itoa(i))
	}
	r.check(p.Fee.Source != "", f, []string{"fee"}, "the source of the fee is missing")
	r.check(p.Assurance.Level >= core.AssuranceNone && p.Assurance.Level <= core.AssuranceEID, f, []string{"minAssurance", "level"}, "the assurance level is 0, 1 or 2")
	r.check(slices.Contains([]Confidence{ConfidenceHigh, ConfidenceMedium, ConfidenceLow}, p.Confidence), f, []string{"confidence"}, "the confidence must be high, medium or low")
	r.check(len(p.LegalBasis) > 0, f, []string{"legalBasis"}, "the legal basis is missing")
	r.check(len(p.Sources) > 0, f, []string{"sources"}, "at least one source is needed: a public page, a law or a decision")
	for i, res := range p.Results {
		at := []string{"results", itoa(i)}
		r.check(res.Code == "" || pat.result.MatchString(res.Code), f, append(at, "code"), "%q is no result code (KQ.X00.000000)", res.Code)
		r.both(res.Name, f, append(at, "name")...)
	}
	r.check(len(p.Results) > 0, f, []string{"results"}, "say what the citizen receives")
	_, known := r.forms[p.Form]
	r.check(known, f, []string{"form"}, "there is no form %q", p.Form)
	r.checkFacts(p, pat)
	r.checkRequirements(p, pat)
}

func (r *reader) checkLimit(l Limit, file string, at ...string) {
	switch l.Unit {
	case UnitSameDay:
		r.check(l.Value == 0, file, append(at, "value"), "a limit of the same day has the value 0")
	case UnitWorkingDay, UnitDay, UnitHour, UnitMonth:
		r.check(l.Value > 0 && l.Value <= 400, file, append(at, "value"), "the limit must be 1 to 400")
	default:
		r.fail(file, append(at, "unit"), "the unit %q is not known: same_day, working_day, day, hour, month", l.Unit)
	}
	if l.CutOff != "" {
		_, ok := minutes(l.CutOff)
		r.check(ok, file, append(at, "cutOff"), "the cut-off must be a time such as 15:00")
	}
	r.maybeBoth(l.Note, file, append(at, "note")...)
	if l.Longest != nil {
		r.checkLimit(*l.Longest, file, append(at, "longest")...)
		r.check(l.Longest.Longest == nil, file, append(at, "longest"), "a longest limit has no longer one")
	}
}

func (r *reader) checkFacts(p *Procedure, pat patterns) {
	seen := map[string]bool{}
	for i, fact := range p.Facts {
		at := []string{"facts", itoa(i)}
		r.check(pat.key.MatchString(fact.Key), p.file, append(at, "key"), "a key has lower-case letters, digits and underscores")
		r.check(!seen[fact.Key], p.file, append(at, "key"), "the fact %q is there twice", fact.Key)
		seen[fact.Key] = true
		r.both(fact.Question, p.file, append(at, "question")...)
		r.short(fact.Short, p.file, append(at, "short")...)
		r.check(fact.Usual == "" || fact.Usual == FactYes || fact.Usual == FactNo, p.file, append(at, "usual"), `usual must be "yes" or "no", in quotes`)
		if fact.From != nil {
			r.checkFactField(p, fact, append(at, "from"))
		}
	}
}

// checkFactField checks that the field exists and can have the values.
func (r *reader) checkFactField(p *Procedure, fact Fact, at []string) {
	fields, ok := r.formFields[p.Form]
	if !ok {
		return // an issue of the form itself
	}
	field, ok := fields[fact.From.Field]
	if !ok {
		r.fail(p.file, append(at, "field"), "the form %s has no field %q", p.Form, fact.From.Field)
		return
	}
	r.check(len(fact.From.Yes) > 0 && len(fact.From.No) > 0, p.file, at, "say which values mean yes and which mean no")
	if len(field.Options) == 0 {
		return
	}
	for _, list := range []struct {
		key    string
		values []string
	}{{"yes", fact.From.Yes}, {"no", fact.From.No}} {
		for i, v := range list.values {
			found := false
			for _, o := range field.Options {
				found = found || o.Value == v
			}
			r.check(found, p.file, append(at[:len(at):len(at)], list.key, itoa(i)), "the field %s has no option %q", field.Key, v)
		}
	}
}

func (r *reader) checkRequirements(p *Procedure, pat patterns) {
	f := p.file
	r.check(len(p.Requirements) > 0, f, []string{"requirements"}, "the papers are missing")
	seen, used, compiled := map[string]bool{}, map[string]bool{}, true
	for i := range p.Requirements {
		q := &p.Requirements[i]
		at := []string{"requirements", itoa(i)}
		r.check(pat.key.MatchString(q.Key), f, append(at, "key"), "a key has lower-case letters, digits and underscores")
		r.check(!seen[q.Key], f, append(at, "key"), "the paper %q is there twice", q.Key)
		seen[q.Key] = true
		r.both(q.Name, f, append(at, "name")...)
		r.short(q.Short, f, append(at, "short")...)
		r.maybeBoth(q.Note, f, append(at, "note")...)
		switch q.Kind {
		case KindForm, KindAttach, KindPresent, KindInfo:
		default:
			r.fail(f, append(at, "kind"), "the kind %q is not known: form, attach, present, info", q.Kind)
		}
		r.check(!q.Upload || q.Kind == KindPresent, f, append(at, "upload"), "upload is for papers of kind present")
		r.check(!q.Upload || q.ElectronicOK, f, append(at, "upload"), "a paper that is uploaded needs electronicOk")
		r.check(q.Originals >= 0 && q.Originals <= 20 && q.Copies >= 0 && q.Copies <= 20, f, at, "originals and copies are 0 to 20")
		for j, db := range q.ReplaceableBy {
			r.check(slices.Contains(databases(), db), f, append(at, "replaceableBy", itoa(j)), "the database %q is not known", db)
		}
		if q.When != "" && !r.compileCondition(p, q, append(at, "when"), used) {
			compiled = false
		}
	}
	if !compiled {
		return // which facts are used is not known
	}
	if f := r.forms[p.Form]; f != nil {
		for _, name := range f.Definition().Facts {
			used[name] = true
			_, declared := p.fact(name)
			r.check(declared, p.file, []string{"form"}, "the form %s looks at the fact %q, which the procedure does not have", p.Form, name)
		}
	}
	for i, fact := range p.Facts {
		r.check(used[fact.Key], f, []string{"facts", itoa(i), "key"}, "no paper depends on the fact %q", fact.Key)
	}
}

func (r *reader) readPlaces() (wellFormed bool) {
	pat := newPatterns()
	a, b, c := r.decode(wardsName, &r.wards), r.decode(oldWardsName, &r.oldWards), r.decode(districtsName, &r.districts)
	if !a || !b || !c {
		return false
	}
	wards := map[string]bool{}
	for i, w := range r.wards.Wards {
		at := []string{"wards", itoa(i)}
		r.check(pat.ward.MatchString(w.Code), wardsName, at, "%q is no unit code of five digits", w.Code)
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
		r.check(pat.district.MatchString(d.Code), districtsName, at, "%q is no district code of three digits", d.Code)
		r.check(!districts[d.Code], districtsName, at, "the district %s is there twice", d.Code)
		districts[d.Code] = true
		kind, _ := splitKind(text.Tokens(d.Name), districtKinds())
		r.check(kind != "", districtsName, at, "the name must begin with Quận, Huyện, Thành phố or Thị xã")
		units(districtsName, at, d.To)
	}
	old := map[string]bool{}
	for i, w := range r.oldWards.Wards {
		at := []string{"wards", itoa(i)}
		r.check(pat.ward.MatchString(w.Code), oldWardsName, at, "%q is no unit code of five digits", w.Code)
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
		r.check(slices.Contains([]Confidence{ConfidenceHigh, ConfidenceMedium, ConfidenceLow}, y.Confidence), calendarName, append(at, "confidence"), "the confidence must be high, medium or low")
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
}
