package browsertest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"openstudio/handlers/handlertest"
	"openstudio/store/storetest"
)

// allLooks are both windows in both lights.
func allLooks() []look {
	var all []look
	for _, l := range []look{desk, phone} {
		evening := l
		evening.Evening = true
		all = append(all, l, evening)
	}
	return all
}

// views hangs a work with three photographs.
func views(t *testing.T, site *handlertest.Site) string {
	t.Helper()
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 2400, 1800)
	for i := range 2 {
		other := site.Hang(t, site.Ana, storetest.Work{Title: "Another"}, 1200-400*i, 900)
		if _, err := site.DB.Exec(`UPDATE images SET artwork_id = $1, position = $2, alt = $3 WHERE artwork_id = $4`, work, i+1, fmt.Sprintf("Detail %d.", i+1), other); err != nil {
			t.Fatal(err)
		}
		if _, err := site.DB.Exec(`DELETE FROM artworks WHERE id = $1`, other); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("/artworks/%d-sill-march", work)
}

// ask evaluates a JavaScript expression.
func ask[T any](p *person, expression string) T {
	p.t.Helper()
	var answer T
	p.do("ask "+expression, chromedp.Evaluate(expression, &answer))
	return answer
}

// key presses a key where the focus is.
func (p *person) key(keys string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(keys))
}

// wheel turns the mouse wheel over a point.
func (p *person) wheel(x, y, by float64) {
	p.t.Helper()
	p.do("turn the wheel", input.DispatchMouseEvent(input.MouseWheel, x, y).WithDeltaY(by))
}

// drag presses the mouse at a point, moves it and lets go.
func (p *person) drag(x, y, dx, dy float64) {
	p.t.Helper()
	p.do("drag",
		input.DispatchMouseEvent(input.MousePressed, x, y).WithButton(input.Left).WithClickCount(1),
		input.DispatchMouseEvent(input.MouseMoved, x+dx/2, y+dy/2).WithButton(input.Left),
		input.DispatchMouseEvent(input.MouseMoved, x+dx, y+dy).WithButton(input.Left),
		input.DispatchMouseEvent(input.MouseReleased, x+dx, y+dy).WithButton(input.Left).WithClickCount(1))
}

