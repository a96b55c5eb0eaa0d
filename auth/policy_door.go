package auth

import (
	"time"

	"github.com/motcua/motcua/core"
)

// dialogRows: what a turn of the dialogue may decide. The person of a
// conversation nobody proved is anonymous and may do what only concerns that
// conversation; what a procedure needs to be submitted is the procedure's own
// rule, and below it the dossier says what is still to prove.
func dialogRows() []Row {
	var rows []Row
	add := func(cost Cost, ops ...string) {
		for _, op := range ops {
			rows = append(rows, Row{
				Op: op, Actors: []core.ActorKind{anonymous, citizen}, Cost: cost, MaxBody: smallBody, Deadline: quick,
			})
		}
	}
	add(CostWrite,
		"dialog.add_pages", "dialog.remove_page", "dialog.submit", "dialog.respond_supplement", "dialog.withdraw",
		"dialog.create_hand_off", "dialog.create_link", "dialog.ask_person", "dialog.note_gap", "dialog.set_notices", "dialog.prove_address",
		"dialog.timer", "dialog.answer_draft")
	add(CostGuess, "dialog.redeem_hand_off", "dialog.answer_cosign")
	return rows
}

// routeRows: plain HTTP, each with the pattern it is served under. The listener
// says who a request is: the public one knows nobody (webhooks are proved by
// their adapter, upload links by their token), the admin one operators alone. A
// GET takes HEAD along.
func routeRows() []Row {
	public := []core.ActorKind{anonymous}
	operator := []core.ActorKind{core.ActorOperator}
	routes := func(like Row, ops ...string) []Row {
		var rows []Row
		for _, op := range ops {
			r := like
			r.Op = op
			if r.MaxBody == 0 {
				r.MaxBody = smallBody
			}
			if r.Deadline == 0 {
				r.Deadline = quick
			}
			rows = append(rows, r)
		}
		return rows
	}
	const (
		webhookBody = 1 << 20
		// The strictest vendor that sends again waits 15 s.
		webhookTime = 12 * time.Second
		// A phone sends a handful of photos at once, from the poorest line at 2 Mbit/s.
		formBody = 3 * core.MaxFile
		formTime = 4 * time.Minute
		// Photos travel inside the simulator's JSON.
		simulatorBody = 32 << 20
		// go tool pprof asks for 30 seconds of profile.
		profileTime = 80 * time.Second
	)
	return join(
		routes(Row{Actors: public, Cost: CostWrite, MaxBody: webhookBody, Deadline: webhookTime},
			"POST /webhooks/{channel}/{account}", "GET /webhooks/{channel}/{account}", "GET /webhooks/{channel}/{account}/{proof}"),
		routes(Row{Actors: public, Cost: CostRead, Public: true}, "GET /u/page.css"),
		routes(Row{Actors: public, Cost: CostGuess}, "GET /u/{token}"),
		routes(Row{Actors: public, Cost: CostGuess, Deadline: formTime}, "GET /u/{token}/file/{n}"),
		routes(Row{Actors: public, Cost: CostUpload, MaxBody: formBody, Deadline: formTime}, "POST /u/{token}"),
		routes(Row{Actors: public, Cost: CostWrite}, "POST /u/{token}/remove", "POST /u/{token}/done"),

		routes(Row{Actors: public, Cost: CostRead, Development: true},
			"GET /{$}", "GET /sim", "GET /sim/{$}", "GET /sim/{file}", "GET /sim/sample.pdf",
			"GET /sim/api/v1/outbox", "GET /sim/api/v1/clock"),
		routes(Row{Actors: public, Cost: CostWrite, Development: true},
			"POST /sim/api/v1/say", "POST /sim/api/v1/tap", "POST /sim/api/v1/clock"),
		routes(Row{Actors: public, Cost: CostUpload, Development: true, MaxBody: simulatorBody, Deadline: slow}, "POST /sim/api/v1/photo"),
		routes(Row{Actors: public, Cost: CostWrite, Development: true, Secret: true}, "POST /sim/tokens"),

		routes(Row{Actors: operator, Cost: CostRead}, "GET /livez", "GET /readyz", "GET /metrics"),
		routes(Row{Actors: operator, Cost: CostRead, Deadline: profileTime},
			"GET /debug/pprof/", "GET /debug/pprof/cmdline", "GET /debug/pprof/profile", "GET /debug/pprof/symbol", "GET /debug/pprof/trace"),
	)
}
