package handlers_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestAVisitorSavesASearchThroughTheDoor(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	b := site.Visitor(t)
	hides(t, "a list without filters", b.Get("/artworks?sort=price"), "Save this search")
	list := b.Get("/artworks?q=north+light&medium=painting&sort=price")
	link := regexp.MustCompile(`href="(/searches/new[^"]*)"`).FindStringSubmatch(list.Body)
	if link == nil {
		t.Fatal("the list does not say where to save its search")
	}
	a := b.Get(html.UnescapeString(link[1]))
	door, err := url.Parse(a.Location)
	if err != nil || a.Status != http.StatusSeeOther || door.Path != "/login" {
		t.Fatalf("%d to %q", a.Status, a.Location)
	}
	a = b.Post("/login", "email", site.Ben.Email, "password", storetest.Password, "next", door.Query().Get("next"))
	form := b.Get(a.Location)
	shows(t, "the form", form, http.StatusOK, `value="“north light”, painting"`)
	action := regexp.MustCompile(`action="(/searches\?[^"]*)"`).FindStringSubmatch(form.Body)
	if action == nil {
		t.Fatal("the form leads nowhere")
	}
	to := html.UnescapeString(action[1])
	long := strings.Repeat("n", 101)
	shows(t, "a long name", b.Post(to, "name", long), http.StatusUnprocessableEntity, long, "That is 101 characters", `aria-invalid="true"`)
	if a = b.Post(to, "name", "Ana’s windows"); a.Status != http.StatusSeeOther || a.Location != "/searches" {
		t.Fatalf("%d to %q", a.Status, a.Location)
	}
	shows(t, "the list of searches", b.Get("/searches"), http.StatusOK, "Ana’s windows", "Nothing matches now", `href="/artworks?medium=painting&amp;q=north+light"`)
	b.Post(to, "name", "Again")
	shows(t, "saved twice", b.Get("/searches"), http.StatusOK, "already, as “Ana’s windows”")
}

func TestASearchIsChangedAndDeleted(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	b := site.SignedIn(t, site.Ana) // artists collect searches too
	search, _, err := site.Store.SaveSearch(context.Background(), site.Ana, store.Filter{ForSale: true}, "For sale")
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/searches/%d", search.ID)
	shows(t, "without a name", b.Post(path, "name", " ", "letter", "weekly"), http.StatusUnprocessableEntity, "Give the search a name.", `value="weekly" selected`, "<details open>")
	if a := b.Post(path, "name", "All of it", "letter", "daily"); a.Status != http.StatusSeeOther {
		t.Errorf("change: %d", a.Status)
	}
	shows(t, "changed", b.Get("/searches"), http.StatusOK, "All of it", "New works: a letter a day at most")
	if a := b.Post(path, "_method", "DELETE"); a.Status != http.StatusSeeOther {
		t.Errorf("delete: %d", a.Status)
	}
	shows(t, "deleted", b.Get("/searches"), http.StatusOK, "No search is saved yet")
}

