package catalog_test

import (
	"testing"
	"time"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/hcmc"
	"github.com/motcua/motcua/core/text"
)

// A number that is no ward's code must not be taken for a ward without a name.
func TestNumberIsNoWard(t *testing.T) {
	t.Parallel()
	c, err := catalog.Load(hcmc.Pack())
	if err != nil {
		t.Fatal(err)
	}
	f, ok := c.Form("marital_status")
	if !ok {
		t.Fatal("the pack has no form marital_status")
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, typed := range []string{"079190000012", "99999", "0", "12345"} {
		if out := f.Parse("receivingAgency", typed, text.VI, now); out.Violation == nil {
			t.Errorf("%q was taken as %v", typed, out.Value)
		}
	}
	if out := f.Parse("receivingAgency", "26740", text.VI, now); out.Value != "26740" {
		t.Errorf("the code of a ward gave %v, %v", out.Value, out.Violation)
	}
}