// touch puts fingers down at points, moves them to others and lifts them.
func (p *person) touch(from, to []*input.TouchPoint) {
	p.t.Helper()
	halfway := make([]*input.TouchPoint, len(from))
	for i := range from {
		halfway[i] = &input.TouchPoint{X: (from[i].X + to[i].X) / 2, Y: (from[i].Y + to[i].Y) / 2, ID: from[i].ID}
	}
	p.do("touch",
		input.DispatchTouchEvent(input.TouchStart, from), input.DispatchTouchEvent(input.TouchMove, halfway),
		input.DispatchTouchEvent(input.TouchMove, to), input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
}

// matrix is how the picture in the close view is drawn: its scale and where its
// corner is.
func (p *person) matrix() (scale, x, y float64) {
	p.t.Helper()
	m := ask[[]float64](p, `(m => [m.a, m.e, m.f])(new DOMMatrix(getComputedStyle(document.querySelector("#zoom-room img")).transform))`)
	return m[0], m[1], m[2]
}

const opened = `document.getElementById("zoom").matches(":popover-open") && document.querySelector("#zoom-room img").style.transform !== ""`

func TestPhotographsAreSteppedThrough(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := views(t, site)
	p := open(t, site, "visitor", desk)
	p.visit(path + "?wall=clay&width=320")
	p.do("go to the viewer", chromedp.Focus("#look", chromedp.ByQuery))
	p.key(kb.ArrowRight)
	p.holds("the second", `location.search === "?view=2&wall=clay&width=320" && document.querySelector("#view-2[aria-current]") !== null`)
	p.holds("the focus stays", `document.activeElement.id === "look"`)
	p.key(kb.ArrowRight)
	p.holds("the third", `document.querySelector("#view-3[aria-current]") !== null`)
	p.key(kb.ArrowRight)
	p.key(kb.ArrowLeft)
	p.holds("back", `document.querySelector("#view-2[aria-current]") !== null && document.activeElement.id === "look"`)
	p.do("go to a thumbnail", chromedp.Focus("#view-2", chromedp.ByQuery))
	p.key(kb.ArrowLeft)
	p.holds("the focus goes along", `document.activeElement.id === "view-1" && document.activeElement.hasAttribute("aria-current")`)
	p.press("#view-3")
	p.holds("a press", `location.search === "?view=3&wall=clay&width=320"`)
	p.do("reload", chromedp.Reload(), chromedp.WaitVisible("#view-3[aria-current]", chromedp.ByQuery))
	p.do("leave the viewer", chromedp.Focus("#wall-width", chromedp.ByQuery))
	p.key(kb.ArrowLeft)
	if view := ask[string](p, `location.search`); view != "?view=3&wall=clay&width=320" {
		t.Errorf("an arrow in a field leads to %s", view)
	}
}

func TestLookingCloser(t *testing.T) {
	t.Parallel()
	for _, l := range allLooks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			path := views(t, site)
			p := open(t, site, "visitor", l)
			p.visit(path)
			p.press("#look-closer")
			p.holds("it opens", opened)
			p.inspect("close view")
			room := ask[[]float64](p, `(r => [r.clientWidth, r.clientHeight])(document.getElementById("zoom-room"))`)
			fit, _, _ := p.matrix()
			if want := math.Min(room[0]/2400, room[1]/1800); math.Abs(fit-want) > .001 {
				t.Errorf("the whole is shown at %v, want %v", fit, want)
			}

			// The wheel enlarges around the pointer.
			px, py := room[0]*.7, room[1]*.5
			_, x0, y0 := p.matrix()
			p.wheel(px, py, -300)
			p.holds("it is enlarged", fmt.Sprintf(`new DOMMatrix(document.querySelector("#zoom-room img").style.transform).a > %v`, fit*1.5))
			scale, x1, y1 := p.matrix()
			if before, after := (px-x0)/fit, (px-x1)/scale; math.Abs(before-after) > 2 {
				t.Errorf("under the pointer was pixel %v, now %v (%v, %v)", before, after, y0, y1)
			}

			// It is dragged, but never out of sight.
			p.drag(px, py, -40, 0)
			if _, x2, _ := p.matrix(); math.Abs(x2-(x1-40)) > 1 {
				t.Errorf("dragged from %v to %v", x1, x2)
			}
			p.drag(px, py, -5000, -5000)
			if s, x, _ := p.matrix(); math.Abs(x-(room[0]-2400*s)) > 1 {
				t.Errorf("dragged out of sight: %v at %v", x, s)
			}
			p.key(kb.ArrowLeft) // moves, and does not step
			if s, x, _ := p.matrix(); math.Abs(x-(room[0]-2400*s)-room[0]/8) > 1 {
				t.Errorf("an arrow moves it to %v", x)
			}

			// Keys and buttons, up to two px a pixel.
			for range 12 {
				p.key("+")
			}
			if s, _, _ := p.matrix(); s != 2 {
				t.Errorf("at most %v", s)
			}
			p.key("-")
			if s, _, _ := p.matrix(); math.Abs(s-2/1.5) > .01 {
				t.Errorf("less: %v", s)
			}
			p.key("0")
			if s, _, _ := p.matrix(); math.Abs(s-fit) > 1e-6 {
				t.Errorf("the whole again: %v", s)
			}
			p.press("#zoom-in")
			p.holds("a button", fmt.Sprintf(`Math.abs(new DOMMatrix(document.querySelector("#zoom-room img").style.transform).a - %v) < .001`, fit*1.5))
			p.press("#zoom-fit")
			p.do("press twice", chromedp.MouseClickXY(px, room[1]*.5), chromedp.MouseClickXY(px, room[1]*.5))
			p.holds("its own pixels", `new DOMMatrix(document.querySelector("#zoom-room img").style.transform).a === 1 && document.getElementById("zoom-percent").value === "100%"`)
			p.key("0")

			// The next photograph, in the close view.
			p.key(kb.ArrowRight)
			p.holds("the second", `location.search === "?view=2" && `+opened)
			p.holds("the focus is inside", `document.getElementById("zoom").contains(document.activeElement)`)
			p.press("#next")
			p.holds("the third", `location.search === "?view=3" && `+opened)
			for range 9 { // the focus goes round
				p.key(kb.Tab)
				if !ask[bool](p, `document.getElementById("zoom").contains(document.activeElement)`) {
					t.Fatal("the focus leaves the close view")
				}
			}
			for _, b := range ask[[]float64](p, `[...document.querySelectorAll("#zoom button, #zoom a")].flatMap(b => [b.offsetWidth, b.offsetHeight])`) {
				if b < 24 {
					t.Errorf("a button of %v px", b)
				}
			}
			p.key(kb.Escape)
			p.holds("it closes, and the focus is back", `!document.getElementById("zoom").matches(":popover-open") && document.activeElement.id === "look-closer"`)
			p.press("#look")
			p.holds("it opens again, whole", opened+` && document.getElementById("zoom-fit").getAttribute("aria-disabled") === "true"`)
			p.press("#zoom .popover__close")
			p.holds("it closes, and the focus is back", `document.activeElement.id === "look"`)
		})
	}
}

