package studio

import (
	"strconv"

	"github.com/a-h/templ"

	"openstudio/store"
	"openstudio/views/ui"
)

// OrdersProps are the orders of an artist.
type OrdersProps struct {
	Tabs    templ.Component
	Waiting []templ.Component // panels of the orders that wait for the artist
	Answer  int               // of them, to answer
	Ship    int               // of them, to ship
	Stamp   string            // changes when the waiting orders do
	Status  store.Status      // that the table is narrowed to, or ""
	Rows    []OrderRow
	More    string // the next page, or ""
	Away    store.Holiday
	Unpaid  bool   // the artist cannot be paid yet
	Paid    string // where the artist says how to be paid; "" where there is nothing to say
}

// OrderRow is a line of the table of orders.
type OrderRow struct {
	Order       store.Order
	Thumb       ui.Photo
	State, Word string // of the status square
}

func (r OrderRow) num() string { return strconv.FormatInt(r.Order.ID, 10) }

// waiting says what waits: "2 to answer, 1 to ship".
func (p OrdersProps) waiting() string {
	switch {
	case p.Answer > 0 && p.Ship > 0:
		return strconv.Itoa(p.Answer) + " to answer, " + strconv.Itoa(p.Ship) + " to ship"
	case p.Answer > 0:
		return strconv.Itoa(p.Answer) + " to answer"
	case p.Ship > 0:
		return strconv.Itoa(p.Ship) + " to ship"
	}
	return ""
}

func (p OrdersProps) fresh() string { return Orders + "/waiting?stamp=" + p.Stamp }

func statuses() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Any"}}
	for _, s := range store.Statuses() {
		options = append(options, ui.Option{Value: string(s), Label: s.Label()})
	}
	return options
}
