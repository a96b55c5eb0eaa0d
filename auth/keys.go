package auth

import (
	"crypto/ed25519"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

// keyPeriod is how long one signing key is used. The key before it still
// verifies, because a token may be signed in the last second of its period.
const keyPeriod = 30 * 24 * time.Hour

// keyring holds the signing keys. They are derived from the server's key and the
// number of the period, so that every node has the same ones, they rotate by
// themselves, and none is stored. Generation changes all of them at once.
type keyring struct {
	derive     func(purpose string) []byte
	generation int

	mu   sync.Mutex
	keys map[string]ed25519.PrivateKey
}

func newKeyring(derive func(string) []byte, generation int) *keyring {
	return &keyring{derive: derive, generation: generation, keys: map[string]ed25519.PrivateKey{}}
}

// period counts key periods since 1970.
func period(now time.Time) int64 { return now.Unix() / int64(keyPeriod/time.Second) }

// kid names the key of a period: "1-688".
func (k *keyring) kid(p int64) string {
	return strconv.Itoa(k.generation) + "-" + strconv.FormatInt(p, 10)
}

// signing gives the key to sign with at now.
func (k *keyring) signing(now time.Time) (kid string, key ed25519.PrivateKey) {
	kid = k.kid(period(now))
	return kid, k.byID(kid)
}

// verifying gives the public key of kid if it may have signed a token that is
// valid at now: the key of this period or of the one before or, for nodes whose
// clocks differ by seconds, after it.
func (k *keyring) verifying(kid string, now time.Time) (ed25519.PublicKey, bool) {
	p := period(now)
	for _, candidate := range []int64{p, p - 1, p + 1} {
		if kid == k.kid(candidate) {
			return k.byID(kid).Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}

func (k *keyring) byID(kid string) ed25519.PrivateKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[kid]
	if !ok {
		key = ed25519.NewKeyFromSeed(k.derive("auth.jwt." + kid))
		k.keys[kid] = key
	}
	return key
}

// PublicKeys lists the keys that verify at now, hex by kid, for operators.
func (t *Tokens) PublicKeys(now time.Time) map[string]string {
	out := map[string]string{}
	for _, p := range []int64{period(now) - 1, period(now)} {
		kid := t.keys.kid(p)
		out[kid] = hex.EncodeToString(t.keys.byID(kid).Public().(ed25519.PublicKey))
	}
	return out
}
