package auth

import "github.com/motcua/motcua/core"

const (
	anonymous = core.ActorAnonymous
	citizen   = core.ActorCitizen
	kiosk     = core.ActorKiosk
	officer   = core.ActorOfficer
	agency    = core.ActorAgency
)

// rpcs makes rows of one service that share everything but their name.
func rpcs(service string, like Row, methods ...string) []Row {
	out := make([]Row, 0, len(methods))
	for _, m := range methods {
		r := like
		r.Op = "/" + service + "/" + m
		if r.MaxBody == 0 {
			r.MaxBody = smallBody
		}
		if r.Deadline == 0 {
			r.Deadline = quick
		}
		out = append(out, r)
	}
	return out
}

func join(rows ...[]Row) []Row {
	var out []Row
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// mobileRows: the citizen's app. Level 0 is a session that nobody has proved
// anything in; it may fill in, and each procedure states what submitting needs.
func mobileRows() []Row {
	const pkg = "motcua.mobile.v1."
	anybody := []core.ActorKind{anonymous, citizen}
	mine := []core.ActorKind{citizen}
	return join(
		rpcs(pkg+"CatalogService", Row{Actors: anybody, Cost: CostLookUp, Public: true},
			"SearchProcedures", "ListTopics", "GetProcedure", "GetChecklist", "ResolvePlace", "FindOffice"),
		rpcs(pkg+"FormService", Row{Actors: anybody, Cost: CostLookUp, Public: true}, "GetForm"),
		rpcs(pkg+"FormService", Row{Actors: mine, Cost: CostRead}, "NextQuestion"),
		rpcs(pkg+"DossierService", Row{Actors: anybody, Cost: CostLookUp}, "TrackDossier"),
		rpcs(pkg+"DossierService", Row{Actors: mine, Cost: CostRead},
			"ReviewDossier", "GetDossier", "ListDossiers", "ListNotices", "GetResult"),
		rpcs(pkg+"DossierService", Row{Actors: mine, Min: core.AssuranceAddress, Cost: CostRead}, "ListAccesses"),
		rpcs(pkg+"DossierService", Row{Actors: mine, Cost: CostWrite},
			"StartDossier", "AnswerQuestion", "RemoveItem", "AttachPaper", "SubmitDossier", "RespondToSupplement", "WithdrawDossier", "AnswerDraft"),
		rpcs(pkg+"DossierService", Row{Actors: mine, Min: core.AssuranceAddress, Cost: CostGuess}, "ClaimDossier"),
		rpcs(pkg+"VaultService", Row{Actors: mine, Cost: CostUpload, MaxBody: uploadBody, Deadline: slow}, "UploadPage"),
		rpcs(pkg+"VaultService", Row{Actors: mine, Cost: CostRead}, "ListPapers"),
		rpcs(pkg+"VaultService", Row{Actors: mine, Cost: CostWrite}, "RemovePage"),
		rpcs(pkg+"SessionService", Row{Actors: anybody, Cost: CostWrite, Secret: true}, "StartAnonymous", "SignOut"),
		rpcs(pkg+"SessionService", Row{Actors: anybody, Cost: CostSend, Secret: true}, "RequestCode"),
		rpcs(pkg+"SessionService", Row{Actors: anybody, Cost: CostGuess, Secret: true}, "VerifyCode", "Refresh"),
		rpcs(pkg+"SessionService", Row{Actors: mine, Cost: CostWrite}, "CreateHandOff"),
		rpcs(pkg+"SessionService", Row{Actors: mine, Cost: CostGuess}, "RedeemHandOff"),
	)
}

// kioskRows: terminals in ward offices.
func kioskRows() []Row {
	const pkg = "motcua.kiosk.v1."
	terminal := []core.ActorKind{kiosk}
	return join(
		rpcs(pkg+"TerminalService", Row{Actors: []core.ActorKind{anonymous}, Cost: CostGuess, Secret: true}, "Enrol"),
		rpcs(pkg+"TerminalService", Row{Actors: terminal, Cost: CostWrite, Secret: true}, "StartSession", "EndSession"),
		rpcs(pkg+"TerminalService", Row{Actors: terminal, Session: true, Cost: CostWrite, Secret: true}, "Touch"),
		rpcs(pkg+"TerminalService", Row{Actors: terminal, Session: true, Cost: CostSend, Secret: true}, "RequestCode"),
		rpcs(pkg+"TerminalService", Row{Actors: terminal, Session: true, Cost: CostGuess, Secret: true}, "VerifyCode"),
		rpcs(pkg+"LookUpService", Row{Actors: terminal, Cost: CostLookUp, Public: true},
			"SearchProcedures", "ListTopics", "GetProcedure", "GetChecklist", "ResolvePlace", "FindOffice"),
		rpcs(pkg+"LookUpService", Row{Actors: terminal, Cost: CostLookUp}, "TrackDossier"),
		rpcs(pkg+"ApplicationService", Row{Actors: terminal, Session: true, Cost: CostRead}, "NextQuestion", "ReviewDossier", "GetResult", "GetDossier"),
		rpcs(pkg+"ApplicationService", Row{Actors: terminal, Session: true, Cost: CostWrite},
			"StartDossier", "AnswerQuestion", "RemoveItem", "RemovePage", "AttachPaper", "SubmitDossier", "RespondToSupplement", "WithdrawDossier",
			"AnswerDraft", "CreateHandOff"),
		rpcs(pkg+"ApplicationService", Row{Actors: terminal, Session: true, Cost: CostGuess}, "RedeemHandOff"),
		rpcs(pkg+"ApplicationService", Row{Actors: terminal, Session: true, Cost: CostUpload, MaxBody: uploadBody, Deadline: slow}, "ScanPage"),
	)
}

// agencyRows: officers and agencies' own systems. What they read is Secret: a
// stored answer to a repeated call would be a read nobody logs.
func agencyRows() []Row {
	const pkg = "motcua.agency.v1."
	desk := []core.ActorKind{officer, agency}
	people := []core.ActorKind{officer}
	return join(
		rpcs(pkg+"DossierService", Row{Actors: desk, Cost: CostRead}, "Inbox"),
		rpcs(pkg+"DossierService", Row{Actors: desk, Cost: CostRead, Audited: true, Secret: true}, "GetDossier", "ListAccesses"),
		rpcs(pkg+"DossierService", Row{Actors: desk, Cost: CostRead, Audited: true, Secret: true, Deadline: slow}, "OpenPage"),
		rpcs(pkg+"DossierService", Row{Actors: desk, Cost: CostWrite, Audited: true},
			"Accept", "Start", "Stop", "Refuse", "RequestSupplement", "PauseForFee", "Resume", "Return",
			"Extend", "AnswerDraft", "AnswerCosign"),
		rpcs(pkg+"DossierService", Row{Actors: desk, Cost: CostUpload, Audited: true, MaxBody: uploadBody, Deadline: slow}, "Complete", "SendDraft"),
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostRead, Secret: true}, "NextQuestion", "ReviewFiling"),
		// The first of these writes the row of an officer and a draft (counter.OpFiling).
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostWrite}, "StartFiling", "AnswerQuestion", "RemoveItem", "RemovePage", "AttachPaper"),
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostWrite, Audited: true, Secret: true}, "SubmitFiling"),
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostRead, Audited: true, Secret: true}, "GetReceipt"),
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostWrite, Audited: true}, "TakePapers", "Withdraw"),
		// It is about no citizen.
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostWrite}, "ReportQueue"),
		rpcs(pkg+"CounterService", Row{Actors: people, Cost: CostUpload, Audited: true, MaxBody: uploadBody, Deadline: slow}, "ScanPage"),
		rpcs(pkg+"HandoverService", Row{Actors: people, Cost: CostRead}, "ListHandovers"),
		rpcs(pkg+"HandoverService", Row{Actors: people, Cost: CostWrite, Audited: true, Secret: true}, "TakeHandover"),
		rpcs(pkg+"HandoverService", Row{Actors: people, Cost: CostWrite}, "CloseHandover"),
	)
}
