package auth_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/motcua/motcua/auth"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dialog"
	agencyv1 "github.com/motcua/motcua/proto/gen/motcua/agency/v1"
	kioskv1 "github.com/motcua/motcua/proto/gen/motcua/kiosk/v1"
	mobilev1 "github.com/motcua/motcua/proto/gen/motcua/mobile/v1"
)

// rpcs lists every RPC of the product from the descriptors.
func rpcs() map[string]protoreflect.MethodDescriptor {
	out := map[string]protoreflect.MethodDescriptor{}
	for _, f := range []protoreflect.FileDescriptor{
		mobilev1.File_motcua_mobile_v1_catalog_proto, mobilev1.File_motcua_mobile_v1_form_proto,
		mobilev1.File_motcua_mobile_v1_dossier_proto, mobilev1.File_motcua_mobile_v1_vault_proto,
		mobilev1.File_motcua_mobile_v1_session_proto,
		kioskv1.File_motcua_kiosk_v1_terminal_proto, kioskv1.File_motcua_kiosk_v1_application_proto,
		agencyv1.File_motcua_agency_v1_dossier_proto, agencyv1.File_motcua_agency_v1_counter_proto,
	} {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				m := s.Methods().Get(j)
				out["/"+string(s.FullName())+"/"+string(m.Name())] = m
			}
		}
	}
	return out
}

func TestEveryOperationHasExactlyOneRow(t *testing.T) {
	t.Parallel()
	p := auth.NewPolicy()
	ops := p.Ops()
	if compact := slices.Compact(slices.Clone(ops)); len(compact) != len(ops) {
		t.Errorf("an operation has two rows: %q", ops)
	}
	want := map[string]bool{}
	for op := range rpcs() {
		want[op] = true
	}
	for _, c := range dialog.Commands() {
		want[c.Operation()] = true
	}
	for _, op := range ops {
		if strings.Contains(op, " /") { // routes are compared where they are served
			want[op] = true
		}
	}
	for op := range want {
		if _, ok := p.Row(op); !ok {
			t.Errorf("%s has no policy row: nobody can call it", op)
		}
	}
	for _, op := range ops {
		if !want[op] {
			t.Errorf("row %s is of no operation", op)
		}
	}
}

func TestRowsAreComplete(t *testing.T) {
	t.Parallel()
	p := auth.NewPolicy()
	methods := rpcs()
	for _, op := range p.Ops() {
		r, _ := p.Row(op)
		if len(r.Actors) == 0 || r.Cost == "" || r.MaxBody <= 0 || r.Deadline <= 0 {
			t.Errorf("%s: %+v lacks actors, cost, body limit or deadline", op, r)
		}
		if r.Public && r.Secret {
			t.Errorf("%s is public and secret", op)
		}
		if r.Audited && (r.Cost == auth.CostRead) && !r.Secret {
			t.Errorf("%s is a logged read whose answer may be kept", op)
		}
		if m, ok := methods[op]; ok && r.Public && !readOnly(m) {
			t.Errorf("%s is public and has side effects", op)
		}
		if strings.Contains(op, "agency") && slices.Contains(r.Actors, core.ActorCitizen) {
			t.Errorf("%s is open to citizens", op)
		}
	}
}

// A read that is logged must not be a GET: somebody on the way could answer it
// from a cache and nobody would know.
func TestAuditedReadsAreNotCacheable(t *testing.T) {
	t.Parallel()
	p := auth.NewPolicy()
	for op, m := range rpcs() {
		if r, _ := p.Row(op); r.Audited && readOnly(m) {
			t.Errorf("%s is audited and can be read by GET", op)
		}
	}
}

func readOnly(m protoreflect.MethodDescriptor) bool {
	o, ok := m.Options().(interface {
		ProtoReflect() protoreflect.Message
	})
	if !ok {
		return false
	}
	level := o.ProtoReflect().Get(o.ProtoReflect().Descriptor().Fields().ByName("idempotency_level"))
	return level.Enum() == 1
}

func TestAllow(t *testing.T) {
	t.Parallel()
	p := auth.NewPolicy()
	id := core.NewID(start)
	actors := map[string]core.Actor{
		"anonymous": {Kind: core.ActorAnonymous},
		"citizen":   {Kind: core.ActorCitizen, ID: id},
		"kiosk":     {Kind: core.ActorKiosk, ID: id, Office: "26734"},
		"in use":    {Kind: core.ActorKiosk, ID: id, Office: "26734", Session: id},
		"officer":   {Kind: core.ActorOfficer, ID: id, Office: "26734"},
		"agency":    {Kind: core.ActorAgency, ID: id, Office: "26734"},
		"operator":  {Kind: core.ActorOperator, ID: id},
		"":          {},
	}
	for _, c := range []struct {
		op   string
		want map[string]core.Code // of those that are refused
	}{
		{"/motcua.mobile.v1.CatalogService/SearchProcedures", refused("kiosk in use officer agency", "")},
		{"/motcua.mobile.v1.DossierService/SubmitDossier", refused("kiosk in use officer agency", "anonymous")},
		{"/motcua.kiosk.v1.ApplicationService/StartDossier", refused("citizen officer agency", "anonymous kiosk")},
		{"/motcua.kiosk.v1.TerminalService/Enrol", refused("citizen kiosk in use officer agency", "")},
		{"/motcua.agency.v1.DossierService/GetDossier", refused("citizen kiosk in use", "anonymous")},
		{"/motcua.agency.v1.HandoverService/TakeHandover", refused("citizen kiosk in use agency", "anonymous")},
		{"dialog.submit", refused("kiosk in use officer agency", "")},
		{"/motcua.mobile.v1.DossierService/DropEverything", refused("anonymous citizen kiosk in use officer agency", "")},
	} {
		for _, name := range slices.Sorted(maps.Keys(actors)) {
			want := c.want[name]
			if name == "operator" || name == "" {
				want = core.CodeDenied
			}
			if _, err := p.Allow(actors[name], c.op); core.ErrorCode(err) != want {
				t.Errorf("%s by %q: %v, want %q", c.op, name, err, want)
			}
		}
	}
}

func refused(denied, unauthenticated string) map[string]core.Code {
	out := map[string]core.Code{}
	for name := range map[string]bool{"anonymous": true, "citizen": true, "kiosk": true, "in use": true, "officer": true, "agency": true} {
		if has(denied, name) {
			out[name] = core.CodeDenied
		}
		if has(unauthenticated, name) {
			out[name] = core.CodeUnauthenticated
		}
	}
	return out
}

// has reports whether a list of names separated by spaces has name.
func has(list, name string) bool {
	return strings.Contains(" "+list+" ", " "+name+" ")
}

func TestAssuranceBelowTheRow(t *testing.T) {
	t.Parallel()
	p := auth.NewPolicy()
	for _, op := range p.Ops() {
		r, _ := p.Row(op)
		if !slices.Contains(r.Actors, core.ActorCitizen) {
			continue
		}
		for level := core.AssuranceNone; level <= core.AssuranceEID; level++ {
			_, err := p.Allow(core.Actor{Kind: core.ActorCitizen, ID: "x", Assurance: level}, op)
			if want := level < r.Min; (core.ErrorKey(err) == "error.assurance" && err != nil) != want {
				t.Errorf("%s at level %d: %v, refused should be %v", op, level, err, want)
			}
		}
	}
}
