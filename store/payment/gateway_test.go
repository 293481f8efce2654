package payment_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"openstudio/store/payment"
	"openstudio/store/payment/stripefake"
)

const (
	key    = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
	secret = "whsec_test_5WbX1nq4xkLwQbUJ"
)

// clock is one that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// signed is a message with the header that goes with it.
type signed struct {
	body         []byte
	name, header string
}

func (m signed) get(name string) string {
	if name == m.name {
		return m.header
	}
	return ""
}

// subject is a gateway with what a contract needs of the world beyond it.
type subject struct {
	payment.Gateway
	clock   *clock
	account string
	pay     func(payment.Attempt, payment.Page) []byte // the body of the message that follows
	sign    func(body []byte) signed                   // as of now
}

// gateways opens one of each kind.
func gateways() map[string]func(*testing.T) subject {
	return map[string]func(*testing.T) subject{
		"test": func(t *testing.T) subject {
			c := &clock{time.Now()}
			g := payment.NewTest([]byte("a secret of the market's own"), c.now)
			return subject{Gateway: g, clock: c,
				pay: func(a payment.Attempt, _ payment.Page) []byte {
					body, _ := g.Message(payment.Taken, a)
					return body
				},
				sign: func(body []byte) signed {
					return signed{body, payment.SignatureHeader, g.Signature(body)}
				}}
		},
		"stripe": func(t *testing.T) subject {
			s, f, c := stripeOnFake(t)
			return subject{Gateway: s, clock: c, account: artist(t, s, f),
				pay: func(a payment.Attempt, p payment.Page) []byte {
					f.Take()
					if !f.Pay(p.Session) {
						t.Fatal("the page is closed")
					}
					for _, m := range f.Take() {
						if m.Type == "checkout.session.completed" {
							return m.Body
						}
					}
					t.Fatal("nothing was said")
					return nil
				},
				sign: func(body []byte) signed { return signed{body, "Stripe-Signature", f.Sign(body, c.Time)} }}
		},
	}
}

func stripeOnFake(t *testing.T) (*payment.Stripe, *stripefake.Stripe, *clock) {
	t.Helper()
	c := &clock{time.Now().Truncate(time.Second)}
	f := stripefake.New(key, secret, c.now)
	t.Cleanup(f.Close)
	s, err := payment.NewStripe(payment.StripeConfig{Key: key, Secrets: []string{secret}, URL: f.URL, Now: c.now, Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return s, f, c
}

// artist opens an account that is ready.
func artist(t *testing.T, s *payment.Stripe, f *stripefake.Stripe) string {
	t.Helper()
	a, err := s.OpenAccount(t.Context(), "ana", "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	f.Finish(a.ID)
	return a.ID
}

func attempt(c *clock, account string) payment.Attempt {
	return payment.Attempt{ID: "0b0d8f6e-58a5-4b7e-9a57-7c1c7f0b8f11", Amount: 124_500, Fee: 0, Currency: "GBP", Words: "Low Tide, Morecambe",
		Account: account, Until: c.Add(30 * time.Minute), Back: "http://market.example/orders/7/payment"}
}

// TestGatewaysKeepTheirWord holds every gateway to what the interface promises.
func TestGatewaysKeepTheirWord(t *testing.T) {
	t.Parallel()
	for name, open := range gateways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, g := t.Context(), open(t)
			a := attempt(g.clock, g.account)
			begin := func() payment.Page {
				t.Helper()
				p, err := g.Begin(ctx, a)
				if err != nil || p.URL == "" {
					t.Fatalf("begin: %v, %v", p, err)
				}
				return p
			}
			page := begin()
			g.clock.Time = g.clock.Add(12 * time.Minute)
			if again := begin(); again != page {
				t.Errorf("the same attempt has the pages %v and %v", page, again)
			}
			if e, err := g.Look(ctx, a.ID, page.Session); err != nil || e != (payment.Event{}) {
				t.Errorf("an open page says %+v, %v", e, err)
			}

			message := g.sign(g.pay(a, page))
			e, err := g.Verify(message.body, message.get)
			if err != nil || e.Kind != payment.Taken || e.Attempt != a.ID || e.Charge == "" || e.Amount != a.Amount || e.Currency != "GBP" || e.ID == "" {
				t.Fatalf("paid: %+v, %v", e, err)
			}
			if again, err := g.Verify(message.body, message.get); err != nil || again != e {
				t.Errorf("repeated: %+v, %v", again, err)
			}
			forged := message
			forged.body = bytes.Replace(message.body, []byte("124500"), []byte("1"), 1)
			refuse := func(what string, m signed) {
				t.Helper()
				if e, err := g.Verify(m.body, m.get); !errors.Is(err, payment.ErrSignature) {
					t.Errorf("%s: %+v, %v", what, e, err)
				}
			}
			refuse("another body", forged)
			refuse("no signature", signed{body: message.body})
			refuse("half a signature", signed{message.body, message.name, message.header[:len(message.header)-2]})
			now := g.clock.Time
			for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
				g.clock.Time = now.Add(off)
				refuse("a clock that is "+off.String()+" off", message)
			}
			g.clock.Time = now.Add(4 * time.Minute)
			if _, err := g.Verify(message.body, message.get); err != nil {
				t.Errorf("four minutes late: %v", err)
			}
			g.clock.Time = now
			junk := g.sign([]byte("{"))
			if _, err := g.Verify(junk.body, junk.get); !errors.Is(err, payment.ErrMessage) {
				t.Errorf("half a message: %v", err)
			}

			r := payment.Refund{ID: "5f1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Charge: e.Charge, Amount: 4_500, Currency: "GBP", Settled: true}
			back, err := g.Refund(ctx, r)
			if err != nil || back.Kind != payment.Refunded || back.Refund != r.ID || back.Charge != e.Charge || back.Amount != 4_500 || back.Currency != "GBP" {
				t.Fatalf("refund: %+v, %v", back, err)
			}
			g.clock.Time = now.Add(48 * time.Hour)
			if again, err := g.Refund(ctx, r); err != nil || again != back {
				t.Errorf("asked again: %+v, %v; at first %+v", again, err, back)
			}
		})
	}
}

// TestGatewaysClosePages: a page that is closed is closed, however often.
func TestGatewaysClosePages(t *testing.T) {
	t.Parallel()
	for name, open := range gateways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, g := context.Background(), open(t)
			page, err := g.Begin(ctx, attempt(g.clock, g.account))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := g.Close(ctx, page.Session); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		})
	}
}

// TestGatewaysRecoverOnce: what is asked again was taken already, and is passed on
// again by what it was taken by.
func TestGatewaysRecoverOnce(t *testing.T) {
	t.Parallel()
	for name, open := range gateways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, g := context.Background(), open(t)
			a := attempt(g.clock, g.account)
			page, err := g.Begin(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			message := g.sign(g.pay(a, page))
			e, err := g.Verify(message.body, message.get)
			if err != nil {
				t.Fatal(err)
			}
			r := payment.Recovery{ID: "6a1c1f5e-0a33-4c0e-8c0e-1d2f4c8e9a01", Try: 1, Charge: e.Charge, Amount: 4_500, Currency: "GBP"}
			look := r
			look.Looking = true
			if taken, err := g.Recover(ctx, look); taken != 0 || err != nil {
				t.Errorf("before it was asked %d is recovered, %v", taken, err)
			}
			for range 2 {
				if taken, err := g.Recover(ctx, r); taken != 4_500 || err != nil {
					t.Errorf("%d is recovered, %v", taken, err)
				}
				g.clock.Time = g.clock.Add(48 * time.Hour)
			}
		})
	}
}
