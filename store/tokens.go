package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// token is what a letter carries: an id, sealed with the market's secret for one
// purpose, in letters that an address may hold. It is kept nowhere.
func (s *Store) token(purpose string, id []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:len(id):len(id)], s.seal(purpose, id)...))
}

// opened is the id, of size bytes, in a token. ok is false when the secret did
// not make it for the purpose.
func (s *Store) opened(purpose, token string, size int) (id []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != size+sha256.Size || !hmac.Equal(s.seal(purpose, raw[:size]), raw[size:]) {
		return nil, false
	}
	return raw[:size], true
}

func (s *Store) seal(purpose string, id []byte) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(purpose + "\x00"))
	h.Write(id)
	return h.Sum(nil)
}

// uuidBytes are the sixteen bytes of a UUID that PostgreSQL wrote.
func uuidBytes(id string) []byte {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil {
		return nil
	}
	return raw
}

// uuidText is a UUID as PostgreSQL writes it.
func uuidText(raw []byte) string {
	h := hex.EncodeToString(raw)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
