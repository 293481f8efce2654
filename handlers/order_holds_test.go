package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

var markup = regexp.MustCompile(`<[^>]*>`)

// says fails unless a page has the words, whatever stands between them.
func says(t *testing.T, a handlertest.Answer, want ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(markup.ReplaceAllString(a.Body, "")), " ")
	for _, w := range want {
		if !strings.Contains(text, w) {
			if i := strings.Index(text, "Skip to content"); i > 0 {
				text = text[i:]
			}
			t.Errorf("%d, without %q:\n%s", a.Status, w, text[:min(len(text), 2500)])
		}
	}
}

func order(id int64, verb ...string) string {
	return strings.Join(append([]string{fmt.Sprintf("/orders/%d", id)}, verb...), "/")
}

// TestHoldAndLine reads what the pages say from the acceptance to the end of the
// line. It is Monday, the first of June, ten in the morning in London.
func TestHoldAndLine(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-sill", work)
	ben, cleo, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Cleo), site.SignedIn(t, site.Ana)
	bens, cleos := site.Ask(t, site.Ben, work).ID, site.Ask(t, site.Cleo, work).ID
	says(t, ben.Get(order(bens)), "Ana answers by Wed 10:00, or the request lapses.")
	says(t, ana.Get(order(bens)), "Answer by Wed 10:00, or the request lapses.")

	if a := ana.Post(order(bens, "acceptance")); a.Status != http.StatusSeeOther {
		t.Fatalf("accept: %d", a.Status)
	}
	says(t, ben.Get(order(bens)), "Held for you until Wed 10:00.")
	says(t, ana.Get(order(bens)), "Held for Ben until Wed 10:00.", "One more request waits for this work.")
	a := ana.Post(order(cleos, "acceptance"))
	if a.Status != http.StatusConflict {
		t.Errorf("a second accept: %d", a.Status)
	}
	says(t, a, "Put this request in line, or decline it.", "The work is on hold until Wed 10:00.", "Put in line")
	if a := ana.Post(fmt.Sprintf("/artworks/%d/line", work), "order", fmt.Sprint(bens)); a.Location != order(bens) {
		t.Errorf("the others in line: %d to %q", a.Status, a.Location)
	}
	says(t, ana.Get(order(bens)), "1 request put in line.", "Held for Ben until Wed 10:00. 1 in line.")
	says(t, cleo.Get(order(cleos)), "You are 1st in line. The work is on hold until Wed 10:00.", "In line")
	says(t, ana.Get(order(cleos)), "Cleo is 1st in line.")

	// The page of the work, to everybody.
	visitor := site.Visitor(t)
	says(t, visitor.Get(page), "On hold until Wed 10:00: join the line (you would be 2nd)")
	if a := visitor.Get(page); !strings.Contains(a.Body, `href="/login?next=`) {
		t.Error("a visitor is not led to the door")
	}
	says(t, ana.Get(page), "On hold until Wed 10:00. 1 in line.")
	says(t, ben.Get(page), "You have asked for this work. See how it stands.")
	payer := site.Collectors(t, 1)[0]
	if _, err := site.DB.Exec(`UPDATE members SET password_hash = (SELECT password_hash FROM members WHERE id = $2) WHERE id = $1`, payer.ID, site.Ben.ID); err != nil {
		t.Fatal(err)
	}
	third := site.SignedIn(t, payer)
	offer := third.Get(page)
	says(t, offer, "On hold until Wed 10:00: join the line (you would be 2nd)", "Join the line", "When it is your turn a piece is held for you")
	fields := []string{"address", "1 Mill Lane", "town", "York", "postcode", "YO1 7HH", "seen", hidden(t, offer.Body, "seen"), "key", hidden(t, offer.Body, "key")}
	a = third.Post(fmt.Sprintf("/artworks/%d/orders", work), fields...)
	if a.Status != http.StatusConflict {
		t.Errorf("asked without a word of the line: %d", a.Status)
	}
	says(t, a, "Every piece was put on hold a moment ago")
	a = third.Post(fmt.Sprintf("/artworks/%d/orders", work), append(fields, "line", hidden(t, offer.Body, "line"))...)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("join the line: %d\n%s", a.Status, a.Body)
	}
	thirds := a.Location
	says(t, third.Get(thirds), "You are 2nd in line.")

	// The hold ends.
	fresh := regexp.MustCompile(`/orders/\d+/panel\?[^"]*`)
	panel := strings.ReplaceAll(fresh.FindString(third.Get(thirds).Body), "&amp;", "&")
	if a := third.HX(panel); a.Status != http.StatusNoContent {
		t.Errorf("the panel is right, and yet: %d", a.Status)
	}
	site.Clock.Advance(48 * time.Hour)
	if _, err := site.Store.KeepTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, ben.Get(order(bens)), "Your hold on Sill has ended: it was not paid in time.", "Lapsed")
	says(t, cleo.Get(order(cleos)), "Your turn has come: Sill is on hold for you.", "Held for you until Wed 22:00. 1 in line after you.", "Pay £")
	says(t, ana.Get(order(cleos)), "Sill is on hold for Cleo Marsh, who was next in line.")
	says(t, third.HX(panel), "You are 1st in line. The work is on hold until Wed 22:00.")
	says(t, ben.Get("/notifications"), "Your hold on Sill has ended")
	says(t, ana.Get("/notifications"), "The hold on Sill for Ben Okoro has ended: it was not paid in time.", "Payer Number 1 joined the line for Sill.")
}

