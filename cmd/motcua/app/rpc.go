package app

import (
	"net/http"

	"github.com/motcua/motcua/agencyapi"
	"github.com/motcua/motcua/auth/gate"
	"github.com/motcua/motcua/channels/kiosk"
	"github.com/motcua/motcua/mobileapi"
	"github.com/motcua/motcua/proto/counter"
)

// wireRPC mounts the Connect services of the three audiences.
func (a *App) wireRPC(mux *http.ServeMux) error {
	g := gate.Config{Store: a.store, Policy: a.policy, Texts: a.Catalog.Messages(), Log: a.log, Allow: a.allow, Barred: a.barred, Missed: a.missed, Searched: a.searched}
	if err := mobileapi.Handle(mux, mobileapi.Config{
		Gate: g, Tokens: a.Tokens, Sessions: a.sessions, Dossiers: a.dossiers, People: a.people, Blobs: a.blobs,
		Beside: counter.Beside{LastKnown: a.lastKnown, Queue: a.queueOf},
	}); err != nil {
		return err
	}
	if err := kiosk.Handle(mux, kiosk.Config{
		Gate: g, Terminals: a.Terms, Dossiers: a.dossiers, People: a.people, Blobs: a.blobs,
		Beside: counter.Beside{LastKnown: a.lastKnown, Queue: a.queueOf},
	}); err != nil {
		return err
	}
	return agencyapi.Handle(mux, agencyapi.Config{Gate: g, Tokens: a.Tokens, Dossiers: a.dossiers, Blobs: a.blobs, Seen: a.officerSeen, ReportQueue: a.reportQueue})
}
