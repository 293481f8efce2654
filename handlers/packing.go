package handlers

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
)

// packedPicture is a photograph of an order's packed work for a page.
func (s *Server) packedPicture(o store.Order, img store.Image) orders.PackedPicture {
	p := orders.PackedPicture{OrderID: o.ID, ID: img.ID, Name: img.Name, State: img.State, Photo: s.photo(img, ""),
		Alt: o.Title + ", packed: photograph " + strconv.Itoa(img.Position+1)}
	p.Large, _, _ = largest(img)
	return p
}

// readPacked reads the form of a dispatch and keeps the photographs that come with
// it, if the order is to be packed now. Props.Refused says which were not kept.
func (s *Server) readPacked(c echo.Context) (orders.Props, error) {
	order, err := id(c, "id")
	if err != nil {
		return orders.Props{}, err
	}
	ctx := c.Request().Context()
	if err := s.Store.MayPack(ctx, member(c), order); err != nil {
		return orders.Props{}, err // before any file is taken in
	}
	sent, err := multipartForm(c)
	if err != nil {
		return orders.Props{}, err
	}
	defer sent.RemoveAll()
	var refused []string
	for _, file := range sent.File["packed"] {
		err := s.keepPacked(c, order, file)
		if reason, ok := refusal(err); ok {
			refused = append(refused, file.Filename+": "+reason)
		} else if err != nil {
			return orders.Props{}, err
		}
	}
	o, err := s.orderOf(c)
	if err != nil {
		return orders.Props{}, err
	}
	p := s.orderProps(c, o, first(sent, "in"))
	p.Carrier, p.Tracking, p.Refused = first(sent, "carrier"), first(sent, "tracking"), refused
	return p, nil
}

// keepPacked makes a file safe and keeps it with its order.
func (s *Server) keepPacked(c echo.Context, order int64, header *multipart.FileHeader) error {
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	ctx := c.Request().Context()
	u, err := s.Store.BeginPackedPicture(ctx, member(c), order, header.Filename, int(header.Size))
	if err != nil {
		return err
	}
	if err := s.receive(c, u.ID, 0, file); err != nil {
		return err
	}
	img, err := s.keepUpload(c, u.ID)
	if err != nil {
		return err
	}
	return s.Store.KeepPackedPicture(ctx, member(c), order, img.ID)
}

// addPacked keeps photographs of the packed work before it is shipped. What was
// typed beside them stays.
func (s *Server) addPacked(c echo.Context) error {
	p, err := s.readPacked(c)
	if err != nil {
		return s.act(c, "", func(context.Context, store.Member, int64) error { return err })
	}
	if len(p.Refused) > 0 {
		return s.showOrder(c, http.StatusUnprocessableEntity, p)
	}
	if wantsFragment(c) {
		return s.showOrder(c, http.StatusOK, p)
	}
	typed := url.Values{}
	if p.Carrier != "" {
		typed.Set("carrier", p.Carrier)
	}
	if p.Tracking != "" {
		typed.Set("tracking", p.Tracking)
	}
	path := orderPath(p.Order.ID)
	if len(typed) > 0 {
		path += "?" + typed.Encode()
	}
	return s.redirect(c, path)
}

// showPacked is a photograph of the packed work, as far as it is made.
func (s *Server) showPacked(c echo.Context) error {
	picture, err := id(c, "picture")
	if err != nil {
		return err
	}
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	img, err := s.Store.PackedPicture(c.Request().Context(), member(c), o.ID, picture)
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, orders.Packed(s.packedPicture(o, img)))
}

// removePacked takes a photograph of the packed work away again.
func (s *Server) removePacked(c echo.Context) error {
	picture, err := id(c, "picture")
	if err != nil {
		return err
	}
	return s.act(c, "The photograph is removed.", func(ctx context.Context, m store.Member, order int64) error {
		return s.Store.RemovePackedPicture(ctx, m, order, picture)
	})
}
