package doortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
)

// MaritalStatus is the procedure that Applicant files: the certificate of
// marital status.
const MaritalStatus = "1.004873"

// Name is the applicant's name: what must not be seen where it has no business.
const Name = "Trần Thị Mai Khôi"

// PersonalID is the applicant's number.
const PersonalID = "079190000012"

// AnswerTo is what the applicant answers to a question of MaritalStatus.
func AnswerTo(q *corev1.Question) *corev1.Answer {
	typed := map[string]string{
		"receivingAgency": "phường Sài Gòn", "requester.fullName": Name, "requester.personalId": PersonalID,
		"requester.residence": "12 Lê Lợi, phường Sài Gòn", "subject.birthDate": "4/9/1990", "subject.ethnicity": "Kinh",
		"subject.personalId": PersonalID, "subject.fullName": Name, "subject.residence": "12 Lê Lợi, phường Sài Gòn",
	}
	chosen := map[string]string{"fact.reissue": "yes", "fact.residence_not_found": "no"}
	switch {
	case chosen[q.GetKey()] != "":
		return &corev1.Answer{Choices: []string{chosen[q.GetKey()]}}
	case typed[q.GetKey()] != "":
		return &corev1.Answer{Text: typed[q.GetKey()], Confirmed: true}
	case len(q.GetChoices()) > 0:
		return &corev1.Answer{Choices: []string{q.GetChoices()[0].GetId()}}
	case !q.GetRequired():
		return &corev1.Answer{Skip: true}
	}
	return &corev1.Answer{Text: q.GetExample(), Confirmed: true}
}

// Fill answers questions until a paper is asked for or nothing is left, and gives
// the step it stopped at and the keys that were asked.
func Fill(t testing.TB, step *corev1.Step, answer func(key string, a *corev1.Answer) (*corev1.Step, *corev1.Doubt, error)) (*corev1.Step, []string) {
	t.Helper()
	var asked []string
	for range 100 {
		q := step.GetQuestion()
		if q == nil || q.GetKind() == "paper" {
			return step, asked
		}
		asked = append(asked, q.GetKey())
		a := AnswerTo(q)
		next, doubt, err := answer(q.GetKey(), a)
		if err == nil && len(doubt.GetCandidates()) > 0 {
			a = &corev1.Answer{Value: doubt.GetCandidates()[0].GetValue()}
			next, doubt, err = answer(q.GetKey(), a)
		}
		if err != nil {
			t.Fatalf("answer to %s: %v %v", q.GetKey(), err, Detail(err))
		}
		if doubt != nil {
			t.Fatalf("answer to %s is doubted: %v", q.GetKey(), doubt)
		}
		step = next
	}
	t.Fatal("the questions do not end")
	return nil, nil
}

// Text is a typed answer.
func Text(s string) *corev1.Answer { return &corev1.Answer{Text: s} }

// Value is a canonical answer.
func Value(s string) *corev1.Answer { return &corev1.Answer{Value: structpb.NewStringValue(s)} }

// JPEG makes a photograph large enough to read; other seeds give other bytes.
func JPEG(t testing.TB, seed int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 960, 1280))
	for y := range 1280 {
		for x := range 960 {
			m.SetGray(x, y, color.Gray{Y: uint8(x*seed + y)})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 30}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// PDF makes a document with a number of empty pages.
func PDF(pages int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.4\n")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", i+3)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d >>", kids, pages))
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// Reply is a raw HTTP answer.
type Reply struct {
	Status int
	Code   string // of a Connect error; "" when it went well
	Header http.Header
	Body   string
}

// Post calls a procedure with a JSON body, the way any client can.
func (h *House) Post(procedure string, headers Header, body any) Reply {
	h.T.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		h.T.Fatal(err)
	}
	return h.send(http.MethodPost, procedure, headers, bytes.NewReader(b))
}

// Get calls a procedure without side effects by GET; path has the query.
func (h *House) Get(path string, headers Header) Reply {
	h.T.Helper()
	return h.send(http.MethodGet, path, headers, nil)
}

func (h *House) send(method, path string, headers Header, body io.Reader) Reply {
	h.T.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(h.T.Context()), method, h.Server.URL+path, body)
	if err != nil {
		h.T.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := h.Server.Client().Do(req)
	if err != nil {
		h.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.T.Fatal(err)
	}
	out := Reply{Status: res.StatusCode, Header: res.Header, Body: string(b)}
	// 405 is net/http's own refusal, before any protocol is known.
	if res.StatusCode >= 400 && res.StatusCode != http.StatusMethodNotAllowed {
		var e struct {
			Code string `json:"code"`
		}
		if err := json.Unmarshal(b, &e); err != nil {
			h.T.Fatalf("%s %s: %d is no Connect error: %s", method, path, res.StatusCode, b)
		}
		out.Code = e.Code
	}
	return out
}

// Paper is the file for the i-th paper: the same bytes on every channel.
func Paper(t testing.TB, i int) []byte {
	if i == 0 {
		return JPEG(t, 3)
	}
	return PDF(i + 1)
}
