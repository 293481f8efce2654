package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// SessionAge is how long a browser stays signed in without being used.
const SessionAge = 30 * 24 * time.Hour

// sessionStep is how exactly the last use of a session is known.
const sessionStep = 5 * time.Minute

// Session is a signed-in browser, with the member who uses it.
type Session struct {
	ID        int64     `db:"session_id"`
	Member    Member    `db:"m"`
	GalleryID int64     `db:"gallery_id"` // a collector's own; 0 for others
	Unseen    int       `db:"unseen"`     // notifications not seen yet
	Trouble   Trouble   `db:"trouble"`    // why letters to the member do not arrive
	SeenAt    time.Time `db:"seen_at"`
	ExpiresAt time.Time `db:"expires_at"`
}

// SessionInfo is a line of the list of one's devices.
type SessionInfo struct {
	ID        int64     `db:"id"`
	Device    string    `db:"device"` // "Firefox on Linux"
	CreatedAt time.Time `db:"created_at"`
	SeenAt    time.Time `db:"seen_at"` // to within five minutes
}

const memberColumns = `
	m.id AS "m.id", m.role AS "m.role", m.username AS "m.username", m.email AS "m.email",
	m.first_name AS "m.first_name", m.last_name AS "m.last_name", m.address AS "m.address",
	m.town AS "m.town", m.postcode AS "m.postcode", m.bio AS "m.bio", m.website AS "m.website", m.no_learning AS "m.no_learning",
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
			(SELECT count(*) FROM notifications n WHERE n.recipient_id = m.id AND n.seen_at IS NULL) AS unseen,
			COALESCE(t.kind, '') AS "trouble.kind", COALESCE(t.code, '') AS "trouble.code", t.since AS "trouble.since"
		FROM sessions s JOIN members m ON m.id = s.member_id LEFT JOIN troubled_addresses t ON t.email = lower(m.email)
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

// SignIn opens a session for whoever knows the password of an email, on a
// device at a network address, and returns its token. A wrong email and a wrong
// password fail with the same *Invalid after the same time; too many tries, for
// the account or from the address, with *TooMany, even when the password is
// right.
func (s *Store) SignIn(ctx context.Context, email, password, device, address string) (token string, m Member, err error) {
	var inv Invalid
	if email = oneLine(email); email == "" {
		inv.Add("email", "Write your email.")
	}
	if password == "" {
		inv.Add("password", "Write your password.")
	}
	if err := inv.Err(); err != nil {
		return "", Member{}, err
	}
	tries := 0
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		if tries, err = s.try(ctx, tx, signInsOfAccount, account(email)); err != nil {
			return err
		}
		_, err = s.try(ctx, tx, signInsOfAddress, network(address))
		return err
	})
	if err != nil {
		return "", Member{}, err
	}
	var known struct {
		Member
		Hash string `db:"password_hash"`
	}
	err = s.getRow(ctx, &known, `SELECT `+ownColumns+`, password_hash FROM members WHERE lower(email) = lower($1)`, email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Member{}, err
	}
	if ok, err := s.passwords.matches(ctx, password, known.Hash); err != nil {
		return "", Member{}, err
	} else if !ok {
		return "", Member{}, &Invalid{Fields: []FieldError{{"", restWarning(tries)}}}
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := s.forget(ctx, tx, signInsOfAccount, account(email)); err != nil {
			return err
		}
		if err := s.takeBack(ctx, tx, signInsOfAddress, network(address)); err != nil {
			return err
		}
		token, err = s.startSession(ctx, tx, known.ID, device)
		return err
	})
	return token, known.Member, err
}

// restWarning says how near an account is to its rest, after so many tries.
func restWarning(tries int) string {
	which := [...]string{"first", "second", "third", "fourth"}
	if tries < 1 || tries > len(which) {
		return "The account rests for 15 minutes now. Try again then."
	}
	return "After 5 tries the account rests for 15 minutes; this was the " + which[tries-1] + "."
}

// StartSession signs a browser in as a member whom the caller knows, and returns
// the token for its cookie.
func (s *Store) StartSession(ctx context.Context, memberID int64, device string) (token string, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		token, err = s.startSession(ctx, tx, memberID, device)
		return err
	})
	return token, err
}

func (s *Store) startSession(ctx context.Context, tx *sqlx.Tx, memberID int64, device string) (string, error) {
	var raw [32]byte
	rand.Read(raw[:])
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	hash, _ := tokenHash(token)
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sessions (token_hash, member_id, device, created_at, seen_at, expires_at) VALUES ($1, $2, left($3, 120), $4, $4, $5)`,
		hash, memberID, oneLine(device), s.now(), s.now().Add(SessionAge))
	if err != nil {
		return "", fmt.Errorf("start a session: %w", err)
	}
	return token, nil
}

// SeenSession notes that a session is in use, which puts off its end. It writes
// at most once in five minutes, and says then that the cookie is to be renewed
// too.
func (s *Store) SeenSession(ctx context.Context, session Session) (renewed bool, err error) {
	now := s.now()
	if now.Sub(session.SeenAt) < sessionStep {
		return false, nil
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1 AND seen_at < $2`,
			session.ID, now, now.Add(SessionAge))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("renew a session: %w", err)
	}
	return true, nil
}

// Sessions lists the member's devices, the ones used last first.
func (s *Store) Sessions(ctx context.Context, m Member) ([]SessionInfo, error) {
	var list []SessionInfo
	err := s.selectRows(ctx, &list, `
		SELECT id, device, created_at, seen_at FROM sessions WHERE member_id = $1 AND expires_at > $2
		ORDER BY seen_at DESC, id DESC LIMIT 100`, m.ID, s.now())
	return list, err
}

// EndSession signs out the browser that has the token.
func (s *Store) EndSession(ctx context.Context, token string) error {
	hash, _ := tokenHash(token)
	_, err := s.endSessions(ctx, `token_hash = $1`, hash)
	return err
}

// EndSessionByID signs out one of the member's devices. It fails with
// ErrNotFound when it is not theirs.
func (s *Store) EndSessionByID(ctx context.Context, m Member, id int64) error {
	n, err := s.endSessions(ctx, `member_id = $1 AND id = $2`, m.ID, id)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// EndOtherSessions signs the member out everywhere but in the session keep.
func (s *Store) EndOtherSessions(ctx context.Context, m Member, keep int64) error {
	_, err := s.endSessions(ctx, `member_id = $1 AND id <> $2`, m.ID, keep)
	return err
}

// EndAllSessions signs the member out everywhere.
func (s *Store) EndAllSessions(ctx context.Context, m Member) error {
	_, err := s.endSessions(ctx, `member_id = $1`, m.ID)
	return err
}

// SweepSessions forgets sessions that are over and tries that count no more.
func (s *Store) SweepSessions(ctx context.Context) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= $1`, s.now()); err != nil {
			return fmt.Errorf("sweep sessions: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM tries WHERE window_start < $1`, s.now().Add(-24*time.Hour)); err != nil {
			return fmt.Errorf("sweep tries: %w", err)
		}
		return nil
	})
}

func (s *Store) endSessions(ctx context.Context, where string, args ...any) (int64, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var err error
		n, err = endSessions(ctx, tx, where, args...)
		return err
	})
	return n, err
}

func endSessions(ctx context.Context, tx *sqlx.Tx, where string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE `+where, args...)
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return result.RowsAffected()
}
