package studio

import (
	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// Bank is where an artist says where to be paid directly.
const Bank = "/studio/bank-details"

// BankProps are an artist's bank details.
type BankProps struct {
	Tabs    templ.Component
	Direct  bool              // collectors pay artists directly in this market
	Now     store.BankDetails // zero when there are none
	Typed   store.BankDetails
	Invalid *store.Invalid
}

// account is the account that is kept, masked.
func (p BankProps) account() string {
	return p.Now.AccountName + ", account ending in " + p.Now.Ending() + ", since " + ui.Day(p.Now.ChangedAt)
}
