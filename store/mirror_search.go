package store

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
)

// test is what one facet asks of the works of a mirror, the same as its condition
// asks of artworks. It leaves in found, which are the works to look at, those that
// the facet finds.
type test struct {
	facet Facet
	dear  int // of several tests the cheaper go first
	keep  func(found set)
}

// tests are those of all facets that are on but the text, in the order of On.
func (w *mirrored) tests(f Filter) []test {
	var list []test
	add := func(facet Facet, dear int, keep func(found set)) { list = append(list, test{facet, dear, keep}) }
	tagged := func(facet Facet, tags []int64) {
		if len(tags) > 0 {
			add(facet, 0, func(found set) { w.keepTagged(found, tags) })
		}
	}
	if f.ForSale {
		tagged(BySale, []int64{saleTag})
	}
	tagged(ByMedium, tags(1, Mediums(), f.mediums()))
	if !f.Wall.open() {
		add(ByWall, 1, func(found set) { w.keepHanging(found, f.Wall) })
	}
	if f.delivers() {
		add(ByDelivered, 1, func(found set) {
			w.keepTagged(found, []int64{saleTag})
			keepRange(found, &w.cost[zone(f.To+" ")-1], Range[Pence]{Most: f.Most})
		})
	}
	if r := f.Price.clean(); !r.Open() {
		add(ByPrice, 1, func(found set) { keepRange(found, &w.price, r) })
	}
	tagged(BySize, tags(sizeFirst, Sizes(), f.Sizes))
	if width, height := f.Width.clean(), f.Height.clean(); !width.Open() || !height.Open() {
		add(ByMeasure, 1, func(found set) {
			keepRange(found, &w.width, width)
			keepRange(found, &w.height, height)
		})
	}
	tagged(ByShape, tags(shapeFirst, Shapes(), f.Shapes))
	if len(f.Colours) > 0 {
		add(ByColour, 2, func(found set) { w.keepColoured(found, f.Colours) })
	}
	tagged(ByEdition, tags(editionFirst, Editions(), f.Editions))
	if r := f.Years.clean(); !r.Open() {
		add(ByYear, 1, func(found set) { keepRange(found, &w.year, r) })
	}
	if len(f.Towns) > 0 {
		add(ByTown, 1, func(found set) { w.towns.keep(found, f.Towns) })
	}
	if f.Described {
		tagged(ByDescribed, []int64{describedTag})
	}
	return list
}

func (w *mirrored) keepTagged(found set, tags []int64) {
	for i, word := range found {
		if word == 0 {
			continue
		}
		var any uint64
		for _, tag := range tags {
			if t := w.tagged[tag]; t != nil {
				any |= t[i]
			}
		}
		found[i] = word & any
	}
}

func (w *mirrored) keepHanging(found set, wall Wall) {
	for medium, m := range Mediums() {
		if t := w.tagged[1+medium]; t != nil && m.Stands() {
			for i := range found {
				found[i] &^= t[i]
			}
		}
	}
	if wall.Width > 0 {
		w.width.keep(found, 0, int64(wall.Width-2*WallAir))
	}
	if wall.Height > 0 {
		w.height.keep(found, 0, int64(wall.Height-2*WallAir))
	}
}

func (w *mirrored) keepColoured(found set, colours []Colour) {
	coloured := make(set, len(found))
	for _, c := range colours {
		if i := c.swatch(); i >= 0 {
			if t := w.tagged[swatchFirst+i]; t != nil {
				for i := range coloured {
					coloured[i] |= t[i]
				}
			}
			continue
		}
		v := c.lab()
		for _, cell := range v.cells() {
			for _, t := range w.cells[cell] {
				if v.squared(t.l, t.a, t.b) <= colourRadius*colourRadius {
					coloured.add(t.place)
				}
			}
		}
	}
	for i := range found {
		found[i] &= coloured[i]
	}
}

// colours are the palette of a place.
func (w *mirrored) colours(place int) []float32 {
	return w.palette[place*paletteLength:][:paletteLength]
}

