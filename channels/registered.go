package channels

import (
	"strings"

	"github.com/motcua/motcua/channels/sms"
	"github.com/motcua/motcua/core"
	"github.com/motcua/motcua/core/text"
)

// keyGeneral is the message that a person gets in place of one that may not be
// sent: that there is something to read, and where.
const keyGeneral = "general"

// menuLabel is the most characters of one choice of a menu: the renderer cuts a
// longer one.
const menuLabel = 60

// unregistered says why a prompt may not leave where only registered texts get
// through (Capabilities.Registered), "" when it may. One part is allowed: an
// instance of the template of the prompt's key (sms.Templates) and behind it a menu
// of the prompt's own choices. So whatever a text is made of, no words of an
// officer, no second part and no longer value than is declared reach the vendor,
// who would refuse them, or worse, would not.
func (r *Renderer) unregistered(p core.Prompt, parts []Outbound) string {
	locale := p.Locale
	if locale == "" {
		locale = text.VI
	}
	if len(parts) != 1 {
		return "several parts where one is declared"
	}
	body, menu := strings.TrimSuffix(parts[0].Text, parts[0].Menu), parts[0].Menu
	room := sms.Room(1)
	if menu != "" {
		room = sms.Room(menuSegments)
	}
	if n, ok := text.Septets(parts[0].Text); !ok || n > room {
		return "longer than is declared"
	}
	if !r.messages.ShortInstance(locale, p.Key, body) {
		return "no instance of the registered template"
	}
	return ""
}
