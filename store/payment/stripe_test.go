package payment_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"

	"openstudio/store/payment"
	"openstudio/store/payment/stripefake"
)

func begin(t *testing.T, s *payment.Stripe, a payment.Attempt) payment.Page {
	t.Helper()
	p, err := s.Begin(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStripeBeginsADestinationCharge: what is asked of Stripe, word for word.
func TestStripeBeginsADestinationCharge(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	a.Fee = 9_960
	page := begin(t, s, a)
	sent := f.Requests()[len(f.Requests())-1]
	end := strconv.FormatInt(c.Add(32*time.Minute).Unix(), 10)
	for name, want := range map[string]string{
		"mode": "payment", "client_reference_id": a.ID, "metadata[attempt]": a.ID, "payment_intent_data[metadata][attempt]": a.ID,
		"success_url": a.Back, "cancel_url": a.Back, "expires_at": end,
		"line_items[0][price_data][unit_amount]": "124500", "line_items[0][price_data][currency]": "gbp", "line_items[0][quantity]": "1",
		"line_items[0][price_data][product_data][name]":   a.Words,
		"payment_intent_data[transfer_data][destination]": a.Account,
		"payment_intent_data[application_fee_amount]":     "9960",
		"excluded_payment_method_types[0]":                "bacs_debit",
	} {
		if got := sent.Form.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	if sent.Key != "attempt-"+a.ID {
		t.Errorf("the idempotency key is %q", sent.Key)
	}
	f.Pay(page.Session)
	if market, artist := f.Balance(stripefake.Market), f.Balance(a.Account); market != 9_960 || artist != 124_500-9_960 {
		t.Errorf("the market has %d and the artist %d", market, artist)
	}

	a.ID, a.Fee = "7c0b3f53-3b84-4f43-8a0e-31e43f0ab2c7", 0
	begin(t, s, a)
	if sent := f.Requests()[len(f.Requests())-1]; sent.Form.Has("payment_intent_data[application_fee_amount]") {
		t.Error("a fee of nothing is asked for")
	}
	a.ID, a.Account = "8d0b3f53-3b84-4f43-8a0e-31e43f0ab2c8", ""
	if _, err := s.Begin(t.Context(), a); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("without an account: %v", err)
	}
}

// TestStripePagesEndInTime: a page lives between half an hour and a day, and the
// same one is found again whenever it is asked for while it lives.
func TestStripePagesEndInTime(t *testing.T) {
	t.Parallel()
	for until, lives := range map[time.Duration]time.Duration{
		-time.Hour:       2 * time.Minute,
		0:                2 * time.Minute,
		10 * time.Minute: 12 * time.Minute,
		30 * time.Minute: 32 * time.Minute,
		5 * time.Hour:    5*time.Hour + 2*time.Minute,
		23 * time.Hour:   23*time.Hour + 2*time.Minute,
		24 * time.Hour:   time.Hour + 2*time.Minute,
		48 * time.Hour:   time.Hour + 2*time.Minute,
	} {
		t.Run(until.String(), func(t *testing.T) {
			t.Parallel()
			s, f, c := stripeOnFake(t)
			a := attempt(c, artist(t, s, f))
			a.Until = c.Add(until)
			if lives < 31*time.Minute {
				lives += time.Hour
			}
			page, begun := begin(t, s, a), c.Time
			for after := time.Duration(0); after < lives; after += lives / 7 {
				c.Time = begun.Add(after)
				if again := begin(t, s, a); again != page {
					t.Fatalf("after %v another page was made", after)
				}
			}
			c.Time = begun.Add(lives - time.Second)
			if e, err := s.Look(t.Context(), a.ID, page.Session); err != nil || e.Kind != "" {
				t.Errorf("a second before its end it is %+v, %v", e, err)
			}
			c.Time = begun.Add(lives)
			if e, err := s.Look(t.Context(), a.ID, page.Session); err != nil || e.Kind != payment.Expired || e.Attempt != a.ID {
				t.Errorf("at its end it is %+v, %v", e, err)
			}
		})
	}
}

// TestStripeSurvivesFaults: what was lost on the way is asked again and done once.
func TestStripeSurvivesFaults(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	for _, fault := range []stripefake.Fault{stripefake.Lost, stripefake.Slow} {
		f.Befall(fault)
		begin(t, s, a) // the library asks again
	}
	for _, faults := range [][]stripefake.Fault{{stripefake.Slow, stripefake.Slow}, {stripefake.Broken}} {
		f.Befall(faults...)
		if _, err := s.Begin(t.Context(), a); err == nil || errors.Is(err, payment.ErrRefused) {
			t.Errorf("no answer: %v", err)
		}
	}
	page := begin(t, s, a)
	if n := len(f.Sessions()); n != 1 {
		t.Errorf("there are %d pages of one attempt", n)
	}
	f.Pay(page.Session)
	charge := f.Intent(page.Session)
	f.Befall(-1, -1, stripefake.Slow, stripefake.Slow) // two questions, then the refund and once more
	r := payment.Refund{ID: "5f1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Charge: charge, Amount: a.Amount, Currency: "GBP"}
	if e, err := s.Refund(t.Context(), r); err == nil || errors.Is(err, payment.ErrRefused) {
		t.Errorf("no answer to a refund: %+v, %v", e, err)
	}
	if e, err := s.Refund(t.Context(), r); err != nil || e.Kind != payment.Refunded {
		t.Errorf("asked again: %+v, %v", e, err)
	}
	if market, artist := f.Balance(stripefake.Market), f.Balance(a.Account); market != 0 || artist != 0 {
		t.Errorf("after the refund the market has %d and the artist %d", market, artist)
	}
}

// TestStripeClosesPages: what was paid is said, and what is on its way is not
// closed.
func TestStripeClosesPages(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	page := begin(t, s, a)
	f.Pay(page.Session)
	if err := s.Close(t.Context(), page.Session); !errors.Is(err, payment.ErrPaid) {
		t.Errorf("a paid page: %v", err)
	}
	if e, err := s.Look(t.Context(), a.ID, page.Session); err != nil || e.Kind != payment.Taken || e.Charge != f.Intent(page.Session) || e.Amount != a.Amount || e.Currency != "GBP" {
		t.Errorf("a paid page says %+v, %v", e, err)
	}
	if _, err := s.Look(t.Context(), "another", page.Session); err == nil {
		t.Error("a page is believed that is of another attempt")
	}

	a.ID = "7c0b3f53-3b84-4f43-8a0e-31e43f0ab2c7"
	page = begin(t, s, a)
	f.PaySlowly(page.Session)
	if err := s.Close(t.Context(), page.Session); err == nil || errors.Is(err, payment.ErrPaid) {
		t.Errorf("a slow payment: %v", err)
	}
	if e, err := s.Look(t.Context(), a.ID, page.Session); err != nil || e.Kind != "" {
		t.Errorf("a slow payment says %+v, %v", e, err)
	}
	f.Arrive(page.Session, false)
	if e, err := s.Look(t.Context(), a.ID, page.Session); err != nil || e.Kind != payment.Declined {
		t.Errorf("one that did not arrive says %+v, %v", e, err)
	}
	if err := s.Close(t.Context(), page.Session); err != nil {
		t.Errorf("one that did not arrive: %v", err)
	}
	if err := s.Close(t.Context(), "cs_test_unknown"); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a page that is not there: %v", err)
	}
}

// TestStripeGivesMoneyBack: out of the artist's account and the market's fee.
func TestStripeGivesMoneyBack(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	a.Fee = 12_450
	page := begin(t, s, a)
	f.Pay(page.Session)
	charge := f.Intent(page.Session)
	refund := func(id string, amount int64) (payment.Event, error) {
		return s.Refund(t.Context(), payment.Refund{ID: id, Charge: charge, Amount: amount, Currency: "GBP", Settled: true})
	}
	if e, err := refund("5f1c1f5e-0000-4c0e-8c0e-1d2f4c8e9a01", 24_500); err != nil || e.Kind != payment.Refunded {
		t.Fatalf("a part: %+v, %v", e, err)
	}
	if market, artist := f.Balance(stripefake.Market), f.Balance(a.Account); market != 10_000 || artist != 90_000 {
		t.Errorf("after a part has gone back, the market has %d and the artist %d", market, artist)
	}
	if _, err := refund("5f1c1f5e-0001-4c0e-8c0e-1d2f4c8e9a01", 124_500); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("more than there is: %v", err)
	}

	f.SlowRefunds = true
	const slow = "5f1c1f5e-0002-4c0e-8c0e-1d2f4c8e9a01"
	f.Take()
	if e, err := refund(slow, 50_000); err != nil || e.Kind != "" {
		t.Fatalf("a slow one: %+v, %v", e, err)
	}
	f.FinishRefund(false)
	if e, err := refund(slow, 50_000); err != nil || e.Kind != payment.RefundFailed || e.Refund != slow {
		t.Errorf("one that failed: %+v, %v", e, err)
	}
	var heard []payment.Event
	for _, m := range f.Take() {
		if e, err := hear(s, f, c, m.Body); err == nil {
			heard = append(heard, e)
		} else if !errors.Is(err, payment.ErrNotOurs) {
			t.Errorf("%s: %v", m.Type, err)
		}
	}
	if len(heard) != 1 || heard[0].Kind != payment.RefundFailed || heard[0].Refund != slow || heard[0].Charge != charge {
		t.Errorf("of a refund that failed it was said %+v", heard)
	}

	f.RefundByHand(charge)
	if e, err := refund("5f1c1f5e-0003-4c0e-8c0e-1d2f4c8e9a01", 50_000); err != nil || e.Kind != payment.Refunded || e.Amount != 50_000 {
		t.Errorf("all of it has gone back by hand: %+v, %v", e, err)
	}
}

// hear lets the gateway read a message of the fake's.
func hear(s *payment.Stripe, f *stripefake.Stripe, c *clock, body []byte) (payment.Event, error) {
	m := signed{body, "Stripe-Signature", f.Sign(body, c.Time)}
	return s.Verify(m.body, m.get)
}

// TestStripeHears: each message, as an event or as nothing.
func TestStripeHears(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	account := artist(t, s, f)
	n := 0
	next := func() payment.Page {
		n++
		a := attempt(c, account)
		a.ID = "0b0d8f6e-58a5-4b7e-9a57-7c1c7f0b8f" + strconv.Itoa(10+n)
		f.Take()
		return begin(t, s, a)
	}
	const nothing = payment.Kind("")
	say := func(what string, want ...payment.Kind) {
		t.Helper()
		var got []payment.Kind
		names := map[string]bool{}
		for _, m := range f.Take() {
			e, err := hear(s, f, c, m.Body)
			if err != nil && !errors.Is(err, payment.ErrNotOurs) {
				t.Errorf("%s: %s: %v", what, m.Type, err)
			}
			if err == nil && e.Kind != payment.AccountChanged && (e.Currency != "GBP" || e.Amount != 124_500 || e.ID == "" || e.Attempt == "" && e.Charge == "") {
				t.Errorf("%s: %s says %+v", what, m.Type, e)
			}
			if !names[e.ID] || e.Kind == nothing {
				got = append(got, e.Kind)
			}
			names[e.ID] = true
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s says %q, not %q", what, got, want)
		}
	}
	say("an account", payment.AccountChanged)

	page := next()
	f.DeclineCard(page.Session)
	say("a card that is declined", nothing)
	f.Pay(page.Session)
	say("paying", nothing, payment.Taken)

	page = next()
	f.PaySlowly(page.Session)
	say("paying slowly", nothing)
	f.Arrive(page.Session, true)
	say("arriving", payment.Taken)
	page = next()
	f.PaySlowly(page.Session)
	f.Arrive(page.Session, false)
	say("not arriving", nothing, payment.Declined)
	page = next()
	c.Time = c.Add(time.Hour)
	f.Lapse()
	say("an end", payment.Expired)

	for status, end := range map[string]payment.Kind{"won": payment.ChargeBackWon, "lost": payment.ChargeBackLost} {
		page = next()
		f.Pay(page.Session)
		f.Take()
		d := f.Dispute(f.Intent(page.Session), false)
		say("a dispute", payment.ChargedBack) // told of twice, as one
		f.CloseDispute(d, status)
		say("its end", end)
	}
	page = next()
	f.Pay(page.Session)
	f.Take()
	d := f.Dispute(f.Intent(page.Session), true)
	say("a bank's question", nothing)
	f.CloseDispute(d, "warning_closed")
	say("the end of it", nothing)
	d = f.Dispute(f.Intent(page.Session), true)
	say("another", nothing)
	f.Press(d)
	say("a dispute that it became", payment.ChargedBack)

	page = next()
	f.Pay(page.Session)
	f.Take()
	f.RefundByHand(f.Intent(page.Session))
	say("a refund by hand", payment.Refunded)
}

// TestStripeRefusesWhatIsNotForIt: other modes, versions and markets.
func TestStripeRefusesWhatIsNotForIt(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	f.Pay(begin(t, s, a).Session)
	m := f.Take()
	paid := m[len(m)-1].Body
	for _, test := range []struct {
		what, from, to string
		want           error
	}{
		{"as it is", "", "", nil},
		{"live mode", `"livemode":false,"object":"event"`, `"livemode":true,"object":"event"`, payment.ErrMode},
		{"an old version", stripe.APIVersion, "2020-08-27", payment.ErrVersion},
		{"another version of the same train", stripe.APIVersion, "2026-02-25." + stripe.APIMajorVersion, payment.ErrVersion},
		{"another attempt in the notes", `"metadata":{"attempt":"0b`, `"metadata":{"attempt":"1b`, payment.ErrNotOurs},
		{"no notes", `"metadata":{"attempt"`, `"metadata":{"order"`, payment.ErrNotOurs},
		{"a new type", "checkout.session.completed", "checkout.session.admired", payment.ErrNotOurs},
		{"a thin event", `"object":"event"`, `"object":"v2.core.event"`, payment.ErrMessage},
	} {
		body := bytes.Replace(paid, []byte(test.from), []byte(test.to), 1)
		if test.from != "" && bytes.Equal(body, paid) {
			t.Fatalf("%s: nothing was changed in %s", test.what, paid)
		}
		if e, err := hear(s, f, c, body); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %+v, %v", test.what, e, err)
		}
	}
}

