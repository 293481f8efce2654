package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Notification is what one event says to the other party of an order, what a
// follower is told of an artist’s new works, what a saved search says of one, or
// that somebody wrote.
type Notification struct {
	ID         int64      `db:"id"`
	OrderID    int64      `db:"order_id"` // 0 for news of works
	Event      EventKind  `db:"kind"`
	At         time.Time  `db:"at"`
	SeenAt     *time.Time `db:"seen_at"`
	Title      string     `db:"title"` // of the work
	ArtistName string     `db:"artist_name"`
	BuyerName  string     `db:"buyer_name"`
	ToSeller   bool       `db:"to_seller"` // the reader is the order's artist
	ByClock    bool       `db:"by_clock"`  // nobody did it
	Total      Pence      `db:"total"`
	Unquoted   bool       `db:"unquoted"`   // the total is without delivery, which the artist has yet to quote
	Collection bool       `db:"collection"` // it is fetched from the studio
	Carrier    string     `db:"carrier"`
	Tracking   string     `db:"tracking"`

	Works          int    `db:"works"`           // of an artist's news: how many were hung; 0 otherwise
	FoundBy        string `db:"found_by"`        // of a search's news: its name
	ArtworkID      int64  `db:"artwork_id"`      // of news: the one that Title names; 0 when it does not hang any more
	ArtistUsername string `db:"artist_username"` // of news

	ConversationID int64  `db:"conversation_id"` // of messages; 0 otherwise
	From           string `db:"sender"`          // of messages: who wrote
}

// Amount is the total as far as it is known.
func (n Notification) Amount() string { return amount(n.Total, n.Unquoted) }

// notificationsPage is how many notifications a list shows at once.
const notificationsPage = 30

// Notifications returns a page of what the member was told, newest first.
func (s *Store) Notifications(ctx context.Context, m Member, after string) (Page[Notification], error) {
	last := int64(1<<63 - 1)
	if keys, ok := parseCursor(after, 1); ok {
		last = keys[0]
	}
	var rows []Notification
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT n.id, COALESCE(n.order_id, 0) AS order_id, COALESCE(e.kind, '') AS kind, COALESCE(e.at, n.created_at) AS at, n.seen_at,
			COALESCE(o.title, w.title, tw.title, '') AS title, COALESCE(o.artist_name, m.first_name || ' ' || m.last_name, '') AS artist_name,
			COALESCE(o.buyer_name, '') AS buyer_name, COALESCE(o.seller_id = n.recipient_id, false) AS to_seller,
			e.actor_id IS NULL AS by_clock, COALESCE(o.total, 0) AS total, COALESCE(o.unquoted, false) AS unquoted, COALESCE(o.collection, false) AS collection, COALESCE(o.carrier, '') AS carrier, COALESCE(o.tracking, '') AS tracking,
			COALESCE(c.works, 0) AS works, COALESCE(n.found_by, '') AS found_by, COALESCE(w.id, 0) AS artwork_id, COALESCE(m.username, '') AS artist_username,
			COALESCE(n.conversation_id, 0) AS conversation_id, COALESCE(tm.first_name || ' ' || tm.last_name, '') AS sender
		FROM notifications n
		LEFT JOIN order_events e ON e.id = n.event_id
		LEFT JOIN orders o ON o.id = n.order_id
		LEFT JOIN announcements c ON c.id = n.announcement_id
		LEFT JOIN artworks w ON w.id = COALESCE(c.artwork_id, n.found_artwork_id) AND w.state = 'listed'
		LEFT JOIN members m ON m.id = COALESCE(c.artist_id, w.artist_id)
		LEFT JOIN conversations t ON t.id = n.conversation_id
		LEFT JOIN artworks tw ON tw.id = t.artwork_id
		LEFT JOIN members tm ON tm.id = CASE WHEN t.artist_id = n.recipient_id THEN t.asker_id ELSE t.artist_id END
		WHERE n.recipient_id = $1 AND n.id < $2
		ORDER BY n.id DESC LIMIT %d`, notificationsPage+1), m.ID, last)
	if err != nil {
		return Page[Notification]{}, err
	}
	return cut(rows, notificationsPage, func(n Notification) string { return cursor(n.ID) }), nil
}

// SeeOrder marks what the member was told of an order as seen. It returns how
// many notifications that were.
func (s *Store) SeeOrder(ctx context.Context, m Member, orderID int64) (seen int, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		seen, err = s.see(ctx, tx, m, `order_id = $3 AND`, `id = $2 AND`, orderID)
		return err
	})
	return seen, err
}

// SeeAll marks everything that the member was told as seen. No letter tells of the
// messages among it any more; in their conversations they stay unread.
func (s *Store) SeeAll(ctx context.Context, m Member) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := stopUnread(ctx, tx, m); err != nil {
			return err
		}
		_, err := s.see(ctx, tx, m, ``, ``)
		return err
	})
}

func (s *Store) see(ctx context.Context, tx *sqlx.Tx, m Member, whichNotifications, whichOrders string, order ...any) (int, error) {
	res, err := tx.ExecContext(ctx, `
		UPDATE notifications SET seen_at = $2 WHERE `+whichNotifications+` recipient_id = $1 AND seen_at IS NULL`,
		append([]any{m.ID, s.now()}, order...)...)
	if err != nil {
		return 0, fmt.Errorf("mark as seen: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE orders SET viewed_by_buyer = viewed_by_buyer OR buyer_id = $1, viewed_by_seller = viewed_by_seller OR seller_id = $1
		WHERE `+whichOrders+` (buyer_id = $1 AND NOT viewed_by_buyer OR seller_id = $1 AND NOT viewed_by_seller)`,
		append([]any{m.ID}, order...)...)
	if err != nil {
		return 0, fmt.Errorf("mark as viewed: %w", err)
	}
	return int(n), tell(ctx, tx, Signal{Member: m.ID, Told: true})
}
