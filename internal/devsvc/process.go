package devsvc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// watchdogScript waits for the end of its standard input, that is for the death
// of the process that started it. Each line it reads is the id of the service's
// present process (0 = none). Then it ends that process and removes the
// directory. An orderly Stop has done both before the input ends.
const watchdogScript = `pid=0
while read -r line; do pid=$line; done
if [ "$pid" -gt 1 ]; then
  kill -QUIT "$pid" 2>/dev/null
  n=0
  while kill -0 "$pid" 2>/dev/null && [ "$n" -lt 60 ]; do sleep 0.1; n=$((n+1)); done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf -- "$1"`

// watchdog outlives this process just long enough to clean up after it.
type watchdog struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

func startWatchdog(dir string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "devsvc-watchdog", dir)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = newSession() // a Ctrl-C in the terminal must not reach it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	return &watchdog{cmd: cmd, in: in}, nil
}

func (w *watchdog) watch(pid int) { fmt.Fprintln(w.in, strconv.Itoa(pid)) }

func (w *watchdog) close() {
	w.watch(0)
	w.in.Close()
	w.cmd.Wait()
}

// server is one running service: its process, its directory, its watchdog.
// Methods may be called from several goroutines.
type server struct {
	name    string
	dir     string
	logPath string
	dog     *watchdog

	mu      sync.Mutex
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the present process has been reaped
	stopped bool
}

// newServer makes the directory and its watchdog. The directory is owned by the
// current user, mode 0700.
func newServer(name string) (*server, error) {
	dir, err := os.MkdirTemp("", "motcua-"+name+"-")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	dog, err := startWatchdog(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &server{name: name, dir: dir, logPath: dir + "/" + name + ".log", dog: dog}, nil
}

// start runs the program and waits until ready says nil, the program ends or
// the context is done.
func (s *server) start(ctx context.Context, cred *credential, ready func(context.Context) error, program string, args ...string) error {
	log, err := os.OpenFile(s.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + s.dir}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = serviceAttr(cred)
	exited := make(chan struct{})
	started := make(chan error)
	go func() {
		// The signal at the parent's death is tied to the thread that forks, so
		// that thread has to live as long as the service does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(exited)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.mu.Unlock()
	s.dog.watch(cmd.Process.Pid)

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = ready(ctx); last == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-exited:
			s.dog.watch(0)
			return &startError{name: s.name, log: tail(s.logPath)}
		case <-ctx.Done():
			s.end(syscall.SIGKILL, 0)
			return fmt.Errorf("%s is not ready: %w (last: %v)\n%s", s.name, ctx.Err(), last, tail(s.logPath))
		}
	}
}

// startError says that the program ended before it was ready.
type startError struct{ name, log string }

func (e *startError) Error() string { return e.name + " ended at its start:\n" + e.log }

// pid gives the id of the running process, or 0.
func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	select {
	case <-s.exited:
		return 0
	default:
		return s.cmd.Process.Pid
	}
}

// end signals the process and waits for it; after grace it is killed.
func (s *server) end(sig syscall.Signal, grace time.Duration) {
	s.mu.Lock()
	cmd, exited := s.cmd, s.exited
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	signal(cmd.Process, sig)
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-exited:
	case <-t.C:
		cmd.Process.Kill()
		<-exited
	}
	s.dog.watch(0)
}

// close ends the service, removes its directory and lets the watchdog go.
func (s *server) close(sig syscall.Signal, grace time.Duration) error {
	s.mu.Lock()
	again := s.stopped
	s.stopped = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.end(sig, grace)
	err := os.RemoveAll(s.dir)
	s.dog.close()
	return err
}

func signal(p *os.Process, sig syscall.Signal) {
	if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.Kill()
	}
}

// freePort gives a port of the loopback interface that was free a moment ago.
// Somebody else may take it before the service does: starting is tried again.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail gives the end of a log file, for error messages.
func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(b)
}
