package storetest

import (
	"testing"

	"github.com/lib/pq"

	"openstudio/store"
)

// Copies makes orders after the pattern of one, with its history and its payment,
// behind the market's back: the nth is of the nth buyer, for a piece of the nth of
// the works, which begin anew when there are fewer. It returns the orders and their
// payments.
func (m *Market) Copies(t testing.TB, pattern store.Order, works []int64, buyers []store.Member) (orders []int64, payments []string) {
	t.Helper()
	var ids, of []int64
	for i, b := range buyers {
		ids, of = append(ids, b.ID), append(of, works[i%len(works)])
	}
	var rows []struct {
		Order   int64  `db:"order_id"`
		Payment string `db:"payment"`
	}
	err := m.DB.Select(&rows, `
		WITH wanted AS MATERIALIZED (
			SELECT n.buyer, n.work, n.nth, w.artist_id, nextval(pg_get_serial_sequence('orders', 'id')) AS order_id, gen_random_uuid() AS payment
			FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS n (buyer, work, nth) JOIN artworks w ON w.id = n.work ORDER BY n.nth),
		asked AS (
			INSERT INTO orders OVERRIDING SYSTEM VALUE
			SELECT (jsonb_populate_record(o, jsonb_build_object('id', n.order_id, 'request_key', gen_random_uuid(),
				'buyer_id', n.buyer, 'artwork_id', n.work, 'seller_id', n.artist_id))).*
			FROM orders o, wanted n WHERE o.id = $1),
		begun AS (
			INSERT INTO payments
			SELECT (jsonb_populate_record(p, jsonb_build_object('id', n.payment, 'order_id', n.order_id))).* FROM payments p, wanted n WHERE p.order_id = $1),
		history AS (
			INSERT INTO order_events (order_id, kind, status, actor_id, at)
			SELECT n.order_id, e.kind, e.status, CASE WHEN e.actor_id = o.buyer_id THEN n.buyer WHEN e.actor_id = o.seller_id THEN n.artist_id END, e.at
			FROM wanted n, order_events e JOIN orders o ON o.id = e.order_id WHERE e.order_id = $1 ORDER BY n.nth, e.id)
		SELECT order_id, payment FROM wanted ORDER BY nth`, pattern.ID, pq.Array(ids), pq.Array(of))
	if err != nil || len(rows) != len(buyers) {
		t.Fatalf("%d orders of %d: %v", len(rows), len(buyers), err)
	}
	for _, r := range rows {
		orders, payments = append(orders, r.Order), append(payments, r.Payment)
	}
	return orders, payments
}
