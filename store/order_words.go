package store

import (
	"strconv"
	"strings"
)

// Words say what happened to an order, to one of its two parties. The title of
// the work stands between Before and After.
type Words struct{ Before, After string }

// Words says a notification to its reader.
func (n Notification) Words() Words {
	switch {
	case n.FoundBy != "" && n.ArtworkID == 0:
		return Words{"“" + n.FoundBy + "” found a work that does not hang any more.", ""}
	case n.FoundBy != "":
		return Words{"New for “" + n.FoundBy + "”: ", " by " + n.ArtistName + "."}
	case n.ConversationID != 0:
		return Words{n.From + " wrote to you about ", "."}
	case n.Works > 0 && n.ArtworkID == 0:
		return Words{n.ArtistName + " hung a work that does not hang any more.", ""}
	case n.Works > 2:
		return Words{n.ArtistName + " hung ", " and " + strconv.Itoa(n.Works-1) + " other works."}
	case n.Works == 2:
		return Words{n.ArtistName + " hung ", " and another work."}
	case n.Works == 1:
		return Words{n.ArtistName + " hung a new work: ", "."}
	}
	if n.Collection {
		if w, ok := collectionWords(n.Event, n.ArtistName, n.BuyerName, n.ToSeller); ok {
			return w
		}
	}
	return eventWords(n.Event, n.ArtistName, n.BuyerName, n.ToSeller, n.ByClock)
}

// Words says an event of the order to a member, one of its parties.
func (e Event) Words(o Order, m Member) Words {
	artist, buyer := o.ArtistName, o.BuyerName
	switch e.ActorID {
	case 0:
	case m.ID:
		artist, buyer = "You", "You"
	}
	if o.Collection {
		if w, ok := collectionWords(e.Kind, artist, buyer, e.ActorID == o.BuyerID); ok {
			return w
		}
	}
	return eventWords(e.Kind, artist, buyer, m.ID == o.SellerID, e.ActorID == 0)
}

// collectionWords says the events of a work that is fetched which have other words
// than one that is sent. byBuyer: it was the collector who said that they have it.
func collectionWords(kind EventKind, artist, buyer string, byBuyer bool) (w Words, ok bool) {
	switch {
	case kind == EventShipped:
		return Words{artist + " made ", " ready for collection."}, true
	case kind == EventReminded:
		return Words{"", " is paid and waits to be made ready for collection."}, true
	case kind == EventOverdue:
		return Words{"", " is paid and was not made ready for collection in time."}, true
	case kind == EventCompleted && byBuyer:
		return Words{buyer + " collected ", "."}, true
	case kind == EventCompleted:
		return Words{artist + " handed over ", "."}, true
	}
	return Words{}, false
}

func eventWords(kind EventKind, artist, buyer string, toSeller, byClock bool) Words {
	request := "your request for "
	if toSeller || artist == "You" {
		request = "the request for "
	}
	switch kind {
	case EventRequested:
		return Words{buyer + " asked to buy ", "."}
	case EventJoined:
		return Words{buyer + " joined the line for ", "."}
	case EventPutInLine:
		return Words{artist + " put " + request, " in line."}
	case EventPromoted:
		if toSeller {
			return Words{"", " is on hold for " + buyer + ", who was next in line."}
		}
		return Words{"Your turn has come: ", " is on hold for you."}
	case EventTurnCame:
		if toSeller {
			return Words{buyer + " is next in line for ", ". Say what delivery costs, or decline."}
		}
		return Words{"Your turn has come: " + artist + " says now what delivery of ", " costs."}
	case EventLapsedByArtist:
		if toSeller {
			return Words{"The request for ", " lapsed: it was not answered in time."}
		}
		return Words{"Your request for ", " lapsed: there was no answer in time."}
	case EventLapsedByCollector:
		if toSeller {
			return Words{"The hold on ", " for " + buyer + " has ended: it was not paid in time."}
		}
		return Words{"Your hold on ", " has ended: it was not paid in time."}
	case EventPriceLowered:
		return Words{artist + " lowered the price of ", " for this request."}
	case EventReminded:
		return Words{"", " is paid and waits to be shipped."}
	case EventOverdue:
		return Words{"", " is paid and was not shipped in time."}
	case EventAccepted:
		return Words{artist + " accepted " + request, "."}
	case EventDeclined:
		return Words{artist + " declined " + request, "."}
	case EventCancelled:
		return Words{buyer + " took back the request for ", "."}
	case EventPaid:
		return Words{buyer + " paid for ", "."}
	case EventPaymentDeclined:
		return Words{"The payment for ", " did not go through. Nothing was charged."}
	case EventSoldOut:
		return Words{"The last piece of ", " was sold to somebody else. Nothing was charged."}
	case EventTransferSent:
		return Words{buyer + " said that the money for ", " is sent."}
	case EventTransferMissing:
		return Words{artist + " looked, and the money for ", " has not come."}
	case EventMoneyBack:
		return Words{"Money came for ", " that could not be taken any more. It goes back by itself."}
	case EventCancelAsked:
		return Words{buyer + " asked to call off the order of ", "."}
	case EventCancelRefused:
		return Words{artist + " had handed over ", " already, so the order goes on."}
	case EventCalledOff:
		return Words{"The paid order of ", " was called off. The money goes back."}
	case EventPartRefund:
		return Words{artist + " gave back a part of what was paid for ", "."}
	case EventRefunded:
		return Words{"Money paid for ", " has gone back."}
	case EventRefundFailed:
		return Words{"Money paid for ", " could not be given back yet. It is tried again each day."}
	case EventChargedBack:
		if toSeller {
			return Words{buyer + "’s bank has asked for the money for ", " back. The order stands still until that is decided."}
		}
		return Words{"Your bank has asked for the money for ", " back. The order stands still until that is decided."}
	case EventChargeBackWon:
		return Words{"The bank has decided: ", " stays paid, and the order goes on."}
	case EventChargeBackLost:
		return Words{"The bank has decided: the money for ", " went back to " + buyer + "."}
	case EventPieceBack:
		return Words{artist + " put the piece of ", " back on sale."}
	case EventPieceGone:
		return Words{artist + " said that the piece of ", " is gone."}
	case EventShipped:
		return Words{artist + " shipped ", "."}
	case EventCompleted:
		if byClock {
			return Words{"The order of ", " completed by itself, 14 days after shipping."}
		}
		return Words{buyer + " received ", "."}
	}
	return Words{}
}

