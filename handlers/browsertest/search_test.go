package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

func TestSuggestionsByKeyboard(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, {Width: 1280, Height: 900, Evening: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			work := site.Hang(t, site.Ana, storetest.Work{Title: "Anchorage"}, 1500, 1200)
			p := open(t, site, "visitor", l)
			p.visit("/artworks")
			p.do("go to the field", chromedp.Focus("#q", chromedp.ByQuery))
			p.key("an")
			p.holds("an artist, a work and a search are suggested", `document.querySelectorAll("#q-list [role=option]").length === 3`)
			p.holds("the list is open", `document.getElementById("q").ariaExpanded === "true"`)
			p.inspect("suggestions")
			p.key(kb.ArrowDown)
			p.key(kb.ArrowDown)
			p.holds("the second is chosen, the focus stays", `document.activeElement.id === "q" &&
				document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).innerText.startsWith("Anchorage")`)
			p.inspect("a suggestion chosen")
			p.key(kb.Escape)
			p.holds("the list is closed, the words stay", `document.getElementById("q").ariaExpanded === "false" &&
				document.getElementById("q").value === "an" && document.querySelectorAll("#q-list [role=option]").length === 0`)
			p.key(kb.ArrowDown)
			p.holds("they are suggested again", `document.querySelectorAll("#q-list [role=option]").length === 3`)
			p.key(kb.ArrowUp)
			p.holds("the last is chosen", `document.querySelector("#q-list [aria-selected=true]").innerText.startsWith("Search for")`)
			p.key(kb.ArrowUp)
			p.holds("the one before it is chosen", `document.querySelector("#q-list [aria-selected=true]").innerText.startsWith("Anchorage")`)
			p.key(kb.Enter)
			p.at(fmt.Sprintf("/artworks/%d-anchorage", work))

			// Without a choice Enter looks for the words.
			p.do("go to the field again", chromedp.Focus("#q", chromedp.ByQuery))
			p.key("anch")
			p.holds("the work is suggested", `document.querySelectorAll("#q-list [role=option]").length === 2`)
			p.key(kb.Enter)
			p.at("/artworks?q=anch")
			p.sees("1 work")
		})
	}
}
