package home

import "openstudio/store"

// example is the sale by which the first page compares commissions.
const example = store.Pence(1_200_00)

// taken says what this market takes, and leads to what else is taken.
func taken(commission store.Commission) string {
	if commission > 0 {
		return "OpenStudio takes " + commission.String() + " of the price of the work, and nothing of delivery and cover. Where cards are taken, the only other deduction is"
	}
	return "OpenStudio takes nothing. Where cards are taken, the only deduction is"
}

// cardFee is what a card processor typically keeps.
const cardFee = "1.5% + 20p"

// processorFee is cardFee of the example.
const processorFee = example*15/1000 + 20

// share is a way to sell and the commission it takes.
type share struct {
	through    string
	commission store.Commission
}

func shares(own store.Commission) []share {
	return []share{{"OpenStudio, " + own.String(), own}, {"Online marketplace, 35%", 35_00}, {"Gallery, 50%", 50_00}}
}

func (s share) received() store.Pence { return example - s.commission.Of(example) }

func (s share) percent() string { return (100_00 - s.commission).String() }
