package migrations

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/lib/pq" // the driver

	"openstudio/store/localpg"
)

// TestHoldsOfAMarketThatHadNone brings a market up to date in which more was
// accepted than there are pieces, and requests are old.
func TestHoldsOfAMarketThatHadNone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Dir: t.TempDir(), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	db, err := sql.Open("postgres", server.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := provider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 14); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT CASE WHEN n = 1 THEN 'artist' ELSE 'collector' END, 'm' || n, 'm' || n || '@example.org', '', 'M', 'N', '1 Mill Lane', 'York', 'YO1 7HH', now(), now()
			FROM generate_series(1, 5) n`,
		`INSERT INTO artworks (artist_id, state, title, year, medium, material, width, height, weight, price, quantity, for_sale, edition, search, request_key, created_at, updated_at, listed_at)
			VALUES (1, 'listed', 'Sill', 2025, 'painting', 'oil', 1000, 1000, 100, 10000, 1, true, 'open', 'sill', gen_random_uuid(), now(), now(), now())`,
		`INSERT INTO orders (artwork_id, buyer_id, seller_id, status, request_key, price, delivery, cover, total, title, year, medium, material, width, height,
				edition, artist_name, buyer_name, ship_address, ship_town, ship_postcode, from_postcode, created_at, accepted_at)
			SELECT 1, n, 1, CASE WHEN n < 5 THEN 'accepted' ELSE 'pending' END, gen_random_uuid(), 10000, 0, 0, 10000, 'Sill', 2025, 'painting', 'oil', 1000, 1000,
				'open', 'M N', 'M N', '1 Mill Lane', 'York', 'YO1 7HH', 'YO1 7HH', now() - interval '30 days',
				CASE WHEN n < 5 THEN now() - n * interval '1 day' END FROM generate_series(2, 5) n`,
		`INSERT INTO order_events (order_id, kind, status, at) SELECT id, 'accepted', 'accepted', now() FROM orders WHERE status = 'accepted'`,
	} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Up(ctx); err != nil {
		t.Fatal(err)
	}
	var got string
	err = db.QueryRow(`
		SELECT string_agg(buyer_id || ' ' || status || CASE WHEN line_at IS NOT NULL THEN ' in line' ELSE '' END || CASE WHEN hold_until > now() THEN ' held' ELSE '' END
			|| CASE WHEN reply_by > now() THEN ' open' ELSE '' END, ', ' ORDER BY buyer_id) || '; ' || (SELECT held FROM artworks) FROM orders`).Scan(&got)
	if want := "2 pending in line open, 3 pending in line open, 4 accepted held, 5 pending open; 1"; got != want || err != nil {
		t.Errorf("%s, not %s: %v", got, want, err)
	}
	// Those in line come up later, though they were accepted once.
	for _, query := range []string{
		`UPDATE orders SET status = 'cancelled', hold_until = NULL WHERE buyer_id = 4`,
		`UPDATE orders SET status = 'accepted', hold_until = now() WHERE buyer_id = 3`,
		`INSERT INTO order_events (order_id, kind, status, at) SELECT id, 'promoted', 'accepted', now() FROM orders WHERE buyer_id = 3`,
	} {
		if _, err := db.Exec(query); err != nil {
			t.Error(err)
		}
	}
}
