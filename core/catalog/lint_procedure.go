package catalog

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/form"
)

func (r *reader) checkProcedure(p *Procedure) {
	f := p.file
	r.check(validCode(p.Code), f, []string{"code"}, "%q is no national procedure code (N.NNNNNN) and no local one (VN-HCM-name)", p.Code)
	r.check(strings.HasPrefix(path.Base(f), p.Code), f, []string{"code"}, "the file must be named after the code %s", p.Code)
	r.check(versionPattern.MatchString(p.Version), f, []string{"version"}, "the version is missing or has other characters than letters, digits, dot, hyphen")
	r.check(!p.EffectiveFrom.IsZero(), f, []string{"effectiveFrom"}, "the first day of effect is missing")
	r.both(p.Name, f, "name")
	r.short(p.Short, f, "short")
	r.both(p.Summary, f, "summary")
	r.maybeBoth(p.Tip, f, "tip")
	r.both(p.Field, f, "field")
	r.check(len(p.Aliases.Vi) > 0 && len(p.Aliases.En) > 0, f, []string{"aliases"}, "search words are needed in vi and en")
	r.checkAgency(p)
	r.check(len(p.Channels) > 0, f, []string{"channels"}, "say how it may be filed: in_person, online, post")
	r.checkChannels(p.Channels, f, "channels")
	r.checkLimit(p.TimeLimit, f, "timeLimit")
	r.check(p.TimeLimit.Source != "", f, []string{"timeLimit"}, "the source of the time limit is missing")
	r.checkWindow(p)
	r.checkFee(p.Fee, f)
	r.check(p.Assurance.Level >= core.AssuranceNone && p.Assurance.Level <= core.AssuranceEID, f, []string{"minAssurance", "level"}, "the assurance level is 0, 1 or 2")
	r.checkConfidence(p.Confidence, f, "confidence")
	r.check(len(p.LegalBasis) > 0, f, []string{"legalBasis"}, "the legal basis is missing")
	r.check(len(p.Sources) > 0, f, []string{"sources"}, "at least one source is needed: a public page, a law or a decision")
	for i, res := range p.Results {
		at := []string{"results", itoa(i)}
		r.check(res.Code == "" || resultPattern.MatchString(res.Code), f, append(at, "code"), "%q is no result code (KQ.X00.000000)", res.Code)
		r.both(res.Name, f, append(at, "name")...)
	}
	for i, step := range p.InPerson {
		r.both(step, f, "inPerson", itoa(i))
	}
	r.check(len(p.Results) > 0, f, []string{"results"}, "say what the citizen receives")
	_, known := r.forms[p.Form]
	r.check(known, f, []string{"form"}, "there is no form %q", p.Form)
	r.checkSettled(p)
	r.checkTexts(p)
	r.checkFacts(p)
	r.checkRequirements(p)
}

// checkSettled checks that the form can hold the answers a procedure gives.
func (r *reader) checkSettled(p *Procedure) {
	fields, ok := r.formFields[p.Form]
	if !ok {
		return // an issue of the form itself
	}
	for _, key := range slices.Sorted(maps.Keys(p.Settled)) {
		field, at := fields[key], []string{"settled", key}
		r.check(field.Type == "select", p.file, at, "the form %s has no select field %q", p.Form, key)
		found := slices.ContainsFunc(field.Options, func(o form.Option) bool { return o.Value == p.Settled[key] })
		r.check(field.Type != "select" || found, p.file, at, "the field %s has no option %q", key, p.Settled[key])
	}
}