func TestFingersStepAndPinch(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := views(t, site)
	p := open(t, site, "visitor", phone)
	p.visit(path)
	picture := ask[[]float64](p, `(b => [b.x, b.y, b.width, b.height])(document.querySelector("#look img").getBoundingClientRect())`)
	y := picture[1] + picture[3]/2
	p.touch([]*input.TouchPoint{{X: 300, Y: y}}, []*input.TouchPoint{{X: 120, Y: y + 10}})
	p.holds("a swipe on the page", `document.querySelector("#view-2[aria-current]") !== null`)
	if ask[bool](p, `document.getElementById("zoom").matches(":popover-open")`) {
		t.Error("a swipe opens the close view")
	}
	p.press("#look")
	p.holds("it opens", opened)
	p.touch([]*input.TouchPoint{{X: 100, Y: 400}}, []*input.TouchPoint{{X: 280, Y: 400}})
	p.holds("a swipe in the close view", `location.search === "" && `+opened)
	fit, _, _ := p.matrix()
	p.touch([]*input.TouchPoint{{X: 170, Y: 400, ID: 1}, {X: 220, Y: 400, ID: 2}}, []*input.TouchPoint{{X: 95, Y: 400, ID: 1}, {X: 295, Y: 400, ID: 2}})
	if s, _, _ := p.matrix(); math.Abs(s-4*fit) > fit*.1 {
		t.Errorf("a pinch from %v to %v", fit, s)
	}
	p.touch([]*input.TouchPoint{{X: 300, Y: 400}}, []*input.TouchPoint{{X: 120, Y: 400}})
	if view := ask[string](p, `location.search`); view != "" {
		t.Errorf("a swipe over the enlarged picture leads to %s", view)
	}
	tap := []*input.TouchPoint{{X: 200, Y: 400}}
	p.touch(tap, tap)
	p.touch(tap, tap)
	p.holds("two taps show the whole", `document.getElementById("zoom-fit").getAttribute("aria-disabled") === "true"`)
}

func TestTheViewerWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	path := views(t, site)
	for _, l := range []look{{Width: 1280, Height: 900, NoScript: true}, {Width: 390, Height: 844, NoScript: true}} {
		p := open(t, site, "visitor", l)
		p.visit(path + "?wall=ink")
		p.press("#view-2")
		p.at(path + "?view=2&wall=ink")
		p.press("#look")
		p.do("see it close", chromedp.WaitVisible("#zoom-room img", chromedp.ByQuery), chromedp.WaitNotVisible("#zoom-in", chromedp.ByQuery))
		p.press("#next")
		p.at(path + "?view=3&wall=ink")
		var largest string
		p.do("find the largest picture", chromedp.AttributeValue(`.thumb[href^="/images/"]`, "href", &largest, nil, chromedp.ByQuery))
		if a := site.Visitor(t).Get(largest); a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "image/") {
			t.Errorf("%s: %d, %s", largest, a.Status, a.Header.Get("Content-Type"))
		}
	}
}

func TestAnOwnWall(t *testing.T) {
	t.Parallel()
	looks := append(allLooks(), look{Width: 1280, Height: 900, NoScript: true}, look{Width: 390, Height: 844, NoScript: true})
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			path := views(t, site) // 80 cm wide
			inspect := func(p *person, what string) {
				if !l.NoScript {
					p.inspect(what)
				}
			}
			p := open(t, site, "visitor", l)
			p.visit(path + "?view=2")
			p.do("choose clay", chromedp.ScrollIntoView("#wall-clay", chromedp.ByQuery), chromedp.Click("#wall-clay", chromedp.ByQuery))
			if !l.NoScript {
				p.do("see clay", chromedp.WaitVisible(".wall--clay", chromedp.ByQuery))
			}
			p.fill("#wall-width", "320")
			p.press("#wall-show")
			p.sees("It fits: 120 cm are left on each side.")
			p.at(path + "?view=2&wall=clay&width=320")
			inspect(p, "wall clay")
			p.fill("#wall-width", "70")
			p.key(kb.Enter)
			p.sees("It is 10 cm wider than your wall.")
			p.do("choose ink", chromedp.ScrollIntoView("#wall-ink", chromedp.ByQuery), chromedp.Click("#wall-ink", chromedp.ByQuery))
			p.press("#wall-show")
			p.do("see ink", chromedp.WaitVisible(".wall--ink", chromedp.ByQuery))
			inspect(p, "wall ink")
			p.fill("#wall-width", "as wide as it is")
			p.press("#wall-show")
			p.sees("Write the width of your wall as a number")
			var typed string
			p.do("read the field", chromedp.Value("#wall-width", &typed, chromedp.ByQuery))
			if typed != "as wide as i" { // what the field holds
				t.Errorf("typed %q", typed)
			}
			inspect(p, "wall refused")
			p.do("see the same view", chromedp.WaitVisible("#view-2[aria-current]", chromedp.ByQuery))
		})
	}
}

