package home

import (
	"strconv"

	"openstudio/store"
)

// example is the sale by which the first page compares commissions.
const example = store.Pence(1_200_00)

// cardFee is what a card processor typically keeps.
const cardFee = "1.5% + 20p"

// processorFee is cardFee of the example.
const processorFee = example*15/1000 + 20

// share is a way to sell and the commission it takes, in per cent.
type share struct {
	through    string
	commission int64
}

func shares() []share {
	return []share{{"OpenStudio, 0%", 0}, {"Online marketplace, 35%", 35}, {"Gallery, 50%", 50}}
}

func (s share) received() store.Pence { return example * store.Pence(100-s.commission) / 100 }

func (s share) percent() string { return strconv.FormatInt(100-s.commission, 10) + "%" }
