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
	MessageID string // without angle brackets; stable, so that a letter sent twice is known as one
	Stop      string // the address that ends letters of this kind by one POST (RFC 8058), "" for letters that nobody can end
}

// Sender sends letters. It is safe for concurrent use.
type Sender interface {
	// Send returns nil once somebody has taken the letter on. After an error the
	// letter may be sent again under the same MessageID.
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
