package config

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Problem is one thing that is wrong, and what to do.
type Problem struct {
	Variable string
	Text     string // the rest of the sentence that begins with the variable
}

func (p Problem) String() string { return p.Variable + " " + p.Text }

// Error holds every problem of a configuration.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxFile bounds a secret's file: a wrong path must not fill the memory.
const maxFile = 64 << 10

// Load reads the configuration from variables of the form NAME=value (what
// os.Environ gives); other names than MOTCUA_* are passed over, and an empty
// value is as none. Its error is an *Error.
func Load(environ []string) (*Config, error) {
	l := loader{config: &Config{given: map[string]given{}}, table: variables()}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, prefix) {
			l.take(name, value)
		}
	}
	for _, v := range l.table {
		g, ok := l.config.given[v.name]
		switch {
		case ok:
		case v.def != "" && v.def[0] != '(':
			g = given{value: v.def}
		default:
			continue
		}
		if err := v.set(l.config, g.value); err != nil {
			l.problem(v.name, "%s", err)
		}
	}
	if !l.config.publicURLGiven {
		l.config.PublicURL = "http://" + dialable(l.config.Listen)
	}
	l.groups()
	if l.config.Production {
		l.production()
	}
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b Problem) int { return strings.Compare(a.Variable, b.Variable) })
		return nil, &Error{Problems: l.problems}
	}
	return l.config, nil
}

type loader struct {
	config   *Config
	table    []variable
	problems []Problem
}

func (l *loader) problem(variable, format string, args ...any) {
	l.problems = append(l.problems, Problem{Variable: variable, Text: fmt.Sprintf(format, args...)})
}

// take notes a variable of the environment, reading its file if it names one.
func (l *loader) take(name, value string) {
	base, isFile := strings.CutSuffix(name, "_FILE")
	known := func(n string) bool {
		return slices.ContainsFunc(l.table, func(v variable) bool { return v.name == n && (!isFile || v.secret) })
	}
	if !isFile {
		base = name
	}
	if !known(base) {
		text := "is not a variable of this program"
		if s := l.suggest(name); s != "" {
			text += ": did you mean " + s + "?"
		}
		l.problem(name, "%s", text)
		return
	}
	if value == "" {
		return
	}
	if other, ok := l.config.given[base]; ok {
		l.problem(base, "is given twice, by %s and by %s: keep one", other.source, name)
		return
	}
	g := given{value: value, source: name}
	if isFile {
		content, err := readSecret(value)
		if err != nil {
			l.problem(name, "cannot be read: %v", err)
			return
		}
		if content == "" {
			l.problem(name, "names an empty file: %s", value)
			return
		}
		g.value = content
	}
	l.config.given[base] = g
}

// readSecret reads a file and drops the line end that editors add.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxFile {
		return "", fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// suggest gives the known name that is nearest, "" when none is near.
