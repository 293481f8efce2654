package payment

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries a test message's time and signature:
// "t=<unix seconds>,v1=<hex HMAC-SHA256 of time, full stop and body>".
const SignatureHeader = "OpenStudio-Signature"

// tolerance is how far a message's time may be from ours, either way.
const tolerance = 5 * time.Minute

// Test is the gateway for trying the market out: no card, no money. Its page
// is one of the market's own, where paying and declining are two buttons; it
// reports through the same signed message that a real gateway would send.
type Test struct {
	secret []byte
	now    func() time.Time
}

// NewTest makes a test gateway that signs with the secret. A nil now is the
// machine's clock.
func NewTest(secret []byte, now func() time.Time) *Test {
	if now == nil {
		now = time.Now
	}
	return &Test{secret: secret, now: now}
}

// Name implements Gateway.
func (t *Test) Name() string { return "test" }

// Begin implements Gateway: the page is /test-gateway/ and the attempt's id.
func (t *Test) Begin(_ context.Context, a Attempt) (Page, error) {
	return Page{URL: "/test-gateway/" + a.ID}, nil
}

// Close implements Gateway: the page shows how the market's own records stand, so
// there is nothing to close.
func (t *Test) Close(context.Context, string) error { return nil }

// Look implements Gateway. The buttons are the only answer that there is.
func (t *Test) Look(context.Context, string, string) (Event, error) { return Event{}, nil }

// Refund implements Gateway: no money was taken, so it is given back at once.
func (t *Test) Refund(_ context.Context, r Refund) (Event, error) {
	return Event{ID: "evt_" + r.ID, Kind: Refunded, Charge: r.Charge, Refund: r.ID, Amount: r.Amount, Currency: r.Currency}, nil
}

// Recover implements Gateway: no money was passed on, so all of it is taken at once.
func (t *Test) Recover(_ context.Context, r Recovery) (int64, error) {
	if r.Looking {
		return 0, nil
	}
	return r.Amount, nil
}

// PassOn implements Gateway.
func (t *Test) PassOn(context.Context, Recovery) error { return nil }

// message is the body that goes over the wire.
type message struct {
	ID       string `json:"id"`
	Kind     Kind   `json:"type"`
	Attempt  string `json:"attempt"`
	Charge   string `json:"charge,omitempty"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Message is what the gateway sends when the collector has pressed a button:
// the body and the value of SignatureHeader. The same press of the same
// attempt is the same event, however often it is sent.
func (t *Test) Message(kind Kind, a Attempt) (body []byte, signature string) {
	var charge string
	if kind == Taken {
		charge = "ch_" + a.ID
	}
	body, err := json.Marshal(message{ID: "evt_" + a.ID + "_" + string(kind), Kind: kind, Attempt: a.ID, Charge: charge, Amount: a.Amount, Currency: a.Currency})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return body, t.Signature(body)
}

// Signature is the value of SignatureHeader for a body that is sent now.
func (t *Test) Signature(body []byte) string {
	at := strconv.FormatInt(t.now().Unix(), 10)
	return "t=" + at + ",v1=" + hex.EncodeToString(t.sign(at, body))
}

// Verify implements Gateway.
func (t *Test) Verify(body []byte, header func(string) string) (Event, error) {
	var at, v1 string
	for part := range strings.SplitSeq(header(SignatureHeader), ",") {
		switch k, v, _ := strings.Cut(part, "="); k {
		case "t":
			at = v
		case "v1":
			v1 = v
		}
	}
	sum, err := hex.DecodeString(v1)
	if err != nil || !hmac.Equal(sum, t.sign(at, body)) {
		return Event{}, ErrSignature
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || t.now().Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return Event{}, ErrSignature
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil || m.ID == "" || m.Attempt == "" {
		return Event{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	return Event{ID: m.ID, Kind: m.Kind, Attempt: m.Attempt, Charge: m.Charge, Amount: m.Amount, Currency: m.Currency}, nil
}

func (t *Test) sign(at string, body []byte) []byte {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
