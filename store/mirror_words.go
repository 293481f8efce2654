package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"
)

// wordIndex are the words of the works of a mirror, as the column words of
// artworks has them: an inverted index, some 80 bytes of each work. To find and
// weigh all works that hold the words of a text takes a few thousandths of a
// second in it, where the database would have to visit every one of them.
type wordIndex struct {
	seed    maphash.Seed
	holders map[string]int32 // by word: its list
	lists   [][]uint32       // the places of the works that hold a word, going up, and in which parts
	sorted  []string         // the words; nil while the works are read

	sum    []uint64 // by place: of all words, to tell when they change
	title  []uint64 // by place: of the words of the title in their order
	length []uint8  // by place: of how many different words the title is
}

// The parts of a work that hold words, as setweight marks them, from D, what is said of it,
// to A, its title. A list has a bit for each beside the place.
const partBits = 4

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
		parts := uint32(0)
		for ; len(positions) >= 2; positions = positions[2:] {
			position := binary.BigEndian.Uint16(positions)
			part := position >> 14
			if part == partBits-1 {
				if parts>>part == 0 {
					length++
				}
				title = append(title, spot{position, word})
			}
			parts |= 1 << part
		}
		n, known := x.holders[string(word)]
		if !known {
			n = int32(len(x.lists))
			x.holders[string(word)] = n
			x.lists = append(x.lists, nil)
			if x.sorted != nil {
				i, _ := slices.BinarySearch(x.sorted, string(word))
				x.sorted = slices.Insert(x.sorted, i, string(word))
			}
		}
		x.lists[n] = append(x.lists[n], uint32(place)<<partBits|parts)
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
		x.lists[i] = slices.Clone(list) // what they grew by is given back
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

// in is what a mirror has of the words of a text. They are those of a text that isWords.
func (x *wordIndex) in(q string) wording {
	list := terms(q)
	t := wording{index: x, title: maphash.String(x.seed, foldWords(q))}
	for i, term := range list {
		word, begun := term.words[0], begins(list, i, begunLeast)
		held := termHeld{make([]uint8, len(x.sum)), rankTable(begun)}
		found := make(set, (len(x.sum)+63)/64)
		mark := func(n int32, shift int) {
			for _, h := range x.lists[n] {
				place := int32(h >> partBits)
				held.parts[place] |= uint8(h&(1<<partBits-1)) << shift
				found.add(place)
			}
		}
		if n, ok := x.holders[word]; ok {
			mark(n, 0)
		}
		if begun {
			from, _ := slices.BinarySearch(x.sorted, word)
			for _, longer := range x.sorted[from:] {
				if !strings.HasPrefix(longer, word) {
					break
				}
				mark(x.holders[longer], partBits)
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

// isWords reports whether a text is single words, which a mirror finds: only the
// database knows in which order a work has those of a phrase, and how it reads
// letters that are made of several signs.
func isWords(q string) bool {
	for _, t := range terms(q) {
		if len(t.words) > 1 || strings.ContainsFunc(t.words[0], unicode.IsMark) {
			return false
		}
	}
	return true
}
