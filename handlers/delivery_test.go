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

// The strip of prices is the same to the penny where a work is asked for and on
// its order, to both.
func TestThePriceStrip(t *testing.T) {
	t.Parallel()
	for rate, receives := range map[store.Commission]string{0: "TotalTOTALThe artist receivesTOTAL", 250: "TotalTOTALCommission, 2.5% of the price£36.25The artist receivesRECEIVED"} {
		m := storetest.New(t)
		m.Commission = rate
		site := handlertest.Open(t, m)
		site.Store = m.Open(t)
		work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300)
		q, err := site.Store.QuoteArtwork(t.Context(), work, site.Ben.Postcode)
		if err != nil {
			t.Fatal(err)
		}
		strip := "Price£1,450.00Delivery" + q.Delivery.String() + "Insurance£14.50" +
			strings.NewReplacer("TOTAL", q.Total().String(), "RECEIVED", (q.Total()-3625).String()).Replace(receives)
		ben := site.SignedIn(t, site.Ben)
		says(t, ben.Get(fmt.Sprintf("/artworks/%d-sill", work)), strip)
		o := site.Ask(t, site.Ben, work)
		says(t, ben.Get(order(o.ID)), strip)
		says(t, site.SignedIn(t, site.Ana).Get(order(o.ID)), strip)
	}
}

// A market with a commission says so wherever one without says that it has none.
func TestPagesTellTheCommission(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	free := handlertest.Open(t, m).Visitor(t)
	m.Commission = 250
	site := handlertest.Open(t, m)
	paid := site.Visitor(t)
	none := regexp.MustCompile(`(?i)(no|without|) commission[.,]|Commission: none|takes nothing|the whole price`)
	for path, want := range map[string]string{"/": "Commission: 2.5% of the price of a work.", "/about": "Of a sale, 2.5% of the price of the work is kept", "/register": "2.5% of the price when one is sold"} {
		if a := free.Get(path); !none.MatchString(a.Body) || strings.Contains(a.Body, "2.5%") {
			t.Errorf("%s without a commission: %d", path, a.Status)
		}
		a := paid.Get(path)
		says(t, a, want)
		if words := none.FindString(a.Body); words != "" {
			t.Errorf("%s says %q", path, words)
		}
	}
	says(t, paid.Get("/"), "OpenStudio, 2.5%£1,170.00")
}

func TestAQuoteOfDeliveryOnPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Anchor", Weight: 4200}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-anchor", work)
	ben, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	says(t, site.Visitor(t).Get(page), "DeliveryThe artist will quote")
	says(t, site.Visitor(t).Get("/artworks?to=BS1"), "The artist quotes delivery")
	offer := ben.Get(page)
	const strip = "Price£1,450.00DeliveryThe artist will quoteInsurance£14.50Total£1,464.50 plus delivery, which the artist quotesThe artist receives£1,464.50 plus delivery"
	says(t, offer, strip, "so Ana quotes delivery when accepting. You see the full total before you pay.")
	asked := ben.Post(fmt.Sprintf("/artworks/%d/orders", work), "address", "4 Redcliffe Parade", "town", "Bristol", "postcode", "BS1 6SN",
		"seen", hidden(t, offer.Body, "seen"), "key", hidden(t, offer.Body, "key"))
	if asked.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", asked.Status, asked.Body)
	}
	says(t, ben.Get(asked.Location), strip, "The total is £1,464.50 plus delivery.", "says what delivery costs when they accept")
	says(t, ana.Get(asked.Location), strip, "What delivery costs, in pounds")
	says(t, ana.Get("/studio/orders"), "£1,450.00 + £14.50 insurance; you quote delivery", "What delivery costs, in pounds")
	says(t, ana.Get("/notifications"), "£1,464.50 plus delivery")

	if letters := fmt.Sprint(letters(t, site)); !strings.Contains(letters, "With insurance that is £1,464.50, plus delivery, which the artist quotes when accepting.") {
		t.Error(letters)
	}

	for _, in := range []string{"page", "list"} {
		a := ana.Post(asked.Location+"/acceptance", "in", in, "delivery", "a lot")
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="a lot"`) || !regexp.MustCompile(`aria-invalid="true" aria-describedby="delivery-\d+-error`).MatchString(a.Body) {
			t.Errorf("%d, without what was typed or what is wrong with it", a.Status)
		}
		says(t, a, "Enter pounds, for example 45 or 45.50; 0 for nothing.")
		if a := ana.PostHX(asked.Location+"/acceptance", "in", in, "delivery", ""); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, "<html") {
			t.Errorf("the panel again: %d", a.Status)
		}
	}
	if a := ben.Post(asked.Location+"/acceptance", "delivery", "1"); a.Status != http.StatusForbidden {
		t.Errorf("quoted by the collector: %d", a.Status)
	}
	if a := ana.Post(asked.Location+"/acceptance", "delivery", "120"); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	says(t, ben.Get(asked.Location), "Delivery£120.00Insurance£14.50Total£1,584.50The artist receives£1,584.50", "Pay £1,584.50")
	if letters := fmt.Sprint(letters(t, site)); !strings.Contains(letters, "Pay £1,584.50 by") {
		t.Error(letters)
	}
}

