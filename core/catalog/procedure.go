package catalog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/pack"
)

// Bilingual is a text in Vietnamese and English.
type Bilingual = pack.Bilingual

// Level is the level of government that decides a procedure. There is no district
// level since 1 July 2025.
type Level string

// The levels.
const (
	LevelWard Level = "ward" // phường, xã, đặc khu
	LevelCity Level = "city" // a department of the city; any ward takes the dossier in and forwards it
)

// AgencyKind is the kind of authority that decides a procedure.
type AgencyKind string

// The kinds of authority. All but the two of a ward need Procedure.AgencyName.
const (
	AgencyCommittee  AgencyKind = "ward_committee"        // UBND phường/xã/đặc khu, through its service centre
	AgencyPolice     AgencyKind = "ward_police"           // Công an phường/xã/đặc khu
	AgencyDepartment AgencyKind = "city_department"       // a Sở of the city
	AgencyCityPolice AgencyKind = "city_police"           // Công an Thành phố
	AgencyLand       AgencyKind = "land_office"           // Văn phòng đăng ký đất đai
	AgencyBusiness   AgencyKind = "business_registration" // the register of businesses
)

// Level gives the level of government of a kind of authority; "" for a kind that
// is not known.
func (k AgencyKind) Level() Level {
	switch k {
	case AgencyCommittee, AgencyPolice:
		return LevelWard
	case AgencyDepartment, AgencyCityPolice, AgencyLand, AgencyBusiness:
		return LevelCity
	default:
		return ""
	}
}

// FilingChannel is a way in which the law lets a procedure be filed.
type FilingChannel string

// The ways of filing.
const (
	FileInPerson FilingChannel = "in_person"
	FileOnline   FilingChannel = "online"
	FileByPost   FilingChannel = "post"
)

// GenericForm is the form of procedures that have none of their own: who, what,
// contact and delivery.
const GenericForm = "generic"

// Confidence says how sure the pack is of its own facts.
type Confidence string

// The levels of confidence.
const (
	ConfidenceHigh   Confidence = "high"
	ConfidenceMedium Confidence = "medium"
	ConfidenceLow    Confidence = "low"
)

// Procedure is one administrative procedure (thủ tục hành chính) in one version.
type Procedure struct {
	Code          string    `yaml:"code"`          // national code, "1.001193", or a local one, "VN-HCM-khai-trinh-lao-dong"
	Version       string    `yaml:"version"`       // "2026.1"; bound to dossiers filed under it
	EffectiveFrom pack.Date `yaml:"effectiveFrom"` // first day this version applies

	Name    Bilingual `yaml:"name"`    // the official title
	Short   Bilingual `yaml:"short"`   // what citizens call it; ≤ 40 GSM-7 characters without accents
	Summary Bilingual `yaml:"summary"` // what it is for, in plain sentences
	Tip     Bilingual `yaml:"tip"`     // one thing worth knowing before starting; may be empty
	Aliases Aliases   `yaml:"aliases"` // other words for it, for search
	// Situations are what people tell when they do not know what they need, a sentence
	// each, for search.
	Situations Aliases `yaml:"situations"`

	Field      Bilingual       `yaml:"field"`      // lĩnh vực: "Hộ tịch"
	Level      Level           `yaml:"level"`      // who decides, by level
	Agency     AgencyKind      `yaml:"agency"`     // who decides, by kind
	AgencyName Bilingual       `yaml:"agencyName"` // who decides, in words; may be empty for an agency of a ward
	Eligible   []Bilingual     `yaml:"eligible"`   // who may file; empty = not published
	Channels   []FilingChannel `yaml:"channels"`   // as published; empty never happens

	TimeLimit Limit   `yaml:"timeLimit"`
	Window    *Window `yaml:"window"` // within which time it must be filed; nil = no rule is published
	Fee       Fee     `yaml:"fee"`
	Form      string  `yaml:"form"` // id of the form: "birth_registration", "generic"
	// Settled are the answers that the procedure itself gives, by select field of its
	// form: who registers temporary residence is not asked what to register.
	Settled      map[string]string `yaml:"settled"`
	Facts        []Fact            `yaml:"facts"`
	Requirements []Requirement     `yaml:"requirements"`
	InPerson     []Bilingual       `yaml:"inPerson"` // steps for which somebody must come in person; may be empty
	Results      []Result          `yaml:"results"`
	DraftResult  bool              `yaml:"draftResult"` // the applicant from afar checks a draft of the result first

	Assurance    MinAssurance `yaml:"minAssurance"`
	Confidential bool         `yaml:"confidential"` // an anonymous status question gets the state word only

	LegalBasis         []string   `yaml:"legalBasis"`         // numbers of laws, "123/2015/NĐ-CP"
	PublishingDecision string     `yaml:"publishingDecision"` // "163/QĐ-BTP"; may be empty
	Confidence         Confidence `yaml:"confidence"`
	Sources            []string   `yaml:"sources"` // public pages, laws or decisions

	file string
}

