package journeys_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/dossier"
)

// How TestSameDossierEverywhere is played again: the seed of a failure with
// -lives 1.
var (
	livesFlag = flag.Int("lives", 0, "people for each form; 0 = 20, 3 with -short, 500 with CHECK=full")
	seedFlag  = flag.Uint64("seed", 0, "seed of the first of them; 0 = fixed, random with CHECK=full")
)

// perWorld is how many people share one program, atOnce how many of them are at it
// at the same time, each at a terminal of their own.
const (
	perWorld = 20
	atOnce   = 6
)

// subjects are procedures with every form of the city between them.
func subjects() []string {
	return []string{
		"1.001193", "1.000656", "1.000894", "1.004873", "1.004194",
		"2.000815", "1.001776", "1.001612", "2.002409", "VN-HCM-khai-trinh-lao-dong",
	}
}

// TestSameDossierEverywhere fills every form in with random valid answers, the
// same on all four channels of the real program, each as people use it. The four
// dossiers have the same canonical bytes, which are also those that the form gives
// by itself; every question is asked once, in the same order and under the same
// number; and no SMS says anything personal.
func TestSameDossierEverywhere(t *testing.T) {
	t.Parallel()
	count, seed := 20, uint64(20261203)
	switch {
	case testing.Short():
		count = 3
	case os.Getenv("CHECK") == "full":
		count, seed = 500, rand.Uint64()>>16
	}
	if *livesFlag > 0 {
		count = *livesFlag
	}
	if *seedFlag > 0 {
		seed = *seedFlag
	}
	for _, code := range subjects() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			t.Logf("%d people from -seed %d", count, seed)
			for from := 0; from < count && !t.Failed(); from += perWorld {
				s := newSociety(t)
				s.live(code, seed+uint64(from), min(perWorld, count-from))
				s.close()
			}
		})
	}
}

// society is one program and the people who use it at the same time.
type society struct {
	t    *testing.T
	w    *world
	desk *author
	free chan *screen // terminals nobody stands at

	mu    sync.Mutex
	count int64 // of people so far
	known []*life
}

func newSociety(t *testing.T) *society {
	t.Helper()
	w := newWorld(t, &persona{}, "")
	s := &society{t: t, w: w, desk: newAuthor(w.app.Catalog, w.clock.Now()), free: make(chan *screen, atOnce)}
	for range atOnce {
		s.free <- newTerminal(s.run(person{}))
	}
	return s
}

// live lets some people file one procedure each on every channel.
func (s *society) live(code string, seed uint64, count int) {
	s.t.Helper()
	failed := make([]error, count)
	lives := make([]*life, count)
	room := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if lives[i], failed[i] = s.desk.write(code, seed+uint64(i), nil); failed[i] == nil {
				failed[i] = s.file(lives[i])
			}
		})
	}
	all.Wait()
	for i, err := range failed {
		if err == nil {
			continue
		}
		if lives[i] == nil {
			s.t.Fatal(err)
		}
		least, err := s.shrink(lives[i], err)
		s.t.Fatalf("%s, -seed %d -lives 1: %v\n%s", code, seed+uint64(i), err, least)
	}
}

// shrink replaces answers by the plainest ones as long as it still goes wrong.
func (s *society) shrink(l *life, err error) (*life, error) {
	keys := make([]string, len(l.asks))
	for i, a := range l.asks {
		keys[i] = a.key
	}
	plain := map[string]bool{}
	deadline := time.Now().Add(20 * time.Second)
	for size := len(keys); size > 0; size /= 2 {
		for at := 0; at < len(keys) && time.Now().Before(deadline); at += size {
			try := maps.Clone(plain)
			for _, key := range keys[at:min(at+size, len(keys))] {
				try[key] = true
			}
			if len(try) == len(plain) {
				continue
			}
			smaller, bad := s.desk.write(l.code, l.seed, try)
			if bad != nil {
				continue // the plain answers do not go together
			}
			if bad := s.file(smaller); bad != nil {
				l, err, plain = smaller, bad, try
			}
		}
	}
	return l, err
}

