package handlers

import (
	"bufio"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
)

// Sitemaps are as https://www.sitemaps.org/protocol.html has them.
const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

// sitemapPages is the sitemap of the pages of which there is one each.
const sitemapPages = "pages"

// located is one address of a sitemap.
type located struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// sitemaps lists the sitemaps.
func (s *Server) sitemaps(c echo.Context) error {
	parts, err := s.Store.SitemapParts(c.Request().Context())
	if err != nil {
		return err
	}
	names := []string{sitemapPages}
	for _, p := range parts {
		names = append(names, string(p.Kind)+"-"+strconv.FormatInt(p.N, 10))
	}
	return s.sitemapXML(c, "sitemapindex", func(write func(string, located) error) error {
		for _, name := range names {
			if err := write("sitemap", located{Loc: s.BaseURL + "/sitemaps/" + name + ".xml"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// sitemap is one sitemap: "pages.xml", "works-0.xml". It is written while it is
// read.
func (s *Server) sitemap(c echo.Context) error {
	name, ok := strings.CutSuffix(c.Param("part"), ".xml")
	if !ok {
		return store.ErrNotFound
	}
	if name == sitemapPages {
		return s.sitemapXML(c, "urlset", func(write func(string, located) error) error {
			for _, path := range []string{"/", "/about", "/artists", "/artworks", "/galleries"} {
				if err := write("url", located{Loc: s.BaseURL + path}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	kind, digits, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != digits {
		return store.ErrNotFound
	}
	var path func(store.SitemapPage) string
	switch store.SitemapKind(kind) {
	case store.SitemapWorks:
		path = func(p store.SitemapPage) string { return artworkPath(p.ID, p.Name) }
	case store.SitemapArtists:
		path = func(p store.SitemapPage) string { return artistPath(p.Name) }
	case store.SitemapGalleries:
		path = func(p store.SitemapPage) string { return galleryPath(p.ID) }
	case store.SitemapSeries:
		path = func(p store.SitemapPage) string { return seriesPath(p.Artist, p.ID, p.Name) }
	default:
		return store.ErrNotFound
	}
	return s.sitemapXML(c, "urlset", func(write func(string, located) error) error {
		return s.Store.SitemapPages(c.Request().Context(), store.SitemapPart{Kind: store.SitemapKind(kind), N: n}, func(pages []store.SitemapPage) error {
			for _, p := range pages {
				if err := write("url", located{s.BaseURL + path(p), p.Changed.UTC().Format(time.RFC3339)}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// sitemapXML answers with a list that fill writes. Nothing is sent before its
// first few pages are there, so that an error before them is still an answer.
func (s *Server) sitemapXML(c echo.Context, root string, fill func(write func(element string, l located) error) error) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/xml; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	w := bufio.NewWriterSize(c.Response(), 32<<10)
	e := xml.NewEncoder(w)
	top := xml.StartElement{Name: xml.Name{Space: sitemapSpace, Local: root}}
	if _, err := w.WriteString(xml.Header); err != nil {
		return err
	}
	if err := e.EncodeToken(top); err != nil {
		return err
	}
	err := fill(func(element string, l located) error {
		return e.EncodeElement(l, xml.StartElement{Name: xml.Name{Local: element}})
	})
	if err != nil {
		h.Del(echo.HeaderContentType)
		h.Del("Cache-Control")
		return err
	}
	if err := e.EncodeToken(top.End()); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	return w.Flush()
}

// robots asks crawlers to leave the rooms of members alone, and shows them the
// way to the others.
func (s *Server) robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\n"+
		"Disallow: /account\nDisallow: /events\nDisallow: /gallery\nDisallow: /login\nDisallow: /notifications\n"+
		"Disallow: /orders\nDisallow: /password-reset\nDisallow: /purchases\nDisallow: /register\nDisallow: /studio\n\n"+
		"Sitemap: "+s.BaseURL+"/sitemap.xml\n")
}
