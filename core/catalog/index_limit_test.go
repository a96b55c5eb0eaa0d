package catalog_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/motcua/motcua/core/catalog"
)

// A pack with more different words than the look-up can number is refused: words
// without a number would be lost silently.
func TestTooManyWords(t *testing.T) {
	t.Parallel()
	const perPhrase = 30
	fsys := smallPack(t)
	var b strings.Builder
	b.WriteString("subjects:\n  - key: words\n    name: {vi: Chữ, en: Words}\n    en: [words]\n    vi:\n")
	for n := 0; n < 66_000; n += perPhrase {
		b.WriteString("      - ")
		for i := range perPhrase {
			fmt.Fprintf(&b, "x%d ", n+i)
		}
		b.WriteString("\n")
	}
	fsys["search/elsewhere.yaml"] = &fstest.MapFile{Data: []byte(b.String())}
	_, err := catalog.Load(fsys)
	if err == nil || !strings.Contains(err.Error(), "more than the look-up can number") {
		t.Errorf("66000 words are taken in: %v", err)
	}
}
