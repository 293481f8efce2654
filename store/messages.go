package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The limits of a message.
const (
	MessageMost  = 2000 // characters of its text
	PicturesMost = 4
)

// alikeLeast is how many words a text has at least that is compared with others:
// shorter ones are said by everybody.
const alikeLeast = 8

// alikeFor is how long before and after a text others are compared with it.
const alikeFor = 7 * 24 * time.Hour

// MessageForm is a message as it is written.
type MessageForm struct {
	Key      string  // a UUID of the form: the same form sent twice is one message
	Text     string  // at most MessageMost characters; may be empty beside pictures
	Pictures []int64 // the sender's photographs, at most PicturesMost
}

// clean makes a form fit to keep. It fails with *Invalid for the fields "text" and
// "pictures".
func (f *MessageForm) clean() error {
	f.Text = written(f.Text)
	if !validUUID(f.Key) {
		f.Key = newUUID()
	}
	var inv Invalid
	if f.Text == "" && len(f.Pictures) == 0 {
		inv.Add("text", "Write something first.")
	}
	limit(&inv, "text", f.Text, MessageMost)
	if len(f.Pictures) > PicturesMost {
		inv.Add("pictures", "Four pictures are the most for one message.")
	}
	return inv.Err()
}

// SendMessage says something in a conversation of the member's; to everybody else
// there is no such. The other one is told at once, and by letter unless they read
// it within LetterAfter. It fails with *Invalid for the fields "text" and
// "pictures", and with *TooMany.
func (s *Store) SendMessage(ctx context.Context, m Member, conversation int64, f MessageForm) error {
	if err := f.clean(); err != nil {
		return err
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error { return s.send(ctx, tx, m, conversation, f, &messagesOfMember) })
	return s.sent(ctx, m, f, err)
}

// sent looks again when the outcome of a message is unknown: its key tells.
func (s *Store) sent(ctx context.Context, m Member, f MessageForm, err error) error {
	if err == nil || isAnswer(err) {
		return err
	}
	var id int64
	if s.getRow(ctx, &id, `SELECT id FROM messages WHERE sender_id = $1 AND key = $2`, m.ID, f.Key) != nil {
		return err
	}
	return nil
}

// send writes a message under the lock of its conversation, and tells of it.
func (s *Store) send(ctx context.Context, tx *sqlx.Tx, m Member, conversation int64, f MessageForm, limit *allowance) error {
	var c struct {
		Conversation
		Last *time.Time `db:"last"`
	}
	err := found(tx.GetContext(ctx, &c, `
		SELECT c.id, c.asker_id, c.artist_id, a.title, r.first_name || ' ' || r.last_name AS artist_name, c.last_at AS last
		FROM conversations c JOIN artworks a ON a.id = c.artwork_id JOIN members r ON r.id = c.artist_id
		WHERE c.id = $1 AND $2 IN (c.asker_id, c.artist_id) FOR UPDATE OF c`, conversation, m.ID))
	if err != nil {
		return err
	}
	var id int64
	err = found(tx.GetContext(ctx, &id, `SELECT id FROM messages WHERE sender_id = $1 AND key = $2`, m.ID, f.Key))
	if !errors.Is(err, ErrNotFound) {
		return err // it was sent before, or a fault
	}
	if _, err := s.try(ctx, tx, *limit, fmt.Sprint(m.ID)); err != nil {
		return err
	}
	at := s.now()
	if c.Last != nil && !at.After(*c.Last) {
		at = c.Last.Add(time.Microsecond) // the clocks of two instances differ
	}
	var alike []byte
	if words := sameWords(f.Text, c.ArtistName, c.Title); m.ID == c.AskerID && strings.Count(words, " ") >= alikeLeast-1 {
		h := sha256.Sum256([]byte(words))
		alike = h[:]
	}
	err = tx.GetContext(ctx, &id, `
		INSERT INTO messages (conversation_id, sender_id, key, text, alike, at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		c.ID, m.ID, f.Key, f.Text, alike, at)
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE conversations SET last_at = $2, last_message_id = $3 WHERE id = $1`, c.ID, at, id)
	}
	if err != nil {
		return fmt.Errorf("send a message: %w", err)
	}
	if err := takePictures(ctx, tx, m, id, f.Pictures); err != nil {
		return err
	}
	return s.tellMessage(ctx, tx, c.Conversation, m.ID, id, at)
}

