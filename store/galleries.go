package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Visibility says who may see a gallery.
type Visibility string

// The visibilities. A gallery is private until its curator says otherwise.
const (
	PrivateGallery Visibility = "private" // its curator
	LinkGallery    Visibility = "link"    // whoever has its link
	PublicGallery  Visibility = "public"  // everyone; it is listed
)

// Gallery is a collector's works and reasons.
type Gallery struct {
	ID          int64      `db:"id"`
	CuratorID   int64      `db:"collector_id"`
	CuratorName string     `db:"curator_name"`
	Title       string     `db:"title"`
	Intro       string     `db:"intro"`
	Visibility  Visibility `db:"visibility"`
	LinkToken   string     `db:"link_token"` // "" for all but the curator
	RehungAt    time.Time  `db:"rehung_at"`
	Count       int        `db:"count"`       // works that the asker may see
	FoundHomes  int        `db:"found_homes"` // pieces sold to collectors who came upon them here; 0 for all but the curator
	Works       Page[Hung] `db:"-"`
	Cover       Card       `db:"-"` // of a public gallery that others look at; no work when nothing hangs there
}

// Hung is a work in a gallery, with the curator's note on it.
type Hung struct {
	Card
	Note     string `db:"note"`
	IsCover  bool   `db:"is_cover"` // it stands for the gallery where others show it
	Position int    `db:"position"` // orders the works; positions may have gaps
	First    bool   `db:"first"`    // nothing hangs before it
	Last     bool   `db:"last"`     // nothing hangs after it
}

// TakenDown reports whether the artist has withdrawn the work since it was
// hung. Its picture and its price are no longer the curator's to see.
func (h Hung) TakenDown() bool { return h.State != Listed }

// What a curator may write, in characters.
const (
	GalleryTitleMost = 100
	IntroMost        = 700
	NoteMost         = 300
)

// galleryPage is how many works of a gallery a page shows.
const galleryPage = 24

// MyGallery returns the collector's own gallery and a page of all that hangs in
// it, works that were taken down too. It fails with ErrForbidden for members
// who do not collect.
func (s *Store) MyGallery(ctx context.Context, collector Member, after string) (Gallery, error) {
	if !collector.IsCollector() {
		return Gallery{}, ErrForbidden
	}
	var g Gallery
	err := s.getRow(ctx, &g, `
		SELECT g.id, g.collector_id, m.first_name || ' ' || m.last_name AS curator_name, g.title, g.intro, g.visibility,
			g.link_token, g.rehung_at, (SELECT count(*) FROM gallery_artworks h WHERE h.gallery_id = g.id) AS count,
			(SELECT count(*) FROM orders o WHERE o.gallery_id = g.id AND o.paid_at IS NOT NULL) AS found_homes
		FROM galleries g JOIN members m ON m.id = g.collector_id
		WHERE g.collector_id = $1`, collector.ID)
	if err != nil {
		return Gallery{}, err
	}
	g.Works, err = s.hung(ctx, collector.ID, g.ID, "", after)
	return g, err
}

// Gallery returns a gallery as others see it, with a page of its listed works.
// viewer is the id of the member who asks, 0 for a visitor; link is the token
// that their address carries. It fails with ErrNotFound for whoever may not
// know of the gallery.
func (s *Store) Gallery(ctx context.Context, viewer, id int64, link, after string) (Gallery, error) {
	var g Gallery
	err := s.getRow(ctx, &g, `
		SELECT g.id, g.collector_id, m.first_name || ' ' || m.last_name AS curator_name, g.title, g.intro, g.visibility,
			CASE WHEN g.collector_id = $1 THEN g.link_token ELSE '' END AS link_token, g.rehung_at,
			(SELECT count(*) FROM gallery_artworks h JOIN artworks a ON a.id = h.artwork_id
			 WHERE h.gallery_id = g.id AND a.state = 'listed') AS count
		FROM galleries g JOIN members m ON m.id = g.collector_id
		WHERE g.id = $2 AND (g.visibility = 'public' OR g.collector_id = $1 OR g.visibility = 'link' AND g.link_token = $3)`,
		viewer, id, written(link))
	if err != nil {
		return Gallery{}, err
	}
	if g.Works, err = s.hung(ctx, viewer, g.ID, ` AND a.state = 'listed'`, after); err != nil || g.Visibility != PublicGallery {
		return g, err
	}
	err = s.getRow(ctx, &g.Cover, `
		SELECT `+cardColumns+` FROM `+cardTables+` JOIN gallery_artworks h ON h.artwork_id = a.id
		WHERE h.gallery_id = $2 AND a.state = 'listed' ORDER BY h.cover DESC, h.position LIMIT 1`, viewer, g.ID)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return g, err
}