// TestStripeHasSeveralSecrets: one of the market's own account, one of the artists'.
func TestStripeHasSeveralSecrets(t *testing.T) {
	t.Parallel()
	f := stripefake.New(key, "whsec_of_the_artists_accounts", nil)
	defer f.Close()
	s, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret, "whsec_of_the_artists_accounts"}, URL: f.URL})
	if err != nil {
		t.Fatal(err)
	}
	artist(t, s, f)
	if e, err := hear(s, f, &clock{time.Now()}, f.Take()[0].Body); err != nil || e.Kind != payment.AccountChanged {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestStripeKeepsItsSecrets: no error has a key in it, whoever wrote it.
func TestStripeKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	f := stripefake.New("sk_test_another", secret, nil)
	s, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: f.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, denied := s.Look(t.Context(), "attempt", "cs_test_1")
	f.Close()
	away, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: "http://127.0.0.1:1"}) // nobody's port
	if err != nil {
		t.Fatal(err)
	}
	_, gone := away.Look(t.Context(), "attempt", "cs_test_1")
	for _, err := range []error{denied, gone} {
		if err == nil || errors.Is(err, payment.ErrRefused) || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	}
	for _, c := range []payment.StripeConfig{
		{Key: "pk_test_" + key, Secrets: []string{secret}}, {Key: "sk_test_", Secrets: []string{secret}}, {Key: "sk_demo_" + key, Secrets: []string{secret}},
		{Key: key}, {Key: key, Secrets: []string{secret, key}},
	} {
		if _, err := payment.NewStripe(c); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%q, %q: %v", c.Key, c.Secrets, err)
		}
	}
	if s, err := payment.NewStripe(payment.StripeConfig{Key: "rk_live_" + key, Secrets: []string{secret}}); err != nil || !s.Live() {
		t.Errorf("a restricted key of live mode: %v", err)
	}
}

