package store

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"
)

// Range is a least and a most; 0 leaves a side open.
type Range[T ~int | ~int64] struct{ Least, Most T }

// Open reports whether the range leaves nothing out.
func (r Range[T]) Open() bool { return r.Least == 0 && r.Most == 0 }

// clean is the range without sides that mean nothing; one that ends before it
// begins is open.
func (r Range[T]) clean() Range[T] {
	const most = 1<<31 - 1 // that a column holds
	r.Least, r.Most = min(max(r.Least, 0), most), min(max(r.Most, 0), most)
	if r.Most > 0 && r.Least > r.Most {
		return Range[T]{}
	}
	return r
}

// Size says how long a work's longest side is.
type Size string

// The sizes.
const (
	Small  Size = "s"  // under 40 cm
	Middle Size = "m"  // 40 to 80 cm
	Large  Size = "l"  // 80 to 120 cm
	Huge   Size = "xl" // over 120 cm
)

// Sizes lists them in the order of menus.
func Sizes() []Size { return []Size{Small, Middle, Large, Huge} }

// Label is the size as people read it.
func (s Size) Label() string {
	return map[Size]string{Small: "Under 40 cm", Middle: "40 to 80 cm", Large: "80 to 120 cm", Huge: "Over 120 cm"}[s]
}

// Shape is how a work's width and height compare. Within a twentieth of the
// longer they are a square.
type Shape string

// The shapes.
const (
	Portrait  Shape = "portrait"
	Landscape Shape = "landscape"
	Square    Shape = "square"
)

// Shapes lists them in the order of menus.
func Shapes() []Shape { return []Shape{Portrait, Landscape, Square} }

// Label is the shape as people read it.
func (s Shape) Label() string {
	return map[Shape]string{Portrait: "Portrait", Landscape: "Landscape", Square: "Square"}[s]
}

// Editions lists the kinds of edition in the order of menus.
func Editions() []Edition { return []Edition{UniqueEdition, LimitedEdition, OpenEdition} }

// Label is the kind of edition as people read it.
func (e Edition) Label() string {
	return map[Edition]string{UniqueEdition: "Unique", LimitedEdition: "Limited edition", OpenEdition: "Open edition"}[e]
}

// PriceBins begin the bars of the prices: the first bar begins at nothing, and
// each ends where the next begins.
func PriceBins() []Pence {
	return []Pence{0, 2000, 3000, 5000, 7500, 10000, 15000, 20000, 30000, 40000, 50000, 75000, 100000, 150000, 200000, 300000,
		400000, 500000, 750000, 1000000, 1500000, 2000000, 3000000, 5000000}
}

// The column facets of artworks says in numbers what a work is, so that one
// index finds all of it (facets_of in the migrations): a medium is its place in
// Mediums, from 1; then come these, each counted on from its first.
const (
	shapeFirst    = 11
	editionFirst  = 21
	sizeFirst     = 31
	saleTag       = 41
	describedTag  = 42
	swatchFirst   = 51
	priceBinFirst = 101
	decadeFirst   = 1000 // no choice, but a help to find years
)

// tags are the numbers of those of all that are chosen.
func tags[T comparable](first int, all, chosen []T) []int64 {
	var list []int64
	for i, v := range all {
		if slices.Contains(chosen, v) {
			list = append(list, int64(first+i))
		}
	}
	return list
}

// kept are those of all that are chosen, in the order of menus.
func kept[T comparable](all, chosen []T) []T {
	var list []T
	for _, v := range all {
		if slices.Contains(chosen, v) {
			list = append(list, v)
		}
	}
	return list
}

// townsMost is how many towns a filter takes.
const townsMost = 10

// towns are those that a filter names, each once.
func towns(chosen []string) []string {
	var list []string
	for _, town := range chosen {
		town = oneLine(town)
		same := func(t string) bool { return strings.EqualFold(t, town) }
		if town != "" && utf8.RuneCountInString(town) <= TownMost && !slices.ContainsFunc(list, same) && len(list) < townsMost {
			list = append(list, town)
		}
	}
	return list
}

// Facet is one of the ways in which a list can be narrowed.
type Facet string

