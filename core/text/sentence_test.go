package text_test

import (
	"testing"

	"github.com/motcua/motcua/core/text"
)

func TestInSentence(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Đăng ký khai sinh": "đăng ký khai sinh", "Ủy quyền": "ủy quyền", "birth": "birth", "A paper": "a paper",
		"ID card": "ID card", "SIM cards": "SIM cards", "VNeID": "VNeID", "CT01": "CT01", "D2": "D2", "": "", "X": "x", "\xff\xfe": "\xff\xfe",
	} {
		if got := text.InSentence(name); got != want {
			t.Errorf("%q is %q inside a sentence, want %q", name, got, want)
		}
	}
}
