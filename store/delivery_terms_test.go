package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// heavy is a work that no formula delivers.
var heavy = storetest.Work{Title: "Anchor", Weight: 4200}

// refused fails unless err speaks of a field alone.
func refused(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *store.Invalid
	if !errors.As(err, &invalid) || invalid.Get(field) == "" || len(invalid.Fields) != 1 {
		t.Errorf("%v, want a sentence about %q", err, field)
	}
}

// setTerms keeps the terms of an artist.
func setTerms(t *testing.T, m *storetest.Market, artist store.Member, f store.DeliveryForm) {
	t.Helper()
	if err := m.Store.SetDeliveryTerms(context.Background(), artist, f); err != nil {
		t.Fatal(err)
	}
}

func TestAnArtistQuotesDelivery(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	setTerms(t, m, m.Ana, store.DeliveryForm{Rates: [5]string{"1", "1", "1", "1", "1"}}) // these are for what the formula reaches
	o := m.Ask(t, m.Ben, m.Work(t, m.Ana, heavy))
	if !o.Unquoted || o.Delivery != 0 || o.Cover != 1450 || o.Total != 146450 || o.Status != store.Pending {
		t.Fatalf("asked for: %+v", o)
	}
	for _, typed := range []string{"", " ", "much", "-1", "10000", "1.234"} {
		refused(t, m.Store.AcceptQuoting(ctx, m.Ana, o.ID, typed), "delivery")
	}
	refused(t, m.Store.AcceptOrder(ctx, m.Ana, o.ID), "delivery")
	if err := m.Store.AcceptQuoting(ctx, m.Ben, o.ID, "120"); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("by the collector: %v", err)
	}
	if after := look(t, m, m.Ben, o.ID); after.Version != o.Version || after.Status != store.Pending || len(after.Events) != 1 {
		t.Errorf("a refused acceptance changed %+v", after)
	}
	if _, err := m.DB.Exec(`UPDATE orders SET status = 'accepted', hold_until = now() WHERE id = $1`, o.ID); err == nil || !strings.Contains(err.Error(), "orders_quoted_when_accepted") {
		t.Errorf("accepted without a quote: %v", err)
	}
	if err := m.Store.AcceptQuoting(ctx, m.Ana, o.ID, "£120.50"); err != nil {
		t.Fatal(err)
	}
	after := look(t, m, m.Ben, o.ID)
	if after.Unquoted || after.Delivery != 12050 || after.Total != 146450+12050 || after.Status != store.Accepted {
		t.Errorf("accepted: %+v", after)
	}
	p, err := m.Store.BeginPayment(ctx, m.Ben, o.ID, storetest.Gateway, 0)
	if err != nil || p.Amount != after.Total {
		t.Errorf("%s is to be paid, not %s; %v", p.Amount, after.Total, err)
	}

	// What has a price of delivery keeps it, whatever is typed.
	light := m.Ask(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}))
	if err := m.Store.AcceptQuoting(ctx, m.Ana, light.ID, "500"); err != nil {
		t.Fatal(err)
	}
	if after := look(t, m, m.Cleo, light.ID); after.Delivery != 100 || after.Total != light.Total {
		t.Errorf("a price that was agreed became %+v", after)
	}
}

