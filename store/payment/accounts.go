package payment

import (
	"context"
	"slices"
)

// Account is how an artist's account at a gateway stands.
type Account struct {
	ID      string   // the gateway's name for it
	Ready   bool     // money can be taken for the artist, and reaches them
	Wanting []string // what the gateway still asks of the artist, in plain words: "your bank account"
}

// Accounts is a gateway that pays each artist into an account of their own, which
// they open on the gateway's pages. A gateway without it pays nobody by itself.
type Accounts interface {
	Gateway
	// OpenAccount opens an account for an artist. Opening with the same key again
	// returns the same account. The address is put into the gateway's form.
	OpenAccount(ctx context.Context, key, email string) (Account, error)
	// AccountPage returns a page of the gateway, an absolute URL that works once and
	// for some minutes: for an account that is ready its own pages, else the form
	// that is wanting. From the form the artist comes to back when they leave it, and
	// to again when the page was not good any more.
	AccountPage(ctx context.Context, a Account, back, again string) (string, error)
	// LookAtAccount asks how an account stands.
	LookAtAccount(ctx context.Context, id string) (Account, error)
}

// Elsewhere is a gateway whose pages are not this site's.
type Elsewhere interface {
	// Hosts are the origins that its pages have, as in "https://pay.example.com".
	Hosts() []string
}

// plainly gathers words, each once, in the order in which they came.
func plainly(words []string) []string {
	var list []string
	for _, w := range words {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}
