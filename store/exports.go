package store

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// exportBatch is how many rows an export reads at once.
const exportBatch = 500

// ExportedWork is a work as its artist takes it along.
type ExportedWork struct {
	Artwork
	Number string         `db:"number"` // what it is known by when it comes back
	Files  pq.StringArray `db:"files"`  // the names of its photographs
	Alt    string         `db:"alt"`    // of the first one
}

// ExportArtworks calls each with all works of the artist that are not archived,
// the oldest first. A few hundred are read at a time.
func (s *Store) ExportArtworks(ctx context.Context, artist Member, each func(ExportedWork) error) error {
	return export(func(after int64) ([]ExportedWork, error) {
		var works []ExportedWork
		err := s.selectRows(ctx, &works, `
			SELECT a.id, a.state, a.title, a.year, a.medium, a.material, a.height, a.width, COALESCE(a.depth, 0) AS depth,
				COALESCE(a.weight, 0) AS weight, a.price, a.for_sale, a.edition, COALESCE(a.edition_size, 0) AS edition_size,
				a.quantity, a.sold, a.description, a.subjects, a.notes, COALESCE(a.import_key, a.request_key::text) AS number,
				ARRAY(SELECT i.name FROM images i WHERE i.artwork_id = a.id ORDER BY i.position) AS files,
				COALESCE((SELECT i.alt FROM images i WHERE i.artwork_id = a.id AND i.position = 0), '') AS alt
			FROM artworks a WHERE a.artist_id = $1 AND a.id > $2 AND a.state <> 'archived' ORDER BY a.id LIMIT $3`, artist.ID, after, exportBatch)
		return works, err
	}, func(w ExportedWork) int64 { return w.ID }, each)
}

// ExportOrders calls each with all orders of the member, as the seller or as the
// buyer, the oldest first, as the member may see them.
func (s *Store) ExportOrders(ctx context.Context, m Member, each func(Order) error) error {
	party := "o.buyer_id"
	if m.IsArtist() {
		party = "o.seller_id"
	}
	return export(func(after int64) ([]Order, error) {
		var orders []Order
		err := s.selectRows(ctx, &orders, `
			SELECT `+orderColumns("$1")+` FROM `+orderTables+`
			WHERE `+party+` = $1 AND o.id > $2 ORDER BY o.id LIMIT $3`, m.ID, after, exportBatch)
		return orders, err
	}, func(o Order) int64 { return o.ID }, each)
}

// export reads batch after batch, each after the last id of the one before.
func export[T any](read func(after int64) ([]T, error), id func(T) int64, each func(T) error) error {
	after := int64(0)
	for {
		rows, err := read(after)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
			after = id(row)
		}
		if len(rows) < exportBatch {
			return nil
		}
	}
}
