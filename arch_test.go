// Package motcua_test checks the structure of the whole repository: who imports
// whom, which vendor library lives where, and the house rules that a machine can
// see. It parses the files itself; a child `go list` would hide changes from the
// test cache.
package motcua_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

const module = "github.com/motcua/motcua"

// areas of core, in order: each may import those before it.
var areas = []string{"text", "pack", "form", "identity", "catalog", "vault", "job", "dossier", "notify", "dialog"}

// allowed tells which of our packages each package may import. "core/…" stands
// for the areas and "any" for everything but a command. A package without a row
// fails the test: who adds one decides here what it may know.
var allowed = map[string]string{
	"core":              "",
	"core/catalog/hcmc": "",
	// Makes large packs for the benchmark and for tests.
	"core/catalog/cataloggen": "",
	"core/blobtest":           "core",
	"core/coretest":           "core core/…",
	"core/storetest":          "core core/… core/coretest",

	"channels":          "core core/… channels/sms internal/httpx internal/obs",
	"channels/sms":      "core core/text",
	"channels/telegram": "core channels channels/sms internal/httpx internal/obs",
	"channels/twilio":   "core channels channels/sms internal/httpx internal/obs",
	"channels/smsgate":  "core channels channels/sms internal/httpx internal/obs",
	"channels/kiosk":    "core core/… channels channels/sms internal/httpx internal/obs auth auth/gate proto/counter proto/gen/motcua/core/v1 proto/gen/motcua/kiosk/v1 proto/gen/motcua/kiosk/v1/kioskv1connect",
	// The exam looks at adapters behind the real door, which needs a real store.
	"channels/channeltest": "core core/… core/coretest channels channels/sms internal/blobs internal/httpx internal/obs internal/simkit internal/sqlstore",

	"auth":      "core core/identity",
	"auth/gate": "auth core core/identity core/text internal/obs proto/gen/motcua/core/v1",
	"mobileapi": "core core/… auth auth/gate internal/obs proto/counter proto/gen/motcua/core/v1 proto/gen/motcua/mobile/v1 proto/gen/motcua/mobile/v1/mobilev1connect",
	"agencyapi": "core core/… auth auth/gate internal/obs proto/counter proto/gen/motcua/core/v1 proto/gen/motcua/agency/v1 proto/gen/motcua/agency/v1/agencyv1connect",
	"web":       "core core/… auth internal/httpx internal/obs proto/gen/motcua/core/v1",
	"web/sim":   "",

	"internal/blobs":      "core internal/obs",
	"internal/clamd":      "core core/vault internal/obs",
	"internal/config":     "core",
	"internal/devsvc":     "",
	"internal/httpx":      "core internal/obs",
	"internal/kioskagent": "core internal/httpx internal/obs",
	"internal/media":      "core core/vault internal/obs",
	"internal/obs":        "core",
	"internal/paperwork":  "core core/vault internal/obs",
	"internal/seal":       "core internal/obs",
	"internal/shared":     "core internal/obs",
	"internal/simkit":     "core internal/obs",
	"internal/spool":      "core internal/obs",
	"internal/sqlstore":   "core core/job internal/obs",
	"internal/uploads":    "core core/vault internal/httpx internal/obs",

	// What the two doors of citizens' programs (app, terminal) do alike.
	"proto/counter":  "core core/… auth auth/gate proto/gen/motcua/core/v1",
	"proto/doortest": "any", // a suite: the three doors over a real store

	"cmd/motcua":     "any cmd/motcua/app",
	"cmd/motcua/app": "any",
	"bench":          "any cmd/motcua/app",
	"journeys":       "any cmd/motcua/app",
	"crash":          "any cmd/motcua/app",
	".":              "",
}

