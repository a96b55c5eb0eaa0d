package catalog

// wardsFile, oldWardsFile and districtsFile are the files of places/.
type wardsFile struct {
	Basis string    `yaml:"basis"`
	Wards []wardRow `yaml:"wards"`
}

type wardRow struct {
	Code string `yaml:"code"`
	Name string `yaml:"name"` // without the kind: "Sài Gòn"
	Kind string `yaml:"kind"` // phuong, xa, dac_khu
	En   string `yaml:"en"`
}

type oldWardsFile struct {
	Basis string       `yaml:"basis"`
	Wards []oldWardRow `yaml:"wards"`
}

type oldWardRow struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"` // with the kind: "Phường Bến Nghé"
	District string   `yaml:"district"`
	To       []string `yaml:"to"` // units that took it over; several when it was split
}

type districtsFile struct {
	Basis     string        `yaml:"basis"`
	Districts []districtRow `yaml:"districts"`
	City      []string      `yaml:"city"`      // ways to write the city and the country
	Provinces []provinceRow `yaml:"provinces"` // that the city took in
}

type provinceRow struct {
	Name string   `yaml:"name"` // as in a district's province
	Also []string `yaml:"also"`
}

type districtRow struct {
	Code     string   `yaml:"code"`
	Name     string   `yaml:"name"`
	Province string   `yaml:"province"`
	To       []string `yaml:"to"`
	Also     []string `yaml:"also"`     // earlier names
	Initials []string `yaml:"initials"` // what people shorten its name to: "GV", "BThạnh"
}

// outsideFile is places/outside.yaml, which a pack may lack.
type outsideFile struct {
	Basis     string       `yaml:"basis"`
	Provinces []outsideRow `yaml:"provinces"`
}

// outsideRow is a province or city of today that is not this city, with the
// provinces that became part of it and towns and districts people know. A name
// written with its kind ("Quận Đống Đa") is known only with its kind, because a
// street or a unit of the city has the bare name.
type outsideRow struct {
	Name   string   `yaml:"name"` // without the kind
	En     string   `yaml:"en"`
	Also   []string `yaml:"also"`
	Former []string `yaml:"former"`
	Towns  []string `yaml:"towns"`
}

// WardKind is the kind of a commune-level unit.
type WardKind string

// The kinds of unit since 1 July 2025.
const (
	WardPhuong WardKind = "phuong"
	WardXa     WardKind = "xa"
	WardZone   WardKind = "dac_khu"
)

// Ward is a commune-level unit of today: phường, xã or đặc khu.
type Ward struct {
	Code string // GSO code, five digits
	Name string // without the kind: "Sài Gòn"
	Kind WardKind
	En   string // "Sai Gon Ward"
}

// FullName gives the official name with its kind: "Phường Sài Gòn".
func (w Ward) FullName() string { return kindTitle(w.Kind) + " " + w.Name }

func kindTitle(k WardKind) string {
	switch k {
	case WardXa:
		return "Xã"
	case WardZone:
		return "Đặc khu"
	default:
		return "Phường"
	}
}

// PlaceNote says how a place answers a query, where that needs saying.
type PlaceNote string

// The notes on a place.
const (
	PlaceExact    PlaceNote = ""         // the query names it, or an old ward that went whole into it
	PlaceSplit    PlaceNote = "split"    // an old ward of which only a part went into it
	PlaceDistrict PlaceNote = "district" // the query names an old district it was part of
	PlaceSimilar  PlaceNote = "similar"  // the query is misspelt; this is the nearest name
)

// Place is one unit of today that a query may mean.
type Place struct {
	Code    string // of the unit of today
	Name    string // its full name
	Matched string // the name that was recognised: "Phường Bến Nghé, Quận 1"
	Old     bool   // Matched is a name from before 1 July 2025
	Note    PlaceNote
}
