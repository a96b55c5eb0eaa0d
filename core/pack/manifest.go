package pack

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ManifestFile is the name of the manifest in the root of a pack.
const ManifestFile = "pack.yaml"

// Manifest is pack.yaml: what the pack is and the settings of its city.
type Manifest struct {
	ID            string    `yaml:"id"`            // "hcmc"; lower-case letters, digits, hyphens
	Version       string    `yaml:"version"`       // "2026.11.1"; bound to the content hash when first used
	EffectiveFrom Date      `yaml:"effectiveFrom"` // first day the pack may be used, Viet Nam time
	Name          Bilingual `yaml:"name"`
	Settings      Settings  `yaml:"settings"`
	Sources       []string  `yaml:"sources"` // where the facts come from
}

// Bilingual is a text in the two languages of the service.
type Bilingual struct {
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"en"`
}

// In gives the text of a locale: English for "en", Vietnamese for all others,
// and the other language where one is missing.
func (b Bilingual) In(locale string) string {
	if (locale == "en" || strings.HasPrefix(locale, "en-")) && b.En != "" {
		return b.En
	}
	if b.Vi == "" {
		return b.En
	}
	return b.Vi
}

// Settings are facts of the city that are not of one procedure.
type Settings struct {
	Brand         string           `yaml:"brand"`        // first word of every short message: "HCMC-DVC"
	Hotline       string           `yaml:"hotline"`      // citizens' hotline: "1022"
	ProvinceCode  string           `yaml:"provinceCode"` // GSO code of the province: "79"
	CodeSuffix    string           `yaml:"codeSuffix"`   // local suffix of procedure codes: "000.00.00.H29"
	Organisations OrganisationCode `yaml:"organisationCode"`
}

// OrganisationCode says how the code of a unit is made, until the unit's
// official code (Decision 20/2020/QĐ-TTg) is known.
type OrganisationCode struct {
	Template    string `yaml:"template"`    // "{ward}" stands for the unit's five-digit code: "H29.{ward}"
	Provisional bool   `yaml:"provisional"` // true: our own numbering, not an official code
	Note        string `yaml:"note"`
}

// For gives the organisation code of a unit.
func (o OrganisationCode) For(ward string) string {
	return strings.ReplaceAll(o.Template, "{ward}", ward)
}

// Date is a day of the civil calendar in Viet Nam, written 2026-07-01.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-07-01" and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a day of the form 2026-07-01", s)
	}
	return DateOf(t), nil
}

// DateOf gives the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// UnmarshalText reads the form of ParseDate.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalText writes the form of ParseDate; the zero Date is empty.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String gives "2026-07-01", or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports whether no day was given.
func (d Date) IsZero() bool { return d == Date{} }

// Compare gives -1, 0 or +1 as d is before, the same as or after other.
func (d Date) Compare(other Date) int {
	return strings.Compare(d.String(), other.String())
}

// In gives the first moment of the day in a zone.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

var (
	packID      = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)
	packVersion = regexp.MustCompile(`^\d{4}\.\d{1,2}\.\d{1,3}(-[a-z0-9]{1,16})?$`)
	brandWord   = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,10}$`)
	hotlineNo   = regexp.MustCompile(`^[0-9 ]{3,12}$`)
	provinceNo  = regexp.MustCompile(`^\d{2}$`)
)

// ReadManifest reads and checks pack.yaml. The error is Issues.
func ReadManifest(fsys fs.FS) (Manifest, error) {
	data, err := ReadFile(fsys, ManifestFile)
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := DecodeBytes(ManifestFile, data, &m); err != nil {
		return Manifest{}, err
	}
	var issues Issues
	check := func(ok bool, message string, path ...string) {
		if !ok {
			issues = append(issues, Issue{File: ManifestFile, Line: LocateBytes(data, path...),
				Path: strings.Join(path, "."), Message: message})
		}
	}
	s := m.Settings
	check(packID.MatchString(m.ID), "the id must be a lower-case word, for example hcmc", "id")
	check(packVersion.MatchString(m.Version), "the version must be year.month.number, for example 2026.11.1", "version")
	check(!m.EffectiveFrom.IsZero(), "the first day of effect is missing", "effectiveFrom")
	check(m.Name.Vi != "" && m.Name.En != "", "the name is needed in vi and en", "name")
	check(brandWord.MatchString(s.Brand), "the brand must be 2 to 11 capital letters, digits or hyphens", "settings", "brand")
	check(hotlineNo.MatchString(s.Hotline), "the hotline must be a telephone number", "settings", "hotline")
	check(provinceNo.MatchString(s.ProvinceCode), "the province code must be two digits", "settings", "provinceCode")
	check(strings.Contains(s.Organisations.Template, "{ward}"),
		"the template must contain {ward}", "settings", "organisationCode", "template")
	return m, issues.Err()
}

// Files lists the files of a pack in a fixed order: every regular file but Go
// sources and those whose name, or a folder's, starts with "." or "_" or is
// "testdata". These are what go:embed takes of the same directory, so that a
// pack has one content wherever it is read from. The error is Issues.
func Files(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		hidden := name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata")
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden || path.Ext(base) == ".go":
			return nil
		case !entry.Type().IsRegular():
			return Issue{File: name, Message: "a pack holds regular files only"}
		}
		names = append(names, name)
		if len(names) > MaxFiles {
			return Issue{File: ".", Message: fmt.Sprintf("the pack has more than %d files", MaxFiles)}
		}
		return nil
	})
	if err != nil {
		return nil, AsIssues(".", err)
	}
	slices.Sort(names)
	return names, nil
}

// ContentHash gives the SHA-256, in lower-case hex, of all files of a pack: for
// each file in the order of Files the length of its name, the name, the length
// of its content and the content, lengths as 8 bytes big-endian. The error is
// Issues.
func ContentHash(fsys fs.FS) (string, error) {
	names, err := Files(fsys)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	write := func(data []byte) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(data)))
		h.Write(length[:])
		h.Write(data)
	}
	for _, name := range names {
		data, err := ReadFile(fsys, name)
		if err != nil {
			return "", err
		}
		write([]byte(name))
		write(data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