// The next in line whose artist has yet to quote delivery keeps its place until
// they do; when they have not in time, the one after it comes up.
func TestTheNextInLineWaitsForAQuote(t *testing.T) {
	t.Parallel()
	for _, quoted := range []bool{true, false} {
		t.Run(fmt.Sprint(quoted), func(t *testing.T) {
			t.Parallel()
			m := storetest.New(t)
			ctx := context.Background()
			work := m.Work(t, m.Ana, heavy)
			first := m.Ask(t, m.Ben, work)
			if err := m.Store.AcceptQuoting(ctx, m.Ana, first.ID, "100"); err != nil {
				t.Fatal(err)
			}
			next := m.Ask(t, m.Cleo, work)
			last := m.Ask(t, m.Collectors(t, 1)[0], work)
			if !next.InLine() || !last.InLine() {
				t.Fatalf("%+v, %+v", next, last)
			}
			if err := m.Store.CancelOrder(ctx, m.Ben, first.ID); err != nil {
				t.Fatal(err)
			}
			keepTime(t, m, 1)
			keepTime(t, m, 0)
			o := look(t, m, m.Ana, next.ID)
			if o.InLine() || !o.Acceptable() || o.Status != store.Pending || !o.ReplyBy.Equal(m.Clock.Now().Add(48*time.Hour)) {
				t.Errorf("its turn came: %+v", o)
			}
			told(t, m, next.ID, store.EventTurnCame, m.Ana, m.Cleo)
			if waiting, err := m.Store.StudioWaiting(ctx, m.Ana); err != nil || len(waiting) != 1 || waiting[0].ID != next.ID {
				t.Errorf("%d wait for the artist, %v", len(waiting), err)
			}
			if err := m.Store.AcceptQuoting(ctx, m.Ana, last.ID, "10"); !errors.Is(err, store.ErrConflict) {
				t.Errorf("the one after it was accepted: %v", err)
			}
			if quoted {
				if err := m.Store.AcceptQuoting(ctx, m.Ana, next.ID, "80"); err != nil {
					t.Fatal(err)
				}
				if o := look(t, m, m.Cleo, next.ID); o.Status != store.Accepted || o.Delivery != 8000 {
					t.Errorf("quoted: %+v", o)
				}
				keepTime(t, m, 0)
				return
			}
			m.Clock.Advance(48 * time.Hour)
			keepTime(t, m, 2) // it lapses, and the turn of the last comes
			if o := look(t, m, m.Cleo, next.ID); !o.Lapsed() {
				t.Errorf("not quoted: %+v", o)
			}
			if o := look(t, m, m.Ana, last.ID); o.TurnAt == nil || !o.Acceptable() {
				t.Errorf("the last: %+v", o)
			}
		})
	}
}

