// Package conversations shows what collectors and artists say to each other: on
// the page of an order, on a page of its own, and as a list.
package conversations

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"openstudio/store"
	"openstudio/views/ui"
)

// Props are a part of a conversation as one of the two sees it.
type Props struct {
	Talk    store.Talk
	Member  store.Member
	Lines   []Line
	Page    string // the address of the page that it stands on
	OrderID int64  // of the order whose page that is, or 0
	Part    bool   // an older part, after which more was said
	Photo   ui.Photo
	Form    FormProps
}

// Line is one line of a conversation with its pictures.
type Line struct {
	store.Said
	Photos []Picture
}

// Picture is a picture of a message, as far as it is made.
type Picture struct {
	Conversation, ID int64
	Name             string
	State            store.ImageState
	Photo            ui.Photo
	Large            string // the address of its largest size
}

// FormProps are what is written, and what is wrong with it.
type FormProps struct {
	Action   string
	To       string // first name
	OrderID  int64  // whose page the form stands on, or 0
	Key      string
	Text     string
	Files    bool     // pictures can be added
	Kept     []Kept   // pictures that are here already
	Refused  []string // what is wrong with files that were sent
	Errors   *store.Invalid
	Sentence string // of too many tries
	Focus    bool   // the writer goes on here
}

// Kept is a picture that was sent with a form that is not done yet.
type Kept struct {
	ID   int64
	Name string
}

// ListProps are the conversations of a member.
type ListProps struct {
	Rows  []Row
	More  string // the next page, or ""
	Stamp string // changes when the list does
	Now   time.Time
}

// Row is a conversation in a list.
type Row struct {
	store.Conversation
	Member store.Member
	Photo  ui.Photo
}

// AskProps are a question about a work that is being written.
type AskProps struct {
	Artwork store.Artwork
	Home    string // the address of the work
	Photo   ui.Photo
	Form    FormProps
}

// Path is the address of a conversation.
func Path(id int64) string { return "/conversations/" + strconv.FormatInt(id, 10) }

func (p Props) path() string { return Path(p.Talk.ID) }

func (p Props) artist() bool { return p.Member.ID == p.Talk.ArtistID }

// triggers are the events of the page that may bring something new.
func (p Props) triggers() string {
	all := []string{"sse:talk-" + strconv.FormatInt(p.Talk.ID, 10), "sent from:body", "every 60s"}
	for _, id := range p.Talk.Orders {
		all = append(all, "sse:order-"+strconv.FormatInt(id, 10))
	}
	return strings.Join(all, ", ")
}

func (p Props) heading() string { return "You and " + p.Form.To }

func (p Props) private() string {
	const both = "Only the two of you can read this"
	if p.OrderID != 0 {
		return "Order " + num(p.OrderID) + ". " + both
	}
	return both
}

// who is the name above a message: "You" above one's own.
func (p Props) who(sender int64) string {
	switch sender {
	case p.Member.ID:
		return "You"
	case p.Talk.ArtistID:
		return p.Talk.ArtistName
	}
	return p.Talk.AskerName
}

func (p Props) words(d Line) store.Words {
	o := store.Order{ID: d.OrderID, BuyerID: p.Talk.AskerID, SellerID: p.Talk.ArtistID, ArtistName: p.Talk.ArtistName, BuyerName: p.Talk.AskerName, Collection: d.Collection}
	return d.Event().Words(o, p.Member)
}

// elsewhere reports whether an event is of an order that has a page of its own,
// which is to be linked.
func (p Props) elsewhere(d Line) bool {
	return d.Kind == store.EventRequested && d.OrderID != p.OrderID
}

// written is what was written to go with an event, and by whom: the note of a
// request, the words of a decline.
func (p Props) written(d Line) (sender int64, text string) {
	if d.Note != "" {
		return p.Talk.AskerID, d.Note
	}
	return p.Talk.ArtistID, d.ReasonWords
}

func (p Props) orders() []int64 {
	return slices.DeleteFunc(slices.Clone(p.Talk.Orders), func(id int64) bool { return id == p.OrderID })
}

// why says what a sign of a scam is, and how the scam goes.
func why(sign store.ScamSign, copies int) string {
	switch sign {
	case store.AsksForAddress:
		return "It asks to write or call elsewhere. Those who deceive lead the talk away from where it can be read later. All that a sale needs can be said here."
	case store.OffersMore:
		return "It offers more than the price. In a known scam a payment that fails weeks later is followed by the wish that you send a part of it back. Send nothing back, and send the work only when the order here says that it is paid."
	case store.OwnShipper:
		return "It names a shipper of the buyer’s own. In a known scam you are to pay that shipper, who does not exist, or hand the work over before it is paid. Send it to the address of the order, with a carrier of your choice."
	case store.SentToMany:
		return "The same words went to " + strconv.Itoa(copies) + " other artists within a week."
	}
	return ""
}

func picturesLabel(n int, name string) string {
	return "Picture " + strconv.Itoa(n+1) + " from " + name
}

func (p Picture) id() string { return "picture-" + strconv.FormatInt(p.ID, 10) }
func (p Picture) fresh() string {
	return Path(p.Conversation) + "/pictures/" + strconv.FormatInt(p.ID, 10)
}
func (p Picture) pushed() string {
	return "sse:image-" + strconv.FormatInt(p.ID, 10) + ", every 30s"
}

func (p ListProps) fresh() string { return "/conversations?stamp=" + p.Stamp }

func (r Row) excerpt() string {
	text := r.LastText
	if text == "" {
		text = "A picture"
	}
	if r.LastMine {
		return "You: " + text
	}
	return text
}

func (r Row) unread() string {
	if r.Unread == 1 {
		return "1 message not read"
	}
	return strconv.Itoa(r.Unread) + " messages not read"
}

func num(n int64) string { return strconv.FormatInt(n, 10) }

// wrong is what is wrong with the pictures.
func (f FormProps) wrong() string {
	if len(f.Refused) > 0 {
		return strings.Join(f.Refused, " ")
	}
	return f.Errors.Get("pictures")
}

// text keeps a first empty line, which HTML would drop.
func (f FormProps) text() string {
	if strings.HasPrefix(f.Text, "\n") || strings.HasPrefix(f.Text, "\r\n") {
		return "\n" + f.Text
	}
	return f.Text
}