// owners tells which packages may import a vendor library. A library without a
// row fails the test.
var owners = map[string]string{
	"golang.org/x/text":                                  "core/text",
	"go.yaml.in/yaml/v4":                                 "core/pack",
	"cel.dev/cel-go":                                     "core/form",
	"modernc.org/sqlite":                                 "internal/sqlstore",
	"github.com/jackc/pgx/v5":                            "internal/sqlstore",
	"github.com/pressly/goose/v3":                        "internal/sqlstore",
	"github.com/redis/go-redis/v9":                       "internal/shared",
	"github.com/tink-crypto/tink-go/v2":                  "internal/seal",
	"github.com/prometheus/client_golang":                "internal/obs",
	"github.com/gabriel-vasile/mimetype":                 "core/vault internal/media",
	"github.com/golang-jwt/jwt/v5":                       "auth",
	"github.com/go-telegram-bot-api/telegram-bot-api/v5": "channels/telegram",
	"github.com/twilio/twilio-go":                        "channels/twilio",
	"github.com/spf13/cobra":                             "cmd/motcua",
	"github.com/santhosh-tekuri/jsonschema/v6":           "cmd/motcua",
	"connectrpc.com/connect":                             "auth/gate mobileapi agencyapi channels/kiosk proto/counter proto/doortest cmd/motcua bench proto/gen",
	"connectrpc.com/validate":                            "auth/gate cmd/motcua",
	"buf.build/go/protovalidate":                         "auth/gate cmd/motcua",
	"buf.build/gen/go/bufbuild/protovalidate":            "proto/gen",
	"google.golang.org/protobuf":                         "auth/gate mobileapi agencyapi channels/kiosk proto/counter proto/doortest cmd/motcua bench proto/gen",
	"github.com/blevesearch/bleve/v2":                    "bench", // a yardstick of the look-up; no part of the product
	"golang.org/x/sync":                                  "internal/sqlstore internal/shared cmd/motcua bench",
	"golang.org/x/sys":                                   "internal/sqlstore internal/media cmd/motcua bench",
}

// testOnly are libraries for tests and conformance suites.
var testOnly = []string{"github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema/v6"}

// notInCore are packages of the standard library that do I/O or know the
// machine.
var notInCore = []string{"os", "os/exec", "os/signal", "net", "net/http", "net/netip", "database/sql", "syscall", "log", "plugin", "unsafe"}

// skipped are directories that hold none of our sources.
var skipped = []string{".git", ".tmp", "node_modules", "var", "bin", "internal/zz"}

type file struct {
	path string // slash-separated, from the root
	dir  string
	test bool
	gen  bool
	ast  *ast.File
	fset *token.FileSet
	src  []byte
}

func (f *file) suite() bool { return isSuite(f.dir) }

func (f *file) line(p token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, f.fset.Position(p).Line)
}

func isSuite(dir string) bool { return strings.HasSuffix(dir, "test") }

func walk(t *testing.T, each func(name string, d fs.DirEntry)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() && (slices.Contains(skipped, name) || slices.Contains(skipped, d.Name())) {
			return fs.SkipDir
		}
		if name == ".git" { // a linked work tree has a file there
			return nil
		}
		each(name, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func parse(name string, src []byte) (f *file, err error) {
	f = &file{path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), gen: strings.HasPrefix(name, "proto/gen/"), fset: token.NewFileSet(), src: src}
	mode := parser.ParseComments | parser.SkipObjectResolution
	if f.gen {
		mode |= parser.ImportsOnly
	}
	f.ast, err = parser.ParseFile(f.fset, name, src, mode)
	return f, err
}

func goFiles(t *testing.T) []*file {
	t.Helper()
	var out []*file
	walk(t, func(name string, d fs.DirEntry) {
		if d.IsDir() || path.Ext(name) != ".go" {
			return
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parse(name, src)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	})
	if len(out) < 10 {
		t.Fatalf("only %d files found: the test does not see the repository", len(out))
	}
	return out
}

// reporter is what a rule needs of *testing.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

type rule struct {
	name  string
	check func(reporter, []*file)
}

func rules() []rule {
	return []rule{
		{"imports", imports},
		{"package comments", packageComments},
		{"core is pure", corePure},
		{"no channel words in core", channelWords},
		{"no init and no package state", packageState},
		{"tests", testRules},
		{"file length", fileLength},
	}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	files := goFiles(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.check(t, files)
		})
	}
	t.Run("texts", texts)
}

