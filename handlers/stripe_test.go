package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/payment/stripefake"
	"openstudio/store/storetest"
)

const (
	stripeKey    = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
	stripeSecret = "whsec_test_5WbX1nq4xkLwQbUJ"
)

// stripeSite is a market that takes money by Stripe, as a fake.
type stripeSite struct {
	*handlertest.Site
	*stripefake.Stripe
	t *testing.T
}

func openStripe(t *testing.T) stripeSite {
	t.Helper()
	m := storetest.New(t)
	f := stripefake.New(stripeKey, stripeSecret, m.Clock.Now)
	t.Cleanup(f.Close)
	g, err := payment.NewStripe(payment.StripeConfig{Key: stripeKey, Secrets: []string{stripeSecret}, URL: f.URL, Now: m.Clock.Now, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return stripeSite{handlertest.OpenThrough(t, m, g), f, t}
}

// ready sets an artist up to be paid and returns the name of the account.
func (s stripeSite) ready(artist store.Member) string {
	s.t.Helper()
	before := s.Accounts()
	ana := s.SignedIn(s.t, artist)
	if a := ana.Post("/studio/payments/setup"); a.Status != http.StatusSeeOther {
		s.t.Fatalf("set up: %d\n%s", a.Status, a.Body)
	}
	for _, account := range s.Accounts() {
		if !slices.Contains(before, account) {
			s.Finish(account)
			ana.Get("/studio/payments/return")
			s.Take()
			return account
		}
	}
	s.t.Fatal("no account was opened")
	return ""
}

// send delivers a body as a message that was signed at a time.
func (s stripeSite) send(body []byte, at time.Time) int {
	s.t.Helper()
	a := s.Visitor(s.t).Do(http.MethodPost, "/webhooks/payments", bytes.NewReader(body), "Stripe-Signature", s.Sign(body, at))
	return a.Status
}

// deliver sends messages that follow, now, and reports those that are not taken.
func (s stripeSite) deliver(messages ...stripefake.Message) {
	s.t.Helper()
	for _, m := range messages {
		if status := s.send(m.Body, s.Clock.Now()); status != http.StatusOK {
			s.t.Errorf("%s is answered with %d", m.Type, status)
		}
	}
}

// begun is an accepted order whose payment has been begun: its page at Stripe.
func (s stripeSite) begun(collector *handlertest.Browser, order int64) string {
	s.t.Helper()
	before := len(s.Sessions())
	a := collector.Post(fmt.Sprintf("/orders/%d/payment", order))
	pages := s.Sessions()
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/pay/") || len(pages) != before+1 {
		s.t.Fatalf("begin: %d to %q, %d pages", a.Status, a.Location, len(pages))
	}
	return pages[before]
}

// stands is an order's state, its payment's, and how many entries the books have.
func (s stripeSite) stands(order int64) string {
	s.t.Helper()
	var text string
	err := s.DB.Get(&text, `
		SELECT status || ', ' || payment || ', ' || (SELECT count(*) FROM journal_entries WHERE order_id = o.id) || ' entries' FROM orders o WHERE id = $1`, order)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

const (
	openStand = "accepted, processing, 0 entries"
	paidStand = "ready to ship, paid, 3 entries"
)

// TestASaleThroughStripe goes the whole way, and the messages come in every order.
func TestASaleThroughStripe(t *testing.T) {
	t.Parallel()
	returned := func(s stripeSite, ben *handlertest.Browser, order int64) {
		if a := ben.Get(fmt.Sprintf("/orders/%d/payment", order)); a.Status != http.StatusSeeOther || a.Location != fmt.Sprintf("/orders/%d", order) {
			s.t.Errorf("the return is answered with %d to %q", a.Status, a.Location)
		}
	}
	for name, tell := range map[string]func(stripeSite, *handlertest.Browser, int64, []stripefake.Message){
		"the messages first": func(s stripeSite, ben *handlertest.Browser, order int64, m []stripefake.Message) {
			s.deliver(m...)
			returned(s, ben, order)
		},
		"the return first": func(s stripeSite, ben *handlertest.Browser, order int64, m []stripefake.Message) {
			returned(s, ben, order)
			if got := s.stands(order); got != paidStand {
				s.t.Errorf("after the return alone it stands %s", got)
			}
			s.deliver(m...)
		},
		"doubled": func(s stripeSite, ben *handlertest.Browser, order int64, m []stripefake.Message) {
			s.deliver(append(m, m...)...)
			returned(s, ben, order)
			s.deliver(m...)
		},
		"in reverse": func(s stripeSite, ben *handlertest.Browser, order int64, m []stripefake.Message) {
			slices.Reverse(m)
			s.deliver(m...)
		},
		"all lost": func(s stripeSite, ben *handlertest.Browser, order int64, m []stripefake.Message) {
			s.Clock.Advance(2 * time.Minute)
			if _, err := s.Server.Till().Reconcile(s.t.Context()); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStripe(t)
			account := s.ready(s.Ana)
			o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
			ben := s.SignedIn(t, s.Ben)
			page := s.begun(ben, o.ID)
			if a := ben.Post(fmt.Sprintf("/orders/%d/payment", o.ID)); !strings.HasSuffix(a.Location, page) {
				t.Errorf("a second tab is sent to %q", a.Location)
			}
			s.DeclineCard(page)
			s.deliver(s.Take()...)
			if got := s.stands(o.ID); got != openStand {
				t.Errorf("after a card was declined it stands %s", got)
			}
			s.Pay(page)
			tell(s, ben, o.ID, s.Take())
			if got := s.stands(o.ID); got != paidStand {
				t.Errorf("it stands %s", got)
			}
			if got := s.Balance(account); got != int64(o.Total) {
				t.Errorf("the artist has %d of %d", got, o.Total)
			}
			if shown := ben.Get(fmt.Sprintf("/orders/%d", o.ID)); strings.Contains(shown.Body, account) || strings.Contains(shown.Body, page) {
				t.Error("the collector is shown names that Stripe gives things")
			}
		})
	}
}

// TestStripesMessagesAreChecked: what is not Stripe's, or not for this market,
// changes nothing.
func TestStripesMessagesAreChecked(t *testing.T) {
	t.Parallel()
	s := openStripe(t)
	s.ready(s.Ana)
	o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
	s.Pay(s.begun(s.SignedIn(t, s.Ben), o.ID))
	m := s.Take()
	paid, now := m[len(m)-1].Body, s.Clock.Now()
	change := func(from, to string) []byte {
		t.Helper()
		changed := bytes.Replace(paid, []byte(from), []byte(to), 1)
		if bytes.Equal(changed, paid) {
			t.Fatalf("%q is not in the message", from)
		}
		return changed
	}
	for _, test := range []struct {
		what   string
		body   []byte
		at     time.Time
		status int
	}{
		{"an old one", paid, now.Add(-6 * time.Minute), http.StatusBadRequest},
		{"one from the future", paid, now.Add(6 * time.Minute), http.StatusBadRequest},
		{"one of live mode", change(`"livemode":false,"object":"event"`, `"livemode":true,"object":"event"`), now, http.StatusBadRequest},
		{"one of another version", change(s.Version, "2020-08-27"), now, http.StatusBadRequest},
		{"one of an unknown type", change("checkout.session.completed", "checkout.session.admired"), now, http.StatusOK},
		{"one of another market", change(`"metadata":{"attempt"`, `"metadata":{"basket"`), now, http.StatusOK},
	} {
		if status := s.send(test.body, test.at); status != test.status {
			t.Errorf("%s is answered with %d", test.what, status)
		}
	}
	forged := change(fmt.Sprint(int64(o.Total)), "1")
	if a := s.Visitor(t).Do(http.MethodPost, "/webhooks/payments", bytes.NewReader(forged), "Stripe-Signature", s.Sign(paid, now)); a.Status != http.StatusBadRequest {
		t.Errorf("a forged one is answered with %d", a.Status)
	}
	if got := s.stands(o.ID); got != openStand {
		t.Errorf("it stands %s", got)
	}
	if strings.Contains(s.Log.String(), stripeKey) || strings.Contains(s.Log.String(), stripeSecret) {
		t.Error("the log has a secret")
	}
	for _, why := range []string{payment.ErrMode.Error(), payment.ErrVersion.Error()} {
		if !strings.Contains(s.Log.String(), why) {
			t.Errorf("the log does not say %q", why)
		}
	}
	s.deliver(m...)
	if got := s.stands(o.ID); got != paidStand {
		t.Errorf("in the end it stands %s", got)
	}
}

// TestStripeIsDown: nobody is charged, and nobody reads what Stripe says.
func TestStripeIsDown(t *testing.T) {
	t.Parallel()
	s := openStripe(t)
	s.ready(s.Ana)
	o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
	ben := s.SignedIn(t, s.Ben)
	s.Befall(stripefake.Broken)
	pay := fmt.Sprintf("/orders/%d/payment", o.ID)
	if a := ben.Post(pay); a.Status != http.StatusConflict || !strings.Contains(a.Body, "Nothing was charged") || strings.Contains(a.Body, "Something went wrong on our end") {
		t.Errorf("%d\n%s", a.Status, a.Body)
	}
	s.Befall(stripefake.Slow, stripefake.Slow) // it made the page, and did not say so
	if a := ben.Post(pay); a.Status != http.StatusConflict {
		t.Errorf("%d", a.Status)
	}
	if a := ben.Post(pay); a.Status != http.StatusSeeOther || len(s.Sessions()) != 1 {
		t.Errorf("%d, with %d pages", a.Status, len(s.Sessions()))
	}
}

// TestStripeGivesBackWhatIsNotSettled: who paid while the page was being given up,
// for what is gone, has it all back, out of the artist's account.
func TestStripeGivesBackWhatIsNotSettled(t *testing.T) {
	t.Parallel()
	s := openStripe(t)
	account := s.ready(s.Ana)
	work := s.Work(t, s.Ana, storetest.Work{})
	o := s.Order(t, s.Ben, work, store.Accepted)
	ben := s.SignedIn(t, s.Ben)
	page := s.begun(ben, o.ID)
	s.Pay(page)
	late := s.Take()
	// The market thinks that nothing was paid, and the piece goes to somebody else.
	for _, change := range []string{
		`UPDATE payments SET state = 'released', closed_at = opened_at WHERE order_id = $1`,
		`UPDATE orders SET hold_until = created_at WHERE id = $1`,
	} {
		if _, err := s.DB.Exec(change, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Store.KeepTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Order(t, s.Cleo, work, store.ReadyToShip); got.Status != store.ReadyToShip {
		t.Fatalf("Cleo's order is %s", got.Status)
	}
	s.deliver(late...)
	if _, err := s.Server.Till().Refund(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deliver(s.Take()...)
	if market, artist := s.Balance(stripefake.Market), s.Balance(account); market != 0 || artist != 0 {
		t.Errorf("the market has %d, the artist %d", market, artist)
	}
	var owed int
	err := s.DB.Get(&owed, `SELECT COALESCE(sum(p.amount), 0) FROM journal_postings p JOIN journal_entries e ON e.id = p.entry_id WHERE e.order_id = $1 AND p.account = 'gateway'`, o.ID)
	if err != nil || owed != 0 {
		t.Errorf("in the books the gateway still has %d, %v", owed, err)
	}
}

// TestChargeBacksThroughStripe: told of twice, they are one.
func TestChargeBacksThroughStripe(t *testing.T) {
	t.Parallel()
	s := openStripe(t)
	s.ready(s.Ana)
	o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
	page := s.begun(s.SignedIn(t, s.Ben), o.ID)
	s.Pay(page)
	s.deliver(s.Take()...)
	d := s.Dispute(s.Intent(page), false)
	m := s.Take()
	s.deliver(append(m, m...)...)
	if got := s.stands(o.ID); got != "ready to ship, charged_back, 4 entries" {
		t.Errorf("disputed: %s", got)
	}
	s.CloseDispute(d, "won")
	s.deliver(append(s.Take(), m...)...)
	if got := s.stands(o.ID); got != "ready to ship, paid, 5 entries" {
		t.Errorf("won: %s", got)
	}
}

// TestChargeBacksAreRecovered follows the money: whatever the messages say in
// whatever order, the market loses nothing and the artist has what is the artist's.
func TestChargeBacksAreRecovered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tell func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message)
		won  bool
	}{
		"open, then won": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			s.deliver(opened...)
			s.recover(1)
			s.deliver(end("won")...)
		}, true},
		"open, then lost": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			s.deliver(append(opened, opened...)...)
			s.recover(1)
			s.deliver(append(end("lost"), opened...)...)
		}, false},
		"lost first": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			s.deliver(end("lost")...)
			s.deliver(opened...)
			s.recover(1)
		}, false},
		"won first": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			s.deliver(end("won")...)
			s.deliver(opened...)
			s.recover(0)
		}, true},
		"won while the answer is lost": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			s.deliver(opened...)
			s.Befall(-1, -1, stripefake.Slow, stripefake.Slow)
			if _, err := s.Server.Till().Recover(s.t.Context()); err == nil {
				s.t.Error("the answer was heard")
			}
			s.deliver(end("won")...)
			s.Clock.Advance(2 * time.Minute)
			s.recover(1)
		}, true},
		"an empty account": {func(s stripeSite, opened []stripefake.Message, end func(string) []stripefake.Message) {
			account := s.Accounts()[0]
			away := s.PayOut(account)
			s.deliver(opened...)
			n, err := s.Server.Till().Recover(s.t.Context())
			if n != 1 || err == nil || !strings.Contains(err.Error(), "balance_insufficient") || strings.Contains(err.Error(), stripeKey) {
				s.t.Errorf("refused: %d, %v", n, err)
			}
			s.Clock.Advance(24*time.Hour - time.Second)
			s.recover(0)
			s.PayIn(account, away)
			s.Clock.Advance(time.Second)
			s.recover(1)
			s.deliver(end("lost")...)
		}, false},
	} {
		for _, fee := range []int64{0, 12_34} {
			t.Run(fmt.Sprint(name, ", commission ", fee), func(t *testing.T) {
				t.Parallel()
				s := openStripe(t)
				account := s.ready(s.Ana)
				o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
				if _, err := s.DB.Exec(`UPDATE orders SET commission = $2 WHERE id = $1`, o.ID, fee); err != nil {
					t.Fatal(err)
				}
				page := s.begun(s.SignedIn(t, s.Ben), o.ID)
				s.Pay(page)
				s.deliver(s.Take()...)
				d := s.Dispute(s.Intent(page), false)
				test.tell(s, s.Take(), func(status string) []stripefake.Message {
					s.CloseDispute(d, status)
					return s.Take()
				})
				if test.won {
					s.Server.Till().Recover(t.Context())
				}
				s.recover(0)
				s.Clock.Advance(48 * time.Hour)
				s.recover(0)
				market, artist := int64(0), int64(0)
				if test.won {
					market, artist = fee, int64(o.Total)-fee
				}
				if m, a := s.Balance(stripefake.Market), s.Balance(account); m != market || a != artist {
					t.Errorf("the market has %d and the artist %d, not %d and %d", m, a, market, artist)
				}
				var owing, has int64
				err := s.DB.QueryRow(`
					SELECT COALESCE(sum(amount) FILTER (WHERE account = 'artist'), 0), COALESCE(sum(amount) FILTER (WHERE account = 'gateway'), 0)
					FROM journal_postings`).Scan(&owing, &has)
				if err != nil || owing != 0 || has != market {
					t.Errorf("in the books the artist owes %d and the market has %d, %v", owing, has, err)
				}
			})
		}
	}
}

