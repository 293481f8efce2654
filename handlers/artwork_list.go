package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/artworks"
	"openstudio/views/layout"
	"openstudio/views/ui"
)

// artworks lists the works, as far as they are looked for.
func (s *Server) artworks(c echo.Context) error {
	f, typed, invalid := looked(c)
	if f.To != "" && f.To != c.QueryParam("to") && !wantsFragment(c) {
		// A whole postcode is a home. It does not stay in the address.
		s.cacheHeaders(c)
		return c.Redirect(http.StatusSeeOther, withQuery(c.Request().URL.RequestURI(), "to", f.To))
	}
	list, err := s.listed(c, f)
	if err != nil {
		return err
	}
	p := artworks.IndexProps{Typed: typed}
	if f.Query == "" && f.After == "" {
		p.Found.Wordless = wordless(c.QueryParam("q"))
	}
	if f.Query != "" && f.After == "" {
		if p.Found, err = s.beside(c, f, &list); err != nil {
			return err
		}
		f.Query = p.Found.Query
	}
	page := list.Page
	p.Filter, p.Chips, p.Works = f, chips(f), s.found(c, f, page.Items)
	p.Scale = scale(c, p.Works)
	p.All = atScale("/artworks", p.Scale)
	for i := range p.Chips {
		p.Chips[i].Href = atScale(p.Chips[i].Href, p.Scale)
	}
	if page.Next != "" {
		next := f
		next.After = page.Next
		p.More = moreAtScale(listPath(next), p.Scale)
	}
	if page.Next == "" && f.After != "" {
		early, err := s.Store.EndsEarly(c.Request().Context(), f)
		if err != nil {
			return err
		}
		if early {
			all := f
			all.Sort, all.After = store.Newest, ""
			p.Newest = atScale(listPath(all), p.Scale)
		}
	}
	if f.After != "" && wantsFragment(c) {
		return s.part(c, http.StatusOK, artworks.More(p))
	}
	if list.counts == nil {
		counts, err := s.facets(c, f)
		if err != nil {
			return err
		}
		list.counts = &counts
	}
	p.Counts = *list.counts
	p.Errors = invalid
	p.Count = worksFound(p.Counts)
	first := f
	first.After = ""
	p.Switch = scaleSwitch(listPath(first), p.Scale, "#results")
	p.Save = savePath(first)
	p.Yours, p.YoursHref = yours(c, first, p.Scale)
	if p.Counts.Works == 0 {
		if err := s.instead(c, &p); err != nil {
			return err
		}
	}
	status := http.StatusOK
	switch {
	case len(invalid.Fields) > 0:
		status = http.StatusUnprocessableEntity
	case wantsFragment(c):
		c.Response().Header().Set("HX-Push-Url", atScale(listPath(f), p.Scale))
	}
	return s.show(c, status, view{Title: listTitle(f), Canonical: "/artworks", Head: layout.Feed(feedTitle(f), artworksFeedPath(f)),
		Description: "Works by living artists, sold by the people who made them.", Page: artworks.Index(p), Fragment: artworks.Results(p)})
}

// wordlessMost is how many characters of a query without words are shown.
const wordlessMost = 20

// wordless is a query in which there is no word to search for, as it is shown.
func wordless(typed string) string {
	typed = strings.Join(strings.Fields(strings.ToValidUTF8(typed, "")), " ")
	if runes := []rune(typed); len(runes) > wordlessMost {
		typed = string(runes[:wordlessMost]) + "…"
	}
	return typed
}

// list is a page of works; the first of most lists has been counted with it.
type list struct {
	store.Page[store.Card]
	counts *store.Facets // nil when they are yet to be counted
}

// listed is the page of a filter.
func (s *Server) listed(c echo.Context, f store.Filter) (list, error) {
	ctx := c.Request().Context()
	if f.After != "" {
		page, err := s.Store.Artworks(ctx, viewerID(c), f)
		return list{Page: page}, err
	}
	hits, err := s.hits.of(s.pages, listPath(f), func() (store.Hits, error) { return s.Store.Search(ctx, f) })
	if err != nil {
		return list{}, err
	}
	page, err := s.Store.SearchPage(ctx, viewerID(c), f, hits)
	return list{Page: page, counts: &hits.Facets}, err
}

// worksFound says how many works a list has.
func worksFound(n store.Facets) string {
	switch {
	case n.Works == 0:
		return "No works"
	case n.About:
		return "About " + ui.Count(n.Works, 0, "work")
	}
	return ui.Count(n.Works, 0, "work")
}