// squared is the square of the distance to a colour. The conversions keep a product
// from being rounded only together with a sum, so that it is what has_colour and
// colour_distance of the migrations have on every machine.
func (c lab) squared(l, a, b float32) float64 {
	dl, da, db := float64(l)-c.L, float64(a)-c.A, float64(b)-c.B
	return float64(float64(dl*dl)+float64(da*da)) + float64(db*db)
}

// far is how far a palette is from the colour, in thousandths, as colour_distance
// of the migrations has it. What is farther than most may be said to be less far
// than it is, but not less than most.
func (c lab) far(palette []float32, most int64) int64 {
	enough := float64(most)/1000 + 1
	var far float64
	for ; len(palette) >= 4 && far < enough; palette = palette[4:] {
		if palette[3] != 0 {
			far += float64(math.Sqrt(c.squared(palette[0], palette[1], palette[2])) * float64(palette[3]))
		}
	}
	return int64(math.RoundToEven(1000 * far))
}

// beyond reports whether a palette is farther than most by its centre alone: a sum
// of distances is not less than the distance of the sum. How far its roundings take the centre
// from where it is, is added to most: half of one in each direction, and half a hundredth of
// the area, of a colour that is not 190 from black.
func (c lab) beyond(centre centre, most int64) bool {
	const rounded = 0.87 + 0.95 + 0.1
	if centre[3] < 0 {
		return false
	}
	area := float64(centre[3]) / 100
	dl, da, db := float64(centre[0])-area*c.L, float64(centre[1])-area*c.A, float64(centre[2])-area*c.B
	enough := float64(most)/1000 + rounded
	return dl*dl+da*da+db*db > enough*enough
}

// looked is what a filter finds in a mirror.
type looked struct {
	works   *mirrored
	release func() // ends the use of works
	tests   []test
	all     set
	miss    []set    // the works that all tests but one find
	said    *wording // of the text; nil where there is none
}

// look finds the works of a filter. ok is false while the mirror is read, and for a text
// that only the database can read.
func (s *Store) look(ctx context.Context, f Filter) (found looked, ok bool, err error) {
	if marked(f.query()) {
		return looked{}, false, nil
	}
	works, release, err := s.mirrored(ctx)
	if works == nil || err != nil {
		return looked{}, false, err
	}
	defer func() {
		if !ok { // a panic must not keep what changes waiting for ever
			release()
		}
	}()
	found = works.search(f)
	found.release = release
	return found, true, nil
}

// search finds the works of a filter whose text is not marked.
func (w *mirrored) search(f Filter) looked {
	among, said := w.holding(f)
	l := w.look(f, among)
	l.said = said
	return l
}

// find is search for those who only want to know which works they are.
func (w *mirrored) find(f Filter) set {
	found, _ := w.holding(f)
	tests := w.tests(f)
	for _, i := range cheapFirst(tests) {
		tests[i].keep(found)
	}
	return found
}

// holding are the works that hold the text of a filter, and what they have of it: nil where
// there is none.
func (w *mirrored) holding(f Filter) (set, *wording) {
	q := f.query()
	if q == "" {
		return slices.Clone(w.all), nil
	}
	said := w.said.in(q)
	for i, word := range w.all {
		said.all[i] &= word
	}
	return said.all, &said
}

// cheapFirst is the order in which tests are done.
func cheapFirst(tests []test) []int {
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tests[a].dear, tests[b].dear) })
	return order
}

// look finds the works of a filter among those of a set.
func (w *mirrored) look(f Filter, among set) looked {
	l := looked{works: w, tests: w.tests(f), all: among}
	l.miss = make([]set, len(l.tests))
	order := cheapFirst(l.tests)
	for n, i := range order {
		// A test looks at those works alone that miss no more than one of the
		// tests before it.
		found := slices.Clone(l.all)
		for _, before := range order[:n] {
			for word, miss := range l.miss[before] {
				found[word] |= miss
			}
		}
		l.tests[i].keep(found)
		l.miss[i] = make(set, len(l.all))
		for word, all := range l.all {
			l.miss[i][word] = all &^ found[word]
			l.all[word] = all & found[word]
		}
		for _, before := range order[:n] {
			for word := range found {
				l.miss[before][word] &= found[word]
			}
		}
	}
	return l
}

