package payment_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"openstudio/store/payment"
	"openstudio/store/payment/stripefake"
)

type fake = stripefake.Stripe

// chargedBack is a payment with a fee that a bank has taken back.
type chargedBack struct {
	*payment.Stripe
	*fake
	t       *testing.T
	clock   *clock
	account string
	dispute string
	payment.Recovery
}

func openChargedBack(t *testing.T, fee int64) chargedBack {
	t.Helper()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	a.Fee = fee
	page := begin(t, s, a)
	f.Pay(page.Session)
	charge := f.Intent(page.Session)
	return chargedBack{s, f, t, c, a.Account, f.Dispute(charge, false), payment.Recovery{ID: "6a1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Try: 1,
		Charge: charge, Amount: a.Amount - fee, Currency: "GBP"}}
}

// have fails unless the market and the artist have so much.
func (b chargedBack) have(when string, market, artist int64) {
	b.t.Helper()
	if m, a := b.Balance(stripefake.Market), b.Balance(b.account); m != market || a != artist {
		b.t.Errorf("%s the market has %d and the artist %d, not %d and %d", when, m, a, market, artist)
	}
}

func (b chargedBack) take(want int64) {
	b.t.Helper()
	if taken, err := b.Recover(b.t.Context(), b.Recovery); taken != want || err != nil {
		b.t.Errorf("%d is recovered, not %d: %v", taken, want, err)
	}
}

func (b chargedBack) passOn() {
	b.t.Helper()
	if err := b.PassOn(b.t.Context(), b.Recovery); err != nil {
		b.t.Error(err)
	}
}

// TestStripeRecoversChargeBacks: the artist's part comes out of the artist's account
// once, and goes back into it once.
func TestStripeRecoversChargeBacks(t *testing.T) {
	t.Parallel()
	for _, fee := range []int64{0, 12_450} {
		b := openChargedBack(t, fee)
		b.have("charged back,", fee-124_500, 124_500-fee)
		for range 2 {
			b.take(124_500 - fee)
			b.have("recovered,", 0, 0)
			b.clock.Time = b.clock.Add(48 * time.Hour) // Stripe has forgotten the first request
		}
		b.CloseDispute(b.dispute, "won")
		for range 2 {
			b.passOn()
			b.have("won,", fee, 124_500-fee)
			b.clock.Time = b.clock.Add(48 * time.Hour)
		}
		b.take(124_500 - fee) // asked again, late
		b.have("asked again,", fee, 124_500-fee)
	}
}

// TestStripeSaysWhatWasRecovered takes nothing where nothing is to be taken any more.
func TestStripeSaysWhatWasRecovered(t *testing.T) {
	t.Parallel()
	b := openChargedBack(t, 0)
	look := b
	look.Looking = true
	look.take(0)
	b.have("looked at,", -124_500, 124_500)
	b.take(124_500)
	look.take(124_500)
}

