package main

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// accepted brings an order of each of the people to where its payment is open,
// behind the market's back: the nth asks for a piece of the nth of the works, which
// are the artist's.
func (c *crowded) accepted(works []int64, people []person) (orders []int64, attempts []payment.Attempt) {
	c.t.Helper()
	return c.copies(c.begun(), works, people)
}

// begun is an order that went the whole way to an open payment.
func (c *crowded) begun() store.Order {
	c.t.Helper()
	o := c.Order(c.t, c.Ben, c.Work(c.t, c.Ana, storetest.Work{}), store.Accepted)
	if _, err := c.Store.BeginPayment(c.t.Context(), c.Ben, o.ID, c.gateway.Name(), 0); err != nil {
		c.t.Fatal(err)
	}
	return o
}

// copies makes orders of people after the pattern of one.
func (c *crowded) copies(pattern store.Order, works []int64, people []person) (orders []int64, attempts []payment.Attempt) {
	c.t.Helper()
	var buyers []store.Member
	for _, p := range people {
		buyers = append(buyers, p.Member)
	}
	orders, payments := c.Copies(c.t, pattern, works, buyers)
	for _, id := range payments {
		attempts = append(attempts, payment.Attempt{ID: id, Amount: int64(pattern.Total), Currency: "GBP"})
	}
	return orders, attempts
}

// TestEveryMessageFiveTimes lets the gateway say of five hundred payments, five
// times each and in any order, to both instances, that the money was taken. Four
// collectors in five are back on their page before the first word about it, the
// fifth comes after.
func TestEveryMessageFiveTimes(t *testing.T) {
	t.Parallel()
	const payments, times, pieces = 500, 5, 20
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	c := newCrowded(t)
	c.open(2, 0)
	var works []int64
	for range payments / pieces {
		works = append(works, c.Work(t, c.Ana, storetest.Work{Quantity: pieces}))
	}
	people := c.people(payments)
	orders, attempts := c.accepted(works, people)
	page := func(i int) reply {
		return c.ask(&people[i], http.MethodGet, c.base(i)+"/orders/"+strconv.FormatInt(orders[i], 10), "", "HX-Request", "true")
	}
	late := func(i int) bool { return i%5 == 0 }
	const waits = `data-status="accepted"`
	for i, r := range inParallel(payments, func(i int) reply {
		if late(i) {
			return reply{status: http.StatusOK}
		}
		return page(i)
	}) {
		if r.err != nil || r.status != http.StatusOK || !late(i) && !strings.Contains(r.body, waits) {
			t.Fatalf("the page of order %d before it is paid: %d, %v: %.500s", orders[i], r.status, r.err, r.body)
		}
	}
	turns := random.Perm(payments * times)
	instances := make([]int, len(turns))
	for i := range instances {
		instances[i] = random.IntN(len(c.bases))
	}
	first := make([]sync.Once, payments)
	pages := make([]reply, payments)
	for n, r := range inParallel(len(turns), func(n int) reply {
		i := turns[n] % payments
		told := c.deliver(c.base(instances[n]), payment.Taken, attempts[i])
		if late(i) && told.status == http.StatusOK {
			first[i].Do(func() { pages[i] = page(i) })
		}
		return told
	}) {
		if r.err != nil || r.status != http.StatusOK || store.Outcome(r.body) != store.Settled {
			t.Fatalf("message %d: %d %s, %v", n, r.status, r.body, r.err)
		}
	}
	for i := range pages {
		if late(i) && (pages[i].status != http.StatusOK || strings.Contains(pages[i].body, waits)) {
			t.Errorf("order %d is paid, and its page: %d %v %.500s", orders[i], pages[i].status, pages[i].err, pages[i].body)
		}
	}
	for _, work := range works {
		c.soldOnce(work, pieces)
	}
	c.sound()
}

// inParallel runs do n times, a few dozen at a time and in order, and returns what
// each was told.
func inParallel(n int, do func(i int) reply) []reply {
	replies := make([]reply, n)
	turns := make(chan int)
	var all sync.WaitGroup
	for range 48 {
		all.Go(func() {
			for i := range turns {
				replies[i] = do(i)
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	all.Wait()
	return replies
}
