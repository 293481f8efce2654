package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
	"openstudio/views/ui"
)

// offer is what the viewer can do about buying a work, for the panel under its
// price. Only collectors are offered anything; others read why it cannot be bought
// at once.
func (s *Server) offer(c echo.Context, a store.Artwork) (templ.Component, error) {
	if viewer(c) == nil || !viewer(c).Member.IsCollector() {
		return orders.OnHold(s.hold(c, a)), nil
	}
	p, err := s.offerProps(c, a, c.QueryParam("postcode"), c.QueryParam("collect") == "1")
	if err != nil {
		return nil, err
	}
	return orders.Offer(p), nil
}

// hold is why a work cannot be bought at once.
func (s *Server) hold(c echo.Context, a store.Artwork) orders.Hold {
	h := orders.Hold{Place: a.Line + 1, Owner: a.ArtistID == viewerID(c)}
	if !a.Buyable() {
		return h
	}
	if a.Away(s.Store.Now()) {
		h.Away, h.Words = awayUntil(a.ArtistName, *a.AwayUntil), a.AwayWords
	}
	switch {
	case !a.OnHold():
	case a.HeldUntil != nil:
		h.Until = ui.Until(*a.HeldUntil, s.Store.Now())
	default: // a piece is free for the next in line
		h.Until = "the next in line is told"
	}
	switch {
	case h.Away != "":
	case viewer(c) == nil:
		h.Line = "/login?next=" + url.QueryEscape(artworkPath(a.ID, a.Title))
	case viewer(c).Member.IsCollector():
		h.Line = "#join"
	}
	return h
}

// awayUntil says that an artist is away, and until when.
func awayUntil(artist string, day time.Time) string {
	return firstName(artist) + " is away until " + ui.Day(day)
}

// offerProps quotes a work for a postcode, "" is the collector's own, or for being
// collected from the studio.
func (s *Server) offerProps(c echo.Context, a store.Artwork, postcode string, collect bool) (orders.OfferProps, error) {
	m := member(c)
	p := orders.OfferProps{ArtworkID: a.ID, Page: artworkPath(a.ID, a.Title), Artist: firstName(a.ArtistName), From: a.ArtistTown, Medium: a.Medium,
		Postcode: postcode, Key: uuid.NewString(), Gallery: cameFrom(c),
		Collection: a.Collection, CollectionWords: a.CollectionWords, Collect: collect && a.Collection}
	var err error
	if p.Live, err = s.Store.LiveRequest(c.Request().Context(), m, a.ID); err != nil || p.Live != 0 {
		return p, err
	}
	p.Hold = s.hold(c, a)
	switch {
	case a.SoldOut() || a.Quantity == 0:
		p.Absent = "No piece is left."
	case !a.Buyable():
		p.Absent = "It is not for sale now."
	}
	if p.Absent != "" || p.Hold.Away != "" {
		return p, nil
	}
	if p.Postcode == "" {
		p.Postcode = m.Postcode
	}
	var quote store.Quote
	if p.Collect {
		quote, err = s.Store.QuoteCollection(c.Request().Context(), a.ID)
	} else {
		quote, err = s.Store.QuoteArtwork(c.Request().Context(), a.ID, p.Postcode)
	}
	var invalid *store.Invalid
	switch {
	case errors.As(err, &invalid):
		p.Errors = invalid
		return p, nil
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
		p.Absent = "It is not for sale now."
		return p, nil
	case err != nil:
		return p, err
	}
	p.Quote = &quote
	if normal, ok := store.ParsePostcode(p.Postcode); ok {
		p.Postcode = normal
		if normal == m.Postcode {
			p.Address, p.Town = m.Address, m.Town
		}
	}
	return p, nil
}

// quoteArtwork is the offer anew, for another postcode.
func (s *Server) quoteArtwork(c echo.Context) error {
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	postcode, collect := c.QueryParam("postcode"), c.QueryParam("collect") == "1"
	if !wantsFragment(c) {
		return c.Redirect(http.StatusSeeOther, offerPath(c, artwork, postcode, collect))
	}
	a, err := s.Store.Artwork(c.Request().Context(), viewerID(c), artwork)
	if err != nil {
		return err
	}
	p, err := s.offerProps(c, a, strings.TrimSpace(postcode), collect)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if p.Errors != nil {
		status = http.StatusUnprocessableEntity
	}
	return s.part(c, status, orders.Offer(p))
}

// offerPath is the page of a work with the offer for a postcode, or for being
// collected.
func offerPath(c echo.Context, artwork int64, postcode string, collect bool) string {
	path := withQuery(artworkPath(artwork, ""), "postcode", postcode)
	if collect {
		path = withQuery(artworkPath(artwork, ""), "collect", "1")
	}
	if gallery := cameFrom(c); gallery > 0 {
		path = fromGallery(path, gallery)
	}
	return path + "#ask"
}

// requestOrder asks an artist for a work.
func (s *Server) requestOrder(c echo.Context) error {
	ctx := c.Request().Context()
	artwork, err := id(c, "id")
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(c.FormValue("seen"), 10, 64)
	r := store.Request{Key: c.FormValue("key"), Address: c.FormValue("address"), Town: c.FormValue("town"),
		Postcode: c.FormValue("postcode"), Note: c.FormValue("note"), Seen: store.Pence(seen), Line: c.FormValue("line") == "1", Gallery: cameFrom(c), Collect: c.FormValue("collect") == "1"}
	o, err := s.Store.RequestOrder(ctx, member(c), artwork, r)
	var invalid *store.Invalid
	var conflict *store.Conflict
	switch {
	case errors.As(err, &invalid):
		return s.offerAgain(c, http.StatusUnprocessableEntity, artwork, r, invalid, "")
	case errors.As(err, &conflict):
		return s.offerAgain(c, http.StatusConflict, artwork, r, nil, conflict.Sentence)
	case err != nil:
		return err
	}
	sentence := "Request sent. " + firstName(o.ArtistName) + " has been told."
	if o.InLine() {
		sentence = "You are " + ui.Ordinal(o.Place()) + " in line. " + firstName(o.ArtistName) + " has been told."
	}
	s.flash(c, ui.Done, sentence)
	return s.redirect(c, orderPath(o.ID))
}

// offerAgain shows the offer with what was typed and what is wrong with it.
func (s *Server) offerAgain(c echo.Context, status int, artwork int64, r store.Request, invalid *store.Invalid, sentence string) error {
	a, err := s.Store.Artwork(c.Request().Context(), viewerID(c), artwork)
	if err != nil {
		return err
	}
	p, err := s.offerProps(c, a, r.Postcode, r.Collect)
	if err != nil {
		return err
	}
	if p.Errors == nil {
		p.Errors = invalid
	}
	p.Address, p.Town, p.Note, p.Sentence = r.Address, r.Town, r.Note, sentence
	if wantsFragment(c) {
		return s.part(c, status, orders.Offer(p))
	}
	return s.showArtwork(c, status, a, orders.Offer(p))
}

// cameFrom is the gallery that a work was opened from, as its address or a form
// says, or 0.
func cameFrom(c echo.Context) int64 {
	gallery, err := strconv.ParseInt(c.FormValue("from"), 10, 64)
	if err != nil || gallery < 0 {
		return 0
	}
	return gallery
}

// firstName is what one calls somebody.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
