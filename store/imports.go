package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ImportBatch is how many rows are taken in at once.
const ImportBatch = 1000

// Import is a catalogue that an artist brought in.
type Import struct {
	ID        int64      `db:"id"`
	Key       string     `db:"key"`
	Name      string     `db:"name"`     // of the file
	Settings  string     `db:"settings"` // how its columns are read
	Upload    string     `db:"upload"`   // that holds the file, "" when it is gone
	Rows      int        `db:"rows"`
	Refused   int        `db:"refused"`
	Known     int        `db:"known"` // rows whose works were here before
	CreatedAt time.Time  `db:"created_at"`
	EndedAt   *time.Time `db:"ended_at"` // nil when it was broken off
	Drafts    int        `db:"drafts"`   // of its works, those that never hung
	Hung      int        `db:"hung"`
}

// ImportRow is a work of a catalogue. 0 and "" stand for what the catalogue does
// not say; a draft may lack it. Key is the work's own in the catalogues of the
// artist: what has the same key is the same work.
type ImportRow struct {
	Key                                 string
	Title, Material, Description, Notes string
	Subjects                            string
	Medium                              Medium
	Year                                int
	Height, Width, Depth, Weight        Hundredths
	Price                               Pence
	ForSale                             bool
	Edition                             Edition
	EditionSize, Quantity               int
}

// ImportedWork is a work that a row became, or was before.
type ImportedWork struct {
	Key  string `db:"key"`
	ID   int64  `db:"id"`
	Mine bool   `db:"mine"` // this import made it
	Bare bool   `db:"bare"` // a draft without a photograph
}

// ImportLimits are the limits that rows of a catalogue are held to.
type ImportLimits struct {
	Year                                 int
	PriceLeast, PriceMost                Pence
	LengthLeast, WeightLeast, NumberMost Hundredths
	Pieces                               int
}

// ImportLimits returns the limits of today.
func (s *Store) ImportLimits() ImportLimits {
	return ImportLimits{Year: s.now().Year() + 1, PriceLeast: priceLeast, PriceMost: priceMost, LengthLeast: lengthLeast,
		WeightLeast: weightLeast, NumberMost: numbersMost, Pieces: piecesMost}
}

const importColumns = `
	p.id, p.key, p.name, p.settings, COALESCE(p.upload_id, '') AS upload, p.rows, p.refused, p.known, p.created_at, p.ended_at,
	(SELECT count(*) FROM artworks a WHERE a.import_id = p.id AND a.state = 'draft') AS drafts,
	(SELECT count(*) FROM artworks a WHERE a.import_id = p.id AND a.state = 'listed') AS hung`

