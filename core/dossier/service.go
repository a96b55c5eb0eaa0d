package dossier

import (
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/vault"
)

// Service holds the rules of dossiers over one catalogue. Its methods either are
// pure (Open, Begin, StatusOf, …) or take the caller's Tx; none keeps state.
type Service struct {
	cat   *catalog.Catalog
	vault vault.Service
}

// New makes a Service over a catalogue.
func New(cat *catalog.Catalog) *Service { return &Service{cat: cat} }

// Catalog is the catalogue of the service.
func (s *Service) Catalog() *catalog.Catalog { return s.cat }

// calendar is the working calendar of the office that handles a dossier.
func (s *Service) calendar(office string) *catalog.Calendar { return s.cat.CalendarOf(office) }

func (s *Service) procedure(code string) (*catalog.Procedure, bool) { return s.cat.Procedure(code) }

// inForce gives the version of a procedure that applies at a moment; before the
// first one comes into force, the first.
func (s *Service) inForce(code string, now time.Time) (*catalog.Procedure, bool) {
	if p, ok := s.cat.ProcedureAt(code, now); ok {
		return p, true
	}
	return s.cat.Procedure(code)
}

// limit is the time limit a dossier was filed under. A version that is no longer
// in the pack leaves the present limit of the procedure.
func (s *Service) limit(d core.Dossier) catalog.Limit {
	if p, ok := s.cat.ProcedureVersion(d.ProcedureCode, d.ProcedureVersion); ok {
		return p.TimeLimit
	}
	if p, ok := s.cat.Procedure(d.ProcedureCode); ok {
		return p.TimeLimit
	}
	return catalog.Limit{}
}
