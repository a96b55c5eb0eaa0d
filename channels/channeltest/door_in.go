package channeltest

import (
	"net/http"
	"strings"
	"sync"

	"github.com/motcua/motcua/core"
)

// answers: a message has one answer, which goes to who wrote.
func (d *door) answers() {
	d.heard(d.Message("khai sinh"))
	if got := d.Other.Received(); len(got) != 0 {
		d.t.Errorf("somebody else received %q", got)
	}
	if row, ok := d.row(); !ok || row.Conversation.Version != 1 {
		d.t.Errorf("version %d after one message", row.Conversation.Version)
	}
}

// duplicate: the same webhook again, at once or later, has no second answer.
func (d *door) duplicate() {
	q := d.Message("khai sinh")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if w := d.post(q); w.Code != http.StatusOK {
				d.t.Errorf("answered %d", w.Code)
			}
		})
	}
	wg.Wait()
	d.settle()
	if got := d.Received(); len(got) != 1 {
		d.t.Errorf("%d answers to four copies of a message", len(got))
	}
	if got := d.hears(q); len(got) != 0 {
		d.t.Errorf("the fifth copy was answered %q", got)
	}
	if n := d.counts.of("in duplicate"); n != 4 {
		d.t.Errorf("%d duplicates were counted, want 4", n)
	}
}

// replay: an old request that is sent again by whoever recorded it does nothing,
// days and many messages later.
func (d *door) replay() {
	q := d.Message("english")
	d.heard(q)
	d.heard(d.Message("tiếng việt"))
	d.heard(d.Message("khai sinh"))
	before, _ := d.row()
	for range 3 {
		if got := d.hears(q); len(got) != 0 {
			d.t.Errorf("the replay was answered %q", got)
		}
	}
	if after, _ := d.row(); after.Conversation.Version != before.Conversation.Version || after.Conversation.Locale != "vi" {
		d.t.Errorf("a replay changed the conversation to version %d, %s", after.Conversation.Version, after.Conversation.Locale)
	}
}

// order: one after another, as they were written.
func (d *door) order() {
	for _, said := range []string{"khai sinh", "english", "menu"} {
		d.take(d.Message(said))
	}
	d.settle()
	got := d.Received()
	if len(got) != 3 || !d.says(got[1], "en", "word.language") || !d.says(got[2], "en", "choice.searchProcedure") && got[2] == got[0] {
		d.t.Errorf("answers %q", got)
	}
	if row, _ := d.row(); row.Conversation.Version != 3 {
		d.t.Errorf("version %d", row.Conversation.Version)
	}
}

// outOfOrder: the later message may be here first; both have their one answer, and
// a second copy of either has none.
func (d *door) outOfOrder() {
	first, second := d.Message("khai sinh"), d.Message("english")
	for _, q := range []Request{second, first, second, first} {
		d.take(q)
	}
	d.settle()
	if got := d.Received(); len(got) != 2 || !d.says(got[0], "en", "word.language") {
		d.t.Errorf("answers %q", got)
	}
}

// atOnce: what one person writes at once is taken one by one; two people do not
// wait for each other.
func (d *door) atOnce() {
	const each = 6
	var wg sync.WaitGroup
	for i := range each {
		said := []string{"khai sinh", "menu", "english"}[i%3]
		for _, q := range []Request{d.Message(said), d.Other.Message(said)} {
			wg.Go(func() {
				if w := d.post(q); w.Code != http.StatusOK {
					d.t.Errorf("answered %d", w.Code)
				}
			})
		}
	}
	wg.Wait()
	d.settle()
	if a, b := len(d.Received()), len(d.Other.Received()); a != each || b != each {
		d.t.Errorf("%d and %d answers, want %d each", a, b, each)
	}
	if row, _ := d.row(); row.Conversation.Version != each {
		d.t.Errorf("version %d after %d messages", row.Conversation.Version, each)
	}
}

