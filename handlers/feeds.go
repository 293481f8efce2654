package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artworks"
)

// Feeds are as RFC 4287 has them. Everybody gets the same.

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Links    []atomLink  `xml:"link"`
	Author   atomPerson  `xml:"author"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Author    atomPerson  `xml:"author"`
	Content   atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// tag is a name for good (RFC 4151): a title may change, and the address with it.
func (s *Server) tag(path string) string {
	host := s.BaseURL
	if u, err := url.Parse(s.BaseURL); err == nil {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:" + path
}

// newFeed is a feed of a page, without its entries.
func (s *Server) newFeed(title, subtitle, author, page, self string) atomFeed {
	return atomFeed{
		ID: s.tag(self), Title: title, Subtitle: subtitle, Author: atomPerson{author, s.BaseURL + page},
		Links: []atomLink{{"self", "application/atom+xml", s.BaseURL + self}, {"alternate", "text/html", s.BaseURL + page}},
	}
}

// entry is a work that came into a feed at some time, under the name of its path.
func (s *Server) entry(ctx context.Context, path string, card store.Card, note string, at time.Time) (atomEntry, error) {
	home := s.BaseURL + artworkPath(card.ID, card.Title)
	p := artworks.EntryProps{Card: card, Note: note}
	e := atomEntry{
		ID: s.tag(path), Title: card.Title + " by " + card.ArtistName, Published: at.UTC().Format(time.RFC3339), Updated: at.UTC().Format(time.RFC3339),
		Links: []atomLink{{"alternate", "text/html", home}}, Author: atomPerson{card.ArtistName, s.BaseURL + artistPath(card.ArtistUsername)},
	}
	if picture := s.preview("", "", "", "", card); picture.Image != "" {
		p.Image, p.Width, p.Height, p.Alt = picture.Image, picture.Width, picture.Height, picture.Alt
		e.Links = append(e.Links, atomLink{"enclosure", "image/jpeg", picture.Image})
	}
	var html strings.Builder
	if err := artworks.Entry(p).Render(ctx, &html); err != nil {
		return atomEntry{}, err
	}
	e.Content = atomContent{"html", html.String()}
	return e, nil
}

// artworksFeed is the newest of the works that are looked for.
func (s *Server) artworksFeed(c echo.Context) error {
	f := newest(filter(c))
	page, err := s.Store.Artworks(c.Request().Context(), 0, f)
	if err != nil {
		return err
	}
	return s.worksFeed(c, s.newFeed(feedTitle(f), "", "OpenStudio", listPath(unsorted(f)), artworksFeedPath(f)), page.Items)
}

// newest is the filter in the order of a feed.
func newest(f store.Filter) store.Filter {
	f.Sort, f.After = store.Newest, ""
	return f
}

func feedTitle(f store.Filter) string {
	if f.Query != "" {
		return "New works: " + artworks.QueryWords(f.Query)
	}
	return "New works on OpenStudio"
}

// unsorted is the filter from its beginning in the order that is its own.
func unsorted(f store.Filter) store.Filter {
	f.Sort, f.After = "", ""
	return f
}

// artworksFeedPath is the address of the feed of a list.
func artworksFeedPath(f store.Filter) string {
	return "/artworks.atom" + strings.TrimPrefix(listPath(unsorted(f)), "/artworks")
}

// artistFeed is an artist's newest works.
func (s *Server) artistFeed(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := s.Store.ArtistByUsername(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	home := artistPath(a.Username)
	if c.Param("username") != a.Username {
		return s.moved(c, home+"/feed")
	}
	cards, err := s.Store.NewestByArtist(ctx, a.ID)
	if err != nil {
		return err
	}
	askNotToLearn(c, a.NoLearning)
	return s.worksFeed(c, s.newFeed("New works by "+a.Name, a.Bio, a.Name, home, home+"/feed"), cards)
}

// worksFeed answers with works by the time at which they were hung.
func (s *Server) worksFeed(c echo.Context, feed atomFeed, cards []store.Card) error {
	var updated time.Time
	for _, card := range cards {
		e, err := s.entry(c.Request().Context(), "/artworks/"+strconv.FormatInt(card.ID, 10), card, "", *card.ListedAt)
		if err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, e)
		if card.ListedAt.After(updated) {
			updated = *card.ListedAt
		}
	}
	return s.answerFeed(c, feed, updated)
}

// galleryFeed is what was hung last in a public gallery, and why.
func (s *Server) galleryFeed(c echo.Context) error {
	ctx := c.Request().Context()
	gallery, err := id(c, "id")
	if err != nil {
		return err
	}
	g, err := s.Store.Gallery(ctx, 0, gallery, "", "")
	if err != nil {
		return err
	}
	hung, err := s.Store.LastHung(ctx, g.ID)
	if err != nil {
		return err
	}
	home := galleryPath(g.ID)
	feed := s.newFeed(g.Title, g.Intro, g.CuratorName, home, home+"/feed")
	for _, h := range hung {
		e, err := s.entry(ctx, home+"/artworks/"+strconv.FormatInt(h.ID, 10), h.Card, h.Note, h.AddedAt)
		if err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, e)
	}
	return s.answerFeed(c, feed, g.RehungAt)
}

// answerFeed answers with a feed, or says that nothing changed since the reader
// had it. An empty one was never changed.
func (s *Server) answerFeed(c echo.Context, feed atomFeed, updated time.Time) error {
	if updated.IsZero() {
		updated = time.Unix(0, 0)
	}
	feed.Updated = updated.UTC().Format(time.RFC3339)
	b := bytes.NewBufferString(xml.Header)
	if err := xml.NewEncoder(b).Encode(feed); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/atom+xml; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("ETag", `W/"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(c.Response(), c.Request(), "", updated, bytes.NewReader(b.Bytes()))
	return nil
}