// letters are the texts of all letters, as those who develop the market read them.
func letters(t *testing.T, site *handlertest.Site) (texts []string) {
	t.Helper()
	v := site.Visitor(t)
	list := v.Get("/dev/mail").Body
	for _, path := range regexp.MustCompile(`/dev/mail/\d+`).FindAllString(list, -1) {
		texts = append(texts, strings.Join(strings.Fields(markup.ReplaceAllString(v.Get(path).Body, " ")), " "))
	}
	if len(texts) == 0 {
		t.Error("no letters")
	}
	return texts
}

func TestDeliveryPage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300)
	ana, ben := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Ben)
	says(t, ana.Get("/studio/orders"), "Delivery and collection")
	a := ana.Post("/studio/delivery", "rate-1", "dear", "rate-3", "25", "collection", "1", "words", "")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="dear"`) || !strings.Contains(a.Body, `value="25"`) || !strings.Contains(a.Body, `href="#rate-1"`) {
		t.Errorf("refused: %d", a.Status)
	}
	says(t, a, "Enter pounds, for example 45 or 45.50; 0 for nothing.", "Say when works can be collected, and roughly where.")
	if a := ana.Get("/studio/delivery"); strings.Contains(a.Body, `value="25"`) {
		t.Error("a refused form was kept")
	}
	if a := ana.Post("/studio/delivery", "rate-1", "", "rate-3", "25.5", "collection", "1", "words", "Weekdays, near the canal."); a.Location != "/studio/delivery" {
		t.Fatalf("%d to %q", a.Status, a.Location)
	}
	kept := ana.Get("/studio/delivery")
	if !strings.Contains(kept.Body, `value="25.50"`) || !regexp.MustCompile(`id="collection"[^>]*checked`).MatchString(kept.Body) {
		t.Error("not kept")
	}
	says(t, kept, "Kept.", "Weekdays, near the canal.")
	page := fmt.Sprintf("/artworks/%d-sill", work)
	says(t, ben.Get(page), "Delivery£25.50", "Collected from the studio in Leeds")
	says(t, site.Visitor(t).Get(page), "CollectionFrom the studio in Leeds")
	says(t, site.Visitor(t).Get("/artworks?to=BS1"), "£1,490 delivered to BS1")
}

func TestCollectionPages(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	if err := site.Store.SetDeliveryTerms(t.Context(), site.Ana, store.DeliveryForm{Collection: true, Words: "Weekdays, near the canal."}); err != nil {
		t.Fatal(err)
	}
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-sill", work)
	ben, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	if a := ben.Get(fmt.Sprintf("/artworks/%d/quote?collect=1", work)); a.Location != page+"?collect=1" && !strings.HasSuffix(a.Location, "?collect=1") {
		t.Errorf("to %q", a.Location)
	}
	const strip = "Price£1,450.00Collected from the studio£0.00Total£1,450.00The artist receives£1,450.00"
	part := ben.HX(fmt.Sprintf("/artworks/%d/quote?collect=1", work))
	says(t, part, strip, "Weekdays, near the canal.", "You are told the exact address when you have paid.")
	offer := ben.Get(page + "?collect=1")
	says(t, offer, strip)
	if strings.Contains(offer.Body, site.Ana.Address) || strings.Contains(offer.Body, `name="address"`) || strings.Contains(offer.Body, `id="postcode"`) {
		t.Error("an address is asked for, or told")
	}
	fields := []string{"collect", "1", "seen", hidden(t, offer.Body, "seen"), "key", hidden(t, offer.Body, "key")}
	long := ben.Post(fmt.Sprintf("/artworks/%d/orders", work), append(fields, "note", strings.Repeat("a", 501))...)
	if long.Status != http.StatusUnprocessableEntity || !strings.Contains(long.Body, `name="collect" value="1"`) {
		t.Errorf("a long note: %d, or the choice was lost", long.Status)
	}
	asked := ben.Post(fmt.Sprintf("/artworks/%d/orders", work), fields...)
	if asked.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", asked.Status, asked.Body)
	}
	var id int64
	if _, err := fmt.Sscanf(asked.Location, "/orders/%d", &id); err != nil {
		t.Fatal(err)
	}
	says(t, ben.Get(asked.Location), strip, "To be collected", "From the studio in Leeds.")
	says(t, ana.Get("/studio/orders"), "Ben Okoro, to be collected", "£1,450.00, to be collected")
	if err := site.Store.AcceptOrder(t.Context(), site.Ana, id); err != nil {
		t.Fatal(err)
	}
	if a := ben.Get(asked.Location); strings.Contains(a.Body, site.Ana.Address) {
		t.Error("the address is told before it is paid")
	}
	if outcome, err := site.Pay(site.Ben, id); outcome != store.Settled || err != nil {
		t.Fatal(outcome, err)
	}
	says(t, ben.Get(asked.Location), site.Ana.Address, site.Ana.Postcode, "agree on a time")
	if a := ana.Post(asked.Location+"/shipment", "carrier", "DPD", "tracking", "1550"); a.Status != http.StatusConflict {
		t.Errorf("sent: %d", a.Status)
	}
	says(t, ana.Get("/studio/orders"), "Ready for collection")
	if a := ana.Post(asked.Location + "/collection"); a.Location != asked.Location {
		t.Fatalf("ready: %d to %q", a.Status, a.Location)
	}
	paid := ben.Get(asked.Location)
	code := regexp.MustCompile(`\d{3} \d{3}`).FindString(markup.ReplaceAllString(paid.Body[strings.Index(paid.Body, "Collection code"):], ""))
	says(t, paid, "Ready for collection", "Collection code", "I have collected it", "Ana James made Sill ready for collection.")
	says(t, ben.Get("/notifications"), "made Sill ready for collection.", "The code is on the order’s page")
	says(t, ben.Get("/purchases"), code)
	readiness := ana.Get(asked.Location)
	says(t, readiness, "Collection code", "Handed over")
	if code == "" || strings.Contains(readiness.Body, code) || strings.Contains(readiness.Body, strings.ReplaceAll(code, " ", "")) {
		t.Errorf("the artist sees the code %q", code)
	}
	for typed, sentence := range map[string]string{"12": "Enter the six digits that the collector shows you.", "abcdef": "Enter the six digits"} {
		a := ana.Post(asked.Location+"/handover", "code", typed)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="`+typed+`"`) {
			t.Errorf("%q: %d", typed, a.Status)
		}
		says(t, a, sentence)
	}
	wrong := "111111"
	if strings.ReplaceAll(code, " ", "") == wrong {
		wrong = "222222"
	}
	for _, left := range []string{"4 tries are left", "3 tries are left", "2 tries are left", "One try is left", "Wait an hour"} {
		says(t, ana.PostHX(asked.Location+"/handover", "code", wrong), "That is not the code of this order. "+left)
	}
	if a := ana.Post(asked.Location+"/handover", "code", code); a.Status != http.StatusTooManyRequests {
		t.Errorf("a sixth try: %d", a.Status)
	}
	site.Clock.Advance(time.Hour)
	if a := ana.Post(asked.Location+"/handover", "code", code); a.Location != asked.Location {
		t.Fatalf("handed over: %d\n%s", a.Status, a.Body)
	}
	says(t, ben.Get(asked.Location), "Ana James handed over Sill.", "Completed")
	says(t, ana.Get(asked.Location), "You handed over Sill.")
	if a := ben.Get(asked.Location); strings.Contains(a.Body, code) || strings.Contains(a.Body, site.Ana.Address) {
		t.Error("the code or the address is still told")
	}
	all := fmt.Sprint(letters(t, site))
	for _, want := range []string{"It is collected from the studio, so nothing is added.", "comes to collect it", "Sill is ready for collection", "handed it over by the code that you showed"} {
		if !strings.Contains(all, want) {
			t.Errorf("no letter says %q", want)
		}
	}
	if strings.Contains(all, site.Ana.Address) || strings.Contains(all, strings.ReplaceAll(code, " ", "")) {
		t.Error("a letter carries the address or the code")
	}
}

func TestPriceHistoryOnThePage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill", Price: 100000}, 400, 300)
	page := fmt.Sprintf("/artworks/%d-sill", work)
	visitor, ben := site.Visitor(t), site.SignedIn(t, site.Ben)
	if a := visitor.Get(page); strings.Contains(a.Body, "Price history") {
		t.Error("one price has a history")
	}
	site.Ask(t, site.Ben, work)
	site.Clock.Advance(48 * time.Hour)
	if _, err := site.DB.Exec(`UPDATE artworks SET price = 80000, updated_at = $1`, site.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	a := ben.Get(page)
	says(t, a, "Price historyFromPrice 3 June 2026£800.001 June 2026£1,000.00")
	if strings.Contains(a.Body, "Given to") {
		t.Error("it was given to nobody")
	}
	if a := site.SignedIn(t, site.Ana).Post(fmt.Sprintf("/artworks/%d/requests/price", work)); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	for range 500 { // the page that visitors share is renewed when the market hears of it
		if a = visitor.Get(page); strings.Contains(a.Body, "Given to") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	says(t, a, "3 June 2026Given to those who had asked before, too£800.00")
}