// optOut: the words, and the vendor's own event, stop notices and nothing else:
// what the person asks is answered. Saying it again starts them again.
func (d *door) optOut() {
	d.heard(d.Message("khai sinh"))
	stopped := func() bool {
		row, _ := d.row()
		return row.Address.NoNotices
	}
	outs := []func() Request{func() Request { return d.Message("TU CHOI TIN") }, func() Request { return d.Message("dừng tin") }, func() Request { return d.Message("STOP") }}
	if d.OptOut != nil {
		outs = append(outs, d.OptOut)
	}
	for i, out := range outs {
		d.hears(out())
		if !stopped() {
			d.t.Errorf("opting out %d: notices go on", i)
		}
		d.heard(d.Message("khai sinh"))
		if !stopped() {
			d.t.Errorf("opting out %d: asking something started notices again", i)
		}
		if d.heard(d.Message("NHAN TIN")); stopped() {
			d.t.Errorf("opting out %d: notices did not start again", i)
		}
	}
	// A word alone is an answer and a name, and never opts out.
	for _, said := range []string{"dung", "Dung", "dừng", "tin"} {
		if d.hears(d.Message(said)); stopped() {
			d.t.Errorf("%q stopped the notices", said)
		}
	}
	if d.OptIn != nil {
		d.hears(d.OptOut())
		if d.hears(d.OptIn()); stopped() {
			d.t.Error("the vendor's own word did not start notices again")
		}
	}
}

// language: changed at any time, and it stays so.
func (d *door) language() {
	vi := d.heard(d.Message("menu"))
	d.heard(d.Message("English"))
	en := d.heard(d.Message("menu"))
	if row, _ := d.row(); row.Conversation.Locale != "en" || en == vi {
		d.t.Errorf("locale %q, and said is %q", row.Conversation.Locale, en)
	}
	d.heard(d.Message("tieng viet"))
	if row, _ := d.row(); row.Conversation.Locale != "vi" {
		d.t.Errorf("locale %q", row.Conversation.Locale)
	}
}

// oddText: whatever telephones make of words is answered once or counted; nothing
// is parked, and the conversation goes on.
func (d *door) oddText() {
	for _, said := range oddTexts() {
		if got := d.hears(d.Message(said)); len(got) > 1 {
			d.t.Errorf("%q: %d answers", said, len(got))
		}
	}
	if n := d.parked(); n != 0 {
		d.t.Errorf("%d were parked", n)
	}
	// The same word in NFD, in full width and with nothing between its letters.
	for _, said := range []string{"tiê\u0301ng viê\u0323t", "ＴＩＥＮＧ　ＶＩＥＴ", "tieng\u200b viet\ufeff"} {
		d.heard(d.Message("english"))
		d.hears(d.Message(said))
		if row, _ := d.row(); row.Conversation.Locale != "vi" {
			d.t.Errorf("%q was not understood", said)
		}
	}
}

// oversizeBody: refused before it is read, with nothing left behind.
func (d *door) oversizeBody() {
	q := d.Message("khai sinh")
	q.Body += strings.Repeat(" ", int(d.receiver().MaxBody())+1-len(q.Body))
	if w := d.post(q); w.Code != http.StatusRequestEntityTooLarge || w.Body.Len() != 0 {
		d.t.Errorf("answered %d %q", w.Code, w.Body)
	}
	if _, ok := d.row(); ok {
		d.t.Error("something was stored")
	}
}

// oversizeText: as much as a vendor lets through is answered, or counted.
func (d *door) oversizeText() {
	for _, said := range []string{strings.Repeat("khai sinh ", 300), strings.Repeat("ă", 12_000), strings.Repeat("a", 20_000)} {
		before, rejected := len(d.Received()), d.counts.of("rejected")
		if w := d.post(d.Message(said)); w.Code != http.StatusOK && w.Code != http.StatusRequestEntityTooLarge {
			d.t.Errorf("%d bytes: answered %d", len(said), w.Code)
		}
		d.settle()
		if n := len(d.Received()) - before; n > 1 || n == 0 && d.counts.of("rejected") == rejected {
			d.t.Errorf("%d bytes: %d answers, and nothing counted", len(said), n)
		}
	}
	d.heard(d.Message("menu"))
	if n := d.parked(); n != 0 {
		d.t.Errorf("%d were parked", n)
	}
}

