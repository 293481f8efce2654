package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Medium is one of the eight kinds of work.
type Medium string

// The eight mediums.
const (
	Painting    Medium = "painting"
	Sculpture   Medium = "sculpture"
	DigitalArt  Medium = "digital_art"
	Photography Medium = "photography"
	MixedMedia  Medium = "mixed_media"
	Printmaking Medium = "printmaking"
	Ceramics    Medium = "ceramics"
	Textile     Medium = "textile"
)

// Mediums lists the eight in the order of menus.
func Mediums() []Medium {
	return []Medium{Painting, Printmaking, Photography, Ceramics, Sculpture, Textile, MixedMedia, DigitalArt}
}

// Label is the medium as people read it: "Digital art", "Textile Art".
func (m Medium) Label() string {
	switch m {
	case Painting:
		return "Painting"
	case Sculpture:
		return "Sculpture"
	case DigitalArt:
		return "Digital art"
	case Photography:
		return "Photography"
	case MixedMedia:
		return "Mixed media"
	case Printmaking:
		return "Printmaking"
	case Ceramics:
		return "Ceramics"
	case Textile:
		return "Textile Art"
	}
	return ""
}

// Stands reports whether works of the medium stand in the room rather than hang
// on its wall. They have a depth.
func (m Medium) Stands() bool { return m == Sculpture || m == Ceramics }

// Edition says how many pieces of a work there can ever be.
type Edition string

// The kinds of edition.
const (
	UniqueEdition  Edition = "unique"  // one piece
	LimitedEdition Edition = "limited" // Artwork.EditionSize pieces, numbered in the order of sale
	OpenEdition    Edition = "open"    // as many as are asked for
)

// ArtworkState says who may see a work.
type ArtworkState string

// The states of a work. Only a listed one is public; an archived one is kept
// for the orders that name it.
const (
	Draft    ArtworkState = "draft"
	Listed   ArtworkState = "listed"
	Unlisted ArtworkState = "unlisted"
	Archived ArtworkState = "archived"
)

// Card is what a list shows of a work: its wall label and its cover.
type Card struct {
	ID             int64        `db:"id"`
	ArtistID       int64        `db:"artist_id"`
	ArtistName     string       `db:"artist_name"`
	ArtistUsername string       `db:"artist_username"`
	State          ArtworkState `db:"state"`
	Title          string       `db:"title"`
	Year           int          `db:"year"`
	Medium         Medium       `db:"medium"`
	Material       string       `db:"material"`
	Width          Hundredths   `db:"width"`
	Height         Hundredths   `db:"height"`
	Depth          Hundredths   `db:"depth"` // 0: flat
	Price          Pence        `db:"price"`
	Quantity       int          `db:"quantity"`
	ForSale        bool         `db:"for_sale"`
	Edition        Edition      `db:"edition"`
	EditionSize    int          `db:"edition_size"` // 0 unless limited
	Sold           int          `db:"sold"`
	Held           int          `db:"held"`      // pieces that are on hold
	ListedAt       *time.Time   `db:"listed_at"` // first time; nil for a draft
	Cover          Image        `db:"cover"`     // Key is "" when there is none
	Saved          bool         `db:"saved"`     // in the gallery of the member who asked
	Delivered      Pence        `db:"delivered"` // in a list that says where works go: what one piece costs there; 0 where its artist quotes
	Near           int64        `db:"near"`      // in a list by colour: how far it is from it, in thousandths
	Rank           int64        `db:"rank"`      // how well it fits a search; 0 in other lists
}

// SoldOut reports whether every piece has been sold here.
func (c Card) SoldOut() bool { return c.Quantity == 0 && c.Sold > 0 }

// Buyable reports whether a collector may ask for the work now.
func (c Card) Buyable() bool { return c.State == Listed && c.ForSale && c.Quantity > 0 }

