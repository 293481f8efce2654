package migrations

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/lib/pq" // the driver
	"github.com/pressly/goose/v3"

	"openstudio/store/localpg"
)

// older makes a market as it was after a migration, with an artist, who is member 1,
// four collectors and a work, of which there are pieces.
func older(t *testing.T, version int64, pieces int) (*sql.DB, *goose.Provider) {
	t.Helper()
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Dir: t.TempDir(), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	db, err := sql.Open("postgres", server.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := provider(db)
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil {
		t.Fatal(err)
	}
	execute(t, db,
		`INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT CASE WHEN n = 1 THEN 'artist' ELSE 'collector' END, 'm' || n, 'm' || n || '@example.org', '', 'M', 'N', '1 Mill Lane', 'York', 'YO1 7HH', now(), now()
			FROM generate_series(1, 5) n`)
	if _, err := db.Exec(`
		INSERT INTO artworks (artist_id, state, title, year, medium, material, width, height, weight, price, quantity, for_sale, edition, search, request_key, created_at, updated_at, listed_at)
			VALUES (1, 'listed', 'Sill', 2025, 'painting', 'oil', 1000, 1000, 100, 10000, $1, true, 'open', 'sill', gen_random_uuid(), now(), now(), now())`, pieces); err != nil {
		t.Fatal(err)
	}
	return db, p
}

func execute(t *testing.T, db *sql.DB, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHoldsOfAMarketThatHadNone brings a market up to date in which more was
// accepted than there are pieces, and requests are old.
func TestHoldsOfAMarketThatHadNone(t *testing.T) {
	t.Parallel()
	db, p := older(t, 14, 1)
	execute(t, db,
		`INSERT INTO orders (artwork_id, buyer_id, seller_id, status, request_key, price, delivery, cover, total, title, year, medium, material, width, height,
				edition, artist_name, buyer_name, ship_address, ship_town, ship_postcode, from_postcode, created_at, accepted_at)
			SELECT 1, n, 1, CASE WHEN n < 5 THEN 'accepted' ELSE 'pending' END, gen_random_uuid(), 10000, 0, 0, 10000, 'Sill', 2025, 'painting', 'oil', 1000, 1000,
				'open', 'M N', 'M N', '1 Mill Lane', 'York', 'YO1 7HH', 'YO1 7HH', now() - interval '30 days',
				CASE WHEN n < 5 THEN now() - n * interval '1 day' END FROM generate_series(2, 5) n`,
		`INSERT INTO order_events (order_id, kind, status, at) SELECT id, 'accepted', 'accepted', now() FROM orders WHERE status = 'accepted'`)
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got string
	err := db.QueryRow(`
		SELECT string_agg(buyer_id || ' ' || status || CASE WHEN line_at IS NOT NULL THEN ' in line' ELSE '' END || CASE WHEN hold_until > now() THEN ' held' ELSE '' END
			|| CASE WHEN reply_by > now() THEN ' open' ELSE '' END, ', ' ORDER BY buyer_id) || '; ' || (SELECT held FROM artworks) FROM orders`).Scan(&got)
	if want := "2 pending in line open, 3 pending in line open, 4 accepted held, 5 pending open; 1"; got != want || err != nil {
		t.Errorf("%s, not %s: %v", got, want, err)
	}
	// Those in line come up later, though they were accepted once.
	execute(t, db,
		`UPDATE orders SET status = 'cancelled', hold_until = NULL WHERE buyer_id = 4`,
		`UPDATE orders SET status = 'accepted', hold_until = now() WHERE buyer_id = 3`,
		`INSERT INTO order_events (order_id, kind, status, at) SELECT id, 'promoted', 'accepted', now() FROM orders WHERE buyer_id = 3`)
}

// TestSalesOfAMarketThatHadNoBooks brings a market up to date in which works were
// sold before there were books and papers: each sale has both, in its order.
func TestSalesOfAMarketThatHadNoBooks(t *testing.T) {
	t.Parallel()
	db, p := older(t, 19, 5)
	execute(t, db,
		`INSERT INTO orders (artwork_id, buyer_id, seller_id, status, request_key, price, delivery, cover, total, title, year, medium, material, width, height,
				edition, artist_name, buyer_name, ship_address, ship_town, ship_postcode, from_postcode, created_at, reply_by, accepted_at, hold_until, paid_at)
			SELECT 1, n, 1, CASE n WHEN 5 THEN 'accepted' ELSE 'ready to ship' END, gen_random_uuid(), 10000, 1500, 100, 11600, 'Sill', 2025, 'painting', 'oil', 1000, 1000,
				'open', 'M N', 'M N', n || ' Mill Lane', 'York', 'YO1 7HH', 'YO1 7HH', now() - interval '30 days', now() - interval '29 days', now() - interval '29 days',
				CASE n WHEN 5 THEN now() + interval '1 day' END, CASE WHEN n < 5 THEN now() - n * interval '1 day' END FROM generate_series(2, 5) n`,
		`INSERT INTO payments (id, order_id, amount, currency, gateway, state, opened_at, closed_at)
			SELECT gen_random_uuid(), id, total, 'GBP', 'test', CASE buyer_id WHEN 5 THEN 'open' ELSE 'settled' END, now(), CASE WHEN buyer_id < 5 THEN now() END FROM orders`)
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`SELECT string_agg(p.reference || ' ' || o.buyer_id || ' ' || p.ship_address || ' ' || p.total, ', ' ORDER BY p.kind, p.number) FROM papers p JOIN orders o ON o.id = p.order_id`: "R1-0001 4  11600, R1-0002 3  11600, R1-0003 2  11600, S1-0001 4 4 Mill Lane 11600, S1-0002 3 3 Mill Lane 11600, S1-0003 2 2 Mill Lane 11600",
		`SELECT string_agg(kind || ' ' || last, ', ' ORDER BY kind) FROM paper_counters`:                                                                                                  "receipt 3, statement 3",
		`SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM (SELECT account, sum(amount) FROM journal_postings GROUP BY 1) s`:                                           "artist 0, collector 0, gateway 0",
		`SELECT count(*) || ' ' || count(DISTINCT payment_id) FROM journal_entries`:                                                                                                       "9 3",
		`SELECT string_agg(payment, ', ' ORDER BY buyer_id) FROM orders`:                                                                                                                  "paid, paid, paid, processing",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s\n%s, not %s: %v", query, got, want, err)
		}
	}
}
