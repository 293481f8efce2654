package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// light is the theme that the visitor chose: "day", "evening", or "" to follow
// the device.
func light(c echo.Context) string {
	cookie, err := c.Cookie("light")
	if err != nil || cookie.Value != "day" && cookie.Value != "evening" {
		return ""
	}
	return cookie.Value
}

// setLight keeps the visitor's choice of theme in a cookie of its own.
func (s *Server) setLight(c echo.Context) error {
	cookie := &http.Cookie{Name: "light", Value: c.FormValue("light"), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode}
	if cookie.Value != "day" && cookie.Value != "evening" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	c.SetCookie(cookie)
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next"), "/"))
}
