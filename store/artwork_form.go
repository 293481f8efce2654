package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
)

// What an artist may write of a work, in characters.
const (
	TitleMost       = 200
	MaterialMost    = 50
	DescriptionMost = 300
	SubjectsMost    = 200
	NotesMost       = 10000
	AltMost         = 300
)

// The limits of a work's numbers.
const (
	priceLeast  Pence      = 1_00
	priceMost   Pence      = 99_999_99
	lengthLeast Hundredths = 10
	weightLeast Hundredths = 1
	numbersMost Hundredths = 9_999_99 // lengths and weights
	piecesMost             = 9999
)

// ArtworkForm is a work as it is typed into its form. The names of its inputs
// are those of the *Invalid: "title", "year", "medium", "material",
// "description", "subjects", "notes", "height", "width", "depth", "weight", "edition",
// "edition_size", "quantity", "price", "sale", "photographs", and "alt-7" for
// the description of image 7.
type ArtworkForm struct {
	Key     string // of a new work, a UUID: the same form sent twice is one work
	Version int    // of an edit: the version of the work that it began with

	Title, Year, Medium, Material, Description string
	Subjects                                   string // what it shows, in words to find it by
	Notes                                      string // for the artist alone
	Height, Width, Depth                       string // cm
	Weight                                     string // kg, packed
	Edition                                    Edition
	EditionSize                                string
	Quantity                                   string // pieces for sale
	Price                                      string // pounds
	ForSale                                    bool
	Images                                     []FormImage // the first is the cover
	Hang                                       bool        // list it, if it is not listed
}

// FormImage is a photograph of a form, with its description and what it shows.
type FormImage struct {
	ID   int64
	Alt  string
	Part ImagePart
}

// PartField is the name of the choice of what the photograph shows.
func (i FormImage) PartField() string { return "part-" + strconv.FormatInt(i.ID, 10) }

// ReplaceField is the name of the input of a file that takes the photograph's
// place.
func (i FormImage) ReplaceField() string { return "replace-" + strconv.FormatInt(i.ID, 10) }

// AltField is the name of the input of the photograph's description.
func (i FormImage) AltField() string { return "alt-" + strconv.FormatInt(i.ID, 10) }

// NewArtworkForm is the form of a new work.
func (s *Store) NewArtworkForm() ArtworkForm {
	return ArtworkForm{Key: newUUID(), Year: strconv.Itoa(s.now().Year()), Medium: string(Painting), Edition: UniqueEdition,
		Quantity: "1", ForSale: true}
}

// Form is the work as its form shows it.
func (a Artwork) Form() ArtworkForm {
	f := ArtworkForm{
		Version: a.Version, Title: a.Title, Medium: string(a.Medium), Material: a.Material,
		Description: a.Description, Subjects: a.Subjects, Notes: a.Notes, Height: a.Height.typed(), Width: a.Width.typed(), Depth: a.Depth.typed(),
		Weight: a.Weight.typed(), Edition: a.Edition, Quantity: strconv.Itoa(a.Quantity), ForSale: a.ForSale,
	}
	if a.Year > 0 {
		f.Year = strconv.Itoa(a.Year)
	}
	if a.Price > 0 {
		f.Price = a.Price.Plain()
	}
	if a.EditionSize > 0 {
		f.EditionSize = strconv.Itoa(a.EditionSize)
	}
	for _, img := range a.Images {
		f.Images = append(f.Images, FormImage{img.ID, img.Alt, img.Part})
	}
	return f
}

// StaleEdit is the ErrConflict of an edit that began with an older version of
// its work.
type StaleEdit struct{ Now ArtworkForm }

func (e *StaleEdit) Error() string { return "stale edit" }

// Is makes errors.Is(err, ErrConflict) true.
func (e *StaleEdit) Is(target error) bool { return target == ErrConflict }

// Difference is a field in which two forms differ, and what the other one has in
// words.
type Difference struct{ Field, Stored string }

