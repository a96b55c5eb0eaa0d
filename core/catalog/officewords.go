package catalog

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// OpeningText says in words how an office stands at t: open until when, or when it
// opens next.
func (c *Catalog) OpeningText(o Office, t time.Time, l text.Locale, v text.Variant) string {
	s := o.Opening(t)
	at, key := text.Clock(s.Changes), "word.opensNext"
	day := text.DateLong(l, s.Changes)
	if v == text.Short {
		day = text.DateShort(l, s.Changes)
	}
	switch {
	case s.Changes.IsZero():
		return c.messages.Text(l, v, "word.opensUnknown", nil)
	case s.Open:
		key = "word.openUntil"
	case pack.DateOf(s.Changes) == pack.DateOf(t.In(core.City)):
		key = "word.opensToday"
	}
	return c.messages.Text(l, v, key, map[string]string{"at": at, "day": day})
}

// QueueText says in words who waits, and when that was so.
func (c *Catalog) QueueText(q Queue, l text.Locale, v text.Variant) string {
	return c.messages.Text(l, v, "word.queue", map[string]string{"count": strconv.Itoa(q.Waiting), "at": text.Clock(q.At)})
}

// CompetenceText says in words whether an office takes a procedure's dossier in,
// from whom, and who decides it.
func (c *Catalog) CompetenceText(k Competence, name string, l text.Locale, v text.Variant) string {
	args := map[string]string{"name": text.InSentence(name), "counter": k.Counter.In(l), "agency": k.Decides.In(l), "centre": ""}
	if k.Centre && k.Intake == IntakeOwn {
		centre := map[string]string{"centre": c.city.Name.In(l), "address": c.city.Address.In(l)}
		args["centre"] = c.messages.Text(l, v, "word.intakeCentre", centre)
	}
	return c.messages.Text(l, v, "word.intake."+string(k.Intake), args)
}

// WhereText says in a few words where a procedure is filed, whatever the unit, and
// which department decides it.
func (c *Catalog) WhereText(p *Procedure, l text.Locale, v text.Variant) string {
	agency := ""
	if p.Level == LevelCity {
		agency = p.AgencyName.In(l)
	}
	return c.messages.Text(l, v, "word.where."+string(c.intake(p)), map[string]string{"agency": agency})
}

// handledFields is how many fields an office's answer names.
const handledFields = 4

// HandledText says in words what the service centre of a unit takes in: how many
// procedures, and the fields with the most.
func (c *Catalog) HandledText(l text.Locale) string {
	sum, all := 0, c.Handled()
	var fields []string
	for i, f := range all {
		if sum += f.Count; i < handledFields {
			name := f.Field.In(l)
			if l == text.VI {
				name = strings.ToLower(name)
			}
			fields = append(fields, name+" ("+strconv.Itoa(f.Count)+")")
		}
	}
	if len(all) == 0 {
		return ""
	}
	return c.messages.Text(l, text.Rich, "word.handled", map[string]string{"count": strconv.Itoa(sum), "fields": strings.Join(fields, ", ")})
}

// HoursShort writes the opening hours for a message with little room:
// "07:30-11:30,13:00-17:00 T2-T6".
func (o Office) HoursShort(l text.Locale) string {
	names := func(d time.Weekday) string {
		switch {
		case l == text.EN:
			return d.String()[:3]
		case d == time.Sunday:
			return "CN"
		}
		return "T" + strconv.Itoa(int(d)+1)
	}
	days := make([]string, len(o.Days))
	for i, d := range o.Days {
		days[i] = names(d)
	}
	list := strings.Join(days, ",")
	if n := len(o.Days); n > 2 && int(o.Days[n-1])-int(o.Days[0]) == n-1 {
		list = days[0] + "-" + days[n-1]
	}
	out := shortPeriods(o.Periods) + " " + list
	if len(o.Saturday) > 0 {
		out += ", " + shortPeriods(o.Saturday) + " " + names(time.Saturday)
	}
	return out
}

func shortPeriods(ps []Period) string {
	return strings.NewReplacer("–", "-", ", ", ",").Replace(periodsText(ps))
}
