package store

import (
	"regexp"
	"strconv"
	"strings"
)

// ScamSign is why a message looks like a known scam.
type ScamSign string

// The signs.
const (
	AsksForAddress ScamSign = "asks for an address" // an e-mail address, a telephone, another way to write
	OffersMore     ScamSign = "offers more"         // than the price
	OwnShipper     ScamSign = "own shipper"         // an agent of the buyer's fetches the work
	SentToMany     ScamSign = "sent to many"        // the same text went to other artists too
)

// copiesMost is how many other artists may get the same text before it is a sign.
const copiesMost = 1

// ScamSigns looks for the signs of the known scams in a text: that the buyer
// offers more than the price, has the work fetched by an agent of their own, wants
// to write elsewhere, or wrote the same to many. fromBuyer says who wrote it: an
// artist who names a courier or a sum is no sign. price is that of the work, 0
// when there is none; copies is how many other artists got the same text. What is
// found is a reason to take care, never to refuse the text.
func ScamSigns(text string, fromBuyer bool, price Pence, copies int) []ScamSign {
	text = evenText(text)
	var signs []ScamSign
	if asksForAddress.MatchString(text) {
		signs = append(signs, AsksForAddress)
	}
	if fromBuyer && (offersMore.MatchString(text) || paysMore(text, price)) {
		signs = append(signs, OffersMore)
	}
	if fromBuyer && ownShipper.MatchString(text) {
		signs = append(signs, OwnShipper)
	}
	if copies > copiesMost {
		signs = append(signs, SentToMany)
	}
	return signs
}

// evenText is a text in the one form in which signs are looked for: lower case,
// plain quotes and dashes, single spaces, nothing invisible.
func evenText(text string) string {
	return strings.Join(strings.Fields(evenLetters.Replace(strings.ToLower(text))), " ")
}

var evenLetters = strings.NewReplacer("’", "'", "‘", "'", "–", "-", "—", "-", "‑", "-", "\u00ad", "", "\u200b", "", "\u200c", "", "\u200d", "", "\ufeff", "",
	"\u00a0", " ", "e mail", "email", "e-mail", "email", "e - mail", "email", "what's app", "whatsapp", "whats app", "whatsapp")

// The signs as they are written. Words between the parts of a sign are few, so
// that a sentence about something else does not become one.
var (
	asksForAddress = regexp.MustCompile(strings.Join([]string{
		`\b(send|give|drop|provide|forward)\b( [\w,']+){0,7} (your|ur)( \w+){0,3} (email|mail id|whatsapp|telegram|phone|telephone|mobile|cell|number to text)\b`,
		`\b(share|leave|text|tell|let me know|get|have|need|want)\b( \w+){0,2} (your|ur)( \w+){0,2} (email|mail id|whatsapp|telegram|phone|telephone|mobile|cell|number to text)\b`,
		`\b(what is|what's|whats) (your|ur)( \w+){0,2} (email|mail id|whatsapp|telegram|phone|telephone|mobile|cell)\b`,
		`\b(email|text|whatsapp|telegram|call|message) me( \w+){0,2} (at|on|via|through|using|directly|privately)\b`,
		`\b(contact|reach|write|reply|respond|get back|write back)( to)? me( back)?( \w+){0,3} (email|mail|whatsapp|telegram|text|phone|number)\b`,
		`\b(contact|reach|write|reply|respond|get back|write back)( to)? me( \w+){0,3} [\w.+-]+ ?(@|\(at\)|\[at\]) ?[\w-]+`,
		`\b(talk|chat|continue|move|speak|discuss|deal)( \w+){0,4} (off (this|the) (site|page|platform)|outside (of )?(this|the) (site|platform)|by email|via email|on whatsapp|via whatsapp|over whatsapp|on telegram|via telegram)\b`,
	}, "|"))
	offersMore = regexp.MustCompile(strings.Join([]string{
		`\b(pay|offer|give|send|add|adding|paying|offering|giving|sending|include|including)\b( [\w£$€.,']+){0,5} (more than|above|over|on top of|in excess of)( \w+){0,2} (price|amount|asking|cost|total)\b`,
		`\b(overpay|over-pay|overpayment|over payment)\b`,
		`\b(extra|excess|additional|more) (money|amount|funds|cash|payment)\b`,
		`\b(send|refund|return|wire|transfer|forward|pay)( \w+){0,3} (the )?(difference|balance|excess|remainder|remaining|rest|extra)( \w+){0,4} (back|to (me|my|the|him|her|them))\b`,
		`\b(for your|for the) (trouble|troubles|inconvenience|running around|runaround)\b`,
		`\b(certified|cashier'?s?|bankers?'?|bank|company|corporate) (check|cheque|draft)\b`,
		`\b(money order|western union|moneygram)\b`,
	}, "|"))
	ownShipper = regexp.MustCompile(strings.Join([]string{
		`\b(my|our|a private|my own|our own)( \w+){0,2} (shipper|shippers|mover|movers|shipping agent|shipping company|shipping firm|shipment company|freight company|freight agent|freight forwarder|forwarder|haulier|haulage company|cargo agent|cargo company|courier agent|moving company|moving agent|pickup agent|pick-up agent|pick up agent|logistics agent|logistics company)\b`,
		`\b(own|private|personal) (shipper|shippers|mover|movers|shipping|courier|freight|shipping agent|pickup agent)\b`,
		`\b(my|our|a private) (courier|agent|pickup|pick-up)( \w+){0,3} (will|would|is going to|can|shall|to|comes?|is coming)( \w+){0,4} (pick|collect|fetch|come|pickup|contact|take)\b`,
		`\b(shipper|shippers|mover|movers|shipping agent|shipping company|pickup agent|pick up agent|freight agent)( \w+){0,4} (will|would|is going to|to|comes?|is coming)( \w+){0,5} (pick|collect|fetch|pickup|pick-up|contact you)\b`,
		`\b(i have|i've|i will have|i'll have|i've got|already)( \w+){0,4} (shipper|mover|movers|shipping agent|shipping company|freight agent|pickup agent)\b`,
	}, "|"))
	paysAmount = regexp.MustCompile(`\b(?:pay|offer|give|send|transfer|wire|write you|cheque (?:of|for)|check (?:of|for)|payment of|draft of)\b(?: [\w']+){0,4} (?:£|\$|€|gbp |usd |eur )?([0-9][0-9,]*)(?:\.([0-9]{2}))?(k?)\b`)
)

// paysMore reports whether a text offers a sum of more than the price. Delivery
// and cover are paid on top of it, so only what is clearly more counts: over a
// fifth and over twenty pounds.
func paysMore(text string, price Pence) bool {
	if price <= 0 {
		return false
	}
	for _, m := range paysAmount.FindAllStringSubmatch(text, -1) {
		pounds, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 32)
		if err != nil {
			continue
		}
		if m[3] == "k" {
			pounds *= 1000
		}
		if offered := Pence(pounds * 100); offered > price+price/5 && offered > price+2000 {
			return true
		}
	}
	return false
}
