package store

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// ladder is a number of each work, and for each of its rungs the set of the works
// of which the number is not more (a range-encoded bitmap index: Chan and Ioannidis, "Bitmap
// Index Design and Evaluation", 1998). What lies in a range is told by two of these sets,
// but for the works between the rungs next to its ends.
type ladder struct {
	of    []int32 // by place
	rungs []int32 // going up; none while the works are read
	upTo  []set   // by rung
	least int32   // no number is less
}

const (
	// rungsMost is how many rungs a ladder has at most: each takes an eighth of a byte
	// of each work.
	rungsMost = 31
	// rungSample is how many numbers, of works that lie apart, say where the rungs are.
	rungSample = 8192
)

// grow makes room for one more work; words are those of a set that has it.
func (l *ladder) grow(words int) {
	l.of = append(l.of, 0)
	for i, t := range l.upTo {
		if len(t) < words {
			l.upTo[i] = append(t, 0)
		}
	}
}

// put sets the number of a work.
func (l *ladder) put(place int32, n int32) {
	l.of[place] = n
	l.least = min(l.least, n)
	for i, rung := range l.rungs {
		if n <= rung {
			l.upTo[i].add(place)
		} else {
			l.upTo[i].drop(place)
		}
	}
}

// raise puts the rungs where about as many numbers lie between one and the next.
func (l *ladder) raise() {
	l.least = math.MaxInt32
	for _, n := range l.of {
		l.least = min(l.least, n)
	}
	var sample []int32
	for i := 0; i < len(l.of); i += max(len(l.of)/rungSample, 1) {
		sample = append(sample, l.of[i])
	}
	slices.Sort(sample)
	l.rungs, l.upTo = nil, nil
	for i := 1; i <= rungsMost; i++ {
		if at := len(sample) * i / (rungsMost + 1); at < len(sample) {
			l.rungs = append(l.rungs, sample[at])
		}
	}
	l.rungs = slices.Compact(l.rungs)
	for _, rung := range l.rungs {
		upTo := make(set, (len(l.of)+63)/64)
		for place, n := range l.of {
			if n <= rung {
				upTo.add(int32(place))
			}
		}
		l.upTo = append(l.upTo, upTo)
	}
}

// split says which works have less than a number: those of sure have, and none but
// those of maybe. A nil sure is none; a nil maybe has rest in each word.
type split struct {
	sure, maybe set
	rest        uint64
}

func (s *split) at(i int) (sure, maybe uint64) {
	if s.sure != nil {
		sure = s.sure[i]
	}
	if s.maybe == nil {
		return sure, s.rest
	}
	return sure, s.maybe[i]
}

// less splits the works at a number.
func (l *ladder) less(n int64) (s split) {
	if n <= int64(l.least) {
		return s
	}
	s.rest = ^uint64(0)
	rung := l.rung(n)
	if rung > 0 {
		s.sure = l.upTo[rung-1]
		if int64(l.rungs[rung-1]) == n-1 {
			s.maybe = s.sure
			return s
		}
	}
	if rung < len(l.rungs) {
		s.maybe = l.upTo[rung]
	}
	return s
}

// rung is the first that is not less than a number.
func (l *ladder) rung(n int64) int {
	return sort.Search(len(l.rungs), func(i int) bool { return int64(l.rungs[i]) >= n })
}

// keep keeps the works of which the number lies between two.
func (l *ladder) keep(found set, least, most int64) {
	if most < least {
		clear(found)
		return
	}
	low, high := l.less(least), l.less(most+1)
	from, wide := uint64(least), uint64(most-least)
	for i, word := range found {
		if word == 0 {
			continue
		}
		below, perhapsBelow := low.at(i)
		within, perhapsWithin := high.at(i)
		kept := word & within &^ perhapsBelow
		for open := word & perhapsWithin &^ (below | kept); open != 0; open &= open - 1 {
			bit := bits.TrailingZeros64(open)
			var is uint64 // without a branch, which would be taken now and then
			if uint64(l.of[i<<6|bit])-from <= wide {
				is = 1
			}
			kept |= is << (bit & 63)
		}
		found[i] = kept
	}
}

// keepRange keeps the works of which the number lies in a range.
func keepRange[T ~int | ~int64](found set, l *ladder, r Range[T]) {
	if r.Open() {
		return
	}
	most := int64(unquoted - 1)
	if r.Most > 0 {
		most = min(most, int64(r.Most))
	}
	l.keep(found, int64(r.Least), most)
}

// each looks at the works of a set between one rung and the next, those with the least
// numbers first or last, beginning at about a number, until enough says so.
func (l *ladder) each(found set, down bool, from int64, look func(place int), enough func() bool) {
	steps := len(l.rungs) + 1
	for n := range steps {
		step := n
		if down {
			step = steps - 1 - n
		}
		var above, upTo set
		if step > 0 {
			if above = l.upTo[step-1]; down && int64(l.rungs[step-1]) >= from {
				continue
			}
		}
		if step < len(l.rungs) {
			if upTo = l.upTo[step]; !down && int64(l.rungs[step]) < from {
				continue
			}
		}
		for i, word := range found {
			if above != nil {
				word &^= above[i]
			}
			if upTo != nil {
				word &= upTo[i]
			}
			for ; word != 0; word &= word - 1 {
				look(i<<6 | bits.TrailingZeros64(word))
			}
		}
		if enough() {
			return
		}
	}
}