func TestTermsOfDelivery(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{})
	others := m.Work(t, m.Dora, storetest.Work{})
	quote := func(artwork int64, postcode string) store.Quote {
		t.Helper()
		q, err := m.Store.QuoteArtwork(ctx, artwork, postcode)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	listed := func(artwork int64, to string, most store.Pence) bool {
		t.Helper()
		page, err := m.Store.Artworks(ctx, 0, store.Filter{To: to, Most: most, ForSale: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range page.Items {
			if card.ID == artwork {
				return true
			}
		}
		return false
	}
	formula := quote(work, "BS1 6SN")
	before := m.Ask(t, m.Ben, work)
	for field, form := range map[string]store.DeliveryForm{
		"rate-2": {Rates: [5]string{1: "cheap"}},
		"rate-5": {Rates: [5]string{4: "10000"}},
		"words":  {Collection: true},
	} {
		refused(t, m.Store.SetDeliveryTerms(ctx, m.Ana, form), field)
	}
	refused(t, m.Store.SetDeliveryTerms(ctx, m.Ana, store.DeliveryForm{Words: strings.Repeat("a", 301)}), "words")
	if err := m.Store.SetDeliveryTerms(ctx, m.Ben, store.DeliveryForm{}); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("by a collector: %v", err)
	}
	if kept, err := m.Store.DeliveryTerms(ctx, m.Ana); err != nil || kept != (store.DeliveryTerms{}) {
		t.Errorf("a refused form left %+v, %v", kept, err)
	}
	form := store.DeliveryForm{Rates: [5]string{"0", "", "12.50", "", " £99 "}, Collection: true, Words: "Weekdays, by the canal."}
	setTerms(t, m, m.Ana, form)
	kept, err := m.Store.DeliveryTerms(ctx, m.Ana)
	form.Rates = [5]string{"0", "", "12.50", "", "99"}
	if err != nil || kept.Form() != form {
		t.Errorf("%+v, %v", kept.Form(), err)
	}
	for to, want := range map[string]store.Pence{"N1 1AA": 0, "BS1 6SN": 1250, "JE2 3AB": 9900} {
		q := quote(work, to)
		if q.Delivery != want || q.Total() != 145000+1450+want {
			t.Errorf("to %s: %+v", to, q)
		}
		outward, _, _ := strings.Cut(to, " ")
		if !listed(work, outward, q.Total()) || listed(work, outward, q.Total()-1) {
			t.Errorf("a list for %s does not count with %s", to, q.Total())
		}
	}
	if q := quote(work, "BN1 1AA"); q.Delivery <= formula.Delivery {
		t.Errorf("to a zone without a rate: %+v", q)
	}
	if q := quote(others, "BS1 6SN"); q.Delivery == 1250 {
		t.Error("another artist's work has the rate")
	}
	later := m.Work(t, m.Ana, storetest.Work{})
	if !listed(later, "BS1", 147700) {
		t.Error("a work that is hung later has no rate in lists")
	}
	if after := look(t, m, m.Ben, before.ID); after.Total != before.Total {
		t.Errorf("what was asked for before costs %s, not %s", after.Total, before.Total)
	}
	setTerms(t, m, m.Ana, store.DeliveryForm{})
	if q := quote(work, "BS1 6SN"); q != formula || !listed(work, "BS1", formula.Total()) || listed(work, "BS1", formula.Total()-1) {
		t.Errorf("without rates again: %+v", q)
	}
	if work := m.Work(t, m.Ana, heavy); listed(work, "LS2", 9999999) {
		t.Error("what its artist quotes is found by what it costs delivered")
	}
}

func TestAWorkIsCollected(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, heavy)
	ask := func(who store.Member, artwork int64) (store.Order, error) {
		return m.Store.RequestOrder(ctx, who, artwork, store.Request{Collect: true, Seen: 145000})
	}
	if _, err := m.Store.QuoteCollection(ctx, work); !errors.Is(err, store.ErrConflict) {
		t.Errorf("nobody may collect, and it is quoted: %v", err)
	}
	if _, err := ask(m.Ben, work); !errors.Is(err, store.ErrConflict) {
		t.Errorf("nobody may collect, and it is asked for: %v", err)
	}
	setTerms(t, m, m.Ana, store.DeliveryForm{Collection: true, Words: "Weekdays, by the canal."})
	if _, err := ask(m.Ben, m.Work(t, m.Ana, storetest.Work{Medium: store.DigitalArt, Price: 145000})); !errors.Is(err, store.ErrConflict) {
		t.Errorf("digital art is collected: %v", err)
	}
	if q, err := m.Store.QuoteCollection(ctx, work); err != nil || q.Total() != 145000 || q.Unquoted {
		t.Fatalf("%+v, %v", q, err)
	}
	o, err := ask(m.Ben, work)
	if err != nil {
		t.Fatal(err)
	}
	if !o.Collection || o.Unquoted || o.Delivery != 0 || o.Cover != 0 || o.Total != 145000 || o.ShipAddress != "" || o.ShipPostcode != "" || o.CollectionWords != "Weekdays, by the canal." {
		t.Errorf("asked for: %+v", o)
	}
	if err := m.Store.AcceptOrder(ctx, m.Ana, o.ID); err != nil {
		t.Fatal(err)
	}
	// The address is told when it is paid, to the collector, until it is fetched.
	address := func(where string, known bool) {
		t.Helper()
		bens, anas := look(t, m, m.Ben, o.ID), look(t, m, m.Ana, o.ID)
		if (bens.StudioAddress == m.Ana.Address) != known || (bens.StudioPostcode == m.Ana.Postcode) != known || bens.StudioTown != m.Ana.Town {
			t.Errorf("%s the collector sees %q, %q", where, bens.StudioAddress, bens.StudioPostcode)
		}
		if anas.CollectionCode != "" {
			t.Errorf("%s the artist sees the code", where)
		}
	}
	address("accepted:", false)
	if outcome, err := m.Pay(m.Ben, o.ID); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	address("paid:", true)
	if err := m.Store.ShipOrder(ctx, m.Ana, o.ID, "DPD", "1550"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("it was sent: %v", err)
	}
	if err := m.Store.HandOrderOver(ctx, m.Ana, o.ID, "000000"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("handed over before it was ready: %v", err)
	}
	if err := m.Store.ReadyForCollection(ctx, m.Ben, o.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("ready, by the collector: %v", err)
	}
	if err := m.Store.ReadyForCollection(ctx, m.Ana, o.ID); err != nil {
		t.Fatal(err)
	}
	ready := look(t, m, m.Ben, o.ID)
	if ready.Status != store.Shipped || len(ready.CollectionCode) != 6 || !ready.Can(m.Ana, store.HandOver) || ready.Can(m.Ben, store.HandOver) {
		t.Fatalf("ready: %+v", ready)
	}
	address("ready:", true)
	m.Clock.Advance(store.CompletesAfter)
	keepTime(t, m, 0) // it waits until it is fetched

	wrong := fmt.Sprintf("%06d", (len(ready.CollectionCode)+int(ready.CollectionCode[5]))%10)
	if wrong == ready.CollectionCode {
		wrong = "999999"
	}
	for _, who := range []store.Member{m.Cleo, m.Dora} {
		if err := m.Store.HandOrderOver(ctx, who, o.ID, ready.CollectionCode); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("handed over by an outsider: %v", err)
		}
	}
	if err := m.Store.HandOrderOver(ctx, m.Ben, o.ID, ready.CollectionCode); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("handed over by the collector: %v", err)
	}
	for _, typed := range []string{"", "12345", "1234567", "12345a"} {
		refused(t, m.Store.HandOrderOver(ctx, m.Ana, o.ID, typed), "code")
	}
	for range 5 {
		refused(t, m.Store.HandOrderOver(ctx, m.Ana, o.ID, wrong), "code")
	}
	var tooMany *store.TooMany
	if err := m.Store.HandOrderOver(ctx, m.Ana, o.ID, ready.CollectionCode); !errors.As(err, &tooMany) || tooMany.Wait > time.Hour {
		t.Errorf("a sixth try: %v", err)
	}
	if after := look(t, m, m.Ben, o.ID); after.Version != ready.Version {
		t.Errorf("wrong codes changed %+v", after)
	}
	m.Clock.Advance(time.Hour)
	spaced := ready.CollectionCode[:3] + " " + ready.CollectionCode[3:]
	if err := m.Store.HandOrderOver(ctx, m.Ana, o.ID, spaced); err != nil {
		t.Fatal(err)
	}
	done := look(t, m, m.Ben, o.ID)
	if done.Status != store.Completed || done.CollectionCode != "" {
		t.Errorf("handed over: %+v", done)
	}
	told(t, m, o.ID, store.EventCompleted, m.Ben)
	address("handed over:", false)
	if err := m.Store.HandOrderOver(ctx, m.Ana, o.ID, ready.CollectionCode); !errors.Is(err, store.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	sent := m.Order(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	if err := m.Store.HandOrderOver(ctx, m.Ana, sent.ID, "123456"); !errors.Is(err, store.ErrConflict) || sent.Can(m.Ana, store.HandOver) {
		t.Errorf("what was sent is handed over: %v", err)
	}
	paid := m.Order(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}), store.ReadyToShip)
	if err := m.Store.ReadyForCollection(ctx, m.Ana, paid.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("what is to be sent is ready for collection: %v", err)
	}
}

