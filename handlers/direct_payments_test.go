package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// TestBankDetailsPage: what is wrong stands beside its field, what was typed stays,
// and what is kept is shown masked.
func TestBankDetailsPage(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Direct = true
	site := handlertest.OpenThrough(t, m, payment.Direct{})
	ana := site.SignedIn(t, site.Ana)
	o := site.Ask(t, site.Ben, site.Work(t, site.Ana, storetest.Work{}))
	home := fmt.Sprintf("/orders/%d", o.ID)
	for _, page := range []string{home, "/studio/orders"} {
		if body := ana.Get(page).Body; !strings.Contains(body, `href="/studio/bank-details"`) || strings.Contains(body, ">Accept<") {
			t.Errorf("%s does not lead to the bank details, or lets Ana accept", page)
		}
	}
	if a := ana.Post(home + "/acceptance"); a.Status != http.StatusConflict || !strings.Contains(a.Body, "enter your bank details first") {
		t.Errorf("accepting without bank details: %d", a.Status)
	}
	a := ana.Post("/studio/bank-details", "account_name", "Ana <b>James</b>", "sort_code", "20-41", "account_number", "1234567", "current_password", "wrong")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "Ana &lt;b&gt;James&lt;/b&gt;") || !strings.Contains(a.Body, `value="1234567"`) || strings.Contains(a.Body, `value="wrong"`) {
		t.Errorf("refused details: %d", a.Status)
	}
	for _, field := range []string{"sort_code-error", "account_number-error", "current_password-error", "Three things to put right"} {
		if !strings.Contains(a.Body, field) {
			t.Errorf("nothing says %s", field)
		}
	}
	a = ana.Post("/studio/bank-details", "account_name", "Ana James", "sort_code", "204163", "account_number", "73614402", "current_password", storetest.Password)
	if a.Status != http.StatusSeeOther || a.Location != "/studio/bank-details" {
		t.Errorf("good details: %d to %s", a.Status, a.Location)
	}
	if body := ana.Get("/studio/bank-details").Body; !strings.Contains(body, "account ending in 4402") || strings.Contains(body, "73614402") || strings.Contains(body, "20-41-63") {
		t.Error("the page does not show the details masked")
	}
	if a := ana.Post(home + "/acceptance"); a.Status != http.StatusSeeOther {
		t.Errorf("accepting with bank details: %d", a.Status)
	}
}

var attemptOf = regexp.MustCompile(`^/transfers/[0-9a-f-]{36}$`)

