package handlers

import (
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/catalogue"
)

// exportWorks sends the artist's catalogue. An import reads it back unchanged.
func (s *Server) exportWorks(c echo.Context) error {
	var header []string
	for _, field := range catalogue.Fields() {
		if field != catalogue.Dimensions {
			header = append(header, string(field))
		}
	}
	w, err := s.beginCSV(c, "works.csv", append(header, "state", "sold"))
	if err != nil {
		return err
	}
	err = s.Store.ExportArtworks(c.Request().Context(), member(c), func(a store.ExportedWork) error {
		f := a.Form()
		sale := "no"
		if a.ForSale {
			sale = "yes"
		}
		return w.Write(a.Number, f.Title, f.Year, a.Medium.Label(), f.Material, f.Height, f.Width, f.Depth, f.Weight, f.Price, sale,
			string(f.Edition), f.EditionSize, f.Quantity, f.Description, f.Subjects, f.Notes, strings.Join(a.Files, " | "), a.Alt, string(a.State), strconv.Itoa(a.Sold))
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// exportOrders sends the orders of a member, an artist's sales or a collector's
// purchases, as the member may see them: an address only where the page of the
// order shows it, too.
func (s *Server) exportOrders(c echo.Context) error {
	name, other := "purchases.csv", "artist"
	if member(c).IsArtist() {
		name, other = "orders.csv", "collector"
	}
	w, err := s.beginCSV(c, name, []string{"order", "placed", "status", "title", "year", other, "price", "delivery", "cover", "total", "edition number",
		"address", "town", "postcode", "carrier", "tracking", "accepted", "paid", "shipped", "completed", "cancelled"})
	if err != nil {
		return err
	}
	err = s.Store.ExportOrders(c.Request().Context(), member(c), func(o store.Order) error {
		party, edition := o.ArtistName, ""
		if o.SellerID == member(c).ID {
			party = o.BuyerName
		}
		if o.EditionNumber > 0 {
			edition = strconv.Itoa(o.EditionNumber)
		}
		return w.Write(strconv.FormatInt(o.ID, 10), moment(&o.CreatedAt), string(o.Status), o.Title, strconv.Itoa(o.Year), party,
			o.Price.Plain(), o.Delivery.Plain(), o.Cover.Plain(), o.Total.Plain(), edition, o.ShipAddress, o.ShipTown, o.ShipPostcode,
			o.Carrier, o.Tracking, moment(o.AcceptedAt), moment(o.PaidAt), moment(o.ShippedAt), moment(o.CompletedAt), moment(o.CancelledAt))
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// moment is a time as spreadsheets read it, in UTC, or nothing.
func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// beginCSV begins an answer that is a file. It is on its way with its first few
// thousand bytes; until then an error is answered as any other.
func (s *Server) beginCSV(c echo.Context, name string, header []string) (*catalogue.Writer, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return catalogue.NewWriter(c.Response(), header...)
}