// The facets.
const (
	ByQuery     Facet = "query"
	BySale      Facet = "sale"
	ByMedium    Facet = "medium"
	ByPrice     Facet = "price"
	BySize      Facet = "size"
	ByMeasure   Facet = "measure" // width and height
	ByShape     Facet = "shape"
	ByColour    Facet = "colour"
	ByEdition   Facet = "edition"
	ByYear      Facet = "year"
	ByTown      Facet = "town"
	ByDescribed Facet = "described"
	ByWall      Facet = "wall"
	ByDelivered Facet = "delivered"
)

// On are the facets that narrow the list, in the order of the page.
func (f Filter) On() []Facet {
	var on []Facet
	for _, x := range []struct {
		facet Facet
		is    bool
	}{
		{ByQuery, f.query() != ""}, {BySale, f.ForSale}, {ByMedium, len(f.mediums()) > 0}, {ByWall, !f.Wall.open()}, {ByDelivered, f.delivers()},
		{ByPrice, !f.Price.clean().Open()}, {BySize, len(f.Sizes) > 0}, {ByMeasure, !f.Width.clean().Open() || !f.Height.clean().Open()},
		{ByShape, len(f.Shapes) > 0}, {ByColour, len(f.Colours) > 0}, {ByEdition, len(f.Editions) > 0}, {ByYear, !f.Years.clean().Open()},
		{ByTown, len(f.Towns) > 0}, {ByDescribed, f.Described},
	} {
		if x.is {
			on = append(on, x.facet)
		}
	}
	return on
}

// Without is the filter less one facet, from its first page.
func (f Filter) Without(facet Facet) Filter {
	f.After = ""
	switch facet {
	case ByQuery:
		f.Query = ""
	case BySale:
		f.ForSale = false
	case ByMedium:
		f.Mediums = nil
	case ByPrice:
		f.Price = Range[Pence]{}
	case BySize:
		f.Sizes = nil
	case ByMeasure:
		f.Width, f.Height = Range[Hundredths]{}, Range[Hundredths]{}
	case ByShape:
		f.Shapes = nil
	case ByColour:
		f.Colours = nil
	case ByEdition:
		f.Editions = nil
	case ByYear:
		f.Years = Range[int]{}
	case ByTown:
		f.Towns = nil
	case ByDescribed:
		f.Described = false
	case ByWall:
		f.Wall = Wall{}
	case ByDelivered:
		f.Most = 0
	}
	return f.Clean()
}

// condition is what one facet asks of artworks a. index follows from sql, for an
// index to find what sql alone would have to look for in every work.
type condition struct {
	facet      Facet
	sql, index string
}

// conditions are those of all facets that are on but the text, and their
// arguments.
func (f Filter) conditions(args []any) ([]condition, []any) {
	var list []condition
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	add := func(facet Facet, sql ...string) {
		list = append(list, condition{facet: facet, sql: strings.Join(sql, " AND ")})
	}
	oneOf := func(facet Facet, tags []int64) {
		if len(tags) > 0 {
			add(facet, "a.facets && "+arg(pq.Array(tags))+"::integer[]")
		}
	}
	if f.ForSale {
		add(BySale, "a.for_sale")
	}
	oneOf(ByMedium, tags(1, Mediums(), f.mediums()))
	if r := f.Price.clean(); !r.Open() {
		add(ByPrice, within("a.price", r, arg)...)
		list[len(list)-1].index = anyOf(binsOf(r), 12)
	}
	oneOf(BySize, tags(sizeFirst, Sizes(), f.Sizes))
	if sql := append(within("a.width", f.Width.clean(), arg), within("a.height", f.Height.clean(), arg)...); sql != nil {
		add(ByMeasure, sql...)
	}
	oneOf(ByShape, tags(shapeFirst, Shapes(), f.Shapes))
	if len(f.Colours) > 0 {
		list = append(list, f.coloured(arg))
	}
	oneOf(ByEdition, tags(editionFirst, Editions(), f.Editions))
	if r := f.Years.clean(); !r.Open() {
		add(ByYear, within("a.year", r, arg)...)
		if len(f.On()) > 1 { // the years alone have an index with the order of the list
			list[len(list)-1].index = anyOf(decadesOf(r), 6)
		}
	}
	if len(f.Towns) > 0 {
		towns := make([]string, len(f.Towns))
		for i, town := range f.Towns {
			towns[i] = "lower(" + arg(town) + ")"
		}
		add(ByTown, "lower(a.town) IN ("+strings.Join(towns, ", ")+")")
	}
	if f.Described {
		oneOf(ByDescribed, []int64{describedTag})
	}
	if sql := f.Wall.condition(arg); sql != nil {
		add(ByWall, sql...)
	}
	if f.delivers() {
		most := arg(f.Most)
		add(ByDelivered, "a.for_sale", "a.nearby IS NOT NULL", "a.nearby <= "+most, f.delivered(arg)+" <= "+most)
	}
	return list, args
}