// facets counts what was found, and each choice that could be made beside.
func (l looked) facets() Facets {
	conditions := make([]condition, len(l.tests))
	seen := sample{works: map[int]int{}}
	count := func(found set, miss int, of Facet) {
		works, by, towns := l.works.count(found, func(facet Facet) bool { return miss == 0 || facet == of })
		seen.works[miss] = works
		for tag, n := range by {
			if n > 0 {
				seen.rows = append(seen.rows, missed{Miss: miss, Tag: tag, N: n})
			}
		}
		seen.rows = append(seen.rows, l.works.towns.named(towns, miss)...)
	}
	count(l.all, 0, "")
	for i, t := range l.tests {
		conditions[i].facet = t.facet
		count(l.miss[i], 1<<i, t.facet)
	}
	c := seen.facets(conditions, func(int) float64 { return 1 })
	c.less = make(map[Facet]int, len(l.tests))
	for i, t := range l.tests {
		c.less[t.facet] = c.Works + seen.works[1<<i]
	}
	return c
}

// tally counts works by their choices: by price and medium, by shape, edition, size,
// whether they are for sale and whether they are described, and by swatches. Each choice has its bits
// in the number of a work; those of which a work has one count from 1.
type tally struct {
	priced  [1 << 9]int // 5 bits of the bin, 4 of the medium
	made    [1 << 9]int // 2 of the shape, 2 of the edition, 3 of the size, 1 for sale, 1 described
	painted [1 << 10]int
}

// choice are the bits of a number of the column facets.
func choice(tag int) uint32 {
	switch {
	case tag < shapeFirst:
		return uint32(tag) << 5
	case tag < editionFirst:
		return uint32(tag-shapeFirst+1) << 9
	case tag < sizeFirst:
		return uint32(tag-editionFirst+1) << 11
	case tag < saleTag:
		return uint32(tag-sizeFirst+1) << 13
	case tag == saleTag:
		return 1 << 16
	case tag == describedTag:
		return 1 << 17
	case tag < priceBinFirst:
		return 1 << (18 + tag - swatchFirst)
	}
	return uint32(tag - priceBinFirst + 1)
}

// by are the numbers of works by choice.
func (t *tally) by() (by [decadeFirst]int) {
	one := func(first, choice, works int) {
		if choice > 0 {
			by[first+choice-1] += works
		}
	}
	for bits, works := range t.priced {
		one(priceBinFirst, bits&31, works)
		one(1, bits>>5, works)
	}
	for bits, works := range t.made {
		one(shapeFirst, bits&3, works)
		one(editionFirst, bits>>2&3, works)
		one(sizeFirst, bits>>4&7, works)
		one(saleTag, bits>>7&1, works)
		one(describedTag, bits>>8, works)
	}
	for swatches, works := range t.painted {
		for i := range 10 {
			one(swatchFirst+i, swatches>>i&1, works)
		}
	}
	return by
}

// count counts the works of a set by the choices and the towns of some facets.
func (w *mirrored) count(found set, asked func(Facet) bool) (works int, by [decadeFirst]int, towns []int) {
	words := make([]int32, 0, len(found)) // that are not empty
	for i, word := range found {
		if word != 0 {
			words = append(words, int32(i))
			works += bits.OnesCount64(word)
		}
	}
	var tags []int
	for tag, t := range w.tagged {
		if t != nil && asked(facetOf(tag)) {
			tags = append(tags, tag)
		}
	}
	// Of few works it is quicker to look at what each has, of many to count the bits that
	// their sets share with that of each choice.
	each := 4*works < len(words)*len(tags)
	if !each {
		for _, tag := range tags {
			t := w.tagged[tag]
			for _, i := range words {
				by[tag] += bits.OnesCount64(found[i] & t[i])
			}
		}
	}
	if asked(ByTown) {
		towns = w.towns.count(found)
	}
	if !each {
		return works, by, towns
	}
	var n tally
	for _, i := range words {
		for word := found[i]; word != 0; word &= word - 1 {
			choices := w.choices[int(i)<<6|bits.TrailingZeros64(word)]
			n.priced[choices&511]++
			n.made[choices>>9&511]++
			n.painted[choices>>18&1023]++
		}
	}
	by = n.by()
	for tag := range by {
		if !asked(facetOf(tag)) {
			by[tag] = 0
		}
	}
	return works, by, towns
}

