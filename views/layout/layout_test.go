package layout

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"openstudio/static"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func page(t *testing.T, p Props) string {
	t.Helper()
	assets, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	p.Assets = assets
	return render(t, Page(p))
}

func holds(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func lacks(t *testing.T, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if strings.Contains(got, want) {
			t.Errorf("%s in\n%s", want, got)
		}
	}
}

func TestPageForAVisitor(t *testing.T) {
	t.Parallel()
	got := page(t, Props{Title: "Browse works", Path: "/artworks?q=a&sort=new", Query: `"a"`})
	holds(t, got,
		"<!doctype html><html lang=\"en-GB\"><head>", "<title>Browse works · OpenStudio</title>",
		`<main class="page" id="main"><div class="flashes" id="flashes" aria-live="polite"></div></main>`,
		`href="/artworks" aria-current="page"`, `href="/login"`, `href="/register"`,
		`name="next" value="/artworks?q=a&amp;sort=new"`, `value="&#34;a&#34;"`,
		`value="device" aria-pressed="true"`, `content="light dark"`, `<div id="dialog"></div>`)
	lacks(t, got, "hx-ext", "sse-connect", "sse.min", "/events", `id="badge"`, "/logout", "data-light", "noindex", "canonical", `name="description"`)
}

func TestPageForAMember(t *testing.T) {
	t.Parallel()
	artist := Viewer{Name: "Maren", FullName: "Maren Okafor", Username: "maren", Artist: true, Unseen: 2}
	got := page(t, Props{
		Title: "Orders", Path: "/studio/orders", Light: "evening", Viewer: &artist, NoIndex: true, Wide: true,
		Description: "d", Canonical: "https://example.org/x", Head: templ.Raw(`<meta name="x">`),
		Flashes: []Flash{{Kind: "alert", Lead: "No.", Text: "Not now."}},
	})
	holds(t, got,
		`data-light="evening"`, `content="dark"`, `hx-ext="sse" sse-connect="/events"`, "sse.min.",
		`aria-label="Notifications, 2 new"`, `href="/studio"`, `href="/artists/maren"`, `action="/logout"`,
		`<main id="main">`, `content="noindex"`, `<link rel="canonical" href="https://example.org/x">`, `<meta name="x"></head>`,
		`role="alert"`, "<b>No.</b> Not now.")
	lacks(t, got, `href="/login"`, "/purchases", "aria-current")
	holds(t, page(t, Props{Path: "/gallery", Viewer: &Viewer{Name: "Ruth"}}), `href="/gallery"`, `href="/purchases"`, `aria-label="Notifications"`)
}

func TestPageIsCleanUnderAStrictPolicy(t *testing.T) {
	t.Parallel()
	got := page(t, Props{Path: "/", Viewer: &Viewer{}, Flashes: []Flash{{Text: "x"}}}) + render(t, Lost(404, "", "")) + render(t, Lost(500, "", "x"))
	for _, never := range []string{`<style`, `\sstyle=`, `\son\w+=`, `hx-on`, `<script>`, `<script[^>]*>[^<]`, `https?://`, `js:`, `hx-trigger="[^"]*\[`} {
		if m := regexp.MustCompile(never).FindString(got); m != "" {
			t.Errorf("%q in the page", m)
		}
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, href, want string }{
		{"/artworks", "/artworks", "page"},
		{"/artworks?q=x", "/artworks", "page"},
		{"/artworks/7", "/artworks", "true"},
		{"/artworks/new", "/artworks", ""},
		{"/artworks/7/edit", "/artworks", ""},
		{"/artworksellers", "/artworks", ""},
		{"/", "/artworks", ""},
	} {
		if got := (Props{Path: c.path}).current(c.href); got != c.want {
			t.Errorf("on %s the link to %s is %q, want %q", c.path, c.href, got, c.want)
		}
	}
}

func TestBadgeAndFlashesOutOfBand(t *testing.T) {
	t.Parallel()
	holds(t, render(t, Badge(120, true)), `hx-swap-oob="true"`, `aria-label="Notifications, 120 new"`, ">99+<", `class="dot"`)
	lacks(t, render(t, Badge(0, false)), "oob", `class="dot"`, "<data")
	holds(t, render(t, Flashes([]Flash{{Text: "Done."}}, true)), `hx-swap-oob="innerHTML"`, `role="status"`)
	lacks(t, render(t, Flashes(nil, false)), "oob")
}

func TestHTMXConfigSwapsWhatTheServerAnswers(t *testing.T) {
	t.Parallel()
	var config struct {
		AllowEval        bool
		ResponseHandling []struct {
			Code         string
			Swap, Error  bool
			Target       string
			SwapOverride string
		}
	}
	if err := json.Unmarshal([]byte(htmxConfig), &config); err != nil {
		t.Fatal(err)
	}
	if config.AllowEval {
		t.Error("eval is allowed")
	}
	for status, want := range map[string]struct {
		swap   bool
		target string
	}{
		"200": {true, ""}, "204": {false, ""}, "409": {true, ""}, "422": {true, ""},
		"403": {true, "#flashes"}, "404": {true, "#flashes"}, "413": {true, "#flashes"}, "429": {true, "#flashes"}, "500": {true, "#flashes"},
	} {
		for _, rule := range config.ResponseHandling {
			if !regexp.MustCompile(rule.Code).MatchString(status) {
				continue
			}
			if rule.Swap != want.swap || rule.Target != want.target || rule.Error != (want.target != "") {
				t.Errorf("%s is handled as %+v", status, rule)
			}
			break
		}
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	heads := map[string]int{}
	for _, code := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError} {
		heads[lossOf(code).head] = code
		holds(t, render(t, Lost(code, "", "7F3A")), lossOf(code).text, lossOf(code).head)
		if LostTitle(code) == "" || LostText(code) == "" {
			t.Errorf("%d has no words", code)
		}
	}
	if len(heads) != 6 {
		t.Errorf("two codes read the same: %v", heads)
	}
	holds(t, render(t, Lost(404, "", "7F3A")), `action="/artworks"`)
	holds(t, render(t, Lost(500, "", "7F3A")), "<b>7F3A</b>", "lost__frame")
	lacks(t, render(t, Lost(404, "", "7F3A")), "7F3A")
}
