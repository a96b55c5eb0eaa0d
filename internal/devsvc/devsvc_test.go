package devsvc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const childEnv = "DEVSVC_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// child starts both services, says where they are and waits to be killed.
func child() int {
	pg, err := PostgreSQL(context.Background(), PGOptions{NoSync: true})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	rd, err := StartRedis(context.Background(), RedisOptions{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(pg.server.pid(), pg.server.dir, rd.server.pid(), rd.server.dir)
	select {}
}

// eventually polls a condition; services end in other processes, where no
// channel reaches.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	begin := time.Now()
	pg, err := PostgreSQL(ctx, PGOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start: %v", time.Since(begin))
	t.Cleanup(func() { pg.Stop() })

	begin = time.Now()
	one, err := pg.NewDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("database: %v", time.Since(begin))
	two, err := pg.NewDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if one == two || !strings.HasPrefix(one, "postgres://postgres@127.0.0.1:") {
		t.Fatalf("databases %q and %q", one, two)
	}
	if err := pg.Exec(ctx, "t1", "create table a(x int); insert into a values (1)"); err != nil {
		t.Fatal(err)
	}
	if err := pg.Exec(ctx, "t2", "select * from a"); err == nil || !strings.Contains(err.Error(), "42P01") {
		t.Fatalf("the databases are not apart: %v", err)
	}

	begin = time.Now()
	if _, err := pg.NewSchema(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("schema: %v", time.Since(begin))

	addr, kids := pg.Addr(), children(pg.server.pid())
	if len(kids) == 0 {
		t.Fatal("no backends")
	}
	pg.Kill9()
	for _, k := range kids {
		if alive(k) {
			t.Errorf("backend %d outlived Kill9", k)
		}
	}
	if err := pg.Exec(ctx, "t1", "select 1"); err == nil {
		t.Fatal("answers after Kill9")
	}
	begin = time.Now()
	err = pg.Restart(ctx)
	t.Logf("recovery: %v", time.Since(begin))
	if err != nil {
		t.Fatal(err)
	}
	if pg.Addr() != addr {
		t.Errorf("address moved from %s to %s", addr, pg.Addr())
	}
	// A committed row is there after the crash: 1/0 fails if it is not.
	if err := pg.Exec(ctx, "t1", "select 1/count(*) from a where x = 1"); err != nil {
		t.Error(err)
	}
	pg.Kill9()
	dir := pg.server.dir
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	if !gone(dir) {
		t.Errorf("%s is still there", dir)
	}
	if err := pg.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
}

func TestPostgreSQLBadSetting(t *testing.T) {
	t.Parallel()
	_, err := PostgreSQL(context.Background(), PGOptions{Settings: map[string]string{"no_such_parameter": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_parameter") {
		t.Fatalf("the log is not in the error: %v", err)
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r, err := StartRedis(ctx, RedisOptions{Settings: map[string]string{"maxmemory": "10mb"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Stop() })
	if err := r.command(ctx, "SET a 1", "+OK"); err != nil {
		t.Fatal(err)
	}
	r.Kill9()
	if err := r.ping(ctx); err == nil {
		t.Fatal("answers after Kill9")
	}
	if err := r.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.command(ctx, "EXISTS a", ":0"); err != nil {
		t.Error(err)
	}
	if err := r.command(ctx, "SET b 1", "+OK"); err != nil {
		t.Fatal(err)
	}
	if err := r.FlushAll(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.command(ctx, "EXISTS b", ":0"); err != nil {
		t.Error(err)
	}
	dir := r.server.dir
	if err := r.Stop(); err != nil || !gone(dir) {
		t.Errorf("stop: %v, directory gone: %v", err, gone(dir))
	}
}

// A process that dies without a word leaves neither processes nor files.
func TestNothingLeftBehind(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	f := strings.Fields(line)
	if err != nil || len(f) != 4 {
		t.Fatalf("the child said %q: %v", line, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	for i := 0; i < 4; i += 2 {
		pid, err := strconv.Atoi(f[i])
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, fmt.Sprintf("end of process %d", pid), func() bool { return !alive(pid) })
		eventually(t, "removal of "+f[i+1], func() bool { return gone(f[i+1]) })
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	_, err := find("redis-server", []string{"no-such-program"}, "/no/such/file*")
	var m *MissingError
	if !errors.As(err, &m) || !strings.Contains(err.Error(), "apt-get install -y redis-server") {
		t.Fatalf("got %v", err)
	}
}

func TestChromium(t *testing.T) {
	t.Parallel()
	path, err := Chromium()
	var m *MissingError
	if err != nil && (!errors.As(err, &m) || m.Package != "chromium") {
		t.Fatal(err)
	}
	if err == nil && path == "" {
		t.Fatal("no path and no error")
	}
	if args := strings.Join(ChromiumArgs("/p"), " "); !strings.Contains(args, "--disable-background-networking") || !strings.Contains(args, "--user-data-dir=/p") {
		t.Errorf("arguments %s", args)
	}
}
