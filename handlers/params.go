package handlers

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"openstudio/store"
)

// id reads a positive number from the path. Anything else names nothing, so it
// is not found.
func id(c echo.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, store.ErrNotFound
	}
	return n, nil
}

// leadingID reads the number that a part of a path begins with, before the words
// that follow it: "42-north-light".
func leadingID(part string) (int64, error) {
	digits, _, _ := strings.Cut(part, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != digits {
		return 0, store.ErrNotFound
	}
	return n, nil
}

// number reads a form value as a number; junk is 0.
func number(c echo.Context, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
	if err != nil {
		return 0
	}
	return n
}

// localPath cleans a path of this site that a form or query names as the place
// to go on to. Everything that could lead elsewhere becomes fallback.
func localPath(raw, fallback string) string {
	u, err := url.Parse(raw)
	if err != nil || raw == "" || raw[0] != '/' || strings.HasPrefix(raw, "//") || strings.ContainsAny(raw, "\\\r\n") ||
		u.Scheme != "" || u.Host != "" || len(raw) > 1000 {
		return fallback
	}
	return u.RequestURI()
}