// Gaps reports whether the work is a draft of which something is not known yet
// that every page of a work shows.
func (c Card) Gaps() bool {
	return c.State == Draft && (c.Year == 0 || c.Material == "" || c.Width == 0 || c.Height == 0 || c.Price == 0)
}

// PriceLine is the last line of a label of a work that is not sold out:
// "£3,400", "Not for sale", "£380, 22 of 30 left".
func (c Card) PriceLine() string {
	if !c.ForSale || c.Quantity == 0 {
		return "Not for sale"
	}
	if c.Edition == LimitedEdition && c.Quantity < c.EditionSize {
		return c.Price.Short() + ", " + strconv.Itoa(c.Quantity) + " of " + strconv.Itoa(c.EditionSize) + " left"
	}
	return c.Price.Short()
}

// LineNow is PriceLine as long as the moment lasts, in lists: "£3,400, on hold"
// where every piece is.
func (c Card) LineNow() string {
	if c.Buyable() && c.Held == c.Quantity {
		return c.Price.Short() + ", on hold"
	}
	return c.PriceLine()
}

// SoldWords stand beside the dot of a work that is sold out.
func (c Card) SoldWords() string {
	switch c.Edition {
	case LimitedEdition:
		return "Edition sold out"
	case OpenEdition:
		return "Sold out"
	}
	return "Sold"
}

// Dimensions prints height × width (× depth) in centimetres, the order of wall
// labels: "120 × 150 × 4 cm".
func (c Card) Dimensions() string { return dimensions(c.Height, c.Width, c.Depth) }

// EditionLabel says "Unique", "Edition of 8" or "Open edition".
func (c Card) EditionLabel() string { return editionLabel(c.Edition, c.EditionSize) }

func dimensions(height, width, depth Hundredths) string {
	if height == 0 || width == 0 {
		return "Size to come"
	}
	s := height.String() + " × " + width.String()
	if depth > 0 {
		s += " × " + depth.String()
	}
	return s + " cm"
}

func editionLabel(e Edition, size int) string {
	switch e {
	case LimitedEdition:
		return "Edition of " + strconv.Itoa(size)
	case OpenEdition:
		return "Open edition"
	}
	return "Unique"
}

// Artwork is a work with all that its own page shows.
type Artwork struct {
	Card
	Description string     `db:"description"`
	Subjects    string     `db:"subjects"` // what it shows, in words to find it by
	Notes       string     `db:"notes"`    // for its artist alone, "" to others
	Weight      Hundredths `db:"weight"`   // kg; 0: none, for digital art
	ArtistTown  string     `db:"artist_town"`
	ArtistBio   string     `db:"artist_bio"`
	NoLearning  bool       `db:"no_learning"` // its artist asks machines not to learn from the pictures
	SeriesID    int64      `db:"series_id"`   // 0: in none
	SeriesName  string     `db:"series_name"`
	Version     int        `db:"version"` // counts edits; a form names the one it was made from
	CreatedAt   time.Time  `db:"created_at"`
	UpdatedAt   time.Time  `db:"updated_at"`
	Images      []Image    `db:"-"`
	Repriced    bool       `db:"repriced"` // its price changed in public

	HeldUntil *time.Time `db:"held_until"` // when the first hold ends
	Line      int        `db:"line"`       // how many wait in line for a piece
	AwayUntil *time.Time `db:"away_until"` // the day on which its artist is back; nil: never was away
	AwayWords string     `db:"away_words"`

	Collection      bool   `db:"collection"` // collectors may fetch it from the studio
	CollectionWords string `db:"collection_words"`
}

// AskedOfArtist reports whether it is too heavy or too long for the formula of
// delivery, so that its artist quotes.
func (a Artwork) AskedOfArtist() bool {
	return askedOfArtist(a.Medium, a.Width, a.Height, a.Depth, a.Weight)
}

// OnHold reports whether whoever asks for the work now has to wait in line: every
// piece is held, or free for those who wait already.
func (a Artwork) OnHold() bool { return a.Quantity > 0 && a.Quantity-a.Held <= a.Line }

