package app

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/devsvc"
)

const root = "../../../"

// shell runs a command line of bash beside the program.
func shell(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: make services installs it", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environ...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, &out, &said)
	}
	return out.String()
}

// The script that the README tells a newcomer to run files a dossier, and again
// for another person after the program was started anew.
func TestScriptFilesADossier(t *testing.T) {
	t.Parallel()
	dir := "MOTCUA_DATA_DIR=" + t.TempDir()
	for _, person := range []string{"hoa", "minh"} {
		p := start(t, dir)
		out := shell(t, []string{"MOTCUA_URL_FOR_TRY=" + p.URL()}, root+"docs/try/file-a-dossier.sh", person)
		code := regexp.MustCompile(`(?m)^filed: (H29\.26740-\d{6}-\d{4})$`).FindStringSubmatch(out)
		if code == nil {
			t.Fatalf("%s\n%s", out, p.log)
		}
		r := p.post("/motcua.mobile.v1.DossierService/TrackDossier", `{"code":"`+code[1]+`"}`)
		if r.status != 200 || !strings.Contains(r.body, `"accepted"`) {
			t.Errorf("%s is %s", code[1], r.body)
		}
		p.close()
	}
}

// Every call that the README shows works as it is written.
func TestCallsOfREADME(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(root + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`(?m)^curl -s (?:[^\n]*\\\n)*[^\n]*$`).FindAllString(string(b), -1)
	if len(calls) < 6 {
		t.Fatalf("only %d calls were found in README.md: %q", len(calls), calls)
	}
	p := start(t)
	for _, c := range calls {
		if !strings.Contains(c, "http://127.0.0.1:8080") {
			t.Errorf("%s does not call the default address", c)
		}
		c = strings.Replace(strings.Replace(c, "http://127.0.0.1:8080", p.URL(), 1), "curl -s", "curl -sS --fail-with-body", 1)
		out := shell(t, nil, "-c", c)
		var v map[string]any
		if err := json.Unmarshal([]byte(out), &v); err != nil || len(v) == 0 {
			t.Errorf("%s\ngives %s", c, out)
		}
		if list, ok := v["replies"].([]any); ok && len(list) == 0 {
			t.Errorf("%s\nis not answered\n%s", c, p.log)
		}
		if strings.Contains(c, "SearchProcedures") && !strings.Contains(out, "1.001193") {
			t.Errorf("%s\ngives %s", c, out)
		}
	}
}

// The simulator's page works in a real browser under its own policy: the script
// runs, and what it asks the doors is shown.
func TestSimulatorInABrowser(t *testing.T) {
	t.Parallel()
	browser, err := devsvc.Chromium()
	if err != nil {
		t.Fatalf("%v: make services installs it", err)
	}
	p := start(t)
	if r := p.post("/sim/api/v1/say", `{"channel":"telegram","person":"mai","text":"<b>khai sinh</b>"}`); r.status != 200 {
		t.Fatal(r.body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	// The page asks again and again; virtual time ends when the first answers are in.
	args := append(devsvc.ChromiumArgs(t.TempDir()), "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", p.URL()+"/sim/")
	cmd := exec.CommandContext(ctx, browser, args...)
	var dom, console bytes.Buffer
	cmd.Stdout, cmd.Stderr = &dom, &console
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &console)
	}
	for _, want := range []string{
		`placeholder="Bạn cần làm gì?"`,              // app and kiosk
		"Hộp hồ sơ trống.",                           // the officer's desk, with its token
		`class="mine">&lt;b&gt;khai sinh&lt;/b&gt;<`, // the chat, as text
		"1 Nộp ngay tại đây",                         // and its answer
	} {
		if !strings.Contains(dom.String(), want) {
			t.Errorf("%q is not in the page:\n%s", want, &dom)
		}
	}
	for _, topic := range p.Catalog.Topics() {
		if n := strings.Count(dom.String(), ">"+topic.Name.Vi+"</button>"); n != 2 { // app and kiosk offer all to who types nothing
			t.Errorf("the topic %q is offered %d times", topic.Name.Vi, n)
		}
	}
	if at := regexp.MustCompile(`(?m)^.*(Content Security Policy|Uncaught|CONSOLE.*rror).*$`).FindString(console.String()); at != "" {
		t.Errorf("the browser complains: %s", at)
	}
}