// The collector of a work that was ready says themselves that they have it.
func TestACollectorSaysThatTheyCollected(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	setTerms(t, m, m.Ana, store.DeliveryForm{Collection: true, Words: "By the canal."})
	o := m.Collected(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	if err := m.Store.CompleteOrder(ctx, m.Ben, o.ID); err != nil {
		t.Fatal(err)
	}
	if after := look(t, m, m.Ben, o.ID); after.Status != store.Completed || after.CollectionCode != "" {
		t.Errorf("%+v", after)
	}
	told(t, m, o.ID, store.EventCompleted, m.Ana)
}

func TestTheCommissionIsThatOfTheRequest(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Quantity: 2, Price: 100000})
	free := m.Ask(t, m.Cleo, work)
	if free.Commission != 0 || free.ArtistReceives() != free.Total {
		t.Errorf("without a commission: %+v", free)
	}
	m.Commission = 250
	m.Store = m.Open(t)
	q, err := m.Store.QuoteArtwork(ctx, work, m.Ben.Postcode)
	if err != nil || q.Commission() != 2500 || q.ArtistReceives() != q.Total()-2500 {
		t.Errorf("%+v, %v", q, err)
	}
	o := m.Ask(t, m.Ben, work)
	if o.Rate != 250 || o.Commission != 2500 || o.Total != q.Total() || o.ArtistReceives() != o.Total-2500 {
		t.Errorf("asked for: %+v", o)
	}
	if after := look(t, m, m.Cleo, free.ID); after.Commission != 0 {
		t.Errorf("what was asked for before: %+v", after)
	}
	if _, err := m.DB.Exec(`UPDATE artworks SET price = 80020 WHERE id = $1`, work); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.LowerRequests(ctx, m.Ana, work); err != nil {
		t.Fatal(err)
	}
	if after := look(t, m, m.Ben, o.ID); after.Commission != 2001 || after.ArtistReceives() != after.Total-2001 {
		t.Errorf("at the lower price: %+v", after)
	}
	if after := look(t, m, m.Cleo, free.ID); after.Price != 80020 || after.Commission != 0 {
		t.Errorf("at the lower price, what was asked for before: %+v", after)
	}
	for _, bad := range []string{"-1", "price + 1"} {
		if _, err := m.DB.Exec(`UPDATE orders SET commission = `+bad+` WHERE id = $1`, o.ID); err == nil || !strings.Contains(err.Error(), "orders_commission") {
			t.Errorf("a commission of %s: %v", bad, err)
		}
	}
}

