package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// What an artist may say of a series, and how many series they may have.
const (
	SeriesNameMost  = 100 // characters
	SeriesAboutMost = 700 // characters
	SeriesMost      = 100
)

// Series is works of one artist that belong together.
type Series struct {
	ID       int64     `db:"id"`
	ArtistID int64     `db:"artist_id"`
	Name     string    `db:"name"`
	About    string    `db:"about"`
	Works    int       `db:"works"` // listed ones; its artist's studio counts all; counted up to one more than RowCountMost
	Strip    []Picture `db:"-"`     // the newest listed works, at most three
}

// seriesColumns reads a Series s, with the works that a condition lets count.
func seriesColumns(which string) string {
	return fmt.Sprintf(`s.id, s.artist_id, s.name, s.about,
		(SELECT count(*) FROM (SELECT FROM artworks a WHERE a.series_id = s.id AND %s LIMIT %d) w) AS works`, which, RowCountMost+1)
}

// ArtistSeries returns the artist's series in which something hangs, in the
// artist's order.
func (s *Store) ArtistSeries(ctx context.Context, artistID int64) ([]Series, error) {
	var rows []Series
	err := s.selectRows(ctx, &rows, `SELECT `+seriesColumns(`a.state = 'listed'`)+` FROM series s
		WHERE s.artist_id = $1 AND EXISTS (SELECT FROM artworks a WHERE a.series_id = s.id AND a.state = 'listed')
		ORDER BY s.position`, artistID)
	if err != nil {
		return nil, fmt.Errorf("list the series of artist %d: %w", artistID, err)
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	strips, err := s.strips(ctx, `
		JOIN LATERAL (
			SELECT id, title, row_number() OVER () AS position FROM (
				SELECT id, title FROM artworks WHERE series_id = o.id AND state = 'listed'
				ORDER BY listed_at DESC, id DESC LIMIT 3) newest) a ON true`, ids)
	for i := range rows {
		rows[i].Strip = strips[rows[i].ID]
	}
	return rows, err
}

// SeriesByID returns a series of an artist for everybody to see. It fails with
// ErrNotFound when the artist has none of that id in which something hangs.
func (s *Store) SeriesByID(ctx context.Context, artistID, id int64) (Series, error) {
	var r Series
	err := s.getRow(ctx, &r, `SELECT `+seriesColumns(`a.state = 'listed'`)+` FROM series s
		WHERE s.id = $1 AND s.artist_id = $2 AND EXISTS (SELECT FROM artworks a WHERE a.series_id = s.id AND a.state = 'listed')`, id, artistID)
	return r, err
}

// SeriesArtworks returns a page of the listed works of a series, newest first.
func (s *Store) SeriesArtworks(ctx context.Context, viewer int64, series Series, after string) (Page[Card], error) {
	o := orderOf(Newest)
	args := []any{viewer, series.ID}
	where := `a.series_id = $2 AND a.state = 'listed'`
	if keys, ok := o.after(after); ok {
		args = append(args, keys...)
		where += ` AND (a.listed_at, a.id) < ($3, $4)`
	}
	var rows []Card
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d`,
		cardColumns, cardTables, where, o.by("a"), artworksPage+1), args...)
	if err != nil {
		return Page[Card]{}, fmt.Errorf("list the works of series %d: %w", series.ID, err)
	}
	return cut(rows, artworksPage, o.cursor), nil
}

// OwnSeries returns all series of the artist, in their order, empty ones too.
func (s *Store) OwnSeries(ctx context.Context, artist Member) ([]Series, error) {
	var rows []Series
	err := s.selectRows(ctx, &rows, `SELECT `+seriesColumns(`a.state <> 'archived'`)+` FROM series s WHERE s.artist_id = $1 ORDER BY s.position`, artist.ID)
	if err != nil {
		return nil, fmt.Errorf("list one's series: %w", err)
	}
	return rows, nil
}

// OwnSeriesByID returns a series of the artist, also an empty one. Other people's
// are ErrNotFound.
func (s *Store) OwnSeriesByID(ctx context.Context, artist Member, id int64) (Series, error) {
	var r Series
	err := s.getRow(ctx, &r, `SELECT `+seriesColumns(`a.state <> 'archived'`)+` FROM series s WHERE s.id = $1 AND s.artist_id = $2`, id, artist.ID)
	return r, err
}

// SeriesStudioArtworks returns a page of the works of the artist's series, drafts
// and unlisted ones too, the last made first.
func (s *Store) SeriesStudioArtworks(ctx context.Context, artist Member, id int64, after string) (Page[StudioWork], error) {
	return s.seriesWorks(ctx, artist, `a.series_id = $2`, []any{artist.ID, id}, after)
}

// LooseArtworks returns a page of the artist's works that are in no series, the
// last made first.
func (s *Store) LooseArtworks(ctx context.Context, artist Member, after string) (Page[StudioWork], error) {
	return s.seriesWorks(ctx, artist, `a.series_id IS NULL`, []any{artist.ID}, after)
}

func (s *Store) seriesWorks(ctx context.Context, artist Member, where string, args []any, after string) (Page[StudioWork], error) {
	where += ` AND a.artist_id = $1 AND a.state <> 'archived'`
	if keys, ok := parseCursor(after, 1); ok {
		args = append(args, keys[0])
		where += fmt.Sprintf(` AND a.id < $%d`, len(args))
	}
	var rows []StudioWork
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY a.id DESC LIMIT %d`,
		studioColumns, cardTables, where, artworksPage+1), args...)
	if err != nil {
		return Page[StudioWork]{}, fmt.Errorf("list the works of artist %d by series: %w", artist.ID, err)
	}
	return cut(rows, artworksPage, func(w StudioWork) string { return cursor(w.ID) }), nil
}