// TestStripeOpensAccounts: one an artist, whose state is said in plain words.
func TestStripeOpensAccounts(t *testing.T) {
	t.Parallel()
	s, f, _ := stripeOnFake(t)
	f.Befall(stripefake.Lost)
	a, err := s.OpenAccount(t.Context(), "ana", "ana@example.org")
	if err != nil || a.Ready {
		t.Fatalf("%+v, %v", a, err)
	}
	if again, err := s.OpenAccount(t.Context(), "ana", "ana@example.org"); err != nil || again.ID != a.ID || len(f.Accounts()) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	sent := f.Requests()[0]
	for name, want := range map[string]string{"type": "express", "country": "GB", "email": "ana@example.org",
		"capabilities[card_payments][requested]": "true", "capabilities[transfers][requested]": "true"} {
		if got := sent.Form.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	want := []string{"a line about what you sell", "your bank account", "your date of birth", "your yes to its terms"}
	if !slices.Equal(a.Wanting, want) {
		t.Errorf("wanting: %q", a.Wanting)
	}
	page, err := s.AccountPage(t.Context(), a, "http://market.example/back", "http://market.example/again")
	if err != nil || !strings.HasPrefix(page, f.URL+"/setup/") {
		t.Errorf("the form is at %q, %v", page, err)
	}
	f.Finish(a.ID)
	if a, err = s.LookAtAccount(t.Context(), a.ID); err != nil || !a.Ready || len(a.Wanting) != 0 {
		t.Errorf("finished: %+v, %v", a, err)
	}
	if page, err := s.AccountPage(t.Context(), a, "http://market.example/back", "http://market.example/again"); err != nil || !strings.HasPrefix(page, f.URL+"/express/") {
		t.Errorf("its pages are at %q, %v", page, err)
	}
	f.Restrict(a.ID, "individual.verification.document")
	if a, err = s.LookAtAccount(t.Context(), a.ID); err != nil || a.Ready || !slices.Equal(a.Wanting, []string{"a paper that shows who you are"}) {
		t.Errorf("restricted: %+v, %v", a, err)
	}
}

// TestStripesInterfaceTakesOurRequests asks Stripe's own stand-in, which holds each
// request against the description of the interface. It keeps nothing.
func TestStripesInterfaceTakesOurRequests(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(stripeMock(t))
	defer server.Close()
	s, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	a := attempt(&clock{time.Now()}, "acct_1Pgc5wB7WZ01zgkW")
	a.Fee = 1_000
	if p, err := s.Begin(ctx, a); err != nil || p.Session == "" {
		t.Errorf("begin: %+v, %v", p, err)
	}
	if err := s.Close(ctx, "cs_test_1"); err != nil {
		t.Errorf("close: %v", err)
	}
	// Its answer is always the same page, which is of no attempt of ours.
	if _, err := s.Look(ctx, a.ID, "cs_test_1"); !errors.Is(err, payment.ErrRefused) || !strings.Contains(err.Error(), "not of this attempt") {
		t.Errorf("look: %v", err)
	}
	if _, err := s.Refund(ctx, payment.Refund{ID: "5f1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Charge: "pi_1", Amount: 100, Currency: "GBP", Settled: true}); err != nil {
		t.Errorf("refund: %v", err)
	}
	if o, err := s.OpenAccount(ctx, "ana", "ana@example.org"); err != nil || o.ID == "" {
		t.Errorf("open an account: %+v, %v", o, err)
	}
	for _, ready := range []bool{false, true} {
		if p, err := s.AccountPage(ctx, payment.Account{ID: "acct_1", Ready: ready}, "http://market.example/back", "http://market.example/again"); err != nil || p == "" {
			t.Errorf("an account's page: %q, %v", p, err)
		}
	}
	if o, err := s.LookAtAccount(ctx, "acct_1"); err != nil || o.ID == "" {
		t.Errorf("look at an account: %+v, %v", o, err)
	}
}

// stripeMock starts Stripe's stand-in, fetched by the module proxy once, and returns
// the way to it. In CI it has to be had.
func stripeMock(t *testing.T) *httputil.ReverseProxy {
	t.Helper()
	bin, err := exec.LookPath("stripe-mock")
	if err != nil {
		bin, err = installStripeMock(t)
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("\n\n*** STRIPE-MOCK CANNOT BE HAD, so the requests to Stripe are not held against its interface: %v ***\n", err)
	}
	// A socket in a folder of its own: a port that is free now may be another
	// program's by the time that this one asks for it.
	folder, err := os.MkdirTemp("", "stripe") // a test's own folder may be too deep for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	socket := filepath.Join(folder, "mock")
	var said bytes.Buffer
	cmd := exec.Command(bin, "-http-unix", socket)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill(); <-ended })
	way := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	t.Cleanup(way.CloseIdleConnections)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		res, err := (&http.Client{Transport: way}).Get("http://stripe-mock/")
		if err == nil {
			res.Body.Close()
			mock := &url.URL{Scheme: "http", Host: "stripe-mock"}
			return &httputil.ReverseProxy{Transport: way, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(mock) }}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("stripe-mock ends: %v\n%s", err, said.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("stripe-mock does not answer: %v", err)
		}
	}
}

// installingStripeMock is held while one test looks for it, or builds it.
var installingStripeMock sync.Mutex

// installStripeMock builds it in the cache of the member who runs the test.
func installStripeMock(t *testing.T) (string, error) {
	installingStripeMock.Lock()
	defer installingStripeMock.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	folder := filepath.Join(cache, "openstudio-stripe-mock-0.203.0")
	bin := filepath.Join(folder, "stripe-mock")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	cmd := exec.Command("go", "install", "github.com/stripe/stripe-mock@v0.203.0")
	cmd.Dir = t.TempDir() // outside of the module
	cmd.Env = append(os.Environ(), "GOBIN="+folder, "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(said)))
	}
	return bin, nil
}
