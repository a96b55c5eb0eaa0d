package journeys_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/motcua/motcua/core/dossier"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

// talker is a person in a chat or with a handset. It knows which question has to
// come next, and complains about any other.
type talker struct {
	s     *society
	who   person
	short bool
	line  line
	read  int
	last  bubble
	book  []string
}

func newTalker(s *society, who person, short bool) *talker {
	t := &talker{s: s, who: who, short: short}
	if short {
		t.line = &phoneLine{w: s.w, number: who.phone}
	} else {
		t.line = telegramLine{s.w.telegram.Person(who.chat, "Vy", "vi")}
	}
	return t
}

func (t *talker) name() string {
	if t.short {
		return "SMS"
	}
	return "chat"
}

func (t *talker) wrong(format string, args ...any) error {
	return fmt.Errorf("%s\n    %s", fmt.Sprintf(format, args...), strings.Join(t.book[max(0, len(t.book)-8):], "\n    "))
}

func (t *talker) next(ctx context.Context) error {
	ctx, cancel := withPatience(ctx)
	defer cancel()
	all, err := t.line.await(ctx, t.read+1)
	if err != nil {
		return t.wrong("no answer: %v", err)
	}
	t.last = all[t.read]
	t.read++
	t.book = append(t.book, "< "+t.last.text)
	return nil
}

func (t *talker) say(ctx context.Context, words string) error {
	t.book = append(t.book, "> "+words)
	if err := t.line.say(words); err != nil {
		return t.wrong("%v", err)
	}
	return t.next(ctx)
}

// take takes an offered choice by its words.
func (t *talker) take(ctx context.Context, key string) error {
	long := t.s.w.app.Catalog.Messages().Text(text.VI, text.Rich, key, nil)
	for _, b := range t.last.buttons {
		if says(b, long) {
			t.book = append(t.book, "> ["+b+"]")
			if err := t.line.press(b); err != nil {
				return t.wrong("%v", err)
			}
			return t.next(ctx)
		}
	}
	if n := numberOf(t.last.text, t.s.w.app.Catalog.Messages().Text(text.VI, text.Short, key, nil)); n != "" && t.short {
		return t.say(ctx, n)
	}
	return t.wrong("%s is not offered", key)
}

func (t *talker) offers(key string) bool {
	long, short := t.s.w.app.Catalog.Messages().Text(text.VI, text.Rich, key, nil), t.s.w.app.Catalog.Messages().Text(text.VI, text.Short, key, nil)
	for _, b := range t.last.buttons {
		if says(b, long) {
			return true
		}
	}
	return t.short && numberOf(t.last.text, short) != ""
}

var asked = regexp.MustCompile(`C(?:âu|au) (\d+)/(\d+)`)

// number gives the number of the question in front of the person, "" for none.
func (t *talker) number() string {
	if g := asked.FindStringSubmatch(t.last.text); g != nil {
		return g[1] + "/" + g[2]
	}
	return ""
}

// expect checks that a question is the one that is put now.
func (t *talker) expect(q ask) error {
	if want := fmt.Sprintf("%d/%d", q.n, q.total); t.number() != want {
		return t.wrong("question %s is put, want %s %s", t.number(), want, q.key)
	}
	words := text.Fold(q.long)
	if t.short {
		words = text.Fold(q.brief)
		words = words[:min(len(words), 36)]
	}
	if q.kind != dossier.StepPaper && !strings.Contains(text.Fold(t.last.text), words) {
		return t.wrong("%s is not asked (%q)", q.key, words)
	}
	return nil
}

func (t *talker) file(ctx context.Context, l *life) (string, error) {
	if err := t.begin(ctx, l); err != nil {
		return "", err
	}
	for i, q := range l.asks {
		if q.kind == dossier.StepPaper && t.short {
			if err := t.sendAway(ctx, l.asks[i:]); err != nil {
				return "", err
			}
			break
		}
		if err := t.expect(q); err != nil {
			return "", err
		}
		before := t.number()
		if err := t.reply(ctx, q); err != nil {
			return "", err
		}
		if err := t.confirm(ctx, q, before); err != nil {
			return "", err
		}
	}
	return t.submit(ctx)
}

func (t *talker) begin(ctx context.Context, l *life) error {
	if err := t.say(ctx, l.title); err != nil {
		return err
	}
	return t.take(ctx, "choice.applyHere")
}

