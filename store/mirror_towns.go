package store

import (
	"math/bits"
	"slices"
	"strings"
)

// townIndex is where the artists of works live. Towns in which a large part of the
// market is made have a set; of the other works each is looked at.
type townIndex struct {
	of     []int32 // by place: the town
	names  []string
	byName map[string]int32
	sets   []set // by town; nil of the smaller ones
	others set   // the works of those
}

// townShare is the part of the market from which on a town has a set: to look at a
// word of it takes about as long as at a work.
const townShare = 64

// grow makes room for one more work; words are those of a set that has it.
func (t *townIndex) grow(words int) {
	t.of = append(t.of, 0)
	if len(t.others) == words {
		return
	}
	t.others = append(t.others, 0)
	for i, in := range t.sets {
		if in != nil {
			t.sets[i] = append(in, 0)
		}
	}
}

// put says where a work, which was nowhere, is from.
func (t *townIndex) put(place int32, name string) {
	town, known := t.byName[name]
	if !known {
		town = int32(len(t.names))
		t.names, t.sets = append(t.names, name), append(t.sets, nil)
		t.byName[name] = town
	}
	t.of[place] = town
	t.setOf(town).add(place)
}

// setOf is the set that has the works of a town.
func (t *townIndex) setOf(town int32) set {
	if in := t.sets[town]; in != nil {
		return in
	}
	return t.others
}

// drop takes a work out.
func (t *townIndex) drop(place int32) { t.setOf(t.of[place]).drop(place) }

// finish is called when all works were read.
func (t *townIndex) finish() {
	for town, n := range t.count(t.others) {
		if n > len(t.of)/townShare {
			in := make(set, len(t.others))
			for i, word := range t.others {
				for ; word != 0; word &= word - 1 {
					if bit := bits.TrailingZeros64(word); t.of[i<<6|bit] == int32(town) {
						in[i] |= 1 << bit
					}
				}
				t.others[i] &^= in[i]
			}
			t.sets[town] = in
		}
	}
}

// count counts the works of a set by their towns.
func (t *townIndex) count(found set) []int {
	counts := make([]int, len(t.names))
	one := func(i int, word uint64) {
		for ; word != 0; word &= word - 1 {
			counts[t.of[i<<6|bits.TrailingZeros64(word)]]++
		}
	}
	dense := 0
	for _, in := range t.sets {
		if in != nil {
			dense++
		}
	}
	if found.count() < dense*len(found)/4 {
		for i, word := range found {
			one(i, word)
		}
		return counts
	}
	for town, in := range t.sets {
		if in == nil {
			continue
		}
		for i, word := range found {
			counts[town] += bits.OnesCount64(word & in[i])
		}
	}
	for i, word := range found {
		one(i, word&t.others[i])
	}
	return counts
}

// keep keeps the works from some towns, in any case.
func (t *townIndex) keep(found set, towns []string) {
	asked := make([]bool, len(t.names))
	var sets []set
	for i, name := range t.names {
		asked[i] = slices.ContainsFunc(towns, func(town string) bool { return strings.EqualFold(town, name) })
		if asked[i] && t.sets[i] != nil {
			sets = append(sets, t.sets[i])
		}
	}
	for i, word := range found {
		var kept uint64
		for _, in := range sets {
			kept |= word & in[i]
		}
		for rest := word & t.others[i]; rest != 0; rest &= rest - 1 {
			if bit := bits.TrailingZeros64(rest); asked[t.of[i<<6|bit]] {
				kept |= 1 << bit
			}
		}
		found[i] = kept
	}
}

// named puts together the numbers of works of towns whose letters differ in case.
func (t *townIndex) named(counts []int, miss int) []missed {
	byName := map[string]missed{}
	for i, n := range counts {
		if town := t.names[i]; n > 0 && town != "" {
			name := strings.ToLower(town)
			byName[name] = missed{Miss: miss, Tag: townTag, Town: max(byName[name].Town, town), N: byName[name].N + n}
		}
	}
	rows := make([]missed, 0, len(byName))
	for _, r := range byName {
		rows = append(rows, r)
	}
	return rows
}
