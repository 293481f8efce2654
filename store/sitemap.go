package store

import (
	"context"
	"fmt"
	"time"
)

// SitemapKind is a kind of public page of which there are many.
type SitemapKind string

// The kinds, named as in addresses.
const (
	SitemapWorks     SitemapKind = "works"
	SitemapArtists   SitemapKind = "artists"   // with a listed work
	SitemapGalleries SitemapKind = "galleries" // public, with a listed work
	SitemapSeries    SitemapKind = "series"    // with a listed work
)

// SitemapKinds lists the four.
func SitemapKinds() []SitemapKind {
	return []SitemapKind{SitemapWorks, SitemapArtists, SitemapGalleries, SitemapSeries}
}

// SitemapPart is the pages of a kind whose ids are in the Nth fifty thousand: no
// more than one file may name (https://www.sitemaps.org/protocol.html), and
// the same ones as long as they are public.
type SitemapPart struct {
	Kind SitemapKind
	N    int64 // from 0
}

// SitemapPage is one public page: of a work (Name is its title), of an artist
// (their username), of a gallery, of a series of an Artist (their username).
type SitemapPage struct {
	ID      int64     `db:"id"`
	Name    string    `db:"name"`
	Artist  string    `db:"artist"` // of series only
	Changed time.Time `db:"changed"`
}

const (
	sitemapPart  = 50_000 // ids in a part
	sitemapChunk = 1000   // pages in a query
)

// from is the table of the ids, and the public pages o with an id that is not
// under the one bound and under the other.
func (k SitemapKind) from(low, high string) (table, columns, from string) {
	within := fmt.Sprintf(` o.id >= %s AND o.id < %s`, low, high)
	switch k {
	case SitemapArtists:
		return `members`, `o.id, o.username AS name, w.listed_at AS changed`, `members o
			CROSS JOIN LATERAL (SELECT listed_at FROM artworks WHERE artist_id = o.id AND state = 'listed'
				ORDER BY listed_at DESC, id DESC LIMIT 1) w
			WHERE o.role = 'artist' AND` + within
	case SitemapGalleries:
		return `galleries`, `o.id, o.title AS name, o.rehung_at AS changed`, `galleries o
			CROSS JOIN LATERAL (SELECT FROM gallery_artworks h JOIN artworks a ON a.id = h.artwork_id
				WHERE h.gallery_id = o.id AND a.state = 'listed' LIMIT 1) w
			WHERE o.visibility = 'public' AND` + within
	case SitemapSeries:
		return `series`, `o.id, o.name, m.username AS artist, w.listed_at AS changed`, `series o
			JOIN members m ON m.id = o.artist_id
			CROSS JOIN LATERAL (SELECT listed_at FROM artworks WHERE series_id = o.id AND state = 'listed'
				ORDER BY listed_at DESC, id DESC LIMIT 1) w
			WHERE` + within
	}
	return `artworks`, `o.id, o.title AS name, o.updated_at AS changed`, `artworks o WHERE o.state = 'listed' AND` + within
}

// parts is the query of the parts of a kind in which there is a page.
func (k SitemapKind) parts() string {
	low, high := fmt.Sprintf(`n * %d`, sitemapPart), fmt.Sprintf(`(n + 1) * %d`, sitemapPart)
	table, _, from := k.from(low, high)
	return fmt.Sprintf(`
		SELECT n FROM generate_series(0, (SELECT COALESCE(max(id), 0) FROM %s) / %d) n
		CROSS JOIN LATERAL (SELECT FROM %s ORDER BY o.id LIMIT 1) page ORDER BY n`, table, sitemapPart, from)
}

// pages is the query of the next pages of a kind. $1 and $2 bound their ids.
func (k SitemapKind) pages() string {
	_, columns, from := k.from(`$1`, `$2`)
	return fmt.Sprintf(`SELECT %s FROM %s ORDER BY o.id LIMIT %d`, columns, from, sitemapChunk)
}

// SitemapParts lists the parts in which there is a page.
func (s *Store) SitemapParts(ctx context.Context) ([]SitemapPart, error) {
	var parts []SitemapPart
	for _, kind := range SitemapKinds() {
		var ns []int64
		if err := s.selectRows(ctx, &ns, kind.parts()); err != nil {
			return nil, fmt.Errorf("list the sitemaps of %s: %w", kind, err)
		}
		for _, n := range ns {
			parts = append(parts, SitemapPart{kind, n})
		}
	}
	return parts, nil
}

// SitemapPages calls f with a few pages of a part after the others, by id, until
// f returns an error, which SitemapPages returns. It fails with ErrNotFound
// before any call when the part has no page.
func (s *Store) SitemapPages(ctx context.Context, part SitemapPart, f func([]SitemapPage) error) error {
	const most = 1 << 40
	if part.N < 0 || part.N > most {
		return ErrNotFound
	}
	low, high := part.N*sitemapPart, (part.N+1)*sitemapPart
	for first := true; ; first = false {
		var pages []SitemapPage
		if err := s.selectRows(ctx, &pages, part.Kind.pages(), low, high); err != nil {
			return fmt.Errorf("read sitemap %s %d: %w", part.Kind, part.N, err)
		}
		if len(pages) == 0 && first {
			return ErrNotFound
		}
		if err := f(pages); err != nil || len(pages) < sitemapChunk {
			return err
		}
		low = pages[len(pages)-1].ID + 1
	}
}
