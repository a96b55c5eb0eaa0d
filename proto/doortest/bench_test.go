package doortest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"

	"github.com/motcua/motcua/proto/doortest"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
	"github.com/motcua/motcua/proto/gen/motcua/mobile/v1/mobilev1connect"
)

// BenchmarkTrackDossier is an authorised look-up by code beside its yardstick, a
// Connect handler that does nothing.
func BenchmarkTrackDossier(b *testing.B) {
	h := doortest.New(b)
	grant := h.Citizen("0912345678")
	code := h.App(grant).File().GetDossier().GetCode()
	echo := httptest.NewServer(connect.NewUnaryHandlerSimple(mobilev1connect.DossierServiceTrackDossierProcedure,
		func(context.Context, *mobilev1.TrackDossierRequest) (*mobilev1.TrackDossierResponse, error) {
			return &mobilev1.TrackDossierResponse{}, nil
		}))
	b.Cleanup(echo.Close)
	for name, url := range map[string]string{"look-up": h.Server.URL, "echo": echo.URL} {
		b.Run(name, func(b *testing.B) {
			c := mobilev1connect.NewDossierServiceClient(http.DefaultClient, url, doortest.As(doortest.Bearer(grant.Access)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.TrackDossier(b.Context(), &mobilev1.TrackDossierRequest{Code: code}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
