package main

import (
	"cmp"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The load comes from a process of its own, the benchmark's own binary started
// again, so that getrusage tells the server's processor time from the client's.
// The two speak gob over the child's standard streams; the child ends when its
// standard input does.

// loadArg is the argument that makes the binary the load generator.
const loadArg = "-load-generator"

// order is one request to the load generator.
type order struct {
	Cohort *cohort // a new one; replaces the one of the same name
	Run    *plan
}

// plan is one run of load.
type plan struct {
	Addr   string
	Conns  int
	Window time.Duration
	Pause  time.Duration // of each connection before each request
	// Requests are sent in turn, each connection beginning elsewhere. Without any,
	// the people of the cohort of this name write.
	Requests [][]byte
	Cohort   string
	Count    int // requests at most, over all connections; 0 = no bound
}

// cohort is people with whom a conversation was prepared. Person i has chat id
// First+i and stands at step i mod Offsets of the script.
type cohort struct {
	Name     string
	Path     string // of the webhook
	Secret   string
	First    int64
	People   int
	Offsets  int
	Script   []step
	FirstID  int64    // of the updates
	Personal []string // by person: what codeMark in a step stands for
}

// codeMark stands in a step for the code of the person's dossier.
const codeMark = "{code}"

// step is one thing a person does.
type step struct {
	Kind stepKind
	Text string
}

type stepKind string

// The kinds of step, with their share of the mix.
const (
	stepAnswer    stepKind = "answer"    // 50 %: answers the open question of the draft
	stepLookUp    stepKind = "look-up"   // 20 %: free text, searched in the catalogue
	stepStatus    stepKind = "status"    // 15 %: the state of a dossier
	stepMenu      stepKind = "menu"      // 10 %: menu, continue, or words nobody understands
	stepDuplicate stepKind = "duplicate" //  5 %: the person's last update once more
	stepConsent   stepKind = "consent"   // submits a complete draft
)

// outcome is what a run of load saw.
type outcome struct {
	Requests  int // answered 200
	Failed    int // anything else
	FirstFail string
	Kinds     map[stepKind]int
	Elapsed   time.Duration // from the first request to the last answer
	P50, P99  time.Duration
	CPU       time.Duration // of the load generator, with the sink of replies
	Replies   int64         // the sink's sendMessage calls since the run began
	Exhausted bool          // everybody had said everything before the window ended
	Furthest  int           // step that the furthest person has reached
}

// ready is the child's first word.
type ready struct {
	SinkURL string
	Err     string
}

// generator is the parent's side.
type generator struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	enc  *gob.Encoder
	dec  *gob.Decoder
	sink string
}

func startGenerator() (*generator, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, loadArg)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g := &generator{cmd: cmd, in: in, enc: gob.NewEncoder(in), dec: gob.NewDecoder(out)}
	var r ready
	if err := g.dec.Decode(&r); err != nil {
		return nil, errors.Join(fmt.Errorf("load generator: %w", err), g.close())
	}
	if r.Err != "" {
		return nil, errors.Join(errors.New("load generator: "+r.Err), g.close())
	}
	g.sink = r.SinkURL
	return g, nil
}

func (g *generator) ask(m order) (outcome, error) {
	if err := g.enc.Encode(m); err != nil {
		return outcome{}, fmt.Errorf("load generator: %w", err)
	}
	var o outcome
	if err := g.dec.Decode(&o); err != nil {
		return outcome{}, fmt.Errorf("load generator: %w", err)
	}
	return o, nil
}

func (g *generator) setCohort(c cohort) error {
	_, err := g.ask(order{Cohort: &c})
	return err
}

func (g *generator) run(p plan) (outcome, error) { return g.ask(order{Run: &p}) }

func (g *generator) close() error {
	err := g.in.Close()
	if waited := g.cmd.Wait(); err == nil {
		err = waited
	}
	return err
}

// generate is the child: it serves the sink of replies and runs plans until its
// standard input ends.
func generate(in io.Reader, out io.Writer) error {
	enc, dec := gob.NewEncoder(out), gob.NewDecoder(in)
	s, err := newSink()
	if err != nil {
		return enc.Encode(ready{Err: err.Error()})
	}
	defer s.close()
	if err := enc.Encode(ready{SinkURL: s.url()}); err != nil {
		return err
	}
	crowds := map[string]*crowd{}
	for {
		var m order
		if err := dec.Decode(&m); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		var o outcome
		switch {
		case m.Cohort != nil:
			crowds[m.Cohort.Name] = newCrowd(*m.Cohort)
		case m.Run != nil:
			s.sent.Store(0)
			people := crowds[m.Run.Cohort]
			if people == nil {
				people = &crowd{}
			}
			o = drive(*m.Run, people)
		}
		o.Replies = s.sent.Load()
		if err := enc.Encode(o); err != nil {
			return err
		}
	}
}

// crowd is a cohort and how far each of its people is.
type crowd struct {
	cohort
	at     []int    // by person: next step
	last   [][]byte // by person: the last update, for a duplicate
	nextID atomic.Int64
	cursor []int // by connection of the last run: next person
}