// binsOf are the numbers of the PriceBins that a range reaches into.
func binsOf(r Range[Pence]) []int64 {
	var list []int64
	bins := PriceBins()
	for i, from := range bins {
		if (r.Most == 0 || from <= r.Most) && (i+1 == len(bins) || bins[i+1] > r.Least) {
			list = append(list, int64(priceBinFirst+i))
		}
	}
	return list
}

// decadesOf are the numbers of the decades that a range reaches into.
func decadesOf(r Range[int]) []int64 {
	var list []int64
	for decade := r.Least / 10; r.Most > 0 && decade <= min(r.Most, 9999)/10; decade++ {
		list = append(list, int64(decadeFirst+decade))
	}
	return list
}

// anyOf is the condition that the column facets has one of the numbers, or
// nothing when they are too many to help.
func anyOf(tags []int64, most int) string {
	if len(tags) == 0 || len(tags) > most {
		return ""
	}
	return "a.facets && " + numbers(tags)
}

// within is the condition that a column lies in a range.
func within[T ~int | ~int64](column string, r Range[T], arg func(any) string) []string {
	var sql []string
	if r.Least > 0 {
		sql = append(sql, column+" >= "+arg(int64(r.Least)))
	}
	if r.Most > 0 {
		sql = append(sql, column+" <= "+arg(int64(r.Most)))
	}
	return sql
}

// coloured is the condition that a work has one of the colours.
func (f Filter) coloured(arg func(any) string) condition {
	var named, cells []int64
	var sql []string
	for _, c := range f.Colours {
		v := c.lab()
		if i := c.swatch(); i >= 0 {
			named = append(named, int64(swatchFirst+i))
			continue
		}
		cells = append(cells, v.cells()...)
		sql = append(sql, fmt.Sprintf("has_colour(a.palette, %s, %s, %s)", float(v.L), float(v.A), float(v.B)))
	}
	var index []string
	if len(named) > 0 {
		has := "a.facets && " + arg(pq.Array(named)) + "::integer[]"
		sql, index = append(sql, has), append(index, has)
	}
	c := condition{facet: ByColour}
	if len(cells) > 0 {
		index = append(index, "a.colours && "+numbers(cells))
		c.index = "(" + strings.Join(index, " OR ") + ")"
	}
	c.sql = "(" + strings.Join(sql, " OR ") + ")"
	return c
}

// found is the condition with that for its index.
func (c condition) found() string {
	if c.index == "" {
		return c.sql
	}
	return c.index + " AND " + c.sql
}

// numbers writes whole numbers into a query.
func numbers(list []int64) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.FormatInt(n, 10)
	}
	return "'{" + strings.Join(words, ",") + "}'::integer[]"
}

// float writes a number into a query.
func float(v float64) string { return "'" + strconv.FormatFloat(v, 'g', -1, 64) + "'::float8" }

// nearness is how far a work is from the nearest of the colours, the area of its
// palette taken together, in thousandths.
func (f Filter) nearness() string {
	far := make([]string, len(f.Colours))
	for i, c := range f.Colours {
		v := c.lab()
		far[i] = fmt.Sprintf("colour_distance(a.palette, %s, %s, %s)", float(v.L), float(v.A), float(v.B))
	}
	return "round(1000 * LEAST(" + strings.Join(far, ", ") + "))::bigint"
}

