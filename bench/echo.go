package main

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/motcua/motcua/internal/httpx"
	corev1 "github.com/motcua/motcua/proto/gen/motcua/core/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// echoPath is the procedure of the no-op.
const echoPath = "/bench.v1.EchoService/Echo"

// echo is a Connect procedure that does nothing, on the server stack of the
// product: the same http.Server, request ids, recovery, headers and origin check.
// Its messages are those of the look-up by code, so that both marshal as much.
type echo struct {
	server *http.Server
	addr   string
}

func newEcho(log *slog.Logger) (*echo, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+echoPath, connect.NewUnaryHandler(echoPath, noop))
	mux.Handle("GET "+echoPath, connect.NewUnaryHandler(echoPath, noop, connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	handler := httpx.Headers{}.Wrap(httpx.SameOrigin(mux))
	e := &echo{addr: l.Addr().String(), server: httpx.NewServer(httpx.WithRequestID(httpx.Recover(log, handler)), log)}
	go func() { _ = e.server.Serve(l) }() // ends with close
	return e, nil
}

func (e *echo) close() error { return e.server.Close() }

func noop(_ context.Context, r *connect.Request[mobilev1.TrackDossierRequest]) (*connect.Response[mobilev1.TrackDossierResponse], error) {
	return connect.NewResponse(&mobilev1.TrackDossierResponse{Dossier: &corev1.DossierStatus{
		Code: r.Msg.GetCode(), State: "submitted", ProcedureName: "Xác nhận tình trạng hôn nhân",
	}}), nil
}

// trackRequests are look-ups of codes, by POST or GET, at a procedure of the
// echo's or the product's; tokens are taken in turn, none without any.
func trackRequests(path string, byGET bool, codes, tokens []string) ([][]byte, error) {
	out := make([][]byte, len(codes))
	for i, code := range codes {
		message, err := proto.Marshal(&mobilev1.TrackDossierRequest{Code: code})
		if err != nil {
			return nil, err
		}
		headers := "Connect-Protocol-Version: 1\r\n"
		if len(tokens) > 0 {
			headers += "Authorization: Bearer " + tokens[i%len(tokens)] + "\r\n"
		}
		if byGET {
			query := "?connect=v1&encoding=proto&base64=1&message=" + base64.RawURLEncoding.EncodeToString(message)
			out[i] = get(path+query, headers)
		} else {
			out[i] = post(path, "application/proto", headers, message)
		}
	}
	return out, nil
}

// searchRequests are the queries of people who ask for a procedure, the
// whole exam, by POST.
func searchRequests(queries []query, tokens []string) ([][]byte, error) {
	out := make([][]byte, len(queries))
	for i, q := range queries {
		message, err := proto.Marshal(&mobilev1.SearchProceduresRequest{Query: q.text, Locale: q.locale})
		if err != nil {
			return nil, err
		}
		headers := "Connect-Protocol-Version: 1\r\nAuthorization: Bearer " + tokens[i%len(tokens)] + "\r\n"
		out[i] = post(mobilev1connect.CatalogServiceSearchProceduresProcedure, "application/proto", headers, message)
	}
	return out, nil
}

// trackPath is the product's procedure.
const trackPath = mobilev1connect.DossierServiceTrackDossierProcedure

// syncAlone is how long one write of 4 KiB with fdatasync takes (median of n),
// with a pause before each so that nothing else is under way.
func syncAlone(dir string, n int, pause time.Duration) (p50 time.Duration, err error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	// The log of a database is written over most of the time, not made longer.
	for range n {
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	var took []time.Duration
	for i := range n {
		time.Sleep(pause)
		begin := time.Now()
		if _, err := f.WriteAt(page, int64(i*len(page))); err != nil {
			return 0, err
		}
		if err := flush(f); err != nil {
			return 0, err
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return quantile(took, 0.5), nil
}