// BeginImport begins an import, or goes on with the one that has this key. upload
// is the artist's upload that holds the file, or "". It fails with ErrForbidden
// for members who are no artists.
func (s *Store) BeginImport(ctx context.Context, artist Member, key, name, settings, upload string) (Import, error) {
	if !artist.IsArtist() {
		return Import{}, ErrForbidden
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO imports (artist_id, key, name, settings, upload_id, created_at)
			VALUES ($1, $2, $3, $4, (SELECT id FROM uploads WHERE id = $5 AND artist_id = $1), $6)
			ON CONFLICT (artist_id, key) DO UPDATE SET name = excluded.name, settings = excluded.settings`,
			artist.ID, key, fileName(name), settings, upload, s.now())
		return err
	})
	if err != nil {
		return Import{}, fmt.Errorf("begin import: %w", err)
	}
	var p Import
	err = s.getRow(ctx, &p, `SELECT `+importColumns+` FROM imports p WHERE p.artist_id = $1 AND p.key = $2`, artist.ID, key)
	return p, err
}

// Import returns an import of the artist's.
func (s *Store) Import(ctx context.Context, artist Member, id int64) (Import, error) {
	var p Import
	err := s.getRow(ctx, &p, `SELECT `+importColumns+` FROM imports p WHERE p.id = $2 AND p.artist_id = $1`, artist.ID, id)
	return p, err
}

// ImportArtworks makes drafts of the rows, all or none, and returns the work of
// each row in their order. A row whose work is here already changes nothing of it. At most
// ImportBatch rows come at once. The same rows sent again are the same works.
func (s *Store) ImportArtworks(ctx context.Context, artist Member, importID int64, rows []ImportRow) ([]ImportedWork, error) {
	if len(rows) > ImportBatch {
		return nil, fmt.Errorf("%d rows at once; %d are the most", len(rows), ImportBatch)
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var mine int64
		if err := found(tx.GetContext(ctx, &mine, `SELECT id FROM imports WHERE id = $1 AND artist_id = $2`, importID, artist.ID)); err != nil {
			return err
		}
		return s.importRows(ctx, tx, artist, importID, rows)
	})
	if err != nil && isAnswer(err) {
		return nil, err
	}
	// After a lost reply the keys tell what became of the rows.
	works, readErr := s.importedWorks(ctx, artist, importID, rows)
	if readErr != nil {
		return nil, errors.Join(err, readErr)
	}
	if len(works) < len(rows) {
		return nil, errors.Join(err, errors.New("some rows became no works"))
	}
	return works, nil
}

func (s *Store) importRows(ctx context.Context, tx *sqlx.Tx, artist Member, importID int64, rows []ImportRow) error {
	n := len(rows)
	var (
		keys, titles, materials = make([]string, n), make([]string, n), make([]string, n)
		descriptions, notes     = make([]string, n), make([]string, n)
		subjects                = make([]string, n)
		media, editions         = make([]string, n), make([]string, n)
		years, sizes, pieces    = make([]int64, n), make([]int64, n), make([]int64, n)
		heights, widths, depths = make([]int64, n), make([]int64, n), make([]int64, n)
		weights, prices         = make([]int64, n), make([]int64, n)
		sale                    = make([]bool, n)
	)
	for i, r := range rows {
		keys[i], titles[i], materials[i] = written(r.Key), written(r.Title), written(r.Material)
		descriptions[i], subjects[i], notes[i] = written(r.Description), written(r.Subjects), written(r.Notes)
		media[i], editions[i] = string(r.Medium), string(r.Edition)
		years[i], sizes[i], pieces[i] = int64(r.Year), int64(r.EditionSize), int64(r.Quantity)
		heights[i], widths[i], depths[i] = int64(r.Height), int64(r.Width), int64(r.Depth)
		weights[i], prices[i], sale[i] = int64(r.Weight), int64(r.Price), r.ForSale
	}
	if err := lockArtist(ctx, tx, artist.ID); err != nil { // as createArtwork does
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO artworks (artist_id, import_id, import_key, state, title, material, description, notes, medium, edition, year,
			edition_size, quantity, height, width, depth, weight, price, for_sale, search, request_key, created_at, updated_at, subjects)
		SELECT $1, $2, r.key, 'draft', r.title, r.material, r.description, r.notes, r.medium, r.edition, r.year,
			NULLIF(r.size, 0), r.pieces, r.height, r.width, NULLIF(r.depth, 0), NULLIF(r.weight, 0), r.price, r.sale,
			lower(r.title) || E'\n' || lower(m.first_name || ' ' || m.last_name), gen_random_uuid(), $3, $3, r.subjects
		FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::integer[], $12::integer[],
			$13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[], $18::integer[], $19::boolean[], $20::text[]) WITH ORDINALITY
			AS r (key, title, material, description, notes, medium, edition, year, size, pieces, height, width, depth, weight, price, sale, subjects, place)
		JOIN members m ON m.id = $1
		WHERE NOT EXISTS (SELECT FROM artworks a WHERE a.artist_id = $1 AND a.request_key = `+uuidOf("r.key")+`)
		ORDER BY r.place
		ON CONFLICT (artist_id, import_key) WHERE import_key IS NOT NULL DO NOTHING`,
		artist.ID, importID, s.now(), pq.Array(keys), pq.Array(titles), pq.Array(materials), pq.Array(descriptions), pq.Array(notes),
		pq.Array(media), pq.Array(editions), pq.Array(years), pq.Array(sizes), pq.Array(pieces), pq.Array(heights), pq.Array(widths),
		pq.Array(depths), pq.Array(weights), pq.Array(prices), pq.Array(sale), pq.Array(subjects))
	if err != nil {
		return fmt.Errorf("import artworks: %w", err)
	}
	return nil
}

