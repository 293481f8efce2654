package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestPages lets axe-core look at every page in both lights, on a desk and on a
// phone, and at every order in every status from both sides.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, phone} {
		for _, evening := range []bool{false, true} {
			l := l
			l.Evening = evening
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel()
				inspectAll(t, l)
			})
		}
	}
}

func inspectAll(t *testing.T, l look) {
	site := handlertest.New(t)
	site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1200)
	site.Hang(t, site.Ana, storetest.Work{Title: "Held Breath", Edition: store.LimitedEdition, Size: 8, Quantity: 4}, 500, 1500)
	site.Hang(t, site.Dora, storetest.Work{Title: "Moon Jar", Medium: store.Ceramics}, 900, 1000)
	sold := site.Hang(t, site.Ana, storetest.Work{Title: "Salt Room", SoldOut: true}, 900, 1200)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Ledger of Small Weathers"}, 1200, 900)
	draft := site.Hang(t, site.Ana, storetest.Work{Title: "Unfinished", State: store.Draft}, 1200, 900)
	var orders []int64
	for _, status := range store.Statuses() {
		w := site.Hang(t, site.Ana, storetest.Work{Title: "Order " + string(status)}, 1200, 900)
		orders = append(orders, site.Order(t, site.Ben, w, status).ID)
	}
	gallery := site.OpenGallery(t, site.Ben, work, sold)

	visitor := open(t, site, "visitor", l)
	for _, path := range []string{"/", "/about", "/artworks", "/artworks?q=nothing+of+the+kind&medium=textile",
		"/artworks?wallw=250&wallh=220&most=9000&to=BT9&colour=blue&colour=red&well=1&hex=%23aeb39e&sale=1", "/artworks?min=50&max=20&to=nowhere&scale=1", fmt.Sprintf("/artworks/%d", work),
		fmt.Sprintf("/artworks/%d", sold), "/artists", "/artists/ana", "/galleries", fmt.Sprintf("/galleries/%d", gallery),
		"/login", "/register", "/password-reset", "/nowhere", "/dev/mail"} {
		visitor.visit(path)
		visitor.inspect("visitor" + path)
	}
	visitor.visit("/register?role=artist")
	visitor.pressText("Join")
	visitor.sees("put right")
	visitor.inspect("visitor/register refused")
	visitor.visit("/login")
	visitor.fill("#email", "nobody@example.org")
	visitor.fill("#password", "nothing at all")
	visitor.press("main form button.button--wide")
	visitor.sees("do not match")
	visitor.inspect("visitor/login refused")

	ben := open(t, site, "Ben", l)
	ben.signIn(site.Ben)
	paths := []string{"/", fmt.Sprintf("/artworks/%d", work), "/gallery", "/purchases", "/purchases?show=completed", "/purchases?show=cancelled",
		"/notifications", "/account", "/account/password", "/account/sessions", fmt.Sprintf("/orders/%d/cancellation", orders[0])}
	for _, o := range orders {
		paths = append(paths, fmt.Sprintf("/orders/%d", o))
	}
	for _, path := range paths {
		ben.visit(path)
		ben.inspect("collector" + path)
	}
	ben.press("#badge")
	ben.sees("See all")
	ben.inspect("collector popover")

	ana := open(t, site, "Ana", l)
	ana.signIn(site.Ana)
	paths = []string{"/studio", "/studio/orders", "/artworks/new", fmt.Sprintf("/artworks/%d", draft), fmt.Sprintf("/artworks/%d/edit", work),
		fmt.Sprintf("/artworks/%d/removal", work), "/studio/import", "/account", fmt.Sprintf("/orders/%d/decline", orders[0])}
	for _, o := range orders {
		paths = append(paths, fmt.Sprintf("/orders/%d", o))
	}
	for _, path := range paths {
		ana.visit(path)
		ana.inspect("artist" + path)
	}
	list := filepath.Join(t.TempDir(), "works.csv")
	const rows = "Title,Year,Medium,Height (cm),Width (cm),Price\n\"North, again\",c.1998-9,oil on canvas,60,80,1200\nUntitled,2001,of no known kind,30,20,\n"
	if err := os.WriteFile(list, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	ana.visit("/studio/import")
	ana.do("choose a list", chromedp.SetUploadFiles("#file", []string{list}, chromedp.ByQuery))
	ana.pressText("Look at it")
	ana.sees("1 work can be imported")
	ana.inspect("artist/studio/import looked at")
	ana.pressText("Import 1 work")
	ana.sees("1 line left out")
	ana.inspect("artist/studio/import done")
	ana.visit("/artworks/new")
	ana.pressText("Hang it")
	ana.sees("things to put right")
	ana.inspect("artist/artworks/new refused")
	ana.visit("/studio/orders")
	ana.pressText("Decline")
	ana.sees("Decline Ben’s request?")
	ana.inspect("artist dialog")
}
