// Package account shows the door of the market and a member's own settings:
// joining, logging in, a forgotten password, one's details and devices.
package account

import (
	"net/url"
	"strconv"
	"unicode/utf8"

	"openstudio/store"
	"openstudio/views/ui"
)

// Person is what somebody typed about themselves, and what is wrong with it.
type Person struct {
	FirstName, LastName, Email, Username string
	Address, Town, Postcode              string
	Bio, Website                         string
	NoLearning                           bool
	Invalid                              *store.Invalid
}

// Errand is what brought somebody to the door: the page to go on to, the work to
// save and the username of the artist to follow, as they stand in the address.
// Each may be empty.
type Errand struct{ Next, Save, Follow string }

// path is a page of the door with the errand still in hand.
func (e Errand) path(page string) string {
	q := url.Values{}
	if e.Save != "" {
		q.Set("save", e.Save)
	}
	if e.Follow != "" {
		q.Set("follow", e.Follow)
	}
	if e.Next != "" {
		q.Set("next", e.Next)
	}
	if len(q) == 0 {
		return page
	}
	return page + "?" + q.Encode()
}

// RegisterProps are the form of the door. Work hangs beside it, when there is
// one.
type RegisterProps struct {
	Person
	Errand
	Role store.Role
	Work *ui.Work

	Commission store.Commission
}

// terms are those on which an artist sells.
func terms(commission store.Commission) string {
	if commission > 0 {
		return "Open a studio, hang works, ship them. Free; " + commission.String() + " of the price when one is sold."
	}
	return "Open a studio, hang works, ship them. Free, no commission."
}

// LoginProps are the form of those who have been here.
type LoginProps struct {
	Errand
	Email   string
	Invalid *store.Invalid
	Work    *ui.Work
}

// AskProps are the form that asks for a password letter.
type AskProps struct {
	Email   string
	Invalid *store.Invalid
}

// ResetProps are the form that a password letter leads to.
type ResetProps struct {
	Token   string
	Invalid *store.Invalid
}

// ProfileProps are one's own details.
type ProfileProps struct {
	Person
	Artist  bool
	Mailbox string        // to which letters go now
	Trouble store.Trouble // why they do not arrive there
}

// PasswordProps are the form of a new password.
type PasswordProps struct{ Invalid *store.Invalid }

// DevicesProps are the browsers that one is logged in on.
type DevicesProps struct {
	Sessions []store.SessionInfo
	Current  int64 // the session that looks
}

// problems is what the summary above a form lists.
func problems(inv *store.Invalid) []ui.Problem {
	if inv == nil {
		return nil
	}
	list := make([]ui.Problem, 0, len(inv.Fields))
	for _, f := range inv.Fields {
		if f.Field == "" {
			continue
		}
		control := f.Field
		if control == "role" {
			control = "role-artist"
		}
		list = append(list, ui.Problem{Field: control, Text: f.Sentence})
	}
	return list
}

// bioHint counts what a biography may still hold.
func bioHint(bio string) string {
	left := store.BioMost - utf8.RuneCountInString(bio)
	switch {
	case bio == "":
		return "Shown on your page. Up to " + strconv.Itoa(store.BioMost) + " characters."
	case left < 0:
		return "Shown on your page. " + strconv.Itoa(-left) + " characters too many."
	}
	return "Shown on your page. " + strconv.Itoa(left) + " characters left."
}

func tabs(current string) []ui.Tab {
	list := []ui.Tab{
		{Href: "/account", Label: "Your details"},
		{Href: "/account/password", Label: "Password"},
		{Href: "/account/sessions", Label: "Devices"},
	}
	for i := range list {
		list[i].Current = list[i].Href == current
	}
	return list
}

const passwordHint = "8 characters or more. A sentence is good."
