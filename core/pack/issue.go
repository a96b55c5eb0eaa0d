package pack

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Issue is one thing wrong in a pack.
type Issue struct {
	File    string // path inside the pack, slashes: "procedures/1.004873.yaml"
	Line    int    // 1-based; 0 when the whole file is meant
	Path    string // where in the document, dotted: "requirements.2.when"; may be empty
	Message string // one sentence for the author of the pack
}

// String gives "file:line: path: message", the form editors can jump to.
func (i Issue) String() string {
	var b strings.Builder
	b.WriteString(i.File)
	if i.Line > 0 {
		fmt.Fprintf(&b, ":%d", i.Line)
	}
	b.WriteString(": ")
	if i.Path != "" {
		b.WriteString(i.Path + ": ")
	}
	b.WriteString(i.Message)
	return b.String()
}

// Issues is what is wrong in a pack. It is an error; a list without an element
// is no error: return it through Err.
type Issues []Issue

// Error gives one issue a line.
func (is Issues) Error() string {
	lines := make([]string, len(is))
	for i, issue := range is {
		lines[i] = issue.String()
	}
	return strings.Join(lines, "\n")
}

// Err gives the issues as an error, sorted by place, or nil when there are none.
func (is Issues) Err() error {
	if len(is) == 0 {
		return nil
	}
	return is.Sorted()
}

// Sorted gives a copy in the order of file, line and text, without repetitions.
func (is Issues) Sorted() Issues {
	out := slices.Clone(is)
	slices.SortStableFunc(out, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
}

// AsIssues gives the issues an error carries. An error of another kind becomes
// one issue of the file, so that a linter can go on with the next file.
func AsIssues(file string, err error) Issues {
	if err == nil {
		return nil
	}
	var is Issues
	if errors.As(err, &is) {
		return is
	}
	var one Issue
	if errors.As(err, &one) {
		return Issues{one}
	}
	return Issues{{File: file, Message: err.Error()}}
}

// Error makes a single Issue usable as an error.
func (i Issue) Error() string { return i.String() }

// At makes an issue of a place in a file: it looks the line up with Locate.
func At(fsys fs.FS, name string, path []string, format string, args ...any) Issue {
	return Issue{
		File:    name,
		Line:    Locate(fsys, name, path...),
		Path:    strings.Join(path, "."),
		Message: fmt.Sprintf(format, args...),
	}
}