// forged: 401 or 403 without a word, and nothing left behind.
func (d *door) forged() {
	want := http.StatusUnauthorized
	if d.Refusal == core.CodeDenied {
		want = http.StatusForbidden
	}
	for _, q := range d.Forged {
		// Another method is refused before the signature is looked at.
		if w := d.post(q); w.Code != want && !(q.Method != "" && w.Code == http.StatusMethodNotAllowed) || w.Body.Len() != 0 {
			d.t.Errorf("%s: answered %d %q, want %d", q.Name, w.Code, w.Body, want)
		}
	}
	d.settle()
	if _, ok := d.row(); ok || len(d.Received()) != 0 {
		d.t.Error("a forged request left something behind")
	}
}

// unknownAccount: 404 without a body, whatever is asked.
func (d *door) unknownAccount() {
	q := d.Message("khai sinh")
	for _, path := range []string{"/webhooks/" + string(d.Adapter.Account().Kind) + "/other", "/webhooks/fax/main"} {
		_, query, _ := strings.Cut(q.Target, "?")
		q.Target = path + "?" + query
		if w := d.post(q); w.Code != http.StatusNotFound || w.Body.Len() != 0 {
			d.t.Errorf("%s: answered %d %q", path, w.Code, w.Body)
		}
	}
	if _, ok := d.row(); ok {
		d.t.Error("something was stored")
	}
}

// method: the one the vendor uses, and no other.
func (d *door) method() {
	for _, m := range []string{otherMethod(d.receiver().Method()), http.MethodPut, http.MethodDelete} {
		q := d.Message("khai sinh")
		q.Method = m
		if w := d.post(q); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != d.receiver().Method() {
			d.t.Errorf("%s: answered %d, Allow %q", m, w.Code, w.Header().Get("Allow"))
		}
	}
	if _, ok := d.row(); ok {
		d.t.Error("something was stored")
	}
}

// unknownKind: what nobody knows is acknowledged and counted, so that it does not
// come for ever; what cannot be read is never an error of ours.
func (d *door) unknownKind() {
	for _, q := range d.Unknown {
		before := d.counts.of("rejected")
		if w := d.post(q); w.Code != http.StatusOK || d.counts.of("rejected") == before {
			d.t.Errorf("%s: answered %d, or not counted", q.Name, w.Code)
		}
	}
	for _, q := range d.Malformed {
		if w := d.post(q); w.Code >= 500 {
			d.t.Errorf("%s: answered %d", q.Name, w.Code)
		}
	}
	d.settle()
	if got := d.Received(); len(got) != 0 {
		d.t.Errorf("somebody was answered %q", got)
	}
}

// unreadable: what people send and nobody can read is answered once, with words,
// and the conversation stands where it stood. Nobody is met with silence.
func (d *door) unreadable() {
	if d.heard(d.Message("khai sinh")); len(d.Unreadable) == 0 {
		d.heard(d.Message("")) // only text comes, and this is what is left of anything else
		return
	}
	for _, q := range d.Unreadable {
		d.heard(d.Message("khai sinh")) // else the second is answered in other words than the first
		shown := d.heard(q)
		if !d.says(shown, "vi", "word.noMedia") && !d.says(shown, "vi", "word.noMediaHere") && !d.says(shown, "vi", "word.unreadable") {
			d.t.Errorf("%s: answered %q", q.Name, shown)
		}
		if got := d.hears(q); len(got) != 0 {
			d.t.Errorf("%s: its copy was answered %q", q.Name, got)
		}
	}
}

// file: a file that nobody asked for is answered politely and not fetched.
func (d *door) file() {
	d.heard(d.Message("khai sinh"))
	if shown := d.heard(d.File("giay.pdf")); !d.says(shown, "vi", "word.noMedia") {
		d.t.Errorf("answered %q", shown)
	}
	if n := len(d.Journal.Calls(d.Download)); n != 0 {
		d.t.Errorf("%d files were fetched", n)
	}
}

// fileInPlaceOfText: where no files are taken, a person who tries is told so.
func (d *door) fileInPlaceOfText() {
	d.noFiles()
	d.unreadable()
}

// storeDown: nothing is acknowledged that is not stored, and the vendor is told
// when to come back.
func (d *door) storeDown() {
	d.heard(d.Message("khai sinh"))
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	w := d.post(d.Message("menu"))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Body.Len() != 0 {
		d.t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}
