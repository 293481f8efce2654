package handlers_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// sendToLogin stands for a redirect to the door in place of a status.
const sendToLogin = -1

// access is a route's answer to each role: a visitor, the collector Ben whose
// order and gallery are asked for, another collector, the artist Ana whose work
// it is, another artist.
type access struct{ visitor, ben, cleo, ana, dora int }

func everybody(status int) access { return access{status, status, status, status, status} }

func membersOnly(status int) access { return access{sendToLogin, status, status, status, status} }

func artistsOnly(status int) access {
	return access{sendToLogin, http.StatusForbidden, http.StatusForbidden, status, status}
}

func collectorsOnly(status int) access {
	return access{sendToLogin, status, status, http.StatusForbidden, http.StatusForbidden}
}

// parties is for the two parties of Ben's order for Ana's work.
func parties(ben, ana int) access { return access{sendToLogin, ben, 404, ana, 404} }

// owner is for things of Ana's alone.
func owner(ana int) access { return access{sendToLogin, 403, 403, ana, 404} }

// expected is what every route answers to everybody. Requests carry no form, so
// changes that need one are refused for it, but only to those who may make them.
var expected = map[string]access{
	"GET /healthz":                      everybody(200),
	"GET /readyz":                       everybody(200),
	"GET /robots.txt":                   everybody(200),
	"GET /sitemap.xml":                  everybody(200),
	"GET /sitemaps/:part":               everybody(200),
	"GET /static/*":                     everybody(404), // of no file
	"HEAD /static/*":                    everybody(404),
	"GET /":                             everybody(200),
	"GET /about":                        everybody(200),
	"GET /artists":                      everybody(200),
	"GET /artists/:username":            everybody(200),
	"GET /artists/:username/series/:id": everybody(404), // of none
	"POST /artists/:username/digest":    everybody(422),
	"GET /digest/confirmation/:token":   everybody(404),
	"POST /digest/confirmation/:token":  everybody(404),
	"GET /digest/stop/:token":           everybody(404),
	"POST /digest/stop/:token":          everybody(404),
	"GET /artworks":                     everybody(200),
	"GET /artworks/:id":                 everybody(200),
	"GET /galleries":                    everybody(200),
	"GET /artists/:username/feed":       everybody(200),
	"GET /artworks/:id/card":            everybody(200),
	"GET /oembed":                       everybody(404), // of nothing
	"GET /artworks.atom":                everybody(200),
	"GET /galleries/:id/feed":           everybody(404),            // private
	"GET /galleries/:id":                {404, 200, 404, 404, 404}, // private
	"GET /images/:key/:size":            everybody(200),
	"POST /light":                       everybody(303),
	"GET /login":                        {200, 303, 303, 303, 303},
	"POST /login":                       everybody(422),
	"POST /logout":                      everybody(303),
	"GET /password-reset":               everybody(200),
	"POST /password-reset":              everybody(422),
	"GET /register":                     {200, 303, 303, 303, 303},
	"POST /register":                    everybody(422),
	"GET /dev/mail":                     everybody(200),
	"GET /dev/mail/:id":                 everybody(200), // in DEV alone
	"GET /dev/mail/:id/html":            everybody(200),
	"POST /webhooks/payments":           everybody(400),
	"GET /artworks/:id/card.jpg":        everybody(200),
	"GET /search":                       everybody(303), // to the list, but for HTMX

	"GET /account":                    membersOnly(200),
	"POST /account":                   membersOnly(422),
	"POST /account/letters":           membersOnly(303),
	"GET /account/password":           membersOnly(200),
	"POST /account/password":          membersOnly(422),
	"GET /account/sessions":           membersOnly(200),
	"DELETE /account/sessions":        membersOnly(303),
	"DELETE /account/sessions/others": membersOnly(303),
	"DELETE /account/sessions/:id":    membersOnly(404),
	"GET /events":                     membersOnly(200),
	"GET /notifications":              membersOnly(200),
	"GET /notifications/badge":        membersOnly(200),
	"POST /notifications/viewed":      membersOnly(303),
	"GET /searches":                   membersOnly(200),
	"POST /searches":                  membersOnly(303), // of no filter: back to the list
	"GET /searches/new":               membersOnly(303),
	"POST /searches/:id":              {sendToLogin, 422, 404, 404, 404},
	"DELETE /searches/:id":            {sendToLogin, 303, 404, 404, 404},

	"POST /artists/:username/followers":   {sendToLogin, 303, 303, 409, 303},
	"DELETE /artists/:username/followers": {sendToLogin, 303, 303, 409, 303},
	"GET /following":                      membersOnly(200),
	"POST /following/digest":              membersOnly(303),

	"GET /artworks/:id/question":               {sendToLogin, 200, 200, 403, 200},
	"POST /artworks/:id/question":              {sendToLogin, 422, 422, 403, 422},
	"GET /conversations":                       membersOnly(200),
	"GET /conversations/:id":                   parties(200, 200),
	"GET /conversations/:id/messages":          parties(303, 303),
	"POST /conversations/:id/messages":         parties(422, 422),
	"GET /conversations/:id/pictures/:picture": parties(404, 404), // of none
	"POST /conversations/:id/viewed":           parties(303, 303),

	"GET /orders/:id":               parties(200, 200),
	"GET /orders/:id/panel":         parties(200, 200),
	"POST /orders/:id/acceptance":   parties(403, 303),
	"POST /orders/:id/line":         parties(403, 409), // a piece is free
	"GET /orders/:id/decline":       parties(303, 200),
	"POST /orders/:id/decline":      {sendToLogin, 403, 404, 422, 404},
	"GET /orders/:id/cancellation":  parties(200, 303),
	"POST /orders/:id/cancellation": parties(303, 403),
	"POST /orders/:id/payment":      parties(409, 403),
	"GET /orders/:id/payment":       parties(303, 303),

	"POST /orders/:id/cancellation/refusal": parties(403, 409),
	"GET /orders/:id/calling-off":           parties(303, 303),
	"POST /orders/:id/calling-off":          parties(403, 409),
	"GET /orders/:id/withdrawal":            parties(303, 303),
	"POST /orders/:id/withdrawal":           parties(409, 403),
	"GET /orders/:id/refunds":               parties(303, 303),
	"POST /orders/:id/refunds":              parties(403, 409),
	"POST /orders/:id/piece":                parties(403, 409),
	"POST /orders/:id/shipment":             parties(403, 409), // it is not paid
	"POST /orders/:id/packing":              parties(403, 409),
	"GET /orders/:id/packing/:picture":      parties(404, 404), // of none
	"DELETE /orders/:id/packing/:picture":   parties(403, 409),
	"POST /orders/:id/completion":           parties(409, 403),
	"POST /orders/:id/collection":           parties(403, 409),
	"POST /orders/:id/handover":             parties(403, 409),

	"POST /orders/:id/transfer/arrival":    parties(403, 409),
	"POST /orders/:id/transfer/absence":    parties(403, 409),
	"POST /orders/:id/transfer/return":     {sendToLogin, 404, 404, 404, 404}, // of no refund
	"GET /orders/:id/receipt":              parties(404, 403),                 // of no sale yet
	"GET /orders/:id/statement":            parties(403, 404),
	"GET /orders/:id/credit-notes/:number": parties(404, 404),

	"GET /studio":                                 artistsOnly(200),
	"GET /studio/portfolio":                       artistsOnly(200),
	"POST /studio/portfolio/statement":            artistsOnly(303),
	"POST /studio/portfolio/exhibitions":          artistsOnly(303),
	"POST /studio/series":                         artistsOnly(422),
	"GET /studio/series/:id":                      artistsOnly(404), // of none
	"POST /studio/series/:id":                     artistsOnly(404),
	"DELETE /studio/series/:id":                   artistsOnly(404),
	"POST /studio/series/:id/position":            artistsOnly(422),
	"POST /studio/series/:id/artworks":            artistsOnly(404),
	"DELETE /studio/series/:id/artworks/:artwork": artistsOnly(404),
	"GET /studio/orders":                          artistsOnly(200),
	"GET /studio/orders/waiting":                  artistsOnly(200),
	"GET /studio/payments":                        artistsOnly(200),
	"POST /studio/payments/setup":                 artistsOnly(404), // the test gateway has no accounts
	"GET /studio/payments/return":                 artistsOnly(303),
	"GET /studio/payments/refresh":                artistsOnly(303),
	"GET /studio/holiday":                         artistsOnly(200),
	"POST /studio/holiday":                        artistsOnly(422),
	"DELETE /studio/holiday":                      artistsOnly(303),
	"GET /studio/delivery":                        artistsOnly(200),
	"POST /studio/delivery":                       artistsOnly(303), // all fields empty
	"GET /studio/export.csv":                      artistsOnly(200),
	"GET /studio/orders.csv":                      artistsOnly(200),
	"GET /studio/bank-details":                    artistsOnly(200),
	"POST /studio/bank-details":                   artistsOnly(422),
	"GET /studio/statements":                      artistsOnly(200),
	"GET /studio/statements.csv":                  artistsOnly(200),
	"GET /studio/import":                          artistsOnly(200),
	"POST /studio/import":                         artistsOnly(422),
	"GET /studio/import/:upload":                  artistsOnly(404),
	"POST /studio/import/:upload":                 artistsOnly(404),
	"GET /studio/imports/:id":                     artistsOnly(404),
	"GET /studio/imports/:id/rejected.csv":        artistsOnly(404),
	"POST /studio/imports/:id/listing":            artistsOnly(404),
	"GET /artworks/new":                           artistsOnly(200),
	"GET /artworks/new/label":                     artistsOnly(200),
	"POST /artworks":                              artistsOnly(200),
	"GET /artworks/images/:id":                    owner(200),

	"POST /artworks/uploads":           artistsOnly(422),
	"GET /artworks/uploads/:upload":    artistsOnly(404),
	"PATCH /artworks/uploads/:upload":  artistsOnly(400),
	"DELETE /artworks/uploads/:upload": artistsOnly(204),

	"GET /artworks/:id/edit":            owner(200),
	"POST /artworks/:id":                owner(200),
	"DELETE /artworks/:id":              owner(303),
	"GET /artworks/:id/removal":         owner(200),
	"POST /artworks/:id/listing":        owner(303),
	"POST /artworks/:id/sale":           owner(303),
	"POST /artworks/:id/line":           owner(303),
	"POST /artworks/:id/requests/price": owner(303),

	"GET /artworks/:id/quote":                  collectorsOnly(303),
	"POST /artworks/:id/orders":                {sendToLogin, 422, 422, 403, 403},
	"GET /gallery":                             collectorsOnly(200),
	"POST /gallery":                            collectorsOnly(422),
	"POST /gallery/visibility":                 collectorsOnly(422),
	"POST /gallery/link":                       collectorsOnly(303),
	"POST /gallery/artworks/:artwork/note":     {sendToLogin, 303, 404, 403, 403},
	"POST /gallery/artworks/:artwork/position": {sendToLogin, 422, 422, 403, 403},
	"POST /gallery/artworks/:artwork/cover":    {sendToLogin, 303, 404, 403, 403},
	"POST /galleries/:id/artworks":             {sendToLogin, 404, 404, 403, 403},
	"DELETE /galleries/:id/artworks/:artwork":  {sendToLogin, 303, 404, 403, 403},
	"GET /purchases":                           collectorsOnly(200),
	"GET /purchases.csv":                       collectorsOnly(200),
	"GET /transfers/:attempt":                  {sendToLogin, 404, 404, 403, 403}, // of none
	"POST /transfers/:attempt":                 {sendToLogin, 404, 404, 403, 403},
	"GET /test-gateway/:attempt":               {sendToLogin, 404, 404, 403, 403},
	"POST /test-gateway/:attempt":              {sendToLogin, 404, 404, 403, 403},
	"GET /password-reset/:token":               everybody(404),
	"POST /password-reset/:token":              everybody(404),
}

