package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"openstudio/store"
	"openstudio/store/localpg"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// back is how soon the market answers again by itself when a part of it was killed.
const back = 10 * time.Second

// trade is people who buy, one purchase after another, until they are told to stop.
type trade struct {
	*crowded
	ana    person
	works  []int64
	quote  store.Quote
	people []person
	next   atomic.Int64
	done   atomic.Int64 // purchases that were acknowledged in every step
	lost   atomic.Int64 // answers that never came, and faults
	ended  chan struct{}
	buying sync.WaitGroup
}

// newTrade opens so many works and lets a few people buy at once.
func newTrade(c *crowded, people int) *trade {
	c.t.Helper()
	tr := &trade{crowded: c, ana: c.signedIn(c.Ana)[0], people: c.people(people), ended: make(chan struct{})}
	for range 8 {
		tr.works = append(tr.works, c.Work(c.t, c.Ana, storetest.Work{Quantity: people}))
	}
	var err error
	if tr.quote, err = c.Store.QuoteArtwork(c.t.Context(), tr.works[0], "YO1 7HH"); err != nil {
		c.t.Fatal(err)
	}
	for range 6 {
		tr.buying.Go(func() {
			for {
				select {
				case <-tr.ended:
					return
				default:
				}
				n := int(tr.next.Add(1)) - 1
				if n >= len(tr.people) {
					return
				}
				if err := tr.buy(n); err != nil {
					c.t.Error(err)
					return
				}
				tr.done.Add(1)
			}
		})
	}
	return tr
}

// buy takes one person from the request to the paid order. A step whose answer is
// lost is done again, as people do and gateways do, at whichever instance answers.
func (tr *trade) buy(n int) error {
	who, ana, key := tr.people[n], tr.ana, uuid.NewString()
	ana.address = who.address
	asked, err := tr.insist(func(base string) reply {
		return tr.press(who, fmt.Sprintf("%s/artworks/%d/orders", base, tr.works[n%len(tr.works)]), requestFields(who.Member, key, tr.quote.Total())...)
	}, http.StatusNoContent)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	order, err := hxOrder(asked)
	if err != nil {
		return err
	}
	// Accepted before, when the answer was lost: then it has moved on.
	if _, err := tr.insist(func(base string) reply { return tr.press(ana, fmt.Sprintf("%s/orders/%d/acceptance", base, order)) }, http.StatusOK, http.StatusConflict); err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	begun, err := tr.insist(func(base string) reply { return tr.press(who, fmt.Sprintf("%s/orders/%d/payment", base, order)) }, http.StatusNoContent)
	if err != nil {
		return fmt.Errorf("begin to pay: %w", err)
	}
	attempt := payment.Attempt{ID: strings.TrimPrefix(begun.hx, "/test-gateway/"), Amount: int64(tr.quote.Total()), Currency: "GBP"}
	paid, err := tr.insist(func(base string) reply { return tr.deliver(base, payment.Taken, attempt) }, http.StatusOK)
	if err == nil && store.Outcome(paid.body) != store.Settled {
		err = errors.New(paid.body)
	}
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	return nil
}

// insist does something until it is acknowledged.
func (tr *trade) insist(do func(base string) reply, acknowledged ...int) (reply, error) {
	for tries, deadline := 0, time.Now().Add(time.Minute); ; tries++ {
		r := do(tr.base(rand.IntN(1024)))
		for _, status := range acknowledged {
			if r.err == nil && r.status == status {
				return r, nil
			}
		}
		if r.err == nil && r.status < 500 && r.status != http.StatusTooManyRequests {
			return r, fmt.Errorf("%d %.300s", r.status, r.body)
		}
		tr.lost.Add(1)
		if time.Now().After(deadline) {
			return r, fmt.Errorf("not acknowledged in %d tries: %d, %w", tries, r.status, r.err)
		}
		time.Sleep(50 * time.Millisecond) // as people do before they press again
	}
}

// settled ends the trade and fails unless all that was acknowledged is there, once.
func (tr *trade) settled() {
	tr.t.Helper()
	close(tr.ended)
	tr.buying.Wait()
	done := int(tr.done.Load())
	for what, query := range map[string]string{
		"orders":                         `SELECT count(*) FROM orders`,
		"paid orders":                    `SELECT count(*) FROM orders WHERE status = 'ready to ship'`,
		"buyers":                         `SELECT count(DISTINCT buyer_id) FROM orders`,
		"requests in the histories":      `SELECT count(*) FROM order_events WHERE kind = 'requested'`,
		"acceptances":                    `SELECT count(*) FROM order_events WHERE kind = 'accepted'`,
		"payments in the histories":      `SELECT count(*) FROM order_events WHERE kind = 'paid'`,
		"notifications of payments":      `SELECT count(*) FROM notifications n JOIN order_events e ON e.id = n.event_id WHERE e.kind = 'paid'`,
		"letters of payments to artists": `SELECT count(*) FROM outbox b JOIN order_events e ON e.id = b.event_id JOIN orders o ON o.id = e.order_id WHERE e.kind = 'paid' AND b.recipient_id = o.seller_id`,
		"receipts":                       `SELECT count(*) FROM outbox b JOIN order_events e ON e.id = b.event_id JOIN orders o ON o.id = e.order_id WHERE e.kind = 'paid' AND b.recipient_id = o.buyer_id`,
		"settled payments":               `SELECT count(*) FROM payments WHERE state = 'settled'`,
		"messages of the gateway":        `SELECT count(*) FROM payment_events`,
		"sales in the books":             `SELECT count(*) FROM journal_entries WHERE kind = 'sale'`,
		"sums that the gateway has":      `SELECT count(*) FROM (SELECT FROM journal_entries e JOIN journal_postings p ON p.entry_id = e.id JOIN orders o ON o.id = e.order_id WHERE p.account = 'gateway' AND e.kind <> 'payout' GROUP BY o.id HAVING sum(p.amount) = o.total) s`,
		"pieces sold":                    `SELECT sum(sold) FROM artworks`,
	} {
		var n int
		if err := tr.DB.Get(&n, query); err != nil || n != done {
			tr.t.Errorf("%d %s of %d purchases that were acknowledged, %v", n, what, done, err)
		}
	}
}

