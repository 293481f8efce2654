package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
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

// TestWhoeverLeavesIsNoFault: what a request that was given up failed with is no
// error of ours, unless it is.
func TestWhoeverLeavesIsNoFault(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	site.Server.Handle("/broken", func(echo.Context) error { panic("a fault") })
	gone, leave := context.WithCancel(t.Context())
	leave()
	ask := func(ctx context.Context, path string) {
		site.Server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	}
	ask(gone, "/galleries")
	if said := site.Log.String(); !strings.Contains(said, `level=INFO msg="request failed"`) || strings.Contains(said, "level=ERROR") {
		t.Errorf("of a reader who left:\n%s", said)
	}
	ask(gone, "/broken")
	if !strings.Contains(site.Log.String(), `level=ERROR msg="request failed"`) {
		t.Error("a panic is no error when nobody waits for the page")
	}
}
