package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
	"github.com/motcua/motcua/internal/spool"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"motcua": main})
}

// TestScripts runs the command line as people do. Beside the usual commands the
// scripts have:
//
//	status CODE motcua …   runs it and compares its exit code
//	seed                   parks a job ($JOB) and an event in $MOTCUA_DATA_DIR
//	terminal               enrols a terminal ($KIOSK)
//	hold                   another server has $MOTCUA_DATA_DIR
//	spool N                N entries wait in the spool of $MOTCUA_DATA_DIR
//	gaps N QUERY           N citizens asked QUERY in vain in $MOTCUA_DATA_DIR
//	listen                 another program has the address $TAKEN
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_GOLDEN") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("MOTCUA_DATA_DIR", e.WorkDir+"/data")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "seed": seed, "terminal": terminal, "hold": hold, "listen": listen, "spool": fillSpool, "gaps": noteGaps,
		},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE command …")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s ends with %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// tools opens the data directory of a script.
func tools(ts *testscript.TestScript) *app.Tools {
	cfg, err := config.Load([]string{"MOTCUA_DATA_DIR=" + ts.Getenv("MOTCUA_DATA_DIR")})
	ts.Check(err)
	t, err := app.OpenTools(context.Background(), cfg, slog.New(slog.DiscardHandler))
	ts.Check(err)
	return t
}

func fillSpool(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: spool N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	cfg, err := config.Load([]string{"MOTCUA_DATA_DIR=" + ts.Getenv("MOTCUA_DATA_DIR")})
	ts.Check(err)
	keys, err := app.OpenKeys(context.Background(), cfg)
	ts.Check(err)
	s, err := spool.Open(app.SpoolDir(cfg.DataDir), spool.Options{Sealer: keys.Sealer(), Clock: core.SystemClock{}})
	ts.Check(err)
	for range n {
		ts.Check(s.Append("twilio/main", []byte("{}")))
	}
	ts.Check(s.Close())
}

func seed(ts *testscript.TestScript, _ bool, _ []string) {
	t := tools(ts)
	job := core.Job{Kind: "message.send", Lane: core.LaneReply, Account: "telegram/main", Payload: core.Sealed(`{"text":"Nguyễn Thị Kín"}`)}
	ts.Check(t.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
		job.ID = core.NewID(tx.Now())
		if err := tx.Enqueue(ctx, job, core.Job{Kind: "page.fetch", Lane: core.LaneReply}); err != nil {
			return err
		}
		got, err := tx.Jobs().Claim(ctx, core.LaneReply, "node", tx.Now().Add(1e9), 2)
		if err != nil {
			return err
		}
		for _, j := range got {
			if j.ID == job.ID {
				if err := tx.Jobs().Park(ctx, j.ID, j.Fence, "the chat is gone"); err != nil {
					return err
				}
			}
		}
		if err := tx.Receipts().Put(ctx, core.Receipt{JobID: job.ID, Channel: "telegram", Account: "main", External: "42", State: core.ReceiptFailed, Reason: "blocked"}); err != nil {
			return err
		}
		return tx.Inbox().Park(ctx, core.InboxRow{
			Channel: "telegram", Account: "main", EventID: "700000123", ConvID: core.NewID(tx.Now()), ReceivedAt: tx.Now(), ParkedAt: tx.Now(),
			Cause: "dialog.turn: internal", Raw: core.Sealed(`{"ID":"700000123","Text":"Nguyễn Thị Kín"}`),
		})
	}))
	ts.Check(t.Close())
	ts.Setenv("JOB", string(job.ID))
}

func noteGaps(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gaps N QUERY")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	t := tools(ts)
	for i := range n {
		ts.Check(t.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
			return tx.Gaps().Note(ctx, core.GapNote{Query: args[1], Asker: strconv.Itoa(i), Kind: core.GapNone})
		}))
	}
	ts.Check(t.Close())
}

func terminal(ts *testscript.TestScript, _ bool, _ []string) {
	t := tools(ts)
	k := core.Kiosk{ID: core.NewID(core.SystemClock{}.Now()), Office: "26740", Label: "sảnh", PublicKey: make([]byte, 32)}
	ts.Check(t.Store.Update(context.Background(), func(ctx context.Context, tx core.Tx) error {
		k.EnrolledAt, k.SeenAt = tx.Now(), tx.Now()
		return tx.Kiosks().Insert(ctx, k)
	}))
	ts.Check(t.Close())
	ts.Setenv("KIOSK", string(k.ID))
}

func hold(ts *testscript.TestScript, _ bool, _ []string) {
	t := tools(ts)
	ts.Setenv("HOLDER", strconv.Itoa(os.Getpid()))
	ts.Defer(func() { _ = t.Close() })
}

func listen(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("TAKEN", l.Addr().String())
	ts.Defer(func() { _ = l.Close() })
}

// Every command says what it does, and takes no argument silently.
func TestCommands(t *testing.T) {
	t.Parallel()
	var all []string
	root := newRoot()
	root.InitDefaultHelpCmd()
	todo := root.Commands()
	for len(todo) > 0 {
		c := todo[0]
		todo = append(todo[1:], c.Commands()...)
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		all = append(all, c.CommandPath())
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.Args == nil || c.RunE == nil {
			t.Errorf("%s: short %q, no rule for arguments or nothing to run", c.CommandPath(), c.Short)
		}
	}
	slices.Sort(all)
	want := []string{
		"motcua catalog", "motcua catalog diff", "motcua catalog doc", "motcua catalog gaps", "motcua catalog lint", "motcua catalog place", "motcua catalog search", "motcua catalog show", "motcua config", "motcua config check",
		"motcua config print", "motcua doctor", "motcua jobs", "motcua jobs drop", "motcua jobs list", "motcua jobs retry", "motcua jobs show", "motcua jobs spool",
		"motcua kiosk", "motcua kiosk code", "motcua kiosk list", "motcua kiosk revoke", "motcua migrate", "motcua officer",
		"motcua officer token", "motcua serve", "motcua text", "motcua text templates", "motcua version",
	}
	if !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
}