// TestKilledAtFortyMomentsOfTrade kills one of two instances at forty moments while
// people buy at both, and starts it again each time.
func TestKilledAtFortyMomentsOfTrade(t *testing.T) {
	t.Parallel()
	const kills = 40
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	c := newCrowded(t)
	c.open(2, 0)
	tr := newTrade(c, 4000)
	var longest time.Duration
	for range kills {
		time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond) // the moment is the test
		n := random.IntN(len(c.instances))
		c.instances[n].kill()
		killed := time.Now()
		_, port, _ := strings.Cut(strings.TrimPrefix(c.bases[n], "http://"), ":")
		c.instances[n] = startInstance(t, c.Market, c.data[n], port)
		longest = max(longest, time.Since(killed))
	}
	tr.settled()
	t.Logf("%d purchases, %d answers lost, back in %v at the longest", tr.done.Load(), tr.lost.Load(), longest)
	if longest > back {
		t.Errorf("it was away for %v", longest)
	}
	if tr.lost.Load() < kills/4 || tr.done.Load() < kills {
		t.Errorf("%d answers were lost, %d purchases made: the test tests little else", tr.lost.Load(), tr.done.Load())
	}
}

// TestDatabaseKilledFiveTimes kills the program's own PostgreSQL five times while
// people buy. The program starts it again by itself.
func TestDatabaseKilledFiveTimes(t *testing.T) {
	t.Parallel()
	const kills = 5
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	c := &crowded{t: t, gateway: payment.NewTest([]byte(storetest.Secret), nil), http: &http.Client{Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	data, port := t.TempDir(), unusedPort(t)
	if err := os.WriteFile(filepath.Join(data, "secret"), []byte(storetest.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Market = ownMarket(t, data)
	owned := *c.Market
	owned.DSN = ""
	c.bases, c.instances = []string{"http://localhost:" + port}, []*instance{startInstance(t, &owned, data, port)}
	tr := newTrade(c, 4000)
	var longest time.Duration
	for range kills {
		// Some purchases after the last kill, the next one comes at any moment.
		for enough := tr.done.Load() + 10; tr.done.Load() < enough && !t.Failed(); {
			time.Sleep(10 * time.Millisecond) // looks again until they are made
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // the moment is the test
		killPostgres(t, c.Market)
		killed := time.Now()
		for {
			if r := c.ask(nil, http.MethodGet, c.bases[0]+"/readyz", ""); r.err == nil && r.status == http.StatusOK {
				break
			}
			if time.Since(killed) > 6*back {
				t.Fatalf("it does not come back:\n%s", c.instances[0].words())
			}
			time.Sleep(5 * time.Millisecond) // asks again until it answers
		}
		longest = max(longest, time.Since(killed))
	}
	tr.settled()
	t.Logf("%d purchases, %d answers lost, back in %v at the longest", tr.done.Load(), tr.lost.Load(), longest)
	if longest > back {
		t.Errorf("it was away for %v", longest)
	}
	if tr.lost.Load() < kills {
		t.Errorf("%d answers were lost: the test tests little else", tr.lost.Load())
	}
}

// ownMarket makes a market with Ana and Ben in a data folder, as a program with
// its own PostgreSQL would, and reaches it while that runs.
func ownMarket(t *testing.T, data string) *storetest.Market {
	t.Helper()
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	m := &storetest.Market{DSN: server.DSN("openstudio"), Clock: storetest.NewClock()}
	m.Clock.Advance(time.Since(m.Clock.Now()))
	if m.Store, err = store.Open(ctx, store.Config{DSN: m.DSN, Secret: []byte(storetest.Secret), Now: m.Clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Store.Close() })
	m.Ana, err = m.Store.Register(ctx, store.Registration{Role: store.Artist, Username: "ana", FirstName: "Ana", LastName: "James", Email: storetest.AnaEmail,
		Address: "12 Calls Landing", Town: "Leeds", Postcode: "LS2 7EW", Password: storetest.Password, PasswordAgain: storetest.Password})
	if err != nil {
		t.Fatal(err)
	}
	if m.DB, err = sqlx.Open("postgres", m.DSN); err != nil {
		t.Fatal(err)
	}
	m.DB.SetMaxIdleConns(-1) // none that was cut off
	t.Cleanup(func() { m.DB.Close() })
	return m
}

// killPostgres kills the postmaster that serves a market.
func killPostgres(t *testing.T, m *storetest.Market) {
	t.Helper()
	var folder string
	if err := m.DB.Get(&folder, `SELECT current_setting('data_directory')`); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
}
