package channels

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/core"
)

// JobSend is the kind of the jobs that say a prompt to a person.
const JobSend = "message.send"

// sendPayload is what a JobSend carries; it is sealed at rest.
type sendPayload struct {
	ConvID  core.ID     `json:"conv"`
	Channel string      `json:"channel"`
	Account string      `json:"account"`
	To      string      `json:"to"`
	Prompt  core.Prompt `json:"prompt"`
	Before  time.Time   `json:"before,omitzero"` // not worth sending after this
}

// sendJobs makes one job a prompt, in order, behind everything the conversation
// still has to hear.
func (g *Gateway) sendJobs(now time.Time, conv core.Conversation, acc Account, to string, prompts []core.Prompt, lane core.Lane) ([]core.Job, error) {
	acc = g.registry.Home(acc)
	account := g.laneAccount(acc, to).String()
	jobs := make([]core.Job, 0, len(prompts))
	for _, p := range prompts {
		payload, err := core.SealJSON(sendPayload{ConvID: conv.ID, Channel: string(acc.Kind), Account: acc.Name, To: to, Prompt: p})
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, core.Job{
			ID: core.NewID(now), Kind: JobSend, Lane: lane, OrderKey: string(conv.ID), Account: account,
			Payload: payload, RunAt: now,
		})
	}
	return jobs, nil
}

// sendResult is what became of one run of a JobSend.
type sendResult struct {
	receipts []core.Receipt
	progress string        // for the next run
	wait     time.Duration // run again after it, at the same part
	pause    time.Duration // the vendor asked the account to wait
	account  Account       // the one that carried it, and pauses
	choice   bool          // another might have carried it
	retry    string        // run again, for this reason
	park     string        // give up, with this cause
	blocked  bool          // the person does not want to hear from us
	unknown  bool          // the part that was tried may have arrived
}

// send performs one run of a JobSend: it renders the prompt and sends the parts
// that are not sent yet. It never reports a failure that may have been a success.
func (g *Gateway) send(ctx context.Context, j core.Job, p sendPayload) (res sendResult) {
	acc := Account{Kind: Kind(p.Channel), Name: p.Account}
	at := readProgress(j.Progress)
	adapter, wait, err := g.carrier(ctx, acc, p.To, j.Account, at.held)
	switch {
	case err != nil:
		res.retry = "the store does not answer"
		return res
	case wait > 0:
		res.wait = wait
		return res
	case adapter == nil:
		res.park = "no account reaches there: " + acc.String()
		return res
	}
	acc = adapter.Account()
	res.account, res.choice = acc, string(acc.Kind) != p.Channel
	if !at.unknown.IsZero() {
		again, err := g.settle(ctx, j, &at, &res, adapter.Capabilities())
		if err != nil {
			res.retry = "reading what the vendor told: " + string(core.ErrorCode(err))
			return res
		}
		if !again {
			return res
		}
	}
	parts, template, refused := g.allowed(p.Prompt, adapter)
	for i := at.done; i < len(parts); i++ {
		out := parts[i]
		out.To = p.To
		out.CallbackID = callbackOf(j.ID, i)
		now := g.clock.Now()
		receipt := core.Receipt{
			JobID: j.ID, Part: i, ConvID: p.ConvID, Channel: string(acc.Kind), Account: acc.Name,
			Template: template, CreatedAt: now, UpdatedAt: now,
		}
		if res.wait = g.turnToSend(ctx, adapter, j.Lane, p.To); res.wait > 0 {
			break
		}
		sent, err := adapter.Send(ctx, out)
		if err != nil {
			if g.failed(&res, receipt, err); receipt.Part > at.done || at.unknown.IsZero() {
				at = progress{done: i, unknown: now}
			}
			if res.unknown {
				if receipt.Channel != p.Channel {
					at.held = acc
				}
				res.progress = at.String()
			}
			break
		}
		receipt.State, receipt.External, receipt.Units = sent.State, sent.External, sent.Units
		if receipt.State == "" {
			receipt.State = core.ReceiptSent
		}
		res.receipts = append(res.receipts, receipt)
		res.progress = progress{done: i + 1}.String()
		g.observe.Outbound(acc, template, "sent", sent.Units)
	}
	if refused != "" && res.settled() {
		// The job stays for the operator; when it is run again, the prompt is due.
		res.park, res.progress = fmt.Sprintf("%s: %s %s", acc, p.Prompt.Key, refused), progress{}.String()
	}
	return res
}

