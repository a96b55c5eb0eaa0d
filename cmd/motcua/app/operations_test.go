package app

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/internal/config"
)

func operations(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(root + "docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The manual names every variable there is, and none that is not.
func TestManualKnowsTheVariables(t *testing.T) {
	t.Parallel()
	text := operations(t)
	// In a row of the table `_API_URL` stands for the variable with the first one's
	// vendor in front.
	named := map[string]bool{}
	for line := range strings.Lines(text) {
		vendor := ""
		for _, m := range regexp.MustCompile("`(MOTCUA_[A-Z_]+\\*?|_[A-Z_]+)(?:=[^`]*)?`").FindAllStringSubmatch(line, -1) {
			name := m[1]
			if v := regexp.MustCompile(`^MOTCUA_(?:TELEGRAM|TWILIO|SMSGATE)`).FindString(name); v != "" {
				vendor = v
			}
			if strings.HasPrefix(name, "_") {
				name = vendor + name
			}
			named[name] = true
		}
	}
	known := map[string]bool{"MOTCUA_": true, "MOTCUA_*": true, "_API_URL": true}
	for _, v := range config.Variables() {
		known[v.Name] = true
		if !named[v.Name] {
			t.Errorf("%s is not in docs/operations.md", v.Name)
		}
	}
	for name := range named {
		if !known[name] {
			t.Errorf("docs/operations.md has %s, which is not a variable", name)
		}
	}
}

// The metrics that the manual tells to watch are there and move.
func TestManualKnowsTheMetrics(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.post("/sim/api/v1/say", `{"channel":"telegram","person":"mai","text":"khai sinh"}`) // leaves no other job behind
	p.do("POST", p.URL()+"/webhooks/telegram/main", nil, "{}")

	before := p.gauge(t.Context(), -1)
	if err := p.Store.Update(t.Context(), func(ctx context.Context, tx core.Tx) error {
		if err := tx.Enqueue(ctx, core.Job{Kind: "test", Lane: core.LaneBulk, RunAt: tx.Now()}); err != nil {
			return err
		}
		jobs, err := tx.Jobs().Claim(ctx, core.LaneBulk, "test", tx.Now().Add(patience), 10)
		for _, j := range jobs {
			if err := tx.Jobs().Park(ctx, j.ID, j.Fence, "a test"); err != nil {
				return err
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if after := p.gauge(t.Context(), before); after != before+1 {
		t.Errorf("%d parked jobs, before %d", after, before)
	}
	metrics := p.get(p.AdminURL() + "/metrics").body
	names := regexp.MustCompile("`(motcua_[a-z_]+)`").FindAllStringSubmatch(operations(t), -1)
	if len(names) < 4 {
		t.Fatalf("%q", names)
	}
	for _, m := range names {
		if !strings.Contains(metrics, "# HELP "+m[1]+" ") {
			t.Errorf("there is no metric %s", m[1])
		}
	}
	for _, line := range []string{
		`motcua_parked_total{kind="job"} 1`, `motcua_outbox_depth{queue="bulk"} 0`,
		`motcua_webhook_rejected_total{channel="telegram",reason="signature"} 1`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("%s is not in:\n%s", line, metrics)
		}
	}
}
