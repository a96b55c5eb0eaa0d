package pack

import (
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Texts is a file of texts: by key the variants of a text. A key that is written
// with one plain text has it under the variant "".
type Texts map[string]map[string]string

// DecodeTexts reads a file whose keys hold a text each, or a map of variants:
//
//	greeting: Xin chào.
//	ask:
//	  rich: "**{question}**"
//	  short: "{brand} {question:64}"
//
// Which variants there may be is the caller's to check. The error is Issues.
func DecodeTexts(fsys fs.FS, name string) (Texts, error) {
	data, err := ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	root, issues := parse(name, data)
	if len(issues) > 0 {
		return nil, issues.Err()
	}
	if root.Kind != yaml.MappingNode {
		return nil, Issues{{File: name, Line: root.Line, Message: "expected keys with texts"}}
	}
	out := make(Texts, len(root.Content)/2)
	wrong := func(n *yaml.Node, path ...string) {
		issues = append(issues, Issue{File: name, Line: n.Line, Path: strings.Join(path, "."), Message: "expected a text"})
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		variants := map[string]string{}
		switch value.Kind {
		case yaml.ScalarNode:
			variants[""] = value.Value
		case yaml.MappingNode:
			for j := 0; j+1 < len(value.Content); j += 2 {
				variant, written := value.Content[j].Value, value.Content[j+1]
				if written.Kind != yaml.ScalarNode {
					wrong(written, key, variant)
					continue
				}
				variants[variant] = written.Value
			}
		default:
			wrong(value, key)
		}
		out[key] = variants
	}
	return out, issues.Err()
}