// settled reports whether all that there was to send was sent.
func (res sendResult) settled() bool {
	return res.wait == 0 && res.pause == 0 && res.retry == "" && res.park == "" && !res.blocked
}

// allowed renders a prompt. Where only registered texts get through and it is none,
// refused says why, and the parts are the general message in its place.
func (g *Gateway) allowed(p core.Prompt, a Adapter) (parts []Outbound, template, refused string) {
	caps := a.Capabilities()
	parts = g.render.Render(p, caps)
	if !caps.Registered {
		return parts, p.Key, ""
	}
	if refused = g.render.unregistered(p, parts); refused == "" {
		return parts, p.Key, ""
	}
	instead := core.Prompt{Key: keyGeneral, Locale: p.Locale}
	if parts = g.render.Render(instead, caps); g.render.unregistered(instead, parts) != "" {
		parts = nil // a pack without the message, or a network that it does not fit
	}
	return parts, keyGeneral, refused
}

// progress is how far a JobSend is: so many parts are done, and the next one may
// have arrived when it was tried first at that time; zero if it was not.
type progress struct {
	done    int
	unknown time.Time
	held    Account // who may have it, where there is a choice: nobody else may carry it a second time
}

// String gives "3", or "3?1794000000000" with the milliseconds of unknown, and
// behind "@" who may have it.
func (p progress) String() string {
	s := strconv.Itoa(p.done)
	if !p.unknown.IsZero() {
		s += "?" + strconv.FormatInt(p.unknown.UnixMilli(), 10)
		if p.held != (Account{}) {
			s += "@" + p.held.String()
		}
	}
	return s
}

func readProgress(s string) (p progress) {
	s, holder, _ := strings.Cut(s, "@")
	if kind, name, ok := strings.Cut(holder, "/"); ok {
		p.held = Account{Kind: Kind(kind), Name: name}
	}
	done, unknown, _ := strings.Cut(s, "?")
	if n, err := strconv.Atoi(done); err == nil && n > 0 {
		p.done = n
	}
	if ms, err := strconv.ParseInt(unknown, 10, 64); err == nil {
		p.unknown = time.UnixMilli(ms).UTC()
	}
	return p
}

// unknownHold is how long a vendor that reports on its messages is waited for
// before a message whose fate is unknown is sent again.
const unknownHold = 10 * time.Second

// settle looks at a part whose fate was unknown, and says whether to go on sending.
//
// What the vendor told meanwhile counts. Else the part is sent again: twice is
// better than never. It is not when a later turn has something to say to the same
// person: that turn answers what they wrote after this message, so they saw it, or
// were past it; a question again now would be answered in place of the newer one,
// and right behind it would come its successor. The receipt stays unknown, and
// nobody is told of a failure that may be none.
func (g *Gateway) settle(ctx context.Context, j core.Job, at *progress, res *sendResult, caps core.Capabilities) (again bool, err error) {
	var receipts []core.Receipt
	newer := false
	err = g.store.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
		if receipts, err = tx.Receipts().ByJob(ctx, j.ID); err != nil {
			return err
		}
		newer, err = tx.Jobs().Newer(ctx, j.ID)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, r := range receipts {
		if r.Part == at.done && r.State.Rank() > core.ReceiptUnknown.Rank() {
			*at = progress{done: at.done + 1}
			res.progress = at.String()
			return true, nil
		}
	}
	if newer {
		return false, nil
	}
	left := unknownHold - g.clock.Now().Sub(at.unknown)
	if caps.Receipts && !caps.Idempotent && left > 0 {
		res.wait = left
		return false, nil
	}
	return true, nil
}