// narrowed are the columns of artworks that conditions, orders and counts need.
const narrowed = `a.id, a.listed_at, a.price, a.longest, a.width, a.height, a.depth, a.weight, a.medium, a.year, a.town, a.zone, a.rates, a.for_sale, a.nearby, a.facets, a.palette`

// Facets are how many works a list has, and how many each choice of a facet
// would have: the facets that are on count without themselves.
type Facets struct {
	Works int  // that the filter finds
	About bool // Works is estimated: it is more than CountMost
	Rough bool // the numbers of choices are estimated
	Towns []TownCount
	by    map[int]int
	dear  map[Facet]bool // whose choices are too dear to count
	less  map[Facet]int  // works without that facet, where it was counted
}

// TownCount is a town and how many works there are of artists who live there.
type TownCount struct {
	Town  string
	Works int
}

// Unknown stands for a number that is too dear to count.
const Unknown = -1

// Of is the number of works of a choice: a Medium, Size, Shape, Edition, or
// Colour that is a swatch; or Unknown.
func (c Facets) Of(choice any) int {
	switch v := choice.(type) {
	case Medium:
		return c.of(1 + slices.Index(Mediums(), v))
	case Size:
		return c.of(sizeFirst + slices.Index(Sizes(), v))
	case Shape:
		return c.of(shapeFirst + slices.Index(Shapes(), v))
	case Edition:
		return c.of(editionFirst + slices.Index(Editions(), v))
	case Colour:
		return c.of(swatchFirst + v.swatch())
	}
	return Unknown
}

// Without is the number of works that the filter finds without one of its facets.
// known is false where it was not counted.
func (c Facets) Without(facet Facet) (works int, known bool) {
	works, known = c.less[facet]
	return works, known
}

func (c Facets) of(tag int) int {
	if c.dear[facetOf(tag)] {
		return Unknown
	}
	return c.by[tag]
}

// ForSale is the number of works that can be asked for, or Unknown.
func (c Facets) ForSale() int { return c.of(saleTag) }

// Described is the number of works whose cover has a text, or Unknown.
func (c Facets) Described() int { return c.of(describedTag) }

// Prices are the numbers of works in the PriceBins.
func (c Facets) Prices() []int {
	n := make([]int, len(PriceBins()))
	for i := range n {
		n[i] = c.by[priceBinFirst+i]
	}
	return n
}

// facetOf is the facet that a number of the column facets belongs to.
func facetOf(tag int) Facet {
	switch {
	case tag == townTag:
		return ByTown
	case tag == saleTag:
		return BySale
	case tag == describedTag:
		return ByDescribed
	case tag < shapeFirst:
		return ByMedium
	case tag < editionFirst:
		return ByShape
	case tag < sizeFirst:
		return ByEdition
	case tag < saleTag:
		return BySize
	case tag < priceBinFirst:
		return ByColour
	}
	return ByPrice
}

// Counting looks at the newest works of the market, and from what it finds there
// tells how many there are in all. What is rarer than rareFrom among them is
// looked for by itself.
const (
	windowMost = 2000
	rareFrom   = 20
	rareMost   = 2000 // of which the choices are counted
	dearFrom   = 4    // facets, of which each alone takes long to leave out
)

// townTag stands beside the numbers of the column facets while counting.
const townTag = -1

// counted are works that find the same: those that all facets find (Miss 0), or
// all but the one of this bit, or fewer. Works is a line for each, its numbers in
// braces and then its town; those that miss more than one facet have none.
type counted struct {
	Miss  int    `db:"miss"`
	N     int    `db:"n"`
	Works string `db:"works"`
}

// missed is a number of works with a tag among those that miss the same.
type missed struct {
	Miss, Tag int
	Town      string
	N         int
}

// Facets counts what a filter finds, and each choice that could be made beside.
// While a large market is read into memory, and for words that very many works
// hold, no more than CountMost works are counted one by one: what is beyond, and
// choices that are many, are estimated from the newest works.
func (s *Store) Facets(ctx context.Context, f Filter) (Facets, error) {
	f.After, f.Sort = "", Newest
	if found, ok, err := s.look(ctx, f); err != nil {
		return Facets{}, err
	} else if ok {
		defer found.release()
		return found.facets(), nil
	}
	query, args := f.window()
	var rows []counted
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return Facets{}, fmt.Errorf("count the newest: %w", err)
	}
	return s.facets(ctx, f, tallied(rows))
}

