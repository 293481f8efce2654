package store_test

import (
	"errors"
	"testing"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

// TestLastDefences writes behind the market's back what the market never writes,
// and looks whether the schema refuses it: were its locks and looks to fail, a piece
// would still not be sold twice, and nothing would be done twice for one word of a
// gateway.
func TestLastDefences(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	paid := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	held := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	other := m.Ask(t, m.Cleo, held.ArtworkID)
	for _, d := range []struct {
		what, query string
		order       int64
		constraint  string
	}{
		{"a second hold of one piece", `UPDATE orders SET status = 'accepted', hold_until = now() WHERE id = $1`, other.ID, "artworks_held"},
		{"a held piece is sold to another", `UPDATE artworks SET quantity = quantity - 1, sold = sold + 1, for_sale = false FROM orders o WHERE o.id = $1 AND artworks.id = o.artwork_id`, other.ID, "artworks_held"},
		{"a piece that is not there is sold", `UPDATE artworks SET quantity = quantity - 1, sold = sold + 1 FROM orders o WHERE o.id = $1 AND artworks.id = o.artwork_id`, paid.ID, "artworks_held"},
		{"a unique work has a second piece", `UPDATE artworks SET quantity = quantity + 1 FROM orders o WHERE o.id = $1 AND artworks.id = o.artwork_id`, paid.ID, "artworks_edition_stock"},
		{"a message is heard twice", `INSERT INTO payment_events SELECT e.* FROM payment_events e JOIN payments p ON p.id = e.payment_id WHERE p.order_id = $1`, paid.ID, "payment_events_pkey"},
		{"an order is paid twice", `INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'charge', 'another'))).* FROM payments p WHERE order_id = $1`, paid.ID, "payments_settled_key"},
		{"a sale is recorded twice", `INSERT INTO order_events (order_id, kind, status, at) SELECT $1, 'paid', 'ready to ship', now()`, paid.ID, "order_events_step_key"},
		{"somebody is told twice", `INSERT INTO notifications (recipient_id, event_id, order_id, created_at) SELECT recipient_id, event_id, order_id, now() FROM notifications WHERE order_id = $1`, paid.ID, "notifications_once_key"},
		{"a letter is written twice", `INSERT INTO outbox (letter_key, kind, recipient_id, event_id, state, due_at, created_at) SELECT letter_key, b.kind, recipient_id, event_id, 'waiting', now(), now() FROM outbox b JOIN order_events e ON e.id = b.event_id WHERE e.order_id = $1`, paid.ID, "outbox_letter_key_key"},
		{"money is booked twice", `INSERT INTO journal_entries (entry_key, kind, order_id, payment_id, at) SELECT entry_key, kind, order_id, payment_id, at FROM journal_entries WHERE order_id = $1`, paid.ID, "journal_entries_entry_key_key"},
		{"a sale has two receipts", `INSERT INTO papers (kind, artist_id, order_id, number, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name, title, year, medium, material, width, height, edition, price, delivery, cover, total, commission, commission_rate, collection)
			SELECT kind, artist_id, order_id, number + 1, issued_at, paid_at, paid_how, payment_reference, artist_name, buyer_name, title, year, medium, material, width, height, edition, price, delivery, cover, total, commission, commission_rate, collection FROM papers WHERE order_id = $1 AND kind = 'receipt'`, paid.ID, "papers_sale_key"},
	} {
		result, err := m.DB.Exec(d.query, d.order)
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Constraint != d.constraint {
			n := int64(-1)
			if err == nil {
				n, _ = result.RowsAffected()
			}
			t.Errorf("%s: %d rows, %v; want %s", d.what, n, err, d.constraint)
		}
	}
}
