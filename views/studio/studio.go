// Package studio shows artists their own rooms: their works and the orders for
// them.
package studio

import (
	"strconv"
	"strings"

	"openstudio/views/ui"
)

// The rooms of the studio.
const (
	Orders    = "/studio/orders"
	Works     = "/studio"
	Import    = "/studio/import"
	Portfolio = "/studio/portfolio"
	Holiday   = "/studio/holiday"
	Delivery  = "/studio/delivery"
	Payments  = "/studio/payments"
)

func tabs(current string, waiting int, public string) []ui.Tab {
	orders := ui.Tab{Href: Orders, Label: "Orders", Current: current == Orders}
	switch waiting {
	case 0:
	case 1:
		orders.Dot = "1 needs an answer"
	default:
		orders.Dot = strconv.Itoa(waiting) + " need an answer"
	}
	return []ui.Tab{orders, {Href: Works, Label: "Works", Current: current == Works},
		{Href: Portfolio, Label: "Portfolio", Current: current == Portfolio}, {Href: public, Label: "Public page"}}
}

// Title is the name of an artist's studio: "Sarah’s Studio", "James’ Studio".
func Title(firstName string) string {
	if strings.HasSuffix(strings.ToLower(firstName), "s") {
		return firstName + "’ Studio"
	}
	return firstName + "’s Studio"
}
