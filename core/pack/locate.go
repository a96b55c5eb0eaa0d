package pack

import (
	"io/fs"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Locate gives the 1-based line of a place in a YAML file, for issues found
// after decoding. A step of path is a key of a map or the index of a list item
// ("requirements", "2", "when"). When a step does not exist the line of the
// nearest step that does is given; 0 when the file cannot be read at all.
func Locate(fsys fs.FS, name string, path ...string) int {
	data, err := ReadFile(fsys, name)
	if err != nil {
		return 0
	}
	return LocateBytes(data, path...)
}

// LocateBytes is Locate in a text that was already read.
func LocateBytes(data []byte, path ...string) int {
	var doc yaml.Node
	if err := yaml.Load(data, &doc, yaml.WithUniqueKeys(false)); err != nil {
		return 0
	}
	n := &doc
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return 1
		}
		n = n.Content[0]
	}
	line := n.Line
	for _, step := range path {
		next, at := child(n, step)
		if next == nil {
			break
		}
		n, line = next, at
	}
	return line
}

// child gives the value of a step and the line where it is written.
func child(n *yaml.Node, step string) (*yaml.Node, int) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1], n.Content[i].Line
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i].Line
		}
	}
	return nil, 0
}