// TestStripeRecoversWhatIsLeft: what has gone back to the collector is not in the
// artist's account any more.
func TestStripeRecoversWhatIsLeft(t *testing.T) {
	t.Parallel()
	s, f, c := stripeOnFake(t)
	a := attempt(c, artist(t, s, f))
	page := begin(t, s, a)
	f.Pay(page.Session)
	charge := f.Intent(page.Session)
	if _, err := s.Refund(t.Context(), payment.Refund{ID: "5f1c1f5e-0000-4c0e-8c0e-1d2f4c8e9a01", Charge: charge, Amount: 24_500, Currency: "GBP"}); err != nil {
		t.Fatal(err)
	}
	f.PayIn(a.Account, 50_000) // another sale's, which is not touched
	r := payment.Recovery{ID: "6a1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Try: 1, Charge: charge, Amount: 124_500, Currency: "GBP"}
	if taken, err := s.Recover(t.Context(), r); taken != 100_000 || err != nil || f.Balance(a.Account) != 50_000 {
		t.Errorf("%d is recovered, and the artist has %d: %v", taken, f.Balance(a.Account), err)
	}
	r.ID = "6a1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a02"
	if taken, err := s.Recover(t.Context(), r); taken != 0 || err != nil {
		t.Errorf("when nothing is left %d is recovered: %v", taken, err)
	}
}

// TestStripeRefusesToRecover: an account that is empty is asked again on another day.
func TestStripeRefusesToRecover(t *testing.T) {
	t.Parallel()
	b := openChargedBack(t, 0)
	away := b.PayOut(b.account)
	refused := func(when string) {
		t.Helper()
		_, err := b.Recover(t.Context(), b.Recovery)
		if !errors.Is(err, payment.ErrRefused) || !strings.Contains(err.Error(), "balance_insufficient") || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("an empty account")
	b.PayIn(b.account, away)
	refused("the same try") // Stripe keeps its answer
	b.Try++
	b.take(124_500)

	b.CloseDispute(b.dispute, "won")
	b.PayOut(stripefake.Market)
	if err := b.PassOn(t.Context(), b.Recovery); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("passing on what the market has not: %v", err)
	}
	b.PayIn(stripefake.Market, 124_500)
	b.Try++
	b.passOn()
	b.have("in the end,", 0, 124_500)
}

// TestStripeRecoversThroughFaults: what was lost on the way is asked again and done
// once.
func TestStripeRecoversThroughFaults(t *testing.T) {
	t.Parallel()
	b := openChargedBack(t, 0)
	b.Befall(-1, -1, stripefake.Slow, stripefake.Slow) // two questions, then the reversal and once more
	if _, err := b.Recover(t.Context(), b.Recovery); err == nil || errors.Is(err, payment.ErrRefused) {
		t.Errorf("no answer: %v", err)
	}
	b.take(124_500)
	b.CloseDispute(b.dispute, "won")
	b.Befall(-1, -1, stripefake.Lost) // the library asks again
	b.passOn()
	b.passOn()
	b.have("in the end,", 0, 124_500)
}

// TestStripeGivesBackWhatWasWon: a charge that was recovered and passed on again can
// be given back like any other, also when it is tried twice.
func TestStripeGivesBackWhatWasWon(t *testing.T) {
	t.Parallel()
	b := openChargedBack(t, 12_450)
	b.take(124_500 - 12_450)
	b.CloseDispute(b.dispute, "won")
	b.passOn()
	give := func(id string, amount int64) {
		t.Helper()
		r := payment.Refund{ID: id, Charge: b.Charge, Amount: amount, Currency: "GBP", Settled: true}
		b.Befall(-1, -1, -1, -1, stripefake.Broken) // two questions, the other transfers, a reversal, and the refund
		if _, err := b.Refund(t.Context(), r); err == nil {
			t.Error("nothing was broken")
		}
		for range 2 {
			if e, err := b.Refund(t.Context(), r); err != nil || e.Kind != payment.Refunded {
				t.Errorf("%+v, %v", e, err)
			}
		}
	}
	give("5f1c1f5e-0000-4c0e-8c0e-1d2f4c8e9a01", 24_500)
	b.have("after a part,", 10_000, 90_000)
	give("5f1c1f5e-0000-4c0e-8c0e-1d2f4c8e9a02", 100_000)
	b.have("after all of it,", 0, 0)
}

// TestStripesInterfaceTakesOurTransfers asks Stripe's own stand-in, which holds each
// request against the description of the interface. As its charges were passed on to
// nobody, the one that is read has its transfer put in.
func TestStripesInterfaceTakesOurTransfers(t *testing.T) {
	t.Parallel()
	proxy := stripeMock(t)
	var asked []string
	proxy.ModifyResponse = func(r *http.Response) error {
		asked = append(asked, r.Request.Method+" "+r.Request.URL.Path+" "+r.Status)
		if strings.HasPrefix(r.Request.URL.Path, "/v1/payment_intents/") && r.StatusCode == http.StatusOK {
			const body = `{"id":"pi_1","object":"payment_intent","latest_charge":{"id":"ch_1","amount":1000,
				"transfer":{"id":"tr_1","amount":1000,"amount_reversed":900,"destination":"acct_1"}}}`
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			r.Header.Del("Content-Length")
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	defer server.Close()
	s, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	r := payment.Recovery{ID: "6a1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Try: 1, Charge: "pi_1", Amount: 100, Currency: "GBP"}
	if _, err := s.Recover(t.Context(), r); err != nil {
		t.Error(err)
	}
	if err := s.PassOn(t.Context(), r); err != nil {
		t.Error(err)
	}
	if _, err := s.Refund(t.Context(), payment.Refund{ID: "5f1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Charge: "pi_1", Amount: 600, Currency: "GBP"}); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"GET /v1/payment_intents/pi_1", "GET /v1/transfers/tr_1/reversals", "POST /v1/transfers/tr_1/reversals", "GET /v1/transfers", "POST /v1/transfers", "POST /v1/refunds"} {
		if !slices.Contains(asked, want+" 200 OK") {
			t.Errorf("no %s among %q", want, asked)
		}
	}
}
