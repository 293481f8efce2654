// Package emails writes the market's letters and, for people who develop it,
// shows them.
package emails

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"openstudio/store"
	"openstudio/views/ui"
)

// Letter is a letter ready to be sent: the same words as text and as HTML. Stop
// is the address that ends letters of its kind by a POST, "" where there is none.
type Letter struct{ Subject, Text, HTML, Stop string }

// words are a letter before it is set: what happened, and where to go on.
type words struct {
	subject    string
	paragraphs []string
	link       string // the words of the link
	path       string // where it leads

	groups    []group // of a digest, before the link
	stopWords string  // of a digest: the words of the link that stops its like
	stop      string  // of a digest: where that leads
}

// group are the works of an artist, or those that a search found.
type group struct {
	name, path         string
	works              []store.DigestWork
	more               string // the words of a link to path, when there are more works
	stopWords, stopFor string // the words of the link that stops letters about this alone, and where it leads; or ""
}

// Write writes a letter of the outbox. base is the market's address without a
// slash at its end. It fails for a letter that it has no words for.
func Write(ctx context.Context, l store.Letter, base string) (Letter, error) {
	w, ok := wordsOf(l)
	if !ok {
		return Letter{}, fmt.Errorf("no words for letter %d of kind %q, event %q", l.ID, l.Kind, l.Event)
	}
	hello := "Hello " + l.FirstName + ","
	if l.FirstName == "" {
		hello = "Hello,"
	}
	text := append([]string{hello}, w.paragraphs...)
	for _, g := range w.groups {
		text = append(text, g.name+":")
		for _, work := range g.works {
			text = append(text, work.Line()+"\n"+base+workPath(work.ID))
		}
		if g.more != "" {
			text = append(text, g.more+": "+base+g.path)
		}
		if g.stopFor != "" {
			text = append(text, g.stopWords+": "+base+g.stopFor)
		}
	}
	text = append(text, w.link+": "+base+w.path)
	letter := Letter{Subject: w.subject}
	if w.stop != "" {
		letter.Stop = base + w.stop
		text = append(text, w.stopWords+": "+letter.Stop)
	}
	text = append(text, "OpenStudio")
	var html bytes.Buffer
	if err := page(w, hello, base).Render(ctx, &html); err != nil {
		return Letter{}, err
	}
	letter.Text, letter.HTML = strings.Join(text, "\n\n")+"\n", html.String()
	return letter, nil
}

func workPath(id int64) string { return "/artworks/" + strconv.FormatInt(id, 10) }

func stopPath(token string) string { return "/digest/stop/" + token }

func wordsOf(l store.Letter) (words, bool) {
	switch {
	case l.Kind == store.ConfirmationLetter:
		return words{subject: "Do you want to hear of new works by " + l.ArtistName + "?", paragraphs: []string{
			"Somebody, most likely you, wrote this address beside " + l.ArtistName + " at OpenStudio. If you say yes, you get a letter when there are new works, at most once a week. The link works for seven days.",
			"If it was not you, do nothing: no letter follows."}, link: "Say yes", path: "/digest/confirmation/" + l.ConfirmToken}, true
	case l.Kind == store.DigestLetter && l.Digest != nil:
		return ofArtists(*l.Digest), true
	case l.Kind == store.SearchLetter && l.Digest != nil:
		return ofSearches(*l.Digest), true
	case l.Kind == store.PasswordResetLetter:
		return words{subject: "Choose a new password", paragraphs: []string{
			"Somebody, most likely you, asked for a new password at OpenStudio. The link works once, within the hour.",
			"If it was not you, do nothing: your password stays as it is."}, link: "Choose a new password", path: "/password-reset/" + l.ResetToken}, true
	case l.Kind == store.PasswordChangedLetter:
		return words{subject: "Your password was changed", paragraphs: []string{
			"The password of your account at OpenStudio was changed just now, and all other browsers were signed out.",
			"If it was not you, choose a new one at once."}, link: "Choose a new password", path: "/password-reset"}, true
	case l.Kind == store.EmailChangedLetter:
		return words{subject: "Your email was changed", paragraphs: []string{
			"Letters of OpenStudio to you go to another address from now on, and you sign in with that one. This is the last letter to this one.",
			"If it was not you, somebody knows your password: tell whoever runs the market at once."}, link: "Go to the market", path: "/"}, true
	case l.Kind == store.BankDetailsLetter:
		return words{subject: "Your bank details were changed", paragraphs: []string{
			"Collectors who pay you directly see the new ones from now on. The letter does not say them, so that nobody reads them on the way.",
			"If it was not you, choose a new password at once, then put your bank details right."}, link: "See your bank details", path: "/studio/bank-details"}, true
	case l.Kind == store.TestLetter:
		return words{subject: "A letter to try your address", paragraphs: []string{
			"Letters to you came back, and you asked for another try. If you read this, they reach you again: there is nothing more to do."}, link: "See your account", path: "/account"}, true
	case l.Kind == store.MessagesLetter:
		return ofMessages(l.Unread), true
	case l.Kind == store.OrderLetter && l.Order != nil:
		w := ofOrder(l, *l.Order)
		w.link, w.path = "See the order", "/orders/"+strconv.FormatInt(l.OrderID, 10)
		return w, w.subject != ""
	}
	return words{}, false
}

