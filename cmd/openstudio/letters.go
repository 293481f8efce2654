package main

import (
	"context"

	"openstudio/store"
	"openstudio/views/emails"
)

// letters writes the market's letters. It implements handlers.Letters.
type letters struct {
	base string // of links, without a slash at its end
}

// Render returns a letter's subject, its text and its HTML.
func (l letters) Render(ctx context.Context, letter store.Letter) (subject, text, html string, err error) {
	written, err := emails.Write(ctx, letter, l.base)
	return written.Subject, written.Text, written.HTML, err
}
