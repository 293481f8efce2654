package handlers_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPapers: each party finds its paper from the order's page, and reads there
// what the order says.
func TestPapers(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill & Ledge", Edition: store.LimitedEdition, Size: 5, Quantity: 3})
	o := site.Order(t, site.Ben, work, store.ReadyToShip)
	unpaid := site.Order(t, site.Cleo, work, store.Accepted)
	home := fmt.Sprintf("/orders/%d", o.ID)
	ben, ana, cleo := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana), site.SignedIn(t, site.Cleo)

	if body := ben.Get(home).Body; !strings.Contains(body, home+"/receipt") || strings.Contains(body, home+"/statement") {
		t.Error("the order's page does not lead Ben to the receipt, or leads him to the statement")
	}
	if body := ana.Get(home).Body; !strings.Contains(body, home+"/statement") || strings.Contains(body, home+"/receipt") {
		t.Error("the order's page does not lead Ana to the statement, or leads her to the receipt")
	}
	if body := cleo.Get(fmt.Sprintf("/orders/%d", unpaid.ID)).Body; strings.Contains(body, "/receipt") {
		t.Error("an order that is not paid leads to a receipt")
	}
	receipt, statement := ben.Get(home+"/receipt"), ana.Get(home+"/statement")
	for _, a := range []handlertest.Answer{receipt, statement} {
		if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("a paper: %d, %s", a.Status, a.Header.Get("Cache-Control"))
		}
		for _, sum := range []string{o.Price.String(), o.Delivery.String(), o.Cover.String(), o.Total.String(), "Sill &amp; Ledge", "Ana James", "Ben Okoro", "1 June 2026",
			fmt.Sprintf("Number %d of 5", o.EditionNumber), "60 × 80 × 4 cm", "oil on linen", "test gateway"} {
			if !strings.Contains(a.Body, sum) {
				t.Errorf("a paper without %q", sum)
			}
		}
	}
	if strings.Contains(receipt.Body, site.Ben.Address) || !strings.Contains(receipt.Body, "The artist receives") || !strings.Contains(receipt.Body, "not a VAT invoice") {
		t.Error("the receipt says more than it should, or less")
	}
	if !strings.Contains(statement.Body, site.Ben.Address) || !strings.Contains(statement.Body, "The artist receives") {
		t.Error("the statement lacks the address or what the artist receives")
	}
	for path, want := range map[string]int{"/receipt": 404, "/statement": 404, "/credit-notes/1": 404} {
		if a := cleo.Get(home + path); a.Status != want {
			t.Errorf("Cleo gets %s: %d", path, a.Status)
		}
	}
	if a := ben.Get(home + "/statement"); a.Status != http.StatusForbidden {
		t.Errorf("Ben gets the statement: %d", a.Status)
	}
	if a := ana.Get(home + "/receipt"); a.Status != http.StatusForbidden {
		t.Errorf("Ana gets the receipt: %d", a.Status)
	}
	for _, junk := range []string{"/credit-notes/0", "/credit-notes/x", "/credit-notes/1"} {
		if a := ben.Get(home + junk); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", junk, a.Status)
		}
	}
}

// TestStatements: the list and the file have every sale, and no other artist's.
func TestStatements(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ana := site.SignedIn(t, site.Ana)
	if a := ana.Get("/studio/statements"); !strings.Contains(a.Body, "No statement yet") {
		t.Error("a list of nothing does not say so")
	}
	const sales = 33
	for i, payer := range site.Collectors(t, sales) {
		site.Order(t, payer, site.Work(t, site.Ana, storetest.Work{Title: fmt.Sprintf("=Work %d", i), NoImage: true}), store.ReadyToShip)
	}
	site.Order(t, site.Ben, site.Work(t, site.Dora, storetest.Work{Title: "Not Ana’s"}), store.ReadyToShip)
	first := ana.Get("/studio/statements")
	if n := strings.Count(first.Body, "/statement\""); n != 30 {
		t.Errorf("the first page has %d", n)
	}
	_, rest, _ := strings.Cut(first.Body, "/studio/statements?after=")
	next, _, _ := strings.Cut(rest, `"`)
	for _, page := range []handlertest.Answer{ana.Get("/studio/statements?after=" + next), ana.HX("/studio/statements?after=" + next)} {
		if n := strings.Count(page.Body, "/statement\""); n != sales-30 || strings.Contains(page.Body, "Not Ana’s") {
			t.Errorf("the second page has %d", n)
		}
	}
	a := ana.Get("/studio/statements.csv")
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil || len(rows) != sales+1 || rows[1][0] != fmt.Sprintf("S%d-0001", site.Ana.ID) || rows[1][5] != "'=Work 0" || rows[sales][0] != fmt.Sprintf("S%d-%04d", site.Ana.ID, sales) {
		t.Errorf("%d rows, %v: %q", len(rows), err, rows[1])
	}
	if strings.Contains(a.Body, "1 Mill Lane") {
		t.Error("an address is in the file")
	}
}