type found []string

func (*found) Helper()                             {}
func (f *found) Errorf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// Each rule sees what it is there for, and nothing in what is right.
func TestRulesCatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, src, want string }{
		{"core/form/a.go", `// Package form is.
package form; import _ "` + module + `/core/text"; import _ "cel.dev/cel-go/cel"; type itemsMissing int; var x = errors.New("x")`, ""},
		{"core/text/a.go", `// Package text is.
package text; import _ "` + module + `/core/form"`, "core/text/a.go may not import core/form"},
		{"core/a.go", `// Package core is.
package core; import _ "` + module + `/internal/obs"`, "may not import internal/obs"},
		{"channels/telegram/a.go", `// Package telegram is.
package telegram; import _ "` + module + `/channels/twilio"`, "imports its sibling"},
		{"channels/telegram/a_test.go", `// Package telegram is.
package telegram; import _ "` + module + `/channels/twilio"`, "imports its sibling"},
		{"internal/blobs/a.go", `// Package blobs is.
package blobs; import _ "` + module + `/internal/seal"`, "may not import internal/seal"},
		{"web/a.go", `// Package web is.
package web; import _ "` + module + `/cmd/motcua"`, "imports a command"},
		{"web/a.go", `// Package web is.
package web; import _ "` + module + `/core/coretest"`, "imports the test suite"},
		{"web/a.go", `// Package web is.
package web; import _ "testing"`, "imports testing outside a test"},
		{"web/a.go", `// Package web is.
package web; import _ "github.com/twilio/twilio-go"`, "belongs to channels/twilio"},
		{"web/a.go", `// Package web is.
package web; import _ "example.org/lib"`, "has no owner"},
		{"web/a.go", `// Package web is.
package web; import _ "github.com/google/go-cmp/cmp"`, "has no owner"},
		{"core/form/a_test.go", `// Package form is.
package form; import _ "` + module + `/channels"`, "a test of core imports"},
		{"nowhere/a.go", `// Package nowhere is.
package nowhere`, "has no row"},
		{"web/a.go", `package web`, "no comment says"},
		{"core/a.go", `// Package core is.
package core; import "os"; var _ = os.Args`, "os in core"},
		{"core/a.go", `// Package core is.
package core; import clock "time"; func f() { clock.Now() }`, "time.Now in core"},
		{"core/a.go", `// Package core is.
package core; func f() { go f() }`, "starts a goroutine"},
		{"core/a.go", `// Package core is.
package core; func sendSMSNow() {}`, "sendSMSNow"},
		{"core/a.go", `// Package core is.
package core; type InlineKeyboardButton int`, "InlineKeyboardButton"},
		{"web/a.go", `// Package web is.
package web; func init() {}`, "init()"},
		{"web/a.go", `// Package web is.
package web; var cache = map[string]int{}`, "package variable cache"},
		{"web/a.go", `// Package web is.
package web; var n int`, "package variable n"},
		{"web/a_test.go", `// Package web is.
package web; import "time"; import "testing"; func TestA(t *testing.T) { t.Parallel(); time.` + "Sleep" + `(1) }`, "sleeps"},
		{"web/a_test.go", `// Package web is.
package web; import "testing"; func TestA(t *testing.T) { t.Log() }`, "does not begin with t.Parallel()"},
		{"web/a.go", "// Package web is.\npackage web" + strings.Repeat("\n", 801), "more than 800"},
	} {
		var got found
		f, err := parse(c.path, []byte(c.src))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules() {
			r.check(&got, []*file{f})
		}
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s\n%s\ngot %q, want %q", c.path, c.src[:min(len(c.src), 200)], got, c.want)
		}
	}
}

