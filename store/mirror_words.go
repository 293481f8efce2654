package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// wordIndex are the words of the works of a mirror, as the column words of
// artworks has them: an inverted index, some 130 bytes of each work. To find and
// weigh all works that hold the words of a text takes a few thousandths of a
// second in it, where the database would have to visit every one of them.
type wordIndex struct {
	seed    maphash.Seed
	holders map[string]int32 // by word: its list
	lists   []heldBy
	sorted  []string // the words; nil while the works are read

	sum    []uint64 // by place: of all words, to tell when they change
	title  []uint64 // by place: of the words of the title in their order
	length []uint8  // by place: of how many different words the title is
}

// heldBy is where a word occurs: the places of the works, going up, each with a bit for the
// part, and at which position in what the work says.
type heldBy struct {
	places    []uint32
	positions []uint16
}

// The parts of a work that hold words, as setweight marks them, from D, what is said of it,
// to A, its title. A place in a list has a bit for each beside it.
const partBits = 4

// positionBits are those of a position that say where; the others say in which part.
const positionBits = 14

// partRank is how much a word counts in each part: the title before the artist's name, that
// before what a work is and shows, and that before its description.
var partRank = [partBits]int64{5, 20, 50, 100}

// mostBrief is of how many words a title is at most when titles are compared in length.
const mostBrief = 99

// calledRank is how much a title that is just the words counts: more than all else.
const calledRank = 10_000_000

// lexemes are the words of a tsvector, as tsvectorsend writes it, with their positions.
func lexemes(sent []byte) func(yield func(word, positions []byte) bool) {
	return func(yield func(word, positions []byte) bool) {
		if len(sent) < 4 {
			return
		}
		for sent = sent[4:]; len(sent) > 0; {
			word, rest, ok := bytes.Cut(sent, []byte{0})
			if !ok || len(rest) < 2 {
				return
			}
			end := 2 + 2*int(binary.BigEndian.Uint16(rest))
			if end > len(rest) || !yield(word, rest[2:end]) {
				return
			}
			sent = rest[end:]
		}
	}
}

// add takes up the words of a work that has no place yet; its place is the next.
func (x *wordIndex) add(place int32, sent []byte) {
	type spot struct {
		at   uint16
		word []byte
	}
	var title []spot
	length := 0
	for word, positions := range lexemes(sent) {
		n, known := x.holders[string(word)]
		if !known {
			n = int32(len(x.lists))
			x.holders[string(word)] = n
			x.lists = append(x.lists, heldBy{})
			if x.sorted != nil {
				i, _ := slices.BinarySearch(x.sorted, string(word))
				x.sorted = slices.Insert(x.sorted, i, string(word))
			}
		}
		list, inTitle := &x.lists[n], 0
		for ; len(positions) >= 2; positions = positions[2:] {
			position := binary.BigEndian.Uint16(positions)
			part := position >> positionBits
			if part == partBits-1 {
				title = append(title, spot{position, word})
				inTitle = 1
			}
			list.places = append(list.places, uint32(place)<<partBits|1<<part)
			list.positions = append(list.positions, position&(1<<positionBits-1))
		}
		length += inTitle
	}
	slices.SortFunc(title, func(a, b spot) int { return cmp.Compare(a.at, b.at) })
	var said []byte
	for i, s := range title {
		if i > 0 {
			said = append(said, ' ')
		}
		said = append(said, s.word...)
	}
	x.sum = append(x.sum, maphash.Bytes(x.seed, sent))
	x.title = append(x.title, maphash.Bytes(x.seed, said))
	x.length = append(x.length, uint8(min(length, mostBrief)))
}

// finish is called when all works were read.
func (x *wordIndex) finish() {
	x.sorted = make([]string, 0, len(x.holders))
	for word := range x.holders {
		x.sorted = append(x.sorted, word)
	}
	slices.Sort(x.sorted)
	for i, list := range x.lists {
		x.lists[i] = heldBy{slices.Clone(list.places), slices.Clone(list.positions)} // what they grew by is given back
	}
}

// wording is what the works of a mirror have of a text.
type wording struct {
	index *wordIndex
	terms []termHeld
	all   set // the works that hold every term
	title uint64
}

// termHeld is where a term is held: by place, a bit for each part that has the word, and,
// of a term that is the beginning of one, another for each that has a word that begins so.
type termHeld struct {
	parts []uint8
	ranks *[1 << (2 * partBits)]int64 // of each combination of these bits
}

