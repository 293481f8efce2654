package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ResetAge is how long the link of a password letter opens something.
const ResetAge = time.Hour

// resetPace is how long every answer to a request for a password letter takes,
// so that its time does not tell whether there is such a member.
const resetPace = 80 * time.Millisecond

// ChangePassword gives the member a new password, ends every session but
// keepSession and sends them word. It fails with *Invalid for the fields
// "current_password", "password" and "password_again", and with *TooMany after
// too many wrong tries at the current one.
func (s *Store) ChangePassword(ctx context.Context, m Member, keepSession int64, current, password, again string) error {
	var inv Invalid
	if err := s.checkCurrent(ctx, &inv, m, current, "Write your present password."); err != nil {
		return err
	}
	checkPassword(&inv, password, again, m.own()...)
	if err := inv.Err(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	key := "password-changed-" + newUUID()
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return s.setPassword(ctx, tx, m.ID, hash, keepSession, key) })
}

// own is what the member's password must not be like.
func (m Member) own() []string {
	return Profile{Username: m.Username, Email: m.Email, FirstName: m.FirstName, LastName: m.LastName}.own()
}

// checkCurrent adds a sentence when the password is not the member's present
// one. Wrong ones count like wrong ones at sign-in.
func (s *Store) checkCurrent(ctx context.Context, inv *Invalid, m Member, password, missing string) error {
	if password == "" {
		inv.Add("current_password", missing)
		return nil
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := s.try(ctx, tx, signInsOfAccount, account(m.Email))
		return err
	})
	if err != nil {
		return err
	}
	var hash string
	if err := s.getRow(ctx, &hash, `SELECT password_hash FROM members WHERE id = $1`, m.ID); err != nil {
		return err
	}
	ok, err := s.passwords.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !ok {
		inv.Add("current_password", "That is not your present password.")
		return nil
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return s.forget(ctx, tx, signInsOfAccount, account(m.Email)) })
}

// setPassword replaces a password, ends all sessions but one (0 keeps none),
// voids the links of letters under way and posts the letter that tells of it.
func (s *Store) setPassword(ctx context.Context, tx *sqlx.Tx, memberID int64, hash string, keepSession int64, letterKey string) error {
	_, err := tx.ExecContext(ctx, `UPDATE members SET password_hash = $2, updated_at = $3 WHERE id = $1`, memberID, hash, s.now())
	if err != nil {
		return fmt.Errorf("set a password: %w", err)
	}
	if _, err := endSessions(ctx, tx, `member_id = $1 AND id <> $2`, memberID, keepSession); err != nil {
		return err
	}
	if err := s.voidResets(ctx, tx, memberID); err != nil {
		return err
	}
	return s.post(ctx, tx, letterKey, PasswordChangedLetter, memberID, nil, nil)
}

// voidResets makes every link sent to the member useless.
func (s *Store) voidResets(ctx context.Context, tx *sqlx.Tx, memberID int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE password_resets SET used_at = $2 WHERE member_id = $1 AND used_at IS NULL`, memberID, s.now())
	if err != nil {
		return fmt.Errorf("void password letters: %w", err)
	}
	return nil
}

// RequestPasswordReset sends a letter with a link that sets a new password, if
// there is a member with that email. Nothing in the answer, nor its time, tells
// whether there is. It fails with *Invalid for the field "email", and with
// *TooMany after too many requests for the account or from the network address.
func (s *Store) RequestPasswordReset(ctx context.Context, email, address string) error {
	var inv Invalid
	email = oneLine(email)
	checkEmail(&inv, email)
	if err := inv.Err(); err != nil {
		return err
	}
	answer := time.NewTimer(resetPace)
	defer answer.Stop()
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := s.try(ctx, tx, resetsOfAccount, account(email)); err != nil {
			return err
		}
		if _, err := s.try(ctx, tx, resetsOfAddress, network(address)); err != nil {
			return err
		}
		return s.postReset(ctx, tx, email)
	})
	select {
	case <-answer.C:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) postReset(ctx context.Context, tx *sqlx.Tx, email string) error {
	id := newUUID()
	var memberID int64
	err := found(tx.GetContext(ctx, &memberID, `
		INSERT INTO password_resets (id, member_id, created_at, expires_at)
		SELECT $1, id, $3, $4 FROM members WHERE lower(email) = lower($2)
		RETURNING member_id`, id, email, s.now(), s.now().Add(ResetAge)))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin a password reset: %w", err)
	}
	return s.post(ctx, tx, "password-reset-"+id, PasswordResetLetter, memberID, nil, &id)
}

// PasswordReset reports whether the token of a letter is still good, without
// using it up: ErrNotFound when it is not.
func (s *Store) PasswordReset(ctx context.Context, token string) error {
	_, _, err := s.reset(ctx, token)
	return err
}

// ResetPassword sets the new password of the member whose letter brought the
// token. It uses the token up, voids all others, ends all sessions and sends
// word. It fails with *Invalid for the fields "password" and "password_again",
// which leaves the token good, and with ErrNotFound when it is not.
func (s *Store) ResetPassword(ctx context.Context, token, password, again string) (Member, error) {
	id, m, err := s.reset(ctx, token)
	if err != nil {
		return Member{}, err
	}
	var inv Invalid
	checkPassword(&inv, password, again, m.own()...)
	if err := inv.Err(); err != nil {
		return Member{}, err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return Member{}, err
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var used string
		err := found(tx.GetContext(ctx, &used, `
			UPDATE password_resets SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 RETURNING id`, id, s.now()))
		if err != nil {
			return err
		}
		if err := s.forget(ctx, tx, signInsOfAccount, account(m.Email)); err != nil {
			return err
		}
		return s.setPassword(ctx, tx, m.ID, hash, 0, "password-changed-"+id)
	})
	return m, err
}

// reset returns the id and the member of a token that is still good.
func (s *Store) reset(ctx context.Context, token string) (id string, m Member, err error) {
	id, ok := s.resetID(token)
	if !ok {
		return "", Member{}, ErrNotFound
	}
	err = s.getRow(ctx, &m, `
		SELECT m.id, m.role, m.username, m.email, m.first_name, m.last_name
		FROM password_resets r JOIN members m ON m.id = r.member_id
		WHERE r.id = $1 AND r.used_at IS NULL AND r.expires_at > $2`, id, s.now())
	return id, m, err
}

// resetToken is what the letter of a reset carries.
func (s *Store) resetToken(id string) string { return s.token("password reset", uuidBytes(id)) }

// resetID opens a token. ok is false when the secret did not make it.
func (s *Store) resetID(token string) (id string, ok bool) {
	raw, ok := s.opened("password reset", token, 16)
	if !ok {
		return "", false
	}
	return uuidText(raw), true
}