// mayImport tells which of our packages a package may import.
func mayImport(dir string) (row []string, known bool) {
	if area, ok := strings.CutPrefix(dir, "core/"); ok {
		if i := slices.Index(areas, area); i >= 0 {
			row = []string{"core"}
			for _, a := range areas[:i] {
				row = append(row, "core/"+a)
			}
			return row, true
		}
	}
	if strings.HasPrefix(dir, "proto/gen/") {
		return []string{"proto/gen/…"}, true
	}
	list, known := allowed[dir]
	return strings.Fields(list), known
}

func covers(row []string, target string) bool {
	return slices.ContainsFunc(row, func(r string) bool {
		switch r {
		case "any":
			return true
		case "core/…":
			area, ok := strings.CutPrefix(target, "core/")
			return ok && (slices.Contains(areas, area) || target == "core/catalog/hcmc")
		case "proto/gen/…":
			return strings.HasPrefix(target, "proto/gen/")
		default:
			return r == target
		}
	})
}

func imports(t reporter, files []*file) {
	for _, f := range files {
		row, known := mayImport(f.dir)
		if !known {
			t.Errorf("%s: package %s has no row in arch_test.go: decide what it may import", f.path, f.dir)
			continue
		}
		for _, spec := range f.ast.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Errorf("%s: %v", f.path, err)
			}
			first, _, _ := strings.Cut(target, "/")
			ours, isOurs := strings.CutPrefix(target, module+"/")
			switch {
			case isOurs:
				checkOurs(t, f, row, ours)
			case target == module:
				t.Errorf("%s imports the root, which is no package", f.path)
			case strings.Contains(first, "."):
				checkVendor(t, f, target)
			case target == "testing" || strings.HasPrefix(target, "testing/"):
				if !f.test && !f.suite() {
					t.Errorf("%s imports %s outside a test", f.path, target)
				}
			case target == "C":
				t.Errorf("%s uses cgo", f.path)
			}
		}
	}
}

func checkOurs(t reporter, f *file, row []string, target string) {
	t.Helper()
	switch {
	case strings.HasPrefix(target, "cmd/") && !slices.Contains(row, target):
		t.Errorf("%s imports a command: %s", f.path, target)
	case target == f.dir: // an external test of the package itself
	case isSuite(target):
		if !f.test && !f.suite() {
			t.Errorf("%s imports the test suite %s outside a test", f.path, target)
		}
	case adapter(f.dir) && adapter(target):
		t.Errorf("%s: an adapter imports its sibling %s", f.path, target)
	case f.test:
		// Tests may wire real parts together. Those of core take no more than the
		// real store: a rule that needs a channel to be tested is in the wrong place.
		real := []string{"internal/sqlstore", "internal/blobs", "internal/seal", "internal/devsvc"}
		if strings.HasPrefix(f.dir, "core") && !strings.HasPrefix(target, "core") && !slices.Contains(real, target) {
			t.Errorf("%s: a test of core imports %s", f.path, target)
		}
	case !covers(row, target):
		t.Errorf("%s may not import %s (allowed: %s)", f.path, target, strings.Join(row, " "))
	}
}

func adapter(dir string) bool {
	name, ok := strings.CutPrefix(dir, "channels/")
	return ok && name != "sms" && !isSuite(dir)
}