// facets puts together what a filter finds from what was seen of the newest
// works, and from more where that does not say enough.
func (s *Store) facets(ctx context.Context, f Filter, seen sample) (Facets, error) {
	conditions, _ := f.conditions(nil)
	if seen.all < windowMost {
		return seen.facets(conditions, func(int) float64 { return 1 }), nil
	}
	market, err := s.marketSize(ctx, f)
	if err != nil {
		return Facets{}, err
	}
	scale := max(float64(market)/float64(seen.all), 1)
	scales := func(int) float64 { return scale }
	works := seen.works[0]
	if works >= rareFrom && scale*float64(works) > CountMost {
		c := seen.facets(conditions, scales)
		c.Works, c.About = roughly(c.Works, works), true
		return c, nil
	}
	if len(conditions) == 0 {
		c := seen.facets(conditions, scales)
		c.Works = market
		return c, nil
	}
	// What all facets find is rare; what all but one find may be.
	query, args := f.rare(func(miss int) bool {
		return miss == 0 || seen.works[0]+seen.works[miss] < rareFrom && len(conditions) < dearFrom
	})
	var rows []counted
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return Facets{}, fmt.Errorf("count what is rare: %w", err)
	}
	rare := tallied(rows)
	both := sample{rows: rare.rows, works: rare.works}
	for _, r := range seen.rows {
		if _, known := rare.works[r.Miss]; !known {
			both.rows = append(both.rows, r)
		}
	}
	c := both.facets(conditions, func(miss int) float64 {
		if n, known := rare.works[miss]; known {
			return max(float64(n)/rareMost, 1)
		}
		return scale
	})
	c.Works, c.dear = rare.works[0], map[Facet]bool{}
	for i, condition := range conditions {
		_, known := rare.works[1<<i]
		c.dear[condition.facet] = !known && seen.works[0]+seen.works[1<<i] < rareFrom
	}
	return c, nil
}

// roughly is an estimate that stands on so many works: one figure and zeros, or
// two.
func roughly(n, seen int) int {
	most := 10
	if seen >= 200 {
		most = 100
	}
	step := 1
	for n/step >= most {
		step *= 10
	}
	return (n + step/2) / step * step
}

// marketSize is about how many works there are that a text finds, or in all.
func (s *Store) marketSize(ctx context.Context, f Filter) (int, error) {
	var n int
	var err error
	if f.query() == "" {
		n, err = s.aboutMarket(ctx)
	} else {
		n, err = s.guess(ctx, Filter{Query: f.Query})
	}
	if err != nil || n > CountMost {
		return n, err
	}
	return s.CountArtworks(ctx, Filter{Query: f.Query})
}

// window is the query that counts among the newest works, and its arguments.
func (f Filter) window() (string, []any) {
	seen, args := f.seen("")
	return `WITH ` + seen + ` SELECT miss, n, works FROM works`, args
}

// line is a work as counted reads it.
const line = `facets::text || town`

// seen are the tables seen, the newest works with what they miss, and works, those
// that miss the same as counted; and their arguments.
func (f Filter) seen(columns string) (string, []any) {
	where, args := f.textual(nil)
	conditions, args := f.conditions(args)
	miss := []string{"0"}
	for i, c := range conditions {
		miss = append(miss, fmt.Sprintf("CASE WHEN %s THEN 0 ELSE %d END", c.sql, 1<<i))
	}
	return fmt.Sprintf(`seen AS MATERIALIZED (
			SELECT a.id, a.listed_at, %[1]s a.facets, a.town, %[2]s AS miss
			FROM (SELECT %[1]s %[3]s FROM artworks a WHERE %[4]s ORDER BY a.listed_at DESC, a.id DESC LIMIT %[5]d) a),
		works AS (SELECT miss, count(*) AS n, COALESCE(string_agg(`+line+`, E'\n') FILTER (WHERE miss & (miss - 1) = 0), '') AS works
			FROM seen GROUP BY miss)`,
		columns, strings.Join(miss, " + "), narrowed, where, windowMost), args
}

