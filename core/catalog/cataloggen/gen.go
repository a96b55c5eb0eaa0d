// Package cataloggen makes large data packs out of a real one, to measure and to
// test how loading grows with the number of procedures.
//
// Invariants:
//   - the same pack and number give the same bytes;
//   - what it makes passes catalog.Lint when the pack does: every procedure is a
//     copy of a real one under a code of its own, with conditions of its own where
//     its form allows, so that nothing is cheap because it repeats.
package cataloggen

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

const procedures = "procedures/"

var (
	codeLine = regexp.MustCompile(`(?m)^code: .*$`)
	// situations is the block of that name, up to the next key of its level.
	situations = regexp.MustCompile(`\nsituations:\n(?: .*\n|\n)*`)
	factLine   = regexp.MustCompile(`(?m)^  - key: (\w+)$`)
)

// Files gives the files of a pack by name with at least n procedures: those of
// the pack itself, then copies of them in turn. Errors: those of reading the pack.
func Files(pack fs.FS, n int) (map[string][]byte, error) {
	out := map[string][]byte{}
	var real []string
	err := fs.WalkDir(pack, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := fs.ReadFile(pack, name)
		if strings.HasPrefix(name, procedures) {
			real = append(real, name)
		}
		out[name] = data
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(real)
	for i := len(real); i < n; i++ {
		name := real[i%len(real)]
		data, err := fs.ReadFile(pack, name)
		if err != nil {
			return nil, err
		}
		code := fmt.Sprintf("9.%06d", i)
		out[procedures+code+".yaml"] = []byte(procedure(string(data), code, i))
	}
	return out, nil
}

// procedure gives a procedure another code, and its facts names of their own. The
// names stay where a form looks at them. Situations are written for what is asked
// most: a copy has none.
func procedure(s, code string, i int) string {
	s = situations.ReplaceAllString(s, "\n")
	s = codeLine.ReplaceAllString(s, fmt.Sprintf("code: %q", code))
	from, to := strings.Index(s, "\nfacts:"), strings.Index(s, "\nrequirements:")
	if from < 0 || to < from || !strings.Contains(s, "\nform: generic\n") {
		return s
	}
	head, facts, rest := s[:from], s[from:to], s[to:]
	for _, m := range factLine.FindAllStringSubmatch(facts, -1) {
		own := fmt.Sprintf("%s_%d", m[1][:min(len(m[1]), 34)], i)
		facts = strings.Replace(facts, "- key: "+m[1]+"\n", "- key: "+own+"\n", 1)
		rest = regexp.MustCompile(`\bfacts\.`+m[1]+`\b`).ReplaceAllString(rest, "facts."+own)
	}
	return head + facts + rest
}