// hung reads a page of a gallery's works in their order.
func (s *Store) hung(ctx context.Context, viewer, gallery int64, which, after string) (Page[Hung], error) {
	from := int64(-1)
	if keys, ok := parseCursor(after, 1); ok {
		from = min(max(keys[0], -1), 1<<31-1)
	}
	var rows []Hung
	err := s.selectRows(ctx, &rows, `
		SELECT `+cardColumns+`, h.note, h.position, h.cover AS is_cover,
			NOT EXISTS (SELECT FROM gallery_artworks o WHERE o.gallery_id = h.gallery_id AND o.position < h.position) AS first,
			NOT EXISTS (SELECT FROM gallery_artworks o WHERE o.gallery_id = h.gallery_id AND o.position > h.position) AS last
		FROM `+cardTables+` JOIN gallery_artworks h ON h.artwork_id = a.id
		WHERE h.gallery_id = $2 AND h.position > $3`+which+`
		ORDER BY h.position LIMIT $4`, viewer, gallery, from, galleryPage+1)
	if err != nil {
		return Page[Hung]{}, err
	}
	for i := range rows {
		if rows[i].TakenDown() {
			rows[i].Cover = Image{}
		}
	}
	return cut(rows, galleryPage, func(h Hung) string { return cursor(int64(h.Position)) }), nil
}

// LatelyHung is a work that was hung in a gallery at some time.
type LatelyHung struct {
	Card
	Note    string    `db:"note"`
	AddedAt time.Time `db:"added_at"`
}

// LastHung returns the listed works that were hung last in a gallery, the last
// first. Whoever calls it has seen that the gallery may be looked at.
func (s *Store) LastHung(ctx context.Context, gallery int64) ([]LatelyHung, error) {
	var rows []LatelyHung
	err := s.selectRows(ctx, &rows, `
		SELECT `+cardColumns+`, h.note, h.added_at
		FROM `+cardTables+` JOIN gallery_artworks h ON h.artwork_id = a.id
		WHERE h.gallery_id = $2 AND a.state = 'listed'
		ORDER BY h.added_at DESC, a.id DESC LIMIT $3`, 0, gallery, galleryPage)
	if err != nil {
		return nil, fmt.Errorf("list what gallery %d hung last: %w", gallery, err)
	}
	return rows, nil
}

// Saving is what became of a work in a gallery.
type Saving struct {
	Title   string `db:"title"` // of the work
	Changed bool   `db:"-"`     // false: it hung there already, or did not hang there
}

// SaveArtwork hangs a listed work at the end of the collector's gallery; the
// gallery id 0 stands for the one that they have. It fails with ErrNotFound when
// the gallery is not the collector's or the work is not listed.
func (s *Store) SaveArtwork(ctx context.Context, collector Member, galleryID, artworkID int64) (Saving, error) {
	return s.saving(ctx, collector, galleryID, artworkID, func(tx *sqlx.Tx, gallery int64, listed, hangs bool) (bool, error) {
		if hangs || !listed {
			return false, notFoundUnless(hangs)
		}
		return true, changed(tx.ExecContext(ctx, `
			INSERT INTO gallery_artworks (gallery_id, artwork_id, position, added_at)
			SELECT $1, $2, COALESCE(max(position), 0) + 1, $3 FROM gallery_artworks WHERE gallery_id = $1`, gallery, artworkID, s.now()))
	})
}

// UnsaveArtwork takes a work down from the collector's gallery, whatever its
// state. It fails with ErrNotFound when the gallery is not the collector's or
// the work neither hangs there nor is listed.
func (s *Store) UnsaveArtwork(ctx context.Context, collector Member, galleryID, artworkID int64) (Saving, error) {
	return s.saving(ctx, collector, galleryID, artworkID, func(tx *sqlx.Tx, gallery int64, listed, hangs bool) (bool, error) {
		if !hangs {
			return false, notFoundUnless(listed)
		}
		return true, changed(tx.ExecContext(ctx, `
			DELETE FROM gallery_artworks WHERE gallery_id = $1 AND artwork_id = $2`, gallery, artworkID))
	})
}

// notFoundUnless is ErrNotFound unless the collector may know of the work.
func notFoundUnless(known bool) error {
	if known {
		return nil
	}
	return ErrNotFound
}