// found are works as a list shows them: with what they cost where they go, and
// with the room that they leave on the wall.
func (s *Server) found(c echo.Context, f store.Filter, cards []store.Card) []ui.Work {
	works := s.works(c, cards)
	for i, card := range cards {
		if f.To != "" && card.Buyable() {
			works[i].Delivered = deliveredTo(card.Delivered, f.To)
		}
		works[i].Spare = spare(f.Wall, card)
	}
	return works
}

// spare says how much of a wall a work leaves free, in whole centimetres.
func spare(w store.Wall, card store.Card) string {
	side, above := w.Spare(card)
	var parts []string
	if w.Width > 0 {
		parts = append(parts, strconv.Itoa(int(side/100))+" cm to spare each side")
	}
	if w.Height > 0 {
		parts = append(parts, strconv.Itoa(int(above/100))+" cm above and below")
	}
	return strings.Join(parts, ", ")
}

// yours is where a collector's own parcels go, and the list that counts with it.
func yours(c echo.Context, f store.Filter, scale ui.Scale) (outward, href string) {
	session := viewer(c)
	if session == nil || !session.Member.IsCollector() || f.To != "" {
		return "", ""
	}
	f.To, _ = store.ParseOutward(session.Member.Postcode)
	return f.To, atScale(listPath(f), scale)
}

// filter reads what is looked for. What means nothing is left out.
func filter(c echo.Context) store.Filter {
	f, _, _ := looked(c)
	return f
}

// looked reads what is looked for, as it was typed, and what cannot be read. A
// field that cannot be read narrows nothing.
func looked(c echo.Context) (store.Filter, artworks.Typed, store.Invalid) {
	q := c.QueryParams()
	r := listReader{q: q}
	f := store.Filter{
		Query: q.Get("q"), ForSale: q.Get("sale") == "1", Described: q.Get("described") == "1", Towns: q["town"],
		Mediums: named[store.Medium](q["medium"]), Sizes: named[store.Size](q["size"]), Shapes: named[store.Shape](q["shape"]),
		Colours: named[store.Colour](q["colour"]), Editions: named[store.Edition](q["edition"]),
		Sort: store.Sort(q.Get("sort")), After: q.Get("after"),
	}
	if q.Get("well") == "1" {
		f.Colours = append(f.Colours, store.Colour(q.Get("hex")))
	}
	const pounds, cm = "Write it in pounds, for example 250.", "Write it in centimetres, for example 60."
	f.Price = rangeOf(&r, "min", "max", pounds, "The second price is lower than the first.", store.ParsePence)
	f.Width = rangeOf(&r, "wmin", "wmax", cm, "The second width is smaller than the first.", store.ParseHundredths)
	f.Height = rangeOf(&r, "hmin", "hmax", cm, "The second height is smaller than the first.", store.ParseHundredths)
	f.Years = rangeOf(&r, "from", "until", "Write the year in figures, for example 1998.", "The second year is before the first.", year)
	f.Wall = store.Wall{Width: r.wall("wallw"), Height: r.wall("wallh")}
	f.Most = read(&r, "most", pounds, store.ParsePence)
	f.To = r.outward(f.Most > 0)
	f = f.Clean()
	return f, r.typed(f), r.invalid
}

// named are the values of a parameter.
func named[T ~string](values []string) []T {
	list := make([]T, len(values))
	for i, v := range values {
		list[i] = T(v)
	}
	return list
}

// listReader reads the fields of the filters that are written on.
type listReader struct {
	q       url.Values
	invalid store.Invalid
}

// read reads one field; 0 is an empty one, or one that cannot be read.
func read[T ~int | ~int64](r *listReader, name, sentence string, parse func(string) (T, bool)) T {
	typed := strings.TrimSpace(r.q.Get(name))
	if typed == "" {
		return 0
	}
	n, ok := parse(typed)
	if !ok {
		r.invalid.Add(name, sentence)
		return 0
	}
	return n
}

// rangeOf reads two fields. Where the second is less than the first, neither
// narrows the list.
func rangeOf[T ~int | ~int64](r *listReader, least, most, sentence, wrong string, parse func(string) (T, bool)) store.Range[T] {
	from, to := read(r, least, sentence, parse), read(r, most, sentence, parse)
	if to > 0 && from > to {
		r.invalid.Add(most, wrong)
		return store.Range[T]{}
	}
	return store.Range[T]{Least: from, Most: to}
}