// TestWorksShareOneScale measures works on the page against their centimetres.
func TestWorksShareOneScale(t *testing.T) {
	t.Parallel()
	looks := append(allLooks(), look{Width: 390, Height: 844, NoScript: true}, look{Width: 820, Height: 1100})
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			site := handlertest.New(t)
			painting := site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1000)
			bowl := site.Hang(t, site.Ana, storetest.Work{Title: "Ring Bowl"}, 600, 900) // its photograph is upright, it is not
			bare := site.Work(t, site.Ana, storetest.Work{Title: "Unphotographed", NoImage: true})
			site.OpenGallery(t, site.Ben, painting, bowl)
			for work, size := range map[int64][2]int{painting: {300, 200}, bowl: {6, 4}, bare: {80, 60}} {
				if _, err := site.DB.Exec(`UPDATE artworks SET width = $2, height = $3 WHERE id = $1`, work, size[0]*100, size[1]*100); err != nil {
					t.Fatal(err)
				}
			}
			p := open(t, site, "visitor", l)
			p.visit("/artworks")
			p.press("#scale-switch")
			p.at("/artworks?scale=1")
			p.sees("A person of 170 cm at this scale")
			boxes := func() map[string][]float64 {
				var raw string
				p.do("measure", chromedp.WaitVisible(".scaled", chromedp.ByQuery), chromedp.Evaluate(`JSON.stringify(Object.fromEntries([...document.querySelectorAll(".work--scaled")].map(w => {
					const b = w.querySelector(".scaled__size").getBoundingClientRect();
					const label = w.querySelector(".label").getBoundingClientRect();
					return [w.querySelector("cite")?.innerText ?? "person", [b.width, b.height, b.left, b.bottom, label.width, label.top]];
				})))`, &raw))
				var found map[string][]float64
				if err := json.Unmarshal([]byte(raw), &found); err != nil {
					t.Fatal(err)
				}
				return found
			}
			check := func(what string, works map[string][2]float64) {
				found := boxes()
				perCM := found["person"][1] / 170
				for title, cm := range works {
					b := found[title]
					if b == nil || math.Abs(b[0]-cm[0]*perCM) > .6 || math.Abs(b[1]-cm[1]*perCM) > .6 {
						t.Errorf("%s: %s is %v, one cm is %v px", what, title, b, perCM)
						continue
					}
					if b[2] < 0 || b[2]+b[0] > float64(l.Width) {
						t.Errorf("%s: %s reaches over the edge: %v", what, title, b)
					}
					if b[4] < 120 || b[5] < b[3] {
						t.Errorf("%s: the label of %s is %v px wide, at %v", what, title, b[4], b[5])
					}
				}
			}
			all := map[string][2]float64{"North Light, Tuesday": {300, 200}, "Ring Bowl": {6, 4}, "Unphotographed": {80, 60}}
			check("browse", all)
			if !l.NoScript {
				p.inspect("browse at scale")
				p.do("filter", chromedp.Evaluate(`document.querySelector("details.facets__fold").open = true`, nil))
				p.press("#sale")
				p.holds("the filter keeps the scale", `location.search.includes("sale=1") && location.search.includes("scale=1") && document.querySelector(".chip") !== null`)
				check("browse, filtered", all)
				p.choose("#sort", "price")
				p.do("sort", chromedp.Evaluate(`document.getElementById("sort").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
				p.holds("the order keeps the scale", `location.search.includes("sort=") && location.search.includes("scale=1") && document.querySelector(".scaled") !== null`)
			}
			p.visit("/artists/ana?scale=1")
			check("artist", all)
			p.visit("/galleries/1")
			p.press("#scale-switch")
			p.at("/galleries/1?scale=1")
			check("gallery", map[string][2]float64{"North Light, Tuesday": {300, 200}, "Ring Bowl": {6, 4}})
			if !l.NoScript {
				p.inspect("gallery at scale")
				p.visit("/artists/ana?scale=1")
				p.inspect("artist at scale")
				ben := open(t, site, "Ben", l)
				ben.signIn(site.Ben)
				ben.visit("/gallery")
				ben.press("#scale-switch")
				ben.do("see it", chromedp.WaitVisible("#hung .scaled", chromedp.ByQuery))
				ben.inspect("own gallery at scale")
			}
			p.visit("/artworks?scale=1")
			p.press("#scale-switch")
			p.do("see each large", chromedp.WaitVisible(".hang", chromedp.ByQuery))
		})
	}
}