// failed decides what a failed send means for the job.
func (g *Gateway) failed(res *sendResult, r core.Receipt, err error) {
	acc := Account{Kind: Kind(r.Channel), Name: r.Account}
	var se *SendError
	if !errors.As(err, &se) {
		se = &SendError{Reason: ReasonUnreachable, Retry: true, Err: err}
	}
	g.observe.Outbound(acc, r.Template, string(se.Reason), 0)
	r.Reason = string(se.Reason)
	switch {
	case se.Reason == ReasonThrottled:
		res.pause = max(se.RetryAfter, time.Second)
	case se.Reason == ReasonBadAccount:
		res.pause = max(se.RetryAfter, 5*time.Minute)
	case se.Reason == ReasonBlocked:
		r.State = core.ReceiptFailed
		res.receipts = append(res.receipts, r)
		res.blocked = true
	case !se.Certain:
		r.State = core.ReceiptUnknown
		res.unknown = true
		res.receipts = append(res.receipts, r)
		res.retry = "outcome unknown: " + string(se.Reason)
	case se.Retry && se.RetryAfter > 0:
		res.pause = se.RetryAfter
	case se.Retry:
		res.retry = strings.TrimSpace(string(se.Reason) + " " + se.VendorCode)
	default:
		r.State = core.ReceiptFailed
		res.receipts = append(res.receipts, r)
		res.park = fmt.Sprintf("%s: %s", acc, strings.TrimSpace(string(se.Reason)+" "+se.VendorCode))
	}
}

// Report takes a vendor's word on a message we sent. The word may be faster than
// our own commit: then the receipt is made here, and the send's own, lower state
// changes nothing later. A word that nobody signed settles nothing: the vendor is
// asked, see check.go.
func (g *Gateway) Report(ctx context.Context, acc Account, s Status) error {
	return g.store.Update(ctx, func(ctx context.Context, tx core.Tx) error {
		r, err := tx.Receipts().ByExternal(ctx, string(acc.Kind), acc.Name, s.External)
		if core.IsCode(err, core.CodeNotFound) {
			id, part, ok := callbackID(s.CallbackID)
			if !ok {
				return nil // of another system under the same account, or long forgotten
			}
			r, err = g.early(ctx, tx, acc, id, part)
		}
		if err != nil || r.JobID == "" {
			return err
		}
		if s.Hint && s.State.Rank() >= core.ReceiptDelivered.Rank() {
			return g.checkLater(ctx, tx, acc, r, s)
		}
		r.External, r.State, r.Reason, r.UpdatedAt = s.External, s.State, string(s.Reason), tx.Now()
		if err := tx.Receipts().Put(ctx, r); err != nil {
			return err
		}
		if !s.StopAll || r.ConvID == "" {
			return nil
		}
		return g.stopNotices(ctx, tx, r.ConvID)
	})
}

// early gives the receipt of a part whose send is not committed yet; JobID is ""
// when the part is not ours.
func (g *Gateway) early(ctx context.Context, tx core.Tx, acc Account, id core.ID, part int) (core.Receipt, error) {
	receipts, err := tx.Receipts().ByJob(ctx, id)
	if err != nil {
		return core.Receipt{}, err
	}
	for _, r := range receipts {
		if r.Part == part {
			return r, nil
		}
	}
	j, err := tx.Jobs().Get(ctx, id)
	if core.IsCode(err, core.CodeNotFound) {
		return core.Receipt{}, nil
	}
	if err != nil {
		return core.Receipt{}, err
	}
	var p sendPayload
	if err := core.OpenJSON(j.Payload, &p); err != nil {
		return core.Receipt{}, err
	}
	return core.Receipt{
		Template: p.Prompt.Key,
		JobID:    id, Part: part, ConvID: core.ID(j.OrderKey), Channel: string(acc.Kind), Account: acc.Name, CreatedAt: tx.Now(),
	}, nil
}

// callbackOf writes "<job id>.<part>".
func callbackOf(id core.ID, part int) string { return string(id) + "." + strconv.Itoa(part) }

// callbackID reads it.
func callbackID(s string) (id core.ID, part int, ok bool) {
	job, n, found := strings.Cut(s, ".")
	if !found || !core.ValidID(job) {
		return "", 0, false
	}
	part, err := strconv.Atoi(n)
	return core.ID(job), part, err == nil && part >= 0 && part < 1000
}

func (g *Gateway) stopNotices(ctx context.Context, tx core.Tx, convID core.ID) error {
	conv, err := tx.Conversations().Get(ctx, convID)
	if err != nil {
		return err
	}
	return g.svc.Identity.SetNotices(ctx, tx, conv.AddressID, false)
}
