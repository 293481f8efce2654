package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// LetterKind says what a letter is about.
type LetterKind string

// The kinds of letter.
const (
	OrderLetter           LetterKind = "order"
	PasswordResetLetter   LetterKind = "password reset"
	PasswordChangedLetter LetterKind = "password changed"
	EmailChangedLetter    LetterKind = "email changed" // to the email that it was
	BankDetailsLetter     LetterKind = "bank details changed"
	ConfirmationLetter    LetterKind = "digest confirmation"
	DigestLetter          LetterKind = "digest"   // about artists
	SearchLetter          LetterKind = "searches" // a digest about searches
	MessagesLetter        LetterKind = "messages"
	TestLetter            LetterKind = "test" // tries an address from which letters came back
)

// Letter is one row of the outbox with all that its text needs.
type Letter struct {
	ID        int64      `db:"id"`
	Key       string     `db:"letter_key"` // stable: the Message-ID is made of it
	Kind      LetterKind `db:"kind"`
	State     string     `db:"state"` // waiting, sent, failed, dropped, returned
	Attempts  int        `db:"attempts"`
	CreatedAt time.Time  `db:"created_at"`
	SentAt    *time.Time `db:"sent_at"`

	To        string `db:"email"`
	FirstName string `db:"first_name"` // "" where there is no account
	LastName  string `db:"last_name"`
	Recipient int64  `db:"recipient_id"` // 0 where there is no account

	ResetToken string `db:"-"`        // of a password reset
	ResetID    string `db:"reset_id"` // "" for other kinds

	Event   EventKind    `db:"event_kind"` // of an order letter
	OrderID int64        `db:"order_id"`   // of an order letter
	Order   *Order       `db:"-"`          // of an order letter, as the recipient may see it
	ByClock bool         `db:"by_clock"`   // of an order letter: nobody did it
	Packed  int          `db:"packed"`     // of an order letter: photographs of the packed work
	SendBy  time.Time    `db:"-"`          // of an order letter: when a paid order is overdue; zero before it is paid
	Similar []DigestWork `db:"-"`          // of a request that was declined: works like the one asked for

	SubscriberID   string  `db:"subscriber_id"`   // of letters to followers, "" for other kinds
	SubscriptionID string  `db:"subscription_id"` // of a confirmation
	ConfirmToken   string  `db:"-"`               // of a confirmation
	ArtistName     string  `db:"artist_name"`     // of a confirmation
	Digest         *Digest `db:"-"`               // of a digest, as it is now

	Unread *Unread `db:"-"` // of a letter with messages; nil when all was read before it was due

	ReturnToken string `db:"-"`        // names it in the address to which it comes back
	Troubled    bool   `db:"troubled"` // letters to its address came back
}

// post puts a letter into the outbox, to be sent once tx has committed. The
// key makes it one letter however often the change is tried.
func (s *Store) post(ctx context.Context, tx *sqlx.Tx, key string, kind LetterKind, recipient int64, eventID *int64, resetID *string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO outbox (letter_key, kind, recipient_id, event_id, reset_id, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6)
		ON CONFLICT (letter_key) DO NOTHING`, key, kind, recipient, eventID, resetID, s.now())
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	return nil
}

const letterColumns = `
	b.id, b.letter_key, b.kind, b.state, b.attempts, b.created_at, b.sent_at, COALESCE(b.recipient_id, 0) AS recipient_id,
	COALESCE(NULLIF(b.sent_to, ''), r.email, u.email) AS email, COALESCE(r.first_name, '') AS first_name, COALESCE(r.last_name, '') AS last_name,
	COALESCE(b.subscriber_id::text, '') AS subscriber_id, COALESCE(b.subscription_id::text, '') AS subscription_id,
	COALESCE(q.first_name || ' ' || q.last_name, '') AS artist_name, COALESCE(b.reset_id::text, '') AS reset_id,
	COALESCE(e.kind, '') AS event_kind, COALESCE(e.order_id, 0) AS order_id,
	e.id IS NOT NULL AND e.actor_id IS NULL AS by_clock, (SELECT count(*) FROM images i WHERE i.order_id = e.order_id) AS packed,
	EXISTS (SELECT FROM troubled_addresses a WHERE a.email = lower(COALESCE(NULLIF(b.sent_to, ''), r.email, u.email))) AS troubled`

const letterTables = `
	outbox b
	LEFT JOIN subscribers u ON u.id = b.subscriber_id
	LEFT JOIN members r ON r.id = COALESCE(b.recipient_id, u.member_id)
	LEFT JOIN subscriptions p ON p.id = b.subscription_id
	LEFT JOIN members q ON q.id = p.artist_id
	LEFT JOIN order_events e ON e.id = b.event_id`

// letterLease is how long a claimed letter is left to the one who claimed it.
const letterLease = 2 * time.Minute

// maxAttempts is how often a letter is tried before it is given up.
const maxAttempts = 12

// ClaimLetters takes up to n letters that are due, for the caller to send. What
// is neither reported sent nor failed within two minutes is due again.
func (s *Store) ClaimLetters(ctx context.Context, n int) ([]Letter, error) {
	var ids []int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &ids, `
			UPDATE outbox b SET due_at = $2, attempts = attempts + 1, sent_to = CASE kind WHEN 'email changed' THEN sent_to ELSE COALESCE(
				(SELECT email FROM members WHERE id = b.recipient_id),
				(SELECT COALESCE(r.email, u.email) FROM subscribers u LEFT JOIN members r ON r.id = u.member_id WHERE u.id = b.subscriber_id)) END
			WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id
			             LIMIT $3 FOR UPDATE SKIP LOCKED)
			RETURNING id`, s.now(), s.now().Add(letterLease), n)
	})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if ids, err = s.fixUnread(ctx, ids); err != nil || len(ids) == 0 {
		return nil, err
	}
	letters, err := s.letters(ctx, `b.id = ANY($1) ORDER BY b.id`, pq.Array(ids))
	if err != nil {
		return nil, err
	}
	return s.dropEmpty(ctx, letters)
}

// dropEmpty gives up digests of which nothing is left to tell and those to
// addresses from which letters come back, and returns the other letters.
func (s *Store) dropEmpty(ctx context.Context, letters []Letter) ([]Letter, error) {
	var full []Letter
	var empty []int64
	for _, l := range letters {
		if l.Digest != nil && (l.Troubled || len(l.Digest.Artists) == 0 && len(l.Digest.Searches) == 0) {
			empty = append(empty, l.ID)
		} else {
			full = append(full, l)
		}
	}
	if len(empty) == 0 {
		return full, nil
	}
	return full, s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE outbox SET state = 'dropped' WHERE id = ANY ($1) AND state = 'waiting'`, pq.Array(empty))
		if err != nil {
			return fmt.Errorf("drop letters: %w", err)
		}
		return nil
	})
}

