package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// hangSome hangs a large blue painting and a small red print.
func hangSome(t *testing.T, site *handlertest.Site) {
	t.Helper()
	tide := site.Hang(t, site.Ana, storetest.Work{Title: "Tide"}, 1500, 1200)
	ember := site.Hang(t, site.Ana, storetest.Work{Title: "Ember", Medium: store.Printmaking}, 900, 1200)
	for query, work := range map[string]int64{
		`UPDATE artworks SET width = 15000, height = 12000, price = 340000 WHERE id = $1`: tide,
		`UPDATE images SET palette = '{45,-5.3,-24.6,1}' WHERE artwork_id = $1`:           tide,
		`UPDATE artworks SET width = 3000, height = 4000, price = 9500 WHERE id = $1`:     ember,
		`UPDATE images SET palette = '{43.9,43,28.5,1}' WHERE artwork_id = $1`:            ember,
	} {
		if _, err := site.DB.Exec(query, work); err != nil {
			t.Fatal(err)
		}
	}
}

// unfold opens the filters where they are folded.
func (p *person) unfold() {
	p.t.Helper()
	if p.look.Width < 990 {
		p.press(".facets__summary")
	}
}

// leavesNothing makes the browser forget the page when it is left, so that back
// asks for it again.
func (p *person) leavesNothing() {
	p.t.Helper()
	p.do("leave nothing", chromedp.Evaluate(`addEventListener("unload", () => {})`, nil))
}

func TestFiltersNarrowTheListAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, phone} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			hangSome(t, site)
			p := open(t, site, "visitor", l)
			p.visit("/artworks")
			p.sees("2 works")
			p.unfold()

			// By keyboard: the list follows, and the focus stays.
			p.do("go to printmaking", chromedp.Focus("#medium-printmaking", chromedp.ByQuery))
			p.key(" ")
			p.at("/artworks?medium=printmaking")
			p.sees("1 work")
			p.holds("the focus stays", `document.activeElement.id === "medium-printmaking"`)
			p.holds("the numbers follow", `document.getElementById("size-xl-n").innerText === "0"`)
			p.key(" ")
			p.at("/artworks")
			p.holds("both again", `document.querySelectorAll("#hang > li").length === 2`)

			// What cannot be read is told; what is being written elsewhere stays.
			p.fill("#min", "300")
			p.do("write without leaving", chromedp.SendKeys("#max", "2", chromedp.ByQuery))
			p.holds("the first is read", `location.search === "?min=300"`)
			p.holds("the second stays as it is written", `document.getElementById("max").value === "2"`)
			p.key(kb.Enter)
			p.sees("The second price is lower than the first.")
			p.holds("the field says so", `document.getElementById("max").getAttribute("aria-invalid") === "true"`)
			p.holds("the focus stays", `document.activeElement.id === "max"`)
			p.inspect("filters that cannot be read")
			p.do("write it anew", chromedp.SetValue("#max", "9000", chromedp.ByQuery), chromedp.Focus("#max", chromedp.ByQuery))
			p.key(kb.Enter)
			p.at("/artworks?max=9000&min=300")
			p.holds("it is put right", `!document.getElementById("max").hasAttribute("aria-invalid")`)
			p.seesNot("The second price")
			p.sees("£300 to £9,000")

			// A colour that is chosen counts.
			p.do("choose a colour", chromedp.Evaluate(`(() => { const w = document.getElementById("hex"); w.value = "#b0453b";
				w.dispatchEvent(new Event("input", {bubbles: true})); w.dispatchEvent(new Event("change", {bubbles: true})); })()`, nil))
			p.at("/artworks?colour=%23b0453b&max=9000&min=300")
			p.sees("No works")
			p.sees("1 work without the choice of colour")

			// Back is where one was, with its filters.
			p.leavesNothing()
			p.pressText("1 work without the choice of colour")
			p.at("/artworks?max=9000&min=300")
			p.sees("Tide")
			p.leavesNothing()
			p.press("#hang .label__link")
			p.at("/artworks/")
			p.leavesNothing()
			p.back()
			p.sees("1 work")
			p.holds("the filters are as they were", `location.search === "?max=9000&min=300" && document.getElementById("max")?.value === "9000" && document.querySelectorAll("#hang > li").length === 1`)
			p.leavesNothing()
			p.back()
			p.sees("No works")
			p.holds("and before", `location.search === "?colour=%23b0453b&max=9000&min=300" && document.getElementById("results")?.innerText.includes("No works")`)
			p.holds("the well is as it was", `document.getElementById("well").checked && document.getElementById("hex").value === "#b0453b"`)
			p.back()
			p.sees("Show at true scale")
			p.holds("and before", `location.search === "?max=9000&min=300" && document.getElementById("max")?.value === "9000" && !document.getElementById("well").checked && document.querySelectorAll("#hang > li").length === 1`)
		})
	}
}

func TestFiltersWithoutScript(t *testing.T) {
	t.Parallel()
	for _, l := range []look{{Width: 1280, Height: 900, NoScript: true}, {Width: 390, Height: 844, NoScript: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			hangSome(t, site)
			p := open(t, site, "visitor", l)
			p.visit("/artworks?scale=1")
			p.unfold()
			p.press("#colour-red")
			p.fill("#wallw", "80")
			p.fill("#most", "500")
			p.fill("#to", "ls6 3qt")
			p.press("#facets button")
			p.sees("1 work")
			p.sees("delivered to LS6")
			p.sees("25 cm to spare each side")
			p.holds("at one scale", `document.querySelectorAll(".scaled").length === 1`)
			p.seesNot("Tide")
			p.pressText("Red")
			p.sees("Up to £500, delivered to LS6")
			p.holds("at one scale", `document.querySelectorAll(".scaled").length === 1`)
		})
	}
}