func (r *reader) checkLimit(l Limit, file string, at ...string) {
	switch l.Unit {
	case UnitSameDay:
		r.check(l.Value == 0, file, append(at, "value"), "a limit of the same day has the value 0")
	case UnitHalfDay, UnitWorkingDay, UnitDay, UnitHour, UnitMonth:
		r.check(l.Value > 0 && l.Value <= 400, file, append(at, "value"), "the limit must be 1 to 400")
	default:
		r.fail(file, append(at, "unit"), "the unit %q is not known: same_day, half_day, working_day, day, hour, month", l.Unit)
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

// checkAgency checks who decides: the level and the kind of authority must agree.
func (r *reader) checkAgency(p *Procedure) {
	f := p.file
	r.check(p.Level == LevelWard || p.Level == LevelCity, f, []string{"level"}, "the level must be ward or city")
	of := p.Agency.Level()
	r.check(of != "", f, []string{"agency"},
		"the agency %q is not known: ward_committee, ward_police, city_department, city_police, land_office, business_registration", p.Agency)
	r.check(of == "" || p.Level != LevelWard && p.Level != LevelCity || of == p.Level, f, []string{"agency"},
		"the agency %s does not decide at the level %s", p.Agency, p.Level)
	if of == LevelCity {
		r.both(p.AgencyName, f, "agencyName")
	} else {
		r.maybeBoth(p.AgencyName, f, "agencyName")
	}
	for i, e := range p.Eligible {
		r.both(e, f, "eligible", itoa(i))
	}
}

func (r *reader) checkChannels(channels []FilingChannel, file string, at ...string) {
	for i, c := range channels {
		r.check(c == FileInPerson || c == FileOnline || c == FileByPost, file, append(at[:len(at):len(at)], itoa(i)),
			"the channel %q is not known: in_person, online, post", c)
	}
}

func (r *reader) checkFee(fee Fee, file string) {
	r.check(fee.Amount >= 0, file, []string{"fee", "amount"}, "a fee is not negative")
	r.both(fee.Text, file, "fee", "text")
	r.maybeBoth(fee.Per, file, "fee", "per")
	for i, item := range fee.Items {
		at := []string{"fee", "items", itoa(i)}
		r.both(item.Name, file, append(at, "name")...)
		r.maybeBoth(item.Per, file, append(at, "per")...)
		r.check(item.Amount >= 0, file, append(at, "amount"), "a fee is not negative")
	}
	r.checkExemptions(fee.Exemptions, file, "fee")
	r.check(fee.Source != "", file, []string{"fee"}, "the source of the fee is missing")
	for i, c := range fee.City {
		at := []string{"fee", "city", itoa(i)}
		r.check(!c.From.IsZero(), file, append(at, "from"), "the first day is missing")
		r.check(c.To.IsZero() || c.To.Compare(c.From) >= 0, file, append(at, "to"), "the last day is before the first")
		r.check(c.Amount >= 0, file, append(at, "amount"), "a fee is not negative")
		r.checkChannels(c.Channels, file, append(at, "channels")...)
		r.both(c.Text, file, append(at, "text")...)
		r.checkExemptions(c.Exemptions, file, at...)
		r.check(c.Source != "", file, at, "the source of the fee is missing")
		r.checkConfidence(c.Confidence, file, append(at, "confidence")...)
	}
}

func (r *reader) checkExemptions(list []Bilingual, file string, at ...string) {
	for i, e := range list {
		r.both(e, file, append(at[:len(at):len(at)], "exemptions", itoa(i))...)
	}
}

func (r *reader) checkConfidence(c Confidence, file string, at ...string) {
	r.check(slices.Contains([]Confidence{ConfidenceHigh, ConfidenceMedium, ConfidenceLow}, c), file, at, "the confidence must be high, medium or low")
}

// checkCondition checks a condition that is still prose: a procedure with a form
// of its own asks for everything its papers depend on.
func (r *reader) checkCondition(p *Procedure, q *Requirement, at []string) {
	if q.Condition == (Bilingual{}) {
		return
	}
	here := append(at[:len(at):len(at)], "condition")
	r.both(q.Condition, p.file, here...)
	r.check(q.When == "", p.file, here, "a paper has either a condition in prose or when")
	r.check(p.Form == GenericForm, p.file, here,
		"the procedure has the form %s: write the condition as when, over facts", p.Form)
}

// checkGroups checks the papers of which one is enough.
func (r *reader) checkGroups(p *Procedure) {
	first, size := map[string]int{}, map[string]int{}
	for i := range p.Requirements {
		q := &p.Requirements[i]
		if q.Group == "" {
			continue
		}
		at := []string{"requirements", itoa(i), "group"}
		r.check(keyPattern.MatchString(q.Group), p.file, at, "a key has lower-case letters, digits and underscores")
		if size[q.Group]++; size[q.Group] == 1 {
			first[q.Group] = i
			continue
		}
		preferred := &p.Requirements[first[q.Group]]
		r.check(q.Mandatory == preferred.Mandatory, p.file, at, "the papers of a group are all mandatory or none is: %s differs", preferred.Key)
	}
	for group, n := range size {
		r.check(n > 1, p.file, []string{"requirements", itoa(first[group]), "group"}, "the group %q has one paper only", group)
	}
}

func (r *reader) checkFacts(p *Procedure) {
	seen := map[string]bool{}
	for i, fact := range p.Facts {
		at := []string{"facts", itoa(i)}
		r.check(keyPattern.MatchString(fact.Key), p.file, append(at, "key"), "a key has lower-case letters, digits and underscores")
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

func (r *reader) checkRequirements(p *Procedure) {
	f := p.file
	r.check(len(p.Requirements) > 0, f, []string{"requirements"}, "the papers are missing")
	seen, used, compiled := map[string]bool{}, map[string]bool{}, true
	for i := range p.Requirements {
		q := &p.Requirements[i]
		at := []string{"requirements", itoa(i)}
		_, twice := r.formFields[p.Form][q.Key]
		r.check(!twice, f, append(at, "key"), "the form %s has a field %q: a paper has a key of its own", p.Form, q.Key)
		r.check(keyPattern.MatchString(q.Key), f, append(at, "key"), "a key has lower-case letters, digits and underscores")
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
		r.checkCondition(p, q, at)
		r.check(q.Document == "" || resultPattern.MatchString(q.Document), f, append(at, "document"), "%q is no result code (KQ.X00.000000)", q.Document)
		if q.When != "" && !r.compileCondition(p, q, append(at, "when"), used) {
			compiled = false
		}
	}
	r.checkGroups(p)
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
