package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// LetterAfter is how long a message may stay unread before a letter tells of it.
const LetterAfter = 10 * time.Minute

// unreadMost is how many messages stand in one letter; the newest ones.
const unreadMost = 20

// Unread is what a letter tells of a conversation.
type Unread struct {
	ConversationID int64
	From           string // who wrote
	Title          string // of the work
	Messages       []UnreadMessage
	More           bool // there are more before these
}

// UnreadMessage is one message of a letter.
type UnreadMessage struct {
	Text     string
	Pictures int // how many there are with it
}

// postUnread puts a letter into the outbox that tells of a message, unless one
// waits for the conversation and its reader already.
func (s *Store) postUnread(ctx context.Context, tx *sqlx.Tx, conversation, reader, message int64) error {
	// A letter that is claimed just now has its messages fixed by a lock of its
	// row: this one waits for that, and becomes a letter of its own.
	_, err := tx.ExecContext(ctx, `
		INSERT INTO outbox (letter_key, kind, recipient_id, conversation_id, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, 'waiting', $5, $6)
		ON CONFLICT (conversation_id, recipient_id) WHERE conversation_id IS NOT NULL AND state = 'waiting' AND upto_message_id IS NULL
		DO UPDATE SET due_at = outbox.due_at`,
		fmt.Sprintf("message-%d", message), MessagesLetter, reader, conversation, s.now().Add(LetterAfter), s.now())
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	return nil
}

// stopUnread drops the letters that wait to tell a member of messages. What they
// would have held is not told by a later letter either.
func stopUnread(ctx context.Context, tx *sqlx.Tx, reader Member) error {
	// Whoever writes just now holds the conversation: they come before, and count
	// among what was seen, or after, and post a letter anew.
	_, err := tx.ExecContext(ctx, `
		SELECT FROM conversations WHERE id IN (SELECT conversation_id FROM outbox
			WHERE recipient_id = $1 AND conversation_id IS NOT NULL AND state = 'waiting') ORDER BY id FOR UPDATE`, reader.ID)
	if err == nil {
		_, err = tx.ExecContext(ctx, `
			UPDATE outbox b SET state = 'dropped', after_message_id = c.last_message_id, upto_message_id = c.last_message_id
			FROM conversations c
			WHERE c.id = b.conversation_id AND b.recipient_id = $1 AND b.state = 'waiting'`, reader.ID)
	}
	if err != nil {
		return fmt.Errorf("stop letters of messages: %w", err)
	}
	return nil
}

// fixUnread decides which messages the claimed letters hold, and drops those of
// which everything was read meanwhile. It returns the ones that stay.
func (s *Store) fixUnread(ctx context.Context, ids []int64) ([]int64, error) {
	var dropped []int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var locked []int64
		err := tx.SelectContext(ctx, &locked, `
			SELECT id FROM outbox WHERE id = ANY ($1) AND kind = 'messages' AND state = 'waiting' ORDER BY id FOR UPDATE`, pq.Array(ids))
		if err != nil || len(locked) == 0 {
			return err
		}
		// What was read, and what an earlier letter held that arrived, is not told again.
		_, err = tx.ExecContext(ctx, `
			UPDATE outbox b SET after_message_id = known.id, upto_message_id = GREATEST(known.id, (
				SELECT m.id FROM messages m WHERE m.conversation_id = b.conversation_id AND m.sender_id <> b.recipient_id ORDER BY m.id DESC LIMIT 1))
			FROM (SELECT n.id AS letter, GREATEST(CASE WHEN c.artist_id = n.recipient_id THEN c.artist_read ELSE c.asker_read END,
					COALESCE((SELECT max(e.upto_message_id) FROM outbox e WHERE e.conversation_id = n.conversation_id
						AND e.recipient_id = n.recipient_id AND e.upto_message_id IS NOT NULL AND e.state NOT IN ('failed', 'returned')), 0)) AS id
				FROM outbox n JOIN conversations c ON c.id = n.conversation_id WHERE n.id = ANY ($1)) known
			WHERE b.id = known.letter AND b.upto_message_id IS NULL`, pq.Array(locked))
		if err != nil {
			return err
		}
		return tx.SelectContext(ctx, &dropped, `
			UPDATE outbox b SET state = 'dropped' FROM conversations c
			WHERE b.id = ANY ($1) AND c.id = b.conversation_id AND (b.upto_message_id <= b.after_message_id
				OR b.upto_message_id <= CASE WHEN c.artist_id = b.recipient_id THEN c.artist_read ELSE c.asker_read END)
			RETURNING b.id`, pq.Array(locked))
	})
	if err != nil {
		return nil, fmt.Errorf("fix what letters tell: %w", err)
	}
	if len(dropped) == 0 {
		return ids, nil
	}
	gone := map[int64]bool{}
	for _, id := range dropped {
		gone[id] = true
	}
	var left []int64
	for _, id := range ids {
		if !gone[id] {
			left = append(left, id)
		}
	}
	return left, nil
}

// fillUnread reads the messages of the letters that tell of some. A letter that
// nobody has claimed yet holds what it would hold now.
func (s *Store) fillUnread(ctx context.Context, letters []Letter) error {
	byID := map[int64]*Letter{}
	var ids []int64
	for i := range letters {
		if letters[i].Kind == MessagesLetter {
			byID[letters[i].ID], ids = &letters[i], append(ids, letters[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		Letter       int64  `db:"letter"`
		Conversation int64  `db:"conversation_id"`
		From         string `db:"sender"`
		Title        string `db:"title"`
		Text         string `db:"text"`
		Pictures     int    `db:"pictures"`
	}
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT b.id AS letter, b.conversation_id, r.first_name || ' ' || r.last_name AS sender, a.title, m.text,
			(SELECT count(*) FROM images i WHERE i.message_id = m.id) AS pictures
		FROM outbox b
		JOIN conversations c ON c.id = b.conversation_id
		JOIN artworks a ON a.id = c.artwork_id
		JOIN members r ON r.id = CASE WHEN c.artist_id = b.recipient_id THEN c.asker_id ELSE c.artist_id END
		CROSS JOIN LATERAL (
			SELECT g.id, g.text FROM messages g WHERE g.conversation_id = c.id AND g.sender_id <> b.recipient_id
				AND g.id > COALESCE(b.after_message_id, CASE WHEN c.artist_id = b.recipient_id THEN c.artist_read ELSE c.asker_read END)
				AND g.id <= COALESCE(b.upto_message_id, c.last_message_id)
			ORDER BY g.id DESC LIMIT %d
		) m
		WHERE b.id = ANY ($1) ORDER BY b.id, m.id`, unreadMost+1), pq.Array(ids))
	if err != nil {
		return fmt.Errorf("read the messages of letters: %w", err)
	}
	for _, r := range rows {
		l := byID[r.Letter]
		if l.Unread == nil {
			l.Unread = &Unread{ConversationID: r.Conversation, From: r.From, Title: r.Title}
		}
		l.Unread.Messages = append(l.Unread.Messages, UnreadMessage{r.Text, r.Pictures})
	}
	for _, l := range byID {
		if l.Unread != nil && len(l.Unread.Messages) > unreadMost {
			l.Unread.Messages, l.Unread.More = l.Unread.Messages[1:], true
		}
	}
	return nil
}
