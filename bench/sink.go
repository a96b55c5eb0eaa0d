package main

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/internal/simkit"
)

// sink answers Bot API calls as the vendor does and forgets them. It is in the
// load generator's process, so that its cost is not the program's. The simulator's
// fake keeps every chat, which is work of its own.
type sink struct {
	server *http.Server
	l      net.Listener
	sent   atomic.Int64 // sendMessage calls
	photo  []byte       // every file that is asked for
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{l: l, photo: simkit.SamplePhoto("giay to")}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with close
	return s, nil
}

func (s *sink) url() string { return "http://" + s.l.Addr().String() }

func (s *sink) close() { _ = s.server.Close() }

// ServeHTTP answers /bot<token>/<method>.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/file/") {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write(s.photo)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch method {
	case "sendMessage":
	case "getFile":
		_, _ = w.Write([]byte(`{"ok":true,"result":{"file_id":"p","file_unique_id":"u","file_path":"photos/paper.jpg"}}`))
		return
	default:
		_, _ = w.Write([]byte(`{"ok":true,"result":true}`))
		return
	}
	n := s.sent.Add(1)
	_, _ = w.Write([]byte(`{"ok":true,"result":{"message_id":` + strconv.FormatInt(n, 10) + `,"date":1793577600,"chat":{"id":1,"type":"private"}}}`))
}