// tellMessage tells the reader of a message, and the open pages of both.
func (s *Store) tellMessage(ctx context.Context, tx *sqlx.Tx, c Conversation, sender, message int64, at time.Time) error {
	reader := c.otherID(sender)
	// One line of the bell stands for all that is not read, in its newest place.
	_, err := tx.ExecContext(ctx, `DELETE FROM notifications WHERE conversation_id = $1 AND recipient_id = $2 AND seen_at IS NULL`, c.ID, reader)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO notifications (recipient_id, conversation_id, created_at) VALUES ($1, $2, $3)`, reader, c.ID, at)
	}
	if err != nil {
		return fmt.Errorf("notify of a message: %w", err)
	}
	if err := s.postUnread(ctx, tx, c.ID, reader, message); err != nil {
		return err
	}
	if err := tell(ctx, tx, Signal{Member: reader, Talk: c.ID, Told: true}); err != nil {
		return err
	}
	return tell(ctx, tx, Signal{Member: sender, Talk: c.ID})
}

// ReadConversation says that the member has seen all that is said up to a message
// of a conversation of theirs. It returns how many notifications are seen by that.
func (s *Store) ReadConversation(ctx context.Context, m Member, id, upto int64) (seen int, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var c struct {
			Last int64 `db:"last_message_id"`
		}
		err := found(tx.GetContext(ctx, &c, `
			UPDATE conversations SET
				artist_read = CASE WHEN artist_id = $1 THEN GREATEST(artist_read, LEAST($3, last_message_id)) ELSE artist_read END,
				asker_read = CASE WHEN asker_id = $1 THEN GREATEST(asker_read, LEAST($3, last_message_id)) ELSE asker_read END
			WHERE id = $2 AND $1 IN (asker_id, artist_id) RETURNING last_message_id`, m.ID, id, upto))
		if err != nil || upto < c.Last {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE notifications SET seen_at = $3 WHERE conversation_id = $1 AND recipient_id = $2 AND seen_at IS NULL`, id, m.ID, s.now())
		if err != nil {
			return fmt.Errorf("mark as read: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		seen = int(n)
		return tell(ctx, tx, Signal{Member: m.ID, Told: true})
	})
	return seen, err
}

// Said is one line of a conversation: a message, or what happened to an order.
type Said struct {
	ID int64     `db:"id"` // of the message, or of the event
	At time.Time `db:"at"`

	// Of a message.
	SenderID int64      `db:"sender_id"` // 0 for an event
	Text     string     `db:"text"`
	Signs    []ScamSign `db:"-"` // to the reader alone
	Copies   int        `db:"copies"`
	Pictures []Image    `db:"-"`

	// Of an event, with what belongs to it of its order.
	Kind        EventKind `db:"kind"`
	ActorID     int64     `db:"actor_id"`
	OrderID     int64     `db:"order_id"`
	Title       string    `db:"title"` // of the work, as it was agreed
	Total       Pence     `db:"total"`
	Unquoted    bool      `db:"unquoted"` // the total is without delivery, which the artist has yet to quote
	Collection  bool      `db:"collection"`
	Note        string    `db:"note"`         // the collector's, of a request
	Reason      string    `db:"reason"`       // of a decline
	ReasonWords string    `db:"reason_words"` // of a decline
}

// IsMessage reports whether the line is a message, not an event.
func (d Said) IsMessage() bool { return d.SenderID != 0 }

// Event is the event of a line that is none of the messages.
func (d Said) Event() Event { return Event{ID: d.ID, Kind: d.Kind, ActorID: d.ActorID, At: d.At} }

// Amount is the total as far as it is known.
func (d Said) Amount() string { return amount(d.Total, d.Unquoted) }

// ReasonLabel is the reason for declining as people read it.
func (d Said) ReasonLabel() string { return reasonLabel(d.Reason) }

// Talk is a part of a conversation, oldest line first. Message and Event are the
// ids of the newest ones that are known with it: what comes after them is news.
type Talk struct {
	Conversation
	Lines          []Said
	Older          string // the cursor of what was said before, or ""
	Message, Event int64
}

// linesPage is how many lines of a conversation are shown at once.
const linesPage = 20

// A line of a conversation is read for the member $1, of the conversation $2.
const (
	lineColumns  = `id, at, sender_id, text, kind, actor_id, order_id, title, total, unquoted, collection, note, reason, reason_words, copies`
	messageLines = `
		SELECT m.id, m.at, m.sender_id, m.text, '' AS kind, 0::bigint AS actor_id, 0::bigint AS order_id, '' AS title, 0::bigint AS total, false AS unquoted, false AS collection,
			'' AS note, '' AS reason, '' AS reason_words,
			CASE WHEN m.alike IS NULL OR m.sender_id = $1 THEN 0 ELSE
				(SELECT count(DISTINCT d.artist_id) FROM (SELECT conversation_id FROM messages WHERE alike = m.alike AND at > m.at - $3::interval
					AND at < m.at + $3::interval LIMIT 100) n JOIN conversations d ON d.id = n.conversation_id WHERE d.artist_id <> c.artist_id) END AS copies
		FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE m.conversation_id = $2 AND $1 IN (c.asker_id, c.artist_id)`
	eventLines = `
		SELECT e.id, e.at, 0::bigint AS sender_id, '' AS text, e.kind, COALESCE(e.actor_id, 0) AS actor_id, o.id AS order_id, o.title, o.total, o.unquoted, o.collection,
			CASE WHEN e.kind = 'requested' THEN o.note ELSE '' END AS note, CASE WHEN e.kind = 'declined' THEN o.reason ELSE '' END AS reason,
			CASE WHEN e.kind = 'declined' THEN o.reason_words ELSE '' END AS reason_words, 0 AS copies
		FROM conversations c JOIN orders o ON o.buyer_id = c.asker_id AND o.artwork_id = c.artwork_id JOIN order_events e ON e.order_id = o.id
		WHERE c.id = $2 AND $1 IN (c.asker_id, c.artist_id)`
	lastEvent = `
		SELECT COALESCE(max(e.id), 0) FROM conversations c JOIN orders o ON o.buyer_id = c.asker_id AND o.artwork_id = c.artwork_id
		JOIN order_events e ON e.order_id = o.id WHERE c.id = $2 AND $1 IN (c.asker_id, c.artist_id)`
)