// uuidOf is an SQL expression's text as a UUID, or NULL when it is none. Works
// that came by no import are exported under their request keys.
func uuidOf(text string) string {
	return `CASE WHEN ` + text + ` ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN ` + text + `::uuid END`
}

func (s *Store) importedWorks(ctx context.Context, artist Member, importID int64, rows []ImportRow) ([]ImportedWork, error) {
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = written(r.Key)
	}
	var works []ImportedWork
	err := s.selectRows(ctx, &works, `
		SELECT r.key, a.id, COALESCE(a.import_id = $2, false) AS mine,
			a.state = 'draft' AND NOT EXISTS (SELECT FROM images i WHERE i.artwork_id = a.id) AS bare
		FROM unnest($3::text[]) WITH ORDINALITY AS r (key, place)
		JOIN LATERAL (
			SELECT id, import_id, state FROM artworks WHERE artist_id = $1 AND import_key = r.key
			UNION ALL SELECT id, import_id, state FROM artworks WHERE artist_id = $1 AND request_key = `+uuidOf("r.key")+`
			LIMIT 1) a ON true
		ORDER BY r.place`, artist.ID, importID, pq.Array(keys))
	if err != nil {
		return nil, fmt.Errorf("read imported works: %w", err)
	}
	return works, nil
}

// EndImport says that all rows of the artist's import were read, and how many of
// them were refused.
func (s *Store) EndImport(ctx context.Context, artist Member, id int64, rows, refused int) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE imports p SET rows = $3, refused = $4, ended_at = $5,
				known = greatest(0, $3::integer - $4::integer - (SELECT count(*) FROM artworks a WHERE a.import_id = p.id))
			WHERE p.id = $2 AND p.artist_id = $1`, artist.ID, id, rows, refused, s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("end import %d: %w", id, err)
	}
	return nil
}

// WaitingImages returns the artist's photographs that wait for a work and are not
// refused, those that came first before the others.
func (s *Store) WaitingImages(ctx context.Context, artist Member) ([]Image, error) {
	var images []Image
	err := s.selectRows(ctx, &images, `
		SELECT `+imageColumns+` FROM images i
		WHERE i.artist_id = $1 AND i.artwork_id IS NULL AND i.state <> 'refused' ORDER BY i.id LIMIT 1000`, artist.ID)
	return images, err
}

// GivenImage is a photograph that an imported work gets.
type GivenImage struct {
	Artwork, Image int64
	Position       int
	Alt            string
}

// GiveImages gives photographs that wait to drafts of the artist's that have none.
func (s *Store) GiveImages(ctx context.Context, artist Member, given []GivenImage) error {
	n := len(given)
	works, images, positions, alts := make([]int64, n), make([]int64, n), make([]int64, n), make([]string, n)
	for i, g := range given {
		works[i], images[i], positions[i], alts[i] = g.Artwork, g.Image, int64(g.Position), written(g.Alt)
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE images i SET artwork_id = a.id, position = n.position, alt = n.alt
			FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::text[]) AS n (artwork, image, position, alt)
			JOIN artworks a ON a.id = n.artwork AND a.artist_id = $1 AND a.state = 'draft'
				AND NOT EXISTS (SELECT FROM images h WHERE h.artwork_id = a.id)
			WHERE i.id = n.image AND i.artist_id = $1 AND i.artwork_id IS NULL`,
			artist.ID, pq.Array(works), pq.Array(images), pq.Array(positions), pq.Array(alts))
		return err
	})
	if err != nil {
		return fmt.Errorf("give images to imported works: %w", err)
	}
	return nil
}

