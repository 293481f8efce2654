package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house is the project's folder as seen from this test.
const house = "../.."

// ours is what a package of each kind may import of our own.
var ours = map[string][]string{
	"cmd":        {"handlers", "migrations", "static", "store", "adapter", "views"},
	"handlers":   {"static", "store", "adapter", "ui", "layout", "views"},
	"views":      {"static", "store", "ui", "layout"},
	"layout":     {"static", "ui"},
	"ui":         {"static"},
	"store":      {"migrations"},
	"tests":      {"handlers", "static", "store", "adapter", "tests"},
	"adapter":    {},
	"static":     {},
	"migrations": {},
}

// kept is who alone may import something that is not ours.
var kept = map[string][]string{
	"github.com/labstack/echo":    {"handlers"},
	"github.com/gorilla/sessions": {"handlers"},
	"net/http":                    {"cmd", "handlers", "static", "adapter", "layout", "tests"},
	"github.com/jmoiron/sqlx":     {"store", "tests"},
	"github.com/lib/pq":           {"store", "tests"},
	"database/sql":                {"store", "migrations", "tests"},
}

// kind is the kind of a package, by its folder.
func kind(folder string) string {
	switch {
	case folder == "views/ui", folder == "views/layout":
		return path.Base(folder)
	case strings.HasSuffix(folder, "test"), strings.HasSuffix(folder, "fake"): // what only tests import
		return "tests"
	case folder == "store":
		return folder
	case strings.HasPrefix(folder, "store/"):
		return "adapter"
	}
	top, _, _ := strings.Cut(folder, "/")
	return top
}

// TestWhoImportsWhom holds the house together: handlers know of requests,
// the store of the database, views of neither.
func TestWhoImportsWhom(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, file := range files(t, ".go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		from := kind(path.Dir(file))
		allowed, known := ours[from]
		if !known {
			t.Errorf("%s: a folder that the house does not have", file)
			continue
		}
		seen[from] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(house, file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if folder, isOurs := strings.CutPrefix(imported, "openstudio/"); isOurs && !slices.Contains(allowed, kind(folder)) {
				t.Errorf("%s imports %s: %s may import only %v", file, imported, from, allowed)
			}
			for what, who := range kept {
				if (imported == what || strings.HasPrefix(imported, what+"/")) && !slices.Contains(who, from) {
					t.Errorf("%s imports %s, which is for %v", file, imported, who)
				}
			}
		}
	}
	for k := range ours {
		if !seen[k] {
			t.Errorf("no package of kind %s was looked at", k)
		}
	}
}

// forbidden is what a page under a strict policy cannot have, or must not.
var forbidden = map[string]*regexp.Regexp{
	"inline script":    regexp.MustCompile(`(?i)<script(?:[^>]*\ssrc=)?[^>]*>\s*[^<\s]|<script(?:\s+(?:type|defer|async|nonce)[^>\s]*)*\s*>|(?m)^script\s+\w+\(|templ\.(?:JSExpression|JSFuncCall|ComponentScript)`),
	"style element":    regexp.MustCompile(`(?i)<style[\s>]|(?m)^css\s+\w+\(`),
	"style attribute":  regexp.MustCompile(`(?i)[\s"]style\s*=`),
	"event attribute":  regexp.MustCompile(`(?i)\son[a-z]+\s*=\s*["'{]`),
	"hx-on":            regexp.MustCompile(`(?i)hx-on\b`),
	"hx-vals script":   regexp.MustCompile(`(?i)hx-(?:vals|headers)\s*=\s*["'{\x60\s]+(?:js|javascript):`),
	"trigger filter":   regexp.MustCompile(`(?i)hx-trigger\s*=\s*(?:"[^"]*\[|'[^']*\[|\{[^}]*"[^"]*\[[^}]*\})`),
	"script in a link": regexp.MustCompile(`(?i)javascript:`),
	"raw HTML":         regexp.MustCompile(`templ\.Raw\(`),
	"another site":     regexp.MustCompile(`(?i)\s(?:src|srcset|data-src|poster)\s*=\s*"(?:https?:)?//`),
}

