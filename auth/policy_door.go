package auth

import "github.com/motcua/motcua/core"

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
		"dialog.create_hand_off", "dialog.create_link", "dialog.ask_person", "dialog.set_notices", "dialog.prove_address",
		"dialog.timer")
	add(CostGuess, "dialog.redeem_hand_off")
	return rows
}

// routeRows: plain HTTP. Webhooks are proved by their adapter and are nobody's
// session; upload links are proved by their token; pages hold no data of their
// own and call the RPCs.
func routeRows() []Row {
	anybody := []core.ActorKind{anonymous, citizen, kiosk, officer, agency}
	route := func(op string, r Row) Row {
		r.Op, r.Actors = op, anybody
		if r.MaxBody == 0 {
			r.MaxBody = smallBody
		}
		if r.Deadline == 0 {
			r.Deadline = quick
		}
		return r
	}
	const webhookBody = 1 << 20
	return []Row{
		route("POST /webhooks/{channel}/{account}", Row{Cost: CostWrite, MaxBody: webhookBody}),
		route("GET /webhooks/{channel}/{account}", Row{Cost: CostWrite}),
		route("GET /u/{token}", Row{Cost: CostGuess}),
		route("POST /u/{token}", Row{Cost: CostUpload, MaxBody: uploadBody, Deadline: slow}),
		route("POST /u/{token}/done", Row{Cost: CostWrite}),
		route("GET /s/{code}", Row{Cost: CostLookUp}),
		route("GET /kiosk", Row{Cost: CostRead, Public: true}),
		route("GET /desk", Row{Cost: CostRead, Public: true}),
	}
}