// routeMarket is a market with one of each thing that a route can name.
type routeMarket struct {
	*handlertest.Site
	work, gallery int64
	order         store.Order

	visitor, ben, cleo, ana, dora func(testing.TB) *handlertest.Browser
}

func newRouteMarket(t *testing.T) *routeMarket {
	t.Helper()
	m := &routeMarket{Site: handlertest.New(t)}
	m.work = m.Hang(t, m.Ana, storetest.Work{Title: "Sill", Quantity: 3}, 400, 300)
	m.order = m.Order(t, m.Ben, m.work, store.Pending)
	if err := m.DB.Get(&m.gallery, `
		WITH g AS (SELECT id FROM galleries WHERE collector_id = $1)
		INSERT INTO gallery_artworks (gallery_id, artwork_id, position, added_at) SELECT id, $2, 0, now() FROM g RETURNING gallery_id`,
		m.Ben.ID, m.work); err != nil {
		t.Fatal(err)
	}
	as := func(who store.Member) func(testing.TB) *handlertest.Browser {
		var once sync.Once
		var b *handlertest.Browser
		return func(t testing.TB) *handlertest.Browser {
			once.Do(func() { b = m.SignedIn(t, who) })
			return b
		}
	}
	m.visitor = m.Visitor
	m.ben, m.cleo, m.ana, m.dora = as(m.Ben), as(m.Cleo), as(m.Ana), as(m.Dora)
	return m
}

