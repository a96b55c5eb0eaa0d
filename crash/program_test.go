package crash_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shared is what the tests of this package share: the binary, built once.
type shared struct {
	once sync.Once
	dir  string
	err  error
}

var built shared

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	if err := stopPostgres(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// binary builds the program, with the build cache of whoever runs the tests.
func binary(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "motcua-crash-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", filepath.Join(built.dir, "motcua"), "../cmd/motcua")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "motcua")
}

// program is the real server, started again and again at the same addresses.
type program struct {
	t       testing.TB
	binary  string
	environ []string
	public  string // host:port
	admin   string
	logPath string

	cmd    *exec.Cmd
	exited chan struct{}
}

// newProgram gives the program addresses of its own. environ is all that it gets
// beside them.
func newProgram(t testing.TB, environ ...string) *program {
	t.Helper()
	p := &program{t: t, binary: binary(t), public: freeAddress(t), admin: freeAddress(t), logPath: filepath.Join(t.TempDir(), "log")}
	p.environ = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "MOTCUA_LISTEN=" + p.public, "MOTCUA_ADMIN_LISTEN=" + p.admin,
	}, environ...)
	t.Cleanup(func() {
		p.kill()
		if !t.Failed() {
			return
		}
		b, err := os.ReadFile(p.logPath)
		if err != nil {
			t.Log(err)
			return
		}
		if len(b) > 20_000 {
			b = b[len(b)-20_000:]
		}
		t.Logf("the program logged:\n%s", b)
	})
	return p
}

// freeAddress is an address of this machine that nobody listens on. It has to stay
// the same over restarts, because the vendor keeps calling it; so it is taken from
// below the ports that outgoing connections get (32768 and up on Linux), one of
// which could else have it while the program is down.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(12_000+rand.IntN(20_000)))
		if err != nil {
			continue
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

// start starts the process and returns at once.
func (p *program) start() {
	p.t.Helper()
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.binary, "serve")
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = p.environ, log, log, dieWithParent()
	exited, started := make(chan struct{}), make(chan error)
	go func() {
		// The kernel's promise to end the child is tied to the thread that forks.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in cmd.ProcessState
		}
		close(exited)
	}()
	if err := <-started; err != nil {
		p.t.Fatal(err)
	}
	p.cmd, p.exited = cmd, exited
}

// kill ends the process as a power cut of the process would: SIGKILL.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended by itself, which waitReady reports
	<-p.exited
	p.cmd = nil
}

// stop asks the process to end in order.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		return errors.New("the program did not end after SIGTERM")
	}
	state := p.cmd.ProcessState
	p.cmd = nil
	if !state.Success() {
		return fmt.Errorf("the program ended with %s", state)
	}
	return nil
}

// waitReady waits until the program wants traffic and gives the instant.
func (p *program) waitReady(ctx context.Context) (time.Time, error) {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	for {
		resp, err := client.Get("http://" + p.admin + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Now(), nil
			}
		}
		select {
		case <-p.exited:
			b, _ := os.ReadFile(p.logPath)
			return time.Time{}, fmt.Errorf("the program ended before it was ready (%s): %s", p.cmd.ProcessState, lastLines(b, 3))
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("the program is not ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

func lastLines(b []byte, n int) []byte {
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], []byte("\n"))
}