// ofArtists says what those have hung whom the reader follows.
func ofArtists(d store.Digest) words {
	w := words{subject: digestSubject(d), paragraphs: []string{"New since the last letter, by those you follow at OpenStudio."},
		link: "See all artists", path: "/artists", stopWords: "No more letters at all", stop: stopPath(d.StopToken)}
	for _, a := range d.Artists {
		g := group{name: a.Name, path: "/artists/" + url.PathEscape(a.Username), works: a.Works,
			stopWords: "No more letters about " + a.Name, stopFor: stopPath(a.StopToken)}
		if a.More {
			g.more = "More by " + a.Name
		}
		w.groups = append(w.groups, g)
	}
	return w
}

// ofSearches says what the reader's searches have found.
func ofSearches(d store.Digest) words {
	w := words{subject: "New works for your searches", paragraphs: []string{"New at OpenStudio, and found by your saved searches."},
		link: "See your searches", path: "/searches", stopWords: "No more letters about your searches", stop: stopPath(d.StopToken)}
	if len(d.Searches) == 1 {
		w.subject = "New works for “" + d.Searches[0].Name + "”"
	}
	for _, search := range d.Searches {
		g := group{name: "“" + search.Name + "”", path: "/searches", works: search.Works}
		if search.More {
			g.more = "More for “" + search.Name + "”"
		}
		w.groups = append(w.groups, g)
	}
	return w
}

// digestSubject names the artists of a digest, two at most.
func digestSubject(d store.Digest) string {
	switch n := len(d.Artists); n {
	case 0:
		return "New works by those you follow"
	case 1:
		return "New works by " + d.Artists[0].Name
	case 2:
		return "New works by " + d.Artists[0].Name + " and " + d.Artists[1].Name
	default:
		return "New works by " + d.Artists[0].Name + ", " + d.Artists[1].Name + " and " + strconv.Itoa(n-2) + " more"
	}
}

// ofMessages says what was written and not read. u is nil when all of it was read
// before the letter was due.
func ofMessages(u *store.Unread) words {
	if u == nil {
		return words{subject: "Messages that were read in time", paragraphs: []string{"There is nothing for you to do."}, link: "See your messages", path: "/conversations"}
	}
	w := words{subject: u.From + " wrote to you about " + u.Title, link: "Read and answer", path: "/conversations/" + strconv.FormatInt(u.ConversationID, 10) + "#write"}
	if u.More {
		w.paragraphs = append(w.paragraphs, "There is more before this.")
	}
	for _, m := range u.Messages {
		switch {
		case m.Text == "":
			w.paragraphs = append(w.paragraphs, u.From+" sent "+pictures(m.Pictures)+".")
		case m.Pictures > 0:
			w.paragraphs = append(w.paragraphs, u.From+" wrote, with "+pictures(m.Pictures)+":", m.Text)
		default:
			w.paragraphs = append(w.paragraphs, u.From+" wrote:", m.Text)
		}
	}
	return w
}

func pictures(n int) string {
	if n == 1 {
		return "a picture"
	}
	return strconv.Itoa(n) + " pictures"
}