// saving lets f change whether a work hangs in the collector's gallery, which is
// rehung when f says so.
func (s *Store) saving(ctx context.Context, collector Member, galleryID, artworkID int64,
	f func(tx *sqlx.Tx, gallery int64, listed, hangs bool) (bool, error)) (Saving, error) {
	var work struct {
		Saving
		Listed bool `db:"listed"`
		Hangs  bool `db:"hangs"`
	}
	err := s.curate(ctx, collector, galleryID, func(tx *sqlx.Tx, gallery int64) error {
		err := found(tx.GetContext(ctx, &work, `
			SELECT a.title, a.state = 'listed' AS listed,
				EXISTS (SELECT FROM gallery_artworks h WHERE h.gallery_id = $1 AND h.artwork_id = a.id) AS hangs
			FROM artworks a WHERE a.id = $2`, gallery, artworkID))
		if err != nil {
			return err
		}
		work.Changed, err = f(tx, gallery, work.Listed, work.Hangs)
		if err != nil || !work.Changed {
			return err
		}
		return s.rehung(ctx, tx, gallery)
	})
	if err != nil {
		return Saving{}, err
	}
	return work.Saving, nil
}

// MoveArtwork lets a work of the collector's gallery change places with the one
// before it (by -1) or after it (by 1). At the end of the row it stays. It fails
// with ErrNotFound when the work does not hang there.
func (s *Store) MoveArtwork(ctx context.Context, collector Member, artworkID int64, by int) error {
	neighbour := `n.position > h.position ORDER BY n.position`
	if by < 0 {
		neighbour = `n.position < h.position ORDER BY n.position DESC`
	}
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		var place struct {
			Here  int  `db:"here"`
			There *int `db:"there"`
		}
		err := found(tx.GetContext(ctx, &place, `
			SELECT h.position AS here,
				(SELECT n.position FROM gallery_artworks n WHERE n.gallery_id = $1 AND `+neighbour+` LIMIT 1) AS there
			FROM gallery_artworks h WHERE h.gallery_id = $1 AND h.artwork_id = $2`, gallery, artworkID))
		if err != nil || place.There == nil {
			return err
		}
		err = changed(tx.ExecContext(ctx, `
			UPDATE gallery_artworks SET position = $2::integer + $3::integer - position
			WHERE gallery_id = $1 AND position IN ($2, $3)`, gallery, place.Here, *place.There))
		if err != nil {
			return err
		}
		return s.rehung(ctx, tx, gallery)
	})
}

// NoteArtwork keeps the collector's reason for a work in their gallery. It fails
// with *Invalid for the field "note", and with ErrNotFound when the work does
// not hang there.
func (s *Store) NoteArtwork(ctx context.Context, collector Member, artworkID int64, note string) error {
	note = written(note)
	var inv Invalid
	limit(&inv, "note", note, NoteMost)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		return changed(tx.ExecContext(ctx, `
			UPDATE gallery_artworks SET note = $3 WHERE gallery_id = $1 AND artwork_id = $2`, gallery, artworkID, note))
	})
}

// CoverGallery lets a work of the collector's gallery stand for it in lists and
// where others show it, or lets the first work do so again. It fails with
// ErrNotFound when the work does not hang there.
func (s *Store) CoverGallery(ctx context.Context, collector Member, artworkID int64, cover bool) error {
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		if cover {
			_, err := tx.ExecContext(ctx, `
				UPDATE gallery_artworks SET cover = false WHERE gallery_id = $1 AND cover AND artwork_id <> $2`, gallery, artworkID)
			if err != nil {
				return fmt.Errorf("uncover gallery %d: %w", gallery, err)
			}
		}
		return changed(tx.ExecContext(ctx, `
			UPDATE gallery_artworks SET cover = $3 WHERE gallery_id = $1 AND artwork_id = $2`, gallery, artworkID, cover))
	})
}

// UpdateGallery gives the collector's gallery a title and an introduction. It
// fails with *Invalid for the fields "title" and "intro".
func (s *Store) UpdateGallery(ctx context.Context, collector Member, title, intro string) error {
	title, intro = written(title), written(intro)
	var inv Invalid
	if title == "" {
		inv.Add("title", "Give your gallery a title.")
	}
	limit(&inv, "title", title, GalleryTitleMost)
	limit(&inv, "intro", intro, IntroMost)
	if err := inv.Err(); err != nil {
		return err
	}
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		return changed(tx.ExecContext(ctx, `UPDATE galleries SET title = $2, intro = $3 WHERE id = $1`, gallery, title, intro))
	})
}

