package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// CrowdArtist is a made-up artist of a market that is filled to see how it bears
// its size. Nobody can sign in as one.
type CrowdArtist struct {
	Username, FirstName, LastName, Town, Postcode string
}

// CrowdWork is a made-up work of such a market; its key is a UUID. It is listed,
// with a photograph of which there is no file.
type CrowdWork struct {
	ImportRow
	Username                string // of its artist
	ListedAt                time.Time
	ImageWidth, ImageHeight int // pixels
	Ground                  string
	Palette                 []float32 // L*, a*, b* and share of each colour
	Alt                     string
}

// CrowdBatch is how many works AddCrowd takes at once.
const CrowdBatch = 5000

// AddCrowdArtists adds artists. Those whose usernames are taken are there.
func (s *Store) AddCrowdArtists(ctx context.Context, artists []CrowdArtist) error {
	n := len(artists)
	var usernames, first, last, towns, postcodes = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, a := range artists {
		usernames[i], first[i], last[i], towns[i], postcodes[i] = a.Username, a.FirstName, a.LastName, a.Town, a.Postcode
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
			SELECT 'artist', r.username, r.username || '@openstudio.example', '', r.first, r.last, '1 Market Street', r.town, r.postcode, $1, $1
			FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS r (username, first, last, town, postcode)
			ON CONFLICT DO NOTHING`,
			s.now(), pq.Array(usernames), pq.Array(first), pq.Array(last), pq.Array(towns), pq.Array(postcodes))
		return err
	})
	if err != nil {
		return fmt.Errorf("add a crowd's artists: %w", err)
	}
	return nil
}

// HasCrowd reports whether there is a work of such a key.
func (s *Store) HasCrowd(ctx context.Context, key string) (there bool, err error) {
	err = s.getRow(ctx, &there, `SELECT EXISTS (SELECT FROM artworks WHERE request_key = $1)`, key)
	return there, err
}

// AddCrowd adds at most CrowdBatch works of artists that are there, all or none,
// and returns how many were new: the same keys are the same works.
func (s *Store) AddCrowd(ctx context.Context, works []CrowdWork) (added int, err error) {
	n := len(works)
	if n > CrowdBatch {
		return 0, fmt.Errorf("%d works at once; %d are the most", n, CrowdBatch)
	}
	var (
		keys, usernames, titles, materials = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		descriptions, media, editions      = make([]string, n), make([]string, n), make([]string, n)
		subjects                           = make([]string, n)
		grounds, alts, palettes, listed    = make([]string, n), make([]string, n), make([]string, n), make([]time.Time, n)
		years, editionSizes, pieces        = make([]int64, n), make([]int64, n), make([]int64, n)
		heights, widths, depths            = make([]int64, n), make([]int64, n), make([]int64, n)
		weights, prices                    = make([]int64, n), make([]int64, n)
		imageWidths, imageHeights          = make([]int64, n), make([]int64, n)
		sale                               = make([]bool, n)
	)
	for i, w := range works {
		keys[i], usernames[i], titles[i], materials[i] = w.Key, w.Username, w.Title, w.Material
		subjects[i] = w.Subjects
		descriptions[i], media[i], editions[i] = w.Description, string(w.Medium), string(w.Edition)
		grounds[i], alts[i], listed[i] = w.Ground, w.Alt, w.ListedAt
		years[i], editionSizes[i], pieces[i] = int64(w.Year), int64(w.EditionSize), int64(w.Quantity)
		heights[i], widths[i], depths[i] = int64(w.Height), int64(w.Width), int64(w.Depth)
		weights[i], prices[i], sale[i] = int64(w.Weight), int64(w.Price), w.ForSale
		imageWidths[i], imageHeights[i] = int64(w.ImageWidth), int64(w.ImageHeight)
		palette, err := pq.Float32Array(w.Palette).Value() // an array of arrays would have to be square
		if err != nil {
			return 0, fmt.Errorf("add a crowd: %w", err)
		}
		palettes[i], _ = palette.(string)
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO artworks (artist_id, state, title, material, description, medium, edition, year, edition_size, quantity,
				height, width, depth, weight, price, for_sale, search, request_key, created_at, updated_at, listed_at, subjects)
			SELECT m.id, 'listed', r.title, r.material, r.description, r.medium, r.edition, r.year, NULLIF(r.size, 0), r.pieces,
				r.height, r.width, NULLIF(r.depth, 0), NULLIF(r.weight, 0), r.price, r.sale,
				lower(r.title) || E'\n' || lower(m.first_name || ' ' || m.last_name), r.key, r.listed, r.listed, r.listed, r.subjects
			FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[], $10::integer[],
				$11::integer[], $12::integer[], $13::integer[], $14::integer[], $15::integer[], $16::boolean[], $17::timestamptz[], $18::text[])
				AS r (key, username, title, material, description, medium, edition, year, size, pieces, height, width, depth, weight, price, sale, listed, subjects)
			JOIN members m ON lower(m.username) = r.username AND m.role = 'artist'
			ON CONFLICT (request_key) DO NOTHING`,
			pq.Array(keys), pq.Array(usernames), pq.Array(titles), pq.Array(materials), pq.Array(descriptions), pq.Array(media), pq.Array(editions),
			pq.Array(years), pq.Array(editionSizes), pq.Array(pieces), pq.Array(heights), pq.Array(widths), pq.Array(depths), pq.Array(weights),
			pq.Array(prices), pq.Array(sale), pq.Array(listed), pq.Array(subjects)); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			INSERT INTO images (artist_id, artwork_id, position, key, name, alt, width, height, ground, palette, created_at)
			SELECT a.artist_id, a.id, 0, replace(r.key::text, '-', ''), 'crowd.jpg', r.alt, r.width, r.height, r.ground, r.palette::real[], a.created_at
			FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[]) AS r (key, alt, width, height, ground, palette)
			JOIN artworks a ON a.request_key = r.key
			ON CONFLICT (key) DO NOTHING`,
			pq.Array(keys), pq.Array(alts), pq.Array(imageWidths), pq.Array(imageHeights), pq.Array(grounds), pq.Array(palettes))
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		added = int(rows)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add a crowd: %w", err)
	}
	return added, nil
}

// SettleCrowd tells the planner and everybody who looks at the market that a
// crowd has come.
func (s *Store) SettleCrowd(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, `VACUUM (ANALYZE) artworks, images, members`); err != nil {
		return fmt.Errorf("settle a crowd: %w", err)
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error { return tell(ctx, tx, Signal{Market: true}) })
}