// ofOrder says what happened to an order, to the one who is told.
func ofOrder(l store.Letter, o store.Order) words {
	toArtist := l.Recipient == o.SellerID
	switch l.Event {
	case store.EventRequested:
		if !toArtist {
			return words{subject: "You asked for " + o.Title, paragraphs: []string{
				fmt.Sprintf("You asked %s to sell you %s for %s. %s", o.ArtistName, o.Title, o.Price, inAll(o)),
				fmt.Sprintf("They answer by %s, or the request lapses. Nothing is charged unless they accept and you pay.", ui.Deadline(o.ReplyBy))}}
		}
		w := words{subject: o.BuyerName + " asks for " + o.Title, paragraphs: []string{
			fmt.Sprintf("%s would like to buy %s for %s. %s", from(o), o.Title, o.Price, inAll(o))}}
		if o.Note != "" {
			w.paragraphs = append(w.paragraphs, "“"+o.Note+"”")
		}
		w.paragraphs = append(w.paragraphs, fmt.Sprintf("Accept or decline the request on its page by %s; after that it lapses.", ui.Deadline(o.ReplyBy)))
		return w
	case store.EventJoined:
		if !toArtist {
			return inLine(o, "Every piece is on hold for somebody else, so you joined the line.")
		}
		return words{subject: o.BuyerName + " waits in line for " + o.Title, paragraphs: []string{
			fmt.Sprintf("Every piece is on hold, so %s joined the line for %s at %s. %s", from(o), o.Title, o.Price, turn(o)),
			"There is nothing for you to do; you can decline the request on its page."}}
	case store.EventPutInLine:
		return inLine(o, "Every piece is on hold for somebody else, so "+o.ArtistName+" put your request in line.")
	case store.EventPromoted:
		if toArtist {
			return words{subject: o.Title + " is on hold for " + o.BuyerName, paragraphs: []string{
				o.BuyerName + " was next in line. " + "There is nothing for you to do until it is paid."}}
		}
		return words{subject: "Your turn has come: " + o.Title, paragraphs: []string{payBy(o)}}
	case store.EventTurnCame:
		if toArtist {
			return words{subject: o.BuyerName + " is next in line for " + o.Title, paragraphs: []string{
				"Say on the order’s page what delivery costs and accept, or decline. If there is no answer by " + ui.Deadline(o.ReplyBy) + ", the request lapses and the next in line comes up."}}
		}
		return words{subject: "Your turn has come: " + o.Title, paragraphs: []string{
			o.ArtistName + " says now what delivery costs. You get a letter with the total, and can pay then. Nothing is charged."}}
	case store.EventLapsedByArtist:
		if toArtist {
			return words{subject: "The request of " + o.BuyerName + " for " + o.Title + " lapsed", paragraphs: []string{"It was not answered in time. " + o.BuyerName + " was told, and can ask again."}}
		}
		return words{subject: "Your request for " + o.Title + " lapsed", paragraphs: []string{o.ArtistName + " did not answer in time. Nothing was charged, and you can ask again."}}
	case store.EventLapsedByCollector:
		if toArtist {
			return words{subject: "The hold of " + o.BuyerName + " on " + o.Title + " has ended", paragraphs: []string{"It was not paid in time. The piece goes to the next in line, or is free again."}}
		}
		if o.TransferSentAt != nil {
			return words{subject: "Your hold on " + o.Title + " has ended", paragraphs: []string{
				o.ArtistName + " has not seen your money. If it comes, the sale is made while the work is free, or they send it back. Write to them, and ask your bank."}}
		}
		return words{subject: "Your hold on " + o.Title + " has ended", paragraphs: []string{"It was not paid in time. Nothing was charged, and you can ask again."}}
	case store.EventPriceLowered:
		return words{subject: "A lower price for " + o.Title, paragraphs: []string{
			fmt.Sprintf("%s lowered the price of %s, for your request too. It is %s now. %s", o.ArtistName, o.Title, o.Price, inAll(o))}}
	case store.EventReminded:
		if o.Collection {
			return words{subject: o.Title + " waits to be made ready", paragraphs: []string{
				o.BuyerName + " has paid for it and comes to collect it. Say on the order’s page when it is ready."}}
		}
		return words{subject: o.Title + " waits to be shipped", paragraphs: []string{
			o.BuyerName + " has paid for it. Pack it and hand it over by " + ui.Deadline(l.SendBy) + ", then say on the order’s page who carries it."}}
	case store.EventOverdue:
		if o.Collection && toArtist {
			return words{subject: o.Title + " should be ready by now", paragraphs: []string{
				o.BuyerName + " has paid for it and was told that it was not made ready in time. Say that it is ready, or write to them."}}
		}
		if o.Collection {
			return words{subject: o.Title + " was not made ready in time", paragraphs: []string{o.ArtistName + " was told, and reminded before. You hear as soon as you can collect it."}}
		}
		if toArtist {
			return words{subject: o.Title + " should be on its way by now", paragraphs: []string{
				o.BuyerName + " has paid for it and was told that it was not shipped in time. Ship it now, or write to them."}}
		}
		return words{subject: o.Title + " was not shipped in time", paragraphs: []string{o.ArtistName + " was told, and reminded before. You hear as soon as it is on its way.", "You can wait for it, or take all your money back on the order’s page."}}
	case store.EventAccepted:
		return words{subject: o.ArtistName + " accepted your request for " + o.Title, paragraphs: []string{payBy(o)}}
	case store.EventDeclined:
		w := words{subject: o.ArtistName + " declined your request for " + o.Title, paragraphs: []string{
			"The reason: " + o.ReasonLabel() + ". Nothing was charged."}}
		if o.ReasonWords != "" {
			w.paragraphs = append(w.paragraphs, "“"+o.ReasonWords+"”")
		}
		if len(l.Similar) > 0 {
			w.groups = []group{{name: "Works like it", path: "/artworks?medium=" + string(o.Medium), works: l.Similar}}
		}
		return w
	case store.EventCancelled:
		return words{subject: o.BuyerName + " took back the request for " + o.Title, paragraphs: []string{"There is nothing for you to do."}}
	case store.EventPaid:
		if o.Collection && toArtist {
			return words{subject: o.BuyerName + " paid for " + o.Title, paragraphs: []string{
				fmt.Sprintf("%s paid %s and comes to collect it. Agree on a time, and say on the order’s page when it is ready.", o.BuyerName, o.Total)}}
		}
		if o.Collection {
			return words{subject: "You paid for " + o.Title, paragraphs: []string{
				fmt.Sprintf("Price %s: %s in all. You collect it from the studio; the address is on the order’s page.", o.Price, o.Total),
				"Agree on a time with " + o.ArtistName + ". You are told when it is ready."}}
		}
		if toArtist {
			w := words{subject: o.BuyerName + " paid for " + o.Title, paragraphs: []string{
				fmt.Sprintf("%s paid %s. Send %s by %s.", o.BuyerName, o.Total, o.Title, ui.Deadline(l.SendBy))}}
			if o.Medium != store.DigitalArt {
				w.paragraphs = append(w.paragraphs, "The address is on the order’s page, and how to pack it. Photograph the packed work before you hand it over, and keep the photographs there.")
			}
			return w
		}
		return words{subject: "You paid for " + o.Title, paragraphs: []string{
			fmt.Sprintf("Price %s, delivery %s, insurance %s: %s in all.", o.Price, o.Delivery, o.Cover, o.Total),
			o.ArtistName + " packs it now and sends it to you by " + ui.Deadline(l.SendBy) + "."}}
	case store.EventPaymentDeclined:
		w := words{subject: "Your payment for " + o.Title + " did not go through", paragraphs: []string{
			"It was broken off, or whoever keeps your money said no. Nothing was charged."}}
		if o.HoldUntil != nil {
			w.paragraphs = append(w.paragraphs, "You can try again until "+ui.Deadline(*o.HoldUntil)+": so long the piece is held for you.")
		}
		return w
	case store.EventSoldOut:
		return words{subject: o.Title + " was sold to somebody else", paragraphs: []string{"It was the last piece. Nothing was charged."}}
	case store.EventTransferSent:
		return words{subject: o.BuyerName + " has sent the money for " + o.Title, paragraphs: []string{
			fmt.Sprintf("By their own word, %s is on its way to your bank account with the reference %s. Look into your account, then say on the order’s page whether it has come.", o.Total, o.TransferReference()),
			"Do not hand the work over before you have seen the money yourself. The market does not hold it and cannot protect it."}}
	case store.EventTransferMissing:
		return words{subject: "The money for " + o.Title + " has not come yet", paragraphs: []string{
			fmt.Sprintf("%s looked and did not find %s. Check with your bank that it went to the account on the payment page, with the reference %s, or write to %s.", o.ArtistName, o.Total, o.TransferReference(), o.ArtistName),
			"The work is held for you until the hold ends."}}
	case store.EventMoneyBack:
		if o.Direct && toArtist {
			return words{subject: "Send a payment for " + o.Title + " back", paragraphs: []string{
				"Money of " + o.BuyerName + " came when the order could not be paid any more. Send it back by hand, to the account that it came from, then say so on the order’s page."}}
		}
		if o.Direct {
			return words{subject: "Your payment for " + o.Title + " goes back to you", paragraphs: []string{
				"It came when the order could not be paid any more. " + o.ArtistName + " is to send it back by hand, and you get a letter when they say that it is done."}}
		}
		if toArtist {
			return words{subject: "A payment for " + o.Title + " goes back", paragraphs: []string{
				"Money of " + o.BuyerName + " came when the order could not be paid any more, so it was not taken. It goes back by itself; there is nothing for you to do."}}
		}
		return words{subject: "Your payment for " + o.Title + " goes back to you", paragraphs: []string{
			"It came when the order could not be paid any more: the hold had ended, the work was sold, or it had been paid already.",
			"All of it goes back to you by itself. Banks take a few days. You get a letter when it is done."}}
	case store.EventCancelAsked:
		w := words{subject: o.BuyerName + " asks to call off the order of " + o.Title, paragraphs: []string{
			"If you have handed it over already, say so on the order’s page within a day. Otherwise the order is called off and " + o.BuyerName + " gets all the money back."}}
		if o.CancelWords != "" {
			w.paragraphs = append(w.paragraphs, "“"+o.CancelWords+"”")
		}
		return w
	case store.EventCancelRefused:
		return words{subject: o.Title + " is on its way already", paragraphs: []string{
			o.ArtistName + " had handed it over when you asked to call the order off, so it goes on."}}
	case store.EventCalledOff:
		if o.Direct && toArtist {
			return words{subject: "The order of " + o.Title + " was called off", paragraphs: []string{
				"Do not send it. You were paid directly, so send the money back by hand, to the account that it came from, then say so on the order’s page."}}
		}
		if toArtist {
			return words{subject: "The order of " + o.Title + " was called off", paragraphs: []string{
				"Do not send it. " + o.BuyerName + " gets all the money back.", "Say on the order’s page whether the piece is still there: then it is for sale again."}}
		}
		w := words{subject: "Your order of " + o.Title + " was called off", paragraphs: []string{
			fmt.Sprintf("You get %s back. Banks take a few days; you get a letter when it is done.", o.Refunded)}}
		if o.ReasonWords != "" {
			w.paragraphs = append([]string{o.ArtistName + " wrote: “" + o.ReasonWords + "”"}, w.paragraphs...)
		}
		return w
	case store.EventPartRefund:
		return words{subject: o.ArtistName + " gives you a part of the price of " + o.Title + " back", paragraphs: []string{
			"How much and what for stands on the order’s page. Banks take a few days; you get a letter when it is done."}}
	case store.EventRefunded:
		if toArtist {
			return words{subject: "Money for " + o.Title + " has gone back", paragraphs: []string{o.BuyerName + " has it. How much stands on the order’s page."}}
		}
		return words{subject: "Your money for " + o.Title + " is back", paragraphs: []string{"It went the way it came. How much stands on the order’s page."}}
	case store.EventRefundFailed:
		return words{subject: "Money for " + o.Title + " could not be given back yet", paragraphs: []string{
			"The payment service refused to give it back. It is tried again each day, and whoever runs this market has been told. Nothing is lost."}}
	case store.EventChargedBack:
		if toArtist {
			return words{subject: "A bank asks for the money for " + o.Title + " back", paragraphs: []string{
				"The bank of " + o.BuyerName + " disputes the payment. The order stands still until that is decided; do not send the work now.",
				"The payment service takes the money out of your account while the bank decides; if it decides for you, you get it again.",
				"Write to " + o.BuyerName + " in the talk of the order: often it is a misunderstanding. Your payment service tells you which papers it wants."}}
		}
		return words{subject: "Your bank asks for the money for " + o.Title + " back", paragraphs: []string{
			"The order stands still until that is decided. If you did not mean this, tell your bank, and write to " + o.ArtistName + "."}}
	case store.EventChargeBackWon:
		w := words{subject: o.Title + " stays paid", paragraphs: []string{"The bank has decided that the payment stands. The order goes on where it was."}}
		if toArtist {
			w.paragraphs = append(w.paragraphs, "What was taken out of your account for it, you get again.")
		}
		return w
	case store.EventChargeBackLost:
		if toArtist {
			return words{subject: "The money for " + o.Title + " went back to " + o.BuyerName, paragraphs: []string{
				"The bank has decided so. What the payment service takes out of your account for it stays taken, and the order ends here."}}
		}
		return words{subject: "Your bank gave you the money for " + o.Title + " back", paragraphs: []string{"The order ends here."}}
	case store.EventShipped:
		if o.Collection {
			return words{subject: o.Title + " is ready for collection", paragraphs: []string{
				"The address, and the code that you show to " + o.ArtistName + " when you have the work in your hands, are on the order’s page."}}
		}
		w := words{subject: o.Title + " is on its way", paragraphs: []string{fmt.Sprintf("%s has sent it. Carrier: %s.", o.ArtistName, o.Carrier)}}
		if o.Tracking != "" {
			w.paragraphs = append(w.paragraphs, "Tracking number: "+o.Tracking+".")
		}
		if l.Packed > 0 {
			w.paragraphs = append(w.paragraphs, "On the order’s page you find "+photographs(l.Packed)+" of how it was packed.")
		}
		w.paragraphs = append(w.paragraphs, "Say so when it arrives; after 14 days the order completes by itself.")
		return w
	case store.EventCompleted:
		switch {
		case o.Collection && toArtist:
			return words{subject: o.BuyerName + " collected " + o.Title, paragraphs: []string{"Your sale is completed."}}
		case o.Collection:
			return words{subject: "Your order of " + o.Title + " is completed", paragraphs: []string{"It counts as collected. If you do not have it, write to " + o.ArtistName + " now."}}
		case toArtist && l.ByClock:
			return words{subject: "Your sale of " + o.Title + " is completed", paragraphs: []string{"You sent it to " + o.BuyerName + " fourteen days ago, and nothing was said against it."}}
		case toArtist:
			return words{subject: o.Title + " has arrived", paragraphs: []string{"Your sale to " + o.BuyerName + " is completed."}}
		case !l.ByClock:
			return words{subject: "Your order of " + o.Title + " is completed", paragraphs: []string{"You said that it has arrived, and " + o.ArtistName + " was told."}}
		}
		return words{subject: "Your order of " + o.Title + " is completed", paragraphs: []string{"It was sent fourteen days ago, so the order completed by itself."}}
	}
	return words{}
}

