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
	Question Text
	Short    Text // plain, for narrow channels
	Help     Text
	Single   bool // one picture and no more
	Required bool // nothing can be submitted without it
	Needed   Tri  // Maybe while it depends on an open question
}

// Papers lists the papers of the form that are or may be asked for, in order.
func (st *State) Papers() []Paper {
	var out []Paper
	for i, c := range st.form.fields {
		if !c.paper() || st.items[i].visible == No {
			continue
		}
		p := Paper{
			Key: c.Key, Label: c.Label, Question: c.Question, Short: Text{c.short["vi"], c.short["en"]}, Help: c.Help,
			Single: c.Type == typeImage, Required: c.Required && c.Type != typeIDDocument, Needed: st.items[i].visible,
		}
		if p.Question == (Text{}) {
			p.Question = c.Label
		}
		out = append(out, p)
	}
	return out
}