// Away reports whether its artist takes no requests at a moment.
func (a Artwork) Away(now time.Time) bool { return away(a.AwayUntil, now) }

// Artwork returns a work with its photographs. viewer is the id of the member
// who asks, 0 for a visitor. Works that are not listed are ErrNotFound to all
// but their artist.
func (s *Store) Artwork(ctx context.Context, viewer, id int64) (Artwork, error) {
	var row struct {
		Artwork
		Photographs imageList `db:"photographs"`
	}
	err := s.getRow(ctx, &row, `
		SELECT `+cardColumns+`, a.description, a.subjects, CASE WHEN a.artist_id = $1 THEN a.notes ELSE '' END AS notes, COALESCE(a.weight, 0) AS weight, m.town AS artist_town, m.bio AS artist_bio, m.no_learning,
			COALESCE(a.series_id, 0) AS series_id, COALESCE((SELECT name FROM series WHERE id = a.series_id), '') AS series_name,
			a.version, a.created_at, a.updated_at, m.away_until, m.away_words, m.collection AND a.medium <> 'digital_art' AS collection, m.collection_words,
			(SELECT min(hold_until) FROM orders WHERE artwork_id = a.id AND status = 'accepted') AS held_until,
			(SELECT count(*) FROM orders WHERE artwork_id = a.id AND status = 'pending' AND line_at IS NOT NULL) AS line,
			EXISTS (SELECT FROM artwork_prices WHERE artwork_id = a.id OFFSET 1) AS repriced,
			(SELECT json_agg(p ORDER BY p.position) FROM (SELECT `+imageColumns+` FROM images i WHERE i.artwork_id = a.id) p) AS photographs
		FROM `+cardTables+`
		WHERE a.id = $2 AND (a.state = 'listed' OR a.artist_id = $1)`, viewer, id)
	row.Images = row.Photographs
	return row.Artwork, err
}

// SetListed hangs the artist's work for all to see, or takes it down. It fails
// with a *Conflict when a work without a described photograph, or one that lacks
// something else, is to be hung.
func (s *Store) SetListed(ctx context.Context, artist Member, id int64, listed bool) error {
	return s.change(ctx, artist, id, func(tx *sqlx.Tx, w lockedWork) error {
		if !listed {
			return s.setState(ctx, tx, w, Unlisted)
		}
		var described bool
		err := found(tx.GetContext(ctx, &described, `SELECT alt <> '' FROM images WHERE artwork_id = $1 AND position = 0`, id))
		if err == ErrNotFound || err == nil && !described {
			return &Conflict{"A work needs a photograph, and a description of it, before it can be hung. Edit it to add them."}
		}
		if err != nil {
			return fmt.Errorf("read the cover of artwork %d: %w", id, err)
		}
		lacks, err := lacking(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(lacks) > 0 {
			return &Conflict{"It needs " + strings.Join(lacks, ", ") + " before it can be hung. Edit it to add what is missing."}
		}
		return s.setState(ctx, tx, w, Listed)
	})
}

// setState brings a work into a state. A draft that is taken down stays one.
func (s *Store) setState(ctx context.Context, tx *sqlx.Tx, w lockedWork, to ArtworkState) error {
	if w.State == to || w.State == Draft && to == Unlisted {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE artworks SET state = $2, listed_at = CASE WHEN $2 = 'listed' THEN COALESCE(listed_at, $3) ELSE listed_at END,
			for_sale = for_sale AND $2 <> 'archived', version = version + 1, updated_at = $3
		WHERE id = $1`, w.ID, to, s.now())
	if err != nil {
		return fmt.Errorf("bring artwork %d to %s: %w", w.ID, to, err)
	}
	if to == Listed && w.State == Draft {
		return s.announce(ctx, tx, artworkKey(w.ID), w.ArtistID, w.ID)
	}
	return nil
}

// SetForSale says whether the artist's work can be asked for. It fails with a
// *Conflict when no piece is left.
func (s *Store) SetForSale(ctx context.Context, artist Member, id int64, forSale bool) error {
	return s.change(ctx, artist, id, func(tx *sqlx.Tx, w lockedWork) error {
		if forSale && w.Quantity == 0 {
			return &Conflict{"No piece of this work is left to sell."}
		}
		if forSale && w.Price == 0 {
			return &Conflict{"It has no price yet. Edit it to add one."}
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE artworks SET for_sale = $2, version = version + 1, updated_at = $3 WHERE id = $1 AND for_sale <> $2`, id, forSale, s.now())
		if err != nil {
			return fmt.Errorf("set the sale of artwork %d: %w", id, err)
		}
		return nil
	})
}

