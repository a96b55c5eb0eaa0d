package pack

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// The bounds of a pack. They are far above what a city needs and far below what
// hurts: a pack may come from a directory that others can write to.
const (
	MaxFileSize = 2 << 20 // bytes of one file
	MaxFiles    = 20_000  // files of one pack
	MaxDepth    = 24      // nested maps and lists
	MaxNodes    = 200_000 // keys and values of one file
	maxIssues   = 50      // of one file; the rest would bury the first
)

// Decode reads the YAML file name of fsys into the value that into points to.
//
// Keys are matched by `yaml:"…"` tags. The file must hold exactly one document.
// The error is nil or Issues; into may then be half filled and must not be used.
func Decode(fsys fs.FS, name string, into any) error {
	data, err := ReadFile(fsys, name)
	if err != nil {
		return err
	}
	return DecodeBytes(name, data, into)
}

// DecodeBytes is Decode of a text that was already read; name is for the issues.
func DecodeBytes(name string, data []byte, into any) error {
	root, issues := parse(name, data)
	if len(issues) > 0 {
		return issues.Err()
	}
	err := root.Load(into, yaml.WithKnownFields())
	return loadIssues(name, root, err).Err()
}

// ReadFile reads one file of a pack within MaxFileSize. The error is Issues.
func ReadFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, Issues{{File: name, Message: openMessage(err)}}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return nil, Issues{{File: name, Message: openMessage(err)}}
	}
	if len(data) > MaxFileSize {
		return nil, Issues{{File: name, Message: fmt.Sprintf("the file is larger than %d KiB", MaxFileSize>>10)}}
	}
	return data, nil
}

func openMessage(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file is missing"
	case errors.Is(err, fs.ErrPermission):
		return "the file may not be read by this program"
	default:
		return "the file cannot be read: " + err.Error()
	}
}

// parse reads the text into nodes and checks what no target type can check.
func parse(name string, data []byte) (*yaml.Node, Issues) {
	if !utf8.Valid(data) {
		return nil, Issues{{File: name, Line: invalidLine(data), Message: "the text is not UTF-8"}}
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc, yaml.WithUniqueKeys(false)); err != nil {
		return nil, loadIssues(name, nil, err)
	}
	root := &doc
	if root.Kind == yaml.DocumentNode {
		if len(root.Content) == 0 {
			return nil, Issues{{File: name, Line: 1, Message: "the file is empty"}}
		}
		root = root.Content[0]
	}
	c := checker{file: name}
	c.walk(root, nil, 1)
	return root, c.issues
}

func invalidLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

// checker walks a document and collects what is wrong whatever the target is.
type checker struct {
	file   string
	issues Issues
	nodes  int
	full   bool // a bound was passed: stop, the rest would only repeat it
}

// step is a way from the root of a document to a node. It is written out for an
// issue only: a pack has far more nodes than issues.
type step struct {
	up    *step // nil at the root
	key   string
	index int // of an item of a list; -1 for a key
}

func (s *step) String() string {
	if s == nil {
		return ""
	}
	name := s.key
	if s.index >= 0 {
		name = strconv.Itoa(s.index)
	}
	if s.up == nil {
		return name
	}
	return s.up.String() + "." + name
}

func (c *checker) add(n *yaml.Node, at *step, format string, args ...any) {
	if len(c.issues) >= maxIssues {
		c.full = true
		return
	}
	c.issues = append(c.issues, Issue{File: c.file, Line: n.Line, Path: at.String(), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) walk(n *yaml.Node, at *step, depth int) {
	if c.full {
		return
	}
	c.nodes++
	switch {
	case c.nodes > MaxNodes:
		c.add(n, nil, "the file has more than %d values", MaxNodes)
		c.full = true
		return
	case depth > MaxDepth:
		c.add(n, at, "the file is nested deeper than %d levels", MaxDepth)
		c.full = true
		return
	case n.Kind == yaml.AliasNode:
		c.add(n, at, "aliases (*%s) are not used in a pack: write the value out", n.Value)
		return
	case n.Anchor != "":
		c.add(n, at, "anchors (&%s) are not used in a pack: write the value out", n.Anchor)
	}
	switch n.Kind {
	case yaml.MappingNode:
		c.walkMapping(n, at, depth)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			c.walk(item, &step{up: at, index: i}, depth+1)
		}
	case yaml.ScalarNode:
		switch tag := n.ShortTag(); tag {
		case "!!null":
			c.add(n, at, "there is no value: remove the key or fill it in")
		case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
		default:
			c.add(n, at, "the tag %s is not used in a pack", tag)
		}
	}
}

func (c *checker) walkMapping(n *yaml.Node, at *step, depth int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || key.ShortTag() == "!!null" {
			c.add(key, at, "a key must be a plain word")
			continue
		}
		child := &step{up: at, key: key.Value, index: -1}
		c.walk(value, child, depth+1)
	}
	c.twice(n, at)
}

