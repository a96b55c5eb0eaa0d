package coretest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/motcua/motcua/core"
)

// Sealer makes a core.Sealer of one secret, with AES-256-GCM and HMAC-SHA-256 of
// the standard library. Two sealers of the same secret open each other's work.
func Sealer(secret string) core.Sealer {
	derive := func(purpose string) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(purpose))
		return m.Sum(nil)
	}
	aead := gcm(derive("seal"))
	hashKey := derive("hash")
	return core.Sealer{
		Seal: func(aad string, plain []byte) ([]byte, error) {
			nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
			if _, err := rand.Read(nonce); err != nil {
				return nil, err
			}
			return aead.Seal(nonce, nonce, plain, []byte(aad)), nil
		},
		Open: func(aad string, sealed []byte) ([]byte, error) {
			n := aead.NonceSize()
			if len(sealed) < n {
				return nil, errors.New("coretest: sealed value is too short")
			}
			return aead.Open(nil, sealed[:n], sealed[n:], []byte(aad))
		},
		Hash: func(domain, value string) []byte {
			m := hmac.New(sha256.New, hashKey)
			m.Write([]byte(domain))
			m.Write([]byte{0})
			m.Write([]byte(value))
			return m.Sum(nil)
		},
		Derive: derive,
	}
}

// gcm cannot fail: the key has 32 bytes.
func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}
