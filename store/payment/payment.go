// Package payment takes money through a gateway. A gateway is told of an
// attempt, shows the collector its own page, and says what became of it by a
// signed message or when it is asked; the browser's return proves nothing. What
// it has taken and we do not settle, we give back.
package payment

import (
	"context"
	"errors"
	"time"
)

// Attempt is one try of a collector to pay one order.
type Attempt struct {
	ID       string    // ours; a gateway repeats it in its messages
	Amount   int64     // pence
	Fee      int64     // pence of it that the market keeps
	Currency string    // "GBP"
	Words    string    // what is paid for, for the gateway's page
	Account  string    // the artist's account at the gateway; "" where it has none
	Until    time.Time // nothing should be taken for it later
	Back     string    // where the collector comes back to, an absolute URL
}

// Page is where a collector pays.
type Page struct {
	Session string // the gateway's name for it; "" where there is nothing to close
	URL     string // absolute, or a path of this site
}

// Kind says what an event is about.
type Kind string

// The kinds of event. Of an attempt:
const (
	// Taken: the money has been taken.
	Taken Kind = "payment.taken"
	// Declined: the collector's bank or the collector said no.
	Declined Kind = "payment.declined"
	// Expired: the gateway has closed its page, and nothing was taken.
	Expired Kind = "payment.expired"
)

// Of money that was taken:
const (
	// Refunded: a refund has reached the collector's bank.
	Refunded Kind = "refund.done"
	// RefundFailed: it could not be given back that way.
	RefundFailed Kind = "refund.failed"
	// ChargedBack: the collector's bank has taken it back; the market may answer.
	ChargedBack Kind = "chargeback.opened"
	// ChargeBackWon: it stays paid.
	ChargeBackWon Kind = "chargeback.won"
	// ChargeBackLost: it is gone for good.
	ChargeBackLost Kind = "chargeback.lost"
)

// AccountChanged: an artist's account at the gateway may or may not be paid now.
const AccountChanged Kind = "account.changed"

// Event is one verified message of a gateway, or its answer when asked.
type Event struct {
	ID       string // the gateway's own; a repeated message repeats it
	Kind     Kind
	Attempt  string // ours; "" where the gateway names the charge alone
	Charge   string // the gateway's name for the money, once it has been taken
	Refund   string // ours, of an event about a refund; "" when somebody made it on the gateway's own pages
	Made     string // the gateway's name for a refund
	Reversed bool   // of a refund: it came out of the artist's account
	Account  string // of an AccountChanged
	Amount   int64  // pence: of the attempt, the refund or the charge-back
	Currency string // "GBP"
}

// Refund gives money back that was taken.
type Refund struct {
	ID       string // ours; asking twice gives it back once
	Charge   string
	Amount   int64 // pence
	Currency string
	Settled  bool // the artist has had it: it is taken from the artist's account, and the fee's share from the market's
}

// Recovery takes money that was passed on to an artist out of the artist's account
// again: the collector's bank has charged it back.
type Recovery struct {
	ID       string // ours; asking twice takes it once, and passes it on once
	Try      int    // from 1, one more with each refusal: what was refused may be done on another day
	Charge   string
	Amount   int64 // pence: of a recovery, what is wanted at most; of passing on, what was taken
	Currency string
	Looking  bool // nothing is to be taken any more, only to be said what was
}

// The reasons why a message is not believed or not heard.
var (
	ErrSignature = errors.New("the message's signature is not the gateway's")
	ErrMessage   = errors.New("the message cannot be read")
	// ErrNotOurs: believed, but it is about nothing here. The answer is 200.
	ErrNotOurs = errors.New("the message is about nothing here")
)

// The reasons why a gateway does not do what it is asked.
var (
	// ErrPaid is the answer to closing a page on which money has been taken.
	ErrPaid = errors.New("the attempt has been paid")
	// ErrRefused is a refusal that asking again at once does not change.
	ErrRefused = errors.New("the gateway refuses")
)

// Gateway is a way to pay. Its methods may be slow and may fail without saying
// whether they did anything; each may be tried again with the same arguments.
type Gateway interface {
	// Name is kept with every attempt and event.
	Name() string
	// Begin tells the gateway of an attempt and returns the page where the
	// collector pays. Beginning the same attempt again returns the same page.
	Begin(ctx context.Context, a Attempt) (Page, error)
	// Close closes a page, so that nothing is taken on it any more. Closing a
	// closed one is no error; ErrPaid says that it was too late.
	Close(ctx context.Context, session string) error
	// Look asks what has become of an attempt: an event of Taken, Declined or
	// Expired, or one without a kind while the page is open.
	Look(ctx context.Context, attempt, session string) (Event, error)
	// Refund gives money back. It answers with an event of Refunded or
	// RefundFailed when it is known at once, else with one without a kind: then a
	// message follows.
	Refund(ctx context.Context, r Refund) (Event, error)
	// Recover takes money out of an artist's account again and returns how much it
	// has taken, in pence: less than is wanted where less of the charge is left
	// there, and what it had taken before when it is asked again.
	Recover(ctx context.Context, r Recovery) (int64, error)
	// PassOn passes what was taken on to the artist's account once more.
	PassOn(ctx context.Context, r Recovery) error
	// Verify checks a message's signature over its raw body and reads it. It
	// fails with ErrSignature, ErrMessage or ErrNotOurs.
	Verify(body []byte, header func(string) string) (Event, error)
}