// firstOf are the first works of a list, as page has them. It ends the use of the mirror.
func (l looked) firstOf(f Filter) []hit {
	defer l.release()
	return l.page(f)
}

// page are the first works of a list that the mirror can sort, after its cursor.
func (l looked) page(f Filter) []hit {
	w := l.works
	var key func(place int, most int64) int64
	var by *ladder // the numbers of works, where they are the key
	down := false
	switch f.Sort {
	case Best:
		key, down = func(place int, _ int64) int64 { return l.said.rank(place) }, true
	case PriceUp, PriceDown:
		by, down = &w.price, f.Sort == PriceDown
	case SizeUp, SizeDown:
		by, down = &w.longest, f.Sort == SizeDown
	case Nearest:
		var from []lab
		for _, c := range f.Colours {
			from = append(from, c.lab())
		}
		key = func(place int, most int64) int64 {
			palette, centre, least := w.colours(place), w.centre[place], int64(math.MaxInt64)
			for _, c := range from {
				if enough := min(least, most); !c.beyond(centre, enough) {
					least = min(least, c.far(palette, enough))
				}
			}
			return least
		}
	default:
		key, down = func(place int, _ int64) int64 { return w.listed[place] }, true
	}
	if by != nil {
		key = func(place int, _ int64) int64 { return int64(by.of[place]) }
	}
	after := hit{math.MinInt64, math.MinInt64}
	if keys, ok := parseCursor(f.After, 2); ok {
		after = hit{id: keys[1], rank: keys[0]}
		if down {
			after = hit{id: -after.id, rank: -after.rank}
		}
	}
	byRank := func(a, b hit) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id)) }
	most := hit{math.MaxInt64, math.MaxInt64}
	first := make([]hit, 0, artworksPage+2)
	look := func(place int) {
		rank := key(place, most.rank)
		if down {
			rank = -rank
		}
		if rank > most.rank || rank < after.rank {
			return // without a look at its id
		}
		h := hit{id: w.id[place], rank: rank}
		if down {
			h.id = -h.id
		}
		if byRank(h, most) >= 0 || byRank(h, after) <= 0 {
			return
		}
		i, _ := slices.BinarySearchFunc(first, h, byRank)
		first = slices.Insert(first, i, h)
		if len(first) > artworksPage+1 {
			first = first[:artworksPage+1]
		}
		if len(first) == artworksPage+1 {
			most = first[artworksPage]
		}
	}
	switch {
	case f.Sort == Newest:
		w.eachFromNewest(l.all, look, func(newest int64) bool { return -newest > most.rank })
	case by != nil && l.all.count() > fewSorted:
		from := after.rank
		if down {
			from = -max(from, -math.MaxInt64)
		}
		by.each(l.all, down, from, look, func() bool { return len(first) == artworksPage+1 })
	default:
		for i, word := range l.all {
			for ; word != 0; word &= word - 1 {
				look(i<<6 | bits.TrailingZeros64(word))
			}
		}
	}
	if down {
		for i, h := range first {
			first[i] = hit{id: -h.id, rank: -h.rank}
		}
	}
	return first
}

// fewSorted is how many works are sorted by a number without a look at which of them come
// first.
const fewSorted = 2000

// eachFromNewest looks at the works of a set by their words, that with the newest
// of all first, until enough reports that none newer than that is wanted.
func (w *mirrored) eachFromNewest(found set, look func(place int), enough func(newest int64) bool) {
	order := w.order.Load()
	if order == nil {
		list := make([]int32, len(w.newest))
		for i := range list {
			list[i] = int32(i)
		}
		slices.SortFunc(list, func(a, b int32) int { return cmp.Compare(w.newest[b], w.newest[a]) })
		order = &list
		w.order.Store(order)
	}
	for _, i := range *order {
		if enough(w.newest[i]) {
			return
		}
		for word := found[i]; word != 0; word &= word - 1 {
			look(int(i)<<6 | bits.TrailingZeros64(word))
		}
	}
}