// Aliases are search words by language.
type Aliases struct {
	Vi []string `yaml:"vi"`
	En []string `yaml:"en"`
}

// MinAssurance is how sure the system must be of the applicant to submit.
type MinAssurance struct {
	Level   core.Assurance `yaml:"level"`
	Assumed bool           `yaml:"assumed"` // the pack's own choice: no published rule was found
}

// Result is a paper that the procedure ends with.
type Result struct {
	Code string    `yaml:"code"` // national code of the result, "KQ.G15.000031"; may be empty
	Name Bilingual `yaml:"name"`
}

// RequirementKind says what happens with a paper.
type RequirementKind string

// The kinds of requirement.
const (
	KindForm    RequirementKind = "form"    // the declaration: our form makes it, nothing to bring
	KindAttach  RequirementKind = "attach"  // handed in: a picture or a file is asked for
	KindPresent RequirementKind = "present" // shown at the counter, never kept
	KindInfo    RequirementKind = "info"    // its details are enough, the office looks it up
)

// Requirement is one paper a procedure asks for (thành phần hồ sơ).
type Requirement struct {
	Key           string          `yaml:"key"`
	Name          Bilingual       `yaml:"name"`  // official wording
	Short         Bilingual       `yaml:"short"` // ≤ 40 GSM-7 characters without accents
	Kind          RequirementKind `yaml:"kind"`
	Originals     int             `yaml:"originals"`
	Copies        int             `yaml:"copies"`
	Mandatory     bool            `yaml:"mandatory"`     // without it the dossier is incomplete, when it is needed at all
	ElectronicOK  bool            `yaml:"electronicOk"`  // a picture or electronic paper is accepted
	Upload        bool            `yaml:"upload"`        // of kind present: a picture is taken when filed from afar
	ReplaceableBy []string        `yaml:"replaceableBy"` // state databases that may make it unnecessary
	When          string          `yaml:"when"`          // CEL over facts; empty = always
	Condition     Bilingual       `yaml:"condition"`     // when it is needed, still in prose: an officer decides; empty where When says it
	Group         string          `yaml:"group"`         // key shared by papers of which one is enough, the first preferred; empty = none
	Document      string          `yaml:"document"`      // result code of another procedure that is this paper, "KQ.G15.000031"; may be empty
	Note          Bilingual       `yaml:"note"`          // what to know about this paper; may be empty

	Single bool `yaml:"-"` // one picture and no more; of a paper of the form only
}

// Uploads reports whether a citizen who files from afar is offered to send a
// picture of the paper.
func (r *Requirement) Uploads() bool {
	if !r.ElectronicOK {
		return false
	}
	switch r.Kind {
	case KindAttach, KindInfo:
		return true
	case KindPresent:
		return r.Upload
	default:
		return false
	}
}

// Skippable reports whether a dossier may be submitted without the paper, so
// that an officer decides: it is not mandatory, only its details are needed, or
// a state database may hold it.
func (r *Requirement) Skippable() bool {
	return !r.Mandatory || r.Kind == KindInfo || len(r.ReplaceableBy) > 0
}

// Fact is a yes/no/unknown question about the applicant's case on which papers
// depend. While it is unknown a paper that depends on it may be needed.
type Fact struct {
	Key      string     `yaml:"key"`
	Question Bilingual  `yaml:"question"`
	Short    Bilingual  `yaml:"short"` // ≤ 40 GSM-7 characters without accents
	Usual    string     `yaml:"usual"` // "yes" or "no": holds for nearly everybody, taken until the question is answered; empty = unknown
	From     *FactField `yaml:"from"`  // a form field that answers it, so that it is not asked twice
}

// FactField derives a fact from the answer to a form field.
type FactField struct {
	Field string   `yaml:"field"` // key of a field of the procedure's form
	Yes   []string `yaml:"yes"`   // canonical values that mean yes ("true" for a yes/no field)
	No    []string `yaml:"no"`
}

// Requirement gives a paper by its key.
func (p *Procedure) Requirement(key string) (*Requirement, bool) {
	for i := range p.Requirements {
		if p.Requirements[i].Key == key {
			return &p.Requirements[i], true
		}
	}
	return nil, false
}

// Files reports whether the procedure may be filed in a way.
func (p *Procedure) Files(channel FilingChannel) bool {
	for _, c := range p.Channels {
		if c == channel {
			return true
		}
	}
	return false
}

// Registers reports whether an application can be made through this service: the
// procedure may be filed online, or it has a form of its own, which is filled in
// here before somebody comes in person.
func (p *Procedure) Registers() bool {
	return p.Files(FileOnline) || p.Form != "" && p.Form != GenericForm
}