// Differences names the fields in which the stored work says something else, in
// the order of the form.
func (f ArtworkForm) Differences(stored ArtworkForm) []Difference {
	var list []Difference
	add := func(field, typed, stored, words string) {
		if typed != stored {
			list = append(list, Difference{field, cmp.Or(words, "nothing")})
		}
	}
	number := func(field, typed, stored string) { add(field, plainNumber(typed), stored, stored) }
	if f.photographs() != stored.photographs() {
		add("photographs", "", "differ", stored.photographWords())
	}
	add("title", written(f.Title), stored.Title, stored.Title)
	number("year", f.Year, stored.Year)
	add("medium", f.Medium, stored.Medium, Medium(stored.Medium).Label())
	add("material", written(f.Material), stored.Material, stored.Material)
	add("description", written(f.Description), stored.Description, stored.Description)
	add("subjects", written(f.Subjects), stored.Subjects, stored.Subjects)
	add("notes", written(f.Notes), stored.Notes, stored.Notes)
	number("height", f.Height, stored.Height)
	number("width", f.Width, stored.Width)
	number("depth", f.Depth, stored.Depth)
	number("weight", f.Weight, stored.Weight)
	size, _ := strconv.Atoi(stored.EditionSize)
	add("edition", string(f.Edition), string(stored.Edition), editionLabel(stored.Edition, size))
	if f.Edition == LimitedEdition && stored.Edition == LimitedEdition {
		number("edition_size", f.EditionSize, stored.EditionSize)
	}
	number("quantity", f.Quantity, stored.Quantity)
	price := f.Price
	if p, ok := ParsePence(price); ok {
		price = p.Plain()
	}
	add("price", price, stored.Price, stored.Price)
	sale := "not for sale"
	if stored.ForSale {
		sale = "for sale"
	}
	add("sale", strconv.FormatBool(f.ForSale), strconv.FormatBool(stored.ForSale), sale)
	return list
}

func (f ArtworkForm) photographs() string {
	var b strings.Builder
	for _, img := range f.Images {
		fmt.Fprintf(&b, "%d %q %s\n", img.ID, written(img.Alt), img.Part)
	}
	return b.String()
}

func (f ArtworkForm) photographWords() string {
	switch len(f.Images) {
	case 0:
		return "no photographs"
	case 1:
		return "one photograph, “" + f.Images[0].Alt + "”"
	}
	return fmt.Sprintf("%d photographs, “%s” first", len(f.Images), f.Images[0].Alt)
}

// plainNumber writes a typed number as a stored one is written.
func plainNumber(s string) string {
	if h, ok := ParseHundredths(s); ok {
		return h.String()
	}
	return strings.TrimSpace(s)
}

// formValues are the values of a valid form. Depth, weight and edition size are
// 0 when there are none.
type formValues struct {
	title, material, description string
	subjects, notes              string
	medium                       Medium
	edition                      Edition
	year, editionSize, quantity  int
	height, width, depth, weight Hundredths
	price                        Pence
	forSale                      bool
	images                       []FormImage
}

// check reads the form. It is to be valid for a work of which some pieces were
// sold; hung works need a photograph. The error is an *Invalid with all that is
// wrong, in the order of the form.
func (f ArtworkForm) check(thisYear int, w lockedWork, hung bool) (formValues, error) {
	var inv Invalid
	v := formValues{
		title: written(f.Title), material: written(f.Material), description: written(f.Description),
		subjects: written(f.Subjects), notes: written(f.Notes),
		medium: Medium(f.Medium), edition: f.Edition, forSale: f.ForSale,
	}
	v.images = f.checkImages(&inv, hung)

	if v.title == "" {
		inv.Add("title", "Give it a title. “Untitled” is one.")
	}
	limit(&inv, "title", v.title, TitleMost)
	v.year = whole(&inv, "year", f.Year, 1, thisYear+1, "a year, for example "+strconv.Itoa(thisYear))
	if !slices.Contains(Mediums(), v.medium) {
		inv.Add("medium", "Choose a medium.")
	}
	if v.material == "" {
		inv.Add("material", "Say what it is made of, for example oil on linen.")
	}
	limit(&inv, "material", v.material, MaterialMost)
	limit(&inv, "description", v.description, DescriptionMost)
	limit(&inv, "subjects", v.subjects, SubjectsMost)
	limit(&inv, "notes", v.notes, NotesMost)

	v.height = size(&inv, "height", f.Height, lengthLeast, true, "a height in centimetres")
	v.width = size(&inv, "width", f.Width, lengthLeast, true, "a width in centimetres")
	v.depth = size(&inv, "depth", f.Depth, lengthLeast, v.medium.Stands(), "a depth in centimetres")
	v.weight = size(&inv, "weight", f.Weight, weightLeast, v.medium != DigitalArt, "its weight when packed, in kilograms")

	f.checkEdition(&inv, &v, w)
	price, ok := ParsePence(f.Price)
	switch {
	case !ok:
		inv.Add("price", "Enter a price, for example 2200.")
	case price < priceLeast || price > priceMost:
		inv.Add("price", "The price is from "+priceLeast.Short()+" to "+priceMost.String()+".")
	}
	v.price = price
	return v, inv.Err()
}

func (f ArtworkForm) checkImages(inv *Invalid, hung bool) []FormImage {
	images := make([]FormImage, len(f.Images))
	for i, img := range f.Images {
		images[i] = FormImage{ID: img.ID, Alt: written(img.Alt)}
		if slices.Contains(ImageParts(), img.Part) {
			images[i].Part = img.Part
		}
	}
	if hung && len(images) == 0 {
		inv.Add("photographs", "Add a photograph before it is hung.")
	}
	if extra := len(images) - ImagesMost; extra > 0 {
		inv.Add("photographs", fmt.Sprintf("Ten photographs are the most. Remove %d.", extra))
	}
	for i, img := range images {
		if hung && i == 0 && img.Alt == "" {
			inv.Add(img.AltField(), "Describe the first photograph for people who cannot see it.")
		}
		limit(inv, img.AltField(), img.Alt, AltMost)
	}
	return images
}

