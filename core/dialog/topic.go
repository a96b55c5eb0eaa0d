package dialog

import (
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/form"
	"github.com/motcua/motcua/core/text"
)

// How many topics, procedures of one, or units a message lists.
// With "more" and the menu that is a keyboard of eight, or two segments.
const perPage = 6

// showSearch asks for words, and offers topics to those who would rather choose.
func (t *turn) showSearch() {
	t.say("search.ask", nil, core.ExpectAny, append(t.topicOffers(), menuOffer())...)
}

// topicOffers are the topics of the page in view, and the way to the next one.
func (t *turn) topicOffers() []offer {
	topics := t.e.cat.Topics()
	from, to := t.inView(len(topics))
	var offers []offer
	for _, topic := range topics[from:to] {
		offers = append(offers, offer{act: "topic", arg: topic.Key, label: both(topic.Name), short: both(topic.Short)})
	}
	if t.st.Page > 0 || to < len(topics) {
		offers = append(offers, pick("page", "choice.moreTopics"))
	}
	return offers
}

// inView gives the part of a list of n that is in view. After the last page the first
// one comes again.
func (t *turn) inView(n int) (from, to int) {
	if t.st.Page*perPage >= n {
		t.st.Page = 0
	}
	from = t.st.Page * perPage
	return from, min(from+perPage, n)
}

// nextPage turns the page of the list in view.
func (t *turn) nextPage() {
	t.st.Page++
	t.st.Last = "" // other choices: nothing is said again
	t.show()
}

// openTopic lists the procedures of a topic.
func (t *turn) openTopic(key string) {
	t.st.At, t.st.Topic, t.st.Page, t.st.Hits = atTopic, key, 0, nil
	t.show()
}

func (t *turn) showTopic() {
	topic, ok := t.e.cat.Topic(t.st.Topic)
	if !ok {
		t.st.At, t.st.Page = atSearch, 0
		t.showSearch()
		return
	}
	from, to := t.inView(len(topic.Procedures))
	offers := t.procedureOffers(topic.Procedures[from:to])
	if to < len(topic.Procedures) {
		offers = append(offers, pick("page", "choice.showMore"))
	}
	t.say("search.topic", pairs([]string{"topic", topic.Name.In(t.loc)}), core.ExpectChoice,
		append(offers, backOffer(), menuOffer())...)
}

func (t *turn) procedureOffers(codes []string) []offer {
	var offers []offer
	for _, code := range codes {
		if p, ok := t.e.cat.Procedure(code); ok {
			offers = append(offers, offer{act: "card", arg: code, label: procedureLabel(p), short: both(p.Short)})
		}
	}
	return offers
}

// procedureLabel is the name of a procedure in a list: what citizens call it.
func procedureLabel(p *catalog.Procedure) form.Text {
	name := both(p.Short)
	if name.In(text.VI) == "" {
		name = both(p.Name)
	}
	return name
}

// noneOfThese is said by who finds nothing among the answers: other words, a topic,
// or a person.
func (t *turn) noneOfThese() {
	t.missed = true
	t.st.At, t.st.Page = atNone, 0
	t.show()
}

func (t *turn) showNone() {
	t.say("search.none", nil, core.ExpectAny, append(t.topicOffers(), humanOffer(), menuOffer())...)
}

// elsewhere answers what is known and not served here: that it is not, the emergency
// numbers, or a person.
func (t *turn) elsewhere(s *catalog.Subject, said string) {
	switch s.Kind {
	case catalog.KindUrgent:
		t.emergency()
	case catalog.KindPerson:
		t.human(said)
	default:
		t.missed = true
		t.st.At = atHome
		t.say("error.elsewhere", pairs([]string{"name", text.InSentence(s.Name.In(t.loc)), "hotline", t.e.cat.Settings().Hotline}), core.ExpectAny,
			humanOffer(), pick("search", "choice.search"), menuOffer())
	}
}
