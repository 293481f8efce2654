package browsertest

import (
	"context"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPagesOfFollowing lets axe-core look at portfolios and what follows them.
func TestPagesOfFollowing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 1200, 900)
	series, err := site.Store.SaveSeries(ctx, site.Ana, 0, "Windows", "One sill.")
	if err == nil {
		err = site.Store.PutInSeries(ctx, site.Ana, series, work)
	}
	if err == nil {
		err = site.Store.SaveExhibitions(ctx, site.Ana, []store.ExhibitionForm{{Year: "2024", What: "Slow light"}})
	}
	if err == nil {
		err = site.Store.UpdateStatement(ctx, site.Ana, "Slow light.")
	}
	if err == nil {
		_, err = site.Store.Follow(ctx, site.Ana, "dora")
	}
	if err == nil {
		err = site.Store.RequestDigest(ctx, "ana", "reader@example.net", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	letters, err := site.Store.RecentLetters(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, evening := range []bool{false, true} {
		l := phone
		l.Evening = evening
		ana := open(t, site, "Ana", l)
		for _, path := range []string{"/artists/ana", "/artists/ana/series/1-windows", "/artists?letter=j", "/digest/confirmation/" + letters[0].ConfirmToken} {
			ana.visit(path)
			ana.inspect("visitor" + path)
		}
		ana.signIn(site.Ana)
		for _, path := range []string{"/artists/dora", "/following", "/studio/portfolio", "/studio/series/1"} {
			ana.visit(path)
			ana.inspect("artist" + path)
		}
	}
}