// from is who asks, and from where if it is sent there.
func from(o store.Order) string {
	if o.Collection {
		return o.BuyerName
	}
	return o.BuyerName + " in " + o.ShipTown
}

// inAll says what it comes to with what is added to the price.
func inAll(o store.Order) string {
	switch {
	case o.Collection:
		return "It is collected from the studio, so nothing is added."
	case o.Unquoted:
		return fmt.Sprintf("With insurance that is %s, plus delivery, which the artist quotes when accepting.", o.Total)
	}
	return fmt.Sprintf("With delivery and insurance that is %s.", o.Total)
}

// turn says what happens when the turn of one who waits comes.
func turn(o store.Order) string {
	if o.Unquoted {
		return "When it is their turn, you say what delivery costs."
	}
	return "When it is their turn, a piece is held for them."
}

// inLine says to a collector which place they have.
func inLine(o store.Order, why string) words {
	w := words{subject: "You are in line for " + o.Title, paragraphs: []string{why,
		"When it is your turn, a piece is held for you and you get a letter. Nothing is charged."}}
	if place := o.Place(); place > 0 {
		w.subject = "You are " + ui.Ordinal(place) + " in line for " + o.Title
	}
	return w
}

func photographs(n int) string {
	if n == 1 {
		return "a photograph"
	}
	return strconv.Itoa(n) + " photographs"
}

// payBy asks to pay, as long as the piece is held.
func payBy(o store.Order) string {
	if o.HoldUntil == nil {
		return fmt.Sprintf("Pay %s to make the sale.", o.Total)
	}
	return fmt.Sprintf("Pay %s by %s to make the sale. Until then the piece is held for you, and sold to nobody else.", o.Total, ui.Deadline(*o.HoldUntil))
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
			list = append(list, line+" ")
			continue
		}
		list = append(list, before, "http"+link)
	}
	return list
}
