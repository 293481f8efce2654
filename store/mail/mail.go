// Package mail sends letters: by SMTP, or to the log where there is no mail
// server.
package mail

import (
	"context"
	"log/slog"
)

// Message is one letter.
type Message struct {
	To        string // an address, with or without a name: "Ana James <ana@example.org>"
	Subject   string
	Text      string
	HTML      string // "" for a letter of text only
	Stop      string // the address that ends letters like this by a POST (RFC 8058), or ""
	MessageID string // without angle brackets; stable, so that a letter sent twice is known as one
	Return    string // the address to which it comes back when it cannot be delivered; "" for the sender's
}

// Refusal is the answer of a mail server that did not take a letter.
type Refusal struct {
	Code    string // of three parts (RFC 3463) where the server says so, "5.1.1", else of three digits, "550"
	ForGood bool   // the server will not take it another time
	Err     error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns what the server said.
func (r *Refusal) Unwrap() error { return r.Err }

// Sender sends letters. It is safe for concurrent use.
type Sender interface {
	// Send returns nil once somebody has taken the letter on. After an error the
	// letter may be sent again under the same MessageID. The error is a *Refusal when
	// a mail server was there and said no.
	Send(ctx context.Context, m Message) error
}

// Log is the Sender for a market without a mail server: it writes letters to
// the log, with their links, so that whoever keeps the market can pass them on.
type Log struct{ log *slog.Logger }

// NewLog returns a Sender that writes to log.
func NewLog(log *slog.Logger) *Log { return &Log{log} }

// Send implements Sender.
func (l *Log) Send(ctx context.Context, m Message) error {
	l.log.InfoContext(ctx, "letter", "to", m.To, "subject", m.Subject, "text", m.Text)
	return nil
}