// RecentLetters returns the newest letters, at most n, sent or not.
func (s *Store) RecentLetters(ctx context.Context, n int) ([]Letter, error) {
	return s.letters(ctx, `true ORDER BY b.id DESC LIMIT $1`, n)
}

// Letter returns one letter of the outbox.
func (s *Store) Letter(ctx context.Context, id int64) (Letter, error) {
	letters, err := s.letters(ctx, `b.id = $1`, id)
	if err != nil {
		return Letter{}, err
	}
	if len(letters) == 0 {
		return Letter{}, ErrNotFound
	}
	return letters[0], nil
}

// letters reads letters with the orders that they speak of, as their
// recipients may see them.
func (s *Store) letters(ctx context.Context, where string, args ...any) ([]Letter, error) {
	var letters []Letter
	if err := s.selectRows(ctx, &letters, `SELECT `+letterColumns+` FROM `+letterTables+` WHERE `+where, args...); err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	if err := s.fillDigests(ctx, letters); err != nil {
		return nil, err
	}
	if err := s.fillSearchDigests(ctx, letters); err != nil {
		return nil, err
	}
	if err := s.fillUnread(ctx, letters); err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(letters))
	for _, l := range letters {
		if l.OrderID != 0 {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return s.withTokens(letters), nil
	}
	var orders []struct {
		LetterID int64 `db:"letter_id"`
		Order
	}
	err := s.selectRows(ctx, &orders, `
		SELECT b.id AS letter_id, `+orderColumns("b.recipient_id")+`
		FROM outbox b JOIN order_events e ON e.id = b.event_id JOIN `+orderTables+` ON o.id = e.order_id
		WHERE b.id = ANY($1)`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("read the letters’ orders: %w", err)
	}
	byLetter := make(map[int64]*Order, len(orders))
	for i := range orders {
		byLetter[orders[i].LetterID] = &orders[i].Order
	}
	for i := range letters {
		l := &letters[i]
		if l.Order = byLetter[l.ID]; l.Order != nil && l.Order.PaidAt != nil {
			l.SendBy = l.Order.PaidAt.Add(s.deadlines.Overdue)
		}
	}
	return s.withTokens(letters), s.fillSimilar(ctx, letters)
}

// withTokens adds the tokens of each letter; they are kept nowhere.
func (s *Store) withTokens(letters []Letter) []Letter {
	for i := range letters {
		letters[i].ReturnToken = s.returnToken(letters[i].ID)
		if letters[i].ResetID != "" {
			letters[i].ResetToken = s.resetToken(letters[i].ResetID)
		}
		if letters[i].SubscriptionID != "" {
			letters[i].ConfirmToken = s.token(confirmPurpose, uuidBytes(letters[i].SubscriptionID))
		}
	}
	return letters
}

// LetterSent says that a mail server has taken the letter. Its address is one that
// takes letters again, unless one came back from there.
func (s *Store) LetterSent(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE outbox SET state = CASE WHEN state = 'returned' THEN state ELSE 'sent' END, sent_at = $2, last_error = '' WHERE id = $1`, id, s.now())
		if err == nil {
			_, err = tx.ExecContext(ctx, `
				DELETE FROM troubled_addresses WHERE email = (SELECT lower(sent_to) FROM outbox WHERE id = $1) AND kind <> 'returned'`, id)
		}
		if err != nil {
			return fmt.Errorf("mark letter %d as sent: %w", id, err)
		}
		return nil
	})
}

// LetterFailed says that a letter could not be sent this time. It is tried
// again after a pause that doubles from half a minute to six hours; after
// twelve tries, or when it was refused for good, it is given up and its address is
// marked.
func (s *Store) LetterFailed(ctx context.Context, l Letter, f Failure) error {
	pause := min(30*time.Second<<min(l.Attempts, 10), 6*time.Hour)
	state, kind := "waiting", GivenUpLetters
	switch {
	case f.ForGood:
		state, kind = "failed", RefusedLetters
	case l.Attempts >= maxAttempts:
		state = "failed"
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		// One that was dropped or came back meanwhile stays so.
		result, err := tx.ExecContext(ctx, `
			UPDATE outbox SET state = $2, due_at = $3, last_error = left($4, 500) WHERE id = $1 AND state = 'waiting'`,
			l.ID, state, s.now().Add(pause), f.Reason)
		if err != nil {
			return fmt.Errorf("put letter %d back: %w", l.ID, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 || state == "waiting" {
			return err
		}
		return s.trouble(ctx, tx, l.To, l.ID, kind, f.Code)
	})
}
