package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

var dataBlock = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// linkedData reads what a page tells machines, by its type.
func linkedData(t *testing.T, a handlertest.Answer) map[string]map[string]any {
	t.Helper()
	blocks := dataBlock.FindAllStringSubmatch(a.Body, -1)
	if len(blocks) != 1 {
		t.Fatalf("%d data blocks, status %d", len(blocks), a.Status)
	}
	var data struct {
		Context string           `json:"@context"`
		Graph   []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(blocks[0][1]), &data); err != nil || data.Context != "https://schema.org" {
		t.Fatalf("%v: %s", err, blocks[0][1])
	}
	things := map[string]map[string]any{}
	for _, thing := range data.Graph {
		things[thing["@type"].(string)] = thing
	}
	return things
}

// written is a part of linked data as JSON, its names in order.
func written(t *testing.T, thing any) string {
	t.Helper()
	b, err := json.Marshal(thing)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAWorkIsToldToMachines(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	const title = `</script><script>alert("x")</script> & <!--`
	work := site.Hang(t, site.Ana, storetest.Work{Title: title, Edition: store.LimitedEdition, Size: 8, Quantity: 3, Price: 145050}, 1600, 1200)
	visitor := site.Visitor(t)
	page := visitor.Get(fmt.Sprintf("/artworks/%d", work))
	hides(t, "the page", page, "<script>alert")
	things := linkedData(t, page)
	home := fmt.Sprintf("%s/artworks/%d-script-script-alert-x-script-and", site.URL, work)
	got := things["VisualArtwork"]
	for name, want := range map[string]string{
		"name": written(t, title), "url": written(t, home), "artform": `"Painting"`, "artMedium": `"oil on linen"`, "dateCreated": `"2025"`,
		"artEdition": "8", "description": `"Painted from the window."`,
		"width":   `{"@type":"QuantitativeValue","unitCode":"CMT","value":80}`,
		"height":  `{"@type":"QuantitativeValue","unitCode":"CMT","value":60}`,
		"depth":   `{"@type":"QuantitativeValue","unitCode":"CMT","value":4}`,
		"creator": `{"@id":"` + site.URL + `/artists/ana#artist","@type":"Person","name":"Ana James","url":"` + site.URL + `/artists/ana"}`,
	} {
		if written(t, got[name]) != want {
			t.Errorf("%s is %s, want %s", name, written(t, got[name]), want)
		}
	}
	offer := got["offers"].(map[string]any)
	if offer["price"] != "1450.50" || offer["priceCurrency"] != "GBP" || offer["availability"] != "https://schema.org/InStock" || offer["url"] != home {
		t.Errorf("offered as %v", offer)
	}
	image := got["image"].([]any)[0].(string)
	if a := visitor.Get(strings.TrimPrefix(image, site.URL)); a.Status != http.StatusOK || a.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%s: %d", image, a.Status)
	}
	steps := things["BreadcrumbList"]["itemListElement"].([]any)
	for i, want := range []string{"/artists", "/artists/ana", strings.TrimPrefix(home, site.URL)} {
		step := steps[i].(map[string]any)
		if step["position"] != float64(i+1) || step["item"] != site.URL+want || step["name"] == "" {
			t.Errorf("step %d: %v", i, step)
		}
	}

	// What nobody can ask for has no price, as on the page.
	for what, w := range map[string]storetest.Work{"SoldOut": {SoldOut: true}, "": {NotForSale: true}} {
		thing := linkedData(t, visitor.Get(fmt.Sprintf("/artworks/%d", site.Work(t, site.Ana, w))))["VisualArtwork"]
		if strings.Contains(written(t, thing), "1450") || strings.Contains(written(t, thing), "GBP") {
			t.Errorf("%s: %v", what, thing)
		}
		offer, offered := thing["offers"].(map[string]any)
		if offered != (what != "") || offered && offer["availability"] != "https://schema.org/"+what {
			t.Errorf("%q is offered as %v", what, offer)
		}
	}
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	hides(t, "a draft", site.SignedIn(t, site.Ana).Get(fmt.Sprintf("/artworks/%d", draft)), "ld+json", "og:")
}

func TestAnArtistIsToldToMachines(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Work(t, site.Ana, storetest.Work{})
	page := site.Visitor(t).Get("/artists/ana")
	things := linkedData(t, page)
	want := `{"@id":"` + site.URL + `/artists/ana#artist","@type":"Person","description":"Paints from windows.",` +
		`"homeLocation":{"@type":"Place","name":"Leeds"},"knowsAbout":["Painting"],"name":"Ana James",` +
		`"sameAs":"https://ana.example.org","url":"` + site.URL + `/artists/ana"}`
	if got := written(t, things["Person"]); got != want {
		t.Errorf("%s", got)
	}
	if steps := things["BreadcrumbList"]["itemListElement"].([]any); len(steps) != 2 {
		t.Errorf("%v", steps)
	}
	hides(t, "the page", page, "Calls Landing", "LS2 7EW", storetest.AnaEmail)
}

func TestLinksToAPageShowIt(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill"}, 2000, 1000)
	gallery := fmt.Sprintf("/galleries/%d", site.OpenGallery(t, site.Ben, work))
	visitor := site.Visitor(t)
	for path, want := range map[string][]string{
		fmt.Sprintf("/artworks/%d-sill", work): {`og:type" content="website"`, `og:title" content="Sill by Ana James"`, `og:description" content="Painting, oil on linen`},
		"/artists/ana":                         {`og:type" content="profile"`, `og:title" content="Ana James"`, `og:description" content="Paints from windows."`},
		gallery:                                {`og:type" content="website"`, `a gallery by Ben Okoro"`},
	} {
		a := visitor.Get(path)
		shows(t, path, a, http.StatusOK, append(want, `og:url" content="`+site.URL+path+`"`, `og:image" content="`+site.URL+fmt.Sprintf("/artworks/%d/card.jpg?v=", work),
			`og:image:width" content="1200"`, `og:image:height" content="630"`, `og:image:alt" content="A pale field over a dark band. Its label: Ana James, Sill, 2025."`,
			`twitter:card" content="summary_large_image"`)...)
	}
	bare := visitor.Get("/artists/dora")
	shows(t, "nothing hung yet", bare, http.StatusOK, `twitter:card" content="summary"`)
	hides(t, "nothing hung yet", bare, "og:image")
	if _, err := site.DB.Exec(`UPDATE galleries SET visibility = 'private'`); err != nil {
		t.Fatal(err)
	}
	hides(t, "a private gallery", site.SignedIn(t, site.Ben).Get(gallery), "og:")
}
