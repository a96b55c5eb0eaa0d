package form

import "github.com/motcua/motcua/core"

// The types of papers: what is sent as pictures or files and has no value.
const (
	typeImage      = "image"       // one picture
	typeFileList   = "file_list"   // any number of files
	typeIDDocument = "id_document" // pictures of an identity document; never needed to go on
)

// paper is a picture or file that a form asks for itself. It is never asked by
// Next and never in the answers: it is a step of papers and stands in the manifest
// under the key of its field.
type paper struct {
	basic
	name string
}

var _ Type = paper{}

func (p paper) Name() string { return p.name }

func (paper) Parse(*Field, string, Context) Outcome { return reject("field.paper") }

func (paper) Check(*Field, any, Context) *core.Violation { return violation("field.paper") }

func (paper) Schema(*Field, Context) map[string]any { return map[string]any{} }

// Paper is a paper that a form asks for.
type Paper struct {
	Key      string
	Label    Text
	Help     Text
	Single   bool // one picture and no more
	Required bool // nothing can be submitted without it
	Needed   Tri  // Maybe while it depends on an open question
}

// Papers lists the papers of the form that are or may be asked for, in order.
func (st *State) Papers() []Paper {
	var out []Paper
	for i, c := range st.form.fields {
		if c.paper() && st.items[i].visible != No {
			p := c.asPaper()
			p.Needed = st.items[i].visible
			out = append(out, p)
		}
	}
	return out
}

// Paper gives a paper of the form, whatever was answered.
func (f *Form) Paper(key string) (Paper, bool) {
	i, ok := f.scope.index[key]
	if !ok || !f.fields[i].paper() {
		return Paper{}, false
	}
	return f.fields[i].asPaper(), true
}

func (c *compiled) asPaper() Paper {
	return Paper{
		Key: c.Key, Label: c.Label, Help: c.Help,
		Single: c.Type == typeImage, Required: c.Required && c.Type != typeIDDocument, Needed: Maybe,
	}
}
