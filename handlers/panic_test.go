package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"openstudio/handlers/handlertest"
)

func TestPanicIsACalmPage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Server.Handle("/broken", func(echo.Context) error { panic("a secret of the house") })
	a := site.Visitor(t).Get("/broken")
	if a.Status != http.StatusInternalServerError || !strings.Contains(a.Body, "Something slipped") || strings.Contains(a.Body, "secret of the house") {
		t.Errorf("%d\n%s", a.Status, a.Body)
	}
	if !strings.Contains(site.Log.String(), "a secret of the house") {
		t.Error("the panic is not in the log")
	}
}