// TestEveryRouteAsEverybody walks the router: a route that this table does not
// know fails, and so does one that answers otherwise.
func TestEveryRouteAsEverybody(t *testing.T) {
	t.Parallel()
	reading := newRouteMarket(t) // nothing that is read changes what another reads
	for _, r := range reading.Server.Routes() {
		if r.Method == "echo_route_not_found" {
			continue
		}
		route := r.Method + " " + r.Path
		want, known := expected[route]
		if r.Method == http.MethodHead && !known { // as the page itself
			want, known = expected[http.MethodGet+" "+r.Path]
		}
		if !known {
			t.Errorf("%s: the table does not know it", route)
			continue
		}
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			m := reading
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				m = newRouteMarket(t)
			}
			site, work, order, gallery := m.Site, m.work, m.order, m.gallery
			id := work
			switch {
			case strings.Contains(route, "/orders/:id"):
				id = order.ID
			case strings.Contains(route, "/conversations/"):
				var err error
				if id, err = site.Store.OrderConversation(t.Context(), site.Ben, order.ID); err != nil {
					t.Fatal(err)
				}
			case strings.Contains(route, "/galleries/"):
				id = gallery
			case strings.Contains(route, "/searches/:id"):
				search, _, err := site.Store.SaveSearch(context.Background(), site.Ben, store.Filter{ForSale: true}, "For sale")
				if err != nil {
					t.Fatal(err)
				}
				id = search.ID
			case strings.Contains(route, "/sessions/"):
				id = 999999
			case strings.Contains(route, "/dev/mail/"):
				id = 1
			}
			path := strings.NewReplacer(":id", strconv.FormatInt(id, 10), ":artwork", strconv.FormatInt(work, 10), ":picture", "1", ":username", "ana",
				":key", order.ImageKey, ":size", "320.jpg", ":token", "junk", ":part", "works-0.xml", ":number", "1", ":attempt", "00000000-0000-4000-8000-000000000000", "*", "nothing").Replace(r.Path)
			if r.Path == "/artworks/:id" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
				path += "-sill"
			}

			type visit struct {
				who  string
				as   func(testing.TB) *handlertest.Browser
				want int
			}
			// Those who are refused come first, so that nobody finds it changed.
			visits := []visit{{"visitor", m.visitor, want.visitor}, {"Cleo", m.cleo, want.cleo}, {"Dora", m.dora, want.dora}}
			if want.ben >= 400 {
				visits = append(visits, visit{"Ben", m.ben, want.ben}, visit{"Ana", m.ana, want.ana})
			} else {
				visits = append(visits, visit{"Ana", m.ana, want.ana}, visit{"Ben", m.ben, want.ben})
			}
			for _, v := range visits {
				status, location := ask(t, site, v.as(t), r.Method, path)
				if v.want == sendToLogin {
					if status != http.StatusSeeOther || !strings.HasPrefix(location, "/login?next=") {
						t.Errorf("%s as a %s: %d to %q, want the door", route, v.who, status, location)
					}
					continue
				}
				if status != v.want {
					t.Errorf("%s as %s: %d, want %d", route, v.who, status, v.want)
				}
			}
		})
	}
}

