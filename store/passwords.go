package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// passwordHasher makes and checks argon2id hashes (RFC 9106) with the
// parameters that OWASP recommends for 19 MiB. A hash costs about 20 ms and
// 19 MiB, so only two are computed at once: a storm of sign-ins waits in line
// instead of taking the machine's memory.
type passwordHasher struct{ slots chan struct{} }

const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
)

func newPasswordHasher() passwordHasher {
	return passwordHasher{slots: make(chan struct{}, 2)}
}

// hash returns the PHC string of a password.
func (h passwordHasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	sum, err := h.derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// matches reports whether the password has the PHC string. An empty or foreign
// string takes the same time as a real one and never matches.
func (h passwordHasher) matches(ctx context.Context, password, phc string) (bool, error) {
	salt, want := make([]byte, 16), make([]byte, 32)
	known := false
	if parts := strings.Split(phc, "$"); len(parts) == 6 && parts[1] == "argon2id" {
		s, err1 := base64.RawStdEncoding.DecodeString(parts[4])
		w, err2 := base64.RawStdEncoding.DecodeString(parts[5])
		if err1 == nil && err2 == nil && len(w) == len(want) {
			salt, want, known = s, w, true
		}
	}
	sum, err := h.derive(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && known, nil
}

func (h passwordHasher) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		// The same letters typed on another keyboard can be other code points.
		return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), salt, argonTime, argonMemory, argonThreads, 32), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