// checkEdition reads the edition and its pieces: what was sold stays sold.
func (f ArtworkForm) checkEdition(inv *Invalid, v *formValues, w lockedWork) {
	switch v.edition {
	case UniqueEdition, LimitedEdition, OpenEdition:
		if w.Sold > 0 && v.edition != w.Edition {
			inv.Add("edition", "Pieces of it are sold, so the kind of edition stays as it is.")
		}
		if w.Sold == 0 && w.Held > 0 && v.edition != w.Edition {
			inv.Add("edition", "Pieces of it are on hold for collectors, so the kind of edition stays as it is.")
		}
	default:
		inv.Add("edition", "Choose unique, an edition, or open.")
	}
	if v.edition == LimitedEdition {
		v.editionSize = whole(inv, "edition_size", f.EditionSize, 1, piecesMost, "the number of pieces in the edition")
		switch {
		case w.Edition == LimitedEdition && w.Sold > 0 && v.editionSize > w.EditionSize:
			inv.Add("edition_size", fmt.Sprintf("Pieces of it are sold as one of %d, so the edition cannot grow.", w.EditionSize))
		case v.editionSize < w.Number:
			inv.Add("edition_size", fmt.Sprintf("Number %d is sold or on hold, so there are at least %d.", w.Number, w.Number))
		}
	}
	v.quantity = whole(inv, "quantity", f.Quantity, 0, piecesMost, "how many are for sale")
	all := v.quantity + w.Sold
	switch {
	case inv.Get("quantity") != "":
	case v.quantity < w.Held:
		inv.Add("quantity", fmt.Sprintf("%s on hold for collectors, so there are at least %d.", pieces(w.Held), w.Held))
	case v.edition == UniqueEdition && w.Sold > 0 && v.quantity > 0:
		inv.Add("quantity", "It is unique, and it is sold.")
	case v.edition == UniqueEdition && v.quantity > 1:
		inv.Add("quantity", "There is one of a unique work.")
	case v.edition == LimitedEdition && inv.Get("edition_size") == "" && all > v.editionSize:
		inv.Add("edition_size", fmt.Sprintf("%d sold and %d for sale make %d, more than an edition of %d.", w.Sold, v.quantity, all, v.editionSize))
	case v.forSale && v.quantity == 0:
		inv.Add("sale", "It cannot be for sale when no piece is left.")
	}
}

// pieces counts them: "One piece is", "2 pieces are".
func pieces(n int) string {
	if n == 1 {
		return "One piece is"
	}
	return fmt.Sprintf("%d pieces are", n)
}

// whole reads a whole number from least to most. what says what it is.
func whole(inv *Invalid, field, typed string, least, most int, what string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		inv.Add(field, "Enter "+what+".")
	case err != nil || n < least || n > most:
		inv.Add(field, fmt.Sprintf("Enter a number from %d to %d.", least, most))
	}
	return n
}

// size reads a length or a weight. Without needed it may be left out.
func size(inv *Invalid, field, typed string, least Hundredths, needed bool, what string) Hundredths {
	if strings.TrimSpace(typed) == "" && !needed {
		return 0
	}
	h, ok := ParseHundredths(typed)
	switch {
	case !ok:
		inv.Add(field, "Enter "+what+", for example 7.25.")
	case h < least:
		inv.Add(field, "At least "+least.String()+".")
	case h > numbersMost:
		inv.Add(field, "At most "+numbersMost.String()+".")
	}
	return h
}

// CreateArtwork makes a work of the artist, a draft or hung at once, and returns
// its id. The same form sent again returns the same work. It fails with
// *Invalid, and with ErrForbidden for members who are no artists.
func (s *Store) CreateArtwork(ctx context.Context, artist Member, f ArtworkForm) (int64, error) {
	if !artist.IsArtist() {
		return 0, ErrForbidden
	}
	if !validUUID(f.Key) {
		f.Key = newUUID()
	}
	made := func() (id int64, err error) {
		err = s.getRow(ctx, &id, `SELECT id FROM artworks WHERE request_key = $1 AND artist_id = $2`, f.Key, artist.ID)
		return id, err
	}
	if id, err := made(); !errors.Is(err, ErrNotFound) {
		return id, err
	}
	v, err := f.check(s.now().Year(), lockedWork{}, f.Hang)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		if id, err = s.createArtwork(ctx, tx, artist, f, v); err != nil {
			return err
		}
		if err := hangImages(ctx, tx, artist.ID, id, v.images); err != nil {
			return err
		}
		if f.Hang {
			if err := s.announce(ctx, tx, artworkKey(id), artist.ID, id); err != nil {
				return err
			}
		}
		return tell(ctx, tx, Signal{Market: true})
	})
	if err != nil && !isAnswer(err) {
		// Sent twice at once, or the reply of the commit was lost: the key tells
		// what became of it.
		if id, found := made(); found == nil {
			return id, nil
		}
	}
	return id, err
}

