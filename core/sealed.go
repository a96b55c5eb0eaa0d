package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
)

// Sealed is personal data on its way to or from the store. In memory it holds
// the plain bytes; a store writes it encrypted (AAD = table ‖ row id) and gives
// it back opened. It prints, logs and marshals as "[sealed]", so that it cannot
// leak by accident.
type Sealed []byte

const sealedText = "[sealed]"

// String hides the content.
func (Sealed) String() string { return sealedText }

// GoString hides the content.
func (Sealed) GoString() string { return sealedText }

// Format hides the content from every fmt verb, %x included.
func (Sealed) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(sealedText)) }

// LogValue hides the content from slog.
func (Sealed) LogValue() slog.Value { return slog.StringValue(sealedText) }

// MarshalJSON refuses: a Sealed inside a JSON document would leave the store's
// protection.
func (Sealed) MarshalJSON() ([]byte, error) {
	return nil, errors.New("core: Sealed must not be marshalled")
}

// SealJSON encodes v as the content of a Sealed.
func SealJSON(v any) (Sealed, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, E(CodeInternal, "core.seal_json", "", err)
	}
	return b, nil
}

// OpenJSON decodes the content of s into v. Empty content leaves v as it is.
func OpenJSON(s Sealed, v any) error {
	if len(s) == 0 {
		return nil
	}
	if err := json.Unmarshal(s, v); err != nil {
		return E(CodeInternal, "core.open_json", "", err)
	}
	return nil
}

// Sealer is what the store needs of the key service. It is a struct of functions
// because there is one implementation (internal/seal) and the middle must not
// import it.
type Sealer struct {
	Seal   func(aad string, plain []byte) ([]byte, error)
	Open   func(aad string, sealed []byte) ([]byte, error)
	Hash   func(domain, value string) []byte // keyed; for look-ups by phone, address, token
	Derive func(purpose string) []byte       // 32-byte subkey, the same as long as the key file lives
}
