package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/obs"
	"github.com/motcua/motcua/internal/simkit"
)

// patience is how long anything may take.
const patience = 30 * time.Second

// record is where a program logs.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// program is an App in the test's process.
type program struct {
	*App
	t    testing.TB
	log  *record
	stop func() error // ends Run, and gives its error
}

func configOf(t testing.TB, environ ...string) *config.Config {
	t.Helper()
	for _, name := range []string{"MOTCUA_LISTEN", "MOTCUA_ADMIN_LISTEN"} {
		if !given(environ, name) {
			environ = append(environ, name+"=127.0.0.1:0")
		}
	}
	cfg, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func given(environ []string, name string) bool {
	return slices.ContainsFunc(environ, func(s string) bool { return strings.HasPrefix(s, name+"=") })
}

// options are those of serve, with a log that the test keeps.
func options(cfg *config.Config, log *record) Options {
	return Options{
		Config: cfg, Version: "test", Simulate: true,
		Log: obs.NewLogger(log, slog.LevelDebug, obs.NewRedactor(cfg.Secrets()...)),
	}
}

// newProgram makes a program in a directory of its own that does not run yet.
func newProgram(t testing.TB, environ ...string) *program {
	t.Helper()
	p := &program{t: t, log: &record{}}
	if !given(environ, "MOTCUA_DATA_DIR") {
		environ = append(environ, "MOTCUA_DATA_DIR="+t.TempDir())
	}
	cfg := configOf(t, environ...)
	var err error
	if p.App, err = New(t.Context(), options(cfg, p.log)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	return p
}

// start is newProgram, running and ready.
func start(t testing.TB, environ ...string) *program {
	t.Helper()
	p := newProgram(t, environ...)
	p.run()
	return p
}

func (p *program) run() {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	p.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	p.eventually("ready", func() bool { return p.get(p.AdminURL()+"/readyz").status == http.StatusOK })
}

func (p *program) close() {
	p.t.Helper()
	if p.stop != nil {
		if err := p.stop(); err != nil {
			p.t.Errorf("Run: %v", err)
		}
	}
	if err := p.Close(); err != nil {
		p.t.Errorf("Close: %v", err)
	}
}

// eventually asks again until it is so.
func (p *program) eventually(what string, so func() bool) {
	p.t.Helper()
	if !asked(so) {
		p.t.Fatalf("not %s after %s\n%s", what, patience, p.log)
	}
}

// asked reports whether it becomes so.
func asked(so func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// reply is an answer; status 0 is none.
type reply struct {
	status int
	header http.Header
	body   string
}

func (p *program) get(url string) reply { return p.do("GET", url, nil, "") }

func (p *program) post(path, body string) reply {
	p.t.Helper()
	return p.do("POST", p.URL()+path, map[string]string{"Content-Type": "application/json"}, body)
}

func (p *program) do(method, url string, header map[string]string, body string) reply {
	p.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       patience,
	}
	res, err := client.Do(req)
	if err != nil {
		return reply{body: err.Error()}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

// refused makes a program that must not start, and gives the reason.
func refused(t *testing.T, environ ...string) error {
	t.Helper()
	a, err := New(t.Context(), options(configOf(t, environ...), &record{}))
	if err == nil {
		_ = a.Close()
		t.Fatal("it starts")
	}
	return err
}

func TestBusyPort(t *testing.T) {
	t.Parallel()
	holder := newProgram(t)
	for _, variable := range []string{"MOTCUA_LISTEN", "MOTCUA_ADMIN_LISTEN"} {
		taken := holder.publicAddr.Addr().String()
		dir := filepath.Join(t.TempDir(), "data")
		err := refused(t, "MOTCUA_DATA_DIR="+dir, variable+"="+taken)
		if !core.IsCode(err, core.CodeUnavailable) || !strings.Contains(err.Error(), "cannot listen on "+taken) || !strings.Contains(err.Error(), "set "+variable+" to") {
			t.Errorf("%s: %v", variable, err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: the data directory was touched: %v", variable, err)
		}
	}
}

func TestLockedDirectory(t *testing.T) {
	t.Parallel()
	holder := newProgram(t)
	dir := holder.Config().DataDir
	err := refused(t, "MOTCUA_DATA_DIR="+dir)
	if !core.IsCode(err, core.CodeFailedPrecondition) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("%v", err)
	}
	holder.close()
	again, err := New(t.Context(), options(configOf(t, "MOTCUA_DATA_DIR="+dir), &record{}))
	if err != nil {
		t.Fatalf("after the holder is gone: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A version's content is fixed by its first use.
func TestChangedPack(t *testing.T) {
	t.Parallel()
	data, pack := t.TempDir(), filepath.Join(t.TempDir(), "pack")
	if err := os.CopyFS(pack, hcmc.Pack()); err != nil {
		t.Fatal(err)
	}
	environ := []string{"MOTCUA_DATA_DIR=" + data, "MOTCUA_CATALOG_DIR=" + pack}
	newProgram(t, environ...).close()
	newProgram(t, environ...).close() // unchanged

	change := func(file, old, new string) {
		t.Helper()
		name := filepath.Join(pack, filepath.FromSlash(file))
		b, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(b, []byte(old)) {
			t.Fatalf("%s has no %q: %v", file, old, err)
		}
		if err := os.WriteFile(name, bytes.Replace(b, []byte(old), []byte(new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("messages/vi/web.yaml", "Gửi ảnh giấy tờ", "Gửi hình giấy tờ")
	err := refused(t, environ...)
	if !core.IsCode(err, core.CodeFailedPrecondition) || !strings.Contains(err.Error(), "changed under version") || !strings.Contains(err.Error(), "pack.yaml") {
		t.Fatalf("%v", err)
	}
	b, err := os.ReadFile(filepath.Join(pack, "pack.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "version:") {
			change("pack.yaml", line, "version: \"2099.1.1\"\n")
		}
	}
	newProgram(t, environ...).close()

	change("messages/vi/web.yaml", "web.upload.title: ", "web.upload.title: [] # ")
	err = refused(t, environ...)
	if err == nil || !strings.Contains(err.Error(), "\nmessages/vi/web.yaml:2: web.upload.title: ") {
		t.Errorf("a broken pack: %v", err)
	}
}

func TestProduction(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"plain HTTP":   {nil, "MOTCUA_PUBLIC_URL must begin with https://"},
		"this machine": {[]string{"MOTCUA_PUBLIC_URL=https://127.0.0.1"}, "is an address of this machine"},
		"secrets of documentation": {[]string{"MOTCUA_PUBLIC_URL=https://motcua.example.vn", "MOTCUA_TWILIO_ACCOUNT_SID=AC1",
			"MOTCUA_TWILIO_AUTH_TOKEN=changeme", "MOTCUA_TWILIO_FROM=HCMC"}, "MOTCUA_TWILIO_AUTH_TOKEN is a value from documentation"},
	} {
		_, err := config.Load(append([]string{"MOTCUA_ENV=production"}, c.environ...))
		var e *config.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := start(t, "MOTCUA_ENV=production", "MOTCUA_PUBLIC_URL=https://motcua.example.vn")
	if p.sim != nil || !strings.Contains(p.log.String(), "MOTCUA_ENV is production") {
		t.Errorf("the simulator: %v\n%s", p.sim, p.log)
	}
	for _, path := range []string{"/", "/sim", "/sim/", "/sim/sim.js", "/sim/api/v1/outbox", "/sim/api/v1/clock"} {
		if r := p.get(p.URL() + path); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	for _, path := range []string{"/sim/tokens", "/sim/api/v1/say", "/sim/api/v1/clock"} {
		if r := p.post(path, "{}"); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if r := p.get(p.URL() + "/u/0000000000000000"); r.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security behind https")
	}
}

// Beside a real account nothing of the simulator runs, and the log says why.
func TestSimulatorBesideARealAccount(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "MOTCUA_TWILIO_ACCOUNT_SID=AC00000000000000000000000000009999", "MOTCUA_TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef", "MOTCUA_TWILIO_FROM=HCMC")
	if p.sim != nil {
		t.Error("the simulator is there")
	}
	if log := p.log.String(); !strings.Contains(log, "MOTCUA_TWILIO_ACCOUNT_SID is a real account") || strings.Contains(log, "0123456789abcdef") {
		t.Errorf("%s", log)
	}
}

// A vendor at a loopback address is used in place of the simulator's own.
func TestSimulatorBesideALoopbackVendor(t *testing.T) {
	t.Parallel()
	vendor := simkit.NewTelegram(simkit.TelegramOptions{Token: "7000000099:AAGsomebodyElsesFakeOfTheVendor0000000"})
	if err := vendor.Start(); err != nil {
		t.Fatal(err)
	}
	defer vendor.Close()
	p := start(t, "MOTCUA_TELEGRAM_TOKEN="+vendor.Token(), "MOTCUA_TELEGRAM_API_URL="+vendor.URL(), "MOTCUA_TELEGRAM_WEBHOOK_SECRET=a-secret-of-our-own")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	go func() { ended <- vendor.Run(running) }()
	defer func() {
		stop()
		<-ended
	}()
	if _, err := vendor.Person(4711, "Mai", "vi").Start(""); err != nil {
		t.Fatal(err)
	}
	if _, err := vendor.Person(4711, "Mai", "vi").Await(ctx, 1); err != nil {
		t.Fatalf("no answer through the vendor that was configured: %v\n%s", err, p.log)
	}
	if want := p.URL() + "/webhooks/telegram/main"; vendor.WebhookURL() != want {
		t.Errorf("its webhook is %s, want %s", vendor.WebhookURL(), want)
	}
	if r := p.post("/sim/api/v1/say", `{"channel":"telegram","person":"mai","text":"chào"}`); r.status != http.StatusBadRequest || !strings.Contains(r.body, "not simulated here") {
		t.Errorf("the simulator's chat: %d %s", r.status, r.body)
	}
	if r := p.post("/sim/api/v1/say", `{"channel":"sms","person":"mai","text":"KHAI SINH"}`); r.status != http.StatusOK || !strings.Contains(r.body, "HCMC-DVC: ") {
		t.Errorf("the simulator's phone: %d %s", r.status, r.body)
	}
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"MOTCUA_BLOB_URL=s3://papers?endpoint=http://localhost", "MOTCUA_CLAMD_ADDR=127.0.0.1:3310"} {
		name, _, _ := strings.Cut(v, "=")
		if err := refused(t, v, "MOTCUA_DATA_DIR="+t.TempDir()); !core.IsCode(err, core.CodeUnimplemented) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Close may come before Run, twice, and after a New that failed.
func TestClose(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	address := p.publicAddr.Addr().String()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	again := newProgram(t, "MOTCUA_LISTEN="+address, "MOTCUA_DATA_DIR="+p.Config().DataDir)
	if again.URL() != "http://"+address {
		t.Error(again.URL())
	}
}

// The program starts and ends again and again without keeping anything: with no
// configuration but its ports, in the directory it is started in.
func TestStartStop(t *testing.T) {
	t.Chdir(t.TempDir())
	once := func() {
		p := &program{t: t, log: &record{}}
		var err error
		if p.App, err = New(t.Context(), options(configOf(t), p.log)); err != nil {
			t.Fatal(err)
		}
		p.run()
		if r := p.post("/sim/api/v1/say", `{"channel":"sms","person":"mai","text":"KHAI SINH"}`); r.status != 200 || !strings.Contains(r.body, "HCMC-DVC: ") {
			t.Fatalf("%d %s", r.status, r.body)
		}
		p.close()
	}
	once()
	before := runtime.NumGoroutine()
	times := 20
	if testing.Short() {
		times = 3
	}
	for range times {
		once()
	}
	// The last ones are on their way out.
	if !asked(func() bool { return runtime.NumGoroutine() <= before }) {
		b := make([]byte, 1<<20)
		t.Errorf("%d goroutines, after the first run there were %d\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
	}
	st, err := os.Stat("var")
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("var: %v, %v", st.Mode(), err)
	}
	if st, err := os.Stat("var/keys/seal.json"); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", st, err)
	}
}
