package devsvc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Exec runs one statement without parameters and without interest in its rows,
// on a connection of its own. It speaks protocol 3.0 (PostgreSQL manual, chapter
// "Frontend/Backend Protocol") with trust authentication, which is all a private
// server needs.
func (p *PG) Exec(ctx context.Context, database, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", p.Addr())
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	startup := binary.BigEndian.AppendUint32(nil, 3<<16)
	for _, s := range []string{"user", pgUser, "database", database, ""} {
		startup = append(append(startup, s...), 0)
	}
	if err := pgSend(c, 0, startup); err != nil {
		return err
	}
	if err := pgUntilReady(c); err != nil {
		return fmt.Errorf("postgres: connect to %s: %w", database, err)
	}
	if err := pgSend(c, 'Q', append([]byte(statement), 0)); err != nil {
		return err
	}
	if err := pgUntilReady(c); err != nil {
		return fmt.Errorf("postgres: %s: %w", statement, err)
	}
	return pgSend(c, 'X', nil)
}

// pgSend writes one message; the first of a connection has no kind.
func pgSend(w io.Writer, kind byte, body []byte) error {
	var b []byte
	if kind != 0 {
		b = append(b, kind)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)+4))
	_, err := w.Write(append(b, body...))
	return err
}

// pgUntilReady reads to the next ReadyForQuery and gives the error on the way.
func pgUntilReady(r io.Reader) error {
	var failed error
	for {
		var head [5]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return errors.Join(failed, err)
		}
		n := int(binary.BigEndian.Uint32(head[1:])) - 4
		if n < 0 || n > 1<<24 {
			return fmt.Errorf("a message of %d bytes", n)
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return errors.Join(failed, err)
		}
		switch head[0] {
		case 'Z':
			return failed
		case 'E':
			failed = pgError(body)
		case 'R':
			if n < 4 || binary.BigEndian.Uint32(body) != 0 {
				return errors.New("the server asks for a password")
			}
		}
	}
}

// pgError makes an error of the fields of an ErrorResponse.
func pgError(body []byte) error {
	var code, message string
	for _, f := range bytes.Split(body, []byte{0}) {
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case 'C':
			code = string(f[1:])
		case 'M':
			message = string(f[1:])
		}
	}
	return fmt.Errorf("%s (SQLSTATE %s)", message, code)
}
