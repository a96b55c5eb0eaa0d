package obs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
)

func TestRedactorText(t *testing.T) {
	t.Parallel()
	r := NewRedactor("hunter2-long-secret", "short")
	for _, c := range []struct{ in, want string }{
		{"gửi tới 0901234567 lỗi", "gửi tới [phone] lỗi"},
		{"+84901234567", "+[phone]"},
		{"84901234567", "[phone]"},
		{"tel:0281234567890", "tel:0281234567890"}, // 13 digits are no number of ours
		{"028 3822 1234", "[phone]"},
		{"090 123 4567 và 090.123.4568, 090-123-4569", "[phone] và [phone], [phone]"},
		{"lúc 10 0901234567", "lúc 10 [phone]"},
		{"+15005550006", "+[phone]"},
		{"CCCD 079203001234.", "CCCD [id]."},
		{"079 203 001 234", "[id]"},
		{"079-203-001-234", "[id]"},
		{"x079203001234y", "x[id]y"},
		{`{"id":"079203001234","n":5}`, `{"id":"[id]","n":5}`},
		{"CMND 023456789", "CMND [id]"},
		{"mã 482913 hết hạn", "mã [code] hết hạn"},
		{"code=482913", "code=[code]"},
		{"https://h/bot123456:AAEabcdefghijklmnopqrstuvwxyz012345/send", "https://h/bot[secret]/send"},
		{"123456789:AAEabcdefghijklmnopqrstuvwxyz012345", "[secret]"},
		{"Authorization: Bearer abcdefgh.ijkl", "Authorization: [secret]"},
		{"token eyJhbGciOi.eyJzdWIi.sig-1", "token [secret]"},
		{"postgres://app:pa55w0rd@db/x", "postgres[secret]db/x"},
		{"pw hunter2-long-secret!", "pw [secret]!"},
		{"short words stay", "short words stay"},
		// What operators need stays.
		{"H29.26734-261122-0001", "H29.26734-261122-0001"},
		{"000.00.29.H29-261122-0001", "000.00.29.H29-261122-0001"},
		{"thủ tục 1.004873", "thủ tục 1.004873"},
		{"2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456789Z"},
		{"2026-11-22 10:00:00", "2026-11-22 10:00:00"},
		{"127.0.0.1:56399", "127.0.0.1:56399"},
		{"0190f2d4-7b3a-7c11-9a52-123456789012", "0190f2d4-7b3a-7c11-9a52-123456789012"},
		{"0190f2d4-7b3a-7c11-9a52-123456789012 079203001234", "0190f2d4-7b3a-7c11-9a52-123456789012 [id]"},
		{"1763800000000000", "1763800000000000"},
		{"update 910234", "update [code]"}, // cannot be told from a code
		{"", ""},
	} {
		if got := r.Text(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

type person struct{ Name, Phone string }

// Every way a value can reach the log.
func TestLoggerCanary(t *testing.T) {
	t.Parallel()
	const phone, id, otp, secret = "0901234567", "079203001234", "482913", "hunter2-long-secret"
	var out bytes.Buffer
	l := NewLogger(&out, slog.LevelDebug, NewRedactor(secret))
	all := phone + " " + id + " " + otp + " " + secret
	l.Info(all)
	l.Info("attr", "v", all, "phone", phone, "otp", 482913, "Full-Name", "Nguyễn Thị Hoa")
	l.Info("error", "err", fmt.Errorf("send to %s: %w", phone, errors.New(all)))
	l.Info("group", slog.Group("g", "v", all, slog.Group("answers", "x", "Nguyễn Thị Hoa")))
	l.With("v", all).WithGroup("h").Info("with", "token", all)
	l.Info("struct", "v", person{Phone: phone}, "p", &person{Phone: all}, "m", map[string]string{all: all}, "s", []string{all})
	l.Info("bytes", "v", []byte(all), "r", strings.NewReader(all))
	l.Info("sealed", "v", core.Sealed("Nguyễn Thị Hoa"), "s", struct{ S core.Sealed }{core.Sealed("Nguyễn Thị Hoa")})
	l.Info("panic", "v", fmt.Sprint(errors.New(all)))
	l.Info("stringer", "v", stringer(all), "lv", valuer(all))
	l.Info("key", all, "v")
	l.Info("nil", "err", (*core.Error)(nil), "f", func() {}, "c", make(chan int))
	text := out.String()
	for _, canary := range []string{phone, id, otp, secret, "Hoa"} {
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("%q is in the log: …%s…", canary, text[max(0, i-60):min(len(text), i+60)])
		}
	}
	if lines := strings.Count(text, "\n"); lines != 12 {
		t.Errorf("%d lines for 12 events", lines)
	}
	if !strings.Contains(text, "[sealed]") || !strings.Contains(text, "[phone]") {
		t.Errorf("nothing was redacted: %s", text)
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

type valuer string

func (s valuer) LogValue() slog.Value { return slog.StringValue(string(s)) }

func TestLoggerForm(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := NewLogger(&out, slog.LevelInfo, NewRedactor())
	l.Debug("not shown")
	l.Warn("disk is slow", "ms", 20, "d", 1500*time.Millisecond, "list", []int{1, 2}, "err", errors.New("eof"))
	var event map[string]any
	if err := json.Unmarshal(out.Bytes(), &event); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(event["ts"]))
	if err != nil || at.Location() != time.UTC || time.Since(at) > time.Minute {
		t.Errorf("ts %v: %v", event["ts"], err)
	}
	delete(event, "ts")
	want := map[string]any{"level": "WARN", "msg": "disk is slow", "ms": 20., "d": 1.5e9, "list": []any{1., 2.}, "err": "eof"}
	if fmt.Sprint(event) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", event, want)
	}
}

// One event is one line of valid JSON, whatever is in it.
func FuzzLogger(f *testing.F) {
	f.Add("msg", "key", "value", "group")
	f.Add("a\nb\r\x1b[31m", "k\n", "\x00\xff\u2028\u2029", "g\"")
	f.Add("0901234567", "phone", "079203001234", "")
	f.Add("ts", "ts", "msg", "level")
	f.Fuzz(func(t *testing.T, msg, key, value, group string) {
		var out bytes.Buffer
		l := NewLogger(&out, slog.LevelDebug, NewRedactor("a-secret-of-some-length"))
		l.Info(msg, key, value, "err", errors.New(value), "any", map[string]string{key: value}, slog.Group(group, key, value))
		l.WithGroup(group).With(key, value).Error(msg, "phone", value)
		lines := strings.SplitAfter(out.String(), "\n")
		if len(lines) != 3 || lines[2] != "" {
			t.Fatalf("%d lines: %q", len(lines)-1, out.String())
		}
		for _, line := range lines[:2] {
			if !json.Valid([]byte(line)) {
				t.Fatalf("not JSON: %q", line)
			}
		}
	})
}

// A number that people are known by does not come through, however it is written
// and whatever stands around it.
func FuzzRedactor(f *testing.F) {
	f.Add("tới ", "901234567", " lỗi")
	f.Add("1", "399999999", "")
	r := NewRedactor()
	f.Fuzz(func(t *testing.T, before, digits, after string) {
		if len(digits) != 9 || strings.IndexByte("35789", digits[0]) < 0 || strings.Trim(digits, "0123456789") != "" {
			return
		}
		// A digit or a sign that groups digits would make another number of it.
		sep := func(s string) string { return strings.NewReplacer("eyJ", "", "://", "").Replace(s) }
		phone := "0" + digits
		text := sep(before) + "‖" + phone + "‖" + sep(after)
		if got := r.Text(text); strings.Contains(got, phone) && !strings.Contains(sep(before)+sep(after), phone) {
			t.Errorf("%q → %q", text, got)
		}
		if got := r.Text(string(r.Text(text))); strings.Contains(got, phone) && !strings.Contains(sep(before)+sep(after), phone) {
			t.Errorf("twice: %q", got)
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("v1.2.3")
	m.Inbound("kiosk", "text", "done")
	m.Inbound("kiosk", "text", "done")
	m.Outbound("kiosk", "receipt", "sent")
	m.Segments("sms", "receipt", 2)
	m.WebhookRejected("0901234567", strings.Repeat("x", 65))
	m.NotUnderstood("kiosk")
	m.HandedOver("kiosk")
	m.DraftMoved("kiosk", "app")
	m.Submitted("kiosk", "1.004873")
	m.PaperBytes("kiosk", -1)
	m.Verdict("ready", "")
	m.Denied("dossier.read")
	m.Parked("event")
	m.Replied("kiosk", 30*time.Millisecond)
	m.Delivered("kiosk", time.Minute)
	m.Jobs("otp", 3, 2*time.Second)
	m.KioskSeen("0190f2d4-7b3a-7c11-9a52-123456789012", time.Unix(1000, 0))
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`motcua_channel_inbound_total{channel="kiosk",kind="text",result="done"} 2`,
		`motcua_channel_outbound_total{channel="kiosk",result="sent",template="receipt"} 1`,
		`motcua_channel_outbound_segments_total{provider="sms",template="receipt"} 2`,
		`motcua_webhook_rejected_total{channel="refused",reason="refused"} 1`,
		`motcua_not_understood_total{channel="kiosk"} 1`,
		`motcua_human_handover_total{channel="kiosk"} 1`,
		`motcua_handover_channel_total{from="kiosk",to="app"} 1`,
		`motcua_dossier_submitted_total{channel="kiosk",procedure="1.004873"} 1`,
		`motcua_attachment_bytes_total{channel="kiosk"} 0`,
		`motcua_attachment_verdict_total{reason="",verdict="ready"} 1`,
		`motcua_authz_denied_total{operation="dossier.read"} 1`,
		`motcua_parked_total{kind="event"} 1`,
		`motcua_reply_seconds_bucket{channel="kiosk",le="0.05"} 1`,
		`motcua_channel_delivery_seconds_sum{channel="kiosk"} 60`,
		`motcua_outbox_depth{queue="otp"} 3`,
		`motcua_outbox_oldest_seconds{queue="otp"} 2`,
		`motcua_kiosk_last_seen_timestamp_seconds{kiosk="0190f2d4-7b3a-7c11-9a52-123456789012"} 1000`,
		`motcua_build_info{version="v1.2.3"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("missing: %s", want)
		}
	}
	var none *Metrics
	none.Inbound("a", "b", "c")
	none.Outbound("a", "b", "c")
	none.Segments("a", "b", 1)
	none.WebhookRejected("a", "b")
	none.NotUnderstood("a")
	none.HandedOver("a")
	none.DraftMoved("a", "b")
	none.Submitted("a", "b")
	none.PaperBytes("a", 1)
	none.Verdict("a", "b")
	none.Denied("a")
	none.Parked("a")
	none.Replied("a", 1)
	none.Delivered("a", 1)
	none.Jobs("a", 1, 1)
	none.KioskSeen("a", time.Time{})
}
