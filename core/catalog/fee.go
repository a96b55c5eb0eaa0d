package catalog

import (
	"slices"

	"github.com/motcua/motcua/core/pack"
)

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

// holds reports whether the figure is for a day and a way of filing.
func (c CityFee) holds(day pack.Date, channel FilingChannel) bool {
	return c.From.Compare(day) <= 0 && (c.To.IsZero() || day.Compare(c.To) <= 0) &&
		(len(c.Channels) == 0 || slices.Contains(c.Channels, channel))
}

// FeeAt gives what is asked on a day of those who file in one way: the last figure
// of the city that holds then, else the national default. A figure of the city
// takes the place of the national amount, its items, its sentence and, where it
// has its own, its exemptions; it counts as verified only with high confidence.
func (p *Procedure) FeeAt(day pack.Date, channel FilingChannel) Fee {
	fee := p.Fee
	fee.City = nil
	for _, c := range p.Fee.City {
		if !c.holds(day, channel) {
			continue
		}
		fee.Amount, fee.Items, fee.Text, fee.Source = c.Amount, nil, c.Text, c.Source
		fee.Verified = c.Confidence == ConfidenceHigh
		if fee.Exemptions = p.Fee.Exemptions; len(c.Exemptions) > 0 {
			fee.Exemptions = c.Exemptions
		}
	}
	return fee
}