func (l *loader) suggest(name string) string {
	best, bestDistance := "", 1+max(2, len(name)/5)
	consider := func(n string) {
		if d := distance(name, n); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	for _, v := range l.table {
		consider(v.name)
		if v.secret {
			consider(v.name + "_FILE")
		}
	}
	return best
}

// distance counts the signs to insert, drop, replace or swap with a neighbour.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i-1)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}

// groups checks what belongs together.
func (l *loader) groups() {
	has := func(name string) bool { _, ok := l.config.given[name]; return ok }
	for _, g := range []struct {
		switchOn string
		needs    []string
		others   []string
	}{
		{"MOTCUA_TELEGRAM_TOKEN", nil, []string{"MOTCUA_TELEGRAM_API_URL", "MOTCUA_TELEGRAM_WEBHOOK_SECRET", "MOTCUA_TELEGRAM_MODE"}},
		{"MOTCUA_TWILIO_ACCOUNT_SID", []string{"MOTCUA_TWILIO_AUTH_TOKEN", "MOTCUA_TWILIO_FROM"}, []string{"MOTCUA_TWILIO_API_URL"}},
		{"MOTCUA_SMSGATE_CPID", []string{"MOTCUA_SMSGATE_PRIVATE_KEY", "MOTCUA_SMSGATE_API_KEY", "MOTCUA_SMSGATE_SECRET_KEY", "MOTCUA_SMSGATE_BRAND"},
			[]string{"MOTCUA_SMSGATE_KEYWORD", "MOTCUA_SMSGATE_SANDBOX", "MOTCUA_SMSGATE_API_URL"}},
	} {
		if has(g.switchOn) {
			for _, n := range g.needs {
				if !has(n) {
					l.problem(n, "is needed beside %s", g.switchOn)
				}
			}
			continue
		}
		for _, n := range append(g.needs, g.others...) {
			if has(n) {
				l.problem(g.switchOn, "is needed beside %s", n)
				break
			}
		}
	}
	t := l.config.Telegram
	if t.Token != "" && !t.Poll && t.WebhookSecret == "" {
		l.problem("MOTCUA_TELEGRAM_WEBHOOK_SECRET", "is needed when updates come by webhook: make one with `openssl rand -hex 32`, or set MOTCUA_TELEGRAM_MODE=poll")
	}
}

// production refuses what is only fit for a developer's machine.
func (l *loader) production() {
	c := l.config
	if !c.HTTPS() {
		l.problem("MOTCUA_PUBLIC_URL", "must begin with https:// in production")
	} else if loopback(c.PublicURL) {
		l.problem("MOTCUA_PUBLIC_URL", "is an address of this machine; in production it is the one citizens use")
	}
	for _, v := range l.table {
		g, ok := c.given[v.name]
		if !ok || !v.secret || strings.HasSuffix(v.name, "_URL") {
			continue
		}
		for value := range strings.SplitSeq(g.value, ",") {
			if wellKnown(value) {
				l.problem(v.name, "is a value from documentation or tests; production needs its own")
				break
			}
		}
	}
	if s := c.Telegram.WebhookSecret.Reveal(); s != "" && len(s) < 16 {
		l.problem("MOTCUA_TELEGRAM_WEBHOOK_SECRET", "has fewer than 16 characters: make one with `openssl rand -hex 32`")
	}
}

// wellKnown recognises placeholders.
func wellKnown(v string) bool {
	v = strings.ToLower(strings.TrimSpace(v))
	for _, w := range []string{"change-me", "changeme", "change_me", "default", "development", "example", "motcua", "password", "placeholder", "secret", "simulator", "test", "token", "xxx", "your"} {
		if v == w || strings.HasPrefix(v, w+"-") || strings.HasPrefix(v, w+"_") {
			return true
		}
	}
	return false
}

// Print writes the configuration as variables, one a line with its origin;
// secrets are hidden, and so is the password of a URL.
func (c *Config) Print(w io.Writer) error {
	for _, v := range variables() {
		g, set := c.given[v.name]
		value, origin := g.value, g.source
		switch {
		case !set && v.name == "MOTCUA_PUBLIC_URL":
			value, origin = c.PublicURL, "default"
		case !set && v.def == "":
			continue
		case !set && v.def[0] == '(':
			value, origin = "", "default: "+strings.Trim(v.def, "()")
		case !set:
			value, origin = v.def, "default"
		case v.secret:
			value = hide(v.name, value)
		}
		if set && origin == v.name {
			origin = "environment"
		}
		if _, err := fmt.Fprintf(w, "%s=%s  # %s\n", v.name, value, origin); err != nil {
			return err
		}
	}
	return nil
}

// hide shows where a URL leads, and nothing of any other secret.
func hide(name, v string) string {
	u, err := url.Parse(v)
	if err != nil || !strings.HasSuffix(name, "_URL") {
		return "[secret]"
	}
	out := u.Scheme + "://"
	if u.User != nil {
		out += "[secret]@"
	}
	out += u.Host + u.Path
	if u.RawQuery != "" {
		out += "?[secret]"
	}
	return out
}
