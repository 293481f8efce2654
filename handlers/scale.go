package handlers

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/ui"
)

// scale is the one scale at which the lists of a page are to be drawn, or 0
// where the address asks for none. The next page of a list is drawn at the
// scale of the first.
func scale(c echo.Context, lists ...[]ui.Work) ui.Scale {
	if c.QueryParam("scale") != "1" {
		return 0
	}
	if cm, err := strconv.Atoi(c.QueryParam("cm")); err == nil {
		return ui.Scale(cm).Bounded()
	}
	return ui.ScaleFor(lists...)
}

// atScale is an address of a list that is drawn at one scale if this one is.
func atScale(path string, s ui.Scale) string {
	if s == 0 {
		return path
	}
	return withQuery(path, "scale", "1")
}

// moreAtScale is the address of the next page of a list, at the same scale.
func moreAtScale(path string, s ui.Scale) string {
	if s == 0 || path == "" {
		return path
	}
	return withQuery(path, "scale", "1", "cm", strconv.Itoa(int(s)))
}

// scaleSwitch leads to the other way of showing the list that has this address.
func scaleSwitch(path string, s ui.Scale, target string) ui.ScaleSwitch {
	if s > 0 {
		return ui.ScaleSwitch{On: true, Href: path, Target: target}
	}
	return ui.ScaleSwitch{Href: withQuery(path, "scale", "1"), Target: target}
}

// withQuery adds names and values, given in pairs, to the query of one of our
// own addresses.
func withQuery(path string, pairs ...string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func centimetres(h store.Hundredths) float64 { return float64(h) / 100 }
