package store

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// TroubleKind says how letters to an address come to nothing.
type TroubleKind string

// The kinds of trouble.
const (
	RefusedLetters  TroubleKind = "refused"  // its mail server did not take one
	ReturnedLetters TroubleKind = "returned" // a server took one, and sent it back
	GivenUpLetters  TroubleKind = "given up" // none could be handed over for long
)

// Trouble is why letters to an address do not arrive. The zero value is no trouble.
type Trouble struct {
	Kind  TroubleKind `db:"kind"`
	Code  string      `db:"code"`  // of the mail server's answer: "5.1.1", or "550"; "" when there was none
	Since *time.Time  `db:"since"` // nil for no trouble
}

// Failure is why a letter was not sent.
type Failure struct {
	Reason  string // for whoever keeps the market
	Code    string // of the mail server's answer, as in Trouble; "" when there was none
	ForGood bool   // it is not to be tried again
}

var mailCode = regexp.MustCompile(`^([45]\.\d{1,3}\.\d{1,3}|[45]\d{2})$`)

// Why says in the market's own words what a mail server meant: its words may be
// anybody's.
func (t Trouble) Why() string {
	switch subject, detail := t.parts(); {
	case subject == "1" && detail == "2", subject == "4" && detail == "4":
		return "There is no mail server for this address."
	case subject == "1", t.Code == "550", t.Code == "551", t.Code == "553":
		return "Its mail server says that there is no such mailbox."
	case subject == "2" && detail == "1":
		return "Its mail server says that the mailbox is closed."
	case subject == "2" && detail == "2", t.Code == "552", t.Code == "452":
		return "Its mail server says that the mailbox is full."
	case subject == "7", t.Code == "554":
		return "Its mail server does not take letters from us."
	case subject == "4", t.Code == "":
		return "Its mail server could not be reached, however often it was tried."
	}
	return "Its mail server did not take them."
}

// parts are the last two of a code of three parts.
func (t Trouble) parts() (subject, detail string) {
	if parts := strings.Split(t.Code, "."); len(parts) == 3 {
		return parts[1], parts[2]
	}
	return "", ""
}

// trouble marks an address: letters to it do not arrive.
func (s *Store) trouble(ctx context.Context, tx *sqlx.Tx, email string, letter int64, kind TroubleKind, code string) error {
	if !mailCode.MatchString(code) {
		code = ""
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO troubled_addresses (email, kind, code, since, letter) VALUES (lower($1), $2, $3, $4, $5)
		ON CONFLICT (email) DO UPDATE SET kind = excluded.kind, code = excluded.code, letter = excluded.letter`, email, kind, code, s.now(), letter)
	if err != nil {
		return fmt.Errorf("mark an address: %w", err)
	}
	return nil
}

// forgetTrouble takes the mark of an address away, and returns since when it was
// there; nil when there was none.
func forgetTrouble(ctx context.Context, tx *sqlx.Tx, email string) (*time.Time, error) {
	var since time.Time
	err := found(tx.GetContext(ctx, &since, `DELETE FROM troubled_addresses WHERE email = lower($1) RETURNING since`, email))
	if err == ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take the mark of an address away: %w", err)
	}
	return &since, nil
}

// TryAddress takes the mark from a member's address and sends a letter there to
// try it. Without a mark it does nothing; tried is false then.
func (s *Store) TryAddress(ctx context.Context, m Member) (tried bool, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var email string
		if err := found(tx.GetContext(ctx, &email, `SELECT email FROM members WHERE id = $1`, m.ID)); err != nil {
			return fmt.Errorf("read the address of member %d: %w", m.ID, err)
		}
		since, err := forgetTrouble(ctx, tx, email)
		if tried = since != nil; err != nil || !tried {
			return err
		}
		return s.post(ctx, tx, fmt.Sprintf("test-%d-%d", m.ID, since.UnixMicro()), TestLetter, m.ID, nil, nil)
	})
	return tried, err
}

// returnPurpose is what the seal of a return token is for.
const returnPurpose = "letter that comes back"

// returnSeal is how much of the seal a return token holds, in bytes: an address has
// room for no more.
const returnSeal = 16

// plainBase32 is for addresses, in which some servers do not tell large letters from
// small ones.
var plainBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// returnToken names a letter in the address to which it comes back. Nobody but the
// market can make one.
func (s *Store) returnToken(letter int64) string {
	id := binary.BigEndian.AppendUint64(nil, uint64(letter))
	return plainBase32.EncodeToString(append(id, s.seal(returnPurpose, id)[:returnSeal]...))
}

// returned is the letter that a return token names.
func (s *Store) returned(token string) (letter int64, ok bool) {
	raw, err := plainBase32.DecodeString(strings.ToLower(token))
	if err != nil || len(raw) != 8+returnSeal || !hmac.Equal(s.seal(returnPurpose, raw[:8])[:returnSeal], raw[8:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(raw)), true
}

// LetterReturned says that the letter of a return token came back, with the code of
// the report if it had one. Of a report only this is believed: which letter it is
// about says the token alone. It fails with ErrNotFound for a token that the market
// did not make; a letter that came back before stays as it is.
func (s *Store) LetterReturned(ctx context.Context, token, code string) error {
	id, ok := s.returned(token)
	if !ok {
		return ErrNotFound
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var to string
		err := found(tx.GetContext(ctx, &to, `
			UPDATE outbox SET state = 'returned', last_error = left('returned ' || $2, 500)
			WHERE id = $1 AND state IN ('waiting', 'sent') AND sent_to <> '' RETURNING sent_to`, id, code))
		if err == ErrNotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("mark letter %d as returned: %w", id, err)
		}
		return s.trouble(ctx, tx, to, id, ReturnedLetters, code)
	})
}
