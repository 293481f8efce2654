package payment

import "context"

// Direct is the gateway of a market without one: the collector sends the money to
// the artist's own bank account. Nobody but the two of them knows whether it has
// come, so no message ever arrives here: the artist's word is the event, and the
// store takes it in. The market neither holds nor protects the money.
type Direct struct{}

// DirectName is kept with every attempt that is paid that way.
const DirectName = "direct"

// Name implements Gateway.
func (Direct) Name() string { return DirectName }

// Begin implements Gateway: the page is one of the market's own.
func (Direct) Begin(_ context.Context, a Attempt) (Page, error) {
	return Page{URL: "/transfers/" + a.ID}, nil
}

// Close implements Gateway. The page obeys the order, so there is nothing to close.
func (Direct) Close(context.Context, string) error { return nil }

// Look implements Gateway. There is nobody to ask.
func (Direct) Look(context.Context, string, string) (Event, error) { return Event{}, nil }

// Refund implements Gateway: the artist sends the money back by hand and says so.
func (Direct) Refund(context.Context, Refund) (Event, error) { return Event{}, nil }

// Recover implements Gateway. Banks do not charge transfers back, so it is never
// asked.
func (Direct) Recover(context.Context, Recovery) (int64, error) { return 0, nil }

// PassOn implements Gateway; it is never asked, either.
func (Direct) PassOn(context.Context, Recovery) error { return nil }

// Verify implements Gateway. Nobody may send a message.
func (Direct) Verify([]byte, func(string) string) (Event, error) { return Event{}, ErrSignature }