// file plays a life on every channel at once and compares what was filed.
func (s *society) file(l *life) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	stand := <-s.free
	defer func() { s.free <- stand }()
	players, who := s.players(l, stand)
	codes, errs := make([]string, len(players)), make([]error, len(players))
	var all sync.WaitGroup
	for i, p := range players {
		all.Go(func() { codes[i], errs[i] = p.file(ctx, l) })
	}
	all.Wait()
	for i, p := range players {
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s: %w", p.name(), errs[i])
			continue
		}
		errs[i] = s.compare(p.name(), codes[i], l)
	}
	messages, err := (&phoneLine{w: s.w, number: who.phone}).await(ctx, 0)
	errs = append(errs, err)
	for _, m := range messages {
		for _, secret := range l.secrets {
			if strings.Contains(strings.ToLower(m.text), strings.ToLower(secret)) {
				errs = append(errs, fmt.Errorf("an SMS says %q: %s", secret, m.text))
			}
		}
	}
	return errors.Join(errs...)
}

// person is how somebody is reached.
type person struct {
	chat    int64
	phone   string
	address string // of the network
}

// players are one person's hands on the four channels.
func (s *society) players(l *life, stand *screen) ([]player, person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.known = append(s.known, l)
	who := person{
		chat: 8_800_000_000 + s.count, phone: fmt.Sprintf("+8490%07d", 1_000_000+s.count),
		address: fmt.Sprintf("198.51.%d.%d", s.count/250, s.count%250+1),
	}
	return []player{
		newTalker(s, who, false), newTalker(s, who, true),
		&tapper{screen: newMobile(s.run(who))}, &tapper{screen: stand, odd: true},
	}, who
}

// run is what the drivers of the scripts need of a journey.
func (s *society) run(who person) *run {
	return &run{t: s.t, w: s.w, p: &persona{}, address: who.address, ctx: context.Background()}
}

// player is one person on one channel.
type player interface {
	name() string
	// file answers everything, submits, and gives the code of the receipt.
	file(ctx context.Context, l *life) (code string, err error)
}

func (s *society) compare(channel, code string, l *life) error {
	var d core.Dossier
	err := s.w.app.Store.View(context.Background(), func(ctx context.Context, tx core.Tx) (err error) {
		d, err = tx.Dossiers().ByCode(ctx, code)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("%s: the dossier %s: %w", channel, code, err)
	case !bytes.Equal(d.Canonical, l.canonical):
		return fmt.Errorf("%s filed another dossier: %s", channel, whereTheyPart(d.Canonical, l.canonical))
	case d.Hash != l.hash:
		return fmt.Errorf("%s: the hash of the same bytes is %s, not %s", channel, d.Hash, l.hash)
	}
	return nil
}

// whereTheyPart says where two canonical dossiers part.
func whereTheyPart(got, want []byte) string {
	var a, b map[string]any
	if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil {
		return fmt.Sprintf("%s\nwant %s", got, want)
	}
	x, y := flatten("", a, map[string]string{}), flatten("", b, map[string]string{})
	keys := slices.Concat(slices.Collect(maps.Keys(x)), slices.Collect(maps.Keys(y)))
	slices.Sort(keys)
	for _, k := range keys {
		if x[k] != y[k] {
			return fmt.Sprintf("%s is %s, want %s", k, x[k], y[k])
		}
	}
	return fmt.Sprintf("%s\nwant %s", got, want)
}

func flatten(at string, v any, out map[string]string) map[string]string {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			flatten(at+"/"+k, e, out)
		}
	case []any:
		for i, e := range v {
			flatten(fmt.Sprintf("%s/%d", at, i), e, out)
		}
	default:
		b, _ := json.Marshal(v) // it came from JSON
		out[at] = string(b)
	}
	return out
}

// close ends the program and looks for one of the people where none belongs.
func (s *society) close() {
	s.t.Helper()
	for _, l := range s.known[:min(1, len(s.known))] {
		s.w.person.secrets = append(s.w.person.secrets, l.secrets...)
	}
	s.w.close()
}

// String lists what was answered; all of it is made up.
func (l *life) String() string {
	var b strings.Builder
	for _, a := range l.asks {
		fmt.Fprintf(&b, "  %2d/%d %s %s: ", a.n, a.total, a.kind, a.key)
		switch {
		case a.kind == dossier.StepPaper:
			fmt.Fprintf(&b, "%d files", len(a.pages))
		case a.skip:
			b.WriteString("(skipped)")
		default:
			v, _ := json.Marshal(a.value) // canonical values always marshal
			fmt.Fprintf(&b, "%q = %s", a.typed, v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