// ask sends a request without a form. Of a stream it reads only the head.
func ask(t *testing.T, site *handlertest.Site, b *handlertest.Browser, method, path string) (status int, location string) {
	t.Helper()
	r, err := http.NewRequest(method, site.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if to, err := res.Location(); err == nil {
		location = to.RequestURI()
	}
	return res.StatusCode, location
}

// TestJunk asks every kind of page for things that cannot be.
func TestJunk(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ben := site.SignedIn(t, site.Ben)
	for _, id := range []string{"0", "-1", "abc", "99999999999999999999", "1e3", "%00", "%2e%2e", "1%20OR%201=1", "９"} {
		for _, path := range []string{"/artworks/%s", "/galleries/%s", "/orders/%s", "/artists/%s", "/conversations/%s", "/artworks/%s/question", "/images/%s/320.jpg", "/images/0123456789abcdef0123456789abcdef/%s"} {
			if a := ben.Get(fmt.Sprintf(path, id)); a.Status != http.StatusNotFound {
				t.Errorf("GET "+path+": %d", id, a.Status)
			}
		}
	}
	for _, query := range []string{"q=%00", "q=%25_%5C", "q=%27%3B--", "after=junk", "after=AAAA", "sort=junk", "medium=junk", "sale=junk", "q=" + strings.Repeat("x", 250), "%zz", "q=%ff%fe"} {
		for _, path := range []string{"/artworks?", "/artists?", "/galleries?", "/purchases?", "/notifications?"} {
			if a := ben.Get(path + query); a.Status != http.StatusOK {
				t.Errorf("GET %s%s: %d", path, query, a.Status)
			}
		}
	}
	// Cursors that are whole, and lead nowhere.
	work := site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	talk, err := site.Store.OrderConversation(t.Context(), site.Ben, site.Order(t, site.Ben, work, store.Pending).ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []int64{math.MinInt64, -1, 0, math.MaxInt64} {
		for n := 1; n <= 3; n++ {
			var b []byte
			for range n {
				b = binary.AppendVarint(b, key)
			}
			place := base64.RawURLEncoding.EncodeToString(b)
			for _, path := range []string{"/artworks?after=", "/artworks?q=sill&after=", "/artists?after=", "/galleries?after=", "/purchases?after=", "/notifications?after=", "/following?after=",
				"/conversations?after=", fmt.Sprintf("/conversations/%d?before=", talk), "/artists/ana?after="} {
				if a := ben.Get(path + place); a.Status != http.StatusOK {
					t.Errorf("GET %s%s (%d): %d", path, place, key, a.Status)
				}
			}
		}
	}
	if strings.Contains(site.Log.String(), "level=ERROR") {
		t.Errorf("something was logged as a fault:\n%s", site.Log.String())
	}
}