// TestDirectPayment goes the whole way of the money by the pages of both, and
// looks where the account's number must not be.
func TestDirectPayment(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.GoDirect(t)
	site := handlertest.OpenThrough(t, m, payment.Direct{})
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{Title: "Sill"}), store.Accepted)
	home := fmt.Sprintf("/orders/%d", o.ID)
	number := fmt.Sprintf("7361%04d", 4400+site.Ana.ID)
	ben, ana, cleo := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana), site.SignedIn(t, site.Cleo)
	says := func(b *handlertest.Browser, page string, words ...string) {
		t.Helper()
		body := b.Get(page).Body
		for _, w := range words {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", page, w)
			}
		}
		if strings.HasPrefix(page, "/transfers/") != strings.Contains(body, number) {
			t.Errorf("the account's number and %s", page)
		}
	}
	says(ben, home, "Pay "+o.Total.String()+" by bank transfer")
	a := ben.Post(home + "/payment")
	if a.Status != http.StatusSeeOther || !attemptOf.MatchString(a.Location) {
		t.Fatalf("begin to pay: %d to %s", a.Status, a.Location)
	}
	page := a.Location
	if again := ben.Post(home + "/payment"); again.Location != page {
		t.Errorf("begun twice: %s and %s", page, again.Location)
	}
	says(ben, page, o.Total.String(), o.TransferReference(), "Ana James", "20-41-63", "cannot protect it", "I have sent the money")
	says(ben, home, "Waiting for your transfer.", "cannot protect it", "See where to send it")
	says(ana, home, "Waiting for Ben’s transfer", "cannot protect it", "The money came")
	for _, b := range []*handlertest.Browser{cleo, ana} {
		if a := b.Get(page); a.Status != http.StatusNotFound && a.Status != http.StatusForbidden || strings.Contains(a.Body, number) {
			t.Errorf("somebody else gets the bank details: %d", a.Status)
		}
	}
	if strings.Contains(ana.Get(home).Body, "It has not come") {
		t.Error("Ana can say that it has not come before it is sent")
	}
	if a := ben.Post(page); a.Status != http.StatusSeeOther || a.Location != home {
		t.Errorf("sent: %d to %s", a.Status, a.Location)
	}
	says(ben, home, "You said you sent it on 1 Jun, 10:00; Ana has not seen it yet.")
	says(ben, page, "You said you sent it on 1 Jun, 10:00")
	says(ana, home, "Ben said on 1 Jun, 10:00 that "+o.Total.String()+" was sent", "It has not come")
	if a := ben.Post(home + "/cancellation"); a.Status != http.StatusConflict {
		t.Errorf("taken back: %d", a.Status)
	}
	if a := ana.Post(home + "/transfer/absence"); a.Status != http.StatusSeeOther {
		t.Errorf("it has not come: %d", a.Status)
	}
	says(ben, home, "Ana looked on 1 Jun, 10:00, and it has not come.")
	if a := ana.PostHX(home+"/transfer/arrival", "in", "page"); a.Status != http.StatusOK || !strings.Contains(a.Body, "The money came on") {
		t.Errorf("it came: %d", a.Status)
	}
	says(ben, home, "The money came on 1 Jun, 10:00.", "Ready to ship", home+"/receipt")
	says(ben, home+"/receipt", "By bank transfer to the artist, to the account ending in "+number[4:], "Reference "+o.TransferReference())
	says(ana, home+"/statement", "account ending in "+number[4:])
	if a := ben.Get(page); a.Status != http.StatusSeeOther || a.Location != home {
		t.Errorf("the page of a payment that is over: %d to %s", a.Status, a.Location)
	}

	// It is called off: Ana sends it back by hand, and says so.
	if a := ana.Post(home+"/calling-off", "piece", "back", "words", "It fell."); a.Status != http.StatusSeeOther {
		t.Fatalf("called off: %d", a.Status)
	}
	if n, err := site.Server.Till().Refund(t.Context()); n != 1 || err != nil {
		t.Errorf("%d refunds asked for, %v", n, err)
	}
	says(ben, home, "to be sent back by the artist, by hand")
	says(ana, home, "Send "+o.Total.String()+" back to Ben by hand", "to be sent back")
	_, rest, _ := strings.Cut(ana.Get(home).Body, `name="refund" value="`)
	refund, _, _ := strings.Cut(rest, `"`)
	if a := ben.Post(home+"/transfer/return", "refund", refund); a.Status != http.StatusForbidden {
		t.Errorf("Ben says that it was sent back: %d", a.Status)
	}
	if a := ana.Post(home+"/transfer/return", "refund", refund); a.Status != http.StatusSeeOther {
		t.Errorf("sent back: %d", a.Status)
	}
	says(ben, home, "gone back on", home+"/credit-notes/1")

	for _, path := range []string{"/purchases", "/purchases.csv", "/notifications", "/artists/ana"} {
		says(ben, path)
	}
	for _, path := range []string{"/studio/orders", "/studio/orders.csv", "/studio/statements", "/studio/statements.csv", "/studio/bank-details", "/dev/mail"} {
		says(ana, path)
	}
	if strings.Contains(site.Log.String(), number) || strings.Contains(site.Log.String(), "level=ERROR") {
		t.Error("the log has the account's number, or a fault")
	}
	if a := site.Visitor(t).Post("/webhooks/payments", "id", "came"); a.Status != http.StatusBadRequest {
		t.Errorf("a message from outside: %d", a.Status)
	}
}

// TestNewBankDetailsAreShownAsNew: whoever takes an artist's account over cannot
// turn money elsewhere without the collector being warned.
func TestNewBankDetailsAreShownAsNew(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.GoDirect(t)
	site := handlertest.OpenThrough(t, m, payment.Direct{})
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{}), store.Accepted)
	ben := site.SignedIn(t, site.Ben)
	page := ben.Post(fmt.Sprintf("/orders/%d/payment", o.ID)).Location
	if strings.Contains(ben.Get(page).Body, "These details are new.") {
		t.Error("details from before the acceptance are said to be new")
	}
	site.Clock.Advance(1e9)
	if err := site.Store.SetBankDetails(t.Context(), site.Ana, store.BankDetails{AccountName: "Ana", IBAN: "GB29NWBK60161331926819"}, storetest.Password); err != nil {
		t.Fatal(err)
	}
	if body := ben.Get(page).Body; !strings.Contains(body, "These details are new.") || !strings.Contains(body, "GB29 NWBK 6016 1331 9268 19") {
		t.Error("changed details are not said to be new")
	}
}
