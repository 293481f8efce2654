package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// UploadMost is the size of the largest file that is taken in, in bytes.
const UploadMost = 20 << 20

// Upload is an artist's file on its way here. What has arrived is safe, and the
// rest can follow when the line is back. ID is random: whoever does not know it
// cannot guess it.
type Upload struct {
	ID       string `db:"id"`
	Name     string `db:"name"`
	Size     int    `db:"size"`     // bytes of the whole file
	Received int    `db:"received"` // bytes that are here, from its beginning
}

// BeginUpload makes a place for a file of so many bytes. It fails with
// ErrForbidden for members who are no artists, and with a *Conflict when the file
// is too large or too many wait already.
func (s *Store) BeginUpload(ctx context.Context, artist Member, name string, size int) (Upload, error) {
	if !artist.IsArtist() {
		return Upload{}, ErrForbidden
	}
	return s.beginUpload(ctx, artist, name, size)
}

func (s *Store) beginUpload(ctx context.Context, m Member, name string, size int) (Upload, error) {
	switch {
	case size <= 0:
		return Upload{}, &Conflict{"The file is empty."}
	case size > UploadMost:
		return Upload{}, &Conflict{"It is larger than 20 MB."}
	}
	u := Upload{ID: newImageToken(), Name: fileName(name), Size: size}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := roomForLoose(ctx, tx, m); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO uploads (id, artist_id, name, size, created_at, touched_at) VALUES ($1, $2, $3, $4, $5, $5)`,
			u.ID, m.ID, u.Name, u.Size, s.now())
		if err != nil {
			return fmt.Errorf("begin upload: %w", err)
		}
		return nil
	})
	return u, err
}

// Upload returns the artist's upload, ErrNotFound when there is none such.
func (s *Store) Upload(ctx context.Context, artist Member, id string) (Upload, error) {
	var u Upload
	err := s.getRow(ctx, &u, `SELECT id, name, size, received FROM uploads WHERE id = $1 AND artist_id = $2`, id, artist.ID)
	return u, err
}

// AppendUpload adds the next part of an upload, which begins at the offset, and
// returns how much has been received then. It fails with a *Conflict when the
// part does not fit to what is here, and with ErrNotFound when there is no such
// upload of the artist's.
func (s *Store) AppendUpload(ctx context.Context, artist Member, id string, offset int, part []byte) (received int, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		u, err := lockUpload(ctx, tx, artist, id)
		if err != nil {
			return err
		}
		received = u.Received
		if offset != u.Received || len(part) > u.Size-u.Received {
			return &Conflict{"The file does not fit to what has arrived of it. Send it again."}
		}
		if len(part) == 0 {
			return nil
		}
		received += len(part)
		_, err = tx.ExecContext(ctx, `INSERT INTO upload_parts (upload_id, start, bytes) VALUES ($1, $2, $3)`, id, offset, part)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE uploads SET received = $2, touched_at = $3 WHERE id = $1`, id, received, s.now())
		}
		if err != nil {
			return fmt.Errorf("append to upload: %w", err)
		}
		return nil
	})
	return received, err
}

func lockUpload(ctx context.Context, tx *sqlx.Tx, artist Member, id string) (Upload, error) {
	var u Upload
	err := found(tx.GetContext(ctx, &u, `
		SELECT id, name, size, received FROM uploads WHERE id = $1 AND artist_id = $2 FOR UPDATE`, id, artist.ID))
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("lock upload: %w", err)
	}
	return u, err
}

// UploadedFile returns what has arrived of the artist's upload.
func (s *Store) UploadedFile(ctx context.Context, artist Member, id string) ([]byte, error) {
	u, err := s.Upload(ctx, artist, id)
	if err != nil {
		return nil, err
	}
	return s.uploadedFile(ctx, u)
}

func (s *Store) uploadedFile(ctx context.Context, u Upload) ([]byte, error) {
	file := make([]byte, 0, u.Size)
	rows, err := s.db.QueryContext(ctx, `SELECT bytes FROM upload_parts WHERE upload_id = $1 ORDER BY start`, u.ID)
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var part []byte
		if err := rows.Scan(&part); err != nil {
			return nil, fmt.Errorf("read upload: %w", err)
		}
		file = append(file, part...)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return file, nil
}

// CancelUpload drops the artist's upload with all that has arrived. It is no
// error when there is none, or when a photograph was made of it.
func (s *Store) CancelUpload(ctx context.Context, artist Member, id string) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM uploads u WHERE u.id = $1 AND u.artist_id = $2 AND NOT EXISTS (SELECT FROM images i WHERE i.upload_id = u.id)`,
			id, artist.ID)
		if err != nil {
			return fmt.Errorf("cancel upload: %w", err)
		}
		return nil
	})
}

// KeepUpload makes a photograph of the artist's whole upload, of so many upright
// pixels, for a form that is not saved yet. Its picture is prepared by a job. The
// photograph is swept after a day unless a work or a message takes it. Keeping an upload again
// returns the same photograph.
func (s *Store) KeepUpload(ctx context.Context, artist Member, id string, width, height int) (Image, error) {
	var img Image
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		u, err := lockUpload(ctx, tx, artist, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		missing := err != nil
		err = found(tx.GetContext(ctx, &img, `SELECT `+imageColumns+` FROM images i WHERE i.seed = $1 AND i.artist_id = $2`, id, artist.ID))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		if missing {
			return ErrNotFound
		}
		if u.Received < u.Size {
			return &Conflict{"The file has not arrived as a whole. Send the rest of it."}
		}
		var imageID int64
		err = tx.GetContext(ctx, &imageID, `
			INSERT INTO images (artist_id, key, seed, upload_id, state, name, width, height, ground, created_at)
			VALUES ($1, $2, $2, $2, 'preparing', $3, $4, $5, $6, $7) RETURNING id`,
			artist.ID, id, u.Name, width, height, unknownGround, s.now())
		if err == nil {
			err = addImageJob(ctx, tx, imageID, prepareTask, "", s.now())
		}
		if err == nil {
			err = tx.GetContext(ctx, &img, `SELECT `+imageColumns+` FROM images i WHERE i.id = $1`, imageID)
		}
		if err != nil {
			return fmt.Errorf("keep upload: %w", err)
		}
		return nil
	})
	if err != nil && !isAnswer(err) {
		// The reply of the commit may have been lost.
		if kept, found := s.UploadedImage(ctx, artist, id); found == nil {
			return kept, nil
		}
	}
	return img, err
}

// UploadedImage returns the photograph that was made of the artist's upload.
func (s *Store) UploadedImage(ctx context.Context, artist Member, upload string) (Image, error) {
	var img Image
	err := s.getRow(ctx, &img, `SELECT `+imageColumns+` FROM images i WHERE i.seed = $1 AND i.artist_id = $2`, upload, artist.ID)
	return img, err
}

// unknownGround stands for the mean colour of a picture that is not made yet.
const unknownGround = "#c2bfae"

// SweepUploads forgets the uploads that nobody has gone on with for a day.
func (s *Store) SweepUploads(ctx context.Context) (int, error) {
	var n int64
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM uploads u WHERE u.touched_at < $1 AND NOT EXISTS (SELECT FROM images i WHERE i.upload_id = u.id)`,
			s.now().Add(-uploadAge))
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sweep uploads: %w", err)
	}
	return int(n), nil
}

const uploadAge = 24 * time.Hour
