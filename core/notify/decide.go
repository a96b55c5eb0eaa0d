package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// The quiet hours, in minutes after midnight in the city. Decree 91/2020/NĐ-CP
// limits advertising to 07:00–22:00; a notice can wait a little longer.
const (
	quietFrom = 21 * 60
	quietTo   = 7*60 + 30
)

// MergeWindow is how long a notice that asks nothing of the citizen waits behind
// an earlier one, so that a newer change can take its place.
const MergeWindow = 10 * time.Minute

// Quiet reports whether t is in the quiet hours.
func Quiet(t time.Time) bool {
	t = t.In(core.City)
	m := t.Hour()*60 + t.Minute()
	return m >= quietFrom || m < quietTo
}

// Awake gives t, or the end of the quiet hours it lies in.
func Awake(t time.Time) time.Time {
	if !Quiet(t) {
		return t
	}
	c := t.In(core.City)
	day := c.Day()
	if c.Hour()*60+c.Minute() >= quietFrom {
		day++
	}
	return time.Date(c.Year(), c.Month(), day, 0, quietTo, 0, 0, core.City).UTC()
}

// Tells reports whether a line of a timeline is told at all. What citizens do
// themselves is answered where they do it; what another person answered, or an
// officer did for them, they are told.
func Tells(e core.DossierEvent) bool {
	byApplicant := e.Actor == core.ActorCitizen || e.Actor == core.ActorAnonymous || e.Actor == core.ActorKiosk
	switch e.Kind {
	case dossier.KindDeclined, dossier.KindExtended, dossier.KindDraftSent:
		return true
	case dossier.KindDraftConfirmed:
		return !byApplicant
	}
	return e.From != e.To && !byApplicant
}

// Urgent reports whether a line asks something of the citizen, apologises, or ends
// the case: such a notice never waits behind another.
func Urgent(e core.DossierEvent) bool {
	switch e.Kind {
	case dossier.KindDeclined, dossier.KindExtended, dossier.KindDraftSent:
		return true
	}
	switch e.To {
	case core.StateRefused, core.StateSupplement, core.StatePayment, core.StateStopped, core.StateDone:
		return true
	}
	return false
}

// superseded reports whether what came later says all that a line would have said.
// An apology is owed unless the case is over.
func superseded(e core.DossierEvent, later []core.DossierEvent) bool {
	return slices.ContainsFunc(later, func(l core.DossierEvent) bool {
		return Tells(l) && (e.Kind != dossier.KindExtended || dossier.ClockIn(l.To) == dossier.ClockStopped)
	})
}

// Case is what a decision depends on.
type Case struct {
	Seq       int                 // the line in question
	Timeline  []core.DossierEvent // of the dossier, in order
	ConvID    core.ID             // conversation the dossier was filed in, "" if none
	ConvAddr  *core.Address       // its address
	Addresses []core.Address      // all of the citizen
	Phone     string              // contact phone, E.164, "" if none
	PhoneAddr *core.Address       // the address of Phone where one exists
	LastTold  time.Time           // of the dossier's last notice; zero if none
	LastSeq   int                 // the line it told
	Now       time.Time
	Pushes    func(channel string) bool // whether a channel can be written to unasked
}

// Why says why nothing is said.
type Why string

// The reasons.
const (
	WhyNotTold     Why = "not_told"    // a line that is never told
	WhySuperseded  Why = "superseded"  // a later line is told in its place
	WhyTold        Why = "told"        // it was told before
	WhyNoAddress   Why = "no_address"  // nobody to tell; the app lists it
	WhyStopped     Why = "stopped"     // the citizen stopped notices
	WhyWaits       Why = "waits"       // later: see RunAt
	WhyUnknownLine Why = "unknown_seq" // the timeline has no such line
)

// Decision is what to do about a line.
type Decision struct {
	Line    core.DossierEvent
	RunAt   time.Time // when WhyWaits: decide again then
	Why     Why       // "" = tell it now
	List    bool      // keep it for the app's list
	ConvID  core.ID   // tell it here, or
	Address *core.Address
	Phone   string // here, by a conversation that is opened for it
}

// Decide decides about one line of a timeline.
//
// It goes to the conversation the dossier was filed in; when that cannot be
// written to unasked (a kiosk, an app) to the best proved other address of the
// citizen, and last to the contact phone of the declaration. Whoever stopped
// notices on the conversation they filed in is not written to elsewhere.
func Decide(c Case) Decision {
	i := slices.IndexFunc(c.Timeline, func(e core.DossierEvent) bool { return e.Seq == c.Seq })
	if i < 0 {
		return Decision{Why: WhyUnknownLine}
	}
	d := Decision{Line: c.Timeline[i]}
	switch {
	case !Tells(d.Line):
		d.Why = WhyNotTold
		return d
	case c.LastSeq >= c.Seq:
		d.Why = WhyTold
		return d
	}
	d.List = true
	if superseded(d.Line, c.Timeline[i+1:]) {
		d.Why = WhySuperseded
		return d
	}
	at := c.Now
	if merged := c.LastTold.Add(MergeWindow); !Urgent(d.Line) && !c.LastTold.IsZero() && merged.After(at) {
		at = merged
	}
	if at = Awake(at); at.After(c.Now) {
		d.Why, d.RunAt, d.List = WhyWaits, at, false
		return d
	}
	c.aim(&d)
	return d
}

// aim chooses where to tell it.
func (c Case) aim(d *Decision) {
	if c.ConvAddr != nil && c.Pushes(c.ConvAddr.Channel) {
		if c.ConvAddr.NoNotices {
			d.Why = WhyStopped
			return
		}
		d.ConvID = c.ConvID
		return
	}
	others := slices.Clone(c.Addresses)
	slices.SortStableFunc(others, func(a, b core.Address) int {
		return cmp.Or(-cmp.Compare(a.Assurance, b.Assurance), b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	stopped := false
	for _, a := range others {
		switch {
		case !c.Pushes(a.Channel) || a.Assurance < core.AssuranceAddress:
		case a.NoNotices:
			stopped = true
		default:
			d.Address = &a
			return
		}
	}
	switch {
	case stopped || c.PhoneAddr != nil && c.PhoneAddr.NoNotices:
		d.Why = WhyStopped
	case c.PhoneAddr != nil:
		d.Address = c.PhoneAddr
	case c.Phone != "":
		d.Phone = c.Phone
	default:
		d.Why = WhyNoAddress
	}
}
