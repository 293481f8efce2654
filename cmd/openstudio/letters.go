package main

import (
	"context"
	"fmt"
	"strings"

	"openstudio/store"
)

// letters writes the market's letters. It implements handlers.Letters.
type letters struct {
	base string // of links, without a slash at its end
}

// Render returns a letter's subject and its text; there is no HTML.
func (l letters) Render(_ context.Context, letter store.Letter) (subject, text, html string, err error) {
	var words []string
	switch letter.Kind {
	case store.PasswordResetLetter:
		subject = "Choose a new password"
		words = []string{"Somebody, most likely you, asked for a new password at OpenStudio. Choose it here within the hour; the link works once:",
			l.base + "/password-reset/" + letter.ResetToken,
			"If it was not you, do nothing: your password stays as it is."}
	case store.PasswordChangedLetter:
		subject = "Your password was changed"
		words = []string{"The password of your account at OpenStudio was changed just now, and all other browsers were signed out.",
			"If it was not you, choose a new one at once:", l.base + "/password-reset"}
	case store.OrderLetter:
		if letter.Order == nil {
			return "", "", "", fmt.Errorf("letter %d has no order", letter.ID)
		}
		subject, words = orderWords(letter)
		words = append(words, fmt.Sprintf("%s/orders/%d", l.base, letter.Order.ID))
	}
	if subject == "" {
		return "", "", "", fmt.Errorf("no words for a letter of kind %q, event %q", letter.Kind, letter.Event)
	}
	words = append([]string{"Hello " + letter.FirstName + ","}, append(words, "OpenStudio")...)
	return subject, strings.Join(words, "\n\n") + "\n", "", nil
}

// orderWords says what happened to an order, to the one who is told.
func orderWords(l store.Letter) (subject string, words []string) {
	o := l.Order
	toArtist := l.Recipient == o.SellerID
	switch l.Event {
	case store.EventRequested:
		words = []string{fmt.Sprintf("%s in %s would like to buy %s for %s. With delivery and insurance that is %s.", o.BuyerName, o.ShipTown, o.Title, o.Price, o.Total)}
		if o.Note != "" {
			words = append(words, "Their note: "+o.Note)
		}
		return o.BuyerName + " asks for " + o.Title, append(words, "Accept or decline the request:")
	case store.EventAccepted:
		return o.ArtistName + " accepted your request for " + o.Title,
			[]string{fmt.Sprintf("Pay %s to make the sale. Until then anybody else may.", o.Total)}
	case store.EventDeclined:
		words = []string{fmt.Sprintf("%s declined your request for %s. Nothing was charged. The reason: %s.", o.ArtistName, o.Title, strings.ToLower(o.ReasonLabel()))}
		if o.ReasonWords != "" {
			words = append(words, "In their words: "+o.ReasonWords)
		}
		return o.ArtistName + " declined your request for " + o.Title, words
	case store.EventCancelled:
		return o.BuyerName + " took the request for " + o.Title + " back", []string{"There is nothing for you to do."}
	case store.EventPaid:
		if toArtist {
			return o.BuyerName + " paid for " + o.Title, []string{fmt.Sprintf("%s paid %s. Pack %s and send it; the address is on the order’s page:", o.BuyerName, o.Total, o.Title)}
		}
		return "You paid for " + o.Title, []string{
			fmt.Sprintf("Price %s, delivery %s, insurance %s: %s in all.", o.Price, o.Delivery, o.Cover, o.Total),
			fmt.Sprintf("%s packs it now and sends it to you.", o.ArtistName)}
	case store.EventPaymentDeclined:
		return "Your payment for " + o.Title + " did not go through", []string{"Nothing was charged. You can try again:"}
	case store.EventSoldOut:
		return o.Title + " was sold to somebody else", []string{"The last piece was paid for a moment before you. Nothing was charged."}
	case store.EventShipped:
		words = []string{fmt.Sprintf("%s has sent it. Carrier: %s.", o.ArtistName, o.Carrier)}
		if o.Tracking != "" {
			words = append(words, "Tracking number: "+o.Tracking)
		}
		return o.Title + " is on its way", append(words, "Say so when it arrives; after 14 days the order completes by itself:")
	case store.EventCompleted:
		if toArtist {
			return o.Title + " has arrived", []string{fmt.Sprintf("Your sale to %s is completed.", o.BuyerName)}
		}
		return "Your order of " + o.Title + " is completed", []string{"It was sent fourteen days ago, so the order completed by itself."}
	}
	return "", nil
}
