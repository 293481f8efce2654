package handlers_test

import (
	"fmt"
	"net/http"
	"testing"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestAWorkIsPassedOn(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	home := fmt.Sprintf("%s/artworks/%d-dusk-and-dawn", site.URL, site.Work(t, site.Ana, storetest.Work{Title: `Dusk & "dawn"`}))
	page := site.Visitor(t).Get(home[len(site.URL):] + "?view=1&wall=ink")
	shows(t, "the page", page, http.StatusOK, `id="share-link" readonly value="`+home+`"`,
		`href="mailto:?subject=Dusk%20%26%20%22dawn%22%20by%20Ana%20James&amp;body=http%3A%2F%2F127.0.0.1`,
		`<p class="small print-only">`+home+`</p>`, "/static/js/share.", `id="share-copy" hidden`)
	draft := site.Work(t, site.Ana, storetest.Work{State: store.Draft})
	hides(t, "a draft", site.SignedIn(t, site.Ana).Get(fmt.Sprintf("/artworks/%d", draft)), `id="share-link"`)
}