func year(typed string) (int, bool) {
	n, err := strconv.Atoi(typed)
	return n, err == nil && n >= 1 && n <= 9999
}

// The sizes of a wall that works are looked for, in cm.
const wallLeast, wallMost = 20, 2000

func (r *listReader) wall(name string) store.Hundredths {
	return read(r, name, "Write the free wall in centimetres, between 20 and 2000.", func(typed string) (store.Hundredths, bool) {
		cm, ok := store.ParseHundredths(typed)
		return cm, ok && cm >= wallLeast*100 && cm <= wallMost*100
	})
}

// outward reads where works are to go. It must be known when a most is given.
func (r *listReader) outward(needed bool) string {
	typed := strings.TrimSpace(r.q.Get("to"))
	to, ok := store.ParseOutward(typed)
	switch {
	case typed != "" && !ok:
		r.invalid.Add("to", "Not a UK postcode, for example LS6 or LS6 3QT.")
	case typed == "" && needed:
		r.invalid.Add("to", "Write your postcode too: what delivery costs hangs on it.")
	}
	return to
}

// typed is what stands in the fields: what was typed where it cannot be read,
// and otherwise what was read.
func (r *listReader) typed(f store.Filter) artworks.Typed {
	t := artworks.Read(f)
	for _, field := range t.Fields() {
		if typed := r.q.Get(field.Name); r.invalid.Get(field.Name) != "" || f.Most == 0 && field.Name == "most" {
			*field.Value = typed
		}
	}
	for _, pair := range [][2]string{{"min", "max"}, {"wmin", "wmax"}, {"hmin", "hmax"}, {"from", "until"}} {
		if r.invalid.Get(pair[1]) == "" {
			continue
		}
		for _, field := range t.Fields() {
			if field.Name == pair[0] {
				*field.Value = r.q.Get(pair[0])
			}
		}
	}
	return t
}

// listPath is the address of a list.
func listPath(f store.Filter) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	flag := func(name string, on bool) {
		if on {
			q.Set(name, "1")
		}
	}
	set("q", f.Query)
	flag("sale", f.ForSale)
	flag("described", f.Described)
	addAll(q, "medium", f.Mediums)
	addAll(q, "size", f.Sizes)
	addAll(q, "shape", f.Shapes)
	addAll(q, "colour", f.Colours)
	addAll(q, "edition", f.Editions)
	addAll(q, "town", f.Towns)
	t := artworks.Read(f)
	for _, field := range t.Fields() {
		set(field.Name, *field.Value)
	}
	if f.Sort != (store.Filter{Query: f.Query}).Clean().Sort {
		set("sort", string(f.Sort))
	}
	set("after", f.After)
	if len(q) == 0 {
		return "/artworks"
	}
	return "/artworks?" + q.Encode()
}

func addAll[T ~string](q url.Values, name string, values []T) {
	for _, v := range values {
		q.Add(name, string(v))
	}
}

func listTitle(f store.Filter) string {
	if f.Query != "" {
		return artworks.QueryWords(f.Query)
	}
	return "Browse works"
}

// chips are the filters that are on, each with the list without it.
func chips(f store.Filter) []ui.ChipProps {
	var list []ui.ChipProps
	f.After = ""
	add := func(label string, without store.Filter) {
		list = append(list, ui.ChipProps{Label: label, Href: listPath(without.Clean())})
	}
	for _, facet := range f.On() {
		switch facet {
		case store.ByMedium:
			each(f.Mediums, store.Medium.Label, func(rest []store.Medium) store.Filter { w := f; w.Mediums = rest; return w }, add)
		case store.BySize:
			each(f.Sizes, store.Size.Label, func(rest []store.Size) store.Filter { w := f; w.Sizes = rest; return w }, add)
		case store.ByShape:
			each(f.Shapes, store.Shape.Label, func(rest []store.Shape) store.Filter { w := f; w.Shapes = rest; return w }, add)
		case store.ByColour:
			each(f.Colours, store.Colour.Label, func(rest []store.Colour) store.Filter { w := f; w.Colours = rest; return w }, add)
		case store.ByEdition:
			each(f.Editions, store.Edition.Label, func(rest []store.Edition) store.Filter { w := f; w.Editions = rest; return w }, add)
		case store.ByTown:
			each(f.Towns, func(t string) string { return t }, func(rest []string) store.Filter { w := f; w.Towns = rest; return w }, add)
		case store.ByMeasure:
			if !f.Width.Open() {
				without := f
				without.Width = store.Range[store.Hundredths]{}
				add(artworks.RangeWords(f.Width, func(h store.Hundredths) string { return h.String() + " cm" })+" wide", without)
			}
			if !f.Height.Open() {
				without := f
				without.Height = store.Range[store.Hundredths]{}
				add(artworks.RangeWords(f.Height, func(h store.Hundredths) string { return h.String() + " cm" })+" high", without)
			}
		default:
			add(artworks.FacetWords(f, facet), f.Without(facet))
		}
	}
	if f.To != "" && f.Most == 0 {
		without := f
		without.To = ""
		add("Delivered to "+f.To, without)
	}
	return list
}