func TestTemplatesKeepTheStrictPolicy(t *testing.T) {
	t.Parallel()
	templates := files(t, ".templ")
	if len(templates) == 0 {
		t.Fatal("no template was looked at")
	}
	for _, file := range templates {
		text := read(t, file)
		for _, what := range slices.Sorted(maps.Keys(forbidden)) {
			if file == "views/emails/letter.templ" && (what == "style attribute" || what == "style element") {
				continue // a letter brings its own style, and is never a page but to those who develop it
			}
			if at := forbidden[what].FindStringIndex(text); at != nil {
				line := 1 + strings.Count(text[:at[0]+1], "\n")
				t.Errorf("%s:%d has %s: %s", file, line, what, strings.TrimSpace(text[at[0]:at[1]]))
			}
		}
	}
}

func TestForbiddenKnowsWhatItForbids(t *testing.T) {
	t.Parallel()
	for text, what := range map[string]string{
		`<script>go()</script>`:                            "inline script",
		`<script type="module">go()</script>`:              "inline script",
		`<script src="/a.js">go()</script>`:                "inline script",
		"script hello() {":                                 "inline script",
		`<style>a{}</style>`:                               "style element",
		`<p class="a" style="color:red">`:                  "style attribute",
		`<p style={ x }>`:                                  "style attribute",
		`<a onclick="go()">`:                               "event attribute",
		`<a onclick={ go() }>`:                             "event attribute",
		`<a hx-on:click="go()">`:                           "hx-on",
		`<a hx-on="click: go()">`:                          "hx-on",
		`<a hx-vals="js:{a: 1}">`:                          "hx-vals script",
		`<a hx-vals='javascript:{a: 1}'>`:                  "hx-vals script",
		`<a hx-vals={ "js:{a: 1}" }>`:                      "hx-vals script",
		`<a hx-trigger="click[ctrlKey]">`:                  "trigger filter",
		`<a hx-trigger={ "click[" + key + "]" }>`:          "trigger filter",
		`<a href="javascript:go()">`:                       "script in a link",
		`@templ.Raw(html)`:                                 "raw HTML",
		`<img src="https://cdn.example.org/a.png" alt="">`: "another site",
		`<script src="//cdn.example.org/a.js"></script>`:   "another site",
	} {
		if !forbidden[what].MatchString(text) {
			t.Errorf("%s is not known as %s", text, what)
		}
	}
	for _, text := range []string{
		`<script src={ p.Assets.URL("js/app.js") } defer></script>`, `<script defer src="/static/a.js"></script>`,
		`<link rel="stylesheet" href={ p.Assets.URL("css") }/>`, `<p class="style">Once = "one"</p>`, `<a hx-trigger="toggle once">`,
		`<img src={ photo.Src } alt={ photo.Alt }/>`, `<p>On condition = "x" only</p>`,
	} {
		for what, pattern := range forbidden {
			if pattern.MatchString(text) {
				t.Errorf("%s is taken for %s", text, what)
			}
		}
	}
}

// TestEveryTemplateIsGenerated finds generated files whose template is gone, and
// templates that were never generated.
func TestEveryTemplateIsGenerated(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for _, file := range append(files(t, ".templ"), files(t, "_templ.go")...) {
		exists[file] = true
	}
	for file := range exists {
		twin := strings.TrimSuffix(file, ".templ") + "_templ.go"
		if base, generated := strings.CutSuffix(file, "_templ.go"); generated {
			twin = base + ".templ"
		}
		if !exists[twin] {
			t.Errorf("%s is without %s", file, twin)
		}
	}
}

// files lists the project's files whose names end so, by their paths from its
// top.
func files(t *testing.T, ending string) []string {
	t.Helper()
	var found []string
	for _, top := range []string{"cmd", "handlers", "migrations", "static", "store", "views"} {
		err := fs.WalkDir(os.DirFS(house), top, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(name, ending) {
				found = append(found, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(house, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
