package catalog

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/pack"
	"github.com/motcua/motcua/core/text"
)

// The files of a pack.
const (
	wardsName     = "places/wards.yaml"
	oldWardsName  = "places/old_wards.yaml"
	districtsName = "places/districts.yaml"
	outsideName   = "places/outside.yaml"
	officesName   = "offices.yaml"
	calendarName  = "calendar.yaml"
	keywordsName  = "keywords.yaml"
	procedureDir  = "procedures"
	codeDir       = "codes"
	formDir       = "forms"
	messageDir    = "messages"
	searchDir     = "search"
	wordsName     = searchDir + "/words.yaml"
	elsewhereName = searchDir + "/elsewhere.yaml"
	topicsName    = searchDir + "/topics.yaml"
)

// reader reads a whole pack and collects what is wrong on the way. It goes on
// after an issue, so that one run reports all of them.
type reader struct {
	fsys   fs.FS
	issues pack.Issues

	procedures []*Procedure
	wards      wardsFile
	oldWards   oldWardsFile
	districts  districtsFile
	outside    outsideFile
	offices    officesFile
	calendar   calendarFile
	keywords   keywordsFile
	words      wordsFile
	elsewhere  elsewhereFile
	topics     topicsFile
	codes      map[string]form.CodeList
	forms      map[string]*form.Form
	formFields map[string]map[string]form.Field // by form id, by key
	conditions map[conditionKey]*form.Condition

	language     *form.Conditions // of all conditions; nil until the first
	environments int              // how many were made
}

func newReader(fsys fs.FS) *reader {
	return &reader{
		fsys:  fsys,
		codes: map[string]form.CodeList{}, forms: map[string]*form.Form{},
		formFields: map[string]map[string]form.Field{},
		conditions: map[conditionKey]*form.Condition{},
	}
}

// fail notes an issue at a place in a file.
func (r *reader) fail(file string, at []string, format string, args ...any) {
	r.issues = append(r.issues, pack.At(r.fsys, file, at, format, args...))
}

// check notes an issue unless ok.
func (r *reader) check(ok bool, file string, at []string, format string, args ...any) {
	if !ok {
		r.fail(file, at, format, args...)
	}
}

func (r *reader) decode(file string, into any) bool {
	err := pack.Decode(r.fsys, file, into)
	r.issues = append(r.issues, pack.AsIssues(file, err)...)
	return err == nil
}

// read reads everything. What it returns is usable only when there are no
// issues.
func (r *reader) read() *Catalog {
	files, err := pack.Files(r.fsys)
	if err != nil {
		r.issues = append(r.issues, pack.AsIssues(".", err)...)
		return nil
	}
	manifest, err := pack.ReadManifest(r.fsys)
	r.issues = append(r.issues, pack.AsIssues(pack.ManifestFile, err)...)
	hash, err := pack.ContentHash(r.fsys)
	r.issues = append(r.issues, pack.AsIssues(".", err)...)
	r.unknownFiles(files)

	wellFormed := r.readPlaces()
	r.readOutside(files)
	if r.decode(calendarName, &r.calendar) {
		r.checkCalendar()
	}
	r.readKeywords()
	r.readCodes(under(files, codeDir))
	r.readProcedures(under(files, procedureDir))
	r.readWords(files)
	r.readElsewhere(files)
	r.readTopics(files)
	places := newPlaces(r.wards, r.oldWards, r.districts, r.outside)
	r.readForms(under(files, formDir), places)
	for _, p := range r.procedures {
		r.checkProcedure(p)
	}
	messages := r.readMessages(under(files, messageDir))

	c := &Catalog{
		manifest: manifest, hash: hash, conditions: r.conditions, codes: r.codes, forms: r.forms, messages: messages,
		keywords: r.keywords.Commands, topics: r.topics.Topics,
		calendar: newCalendar(r.calendar), places: places, versions: map[string][]*Procedure{}, offices: map[string]Office{},
	}
	if r.decode(officesName, &r.offices) {
		r.checkOffices(wellFormed)
		r.makeOffices(c)
	}
	r.version(c)
	return c
}

// version orders the versions of each procedure and indexes the newest ones.
func (r *reader) version(c *Catalog) {
	for _, p := range r.procedures {
		c.versions[p.Code] = append(c.versions[p.Code], p)
	}
	for code, vs := range c.versions {
		slices.SortStableFunc(vs, func(a, b *Procedure) int { return a.EffectiveFrom.Compare(b.EffectiveFrom) })
		for i := 1; i < len(vs); i++ {
			r.check(vs[i].EffectiveFrom != vs[i-1].EffectiveFrom, vs[i].file, []string{"effectiveFrom"},
				"another version of %s starts on the same day (%s)", code, vs[i-1].file)
			r.check(vs[i].Version != vs[i-1].Version, vs[i].file, []string{"version"},
				"the version %s of %s is also in %s", vs[i].Version, code, vs[i-1].file)
		}
		c.procedures = append(c.procedures, vs[len(vs)-1])
	}
	slices.SortFunc(c.procedures, func(a, b *Procedure) int { return strings.Compare(a.Code, b.Code) })
	c.index = newIndex(c.procedures, r.words, r.elsewhere.Subjects, r.topics.Popular)
	r.checkIndex(c.index)
}