// SaveSeries makes a series of the artist when id is 0, and otherwise changes the
// one that has it. It returns its id. It fails with *Invalid for the fields
// "name" and "about", with ErrNotFound for other people's series, and with
// ErrForbidden for members who are no artists.
func (s *Store) SaveSeries(ctx context.Context, artist Member, id int64, name, about string) (int64, error) {
	if !artist.IsArtist() {
		return 0, ErrForbidden
	}
	name, about = oneLine(name), written(about)
	var inv Invalid
	if name == "" {
		inv.Add("name", "Give the series a name.")
	}
	limit(&inv, "name", name, SeriesNameMost)
	limit(&inv, "about", about, SeriesAboutMost)
	if err := inv.Err(); err != nil {
		return 0, err
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockArtist(ctx, tx, artist.ID); err != nil {
			return err
		}
		var err error
		if id == 0 {
			id, err = s.addSeries(ctx, tx, artist, name, about)
		} else {
			err = found(tx.GetContext(ctx, &id, `UPDATE series SET name = $3, about = $4 WHERE id = $1 AND artist_id = $2 RETURNING id`, id, artist.ID, name, about))
		}
		if err != nil {
			return err
		}
		return tell(ctx, tx, Signal{Market: true})
	})
	if violates(err, "series_name_key") {
		return 0, &Invalid{Fields: []FieldError{{"name", "You have a series of this name. Choose another."}}}
	}
	return id, err
}

func (s *Store) addSeries(ctx context.Context, tx *sqlx.Tx, artist Member, name, about string) (id int64, err error) {
	var n int
	if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM series WHERE artist_id = $1`, artist.ID); err != nil {
		return 0, fmt.Errorf("count series: %w", err)
	}
	if n >= SeriesMost {
		return 0, &Invalid{Fields: []FieldError{{"name", "A hundred series are the most. Delete one first."}}}
	}
	err = tx.GetContext(ctx, &id, `INSERT INTO series (artist_id, name, about, position, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		artist.ID, name, about, n, s.now())
	if err != nil {
		return 0, fmt.Errorf("make a series: %w", err)
	}
	return id, nil
}

// MoveSeries lets the artist's series change places with the one before it (by
// -1) or after it (by 1). At the end of the row it stays.
func (s *Store) MoveSeries(ctx context.Context, artist Member, id int64, by int) error {
	return s.changeSeries(ctx, artist, id, func(tx *sqlx.Tx, position int) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE series SET position = $2::integer + $3::integer - position
			WHERE artist_id = $1 AND position IN ($2, $3) AND EXISTS (SELECT FROM series WHERE artist_id = $1 AND position = $3)`,
			artist.ID, position, position+by)
		return err
	})
}

// DeleteSeries takes the artist's series apart. Its works stay as they are.
func (s *Store) DeleteSeries(ctx context.Context, artist Member, id int64) error {
	return s.changeSeries(ctx, artist, id, func(tx *sqlx.Tx, position int) error {
		if _, err := tx.ExecContext(ctx, `UPDATE artworks SET series_id = NULL WHERE series_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM series WHERE id = $1`, id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE series SET position = position - 1 WHERE artist_id = $1 AND position > $2`, artist.ID, position)
		return err
	})
}

// PutInSeries puts the artist's work into their series, out of any other.
func (s *Store) PutInSeries(ctx context.Context, artist Member, id, artworkID int64) error {
	return s.changeSeries(ctx, artist, id, func(tx *sqlx.Tx, _ int) error {
		return changed(tx.ExecContext(ctx, `UPDATE artworks SET series_id = $3 WHERE id = $1 AND artist_id = $2 AND state <> 'archived'`, artworkID, artist.ID, id))
	})
}

// TakeOutOfSeries takes the artist's work out of the series. One that is not in
// it stays where it is.
func (s *Store) TakeOutOfSeries(ctx context.Context, artist Member, id, artworkID int64) error {
	return s.changeSeries(ctx, artist, id, func(tx *sqlx.Tx, _ int) error {
		return changed(tx.ExecContext(ctx, `
			UPDATE artworks SET series_id = CASE WHEN series_id = $3 THEN NULL ELSE series_id END WHERE id = $1 AND artist_id = $2`, artworkID, artist.ID, id))
	})
}

// changeSeries runs f on the artist's series at its place among them, and tells
// the market. Other people's series are ErrNotFound.
func (s *Store) changeSeries(ctx context.Context, artist Member, id int64, f func(tx *sqlx.Tx, position int) error) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockArtist(ctx, tx, artist.ID); err != nil {
			return err
		}
		var position int
		if err := found(tx.GetContext(ctx, &position, `SELECT position FROM series WHERE id = $1 AND artist_id = $2`, id, artist.ID)); err != nil {
			return err
		}
		if err := f(tx, position); err != nil {
			return fmt.Errorf("change series %d: %w", id, err)
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}
