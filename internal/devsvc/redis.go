package devsvc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RedisOptions say how a Redis server is started. The zero value keeps nothing
// on disk: Redis never holds the only copy of anything.
type RedisOptions struct {
	// Settings are further parameters, as in redis.conf, for example
	// "maxmemory": "10mb".
	Settings map[string]string
}

// Redis is one redis-server.
type Redis struct {
	opts    RedisOptions
	program string
	server  *server
	port    int
}

// StartRedis starts a server and returns when it answers PING.
func StartRedis(ctx context.Context, opts RedisOptions) (*Redis, error) {
	program, err := find("redis-server", []string{"redis-server"}, "/usr/bin/redis-server")
	if err != nil {
		return nil, err
	}
	s, err := newServer("redis")
	if err != nil {
		return nil, err
	}
	r := &Redis{opts: opts, program: program, server: s}
	for attempt := 1; ; attempt++ {
		err := r.start(ctx)
		if err == nil {
			return r, nil
		}
		var ended *startError
		if !errors.As(err, &ended) || attempt == pgAttempts {
			return nil, errors.Join(err, r.Stop())
		}
		r.port = 0
	}
}

func (r *Redis) start(ctx context.Context) error {
	if r.port == 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		r.port = port
	}
	args := []string{
		"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--dir", r.server.dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no",
	}
	for k, v := range r.opts.Settings {
		args = append(args, "--"+k, v)
	}
	return r.server.start(ctx, nil, r.ping, r.program, args...)
}

// Addr gives host and port.
func (r *Redis) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// URL gives redis://host:port/0.
func (r *Redis) URL() string { return "redis://" + r.Addr() + "/0" }

// LogPath gives the file that the server logs to.
func (r *Redis) LogPath() string { return r.server.logPath }

// FlushAll empties the server, for a test that loses Redis' memory.
func (r *Redis) FlushAll(ctx context.Context) error { return r.command(ctx, "FLUSHALL", "+OK") }

// Kill9 kills the server; what it held is lost.
func (r *Redis) Kill9() { r.server.end(syscall.SIGKILL, stopGrace) }

// Restart starts the server again on the same port.
func (r *Redis) Restart(ctx context.Context) error {
	r.server.end(syscall.SIGTERM, stopGrace)
	return r.start(ctx)
}

// Stop ends the server and removes its directory. A second call does nothing.
func (r *Redis) Stop() error { return r.server.close(syscall.SIGTERM, stopGrace) }

func (r *Redis) ping(ctx context.Context) error { return r.command(ctx, "PING", "+PONG") }

// command sends one inline command and compares the one-line answer.
func (r *Redis) command(ctx context.Context, cmd, want string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", r.Addr())
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := fmt.Fprintf(c, "%s\r\n", cmd); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(line); got != want {
		return fmt.Errorf("redis: %s answered %q", cmd, got)
	}
	return nil
}
