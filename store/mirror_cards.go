package store

import (
	"context"
	"encoding/binary"
	"time"
)

// deck is what the cards of the listed works show, some 300 bytes of each: a
// page shows works that lie anywhere in the market, and to visit each of them, its
// cover and its artist would take the database longer than all else of a search. It is
// kept in blocks of bytes, of which the garbage collector need not look into any.
type deck struct {
	blocks [][]byte
	at     []uint64 // by place: the block and where in it
	size   int      // of all cards that were written, in bytes
	left   int      // of those of which a work has another since
}

// deckBlock is how many bytes are made room for at once.
const deckBlock = 1 << 20

// mirroredCards are the cards of those of some works that are listed, as they are to
// everybody. ok is false while the market is read.
func (s *Store) mirroredCards(ctx context.Context, ids []int64, to string) (cards []Card, ok bool, err error) {
	for {
		works, err := s.upToDate(ctx)
		if works == nil || err != nil {
			return nil, false, err
		}
		if s.mirror.use(works) {
			defer s.mirror.mu.RUnlock()
			return works.cardsOf(ids, to), true, nil
		}
	}
}

func (w *mirrored) cardsOf(ids []int64, to string) []Card {
	cards := make([]Card, 0, len(ids))
	for _, id := range ids {
		place, ok := w.place(id)
		if !ok || !w.all.has(place) {
			continue
		}
		card := w.cards.get(place)
		if to != "" {
			if cost := w.cost[zone(to+" ")-1].of[place]; cost != unquoted {
				card.Delivered = Pence(cost)
			}
		}
		cards = append(cards, card)
	}
	return cards
}

// put keeps the card of a place, which is the next or has one.
func (d *deck) put(place int32, c *Card) {
	card := packCard(c)
	if int(place) < len(d.at) {
		was := d.packed(place)
		if string(was) == string(card) {
			return
		}
		d.left += len(was)
	} else {
		d.at = append(d.at, 0)
	}
	last := len(d.blocks) - 1
	if last < 0 || len(d.blocks[last])+binary.MaxVarintLen64+len(card) > cap(d.blocks[last]) {
		d.blocks = append(d.blocks, make([]byte, 0, max(deckBlock, binary.MaxVarintLen64+len(card))))
		last++
	}
	d.at[place] = uint64(last)<<32 | uint64(len(d.blocks[last]))
	d.blocks[last] = append(binary.AppendUvarint(d.blocks[last], uint64(len(card))), card...)
	d.size += len(card)
}

func (d *deck) packed(place int32) []byte {
	at := d.at[place]
	block := d.blocks[at>>32][uint32(at):]
	length, n := binary.Uvarint(block)
	return block[n:][:length]
}

// get is the card of a place.
func (d *deck) get(place int32) Card { return unpackCard(d.packed(place)) }

// texts are those of a card that are kept.
func (c *Card) texts() [14]*string {
	return [...]*string{&c.ArtistName, &c.ArtistUsername, (*string)(&c.State), &c.Title, (*string)(&c.Medium), &c.Material, (*string)(&c.Edition),
		(*string)(&c.Cover.State), &c.Cover.Key, &c.Cover.Host, &c.Cover.Name, &c.Cover.Alt, (*string)(&c.Cover.Part), &c.Cover.Ground}
}

// counts and sizes are its numbers that are kept.
func (c *Card) counts() [8]*int {
	return [...]*int{&c.Year, &c.Quantity, &c.EditionSize, &c.Sold, &c.Held, &c.Cover.Width, &c.Cover.Height, &c.Cover.AVIFWidth}
}

func (c *Card) sizes() [7]*int64 {
	return [...]*int64{&c.ID, &c.ArtistID, (*int64)(&c.Width), (*int64)(&c.Height), (*int64)(&c.Depth), (*int64)(&c.Price), &c.Cover.ID}
}

// packCard writes what is kept of the card of a listed work.
func packCard(c *Card) []byte {
	card := make([]byte, 1, 512)
	if c.ForSale {
		card[0] = 1
	}
	listed := int64(0)
	if c.ListedAt != nil {
		listed = c.ListedAt.UnixMicro()
	}
	card = binary.AppendVarint(card, listed)
	for _, n := range c.counts() {
		card = binary.AppendVarint(card, int64(*n))
	}
	for _, n := range c.sizes() {
		card = binary.AppendVarint(card, *n)
	}
	for _, text := range c.texts() {
		card = append(binary.AppendUvarint(card, uint64(len(*text))), *text...)
	}
	return card
}

// unpackCard reads what packCard wrote.
func unpackCard(packed []byte) (c Card) {
	c.ForSale = packed[0] == 1
	rest := packed[1:]
	number := func() int64 {
		v, n := binary.Varint(rest)
		rest = rest[n:]
		return v
	}
	listed := time.UnixMicro(number()).UTC()
	c.ListedAt = &listed
	for _, n := range c.counts() {
		*n = int(number())
	}
	for _, n := range c.sizes() {
		*n = number()
	}
	texts := string(rest) // of which each text is a part
	for _, text := range c.texts() {
		length, n := binary.Uvarint(rest)
		from := len(texts) - len(rest) + n
		*text = texts[from:][:length]
		rest = rest[n+int(length):]
	}
	return c
}