func TestThePricesOfAWork(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	work := m.Work(t, m.Ana, storetest.Work{Price: 100000})
	begin := m.Clock.Now()
	history := func(want string) {
		t.Helper()
		a, err := m.Store.Artwork(ctx, m.Ana.ID, work)
		if err != nil {
			t.Fatal(err)
		}
		list, err := m.Store.PriceHistory(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range list {
			line := fmt.Sprintf("%s from day %d", p.Price.Short(), int(p.Since.Sub(begin)/(24*time.Hour)))
			if p.Given {
				line += ", given"
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "; "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	price := func(to int) {
		t.Helper()
		m.Clock.Advance(24 * time.Hour)
		if _, err := m.DB.Exec(`UPDATE artworks SET price = $2, updated_at = $3 WHERE id = $1`, work, to, m.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	state := func(listed bool) {
		t.Helper()
		m.Clock.Advance(24 * time.Hour)
		if err := m.Store.SetListed(ctx, m.Ana, work, listed); err != nil {
			t.Fatal(err)
		}
	}
	m.Ask(t, m.Ben, work)
	history("")
	price(90000)
	history("£900 from day 1; £1,000 from day 0")
	price(90000)
	if n, err := m.Store.LowerRequests(ctx, m.Ana, work); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	history("£900 from day 1, given; £1,000 from day 0")
	state(false)
	price(50000)
	price(80000)
	history("£900 from day 1, given; £1,000 from day 0") // nobody saw the others
	state(true)
	history("£800 from day 6; £900 from day 1, given; £1,000 from day 0")
	if n, err := m.Store.LowerRequests(ctx, m.Dora, work); !errors.Is(err, store.ErrNotFound) {
		t.Error(n, err)
	}
	history("£800 from day 6; £900 from day 1, given; £1,000 from day 0")

	// A work that was taken down and changed before it hung again.
	work, begin = m.Work(t, m.Ana, storetest.Work{Price: 100000}), m.Clock.Now()
	state(false)
	history("")
	price(70000)
	state(true)
	history("£700 from day 3; £1,000 from day 0")

	// A draft has no history.
	work, begin = m.Work(t, m.Ana, storetest.Work{Price: 100000, State: store.Draft}), m.Clock.Now()
	if _, err := m.DB.Exec(`UPDATE artworks SET listed_at = NULL WHERE id = $1`, work); err != nil {
		t.Fatal(err)
	}
	price(70000)
	state(true)
	history("")
	plan := m.Explain(t, `SELECT price, since, given FROM artwork_prices WHERE artwork_id = 1 ORDER BY id DESC LIMIT 50`)
	if !strings.Contains(plan, "artwork_prices_artwork") {
		t.Error(plan)
	}
}