// recover does what is due, and wants so much of it.
func (s stripeSite) recover(want int) {
	s.t.Helper()
	if n, err := s.Server.Till().Recover(s.t.Context()); n != want || err != nil {
		s.t.Errorf("%d recoveries were due, not %d: %v", n, want, err)
	}
}

// TestRefundsByHandAreCounted: what somebody gives back on Stripe's own pages is in
// the books, once, and nobody ships what is not paid.
func TestRefundsByHandAreCounted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ship bool
		do   func(s stripeSite, charge string)
		want string
		says string // the log
	}{
		"all, before it is shipped": {false, func(s stripeSite, charge string) { s.RefundByHand(charge) }, "cancelled, refunded, 5 entries", "the artist owes it"},
		"all, after it is shipped":  {true, func(s stripeSite, charge string) { s.RefundByHand(charge) }, "shipped, refunded, 5 entries", "the artist owes it"},
		"a part":                    {false, func(s stripeSite, charge string) { s.RefundPartByHand(charge, 10_00) }, "ready to ship, part_refunded, 5 entries", ""},
		"a part and the rest": {false, func(s stripeSite, charge string) {
			s.RefundPartByHand(charge, 10_00)
			s.RefundByHand(charge)
		}, "cancelled, refunded, 7 entries", "the artist owes it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStripe(t)
			account := s.ready(s.Ana)
			o := s.Order(t, s.Ben, s.Work(t, s.Ana, storetest.Work{}), store.Accepted)
			page := s.begun(s.SignedIn(t, s.Ben), o.ID)
			s.Pay(page)
			paid := s.Take()
			test.do(s, s.Intent(page))
			m := s.Take()
			for _, early := range m { // before the market knows that it was paid: they come again
				if status := s.send(early.Body, s.Clock.Now()); status != http.StatusNotFound {
					t.Errorf("an early %s is answered with %d", early.Type, status)
				}
			}
			s.deliver(paid...)
			if test.ship {
				if err := s.Store.ShipOrder(t.Context(), s.Ana, o.ID, "By hand", ""); err != nil {
					t.Fatal(err)
				}
			}
			s.deliver(append(m, m...)...)
			if got := s.stands(o.ID); got != test.want {
				t.Errorf("it stands %s", got)
			}
			if log := s.Log.String(); (test.says == "") == strings.Contains(log, "the artist owes it") || !strings.Contains(log, test.says) {
				t.Errorf("the log says %s", log)
			}
			// The books are as the money is.
			var owes, has int64
			err := s.DB.QueryRow(`
				SELECT COALESCE(sum(amount) FILTER (WHERE account = 'artist'), 0), COALESCE(sum(amount) FILTER (WHERE account = 'gateway'), 0)
				FROM journal_postings`).Scan(&owes, &has)
			var left int64
			if err == nil {
				err = s.DB.Get(&left, `SELECT amount - refunded FROM payments WHERE state = 'settled'`)
			}
			if err != nil || has != s.Balance(stripefake.Market) || owes != s.Balance(account)-left {
				t.Errorf("in the books the artist owes %d and the market has %d; at Stripe they have %d and %d, %v", owes, has, s.Balance(account), s.Balance(stripefake.Market), err)
			}
		})
	}
}