// DeleteArtwork removes the artist's work from the market. Its photographs go
// with it, at the next sweep. One that orders or conversations name is kept for
// them, archived, and DeleteArtwork reports it.
func (s *Store) DeleteArtwork(ctx context.Context, artist Member, id int64) (archived bool, err error) {
	err = s.change(ctx, artist, id, func(tx *sqlx.Tx, w lockedWork) error {
		if err := tx.GetContext(ctx, &archived, `SELECT EXISTS (SELECT FROM orders WHERE artwork_id = $1) OR EXISTS (SELECT FROM conversations WHERE artwork_id = $1)`, id); err != nil {
			return fmt.Errorf("look for orders of artwork %d: %w", id, err)
		}
		if archived {
			return s.setState(ctx, tx, w, Archived)
		}
		for _, query := range []string{
			`DELETE FROM gallery_artworks WHERE artwork_id = $1`,
			`UPDATE images SET artwork_id = NULL, position = 0 WHERE artwork_id = $1`,
			`DELETE FROM artworks WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, query, id); err != nil {
				return fmt.Errorf("delete artwork %d: %w", id, err)
			}
		}
		return nil
	})
	return archived, err
}

// lockedWork is what a change needs to know of a work that it has locked.
type lockedWork struct {
	ID       int64        `db:"id"`
	ArtistID int64        `db:"artist_id"`
	State    ArtworkState `db:"state"`
	Version  int          `db:"version"`
	Quantity int          `db:"quantity"`
	Sold     int          `db:"sold"`
	Edition  Edition      `db:"edition"`
	Price    Pence        `db:"price"` // 0: none yet

	EditionSize int `db:"edition_size"`
	Held        int `db:"held"`   // pieces on hold
	Number      int `db:"number"` // the highest that a piece here has
}

// change runs f on the artist's work under its lock, and tells the market. Other
// people's works, and archived ones, are ErrNotFound.
func (s *Store) change(ctx context.Context, artist Member, id int64, f func(tx *sqlx.Tx, w lockedWork) error) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var w lockedWork
		err := found(tx.GetContext(ctx, &w, `
			SELECT id, artist_id, state, version, quantity, sold, edition, price, COALESCE(edition_size, 0) AS edition_size, held,
				COALESCE((SELECT max(edition_number) FROM orders WHERE artwork_id = artworks.id), 0) AS number
			FROM artworks
			WHERE id = $1 AND artist_id = $2 AND state <> 'archived' FOR UPDATE`, id, artist.ID))
		if err != nil {
			return err
		}
		if err := f(tx, w); err != nil {
			return err
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// refreshSearch renews what an artist's works are found by, after a change of
// the artist's name.
func refreshSearch(ctx context.Context, tx *sqlx.Tx, artistID int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE artworks a SET search = lower(a.title) || E'\n' || lower(m.first_name || ' ' || m.last_name)
		FROM members m WHERE m.id = a.artist_id AND a.artist_id = $1`, artistID)
	if err != nil {
		return fmt.Errorf("refresh the search of artist %d's works: %w", artistID, err)
	}
	return nil
}