// hidden is the value of a hidden input.
func hidden(t *testing.T, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`<input type="hidden" name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(body, -1)
	if len(m) == 0 {
		t.Fatalf("no hidden %s", name)
	}
	return m[len(m)-1][1]
}

func TestEditionPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Lido", Edition: store.LimitedEdition, Size: 6, Quantity: 5}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-lido", work)
	o := site.Order(t, site.Ben, work, store.Accepted)
	site.Order(t, site.Cleo, work, store.ReadyToShip)
	says(t, site.Visitor(t).Get(page), "The edition", "Available4, 5, 6", "On hold2", "Sold1, 3")
	ben := site.SignedIn(t, site.Ben)
	says(t, ben.Get(order(o.ID)), "Which of the edition 2 of 64 of 65 of 66 of 6")
	a := ben.Post(order(o.ID, "payment"), "number", "3")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `aria-invalid="true"`) {
		t.Errorf("a number that is sold: %d", a.Status)
	}
	says(t, a, "Number 3 is not free any more. Choose another.")
	if a := ben.Post(order(o.ID, "payment"), "number", "5"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/test-gateway/") {
		t.Errorf("a free number: %d to %q", a.Status, a.Location)
	}
	says(t, site.SignedIn(t, site.Cleo).Get(page), "Available2, 4, 6", "On hold5")
	says(t, ben.Get(order(o.ID)), "5 of 6")

	ana := site.SignedIn(t, site.Ana)
	form := ana.Get(fmt.Sprintf("/artworks/%d/edit", work))
	a = ana.Upload(fmt.Sprintf("/artworks/%d", work), nil, nil, "do", "save", "version", hidden(t, form.Body, "version"), "title", "Lido", "year", "2025", "medium", "painting",
		"material", "ink", "height", "60", "width", "80", "weight", "1", "edition", "limited", "edition_size", "7", "quantity", "4", "price", "100", "sale", "1")
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a larger edition: %d", a.Status)
	}
	says(t, a, "Pieces of it are sold as one of 6, so the edition cannot grow.")
}

func TestHolidayPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-sill", work)
	ana, ben := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Ben)
	a := ana.Post("/studio/holiday", "until", "2026-06-01", "words", "In Harris.")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="2026-06-01"`) || !strings.Contains(a.Body, "In Harris.") {
		t.Errorf("back today: %d", a.Status)
	}
	says(t, a, "Choose a day after today.")
	if a := ana.Post("/studio/holiday", "until", "2026-06-12", "words", "In Harris."); a.Location != "/studio/orders" {
		t.Errorf("%d to %q", a.Status, a.Location)
	}
	says(t, ana.Get("/studio/orders"), "You are away until 12 June 2026.")
	for _, b := range []*handlertest.Browser{ben, site.Visitor(t)} {
		says(t, b.Get(page), "Ana is away until 12 June 2026. Requests are paused until then.", "In Harris.")
	}
	if a := ben.Get(page); strings.Contains(a.Body, "Ask to buy") {
		t.Error("a paused work is asked for")
	}
	a = ben.Post(fmt.Sprintf("/artworks/%d/orders", work), "address", "4 Redcliffe Parade", "town", "Bristol", "postcode", "BS1 6SN")
	if a.Status != http.StatusConflict {
		t.Errorf("asked while paused: %d", a.Status)
	}
	says(t, a, "Requests are paused until 12 June 2026.")
	if a := ana.Post("/studio/holiday", "_method", "DELETE"); a.Location != "/studio/orders" {
		t.Errorf("%d to %q", a.Status, a.Location)
	}
	says(t, ben.Get(page), "Ask to buy")
}

func TestLowerPricePages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill", Price: 100000, Quantity: 2}, 400, 300)
	bens, cleos := site.Ask(t, site.Ben, work), site.Ask(t, site.Cleo, work)
	ana := site.SignedIn(t, site.Ana)
	page := fmt.Sprintf("/artworks/%d-sill", work)
	if a := ana.Get(page); strings.Contains(a.Body, "/requests/price") {
		t.Error("the same price is offered")
	}
	if _, err := site.DB.Exec(`UPDATE artworks SET price = 80000`); err != nil {
		t.Fatal(err)
	}
	says(t, ana.Get(page), "2 open requests were made at a higher price.", "Give £800 to all of them")
	if a := site.SignedIn(t, site.Ben).Get(page); strings.Contains(a.Body, "/requests/price") {
		t.Error("a collector is offered to lower prices")
	}
	ana.Post(fmt.Sprintf("/artworks/%d/requests/price", work))
	says(t, ana.Get(page), "2 requests at the lower price now.")
	for who, o := range map[*store.Member]store.Order{&site.Ben: bens, &site.Cleo: cleos} {
		says(t, site.SignedIn(t, *who).Get(order(o.ID)), "Price£800.00", "Ana James lowered the price of Sill for this request.")
	}
}