func (s *Store) createArtwork(ctx context.Context, tx *sqlx.Tx, artist Member, f ArtworkForm, v formValues) (int64, error) {
	state := Draft
	if f.Hang {
		state = Listed
	}
	// What a work says of its artist is said of it again when that changes, if it is
	// there by then.
	if err := lockArtist(ctx, tx, artist.ID); err != nil {
		return 0, err
	}
	var id int64
	err := tx.GetContext(ctx, &id, `
		INSERT INTO artworks (artist_id, state, title, description, year, medium, material, width, height, depth, weight, price,
			quantity, for_sale, edition, edition_size, search, request_key, created_at, updated_at, listed_at, notes, subjects)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULLIF($10::integer, 0), NULLIF($11::integer, 0), $12,
			$13, $14, $15, NULLIF($16::integer, 0),
			lower($3) || E'\n' || (SELECT lower(first_name || ' ' || last_name) FROM members WHERE id = $1), $17, $18, $18,
			CASE WHEN $2 = 'listed' THEN $18::timestamptz END, $19, $20)
		RETURNING id`,
		artist.ID, state, v.title, v.description, v.year, v.medium, v.material, v.width, v.height, v.depth, v.weight, v.price,
		v.quantity, v.forSale, v.edition, v.editionSize, f.Key, s.now(), v.notes, v.subjects)
	if err != nil {
		return 0, fmt.Errorf("create artwork: %w", err)
	}
	return id, nil
}

// UpdateArtwork saves an edit of the artist's work. It fails with *Invalid, and
// with a *StaleEdit when the work has changed since the form was made and now
// says something else than the form.
func (s *Store) UpdateArtwork(ctx context.Context, artist Member, id int64, f ArtworkForm) error {
	return s.change(ctx, artist, id, func(tx *sqlx.Tx, w lockedWork) error {
		if f.Version != w.Version {
			stored, err := storedForm(ctx, tx, id)
			if err != nil {
				return err
			}
			if len(f.Differences(stored)) > 0 || f.Hang && w.State != Listed {
				return &StaleEdit{Now: stored}
			}
			return nil // it was saved already
		}
		v, err := f.check(s.now().Year(), w, f.Hang || w.State == Listed)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE artworks a SET title = $2, description = $3, year = $4, medium = $5, material = $6, width = $7, height = $8,
				depth = NULLIF($9::integer, 0), weight = NULLIF($10::integer, 0), price = $11, quantity = $12, for_sale = $13,
				edition = $14, edition_size = NULLIF($15::integer, 0),
				search = lower($2) || E'\n' || lower(m.first_name || ' ' || m.last_name), version = a.version + 1, updated_at = $16, notes = $17, subjects = $18
			FROM members m WHERE m.id = a.artist_id AND a.id = $1`,
			id, v.title, v.description, v.year, v.medium, v.material, v.width, v.height, v.depth, v.weight, v.price, v.quantity,
			v.forSale, v.edition, v.editionSize, s.now(), v.notes, v.subjects)
		if err != nil {
			return fmt.Errorf("update artwork %d: %w", id, err)
		}
		if err := hangImages(ctx, tx, artist.ID, id, v.images); err != nil {
			return err
		}
		if v.quantity != w.Quantity { // there may be a piece for the next in line
			if err := tellWaiting(ctx, tx, id, stillOpen, true); err != nil {
				return err
			}
		}
		if f.Hang {
			return s.setState(ctx, tx, w, Listed)
		}
		return nil
	})
}

// storedForm reads the form of a work as it is.
func storedForm(ctx context.Context, tx *sqlx.Tx, id int64) (ArtworkForm, error) {
	var a Artwork
	err := tx.GetContext(ctx, &a, `
		SELECT version, title, year, medium, material, description, subjects, notes, height, width, COALESCE(depth, 0) AS depth,
			COALESCE(weight, 0) AS weight, edition, COALESCE(edition_size, 0) AS edition_size, quantity, price, for_sale
		FROM artworks WHERE id = $1`, id)
	if err == nil {
		err = tx.SelectContext(ctx, &a.Images, `SELECT id, alt, part FROM images WHERE artwork_id = $1 ORDER BY position`, id)
	}
	if err != nil {
		return ArtworkForm{}, fmt.Errorf("read artwork %d: %w", id, err)
	}
	return a.Form(), nil
}