func checkVendor(t reporter, f *file, target string) {
	t.Helper()
	within := func(lib string) bool { return target == lib || strings.HasPrefix(target, lib+"/") }
	if (f.test || f.suite() || f.dir == "journeys") && slices.ContainsFunc(testOnly, within) {
		return
	}
	for lib, list := range owners {
		if !within(lib) {
			continue
		}
		if f.test && !strings.HasPrefix(f.dir, "core") {
			return // a test may look at what a library did; which one is fixed by the owner
		}
		if !slices.ContainsFunc(strings.Fields(list), func(o string) bool { return f.dir == o || strings.HasPrefix(f.dir, o+"/") }) {
			t.Errorf("%s imports %s, which belongs to %s", f.path, target, list)
		}
		return
	}
	t.Errorf("%s imports %s, which has no owner in arch_test.go", f.path, target)
}

func packageComments(t reporter, files []*file) {
	type state struct{ said, tests bool }
	packages := map[string]*state{}
	for _, f := range files {
		p := packages[f.dir]
		if p == nil {
			p = &state{tests: true}
			packages[f.dir] = p
		}
		p.tests = p.tests && f.test
		doc := f.ast.Doc.Text()
		if want := "Package " + strings.TrimSuffix(f.ast.Name.Name, "_test"); strings.HasPrefix(doc, want) || strings.HasPrefix(doc, "Command ") {
			p.said = true
		}
	}
	for dir, p := range packages {
		if !p.said && !strings.HasPrefix(dir, "proto/gen/") {
			t.Errorf("%s: no comment says what the package is for", dir)
		}
	}
}

// selectors gives the uses of a package's functions in a file, by any name the
// file gives the package.
func selectors(f *file, pkg string, each func(name string, at token.Pos)) {
	local := ""
	for _, spec := range f.ast.Imports {
		if spec.Path.Value == strconv.Quote(pkg) {
			local = path.Base(pkg)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	if local == "" {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
				each(s.Sel.Name, s.Pos())
			}
		}
		return true
	})
}

func corePure(t reporter, files []*file) {
	for _, f := range files {
		// The job runtime is the one area that runs by itself: it has goroutines
		// and wakes up by a timer. What time it is, it asks its Clock.
		runtime := f.dir == "core/job"
		if f.dir != "core" && !strings.HasPrefix(f.dir, "core/") || f.test || f.suite() {
			continue
		}
		for _, spec := range f.ast.Imports {
			if target, err := strconv.Unquote(spec.Path.Value); err == nil && slices.Contains(notInCore, target) {
				t.Errorf("%s: %s in core", f.line(spec.Pos()), target)
			}
		}
		selectors(f, "time", func(name string, at token.Pos) {
			switch name {
			case "Now":
				if f.path == "core/id.go" {
					return // SystemClock, which is where a Clock comes from
				}
			case "NewTimer", "NewTicker", "AfterFunc":
				if runtime {
					return
				}
			case "Since", "Until", "Sleep", "After", "Tick", "Local":
			default:
				return
			}
			t.Errorf("%s: time.%s in core: take the time from Tx.Now or a Clock", f.line(at), name)
		})
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok && !runtime {
				t.Errorf("%s: core starts a goroutine", f.line(g.Pos()))
			}
			return true
		})
	}
}

// words splits an identifier: "parseSMSGate" is parse_sms_gate.
func words(identifier string) string {
	var out strings.Builder
	runes := []rune(identifier)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

func channelWords(t reporter, files []*file) {
	for _, f := range files {
		if f.dir != "core" && !strings.HasPrefix(f.dir, "core/") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			for _, w := range []string{"telegram", "twilio", "sms", "smsgate", "zalo", "whatsapp", "messenger", "viber", "inline_keyboard"} {
				if strings.Contains("_"+words(id.Name)+"_", "_"+w+"_") {
					t.Errorf("%s: %s: core knows no channel", f.line(id.Pos()), id.Name)
				}
			}
			return true
		})
	}
}