// manyKeys is how many keys of a map are looked at pairwise, without a table.
const manyKeys = 12

// twice names the keys of a map that were given before.
func (c *checker) twice(n *yaml.Node, at *step) {
	seen := func(i int) (line int, ok bool) {
		for j := 0; j < i; j += 2 {
			if n.Content[j].Value == n.Content[i].Value {
				return n.Content[j].Line, true
			}
		}
		return 0, false
	}
	if len(n.Content)/2 > manyKeys {
		first := make(map[string]int, len(n.Content)/2)
		seen = func(i int) (int, bool) {
			line, ok := first[n.Content[i].Value]
			if !ok {
				first[n.Content[i].Value] = n.Content[i].Line
			}
			return line, ok
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if line, ok := seen(i); ok {
			key := n.Content[i]
			c.add(key, &step{up: at, key: key.Value, index: -1}, "the key %q was already given in line %d", key.Value, line)
		}
	}
}

// loadIssues turns the library's errors into ours. root may be nil.
func loadIssues(name string, root *yaml.Node, err error) Issues {
	if err == nil {
		return nil
	}
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		var issues Issues
		for _, e := range many.Errors {
			if len(issues) == maxIssues {
				break
			}
			issues = append(issues, loadIssue(name, root, e))
		}
		return issues
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return Issues{loadIssue(name, root, one)}
	}
	return Issues{{File: name, Line: 1, Message: err.Error()}}
}

var (
	unknownField = regexp.MustCompile(`^field (.*) not found in type `)
	wrongType    = regexp.MustCompile("^cannot construct (!![a-z]+)(?: `(.*)`)? into (.*)$")
	textError    = regexp.MustCompile(`^cannot construct !![a-z]+ into .* \(TextUnmarshaler\)$`)
)

func loadIssue(name string, root *yaml.Node, e *yaml.LoadError) Issue {
	line := e.Mark.Line
	if line == 0 {
		line = 1
	}
	message := e.Message
	switch m := unknownField.FindStringSubmatch(message); {
	case m != nil:
		message = fmt.Sprintf("the field %q is not known", m[1])
	case textError.MatchString(message):
		message = "the value is not of the expected form"
	default:
		if m := wrongType.FindStringSubmatch(message); m != nil {
			message = fmt.Sprintf("expected %s, found %s", wanted(m[3]), found(m[1], m[2]))
		}
	}
	return Issue{File: name, Line: line, Path: pathAt(root, line, e.Mark.Column), Message: message}
}

func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "map["):
		return "a map of keys and values"
	case strings.HasPrefix(goType, "int") || strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a text"
	case strings.Contains(goType, "."):
		return "a value with the fields of " + goType[strings.LastIndexByte(goType, '.')+1:]
	default:
		return goType
	}
}

func found(tag, value string) string {
	switch tag {
	case "!!map":
		return "a map"
	case "!!seq":
		return "a list"
	default:
		return strconv.Quote(value)
	}
}

// pathAt gives the dotted path of the node that starts at a line and column.
func pathAt(n *yaml.Node, line, column int) string {
	if n == nil {
		return ""
	}
	var search func(n *yaml.Node, path []string) ([]string, bool)
	search = func(n *yaml.Node, path []string) ([]string, bool) {
		if n.Line == line && n.Column == column && n.Kind == yaml.ScalarNode {
			return path, true
		}
		for i, child := range n.Content {
			step := strconv.Itoa(i)
			if n.Kind == yaml.MappingNode {
				if i%2 == 0 {
					step = child.Value
				} else {
					step = n.Content[i-1].Value
				}
			}
			if p, ok := search(child, append(path[:len(path):len(path)], step)); ok {
				return p, true
			}
		}
		return nil, false
	}
	path, _ := search(n, nil)
	return strings.Join(path, ".")
}
