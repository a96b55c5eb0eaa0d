package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// answerTimeout bounds one exchange; the program itself answers within 12 s.
const answerTimeout = 30 * time.Second

// wire is one keep-alive HTTP/1.1 connection that sends requests made
// beforehand. It does no more than a load needs, so that on a small machine the
// processors belong to the server: net/http would cost as much as an echo.
type wire struct {
	addr string
	conn net.Conn
	r    *bufio.Reader
	buf  []byte
}

func dial(addr string) (*wire, error) {
	w := &wire{addr: addr}
	return w, w.redial()
}

func (w *wire) redial() error {
	w.close()
	c, err := net.DialTimeout("tcp", w.addr, 5*time.Second)
	if err != nil {
		return err
	}
	w.conn, w.r = c, bufio.NewReaderSize(c, 16<<10)
	return nil
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}

// do sends a request and reads the whole answer. The body is valid until the next
// call. After an error the connection is made anew.
func (w *wire) do(request []byte) (status int, body []byte, err error) {
	if w.conn == nil {
		if err := w.redial(); err != nil {
			return 0, nil, err
		}
	}
	_ = w.conn.SetDeadline(time.Now().Add(answerTimeout))
	if _, err = w.conn.Write(request); err == nil {
		status, body, err = w.read()
	}
	if err != nil {
		w.close()
	}
	return status, body, err
}

func (w *wire) read() (status int, body []byte, err error) {
	line, err := w.line()
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, nil, fmt.Errorf("no HTTP answer: %.40q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("status line %.40q: %w", line, err)
	}
	length, chunked, last := 0, false, false
	for {
		if line, err = w.line(); err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
	w.buf = w.buf[:0]
	if chunked {
		err = w.chunks()
	} else {
		err = w.take(length)
	}
	if last {
		w.close()
	}
	return status, w.buf, err
}

func (w *wire) line() ([]byte, error) {
	b, err := w.r.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(b, "\r\n"), nil
}

// take appends n bytes to the body.
func (w *wire) take(n int) error {
	if n > 4<<20 {
		return errors.New("answer too large")
	}
	at := len(w.buf)
	w.buf = append(w.buf, make([]byte, n)...)
	_, err := io.ReadFull(w.r, w.buf[at:])
	return err
}

func (w *wire) chunks() error {
	for {
		line, err := w.line()
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 32)
		if err != nil {
			return err
		}
		if err := w.take(int(n)); err != nil {
			return err
		}
		if _, err := w.line(); err != nil { // the end of the chunk, or of the answer
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
