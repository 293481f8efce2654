package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ImagesMost is how many photographs a work may have.
const ImagesMost = 10

// looseMost is how many photographs may wait in an artist's unsaved forms.
const looseMost = 100

// ImageState says how far the picture of a photograph is.
type ImageState string

// The states of a photograph. Only a ready one has a picture.
const (
	Preparing    ImageState = "preparing" // its file is safe, its picture is being made
	Ready        ImageState = "ready"
	RefusedImage ImageState = "refused" // no picture can be made of it; Image.Reason says why
)

// ImagePart says what of the work a photograph shows.
type ImagePart string

// The parts of a work that photographs show; "" when the artist does not say.
const (
	FrontPart  ImagePart = "front"
	DetailPart ImagePart = "detail"
	EdgePart   ImagePart = "edge"
	BackPart   ImagePart = "back"
	StudioPart ImagePart = "studio"
)

// ImageParts returns the parts that an artist can name.
func ImageParts() []ImagePart {
	return []ImagePart{FrontPart, DetailPart, EdgePart, BackPart, StudioPart}
}

// Label names the part on a page: "Front", "In the studio".
func (p ImagePart) Label() string {
	switch p {
	case FrontPart:
		return "Front"
	case DetailPart:
		return "Detail"
	case EdgePart:
		return "Edge"
	case BackPart:
		return "Back"
	case StudioPart:
		return "In the studio"
	}
	return ""
}

// Image is one photograph of a work. Width and Height are its upright pixels,
// Ground its mean colour (#rrggbb).
type Image struct {
	ID        int64          `db:"id"`
	State     ImageState     `db:"state"`
	Key       string         `db:"key"`  // of its picture; "" unless it is ready
	Host      string         `db:"host"` // the host that keeps the picture
	Name      string         `db:"name"` // of the file that was sent
	Alt       string         `db:"alt"`
	Part      ImagePart      `db:"part"`
	Width     int            `db:"width"`
	Height    int            `db:"height"`
	Ground    string         `db:"ground"`
	Position  int            `db:"position"`
	AVIFWidth int            `db:"avif_width" json:"avif_width"` // the widest step that is kept as AVIF too; 0 for none
	Findings  pq.StringArray `db:"findings"`                     // what its artist should know of the photograph, as codes
	Reason    string         `db:"reason"`                       // why there is no picture, or not yet; "" when all goes well
}

// imageColumns read an Image from images i.
const imageColumns = `
	i.id, i.state, CASE WHEN i.state = 'ready' THEN i.key ELSE '' END AS key, i.host, i.name, i.alt, i.part, i.width, i.height,
	i.ground, i.position, i.avif_width, i.findings, i.reason`

// imageList reads the json_agg of rows of imageColumns, or its NULL for no row.
type imageList []Image

// Scan implements sql.Scanner.
func (l *imageList) Scan(rows any) error {
	*l = nil
	text, ok := rows.([]byte)
	if !ok && rows != nil {
		return fmt.Errorf("read photographs from a %T", rows)
	}
	if text == nil {
		return nil
	}
	return json.Unmarshal(text, l)
}

// Ratio is width over height, or 1 for no image.
func (i Image) Ratio() float64 {
	if i.Height == 0 {
		return 1
	}
	return float64(i.Width) / float64(i.Height)
}

// MadePicture is what was made of a photograph, and where it is kept.
type MadePicture struct {
	Host, Key     string
	Width, Height int       // of the upright original, in pixels
	Ground        string    // its mean colour (#rrggbb)
	Palette       []float32 // its main colours: L*, a*, b*, share of the area, and the next
	Findings      []string
	AVIFWidth     int // the widest step that is kept as AVIF too; 0 for none
}

