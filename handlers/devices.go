package handlers

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// device says in a few words which browser asks: "Firefox on Linux". What it
// does not know it calls a browser.
func device(c echo.Context) string { return deviceWords(c.Request().UserAgent()) }

// mark is a part of a User-Agent that gives a name away.
type mark struct{ part, name string }

// Browsers call themselves by each other's names too, so the rarer come first.
func deviceWords(agent string) string {
	name := firstMark(agent, "A browser", []mark{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi", "Vivaldi"}, {"SamsungBrowser", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	})
	system := firstMark(agent, "", []mark{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	})
	if system == "" {
		return name
	}
	return name + " on " + system
}

func firstMark(agent, fallback string, marks []mark) string {
	for _, m := range marks {
		if strings.Contains(agent, m.part) {
			return m.name
		}
	}
	return fallback
}