func (t *talker) reply(ctx context.Context, q ask) error {
	switch {
	case q.kind == dossier.StepPaper && !q.skip:
		return t.photos(ctx, q)
	case q.skip:
		return t.say(ctx, "bỏ qua")
	case q.choice && !t.short && q.n%2 == 0:
		for _, b := range t.last.buttons { // a chat has buttons
			if _, label, numbered := strings.Cut(b, " "); numbered && text.Fold(label) == text.Fold(q.typed) {
				t.book = append(t.book, "> ["+b+"]")
				if err := t.line.press(b); err != nil {
					return t.wrong("%v", err)
				}
				return t.next(ctx)
			}
		}
	}
	return t.say(ctx, q.typed)
}

// confirm says what was meant as long as the person is asked back.
func (t *talker) confirm(ctx context.Context, q ask, before string) error {
	picked, confirmed := q.pick < 0, !q.doubted
	for range 4 {
		if n := t.number(); n != before && n != "" {
			break
		}
		var err error
		switch {
		case t.offers("choice.isName"):
			err = t.take(ctx, "choice.isName")
		case t.number() == "":
			return nil // the papers or the summary
		case !picked:
			picked = true
			err = t.say(ctx, strconv.Itoa(q.pick+1))
		case !confirmed:
			confirmed = true
			err = t.take(ctx, "choice.takeIt")
		default:
			return t.wrong("%s: %q is not taken", q.key, q.typed)
		}
		if err != nil {
			return err
		}
	}
	if !picked || !confirmed {
		return t.wrong("%s: %q is taken without asking back", q.key, q.typed)
	}
	return nil
}

// photos sends the pages of a paper one by one, and says that they are all unless
// one picture is.
func (t *talker) photos(ctx context.Context, q ask) error {
	p := t.line.(telegramLine).p
	for _, page := range q.pages {
		t.book = append(t.book, "> 📷 "+page.name)
		var err error
		if page.mime == "image/jpeg" {
			_, err = p.SendPhoto(page.data, "")
		} else {
			_, err = p.SendDocument(page.name, page.mime, page.data, "")
		}
		if err != nil {
			return t.wrong("%v", err)
		}
		if err := t.next(ctx); err != nil {
			return err
		}
	}
	if q.single {
		return nil
	}
	return t.take(ctx, "choice.done")
}

// sendAway sends the papers from a browser, and leaves the others for later.
func (t *talker) sendAway(ctx context.Context, papers []ask) error {
	if t.number() != fmt.Sprintf("%d/%d", papers[0].n, papers[0].total) {
		return t.wrong("no papers are asked for as %d/%d", papers[0].n, papers[0].total)
	}
	sent := false
	for _, q := range papers {
		sent = sent || !q.skip
	}
	if sent {
		if err := t.take(ctx, "choice.link"); err != nil {
			return err
		}
		link := uploadLink.FindString(t.last.text)
		for _, q := range papers {
			for _, page := range q.pages {
				if err := t.upload(ctx, link, q.key, page); err != nil {
					return err
				}
			}
		}
		t.book = append(t.book, "> (done)")
		if err := t.post(ctx, link+"/done", "application/x-www-form-urlencoded", nil); err != nil {
			return err
		}
		if err := t.next(ctx); err != nil {
			return err
		}
	}
	for range papers { // one that may take the place of another is asked for after it
		if !t.offers("choice.later") {
			break
		}
		if err := t.take(ctx, "choice.later"); err != nil {
			return err
		}
	}
	return nil
}

func (t *talker) upload(ctx context.Context, link, requirement string, p page) error {
	t.book = append(t.book, "> (page) "+p.name)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	file, err := parts.CreateFormField("paper")
	if err == nil {
		_, err = io.WriteString(file, requirement)
	}
	if err == nil {
		file, err = parts.CreateFormFile("file", p.name)
	}
	if err == nil {
		_, err = file.Write(p.data)
	}
	if err := errors.Join(err, parts.Close()); err != nil {
		return t.wrong("%v", err)
	}
	return t.post(ctx, link, parts.FormDataContentType(), &body)
}