// AddImage keeps a photograph whose picture is made already, for a form that the
// artist has not saved yet. It belongs to the artist alone, and is swept after a
// day unless a work takes it. It fails with ErrForbidden for members who are no
// artists, and with a *Conflict when too many wait already or the picture was not
// announced by IntendPicture. The seed is what the picture's key was made with;
// avif says whether the picture is to be made as AVIF later.
func (s *Store) AddImage(ctx context.Context, artist Member, name, seed string, p MadePicture, avif bool) (Image, error) {
	if !artist.IsArtist() {
		return Image{}, ErrForbidden
	}
	var img Image
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := roomForLoose(ctx, tx, artist); err != nil {
			return err
		}
		if err := takeIntended(ctx, tx, p.Host, p.Key); err != nil {
			return err
		}
		var id int64
		err := tx.GetContext(ctx, &id, `
			INSERT INTO images (artist_id, host, key, seed, name, width, height, ground, palette, findings, avif_width, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, COALESCE($9::real[], '{}'), COALESCE($10::text[], '{}'), $11, $12) RETURNING id`,
			artist.ID, p.Host, p.Key, seed, fileName(name), p.Width, p.Height, p.Ground, pq.Float32Array(p.Palette),
			pq.StringArray(p.Findings), p.AVIFWidth, s.now())
		if err == nil && avif {
			err = addImageJob(ctx, tx, id, avifTask, "", s.now().Add(avifPause))
		}
		if err == nil {
			err = tx.GetContext(ctx, &img, `SELECT `+imageColumns+` FROM images i WHERE i.id = $1`, id)
		}
		if err != nil {
			return fmt.Errorf("add image: %w", err)
		}
		return nil
	})
	return img, err
}

// roomForLoose fails with a *Conflict when too many photographs and uploads of
// the artist wait for a form to be saved.
func roomForLoose(ctx context.Context, tx *sqlx.Tx, artist Member) error {
	var loose int
	err := tx.GetContext(ctx, &loose, `
		SELECT (SELECT count(*) FROM images WHERE artwork_id IS NULL AND message_id IS NULL AND order_id IS NULL AND artist_id = $1) +
			(SELECT count(*) FROM uploads u WHERE u.artist_id = $1 AND NOT EXISTS (SELECT FROM images i WHERE i.upload_id = u.id))`,
		artist.ID)
	if err != nil {
		return fmt.Errorf("count loose images: %w", err)
	}
	if loose >= looseMost {
		return &Conflict{"A hundred photographs wait in forms that you have not saved. Save one, or come back tomorrow."}
	}
	return nil
}

