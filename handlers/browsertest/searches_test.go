package browsertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPagesOfSearches lets axe-core look at saved searches, at what they tell, and
// at a gallery with its covers, on a desk and on a phone, in both lights.
func TestPagesOfSearches(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	search, _, err := site.Store.SaveSearch(context.Background(), site.Ben, store.Filter{Query: "north", ForSale: true}, "North, for sale")
	if err != nil {
		t.Fatal(err)
	}
	stop := searchLetter(t, site, search)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 1200, 900)
	site.OpenGallery(t, site.Ben, work)
	for _, l := range []look{desk, phone} {
		for _, evening := range []bool{false, true} {
			l.Evening = evening
			ben := open(t, site, "Ben", l)
			ben.signIn(site.Ben)
			for _, path := range []string{"/searches", "/searches/new?q=north&sale=1&medium=painting&town=Leeds", "/artworks?sale=1&colour=blue", "/notifications", "/gallery", stop} {
				ben.visit(path)
				ben.inspect("collector" + path)
			}
			ben.visit("/searches")
			ben.press(fmt.Sprintf("#search-%d summary", search.ID))
			ben.fill(fmt.Sprintf("#name-%d", search.ID), " ")
			ben.pressText("Keep the changes")
			ben.sees("Give the search a name")
			ben.inspect("collector/searches refused")
		}
	}
}

// searchLetter lets a search of Ben's find a new work, for a notification and a
// letter, and returns where that letter is stopped.
func searchLetter(t *testing.T, site *handlertest.Site, search store.SavedSearch) string {
	t.Helper()
	ctx := context.Background()
	err := site.Store.UpdateSearch(ctx, site.Ben, search.ID, store.SearchForm{Name: search.Name, Notify: true, Letter: store.DailyLetter})
	work := site.Work(t, site.Dora, storetest.Work{Title: "North wall", State: store.Draft})
	if err == nil {
		err = site.Store.SetListed(ctx, site.Dora, work, true)
	}
	if err == nil {
		_, err = site.Store.TellOfNewWorks(ctx)
	}
	site.Clock.Advance(24 * time.Hour)
	if err == nil {
		_, err = site.Store.WriteDigests(ctx)
	}
	letters, listErr := site.Store.RecentLetters(ctx, 1)
	if err = errors.Join(err, listErr); err != nil || letters[0].Digest == nil {
		t.Fatalf("%+v, %v", letters, err)
	}
	return "/digest/stop/" + letters[0].Digest.StopToken
}