// each adds a chip for each of the values of a facet.
func each[T comparable](values []T, label func(T) string, with func([]T) store.Filter, add func(string, store.Filter)) {
	for i, v := range values {
		add(label(v), with(slices.Delete(slices.Clone(values), i, i+1)))
	}
}

// recentMost is how many works are shown in place of those that were not found.
const recentMost = 5

// instead says what would be found with one filter or one word fewer, and shows
// what was hung last. The choices of one facet count as one filter.
func (s *Server) instead(c echo.Context, p *artworks.IndexProps) error {
	on := p.Filter.On()
	if len(on) > 1 {
		for _, facet := range on {
			without := p.Filter.Without(facet)
			n, known := p.Counts.Without(facet)
			if !known {
				var err error
				if n, err = s.count(c, without); err != nil {
					return err
				}
			}
			if n > 0 {
				p.Without = append(p.Without, artworks.Without{Filter: artworks.FacetName(p.Filter, facet),
					Found: capital(ui.Count(n, store.CountMost, "work")), Href: atScale(listPath(without), p.Scale)})
			}
		}
	}
	words, err := s.Store.LessWords(c.Request().Context(), p.Filter)
	if err != nil {
		return err
	}
	for _, w := range words {
		without := p.Filter
		without.Query, without.After = w.Query, ""
		p.Without = append(p.Without, artworks.Without{Filter: "“" + w.Word + "”",
			Found: capital(ui.Count(w.Works, store.RowCountMost, "work")), Href: atScale(listPath(without.Clean()), p.Scale)})
	}
	recent, err := s.Store.Artworks(c.Request().Context(), viewerID(c), store.Filter{})
	if err != nil {
		return err
	}
	p.Recent = s.works(c, recent.Items[:min(recentMost, len(recent.Items))])
	return nil
}

// capital begins "more than 10,000 works" with a capital.
func capital(words string) string {
	return strings.ToUpper(words[:1]) + words[1:]
}

// counts remembers for a moment how many works lists have, or what searches
// find: it is the dearest part of a page and the same for everybody. Every change of
// the market ends what is remembered, on every instance.
type counts[T any] struct {
	mu         sync.Mutex
	generation int
	until      time.Time
	by         map[string]T // address of the list
}

// countsMost bounds what is remembered; beyond it, it starts anew.
const countsMost = 1000

// of is what is remembered of a list, or else what ask finds.
func (m *counts[T]) of(pages *pageCache, list string, ask func() (T, error)) (T, error) {
	_, generation := pages.get("")
	m.mu.Lock()
	if m.generation != generation || time.Now().After(m.until) || len(m.by) >= countsMost {
		m.generation, m.until, m.by = generation, time.Now().Add(pages.age), map[string]T{}
	}
	n, known := m.by[list]
	m.mu.Unlock()
	if known {
		return n, nil
	}
	n, err := ask()
	if err != nil {
		return n, err
	}
	m.mu.Lock()
	if m.generation == generation {
		m.by[list] = n
	}
	m.mu.Unlock()
	return n, nil
}

// count counts the works that a filter finds, up to one more than
// store.CountMost.
func (s *Server) count(c echo.Context, f store.Filter) (int, error) {
	f.Sort, f.After = store.Newest, ""
	return s.counts.of(s.pages, listPath(f), func() (int, error) { return s.Store.CountArtworks(c.Request().Context(), f) })
}

// facets counts the works that a filter finds, and those of each choice.
func (s *Server) facets(c echo.Context, f store.Filter) (store.Facets, error) {
	f.Sort, f.After = store.Newest, ""
	return s.choices.of(s.pages, listPath(f), func() (store.Facets, error) { return s.Store.Facets(c.Request().Context(), f) })
}
