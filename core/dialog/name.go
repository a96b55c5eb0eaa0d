package dialog

import (
	"strings"

	"github.com/motcua/motcua/core/text"
)

// familyName reports whether a text begins as a Vietnamese name does.
func familyName(raw string) bool {
	words := strings.Fields(text.FoldExact(raw))
	return len(words) >= 2 && text.FamilyName(words[0], text.Accented(raw))
}
