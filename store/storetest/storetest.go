// Package storetest gives every test a market of its own: a real PostgreSQL
// database, cloned from a migrated template that already knows the cast.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
package storetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver
	"openstudio/store"
	"openstudio/store/localpg"
)

// Password is the password of everybody in the cast.
const Password = "a quiet north light"

// Secret is the secret of every test market.
const Secret = "0123456789abcdef0123456789abcdef-test"

// The e-mail addresses of the cast.
const (
	AnaEmail  = "ana@example.org"  // an artist in Leeds
	DoraEmail = "dora@example.org" // another artist, in Lerwick
	BenEmail  = "ben@example.org"  // a collector in Bristol
	CleoEmail = "cleo@example.org" // another collector, the outsider
)

const template = "market_template"

// cluster is the PostgreSQL of this test binary.
var cluster struct {
	server *localpg.Server
	admin  *sqlx.DB
	clone  sync.Mutex // one CREATE DATABASE at a time: they lock the template
	number atomic.Int64
}

// Main starts the PostgreSQL of a test binary, runs its tests and stops it.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "openstudio-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := start(dir); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	defer cluster.server.Stop()
	return m.Run()
}

func start(dir string) error {
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Dir: dir, Throwaway: true, MaxConnections: 300})
	if err != nil {
		return err
	}
	cluster.server = server
	cluster.admin, err = sqlx.Open("postgres", server.DSN("postgres"))
	if err != nil {
		return err
	}
	if _, err := cluster.admin.Exec(`CREATE DATABASE ` + template); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{DSN: server.DSN(template), Secret: []byte(Secret), Now: NewClock().Now})
	if err != nil {
		return err
	}
	defer s.Close()
	for _, r := range cast() {
		if _, err := s.Register(ctx, r); err != nil {
			return fmt.Errorf("register %s: %w", r.FirstName, err)
		}
	}
	return nil
}

func cast() []store.Registration {
	person := func(role store.Role, first, last, email, address, town, postcode string) store.Registration {
		return store.Registration{Role: role, Username: strings.ToLower(first), FirstName: first, LastName: last, Email: email,
			Address: address, Town: town, Postcode: postcode, Password: Password, PasswordAgain: Password}
	}
	ana := person(store.Artist, "Ana", "James", AnaEmail, "12 Calls Landing", "Leeds", "LS2 7EW")
	ana.Bio, ana.Website = "Paints from windows.", "https://ana.example.org"
	return []store.Registration{
		ana,
		person(store.Artist, "Dora", "Isbister", DoraEmail, "Rose Cottage, Hillhead", "Lerwick", "ZE1 0EJ"),
		person(store.Collector, "Ben", "Okoro", BenEmail, "4 Redcliffe Parade", "Bristol", "BS1 6SN"),
		person(store.Collector, "Cleo", "Marsh", CleoEmail, "81 Rye Lane", "London", "SE15 4ST"),
	}
}

// Clock is a clock that tests own. It is safe for concurrent use.
type Clock struct{ nanos atomic.Int64 }