// Next says what happens next, to a member who is one of the order's parties.
func (o Order) Next(m Member) string {
	seller := m.ID == o.SellerID
	artist, buyer := firstName(o.ArtistName), firstName(o.BuyerName)
	switch {
	case o.Frozen() && o.Status != Cancelled:
		return "The bank has been asked to take the money back. Nothing can be done here until that is decided."
	case o.CalledOff() && o.Payment == Refunded:
		return "The order was called off, and all the money has gone back."
	case o.CalledOff() && seller:
		return "The order was called off. " + buyer + " gets all the money back."
	case o.CalledOff():
		return "The order was called off. You get all the money back; banks take a few days."
	case o.CancelAsked() && seller:
		return buyer + " asks to call the order off. Say so if you have handed it over; otherwise it is called off within a day."
	case o.CancelAsked():
		return "You asked to call the order off. " + artist + " can say within a day that it has been handed over; otherwise you get your money back."
	}
	switch o.Status {
	case Pending:
		switch {
		case o.InLine() && seller:
			return buyer + " waits in line. When a piece becomes free and it is their turn, it is held for them."
		case o.InLine():
			return "Nothing is charged. When it is your turn, a piece is held for you and you are told."
		case seller && !o.Acceptable():
			return "Every piece is on hold. Let " + buyer + " wait in line, or decline."
		}
		if seller && o.Unquoted {
			return "Say what delivery costs and accept, and " + buyer + " can pay. Nothing is charged before that."
		}
		if seller {
			return "Accept, and " + buyer + " can pay. Nothing is charged before that."
		}
		if o.Unquoted {
			return artist + " has been told, and says what delivery costs when they accept. Nothing is charged unless you pay."
		}
		return artist + " has been told. Nothing is charged unless they accept and you pay."
	case Accepted:
		if seller {
			return "Waiting for " + buyer + " to pay. Until then it is sold to nobody else."
		}
		return "Pay to make the sale. Until then it is sold to nobody else."
	case ReadyToShip:
		if o.Collection && seller {
			return "It is paid. Agree on a time with " + buyer + ", and say when it is ready."
		}
		if o.Collection {
			return "It is paid. " + artist + " makes it ready; agree on a time with them here."
		}
		if seller {
			return "It is paid. Pack it and hand it over, then say who carries it."
		}
		return "It is paid. " + artist + " packs it now."
	case Shipped:
		if o.Collection && seller {
			return buyer + " shows you a code of six digits when they come. The order completes by it, or when they say that they have it."
		}
		if o.Collection {
			return "Show the code to " + artist + " when you have the work in your hands, not before. Nobody else needs it."
		}
		if seller {
			return "On its way. The order completes when " + buyer + " has it, or 14 days after shipping."
		}
		return "On its way. Say so when it has arrived; after 14 days the order completes by itself."
	case Completed:
		return "The sale is made."
	}
	switch {
	case o.Declined():
		return "The request was declined. Nothing was charged."
	case o.holdLapsed() && o.TransferSentAt != nil && seller:
		return "The hold ended before the money came. If it comes, say so: the sale is made while the work is free, or you send it back."
	case o.holdLapsed() && o.TransferSentAt != nil:
		return "The hold ended before " + artist + " saw the money. If it comes, the sale is made while the work is free, or " + artist + " sends it back."
	case o.Lapsed() && o.Reason == notPaid:
		return "The hold ended before it was paid. Nothing was charged."
	case o.Lapsed() && o.Reason == noAnswer:
		return "There was no answer in time, so the request lapsed. Nothing was charged."
	case o.Lapsed():
		return "The last piece was sold to somebody else. Nothing was charged."
	}
	return "The request was taken back. Nothing was charged."
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
