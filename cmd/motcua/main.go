// Command motcua is the one door: it serves citizens on every channel, and it is
// the tool that operators and editors of the catalogue work with.
//
// Exit codes: 0 ok, 1 failure, 2 usage, 3 configuration, 4 a dependency is
// unavailable, 5 a check found problems, 70 a commit failed and its outcome is
// unknown.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
)

// The exit codes of the program.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitConfig      = 3
	exitUnavailable = 4
	exitProblems    = 5
)

// exitError carries an exit code through cobra.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes one command line and gives its exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	// What goes wrong before a command runs is wrong in how it was called.
	called := false
	root.PersistentPreRun = func(*cobra.Command, []string) { called = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "motcua: "+err.Error())
	var e *exitError
	var broken pack.Issues
	switch {
	case errors.As(err, &e):
		return e.code
	case !called:
		return exitUsage
	case errors.As(err, &broken):
		return exitProblems
	case core.IsCode(err, core.CodeUnavailable):
		return exitUnavailable
	case core.IsCode(err, core.CodeUnimplemented):
		return exitConfig
	}
	return exitFailure
}

// group makes a command that only holds others: alone it shows its help.
func group(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "motcua",
		Short: "Một Cửa: public services on every channel",
		Long: `Một Cửa lets citizens look procedures up, file dossiers, send papers and follow
the result by chat, SMS, app and kiosk, all from one definition.

Start it without any configuration:

  motcua serve`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newServe(), newMigrate(), newCatalog(), newText(), newJobs(), newConfig(), newDoctor(), newVersion(), newKiosk(), newOfficer())
	return root
}
