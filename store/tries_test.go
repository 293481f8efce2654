package store

import (
	"bytes"
	"testing"
)

func TestNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7":                 "192.0.2.7",
		"::ffff:192.0.2.7":          "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":      "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1%eth0": "2001:db8:1:2::/64",
		"":                          "",
	} {
		if got := network(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestTryKeysNeedTheSecret(t *testing.T) {
	t.Parallel()
	one, two := &Store{secret: []byte("one")}, &Store{secret: []byte("two")}
	key := one.tryKey(signInsOfAccount, "ana@example.org")
	if len(key) != 32 || bytes.Equal(key, two.tryKey(signInsOfAccount, "ana@example.org")) ||
		bytes.Equal(key, one.tryKey(resetsOfAccount, "ana@example.org")) {
		t.Errorf("%x", key)
	}
}

func TestResetTokenIsSealed(t *testing.T) {
	t.Parallel()
	s := &Store{secret: []byte("a secret of the market")}
	id := newUUID()
	token := s.resetToken(id)
	if got, ok := s.resetID(token); !ok || got != id {
		t.Fatalf("%q opens %q, want %q", token, got, id)
	}
	other := &Store{secret: []byte("another secret")}
	for _, forged := range []string{"", token[1:], token + "A", other.resetToken(id), s.resetToken(newUUID())[:22] + token[22:]} {
		if got, ok := s.resetID(forged); ok {
			t.Errorf("%q opens %q", forged, got)
		}
	}
}
