package store

import (
	"strconv"
	"time"
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

// Image is one photograph of a work. Width and Height are its upright pixels,
// Ground its mean colour (#rrggbb).
type Image struct {
	ID       int64  `db:"id"`
	Key      string `db:"key"`
	Name     string `db:"name"` // of the file that was sent
	Alt      string `db:"alt"`
	Width    int    `db:"width"`
	Height   int    `db:"height"`
	Ground   string `db:"ground"`
	Position int    `db:"position"`
}

// Ratio is width over height, or 1 for no image.
func (i Image) Ratio() float64 {
	if i.Height == 0 {
		return 1
	}
	return float64(i.Width) / float64(i.Height)
}

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
	Cover          Image        `db:"cover"` // Key is "" when there is none
	Saved          bool         `db:"saved"` // in the gallery of the member who asked
}

// SoldOut reports whether every piece has been sold here.
func (c Card) SoldOut() bool { return c.Quantity == 0 && c.Sold > 0 }

// Buyable reports whether a collector may ask for the work now.
func (c Card) Buyable() bool { return c.State == Listed && c.ForSale && c.Quantity > 0 }

// Dimensions prints height × width (× depth) in centimetres, the order of wall
// labels: "120 × 150 × 4 cm".
func (c Card) Dimensions() string { return dimensions(c.Height, c.Width, c.Depth) }

// EditionLabel says "Unique", "Edition of 8" or "Open edition".
func (c Card) EditionLabel() string { return editionLabel(c.Edition, c.EditionSize) }

func dimensions(height, width, depth Hundredths) string {
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
	Weight      Hundredths `db:"weight"` // kg; 0: none, for digital art
	ArtistTown  string     `db:"artist_town"`
	Version     int        `db:"version"` // counts edits; a form names the one it was made from
	CreatedAt   time.Time  `db:"created_at"`
	UpdatedAt   time.Time  `db:"updated_at"`
	ListedAt    *time.Time `db:"listed_at"`
	Images      []Image    `db:"-"`
}