// newImageToken is a random name of 128 bits: 32 lower-case hexadecimal digits.
func newImageToken() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// fileName is the name of a sent file without its folders, at most 200
// characters of it.
func fileName(name string) string {
	name = strings.Join(strings.Fields(written(name[strings.LastIndexAny(name, `/\`)+1:])), " ")
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	return name
}

// OwnImages returns those of the artist's photographs that have the given ids,
// in the order of the ids.
func (s *Store) OwnImages(ctx context.Context, artist Member, ids []int64) ([]Image, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var images []Image
	err := s.selectRows(ctx, &images, `
		SELECT `+imageColumns+`
		FROM unnest($2::bigint[]) WITH ORDINALITY AS n (id, place) JOIN images i ON i.id = n.id
		WHERE i.artist_id = $1 ORDER BY n.place`, artist.ID, pq.Array(ids))
	return images, err
}

// hangImages gives a work its photographs in their order; those that it had
// before and that are not named come loose. It fails with *Invalid when one is
// not the artist's, or hangs in another work, or is gone.
func hangImages(ctx context.Context, tx *sqlx.Tx, artistID, artworkID int64, images []FormImage) error {
	_, err := tx.ExecContext(ctx, `UPDATE images SET artwork_id = NULL, position = 0 WHERE artwork_id = $1`, artworkID)
	if err != nil {
		return fmt.Errorf("take images from artwork %d: %w", artworkID, err)
	}
	ids, alts, parts := make([]int64, len(images)), make([]string, len(images)), make([]string, len(images))
	for i, img := range images {
		ids[i], alts[i], parts[i] = img.ID, img.Alt, string(img.Part)
	}
	result, err := tx.ExecContext(ctx, `
		UPDATE images i SET artwork_id = $1, position = n.place - 1, alt = n.alt, part = n.part
		FROM unnest($3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY AS n (id, alt, part, place)
		WHERE i.id = n.id AND i.artist_id = $2 AND i.artwork_id IS NULL AND i.message_id IS NULL AND i.order_id IS NULL`,
		artworkID, artistID, pq.Array(ids), pq.Array(alts), pq.Array(parts))
	if err != nil {
		return fmt.Errorf("give images to artwork %d: %w", artworkID, err)
	}
	if n, err := result.RowsAffected(); err != nil || int(n) != len(images) {
		return &Invalid{Fields: []FieldError{{"photographs", "One of the photographs is no longer here. Look at them again, then save."}}}
	}
	var refused bool
	err = tx.GetContext(ctx, &refused, `SELECT EXISTS (SELECT FROM images WHERE artwork_id = $1 AND state = 'refused')`, artworkID)
	if err != nil {
		return fmt.Errorf("look at the images of artwork %d: %w", artworkID, err)
	}
	if refused {
		return &Invalid{Fields: []FieldError{{"photographs", "One of the photographs cannot be opened. Remove it, then save."}}}
	}
	return nil
}

// PictureAccess says where a picture is kept and what its answer is to say.
type PictureAccess struct {
	Host       string `db:"host"`
	Public     bool   `db:"public"`      // everybody may see it
	NoLearning bool   `db:"no_learning"` // its artist asks machines not to learn from it
}

// ImageAccess says how a picture may be seen: by everybody, or only by this viewer
// and a few others. viewer is the id of the member who asks, 0
// for a visitor. A picture is public with its listed work, else its artist's
// alone; the buyer and the seller of an order keep the picture that the order was
// made with, and the two who talk see what they send each other,
// and the collector sees the packed work once it is dispatched. To all others, and when there is none, it is ErrNotFound.
func (s *Store) ImageAccess(ctx context.Context, viewer int64, key string) (PictureAccess, error) {
	var p PictureAccess
	err := s.getRow(ctx, &p, `
		SELECT i.host, COALESCE(a.state = 'listed', false) AS public, m.no_learning
		FROM images i JOIN members m ON m.id = i.artist_id LEFT JOIN artworks a ON a.id = i.artwork_id
		WHERE i.key = $2 AND i.state = 'ready' AND (a.state = 'listed' OR i.artist_id = $1
			OR EXISTS (SELECT FROM orders o WHERE o.buyer_id = $1 AND o.image_key = $2)
			OR EXISTS (SELECT FROM orders o WHERE o.seller_id = $1 AND o.image_key = $2)
			OR EXISTS (SELECT FROM messages g JOIN conversations c ON c.id = g.conversation_id
				WHERE g.id = i.message_id AND $1 IN (c.asker_id, c.artist_id))
			OR EXISTS (SELECT FROM orders o WHERE o.id = i.order_id AND `+mayReadPacked+`))`, viewer, key)
	return p, err
}

// looseAge is how long a photograph waits for its form to be saved.
const looseAge = 24 * time.Hour

// SweepImages forgets the photographs that no work, message or order took within
// a day and that no order names, and returns how many. Their pictures are deleted by a job.
func (s *Store) SweepImages(ctx context.Context) (int, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		// With the upload goes what has arrived of it.
		result, err := tx.ExecContext(ctx, `
			WITH gone AS (
				DELETE FROM images i WHERE i.artwork_id IS NULL AND i.message_id IS NULL AND i.order_id IS NULL AND i.created_at < $1
					AND NOT EXISTS (SELECT FROM orders o WHERE o.image_key = i.key)
				RETURNING i.host, i.key, i.state, i.upload_id
			), deletions AS (
				INSERT INTO picture_deletions (host, key, due_at) SELECT host, key, $2 FROM gone WHERE state = 'ready'
				ON CONFLICT (host, key) DO UPDATE SET due_at = excluded.due_at
			)
			SELECT FROM gone`, s.now().Add(-looseAge), s.now())
		if err == nil {
			n, err = result.RowsAffected()
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `
				DELETE FROM uploads u WHERE u.received = u.size AND u.touched_at < $1
					AND NOT EXISTS (SELECT FROM images i WHERE i.upload_id = u.id)`, s.now().Add(-looseAge))
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sweep images: %w", err)
	}
	return int(n), nil
}