// checkIndex refuses a pack with more words or documents than the index can number.
func (r *reader) checkIndex(ix *index) {
	if len(ix.docs) > maxDocuments || len(ix.terms) >= maxVocabulary || len(ix.formTerm) >= maxVocabulary {
		r.issues = append(r.issues, pack.Issue{File: procedureDir, Message: fmt.Sprintf(
			"%d procedures and subjects with %d different words are more than the look-up can number", len(ix.docs), len(ix.formTerm))})
	}
}

// under gives the YAML files of a folder.
func under(files []string, dir string) []string {
	var out []string
	for _, f := range files {
		if strings.HasPrefix(f, dir+"/") && path.Ext(f) == ".yaml" {
			out = append(out, f)
		}
	}
	return out
}

// unknownFiles refuses files that no part of the program would ever read: a
// misplaced or misspelt file must not be dropped silently.
func (r *reader) unknownFiles(files []string) {
	single := []string{pack.ManifestFile, wardsName, oldWardsName, districtsName, outsideName, officesName, calendarName, keywordsName,
		wordsName, elsewhereName, topicsName}
	for _, f := range files {
		dir, known := path.Dir(f), slices.Contains(single, f)
		switch dir {
		case procedureDir, codeDir, formDir, messageDir + "/vi", messageDir + "/en":
			known = path.Ext(f) == ".yaml"
		}
		if !known {
			r.issues = append(r.issues, pack.Issue{File: f, Message: "this file is no part of a pack"})
		}
	}
}

func (r *reader) readProcedures(files []string) {
	if len(files) == 0 {
		r.issues = append(r.issues, pack.Issue{File: procedureDir, Message: "the pack has no procedure"})
	}
	for _, f := range files {
		p := &Procedure{file: f}
		if r.decode(f, p) {
			r.procedures = append(r.procedures, p)
		}
	}
}

func (r *reader) readCodes(files []string) {
	for _, f := range files {
		var l form.CodeList
		if !r.decode(f, &l) {
			continue
		}
		r.check(l.Name == strings.TrimSuffix(path.Base(f), ".yaml"), f, []string{"name"}, "the list must be named like its file")
		seen := map[string]bool{}
		for i, o := range l.Codes {
			at := []string{"codes", itoa(i), "value"}
			r.check(o.Value != "" && o.VI != "" && o.EN != "", f, at[:2], "a code has value, vi and en")
			r.check(!seen[o.Value], f, at, "the code %q occurs twice", o.Value)
			seen[o.Value] = true
		}
		r.check(len(l.Codes) > 0, f, []string{"codes"}, "the list is empty")
		r.codes[l.Name] = l
	}
}

// readMessages reads messages/<locale>/*.yaml.
func (r *reader) readMessages(files []string) *text.Catalogue {
	entries := map[text.Locale]map[string]text.Entry{}
	home := map[[2]string]string{} // locale and key → file
	for _, f := range files {
		locale := path.Base(path.Dir(f))
		texts, err := pack.DecodeTexts(r.fsys, f)
		if err != nil {
			r.issues = append(r.issues, pack.AsIssues(f, err)...)
			continue
		}
		if entries[locale] == nil {
			entries[locale] = map[string]text.Entry{}
		}
		for key, variants := range texts {
			if first, twice := home[[2]string{locale, key}]; twice {
				r.fail(f, []string{key}, "the message %q is already in %s", key, first)
				continue
			}
			home[[2]string{locale, key}] = f
			entries[locale][key] = r.entry(f, key, variants)
		}
	}
	catalogue, problems := text.NewCatalogue(entries)
	for _, p := range problems {
		f, ok := home[[2]string{p.Locale, p.Key}]
		if !ok { // missing in this language: point at where it is written
			for _, l := range text.Locales() {
				if other, there := home[[2]string{l, p.Key}]; there {
					f = other
				}
			}
		}
		if f == "" {
			r.issues = append(r.issues, pack.Issue{File: messageDir, Message: p.String()})
			continue
		}
		at := []string{p.Key}
		if p.Variant != "" {
			at = append(at, p.Variant)
		}
		r.fail(f, at, "%s", p.String())
	}
	return catalogue
}

func (r *reader) entry(file, key string, variants map[string]string) text.Entry {
	var e text.Entry
	for variant, s := range variants {
		switch variant {
		case "", "rich":
			e.Rich = s
		case "short":
			e.Short = s
		case "screen":
			e.Screen = s
		case "spoken":
			e.Spoken = s
		case "what":
			e.What = s
		case "fix":
			e.Fix = s
		case "exit":
			e.Exit = s
		default:
			r.fail(file, []string{key, variant}, "the variant %q is not known: rich, short, screen, spoken, or what, fix, exit", variant)
		}
	}
	return e
}

func (r *reader) makeOffices(c *Catalog) {
	own := map[string]officeRow{}
	for _, row := range r.offices.Offices {
		own[row.Ward] = row
	}
	for _, ward := range c.places.wards {
		row, ok := own[ward.Code]
		if !ok {
			row = r.offices.Default
		}
		c.offices[ward.Code] = office(row, ward, c.calendar)
	}
	c.city = CityCentre{Name: r.offices.City.Name, Address: r.offices.City.Address, Anywhere: r.offices.City.Anywhere}
	c.police, c.anywhere = r.offices.Police, r.offices.Anywhere
}
