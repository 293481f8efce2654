package orders

import (
	"strconv"

	"openstudio/store"
	"openstudio/views/ui"
)

// PaperPath is the address of a paper of an order.
func PaperPath(order int64, kind store.PaperKind, number int) string {
	path := "/orders/" + strconv.FormatInt(order, 10)
	switch kind {
	case store.ReceiptPaper:
		return path + "/receipt"
	case store.StatementPaper:
		return path + "/statement"
	}
	return path + "/credit-notes/" + strconv.Itoa(number)
}

// paperSum is the price strip of the order, to the penny.
func paperSum(p store.Paper) []ui.SumRow {
	return quoteRows(p.Medium, store.Quote{Price: p.Price, Delivery: p.Delivery, Cover: p.Cover, Rate: p.Rate, Collection: p.Collection}, p.Commission)
}

// paperCredit is what goes back of what was paid.
func paperCredit(p store.Paper) []ui.SumRow {
	return []ui.SumRow{{Label: "Total paid", Amount: p.Total.String()}, {Label: "Given back", Amount: p.Amount.String()}}
}

func paperMedium(p store.Paper) string { return p.Medium.Label() + ", " + p.Material }

func paperEdition(p store.Paper) string {
	switch {
	case p.EditionNumber > 0:
		return "Number " + strconv.Itoa(p.EditionNumber) + " of " + strconv.Itoa(p.EditionSize)
	case p.Edition == store.UniqueEdition:
		return "Unique"
	}
	return "Open edition"
}

// paperSays says in a sentence what the paper is a proof of.
func paperSays(p store.Paper) string {
	switch p.Kind {
	case store.ReceiptPaper:
		return p.ArtistName + " has sold this work to " + p.BuyerName + ", and it is paid in full."
	case store.StatementPaper:
		return p.ArtistName + " has sold this work to " + p.BuyerName + "."
	}
	return "Of what " + p.BuyerName + " paid " + p.ArtistName + " for this work by receipt " + p.Receipt + ", " + p.Amount.String() + " was given back."
}