func newCrowd(c cohort) *crowd {
	p := &crowd{cohort: c, at: make([]int, c.People), last: make([][]byte, c.People)}
	for i := range p.at {
		p.at[i] = i % max(c.Offsets, 1)
	}
	p.nextID.Store(c.FirstID)
	return p
}

// next gives the next request of connection c of conns: its people write one
// after another, each the next step of the script. ok is false when all of them
// have said everything.
func (p *crowd) next(c, conns int) (request []byte, kind stepKind, ok bool) {
	for range p.People/conns + 1 {
		i := p.cursor[c]
		if i >= p.People {
			i = c
		}
		p.cursor[c] = i + conns
		if i >= p.People || p.at[i] >= len(p.Script) {
			continue
		}
		s := p.Script[p.at[i]]
		p.at[i]++
		if s.Kind == stepDuplicate {
			if p.last[i] == nil {
				continue // this person begins with the copy of what nobody sent
			}
			return p.last[i], s.Kind, true
		}
		text := s.Text
		if i < len(p.Personal) {
			text = strings.ReplaceAll(text, codeMark, p.Personal[i])
		}
		p.last[i] = update(p.Path, p.Secret, p.nextID.Add(1), p.First+int64(i), text)
		return p.last[i], s.Kind, true
	}
	return nil, "", false
}

// drive runs one plan.
func drive(p plan, people *crowd) outcome {
	type tally struct {
		ok, failed int
		first      string
		kinds      map[stepKind]int
		took       []time.Duration
		exhausted  bool
	}
	people.cursor = make([]int, p.Conns)
	tallies := make([]tally, p.Conns)
	wires := make([]*wire, p.Conns)
	for c := range wires {
		people.cursor[c] = c
		w, err := dial(p.Addr)
		if err != nil {
			return outcome{Failed: 1, FirstFail: err.Error()}
		}
		defer w.close()
		wires[c] = w
	}
	var left atomic.Int64
	left.Store(int64(p.Count))
	cpu := ownCPU()
	begin := time.Now()
	until := begin.Add(p.Window)
	var wg sync.WaitGroup
	for c := range wires {
		wg.Add(1)
		go func() {
			defer wg.Done()
			t := &tallies[c]
			t.kinds = map[stepKind]int{}
			for n := c; ; n++ {
				if p.Pause > 0 {
					time.Sleep(p.Pause)
				}
				sent := time.Now()
				if sent.After(until) || p.Count > 0 && left.Add(-1) < 0 {
					return
				}
				var request []byte
				var kind stepKind
				if len(p.Requests) > 0 {
					request = p.Requests[n*31%len(p.Requests)]
				} else {
					var ok bool
					if request, kind, ok = people.next(c, p.Conns); !ok {
						t.exhausted = true
						return
					}
				}
				status, body, err := wires[c].do(request)
				if err != nil || status != http.StatusOK {
					t.failed++
					if t.first == "" {
						t.first = fmt.Sprintf("status %d %.200q %v", status, body, err)
					}
					continue
				}
				t.took = append(t.took, time.Since(sent))
				t.ok++
				t.kinds[kind]++
			}
		}()
	}
	wg.Wait()
	o := outcome{Elapsed: time.Since(begin), CPU: ownCPU() - cpu, Kinds: map[stepKind]int{}}
	var took []time.Duration
	for _, t := range tallies {
		o.Requests += t.ok
		o.Failed += t.failed
		o.FirstFail = cmp.Or(o.FirstFail, t.first)
		o.Exhausted = o.Exhausted || t.exhausted
		for k, n := range t.kinds {
			o.Kinds[k] += n
		}
		took = append(took, t.took...)
	}
	slices.Sort(took)
	o.P50, o.P99 = quantile(took, 0.50), quantile(took, 0.99)
	for _, at := range people.at {
		o.Furthest = max(o.Furthest, at)
	}
	return o
}

// update is the webhook request with a private text message of the Bot API.
func update(path, secret string, id, chat int64, text string) []byte {
	quoted, _ := json.Marshal(text) // a string always can be
	return message(path, secret, id, chat, `"text":`+string(quoted))
}

// message is the webhook request with a private message of any content.
func message(path, secret string, id, chat int64, content string) []byte {
	n := strconv.FormatInt
	body := `{"update_id":` + n(id, 10) + `,"message":{"message_id":` + n(id&0x7fffffff, 10) +
		`,"from":{"id":` + n(chat, 10) + `,"is_bot":false,"first_name":"Mai","language_code":"vi"},"chat":{"id":` + n(chat, 10) +
		`,"first_name":"Mai","type":"private"},"date":` + n(time.Now().Unix(), 10) + `,` + content + `}}`
	return post(path, "application/json", "X-Telegram-Bot-Api-Secret-Token: "+secret+"\r\n", []byte(body))
}

// post is an HTTP/1.1 request with a body; headers end in CRLF.
func post(path, contentType, headers string, body []byte) []byte {
	return append([]byte("POST "+path+" HTTP/1.1\r\nHost: bench\r\nContent-Type: "+contentType+"\r\n"+headers+
		"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
}

// get is an HTTP/1.1 request without a body.
func get(path, headers string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: bench\r\n" + headers + "\r\n")
}
