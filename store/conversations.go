package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Conversation is what somebody and the artist of a work say to each other about
// it, as one of the two sees it. There is one for each asker and work; all that
// the asker orders of the work belongs to it.
type Conversation struct {
	ID        int64 `db:"id"`
	ArtworkID int64 `db:"artwork_id"`
	AskerID   int64 `db:"asker_id"`
	ArtistID  int64 `db:"artist_id"`

	Title          string       `db:"title"` // of the work, as it is called now
	Year           int          `db:"year"`
	State          ArtworkState `db:"state"`
	Price          Pence        `db:"price"`
	ArtistName     string       `db:"artist_name"`
	ArtistUsername string       `db:"artist_username"`
	AskerName      string       `db:"asker_name"`
	ImageKey       string       `db:"image_key"` // of the work's first photograph, "" without one
	ImageWidth     int          `db:"image_width"`
	ImageHeight    int          `db:"image_height"`

	LastMessage int64   `db:"last_message_id"` // 0 while nothing was said
	Orders      []int64 `db:"-"`               // those of the asker for the work, newest first; filled for one, not for lists

	// Of lists.
	LastAt    time.Time `db:"last_at"`
	LastText  string    `db:"last_text"` // the beginning of the last message, "" for pictures alone
	LastMine  bool      `db:"last_mine"`
	Unread    int       `db:"unread"`     // at most 100
	LastOrder int64     `db:"last_order"` // the newest order, or 0
}

// Other is the name of the one who is not m.
func (c Conversation) Other(m Member) string {
	if m.ID == c.ArtistID {
		return c.AskerName
	}
	return c.ArtistName
}

// otherID is the one who is not member.
func (c Conversation) otherID(member int64) int64 {
	if member == c.ArtistID {
		return c.AskerID
	}
	return c.ArtistID
}

const conversationColumns = `
	c.id, c.artwork_id, c.asker_id, c.artist_id, c.last_message_id, a.title, a.year, a.state, a.price,
	artist.first_name || ' ' || artist.last_name AS artist_name, artist.username AS artist_username,
	asker.first_name || ' ' || asker.last_name AS asker_name,
	COALESCE(i.key, '') AS image_key, COALESCE(i.width, 0) AS image_width, COALESCE(i.height, 0) AS image_height`

const conversationTables = `
	JOIN artworks a ON a.id = c.artwork_id
	JOIN members artist ON artist.id = c.artist_id
	JOIN members asker ON asker.id = c.asker_id
	LEFT JOIN images i ON i.artwork_id = a.id AND i.position = 0 AND i.state = 'ready'`

// Conversation returns a conversation to one of the two who talk; to everybody
// else there is no such.
func (s *Store) Conversation(ctx context.Context, m Member, id int64) (Conversation, error) {
	var c Conversation
	err := s.getRow(ctx, &c, `
		SELECT `+conversationColumns+` FROM conversations c `+conversationTables+`
		WHERE c.id = $2 AND $1 IN (c.asker_id, c.artist_id)`, m.ID, id)
	if err != nil {
		return Conversation{}, err
	}
	err = s.selectRows(ctx, &c.Orders, `SELECT id FROM orders WHERE buyer_id = $1 AND artwork_id = $2 ORDER BY id DESC LIMIT 20`, c.AskerID, c.ArtworkID)
	return c, err
}

// ConversationAbout returns the id of the member's conversation about a work with
// its artist, or 0 when nothing has been said in it.
func (s *Store) ConversationAbout(ctx context.Context, m Member, artworkID int64) (int64, error) {
	var id int64
	err := s.getRow(ctx, &id, `SELECT id FROM conversations WHERE artwork_id = $1 AND asker_id = $2 AND last_at IS NOT NULL`, artworkID, m.ID)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// OrderConversation returns the id of the conversation that an order belongs to,
// to one of its two parties. It is made when there is none yet.
func (s *Store) OrderConversation(ctx context.Context, m Member, orderID int64) (int64, error) {
	var o struct {
		Artwork int64 `db:"artwork_id"`
		Buyer   int64 `db:"buyer_id"`
		Seller  int64 `db:"seller_id"`
		ID      int64 `db:"id"`
	}
	err := s.getRow(ctx, &o, `
		SELECT o.artwork_id, o.buyer_id, o.seller_id, COALESCE(c.id, 0) AS id
		FROM orders o LEFT JOIN conversations c ON c.artwork_id = o.artwork_id AND c.asker_id = o.buyer_id
		WHERE o.id = $2 AND $1 IN (o.buyer_id, o.seller_id)`, m.ID, orderID)
	if err != nil || o.ID != 0 {
		return o.ID, err
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		o.ID, err = s.converse(ctx, tx, o.Artwork, o.Buyer, o.Seller)
		return err
	})
	return o.ID, err
}