// lacks is an array of what a work a lacks before it can be hung.
const lacks = `array_remove(ARRAY[
	CASE WHEN NOT EXISTS (SELECT FROM images i WHERE i.artwork_id = a.id AND i.position = 0 AND i.state <> 'refused') THEN 'a photograph' END,
	CASE WHEN EXISTS (SELECT FROM images i WHERE i.artwork_id = a.id AND i.position = 0 AND i.alt = '') THEN 'a description of the photograph' END,
	CASE WHEN a.year = 0 THEN 'a year' END,
	CASE WHEN a.material = '' THEN 'a material' END,
	CASE WHEN a.height = 0 THEN 'a height' END,
	CASE WHEN a.width = 0 THEN 'a width' END,
	CASE WHEN a.depth IS NULL AND a.medium IN ('sculpture', 'ceramics') THEN 'a depth' END,
	CASE WHEN a.weight IS NULL AND a.medium <> 'digital_art' THEN 'a packed weight' END,
	CASE WHEN a.price = 0 THEN 'a price' END], NULL)`

// lacking says what a work lacks before it can be hung.
func lacking(ctx context.Context, tx *sqlx.Tx, id int64) ([]string, error) {
	var list pq.StringArray
	if err := tx.GetContext(ctx, &list, `SELECT `+lacks+` FROM artworks a WHERE a.id = $1`, id); err != nil {
		return nil, fmt.Errorf("look what artwork %d lacks: %w", id, err)
	}
	return list, nil
}

// Lack is something that so many drafts of an import still need.
type Lack struct {
	What  string `db:"what"` // "a photograph"
	Works int    `db:"works"`
}

// ImportLacks says what the drafts of the artist's import lack before they can be
// hung, what most of them lack first, and how many lack nothing.
func (s *Store) ImportLacks(ctx context.Context, artist Member, id int64) (lacked []Lack, ready int, err error) {
	err = s.selectRows(ctx, &lacked, `
		SELECT COALESCE(w.what, '') AS what, count(*) AS works
		FROM artworks a LEFT JOIN LATERAL unnest(`+lacks+`) AS w (what) ON true
		WHERE a.import_id = $2 AND a.artist_id = $1 AND a.state = 'draft' GROUP BY w.what ORDER BY count(*) DESC, w.what`, artist.ID, id)
	if err != nil {
		return nil, 0, fmt.Errorf("look what import %d lacks: %w", id, err)
	}
	if i := slices.IndexFunc(lacked, func(l Lack) bool { return l.What == "" }); i >= 0 {
		ready = lacked[i].Works
		lacked = slices.Delete(lacked, i, i+1)
	}
	return lacked, ready, nil
}

// HangImport hangs all drafts of the artist's import that lack nothing, and
// returns how many.
func (s *Store) HangImport(ctx context.Context, artist Member, id int64) (int, error) {
	hung := 0
	for {
		var works []int64
		err := s.inTx(ctx, func(tx *sqlx.Tx) error {
			err := tx.SelectContext(ctx, &works, `
				UPDATE artworks SET state = 'listed', listed_at = COALESCE(listed_at, $3), version = version + 1, updated_at = $3
				WHERE id IN (SELECT a.id FROM artworks a
					WHERE a.import_id = $2 AND a.artist_id = $1 AND a.state = 'draft' AND cardinality(`+lacks+`) = 0
					ORDER BY a.id LIMIT $4 FOR UPDATE)
				RETURNING id`, artist.ID, id, s.now(), ImportBatch)
			if err == nil && len(works) > 0 {
				err = s.announce(ctx, tx, importKey(id), artist.ID, works...)
			}
			if err == nil && len(works) > 0 {
				err = tell(ctx, tx, Signal{Market: true})
			}
			return err
		})
		if err != nil {
			return hung, fmt.Errorf("hang import %d: %w", id, err)
		}
		if hung += len(works); len(works) < ImportBatch {
			return hung, nil
		}
	}
}
