package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/motcua/motcua/cmd/motcua/app"
	"github.com/motcua/motcua/core"
)

func newJobs() *cobra.Command {
	cmd := group("jobs", "List, show, retry and drop what is waiting or parked")
	cmd.Long = `Work with durable jobs and with events that could not be handled.

A parked job is named by its id; a parked event by channel/account/event-id. On
the embedded store stop the server first: its data directory is locked.`
	cmd.AddCommand(newJobsList(), newJobsShow(), newJobsRetry(), newJobsDrop(), newJobsSpool())
	return cmd
}

// withStore opens the store for one subcommand.
func withStore(cmd *cobra.Command, fn func(ctx context.Context, s core.Store) error) error {
	cfg, err := loadConfig()
	if err != nil {
		return err
	}
	t, err := app.OpenTools(cmd.Context(), cfg, newLogger(cfg, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer t.Close()
	return fn(cmd.Context(), t.Store)
}

func newJobsList() *cobra.Command {
	var state string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List jobs and parked events",
		Example: "  motcua jobs list --state parked",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			states := []string{"", string(core.JobWaiting), string(core.JobReady), string(core.JobRunning), string(core.JobParked)}
			if !slices.Contains(states, state) {
				return &exitError{exitUsage, errors.New("--state is waiting, ready, running or parked")}
			}
			if limit < 1 {
				return &exitError{exitUsage, errors.New("--limit is 1 or more")}
			}
			return withStore(cmd, func(ctx context.Context, s core.Store) error {
				var jobs []core.Job
				var events []core.InboxRow
				err := s.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
					if jobs, err = tx.Jobs().List(ctx, core.JobState(state), limit); err != nil {
						return err
					}
					if state == "" || state == string(core.JobParked) {
						events, err = tx.Inbox().Parked(ctx, limit)
					}
					return err
				})
				if err != nil {
					return err
				}
				return printJobs(cmd, jobs, events, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only this state: waiting, ready, running or parked")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// jobLine is what operators see of a job: never its payload.
type jobLine struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Lane     string    `json:"lane,omitempty"`
	State    string    `json:"state"`
	Account  string    `json:"account,omitempty"`
	Attempts int       `json:"attempts"`
	RunAt    time.Time `json:"runAt,omitzero"`
	Cause    string    `json:"cause,omitempty"`
}

func lineOf(j core.Job) jobLine {
	return jobLine{string(j.ID), j.Kind, string(j.Lane), string(j.State), j.Account, j.Attempts, j.RunAt, j.Cause}
}

func eventLine(r core.InboxRow) jobLine {
	return jobLine{
		ID: r.Channel + "/" + r.Account + "/" + r.EventID, Kind: "event", State: string(core.JobParked),
		Account: r.Channel + "/" + r.Account, RunAt: r.ParkedAt, Cause: r.Cause,
	}
}

func printJobs(cmd *cobra.Command, jobs []core.Job, events []core.InboxRow, asJSON bool) error {
	lines := make([]jobLine, 0, len(jobs)+len(events))
	for _, j := range jobs {
		lines = append(lines, lineOf(j))
	}
	for _, r := range events {
		lines = append(lines, eventLine(r))
	}
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(lines)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tKIND\tLANE\tSTATE\tTRIES\tRUN AT\tCAUSE")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", l.ID, l.Kind, l.Lane, l.State, l.Attempts, l.RunAt.In(core.City).Format(time.DateTime), l.Cause)
	}
	return w.Flush()
}

func newJobsShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one job with what was sent of it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !core.ValidID(args[0]) {
				return &exitError{exitUsage, errors.New("that is no job's id; what a parked event said is sealed: retry or drop it")}
			}
			return withStore(cmd, func(ctx context.Context, s core.Store) error {
				var j core.Job
				var receipts []core.Receipt
				err := s.View(ctx, func(ctx context.Context, tx core.Tx) (err error) {
					if j, err = tx.Jobs().Get(ctx, core.ID(args[0])); err != nil {
						return err
					}
					receipts, err = tx.Receipts().ByJob(ctx, j.ID)
					return err
				})
				if err != nil {
					return err
				}
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(struct {
					jobLine
					Receipts []core.Receipt `json:"receipts"`
				}{lineOf(j), receipts})
			})
		},
	}
}

func newJobsRetry() *cobra.Command {
	return &cobra.Command{
		Use:   "retry ID",
		Short: "Make a parked job or event run again",
		Long: `Make a parked job ready again, behind the others of its conversation. A parked
event is put back and handled when its server starts.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			channel, account, event, isEvent := eventName(args[0])
			if !isEvent && !core.ValidID(args[0]) {
				return notAName()
			}
			return withStore(cmd, func(ctx context.Context, s core.Store) error {
				if isEvent {
					return app.RedriveEvent(ctx, s, channel, account, event)
				}
				return s.Update(ctx, func(ctx context.Context, tx core.Tx) error {
					return tx.Jobs().Redrive(ctx, core.ID(args[0]), tx.Now())
				})
			})
		},
	}
}

func newJobsDrop() *cobra.Command {
	return &cobra.Command{
		Use:   "drop ID",
		Short: "Delete a job that is not running; the next one of its conversation goes on",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			channel, account, event, isEvent := eventName(args[0])
			if !isEvent && !core.ValidID(args[0]) {
				return notAName()
			}
			return withStore(cmd, func(ctx context.Context, s core.Store) error {
				return s.Update(ctx, func(ctx context.Context, tx core.Tx) error {
					if isEvent {
						return tx.Inbox().Unpark(ctx, channel, account, event)
					}
					return tx.Jobs().Drop(ctx, core.ID(args[0]))
				})
			})
		},
	}
}

func notAName() error {
	return &exitError{exitUsage, errors.New("that is neither a job's id nor channel/account/event-id")}
}

// eventName splits "channel/account/event-id".
func eventName(s string) (channel, account, event string, ok bool) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}
