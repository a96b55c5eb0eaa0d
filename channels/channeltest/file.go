package channeltest

import (
	"bytes"

	"github.com/motcua/motcua/channels"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/simkit"
)

// fileContent: the very bytes that were sent.
func (x *exam) fileContent() {
	x.needFiles()
	data := bytes.Repeat([]byte("trang 1 \x00\xff"), 20000)
	got, err := x.readAll(x.Media(data))
	if err != nil || !bytes.Equal(got, data) {
		x.t.Errorf("%d bytes, %v; want the %d that were sent", len(got), err, len(data))
	}
}

// fileErrors: gone and unreachable are told apart.
func (x *exam) fileErrors() {
	x.needFiles()
	if _, err := x.readAll(core.Media{Ref: "nobody-knows-this"}); core.ErrorCode(err) != core.CodeNotFound {
		x.t.Errorf("unknown reference: %v, want not_found", err)
	}
	m := x.Media([]byte("x"))
	for _, f := range []simkit.Fault{simkit.ServerError(), simkit.BadGateway()} {
		x.fresh()
		x.Faults.Next(x.Download, f)
		if _, err := x.readAll(m); core.ErrorCode(err) != core.CodeUnavailable {
			x.t.Errorf("%s: %v, want unavailable", f.Name, err)
		}
	}
	x.Stop()
	x.fresh()
	if _, err := x.readAll(m); core.ErrorCode(err) != core.CodeUnavailable {
		x.t.Errorf("vendor down: %v, want unavailable", err)
	}
}

// fileTooLarge: refused before a byte of content is fetched.
func (x *exam) fileTooLarge() {
	x.needFiles()
	if x.HugeMedia == nil {
		x.t.Fatal("the Bench names no HugeMedia")
	}
	for _, m := range x.HugeMedia() {
		if _, err := x.readAll(m); core.ErrorCode(err) != core.CodeTooLarge {
			x.t.Errorf("told size %d: %v, want too_large", m.Size, err)
		}
	}
	if n := len(x.Journal.Calls(x.Download)); n != 0 {
		x.t.Errorf("%d downloads were begun", n)
	}
}

func (x *exam) needFiles() {
	x.t.Helper()
	if x.Media == nil || x.Download == "" || x.File == nil {
		x.t.Fatal("the Bench of an adapter with files needs Media, File and Download")
	}
}

// fileHalf: a download that breaks off is no file, whatever came of it.
func (x *exam) fileHalf() {
	x.needFiles()
	m := x.Media(bytes.Repeat([]byte("trang"), 20000))
	x.fresh()
	rc, err := x.Adapter.(channels.FileOpener).OpenFile(x.t.Context(), m)
	if err != nil {
		x.t.Fatal(err)
	}
	_ = rc.Close() // the connection works; now it breaks
	x.guard.mu.Lock()
	x.guard.half = true
	x.guard.mu.Unlock()
	if got, err := x.readAll(m); core.ErrorCode(err) != core.CodeUnavailable {
		x.t.Errorf("%d bytes and %v, want unavailable: it may be tried again", len(got), err)
	}
}

// noFiles: the record, the adapter and the bench agree that none can come.
func (x *exam) noFiles() {
	_, opens := x.Adapter.(channels.FileOpener)
	if caps := x.Adapter.Capabilities(); opens || caps.MaxFile != 0 || x.Media != nil || x.File != nil {
		x.t.Errorf("opens files: %v, MaxFile %d", opens, caps.MaxFile)
	}
}