// converse finds the conversation of an asker about a work, or makes it.
func (s *Store) converse(ctx context.Context, tx *sqlx.Tx, artworkID, askerID, artistID int64) (int64, error) {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO conversations (artwork_id, asker_id, artist_id, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (artwork_id, asker_id) DO NOTHING`, artworkID, askerID, artistID, s.now())
	var id int64
	if err == nil {
		err = tx.GetContext(ctx, &id, `SELECT id FROM conversations WHERE artwork_id = $1 AND asker_id = $2`, artworkID, askerID)
	}
	if err != nil {
		return 0, fmt.Errorf("open a conversation: %w", err)
	}
	return id, nil
}

// AskAbout asks the artist of a listed work a question, and returns the id of the
// conversation. It fails as SendMessage does; with ErrNotFound for a work that
// does not hang, and with ErrForbidden for the member's own.
func (s *Store) AskAbout(ctx context.Context, m Member, artworkID int64, f MessageForm) (int64, error) {
	if err := f.clean(); err != nil {
		return 0, err
	}
	var id int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var w struct {
			Artist int64        `db:"artist_id"`
			State  ArtworkState `db:"state"`
		}
		err := found(tx.GetContext(ctx, &w, `SELECT artist_id, state FROM artworks WHERE id = $1 FOR SHARE`, artworkID))
		switch {
		case err != nil:
			return err
		case w.Artist == m.ID:
			return ErrForbidden
		case w.State != Listed:
			return ErrNotFound
		}
		if id, err = s.converse(ctx, tx, artworkID, m.ID, w.Artist); err != nil {
			return err
		}
		return s.send(ctx, tx, m, id, f, &questionsOfMember)
	})
	return id, s.sent(ctx, m, f, err)
}

// conversationsPage is how many conversations a list shows at once.
const conversationsPage = 20

// conversationsQuery lists the conversations of a member, those of both parts
// that they may have, by the last message. Each part has an index.
const conversationsQuery = `
	SELECT ` + conversationColumns + `, c.last_at, left(m.text, 140) AS last_text, m.sender_id = $1 AS last_mine,
		(SELECT count(*) FROM (SELECT FROM messages n WHERE n.conversation_id = c.id AND n.sender_id <> $1
			AND n.id > CASE WHEN c.artist_id = $1 THEN c.artist_read ELSE c.asker_read END LIMIT 100) unread) AS unread,
		COALESCE((SELECT max(o.id) FROM orders o WHERE o.buyer_id = c.asker_id AND o.artwork_id = c.artwork_id), 0) AS last_order
	FROM (
		(SELECT id, artwork_id, asker_id, artist_id, last_message_id, last_at, asker_read, artist_read
			FROM conversations WHERE asker_id = $1 AND last_at IS NOT NULL AND (last_at, id) < ($2, $3) ORDER BY last_at DESC, id DESC LIMIT $4)
		UNION ALL
		(SELECT id, artwork_id, asker_id, artist_id, last_message_id, last_at, asker_read, artist_read
			FROM conversations WHERE artist_id = $1 AND last_at IS NOT NULL AND (last_at, id) < ($2, $3) ORDER BY last_at DESC, id DESC LIMIT $4)
		ORDER BY last_at DESC, id DESC LIMIT $4
	) c ` + conversationTables + `
	JOIN messages m ON m.id = c.last_message_id
	ORDER BY c.last_at DESC, c.id DESC`

// Conversations returns a page of the member's conversations in which something
// was said, those with the newest message first.
func (s *Store) Conversations(ctx context.Context, m Member, after string) (Page[Conversation], error) {
	at, id := endOfTime, int64(1<<63-1)
	if keys, ok := parseCursor(after, 2); ok {
		at, id = moment(keys[0]), keys[1]
	}
	var rows []Conversation
	if err := s.selectRows(ctx, &rows, conversationsQuery, m.ID, at, id, conversationsPage+1); err != nil {
		return Page[Conversation]{}, fmt.Errorf("list conversations: %w", err)
	}
	return cut(rows, conversationsPage, func(c Conversation) string { return cursor(c.LastAt.UnixMicro(), c.ID) }), nil
}

// endOfTime is later than anything that happens.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// sameWords is a text as it is compared with others: its words in one form,
// without those of the names that a sender of many letters would fill in.
func sameWords(text string, names ...string) string {
	filled := map[string]bool{}
	for _, name := range names {
		for word := range strings.FieldsSeq(foldWords(name)) {
			filled[word] = true
		}
	}
	var words []string
	for word := range strings.FieldsSeq(foldWords(text)) {
		if !filled[word] {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
