package handlers

import (
	"bytes"
	"cmp"
	"net/http"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"openstudio/views/layout"
)

// view is what a handler shows: a page, and the part of it that an HTMX
// request swaps. Without a Fragment, HTMX gets the whole page too.
type view struct {
	Title       string
	Description string
	NoIndex     bool
	NoLearning  bool            // machines are asked not to learn from its pictures
	Canonical   string          // the path of the page without its query; "" for that of the request
	Wide        bool            // the page brings its own width
	Head        templ.Component // more for <head>
	Page        templ.Component
	Fragment    templ.Component
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show renders a view into memory and, when that went well, answers with it.
func (s *Server) show(c echo.Context, status int, v view) error {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)

	askNotToLearn(c, v.NoLearning)
	ctx := c.Request().Context()
	var err error
	if v.Fragment != nil && wantsFragment(c) {
		err = templ.Join(v.Fragment, layout.Flashes(s.takeFlashes(c), true), s.badge(c)).Render(ctx, b)
	} else {
		err = layout.Page(s.props(c, v)).Render(templ.WithChildren(ctx, v.Page), b)
	}
	if err != nil {
		return err
	}
	s.cacheHeaders(c)
	return c.Blob(status, "text/html; charset=utf-8", b.Bytes())
}

// part answers with a bare fragment, for requests that only HTMX makes.
func (s *Server) part(c echo.Context, status int, fragment templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)
	if err := fragment.Render(c.Request().Context(), b); err != nil {
		return err
	}
	s.cacheHeaders(c)
	return c.Blob(status, "text/html; charset=utf-8", b.Bytes())
}

// wantsFragment reports whether HTMX asks for a part of the page rather than
// for the page.
func wantsFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" && h.Get("HX-History-Restore-Request") != "true"
}

// redirect goes on to a path of this site after a change.
func (s *Server) redirect(c echo.Context, path string) error {
	if wantsFragment(c) {
		c.Response().Header().Set("HX-Redirect", path)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// moved leads to the address that a page has now. Browsers keep such answers by
// themselves, and a title may change back, so they are to ask again.
func (s *Server) moved(c echo.Context, path string) error {
	s.cacheHeaders(c)
	return c.Redirect(http.StatusMovedPermanently, path+query(c))
}

// cacheHeaders says that pages depend on how they are asked for, and that
// those of members are kept nowhere.
func (s *Server) cacheHeaders(c echo.Context) {
	h := c.Response().Header()
	h.Add("Vary", "HX-Request")
	if viewer(c) != nil {
		h.Set("Cache-Control", "no-store")
	} else if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
}

// props is the frame of a page as this request sees it.
func (s *Server) props(c echo.Context, v view) layout.Props {
	p := layout.Props{
		Title: v.Title, Description: v.Description, NoIndex: v.NoIndex, NoLearning: v.NoLearning, Wide: v.Wide, Head: v.Head,
		Path: c.Request().URL.RequestURI(), Query: c.QueryParam("q"), Light: light(c),
		Flashes: s.takeFlashes(c), Assets: s.Assets, Commission: s.Store.Commission() > 0,
	}
	if !v.NoIndex {
		p.Canonical = s.BaseURL + cmp.Or(v.Canonical, c.Request().URL.EscapedPath())
	}
	if session := viewer(c); session != nil {
		m := session.Member
		trouble := ""
		if session.Trouble.Kind != "" {
			trouble = session.Trouble.Why()
		}
		p.Viewer = &layout.Viewer{Name: m.FirstName, FullName: m.Name(), Username: m.Username, Artist: m.IsArtist(), Unseen: session.Unseen, Trouble: trouble}
	}
	return p
}

// badge is the masthead's bell as an out-of-band fragment, for members.
func (s *Server) badge(c echo.Context) templ.Component {
	session := viewer(c)
	if session == nil {
		return templ.NopComponent
	}
	return layout.Badge(session.Unseen, true)
}
