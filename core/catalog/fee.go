package catalog

import "github.com/motcua/motcua/core/pack"

// Fee is what the state asks for, in đồng: the national default and what the
// city set instead for a time.
type Fee struct {
	Amount     int64       `yaml:"amount"`     // 0 = free or not set by the city
	Per        Bilingual   `yaml:"per"`        // "bản sao"; empty = for the whole dossier
	Items      []FeeItem   `yaml:"items"`      // where the law states several figures; empty = Amount only
	Text       Bilingual   `yaml:"text"`       // the rule in one sentence
	Exemptions []Bilingual `yaml:"exemptions"` // who pays nothing
	City       []CityFee   `yaml:"city"`       // the city's own figures, oldest first
	Source     string      `yaml:"source"`
	Verified   bool        `yaml:"verified"` // the amount matches the published figure
}

// FeeItem is one of several figures of a fee.
type FeeItem struct {
	Name   Bilingual `yaml:"name"`
	Amount int64     `yaml:"amount"`
	Per    Bilingual `yaml:"per"` // empty = once
}

// CityFee is a figure that the city's People's Council set for some days and ways
// of filing.
type CityFee struct {
	From       pack.Date       `yaml:"from"` // first day
	To         pack.Date       `yaml:"to"`   // last day; zero = until another one
	Amount     int64           `yaml:"amount"`
	Channels   []FilingChannel `yaml:"channels"` // ways of filing it is for; empty = all
	Text       Bilingual       `yaml:"text"`
	Exemptions []Bilingual     `yaml:"exemptions"`
	Source     string          `yaml:"source"`
	Confidence Confidence      `yaml:"confidence"`
}