// rare is the query that counts the works of a filter, and those that all facets
// but one find where that is asked for, and its arguments.
func (f Filter) rare(asked func(miss int) bool) (string, []any) {
	where, args := f.textual(nil)
	conditions, args := f.conditions(args)
	var found, counted []string
	for i := -1; i < len(conditions); i++ {
		sql, miss := where, 0
		for j, c := range conditions {
			if i == j {
				sql, miss = sql+" AND NOT ("+c.sql+")", 1<<j
			} else {
				sql += " AND " + c.found()
			}
		}
		if !asked(miss) {
			continue
		}
		found = append(found, fmt.Sprintf("found%d AS MATERIALIZED (SELECT a.facets, a.town FROM artworks a WHERE %s)", miss, sql))
		counted = append(counted, fmt.Sprintf(`SELECT %[1]d AS miss, (SELECT count(*) FROM found%[1]d) AS n,
			COALESCE((SELECT string_agg(%[2]s, E'\n') FROM (SELECT facets, town FROM found%[1]d LIMIT %[3]d) a), '') AS works`, miss, line, rareMost))
	}
	return `WITH ` + strings.Join(found, ", ") + " " + strings.Join(counted, " UNION ALL "), args
}

// sample is what a query of counts has found.
type sample struct {
	rows  []missed
	all   int         // works looked at
	works map[int]int // by what they miss
}

func tallied(rows []counted) sample {
	t := sample{works: map[int]int{}}
	for _, r := range rows {
		t.works[r.Miss] += r.N
		t.all += r.N
		t.rows = append(t.rows, r.tally()...)
	}
	return t
}

// tally counts the tags and the towns, whose letters may be of any case.
func (c counted) tally() []missed {
	var tags [decadeFirst]int
	towns := map[string]int{}
	for work := range strings.Lines(c.Works) {
		numbers, town, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(work, "\n"), "{"), "}")
		for tag := range strings.SplitSeq(numbers, ",") {
			if n, err := strconv.Atoi(tag); err == nil && n > 0 && n < decadeFirst {
				tags[n]++
			}
		}
		if town != "" {
			towns[town]++
		}
	}
	var rows []missed
	for tag, n := range tags {
		if n > 0 {
			rows = append(rows, missed{Miss: c.Miss, Tag: tag, N: n})
		}
	}
	byName := map[string]missed{}
	for town, n := range towns {
		name := strings.ToLower(town)
		byName[name] = missed{Miss: c.Miss, Tag: townTag, Town: max(byName[name].Town, town), N: byName[name].N + n}
	}
	return slices.AppendSeq(rows, maps.Values(byName))
}

// facets puts the numbers together; scale says how many works stand behind one
// that was looked at.
func (t sample) facets(conditions []condition, scale func(miss int) float64) Facets {
	missing := map[int]Facet{}
	for i, c := range conditions {
		missing[1<<i] = c.facet
	}
	c := Facets{Works: int(math.Round(float64(t.works[0]) * scale(0))), by: map[int]int{}}
	towns := map[string]float64{}
	counted := map[int]float64{}
	for _, r := range t.rows {
		if r.Miss != 0 && missing[r.Miss] != facetOf(r.Tag) {
			continue
		}
		k := scale(r.Miss)
		c.Rough = c.Rough || k != 1
		if r.Tag == townTag {
			towns[r.Town] += float64(r.N) * k
		} else {
			counted[r.Tag] += float64(r.N) * k
		}
	}
	say := func(n float64) int {
		if c.Rough {
			return roughly(int(math.Round(n)), 0)
		}
		return int(math.Round(n))
	}
	for tag, n := range counted {
		c.by[tag] = say(n)
	}
	for town, n := range towns {
		c.Towns = append(c.Towns, TownCount{town, say(n)})
	}
	slices.SortFunc(c.Towns, func(a, b TownCount) int {
		if a.Works != b.Works {
			return b.Works - a.Works
		}
		return strings.Compare(a.Town, b.Town)
	})
	return c
}