// post sends a form as a browser of the person's own network does.
func (t *talker) post(ctx context.Context, link, kind string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, link, body)
	if err != nil {
		return t.wrong("%v", err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", t.s.w.app.URL())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("X-Forwarded-For", t.who.address)
	res, err := t.s.w.client.Do(req)
	if err != nil {
		return t.wrong("%v", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusGone {
		return t.wrong("the page answers %d, %v: %.300s", res.StatusCode, err, b)
	}
	return nil
}

// submit reads the summary to its end and consents.
func (t *talker) submit(ctx context.Context) (string, error) {
	var err error
	for range 30 {
		if words := consentWords.FindString(t.last.text); t.short && words != "" {
			err = t.say(ctx, words)
			break
		}
		if t.offers("choice.consent") && !t.short {
			err = t.take(ctx, "choice.consent")
			break
		}
		if n := t.number(); n != "" {
			return "", t.wrong("question %s is put, nothing more was expected", n)
		}
		if err = t.next(ctx); err != nil {
			return "", err
		}
	}
	if err != nil {
		return "", err
	}
	for range 3 { // a receipt may have two messages
		if code := codeIn(t.last.text); code != "" {
			return code, nil
		}
		if err := t.next(ctx); err != nil {
			return "", err
		}
	}
	return "", t.wrong("no code in the receipt")
}

// tapper is a person at a screen: the app, or a terminal when odd.
type tapper struct {
	screen *screen
	odd    bool
	draft  string
}

func (t *tapper) name() string { return t.screen.channel }

func (t *tapper) file(ctx context.Context, l *life) (string, error) {
	if m, ok := t.screen.calls.(*mobile); ok {
		res, err := m.session.StartAnonymous(ctx, &mobilev1.StartAnonymousRequest{})
		if err != nil {
			return "", err
		}
		m.tokens = res.GetTokens()
	}
	if k, ok := t.screen.calls.(*terminal); ok {
		k.sit()
	}
	draft, step, err := t.screen.calls.start(l.code)
	if err != nil {
		return "", err
	}
	t.draft = draft
	for i, q := range l.asks {
		if step, err = t.reply(step, q, (i%2 == 1) == t.odd); err != nil {
			return "", fmt.Errorf("%s: %w", q.key, err)
		}
	}
	if !step.GetComplete() {
		return "", fmt.Errorf("asked for %s, nothing more was expected", step.GetQuestion().GetKey())
	}
	d, _, err := t.screen.calls.submit(draft)
	return d.GetCode(), err
}

// reply answers the question of a step, as typed or in canonical form.
func (t *tapper) reply(step *corev1.Step, q ask, typed bool) (*corev1.Step, error) {
	key := q.key
	if q.kind != dossier.StepField {
		key = string(q.kind) + "." + q.key
	}
	switch got := step.GetQuestion(); {
	case got.GetKey() != key:
		return nil, fmt.Errorf("%s is asked", got.GetKey())
	case int(step.GetAnswered()) != q.n-1 || int(step.GetTotal()) != q.total:
		return nil, fmt.Errorf("question %d/%d, want %d/%d", step.GetAnswered()+1, step.GetTotal(), q.n, q.total)
	case got.GetRequired() == q.skip && q.skip:
		return nil, errors.New("it cannot be skipped")
	}
	if q.kind == dossier.StepPaper && !q.skip {
		for _, p := range q.pages {
			if got, err := t.screen.calls.page(t.draft, "", q.key, p); err != nil || got.GetState() != "ready" {
				return nil, fmt.Errorf("%s arrived as %v: %w", p.name, got, err)
			}
		}
		return t.screen.calls.attach(t.draft, q.key)
	}
	ans, err := t.answer(step.GetQuestion(), q, typed)
	if err != nil {
		return nil, err
	}
	next, doubt, err := t.screen.calls.answer(t.draft, key, ans)
	if err != nil || doubt == nil {
		if asked := q.pick >= 0 || q.doubted; err == nil && asked && ans.GetText() != "" {
			return nil, fmt.Errorf("%q is taken without asking back", q.typed)
		}
		return next, err
	}
	again := &corev1.Answer{Text: ans.GetText(), Value: ans.GetValue(), Confirmed: true}
	if c := doubt.GetCandidates(); q.pick >= 0 && q.pick < len(c) {
		again = &corev1.Answer{Value: c[q.pick].GetValue()}
	}
	next, doubt, err = t.screen.calls.answer(t.draft, key, again)
	if doubt != nil {
		return nil, fmt.Errorf("%q is still doubted: %s", q.typed, doubt.GetMessage())
	}
	return next, err
}

func (t *tapper) answer(asked *corev1.Question, q ask, typed bool) (*corev1.Answer, error) {
	switch {
	case q.skip:
		return &corev1.Answer{Skip: true}, nil
	case typed:
		return &corev1.Answer{Text: q.typed}, nil
	case q.choice:
		id := fmt.Sprint(q.value)
		for _, c := range asked.GetChoices() {
			if c.GetId() == id {
				return &corev1.Answer{Choices: []string{id}}, nil
			}
		}
		return nil, fmt.Errorf("%s is not offered", id)
	}
	b, err := form.Canonical(map[string]any{"v": q.value})
	if err != nil {
		return nil, err
	}
	var v structpb.Struct
	if err := v.UnmarshalJSON(b); err != nil {
		return nil, err
	}
	return &corev1.Answer{Value: v.GetFields()["v"]}, nil
}