// NewClock starts at nine in the morning of 1 June 2026, UTC.
func NewClock() *Clock {
	c := &Clock{}
	c.nanos.Store(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

// Now is the clock's time.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }

// Market is a market of one test.
type Market struct {
	Store *store.Store
	DB    *sqlx.DB // for what a test must see or set behind the store's back
	DSN   string
	Clock *Clock

	Commission store.Commission // of the Stores that Open opens from now on
	// Direct makes stores that are opened from then on let collectors pay artists
	// directly.
	Direct bool
	// Accounts makes them want accounts at this gateway.
	Accounts string

	Ana, Dora store.Member // artists
	Ben, Cleo store.Member // collectors
}

// New makes a market that is gone when the test ends.
func New(t testing.TB) *Market {
	t.Helper()
	if cluster.server == nil {
		t.Fatal("storetest: the package needs func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }")
	}
	name := fmt.Sprintf("market_%d", cluster.number.Add(1))
	cluster.clone.Lock()
	_, err := cluster.admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template)
	cluster.clone.Unlock()
	if err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	m := &Market{DSN: cluster.server.DSN(name), Clock: NewClock()}
	m.Store = m.Open(t)
	m.DB, err = sqlx.Open("postgres", m.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.DB.Close()
		if _, err := cluster.admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Errorf("drop the market: %v", err)
		}
	})
	var members []store.Member
	err = m.DB.Select(&members, `
		SELECT id, role, username, email, first_name, last_name, address, town, postcode, bio, website, created_at
		FROM members ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	m.Ana, m.Dora, m.Ben, m.Cleo = members[0], members[1], members[2], members[3]
	return m
}

// Open opens one more Store on the market, as another instance would.
func (m *Market) Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{DSN: m.DSN, Secret: []byte(Secret), Now: m.Clock.Now, Commission: m.Commission, Direct: m.Direct, Accounts: m.Accounts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Collectors registers n more collectors behind the store's back, without
// passwords, each with a gallery.
func (m *Market) Collectors(t testing.TB, n int) []store.Member {
	t.Helper()
	var members []store.Member
	err := m.DB.Select(&members, `
		WITH new AS (
			INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT 'collector', 'payer-' || n, 'payer-' || n || '@example.org', '', 'Payer', 'Number ' || n, '1 Mill Lane', 'York', 'YO1 7HH', $2, $2
			FROM generate_series(1, $1) n
			RETURNING id, role, username, email, first_name, last_name, address, town, postcode, bio, website, created_at),
		galleries AS (
			INSERT INTO galleries (collector_id, title, link_token, rehung_at, created_at)
			SELECT id, 'Gallery', md5(id::text), $2, $2 FROM new)
		SELECT * FROM new ORDER BY id`, n, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return members
}

// Work is what a test may say of a work; the zero value is a listed painting
// for sale, unique, 60 × 80 × 4 cm, 6.5 kg, £1,450.
type Work struct {
	Title      string
	State      store.ArtworkState
	Medium     store.Medium
	Price      store.Pence
	Quantity   int // 1 when zero; use SoldOut for none
	Edition    store.Edition
	Size       int // of a limited edition
	SoldOut    bool
	NotForSale bool
	NoImage    bool
	ImageKey   string
	Weight     store.Hundredths // 6.5 kg when zero
}

// Work puts a work of the artist into the market and returns its id.
func (m *Market) Work(t testing.TB, artist store.Member, w Work) int64 {
	t.Helper()
	n := cluster.number.Add(1)
	set := func(s *string, to string) {
		if *s == "" {
			*s = to
		}
	}
	set(&w.Title, fmt.Sprintf("Sill, March %d", n))
	set((*string)(&w.State), string(store.Listed))
	set((*string)(&w.Medium), string(store.Painting))
	set((*string)(&w.Edition), string(store.UniqueEdition))
	if w.Price == 0 {
		w.Price = 145000
	}
	if w.Quantity == 0 {
		w.Quantity = 1
	}
	sold := 0
	if w.SoldOut {
		w.Quantity, sold = 0, 1
	}
	if w.Edition == store.UniqueEdition && w.Quantity > 1 {
		w.Edition = store.OpenEdition
	}
	var id int64
	err := m.DB.Get(&id, `
		INSERT INTO artworks (artist_id, state, title, description, year, medium, material, width, height, depth, weight, price,
			quantity, for_sale, edition, edition_size, sold, search, request_key, created_at, updated_at, listed_at)
		VALUES ($1, $2, $3, 'Painted from the window.', 2025, $4, 'oil on linen', 8000, 6000, 400, COALESCE(NULLIF($13::integer, 0), 650), $5, $6, $7, $8, NULLIF($9::integer, 0), $10,
			lower($3) || E'\n' || lower($11), gen_random_uuid(), $12, $12, $12)
		RETURNING id`,
		artist.ID, w.State, w.Title, w.Medium, w.Price, w.Quantity, w.Quantity > 0 && !w.NotForSale, w.Edition, w.Size, sold, artist.Name(), m.Clock.Now(), w.Weight)
	if err != nil {
		t.Fatal(err)
	}
	if !w.NoImage {
		set(&w.ImageKey, fmt.Sprintf("test%022d", n))
		_, err := m.DB.Exec(`
			INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, created_at)
			VALUES ($1, $2, 0, $3, 'front.jpg', 'A pale field over a dark band.', 1600, 1200, '#aeb39e', $4)`,
			artist.ID, id, w.ImageKey, m.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// Gateway is the name of the gateway that settles test orders.
const Gateway = "test"

// Order brings an order of a work to a status by the market's own verbs.
func (m *Market) Order(t testing.TB, collector store.Member, artworkID int64, status store.Status) store.Order {
	t.Helper()
	return m.bring(t, collector, m.Ask(t, collector, artworkID), status)
}

// Collected brings an order that is fetched from the studio to a status. Its
// artist lets collectors fetch.
func (m *Market) Collected(t testing.TB, collector store.Member, artworkID int64, status store.Status) store.Order {
	t.Helper()
	ctx := context.Background()
	q, err := m.Store.QuoteCollection(ctx, artworkID)
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.Store.RequestOrder(ctx, collector, artworkID, store.Request{Collect: true, Seen: q.Total(), Line: true})
	if err != nil {
		t.Fatal(err)
	}
	return m.bring(t, collector, o, status)
}

// bring brings an order that was asked for to a status.
func (m *Market) bring(t testing.TB, collector store.Member, o store.Order, status store.Status) store.Order {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var artist store.Member
	must(m.DB.Get(&artist, `SELECT id, role, username, email, first_name, last_name, address, town, postcode FROM members WHERE id = $1`, o.SellerID))
	if status == store.Cancelled {
		must(m.Store.CancelOrder(ctx, collector, o.ID))
	}
	path := []store.Status{store.Accepted, store.ReadyToShip, store.Shipped, store.Completed}
	for _, reached := range path {
		if status == store.Pending || status == store.Cancelled {
			break
		}
		switch reached {
		case store.Accepted:
			must(m.Store.AcceptOrder(ctx, artist, o.ID))
		case store.ReadyToShip:
			outcome, err := m.Pay(collector, o.ID)
			must(err)
			if outcome != store.Settled {
				t.Fatalf("payment: %s", outcome)
			}
		case store.Shipped:
			if o.Collection {
				must(m.Store.ReadyForCollection(ctx, artist, o.ID))
				break
			}
			must(m.Store.ShipOrder(ctx, artist, o.ID, "Royal Mail", "RM 4418 2096 7GB"))
		case store.Completed:
			must(m.Store.CompleteOrder(ctx, collector, o.ID))
		}
		if reached == status {
			break
		}
	}
	o, err := m.Store.Order(ctx, collector, o.ID)
	must(err)
	return o
}

// Ask sends a request with the quoted total.
func (m *Market) Ask(t testing.TB, collector store.Member, artworkID int64) store.Order {
	t.Helper()
	ctx := context.Background()
	q, err := m.Store.QuoteArtwork(ctx, artworkID, collector.Postcode)
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.Store.RequestOrder(ctx, collector, artworkID, store.Request{
		Address: collector.Address, Town: collector.Town, Postcode: collector.Postcode, Note: "It would hang by a north window.", Seen: q.Total(), Line: true})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Pay pays an accepted order as a gateway would. It fails no test by itself, so
// that races can call it from many goroutines.
func (m *Market) Pay(collector store.Member, orderID int64) (store.Outcome, error) {
	ctx := context.Background()
	p, err := m.Store.BeginPayment(ctx, collector, orderID, Gateway, 0)
	if err != nil {
		return "", err
	}
	return m.Store.SettlePayment(ctx, store.PaymentEvent{Gateway: Gateway, ID: "evt_" + p.ID, Taken: true,
		Payment: p.ID, Amount: p.Amount, Currency: p.Currency})
}

// Explain returns the plan of a query on the market, as text.
func (m *Market) Explain(t testing.TB, query string, args ...any) string {
	t.Helper()
	var lines []string
	if err := m.DB.Select(&lines, `EXPLAIN `+query, args...); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Fill puts n listed works of many artists into the market, for plans and
// benchmarks.
func (m *Market) Fill(t testing.TB, n int) {
	t.Helper()
	for _, q := range []string{
		`INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT 'artist', 'artist-' || n, 'artist-' || n || '@example.org', '', (ARRAY['Ines','Callum','Hana','Tomas','Priya'])[1 + n % 5],
				'Number ' || n, '1 Mill Lane', 'York', 'YO1 7HH', now(), now() FROM generate_series(1, GREATEST($1::integer / 50, 1)) n`,
		`INSERT INTO artworks (artist_id, state, title, year, medium, material, width, height, depth, weight, price, quantity, for_sale,
				edition, search, request_key, created_at, updated_at, listed_at)
			SELECT m.id, 'listed', 'Work ' || md5(n::text), 1950 + n % 76,
				(ARRAY['painting','sculpture','digital_art','photography','mixed_media','printmaking','ceramics','textile'])[1 + n % 8],
				'oil', 1000 + n % 20000, 1000 + n % 17000, 100, 500, 1000 + n * 37 % 900000, 1, n % 5 > 0, 'unique',
				'work ' || md5(n::text) || E'\n' || lower(m.first_name || ' ' || m.last_name), gen_random_uuid(),
				now(), now(), now() - n * interval '1 second'
			FROM generate_series(1, $1::integer) n
			JOIN members m ON m.username = 'artist-' || (1 + n % GREATEST($1::integer / 50, 1))`,
		`INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, created_at)
			SELECT artist_id, id, 0, 'fill' || lpad(id::text, 22, '0'), 'front.jpg', 'A work.', 1600, 1200, '#aeb39e', now() FROM artworks
			WHERE NOT EXISTS (SELECT FROM images i WHERE i.artwork_id = artworks.id) AND $1 > 0`,
	} {
		if _, err := m.DB.Exec(q, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.DB.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

// GoDirect lets collectors pay artists directly from here on, and gives Ana and
// Dora bank details.
func (m *Market) GoDirect(t testing.TB) {
	t.Helper()
	m.Direct = true
	m.Store = m.Open(t)
	for _, artist := range []store.Member{m.Ana, m.Dora} {
		b := store.BankDetails{AccountName: artist.Name(), SortCode: "20-41-63", AccountNumber: fmt.Sprintf("7361%04d", 4400+artist.ID)}
		if err := m.Store.SetBankDetails(context.Background(), artist, b, Password); err != nil {
			t.Fatal(err)
		}
	}
}

// Break makes PostgreSQL end every connection to the market, as a restart does.
func (m *Market) Break(t testing.TB) {
	t.Helper()
	var name string
	if err := m.DB.Get(&name, `SELECT current_database()`); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.admin.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
		t.Fatal(err)
	}
}
