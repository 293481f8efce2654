package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/orders"
	"openstudio/views/studio"
)

// receipt is the collector's paper of a sale.
func (s *Server) receipt(c echo.Context) error { return s.orderPaper(c, store.ReceiptPaper) }

// statement is the artist's.
func (s *Server) statement(c echo.Context) error { return s.orderPaper(c, store.StatementPaper) }

func (s *Server) orderPaper(c echo.Context, kind store.PaperKind) error {
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	p, err := s.Store.OrderPaper(c.Request().Context(), member(c), order, kind)
	if err != nil {
		return err
	}
	return s.showPaper(c, p)
}

// creditNote is the paper of money that went back.
func (s *Server) creditNote(c echo.Context) error {
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	number, err := id(c, "number")
	if err != nil {
		return err
	}
	p, err := s.Store.CreditNote(c.Request().Context(), member(c), order, number)
	if err != nil {
		return err
	}
	return s.showPaper(c, p)
}

func (s *Server) showPaper(c echo.Context, p store.Paper) error {
	return s.show(c, http.StatusOK, view{Title: p.Kind.Label() + " " + p.Reference, NoIndex: true, Page: orders.PaperPage(p)})
}

// papers are all statements of an artist, and what went back.
func (s *Server) papers(c echo.Context) error {
	ctx := c.Request().Context()
	after := c.QueryParam("after")
	page, err := s.Store.Papers(ctx, member(c), after)
	if err != nil {
		return err
	}
	var p studio.PapersProps
	for _, paper := range page.Items {
		p.Rows = append(p.Rows, studio.PaperRow{Paper: paper, Href: orders.PaperPath(paper.OrderID, paper.Kind, paper.Number)})
	}
	if page.Next != "" {
		p.More = studio.Papers + "?" + url.Values{"after": {page.Next}}.Encode()
	}
	if wantsFragment(c) && after != "" {
		return s.part(c, http.StatusOK, studio.MorePapers(p))
	}
	tabs, err := s.studioTabs(c, studio.Orders)
	if err != nil {
		return err
	}
	p.Tabs = tabs
	return s.show(c, http.StatusOK, view{Title: "Statements", NoIndex: true, Page: studio.PapersPage(p)})
}

// exportPapers sends all of them. There is no address in it: those are in the
// orders.
func (s *Server) exportPapers(c echo.Context) error {
	w, err := s.beginCSV(c, "statements.csv", []string{"number", "kind", "issued", "paid", "order", "title", "year", "edition number", "collector",
		"price", "delivery", "cover", "total", "commission", "receives", "given back", "paid how", "payment reference", "receipt"})
	if err != nil {
		return err
	}
	err = s.Store.ExportPapers(c.Request().Context(), member(c), func(p store.Paper) error {
		edition := ""
		if p.EditionNumber > 0 {
			edition = strconv.Itoa(p.EditionNumber)
		}
		sums := []string{p.Price.Plain(), p.Delivery.Plain(), p.Cover.Plain(), p.Total.Plain(), p.Commission.Plain(), p.Receives().Plain(), ""}
		if p.Kind == store.CreditNotePaper {
			sums = []string{"", "", "", "", "", "", p.Amount.Plain()}
		}
		row := []string{p.Reference, string(p.Kind), moment(&p.IssuedAt), moment(&p.PaidAt), strconv.FormatInt(p.OrderID, 10), p.Title, strconv.Itoa(p.Year), edition, p.BuyerName}
		return w.Write(append(append(row, sums...), p.PaidHow, p.PaymentReference, p.Receipt)...)
	})
	if err != nil {
		return err
	}
	return w.Flush()
}