// ShowGallery says who may see the collector's gallery. It fails with *Invalid
// for the field "visibility".
func (s *Store) ShowGallery(ctx context.Context, collector Member, to Visibility) error {
	switch to {
	case PrivateGallery, LinkGallery, PublicGallery:
	default:
		return &Invalid{Fields: []FieldError{{"visibility", "Choose who can see your gallery."}}}
	}
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		if err := changed(tx.ExecContext(ctx, `UPDATE galleries SET visibility = $2 WHERE id = $1`, gallery, to)); err != nil {
			return err
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// RenewGalleryLink gives the collector's gallery a new link. The old one opens
// nothing any more.
func (s *Store) RenewGalleryLink(ctx context.Context, collector Member) error {
	return s.curate(ctx, collector, 0, func(tx *sqlx.Tx, gallery int64) error {
		return changed(tx.ExecContext(ctx, `UPDATE galleries SET link_token = $2 WHERE id = $1`, gallery, newLinkToken()))
	})
}

// curate runs f under the lock of the collector's gallery, and tells when others
// can see the gallery. Another collector's galleryID is ErrNotFound; 0 stands
// for their own.
func (s *Store) curate(ctx context.Context, collector Member, galleryID int64, f func(tx *sqlx.Tx, gallery int64) error) error {
	if !collector.IsCollector() {
		return ErrForbidden
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var g struct {
			ID         int64      `db:"id"`
			Visibility Visibility `db:"visibility"`
		}
		err := found(tx.GetContext(ctx, &g, `
			SELECT id, visibility FROM galleries WHERE collector_id = $1 AND $2::bigint IN (0, id) FOR UPDATE`, collector.ID, galleryID))
		if err != nil {
			return err
		}
		if err := f(tx, g.ID); err != nil || g.Visibility == PrivateGallery {
			return err
		}
		return tell(ctx, tx, Signal{Market: true})
	})
}

// rehung dates the last change of what hangs and where.
func (s *Store) rehung(ctx context.Context, tx *sqlx.Tx, gallery int64) error {
	return changed(tx.ExecContext(ctx, `UPDATE galleries SET rehung_at = $2 WHERE id = $1`, gallery, s.now()))
}

// createGallery gives a new collector their gallery, private and bare.
func (s *Store) createGallery(ctx context.Context, tx *sqlx.Tx, collectorID int64, firstName string) error {
	return changed(tx.ExecContext(ctx, `
		INSERT INTO galleries (collector_id, title, link_token, rehung_at, created_at) VALUES ($1, $2, $3, $4, $4)`,
		collectorID, firstName+"’s gallery", newLinkToken(), s.now()))
}

// newLinkToken makes 128 random bits for a link that cannot be guessed.
func newLinkToken() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// changed is the outcome of a write that must touch a row: none is ErrNotFound.
func changed(result sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("curate: %w", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// GalleryCard is what the list of galleries shows of one.
type GalleryCard struct {
	ID          int64     `db:"id"`
	CuratorName string    `db:"curator_name"`
	Title       string    `db:"title"`
	Intro       string    `db:"intro"`
	RehungAt    time.Time `db:"rehung_at"`
	Count       int       `db:"count"` // listed works
	Strip       []Picture `db:"-"`     // its cover and its first works, at most three
}

// Galleries returns a page of the public galleries in which something hangs,
// those that were rehung last first.
func (s *Store) Galleries(ctx context.Context, after string) (Page[GalleryCard], error) {
	args := []any{galleryPage + 1}
	where := `g.visibility = 'public' AND c.count > 0`
	if keys, ok := parseCursor(after, 2); ok {
		args = append(args, moment(keys[0]), keys[1])
		where += ` AND (g.rehung_at, g.id) < ($2, $3)`
	}
	var rows []GalleryCard
	err := s.selectRows(ctx, &rows, `
		SELECT g.id, m.first_name || ' ' || m.last_name AS curator_name, g.title, g.intro, g.rehung_at, c.count
		FROM galleries g
		JOIN members m ON m.id = g.collector_id
		CROSS JOIN LATERAL (
			SELECT count(*) AS count FROM gallery_artworks h JOIN artworks a ON a.id = h.artwork_id
			WHERE h.gallery_id = g.id AND a.state = 'listed') c
		WHERE `+where+`
		ORDER BY g.rehung_at DESC, g.id DESC LIMIT $1`, args...)
	if err != nil {
		return Page[GalleryCard]{}, err
	}
	page := cut(rows, galleryPage, func(g GalleryCard) string { return cursor(g.RehungAt.UnixMicro(), g.ID) })
	ids := make([]int64, len(page.Items))
	for i, g := range page.Items {
		ids[i] = g.ID
	}
	strips, err := s.strips(ctx, `
		JOIN LATERAL (
			SELECT a.id, a.title, row_number() OVER (ORDER BY h.cover DESC, h.position) AS position FROM gallery_artworks h JOIN artworks a ON a.id = h.artwork_id
			WHERE h.gallery_id = o.id AND a.state = 'listed' ORDER BY h.cover DESC, h.position LIMIT 3) a ON true`, ids)
	if err != nil {
		return Page[GalleryCard]{}, err
	}
	for i := range page.Items {
		page.Items[i].Strip = strips[page.Items[i].ID]
	}
	return page, nil
}
