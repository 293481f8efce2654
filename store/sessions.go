package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// SessionAge is how long a browser stays signed in without being used.
const SessionAge = 30 * 24 * time.Hour

// Session is a signed-in browser, with the member who uses it.
type Session struct {
	ID        int64     `db:"session_id"`
	Member    Member    `db:"m"`
	GalleryID int64     `db:"gallery_id"` // a collector's own; 0 for others
	Unseen    int       `db:"unseen"`     // notifications not seen yet
	SeenAt    time.Time `db:"seen_at"`
	ExpiresAt time.Time `db:"expires_at"`
}

const memberColumns = `
	m.id AS "m.id", m.role AS "m.role", m.username AS "m.username", m.email AS "m.email",
	m.first_name AS "m.first_name", m.last_name AS "m.last_name", m.address AS "m.address",
	m.town AS "m.town", m.postcode AS "m.postcode", m.bio AS "m.bio", m.website AS "m.website",
	m.created_at AS "m.created_at"`

// Session returns the session of a token from a cookie. It fails with
// ErrSignedOut when there is none (any more).
func (s *Store) Session(ctx context.Context, token string) (Session, error) {
	hash, ok := tokenHash(token)
	if !ok {
		return Session{}, ErrSignedOut
	}
	var session Session
	err := s.getRow(ctx, &session, `
		SELECT s.id AS session_id, s.seen_at, s.expires_at, `+memberColumns+`,
			COALESCE((SELECT g.id FROM galleries g WHERE g.collector_id = m.id), 0) AS gallery_id,
			(SELECT count(*) FROM notifications n WHERE n.recipient_id = m.id AND n.seen_at IS NULL) AS unseen
		FROM sessions s JOIN members m ON m.id = s.member_id
		WHERE s.token_hash = $1 AND s.expires_at > $2`, hash, s.now())
	if errors.Is(err, ErrNotFound) {
		return Session{}, ErrSignedOut
	}
	return session, err
}

// tokenHash is what the database keeps of a cookie's token.
func tokenHash(token string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil, false
	}
	sum := sha256.Sum256(raw)
	return sum[:], true
}
