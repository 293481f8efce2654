package handlers

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/layout"
	"openstudio/views/ui"
)

// fail answers for an error that a handler returned. It is the only place
// where errors become statuses; faults of our own are logged here, once.
func (s *Server) fail(err error, c echo.Context) {
	ctx, grave := c.Request().Context(), slog.LevelError
	if errors.Is(ctx.Err(), context.Canceled) && !errors.Is(err, errPanic) { // whoever asked has gone, and what was done for them ended
		grave = slog.LevelInfo
	}
	if c.Response().Committed {
		s.Log.Log(ctx, grave, "answer broken off", "request", requestID(c), "error", err)
		return
	}
	status, sentence := http.StatusInternalServerError, ""
	var (
		conflict *store.Conflict
		tooMany  *store.TooMany
		invalid  *store.Invalid
		httpErr  *echo.HTTPError
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.Is(err, store.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, store.ErrForbidden):
		status = http.StatusForbidden
	case errors.As(err, &conflict):
		status, sentence = http.StatusConflict, conflict.Sentence
	case errors.As(err, &tooMany):
		status, sentence = http.StatusTooManyRequests, "Too many tries. Wait "+waitWords(tooMany.Wait)+", then try again."
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(tooMany.Wait.Seconds()))))
	case errors.As(err, &invalid):
		status = http.StatusUnprocessableEntity
		if len(invalid.Fields) > 0 {
			sentence = invalid.Fields[0].Sentence
		}
	case errors.As(err, &tooLarge):
		status, sentence = http.StatusRequestEntityTooLarge, "That is more than can be sent at once."
	case errors.As(err, &httpErr):
		status = httpErr.Code
		if status == http.StatusRequestEntityTooLarge {
			sentence = "That is more than can be sent at once."
		}
	}
	if status >= 500 {
		s.Log.Log(ctx, grave, "request failed", "request", requestID(c), "route", c.Path(), "error", err)
	}
	if err := s.showFailure(c, status, sentence); err != nil {
		s.Log.Log(ctx, grave, "error page failed", "request", requestID(c), "error", err)
		_ = c.String(status, "Something slipped. The fault is ours; try again in a minute.")
	}
}

// showFailure shows an error as a page, or to HTMX as a flash.
func (s *Server) showFailure(c echo.Context, status int, sentence string) error {
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	if wantsFragment(c) {
		// HTMX is configured to put an error into the flashes, wherever the
		// request aimed; a conflict has to be told to go there.
		c.Response().Header().Set("HX-Retarget", "#flashes")
		c.Response().Header().Set("HX-Reswap", "outerHTML")
		if sentence == "" {
			sentence = layout.LostText(status)
		}
		if status >= 500 {
			sentence += " If you write to us, mention " + requestID(c) + "."
		}
		return s.part(c, status, layout.Flashes([]layout.Flash{{Kind: ui.Alert, Text: sentence}}, false))
	}
	return s.show(c, status, view{Title: layout.LostTitle(status), NoIndex: true, Page: layout.Lost(status, sentence, requestID(c))})
}

// waitWords says a wait in words, rounded up: "40 seconds", "3 minutes".
func waitWords(d time.Duration) string {
	if d <= time.Second {
		return "a second"
	}
	if d <= 90*time.Second {
		return strconv.Itoa(int(math.Ceil(d.Seconds()))) + " seconds"
	}
	if d <= 90*time.Minute {
		return strconv.Itoa(int(math.Ceil(d.Minutes()))) + " minutes"
	}
	return strconv.Itoa(int(math.Ceil(d.Hours()))) + " hours"
}
