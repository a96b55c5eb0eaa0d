package devsvc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// PGOptions say how a PostgreSQL server is started. The zero value is a server
// as durable as one in production.
type PGOptions struct {
	// NoSync turns fsync, full_page_writes and synchronous_commit off: faster
	// tests, and no promise after a crash.
	NoSync bool
	// Settings are further parameters, as in postgresql.conf; they win over ours.
	Settings map[string]string
}

// PG is one PostgreSQL server, with its data in a temporary directory.
type PG struct {
	opts   PGOptions
	bin    string
	cred   *credential
	server *server
	port   int
	nextDB atomic.Int64
}

const (
	pgUser     = "postgres"
	pgPackage  = "postgresql-15"
	pgAttempts = 5
	stopGrace  = 10 * time.Second
)

// PostgreSQL starts a server and returns when it answers. As root it runs as the
// user postgres (or nobody). The data directory is a copy of one made by initdb
// once per version and user, so that a start takes well under two seconds.
func PostgreSQL(ctx context.Context, opts PGOptions) (*PG, error) {
	postgres, err := find(pgPackage, []string{"postgres"}, "/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(postgres); err == nil {
		postgres = real
	}
	cred, err := unprivileged()
	if err != nil {
		return nil, err
	}
	s, err := newServer("postgres")
	if err != nil {
		return nil, err
	}
	p := &PG{opts: opts, bin: filepath.Dir(postgres), cred: cred, server: s}
	if err := p.prepare(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	for attempt := 1; ; attempt++ {
		err := p.start(ctx)
		if err == nil {
			return p, nil
		}
		var ended *startError
		if !errors.As(err, &ended) || attempt == pgAttempts {
			return nil, errors.Join(err, p.Stop())
		}
		p.port = 0 // somebody took the port, most likely
	}
}

// prepare fills the server's directory from the template.
func (p *PG) prepare(ctx context.Context) error {
	template, err := pgTemplate(ctx, p.bin, p.cred)
	if err != nil {
		return err
	}
	if err := copyTree(template, p.dataDir(), p.cred); err != nil {
		return fmt.Errorf("postgres: copy of the template: %w", err)
	}
	if p.cred != nil {
		return os.Chown(p.server.dir, int(p.cred.uid), int(p.cred.gid))
	}
	return nil
}

func (p *PG) start(ctx context.Context) error {
	if p.port == 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		p.port = port
	}
	settings := map[string]string{
		"listen_addresses":           "127.0.0.1",
		"unix_socket_directories":    "", // a temporary directory's path may be too long for a socket
		"max_connections":            "200",
		"dynamic_shared_memory_type": "mmap", // files of the data directory: a killed server leaves nothing elsewhere
		"log_min_messages":           "warning",
		"logging_collector":          "off",
		"timezone":                   "UTC",
		"max_wal_size":               "4GB",
	}
	if p.opts.NoSync {
		settings["fsync"] = "off"
		settings["full_page_writes"] = "off"
		settings["synchronous_commit"] = "off"
	}
	for k, v := range p.opts.Settings {
		settings[k] = v
	}
	args := []string{"-D", p.dataDir(), "-p", strconv.Itoa(p.port)}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	return p.server.start(ctx, p.cred, func(ctx context.Context) error { return p.Exec(ctx, "postgres", "select 1") },
		filepath.Join(p.bin, "postgres"), args...)
}

func (p *PG) dataDir() string { return filepath.Join(p.server.dir, "data") }

// Addr gives host and port, for a proxy that stands between.
func (p *PG) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// URL gives the connection URL of the maintenance database, as a superuser.
func (p *PG) URL() string { return p.DatabaseURL("postgres") }

// DatabaseURL gives the connection URL of a database of this server.
func (p *PG) DatabaseURL(name string) string {
	return "postgres://" + pgUser + "@" + p.Addr() + "/" + name + "?sslmode=disable"
}

// NewDatabase creates an empty database and gives its URL. Names are never used
// twice by one server; the database goes away with the server.
func (p *PG) NewDatabase(ctx context.Context) (url string, err error) {
	name := "t" + strconv.FormatInt(p.nextDB.Add(1), 10)
	if err := p.Exec(ctx, "postgres", "create database "+name); err != nil {
		return "", err
	}
	return p.DatabaseURL(name), nil
}

// NewSchema creates an empty schema in one database shared by all schemas and
// gives a URL whose search path is that schema. It is many times cheaper than
// NewDatabase; advisory locks, notifications and extensions are shared.
func (p *PG) NewSchema(ctx context.Context) (url string, err error) {
	name := "s" + strconv.FormatInt(p.nextDB.Add(1), 10)
	if err := p.Exec(ctx, "postgres", "create schema "+name); err != nil {
		return "", err
	}
	return p.URL() + "&search_path=" + name, nil
}

// LogPath gives the file that the server logs to.
func (p *PG) LogPath() string { return p.server.logPath }

// Kill9 kills the server and all its backends at once, as a power cut of the
// machine would end them (what the kernel has taken from them stays). Restart
// makes the server recover.
func (p *PG) Kill9() {
	pid := p.server.pid()
	if pid == 0 {
		return
	}
	// First stop the postmaster, so that it starts no new backends while we list
	// the ones that it has.
	signal(p.server.cmd.Process, stopSignal)
	kids := children(pid)
	p.server.end(syscall.SIGKILL, stopGrace)
	for _, k := range kids {
		killPID(k)
	}
	for _, k := range kids {
		for n := 0; n < 200 && alive(k); n++ {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// Interrupt shuts the server down in order (fast mode: clients are cut off) and
// keeps its data, for Restart.
func (p *PG) Interrupt() { p.server.end(syscall.SIGINT, stopGrace) }

// Restart starts the server again on the same port and the same data, after
// Kill9 or Interrupt; a running server is interrupted first.
func (p *PG) Restart(ctx context.Context) error {
	p.Interrupt()
	for attempt := 1; ; attempt++ {
		err := p.start(ctx)
		var ended *startError
		if err == nil || !errors.As(err, &ended) || attempt == restartAttempts {
			return err
		}
		// A backend that was being forked while the server was killed holds the
		// shared memory until it sees that its parent is gone.
		time.Sleep(restartPause)
	}
}

const (
	restartAttempts = 50
	restartPause    = 100 * time.Millisecond
)

// Stop ends the server and removes its directory. A second call does nothing.
func (p *PG) Stop() error {
	p.Interrupt()
	if shm, ok := p.sharedMemory(); ok {
		removeSharedMemory(shm)
	}
	return p.server.close(syscall.SIGINT, stopGrace)
}

// sharedMemory gives the System V segment named in postmaster.pid, a file that
// is still there only when the server was killed.
func (p *PG) sharedMemory() (id int, ok bool) {
	b, err := os.ReadFile(filepath.Join(p.dataDir(), "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line) // the line "key id"
		if len(f) == 2 {
			if id, err := strconv.Atoi(f[1]); err == nil {
				return id, true
			}
		}
	}
	return 0, false
}