// talkQuery reads a page of lines, newest first, before a moment: a message ($5 =
// 1) or an event (0) of the id $6 at $4.
var talkQuery = fmt.Sprintf(`
	SELECT `+lineColumns+` FROM (
		(%[1]s AND m.at <= $4 AND (m.at, 1, m.id) < ($4, $5::integer, $6::bigint) ORDER BY m.at DESC, m.id DESC LIMIT %[3]d)
		UNION ALL
		(%[2]s AND (e.at, 0, e.id) < ($4, $5::integer, $6::bigint) ORDER BY e.at DESC, e.id DESC LIMIT %[3]d)
	) line ORDER BY at DESC, (sender_id <> 0) DESC, id DESC LIMIT %[3]d`, messageLines, eventLines, linesPage+1)

// newsQuery reads what came after the message $4 and the event $5.
var newsQuery = fmt.Sprintf(`
	SELECT `+lineColumns+` FROM (
		(%[1]s AND m.id > $4 ORDER BY m.id LIMIT %[3]d)
		UNION ALL
		(%[2]s AND e.id > $5 ORDER BY e.id LIMIT %[3]d)
	) line ORDER BY at, (sender_id <> 0), id`, messageLines, eventLines, 200)

var alikeInterval = fmt.Sprintf("%d seconds", int(alikeFor.Seconds()))

// Talk returns the newest part of a conversation to one of the two who talk, or
// the part before a cursor.
func (s *Store) Talk(ctx context.Context, m Member, id int64, before string) (Talk, error) {
	c, err := s.Conversation(ctx, m, id)
	if err != nil {
		return Talk{}, err
	}
	t := Talk{Conversation: c, Message: c.LastMessage}
	// Before the lines: what comes between is among them.
	if err := s.getRow(ctx, &t.Event, lastEvent, m.ID, id); err != nil {
		return Talk{}, fmt.Errorf("find the last event: %w", err)
	}
	at, kind, last := endOfTime, int64(0), int64(0)
	if keys, ok := parseCursor(before, 3); ok {
		at, kind, last = moment(keys[0]), min(max(keys[1], 0), 1), keys[2]
	}
	var rows []Said
	if err := s.selectRows(ctx, &rows, talkQuery, m.ID, id, alikeInterval, at, kind, last); err != nil {
		return Talk{}, fmt.Errorf("read conversation %d: %w", id, err)
	}
	page := cut(rows, linesPage, func(d Said) string {
		if d.IsMessage() {
			return cursor(d.At.UnixMicro(), 1, d.ID)
		}
		return cursor(d.At.UnixMicro(), 0, d.ID)
	})
	t.Older = page.Next
	for i := len(page.Items) - 1; i >= 0; i-- {
		t.Lines = append(t.Lines, page.Items[i])
	}
	return t, s.fill(ctx, m, &t)
}

// News returns what was said and done in a conversation after a message and an
// event that a page knows, to one of the two who talk.
func (s *Store) News(ctx context.Context, m Member, id, message, event int64) (Talk, error) {
	c, err := s.Conversation(ctx, m, id)
	if err != nil {
		return Talk{}, err
	}
	t := Talk{Conversation: c, Message: message, Event: event}
	if err := s.selectRows(ctx, &t.Lines, newsQuery, m.ID, id, alikeInterval, message, event); err != nil {
		return Talk{}, fmt.Errorf("read the news of conversation %d: %w", id, err)
	}
	return t, s.fill(ctx, m, &t)
}

// fill adds to the lines their pictures and what a reader should know of them.
func (s *Store) fill(ctx context.Context, m Member, t *Talk) error {
	byID := map[int64]int{}
	var ids []int64
	for i := range t.Lines {
		d := &t.Lines[i]
		if !d.IsMessage() {
			t.Event = max(t.Event, d.ID)
			continue
		}
		t.Message = max(t.Message, d.ID)
		byID[d.ID], ids = i, append(ids, d.ID)
		if d.SenderID != m.ID {
			d.Signs = ScamSigns(d.Text, d.SenderID == t.AskerID, t.Price, d.Copies)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var pictures []struct {
		MessageID int64 `db:"message_id"`
		Image
	}
	err := s.selectRows(ctx, &pictures, `
		SELECT i.message_id, `+imageColumns+` FROM images i WHERE i.message_id = ANY ($1) ORDER BY i.message_id, i.position`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("read the pictures of messages: %w", err)
	}
	for _, p := range pictures {
		d := &t.Lines[byID[p.MessageID]]
		d.Pictures = append(d.Pictures, p.Image)
	}
	return nil
}
