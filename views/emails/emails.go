// Package emails writes the market's letters and, for people who develop it,
// shows them.
package emails

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openstudio/store"
	"openstudio/views/ui"
)

// Letter is a letter ready to be sent: the same words as text and as HTML. Stop is
// the address that ends such letters, "" for those that nobody can end.
type Letter struct{ Subject, Text, HTML, Stop string }

// words are a letter before it is set: what happened, and where to go on.
type words struct {
	subject    string
	paragraphs []string
	link       string // the words of the link
	path       string // where it leads
	stop       string // where such letters can be stopped, or ""
}

// Write writes a letter of the outbox. base is the market's address without a
// slash at its end. It fails for a letter that it has no words for.
func Write(ctx context.Context, l store.Letter, base string) (Letter, error) {
	w, ok := wordsOf(l)
	if !ok {
		return Letter{}, fmt.Errorf("no words for letter %d of kind %q, event %q", l.ID, l.Kind, l.Event)
	}
	hello := "Hello " + l.FirstName + ","
	text := append([]string{hello}, w.paragraphs...)
	text = append(text, w.link+": "+base+w.path)
	stop := ""
	if w.stop != "" {
		stop = base + w.stop
		text = append(text, "Stop these letters: "+stop)
	}
	text = append(text, "OpenStudio")
	var html bytes.Buffer
	if err := page(w, hello, base+w.path, stop).Render(ctx, &html); err != nil {
		return Letter{}, err
	}
	return Letter{Subject: w.subject, Text: strings.Join(text, "\n\n") + "\n", HTML: html.String(), Stop: stop}, nil
}

func wordsOf(l store.Letter) (words, bool) {
	switch {
	case l.Kind == store.PasswordResetLetter:
		return words{"Choose a new password", []string{
			"Somebody, most likely you, asked for a new password at OpenStudio. The link works once, within the hour.",
			"If it was not you, do nothing: your password stays as it is."}, "Choose a new password", "/password-reset/" + l.ResetToken, ""}, true
	case l.Kind == store.PasswordChangedLetter:
		return words{"Your password was changed", []string{
			"The password of your account at OpenStudio was changed just now, and all other browsers were signed out.",
			"If it was not you, choose a new one at once."}, "Choose a new password", "/password-reset", ""}, true
	case l.Kind == store.OrderLetter && l.Order != nil:
		w := ofOrder(l, *l.Order)
		w.link, w.path = "See the order", "/orders/"+strconv.FormatInt(l.OrderID, 10)
		return w, w.subject != ""
	case l.Kind == store.SearchLetter:
		return ofSearches(l), true
	}
	return words{}, false
}

// findsMost is how many works a letter names.
const findsMost = 20

// ofSearches says what a member's searches have found.
func ofSearches(l store.Letter) words {
	w := words{subject: "New for your searches: " + ui.Count(len(l.Finds), 0, "work"), link: "See your searches", path: "/searches",
		stop: "/search-letters/" + l.StopToken}
	if len(l.Finds) == 0 {
		w.paragraphs = []string{"What your searches found is not listed any more."}
	}
	for i, f := range l.Finds {
		if i == findsMost {
			w.paragraphs = append(w.paragraphs, fmt.Sprintf("And %d more.", len(l.Finds)-findsMost))
			break
		}
		line := f.Title + " by " + f.ArtistName
		if f.ForSale {
			line += ", " + f.Price.Short()
		}
		w.paragraphs = append(w.paragraphs, line+". New for “"+f.Search+"”.")
	}
	return w
}

// ofOrder says what happened to an order, to the one who is told.
func ofOrder(l store.Letter, o store.Order) words {
	toArtist := l.Recipient == o.SellerID
	switch l.Event {
	case store.EventRequested:
		w := words{subject: o.BuyerName + " asks for " + o.Title, paragraphs: []string{
			fmt.Sprintf("%s in %s would like to buy %s for %s. With delivery and insurance that is %s.", o.BuyerName, o.ShipTown, o.Title, o.Price, o.Total)}}
		if o.Note != "" {
			w.paragraphs = append(w.paragraphs, "“"+o.Note+"”")
		}
		w.paragraphs = append(w.paragraphs, "Accept or decline the request on its page.")
		return w
	case store.EventAccepted:
		return words{subject: o.ArtistName + " accepted your request for " + o.Title, paragraphs: []string{
			fmt.Sprintf("Pay %s to make the sale. Until then somebody else may buy the work.", o.Total)}}
	case store.EventDeclined:
		w := words{subject: o.ArtistName + " declined your request for " + o.Title, paragraphs: []string{
			"The reason: " + o.ReasonLabel() + ". Nothing was charged."}}
		if o.ReasonWords != "" {
			w.paragraphs = append(w.paragraphs, "“"+o.ReasonWords+"”")
		}
		return w
	case store.EventCancelled:
		return words{subject: o.BuyerName + " took back the request for " + o.Title, paragraphs: []string{"There is nothing for you to do."}}
	case store.EventPaid:
		if toArtist {
			return words{subject: o.BuyerName + " paid for " + o.Title, paragraphs: []string{
				fmt.Sprintf("%s paid %s. Pack %s and send it; the address is on the order’s page.", o.BuyerName, o.Total, o.Title)}}
		}
		return words{subject: "You paid for " + o.Title, paragraphs: []string{
			fmt.Sprintf("Price %s, delivery %s, insurance %s: %s in all.", o.Price, o.Delivery, o.Cover, o.Total),
			o.ArtistName + " packs it now and sends it to you."}}
	case store.EventPaymentDeclined:
		return words{subject: "Your payment for " + o.Title + " did not go through", paragraphs: []string{"Nothing was charged. You can try again."}}
	case store.EventSoldOut:
		return words{subject: o.Title + " was sold to somebody else", paragraphs: []string{"The last piece was paid for a moment before you. Nothing was charged."}}
	case store.EventShipped:
		w := words{subject: o.Title + " is on its way", paragraphs: []string{fmt.Sprintf("%s has sent it. Carrier: %s.", o.ArtistName, o.Carrier)}}
		if o.Tracking != "" {
			w.paragraphs = append(w.paragraphs, "Tracking number: "+o.Tracking+".")
		}
		w.paragraphs = append(w.paragraphs, "Say so when it arrives; after 14 days the order completes by itself.")
		return w
	case store.EventCompleted:
		if toArtist {
			return words{subject: o.Title + " has arrived", paragraphs: []string{"Your sale to " + o.BuyerName + " is completed."}}
		}
		return words{subject: "Your order of " + o.Title + " is completed", paragraphs: []string{"It was sent fourteen days ago, so the order completed by itself."}}
	}
	return words{}
}

// Sent is a letter of the outbox as /dev/mail shows it.
type Sent struct {
	ID                int64
	To, Subject, Text string
	State             string
	At                time.Time
}

// parts cuts a text at its links, so that they can be followed.
func parts(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		before, link, found := strings.Cut(line, "http")
		if !found {
			list = append(list, line)
			continue
		}
		list = append(list, before, "http"+link)
	}
	return list
}