// TestArtistsSetUpHowTheyArePaid: before that, requests come in and none is accepted.
func TestArtistsSetUpHowTheyArePaid(t *testing.T) {
	t.Parallel()
	s := openStripe(t)
	work := s.Work(t, s.Ana, storetest.Work{})
	o := s.Order(t, s.Ben, work, store.Pending)
	ana, accept := s.SignedIn(t, s.Ana), fmt.Sprintf("/orders/%d/acceptance", o.ID)
	see := func(path string, want ...string) {
		t.Helper()
		a := ana.Get(path)
		for _, w := range want {
			if !strings.Contains(a.Body, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
	}
	for _, answer := range []handlertest.Answer{ana.Post(accept), ana.PostHX(accept, "in", "list")} {
		if answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Body, "you cannot be paid yet") || !strings.Contains(answer.Body, `href="/studio/payments"`) {
			t.Errorf("accepting is answered with %d\n%s", answer.Status, answer.Body)
		}
	}
	if dora := s.SignedIn(t, s.Dora).Post(accept); dora.Status != http.StatusNotFound {
		t.Errorf("another artist is answered with %d", dora.Status)
	}
	if ben := s.SignedIn(t, s.Ben).Post(accept); ben.Status != http.StatusForbidden {
		t.Errorf("the collector is answered with %d", ben.Status)
	}
	see("/studio/orders", "You cannot be paid yet.", `href="/studio/payments"`)
	see("/studio/payments", "You cannot be paid yet", "Set up with Stripe")

	s.Befall(stripefake.Slow, stripefake.Slow)
	if a := ana.Post("/studio/payments/setup"); a.Location != "/studio/payments" {
		t.Errorf("while Stripe is down: %d to %q", a.Status, a.Location)
	}
	see("/studio/payments", "Stripe does not answer", "Set up with Stripe")
	for range 2 {
		if a := ana.Post("/studio/payments/setup"); !strings.HasPrefix(a.Location, "/setup/acct_") {
			t.Errorf("set up: %d to %q", a.Status, a.Location)
		}
	}
	if n := len(s.Accounts()); n != 1 {
		t.Fatalf("there are %d accounts", n)
	}
	account := s.Accounts()[0]
	see("/studio/payments", "Stripe still needs:", "your bank account", "your date of birth", "Go on with Stripe")
	ana.Get("/studio/payments/refresh")
	see("/studio/payments", "no longer good", "Go on with Stripe")

	s.Finish(account)
	s.Befall(stripefake.Broken)
	ana.Get("/studio/payments/return")
	see("/studio/payments", "Stripe has not answered yet", "Go on with Stripe")
	ana.Get("/studio/payments/return")
	see("/studio/payments", "You can be paid", "Open your Stripe account")
	if a := ana.Post("/studio/payments/setup"); !strings.HasPrefix(a.Location, "/express/acct_") {
		t.Errorf("its own pages: %d to %q", a.Status, a.Location)
	}

	// What Stripe says by message is asked again, so that old news changes nothing.
	old := s.Take()
	s.Restrict(account, "individual.verification.document")
	s.deliver(s.Take()...)
	see("/studio/payments", "You cannot be paid yet", "a paper that shows who you are")
	s.deliver(old...)
	see("/studio/payments", "You cannot be paid yet")
	s.Finish(account)
	s.deliver(s.Take()...)
	if a := ana.Post(accept); a.Status != http.StatusSeeOther {
		t.Errorf("accepting is answered with %d\n%s", a.Status, a.Body)
	}

	// An artist whose account is stopped cannot be paid, and the collector is told.
	s.Restrict(account, "external_account")
	s.deliver(s.Take()...)
	ben := s.SignedIn(t, s.Ben)
	if a := ben.Post(fmt.Sprintf("/orders/%d/payment", o.ID)); a.Status != http.StatusConflict || !strings.Contains(a.Body, "nothing was charged") {
		t.Errorf("paying is answered with %d\n%s", a.Status, a.Body)
	}
	if len(s.Sessions()) != 0 {
		t.Error("a page was made all the same")
	}
	if !strings.Contains(ana.Get("/studio/payments").Header.Get("Content-Security-Policy"), "form-action 'self' "+s.Stripe.URL) {
		t.Error("browsers may not follow a form to Stripe")
	}
}