// in is what a mirror has of the words of a text, which has no marks.
func (x *wordIndex) in(q string) wording {
	list := terms(q)
	t := wording{index: x, title: maphash.String(x.seed, foldWords(q))}
	for i, term := range list {
		begun := begins(list, i, begunLeast)
		held := termHeld{make([]uint8, len(x.sum)), rankTable(begun)}
		found := make(set, (len(x.sum)+63)/64)
		mark := func(word string, shift int) {
			for _, h := range x.list(word).places {
				place := int32(h >> partBits)
				held.parts[place] |= uint8(h&(1<<partBits-1)) << shift
				found.add(place)
			}
		}
		if len(term.words) > 1 {
			x.eachPhrase(term.words, func(place int32, parts uint8) {
				held.parts[place] |= parts
				found.add(place)
			})
		} else {
			mark(term.words[0], 0)
		}
		if begun {
			from, _ := slices.BinarySearch(x.sorted, term.words[0])
			for _, longer := range x.sorted[from:] {
				if !strings.HasPrefix(longer, term.words[0]) {
					break
				}
				mark(longer, partBits)
			}
		}
		t.terms = append(t.terms, held)
		if i == 0 {
			t.all = found
			continue
		}
		for j, word := range found {
			t.all[j] &= word
		}
	}
	return t
}

// list is where a word occurs.
func (x *wordIndex) list(word string) heldBy {
	n, ok := x.holders[word]
	if !ok {
		return heldBy{}
	}
	return x.lists[n]
}

// eachPhrase calls found with the works in which words follow each other, as often as they do,
// and with the part that all of them are in, if they are in one.
func (x *wordIndex) eachPhrase(words []string, found func(place int32, parts uint8)) {
	lists := make([]heldBy, len(words))
	rare := 0 // the word that occurs least
	for i, word := range words {
		lists[i] = x.list(word)
		if len(lists[i].places) < len(lists[rare].places) {
			rare = i
		}
	}
	at := make([]int, len(words)) // how far each list has been read
	for n, h := range lists[rare].places {
		parts := uint8(h & (1<<partBits - 1))
		follows := true
		for i := range words {
			if i == rare {
				continue
			}
			at[i] = lists[i].from(at[i], h>>partBits)
			part, ok := lists[i].occurs(at[i], h>>partBits, int(lists[rare].positions[n])+i-rare)
			if follows = ok; !ok {
				break
			}
			parts &= part
		}
		if follows {
			found(int32(h>>partBits), parts)
		}
	}
}

// from is the first of a list, from the nth on, that is not of a work before place.
func (l heldBy) from(n int, place uint32) int {
	step := 1
	for n+step < len(l.places) && l.places[n+step]>>partBits < place {
		n, step = n+step, 2*step
	}
	rest := l.places[n:min(n+step+1, len(l.places))]
	return n + sort.Search(len(rest), func(i int) bool { return rest[i]>>partBits >= place })
}

// occurs reports whether a word stands at a position of a work, whose nth in the list is the
// first, and in which part.
func (l heldBy) occurs(n int, place uint32, position int) (parts uint8, ok bool) {
	for ; n < len(l.places) && l.places[n]>>partBits == place; n++ {
		if int(l.positions[n]) == position {
			return uint8(l.places[n] & (1<<partBits - 1)), true
		}
	}
	return 0, false
}

// rankTable is how much each combination of parts counts. A word that is just the one looked
// for counts twice as much as one that begins so.
func rankTable(begun bool) *[1 << (2 * partBits)]int64 {
	var table [1 << (2 * partBits)]int64
	for parts := range table {
		for part, rank := range partRank {
			if parts>>part&1 == 1 {
				table[parts] += rank
				if !begun {
					table[parts] += rank
				}
			}
			if parts>>(partBits+part)&1 == 1 {
				table[parts] += rank
			}
		}
	}
	return &table
}

// rank is how well a work fits the text, as rankOf has it in SQL.
func (t *wording) rank(place int) int64 {
	sum := int64(0)
	for i := range t.terms {
		sum += t.terms[i].ranks[t.terms[i].parts[place]]
	}
	rank := 100*sum - int64(t.index.length[place])
	if t.index.title[place] == t.title {
		rank += calledRank
	}
	return rank
}

// marked reports whether a text has letters that are made of several signs: whether the
// database takes these apart hangs on its locale.
func marked(q string) bool { return strings.ContainsFunc(foldWords(q), unicode.IsMark) }