// TestALetterIsStoppedByItsLink asks as a person does, and as a mail program does.
func TestALetterIsStoppedByItsLink(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	search, _, err := site.Store.SaveSearch(ctx, site.Ben, store.Filter{ForSale: true}, "For sale")
	if err != nil {
		t.Fatal(err)
	}
	daily := func() {
		if err := site.Store.UpdateSearch(ctx, site.Ben, search.ID, store.SearchForm{Name: "For sale", Letter: store.DailyLetter}); err != nil {
			t.Fatal(err)
		}
	}
	stopped := func() bool {
		list, err := site.Store.SavedSearches(ctx, site.Ben)
		return err == nil && list[0].Letter == store.NoLetter
	}
	daily()
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill", State: store.Draft})
	if err := site.Store.SetListed(ctx, site.Ana, work, true); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Store.TellOfNewWorks(ctx); err != nil {
		t.Fatal(err)
	}
	site.Clock.Advance(24 * 3600e9)
	if n, err := site.Store.WriteDigests(ctx); n != 1 || err != nil {
		t.Fatalf("%d letters, %v", n, err)
	}
	letters, err := site.Store.RecentLetters(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	path := "/digest/stop/" + letters[0].Digest.StopToken
	shows(t, "the letter", site.Visitor(t).Get(fmt.Sprintf("/dev/mail/%d", letters[0].ID)), http.StatusOK, "by Ana James", "New works for “For sale”", path)
	shows(t, "the question", site.Visitor(t).Get(path), http.StatusOK, "No more letters about your searches", "No more letters at all")
	if stopped() {
		t.Error("asking stopped them")
	}
	shows(t, "one click", site.Visitor(t).Post(path, "List-Unsubscribe", "One-Click"), http.StatusOK, "No more letters come about your searches.")
	if !stopped() {
		t.Error("the letters go on")
	}
	daily()
	shows(t, "a forged link", site.Visitor(t).Post(path[:len(path)-2]+"AA"), http.StatusNotFound)
	if stopped() {
		t.Error("a forged link stopped them")
	}
}

// TestAnOrderRemembersTheGallery opens a work from a gallery, and asks for it.
func TestAnOrderRemembersTheGallery(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill", Quantity: 1})
	gallery := site.OpenGallery(t, site.Cleo, work)
	if err := site.Store.UpdateGallery(ctx, site.Cleo, "Quiet rooms", ""); err != nil {
		t.Fatal(err)
	}
	ben := site.SignedIn(t, site.Ben)
	from := fmt.Sprintf("/artworks/%d-sill?from=%d", work, gallery)
	shows(t, "the gallery", ben.Get(fmt.Sprintf("/galleries/%d", gallery)), http.StatusOK, `href="`+from+`"`)
	page := ben.Get(from)
	shows(t, "the work", page, http.StatusOK, fmt.Sprintf(`name="from" value="%d"`, gallery), fmt.Sprintf(`rel="canonical" href="%s/artworks/%d-sill"`, site.URL, work))
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(page.Body)
	a := ben.Post(fmt.Sprintf("/artworks/%d/orders", work), "seen", seen[1], "address", "1 Quay", "town", "Bristol", "postcode", "BS1 6SN", "from", fmt.Sprint(gallery))
	const credit = "“Quiet rooms”</a>, curated by Cleo Marsh"
	shows(t, "the collector's order", ben.Get(a.Location), http.StatusOK, credit)
	ana := site.SignedIn(t, site.Ana)
	shows(t, "the artist's order", ana.Get(a.Location), http.StatusOK, credit)
	cleo := site.SignedIn(t, site.Cleo)
	hides(t, "a request alone", cleo.Get("/gallery"), "found a home")
	var order int64
	if _, err := fmt.Sscanf(a.Location, "/orders/%d", &order); err != nil {
		t.Fatal(err)
	}
	if err := site.Store.AcceptOrder(ctx, site.Ana, order); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Pay(site.Ben, order); err != nil {
		t.Fatal(err)
	}
	shows(t, "the curator's side", cleo.Get("/gallery"), http.StatusOK, "1 work found a home from here")
	hides(t, "the curator's side", cleo.Get("/gallery"), "Ben", "Okoro")
	if err := site.Store.ShowGallery(ctx, site.Cleo, store.PrivateGallery); err != nil {
		t.Fatal(err)
	}
	for who, b := range map[string]*handlertest.Browser{"the artist": ana, "the collector": ben} {
		private := b.Get(a.Location)
		shows(t, who, private, http.StatusOK, "a gallery that is not public now")
		hides(t, who, private, "Quiet rooms", "Cleo")
	}
}

// TestNoOrderRemembersAGalleryThatIsNone tries galleries that an order may not name.
func TestNoOrderRemembersAGalleryThatIsNone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	work, other := site.Work(t, site.Ana, storetest.Work{Quantity: 1}), site.Work(t, site.Ana, storetest.Work{})
	own := site.OpenGallery(t, site.Ben, work)
	bare := site.OpenGallery(t, site.Cleo, other)
	ask := func(gallery int64) store.Order {
		q, err := site.Store.QuoteArtwork(ctx, work, site.Ben.Postcode)
		if err != nil {
			t.Fatal(err)
		}
		o, err := site.Store.RequestOrder(ctx, site.Ben, work, store.Request{Address: "1 Quay", Town: "Bristol", Postcode: site.Ben.Postcode, Seen: q.Total(), Gallery: gallery})
		if err == nil {
			err = site.Store.CancelOrder(ctx, site.Ben, o.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	for what, gallery := range map[string]int64{"one's own": own, "one without the work": bare, "none": 999999, "junk": -1} {
		if o := ask(gallery); o.GalleryID != 0 {
			t.Errorf("%s is remembered", what)
		}
	}
	if _, err := site.Store.SaveArtwork(ctx, site.Cleo, 0, work); err != nil {
		t.Fatal(err)
	}
	if o := ask(bare); o.GalleryID != bare {
		t.Error("the right one is not remembered")
	}
	if err := site.Store.ShowGallery(ctx, site.Cleo, store.LinkGallery); err != nil {
		t.Fatal(err)
	}
	if o := ask(bare); o.GalleryID != 0 {
		t.Error("one for those with its link is remembered")
	}
}

func TestACoverStandsForAGallery(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	first := site.Hang(t, site.Ana, storetest.Work{Title: "First"}, 1200, 900)
	second := site.Hang(t, site.Ana, storetest.Work{Title: "Second"}, 1200, 900)
	gallery := site.OpenGallery(t, site.Ben, first, second)
	image := func() string {
		m := regexp.MustCompile(`property="og:image" content="[^"]*/artworks/(\d+)/card.jpg`).FindStringSubmatch(site.Visitor(t).Get(fmt.Sprintf("/galleries/%d", gallery)).Body)
		if m == nil {
			t.Fatal("no picture for others")
		}
		return m[1]
	}
	before := image()
	ben := site.SignedIn(t, site.Ben)
	cover := fmt.Sprintf("/gallery/artworks/%d/cover", second)
	if a := site.SignedIn(t, site.Cleo).Post(cover, "cover", "1"); a.Status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", a.Status)
	}
	ben.Post(fmt.Sprintf("/gallery/artworks/%d/cover", first), "cover", "1")
	if a := ben.PostHX(cover, "cover", "1"); a.Status != http.StatusOK || strings.Count(a.Body, "Cover: take back") != 1 {
		t.Errorf("cover: %d\n%s", a.Status, a.Body)
	}
	if image() == before {
		t.Error("the cover is not what others show")
	}
	list := site.Visitor(t).Get("/galleries").Body
	if one, two := strings.Index(list, "-second?from="), strings.Index(list, "-first?from="); one < 0 || two < 0 || one > two {
		t.Errorf("the cover is not first in the list: %d, %d", one, two)
	}
	ben.Post(cover, "cover", "0")
	if image() != before {
		t.Error("the first work is not the cover again")
	}
}
