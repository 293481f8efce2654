// Package payment takes money through a gateway. A gateway is told of an
// attempt, shows the collector its own page, and says what became of it by a
// signed message; the browser's return proves nothing.
package payment

import (
	"context"
	"errors"
)

// Attempt is one try of a collector to pay one order.
type Attempt struct {
	ID       string // ours; a gateway repeats it in its messages
	Amount   int64  // pence
	Currency string // "GBP"
	Words    string // what is paid for, for the gateway's page
	Back     string // where the collector comes back to, an absolute URL
}

// Kind says what became of an attempt.
type Kind string

// The kinds of message.
const (
	// Authorised: the money is held for us. It is taken when we settle.
	Authorised Kind = "payment.authorised"
	// Declined: the collector's bank or the collector said no.
	Declined Kind = "payment.declined"
)

// Event is one verified message of a gateway.
type Event struct {
	ID       string // the gateway's own; a repeated message repeats it
	Kind     Kind
	Attempt  string
	Amount   int64
	Currency string
}

// The reasons why a message is not believed.
var (
	ErrSignature = errors.New("the message's signature is not the gateway's")
	ErrMessage   = errors.New("the message cannot be read")
)

// Gateway is a way to pay.
type Gateway interface {
	// Name is kept with every attempt and event.
	Name() string
	// Begin tells the gateway of an attempt and returns the page where the
	// collector pays, an absolute URL or a path of this site. Beginning the
	// same attempt again returns the same page.
	Begin(ctx context.Context, a Attempt) (page string, err error)
	// Verify checks a message's signature over its raw body and reads it. It
	// fails with ErrSignature or ErrMessage.
	Verify(body []byte, header func(string) string) (Event, error)
}