// constant reports whether the initial value of a package variable is one that
// nobody changes afterwards.
func constant(f *file, spec *ast.ValueSpec) bool {
	if len(spec.Values) != len(spec.Names) {
		return false
	}
	for _, v := range spec.Values {
		call, ok := v.(*ast.CallExpr)
		if !ok {
			return false
		}
		switch string(f.src[f.fset.Position(call.Fun.Pos()).Offset:f.fset.Position(call.Fun.End()).Offset]) {
		case "errors.New", "regexp.MustCompile", "time.FixedZone", "strings.NewReplacer", "netip.MustParsePrefix", "netip.MustParseAddr":
		default:
			return false
		}
	}
	return true
}

func packageState(t reporter, files []*file) {
	for _, f := range files {
		if f.gen || f.test {
			continue
		}
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: init(): wire it in cmd instead", f.line(fn.Pos()))
			}
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, s := range gen.Specs {
				spec := s.(*ast.ValueSpec)
				if spec.Names[0].Name == "_" || constant(f, spec) || embedded(gen, spec) {
					continue
				}
				// The linker sets the version.
				if f.dir == "cmd/motcua" && spec.Names[0].Name == "version" {
					continue
				}
				t.Errorf("%s: package variable %s: state belongs to a value that somebody makes; a table is a function", f.line(spec.Pos()), spec.Names[0].Name)
			}
		}
	}
}

func embedded(gen *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, group := range []*ast.CommentGroup{gen.Doc, spec.Doc} {
		if group != nil && slices.ContainsFunc(group.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	return false
}

func testRules(t reporter, files []*file) {
	for _, f := range files {
		if !f.test && !f.suite() {
			continue
		}
		selectors(f, "time", func(name string, at token.Pos) {
			if name == "Sleep" && !bytes.Contains(f.src, []byte(`"testing/synctest"`)) {
				t.Errorf("%s: a test that sleeps: wait for the event, or use testing/synctest", f.line(at))
			}
		})
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") || fn.Name.Name == "TestMain" || !f.test || fn.Body == nil {
				continue
			}
			body := string(f.src[f.fset.Position(fn.Body.Pos()).Offset:f.fset.Position(fn.Body.End()).Offset])
			if strings.Contains(body, "t.Setenv(") || strings.Contains(body, "t.Chdir(") || strings.Contains(body, "testing.AllocsPerRun(") {
				continue // these cannot run in parallel
			}
			if len(fn.Body.List) == 0 || !strings.HasPrefix(strings.TrimSpace(body[1:]), "t.Parallel()") {
				t.Errorf("%s: %s does not begin with t.Parallel()", f.line(fn.Pos()), fn.Name.Name)
			}
		}
	}
}

func fileLength(t reporter, files []*file) {
	for _, f := range files {
		if n := bytes.Count(f.src, []byte("\n")); n > 800 && !f.gen {
			t.Errorf("%s has %d lines: more than 800 is two files", f.path, n)
		}
	}
}

// texts looks at every text of the repository: it speaks of the product, and
// names nothing that only one machine has. The words are put together here so
// that this file does not find itself.
func texts(t *testing.T) {
	t.Parallel()
	unwanted := regexp.MustCompile(`(?i)/wo` + `rk/|sha` + `red/(data|design|domain|style)|clau` + `de|anthro` + `pic|chat` + `gpt|\bissue #?[0-9]|the bri` + `ef\b`)
	conflict := regexp.MustCompile(`(?m)^(<{7}|>{7}) `)
	walk(t, func(name string, d fs.DirEntry) {
		if d.IsDir() || !d.Type().IsRegular() || name == "go.sum" || strings.HasPrefix(name, "third_party/") {
			return
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(src, 0) >= 0 || !utf8.Valid(src) {
			return
		}
		if at := unwanted.FindIndex(src); at != nil {
			t.Errorf("%s:%d: %q does not belong in the repository", name, 1+bytes.Count(src[:at[0]], []byte("\n")), src[at[0]:at[1]])
		}
		if at := conflict.FindIndex(src); at != nil {
			t.Errorf("%s:%d: a merge conflict", name, 1+bytes.Count(src[:at[0]], []byte("\n")))
		}
	})
}
