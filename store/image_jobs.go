package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ImageTask is what a job does for a photograph.
type ImageTask string

// The tasks. Each is done by whichever instance comes first.
const (
	prepareTask ImageTask = "prepare" // make the picture of a file that has arrived
	avifTask    ImageTask = "avif"    // make the same picture as AVIF, for fewer bytes
	remakeTask  ImageTask = "remake"  // make the picture again of its original
)

// ImageJob is work on one photograph, claimed by one instance for a while.
type ImageJob struct {
	ImageID  int64     `db:"image_id"`
	Task     ImageTask `db:"task"`
	Seed     string    `db:"seed"`   // goes into the picture's key
	Host     string    `db:"host"`   // that keeps the picture; "" while there is none
	Key      string    `db:"key"`    // "" while there is no picture
	Target   string    `db:"target"` // the host where a remade picture goes
	Width    int       `db:"width"`
	Height   int       `db:"height"`
	Failures int       `db:"failures"` // how often it was delayed
	Claims   int       `db:"claims"`   // since then, this one included

	Upload Upload `db:"upload"` // the file, as long as there is no picture
}

// Prepares reports whether the job is to make a first picture.
func (j ImageJob) Prepares() bool { return j.Task == prepareTask }

// Remakes reports whether the job is to make the picture again.
func (j ImageJob) Remakes() bool { return j.Task == remakeTask }

const (
	// imageLease is how long a claimed job is left to the one who claimed it. It
	// is longer than any picture takes, and short enough for an artist who waits
	// when the instance has died.
	imageLease = 2 * time.Minute
	// brokenMost is how often the making may break off the whole program before
	// the file is held to be the cause.
	brokenMost = 5
	pauseMost  = time.Hour
	// avifPause lets the pictures come first that an artist sends one after
	// another.
	avifPause = 10 * time.Second
)

func addImageJob(ctx context.Context, tx *sqlx.Tx, imageID int64, task ImageTask, target string, due time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO image_jobs (image_id, task, host, due_at) VALUES ($1, $2, $3, $4) ON CONFLICT (image_id, task) DO NOTHING`,
		imageID, task, target, due)
	if err != nil {
		return fmt.Errorf("add image job: %w", err)
	}
	return nil
}

// ClaimImageJob takes the job that is due for longest, first pictures before all
// others. It returns nil when none is due. What is not reported within two
// minutes is due again.
func (s *Store) ClaimImageJob(ctx context.Context) (*ImageJob, error) {
	for _, task := range []ImageTask{prepareTask, remakeTask, avifTask} {
		var job ImageJob
		err := s.inTx(ctx, func(tx *sqlx.Tx) error {
			return found(tx.GetContext(ctx, &job, `
				WITH claimed AS (
					UPDATE image_jobs SET due_at = $3, claims = claims + 1
					WHERE (image_id, task) IN (SELECT image_id, task FROM image_jobs WHERE task = $1 AND due_at <= $2
						ORDER BY due_at, image_id LIMIT 1 FOR UPDATE SKIP LOCKED)
					RETURNING image_id, task, host, failures, claims
				)
				SELECT c.image_id, c.task, c.host AS target, c.failures, c.claims, i.seed, i.width, i.height,
					CASE WHEN i.state = 'ready' THEN i.host ELSE '' END AS host,
					CASE WHEN i.state = 'ready' THEN i.key ELSE '' END AS key,
					COALESCE(u.id, '') AS "upload.id", COALESCE(u.name, '') AS "upload.name",
					COALESCE(u.size, 0) AS "upload.size", COALESCE(u.received, 0) AS "upload.received"
				FROM claimed c JOIN images i ON i.id = c.image_id LEFT JOIN uploads u ON u.id = i.upload_id`,
				task, s.now(), s.now().Add(imageLease)))
		})
		switch {
		case errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return nil, fmt.Errorf("claim image job: %w", err)
		}
		return &job, nil
	}
	return nil, nil
}

// JobFile returns the file of a job that prepares a picture.
func (s *Store) JobFile(ctx context.Context, j *ImageJob) ([]byte, error) {
	return s.uploadedFile(ctx, j.Upload)
}

// FinishImage makes a picture the photograph's own, and ends the job. The picture
// was announced by IntendPicture and is kept at its host. A picture that the
// photograph had before is deleted by a job. When the photograph is gone, the new
// picture is left to that job, too. avif says whether the picture is to be made
// as AVIF later.
func (s *Store) FinishImage(ctx context.Context, j *ImageJob, p MadePicture, avif bool) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		var was struct {
			ArtistID int64      `db:"artist_id"`
			State    ImageState `db:"state"`
			Host     string     `db:"host"`
			Key      string     `db:"key"`
			UploadID string     `db:"upload_id"`
			Listed   bool       `db:"listed"`
		}
		// The palette goes on to the work: it is locked before its photographs, as
		// everywhere.
		if _, err := tx.ExecContext(ctx, `
			SELECT FROM artworks WHERE id = (SELECT artwork_id FROM images WHERE id = $1) FOR NO KEY UPDATE`, j.ImageID); err != nil {
			return fmt.Errorf("lock the work of image %d: %w", j.ImageID, err)
		}
		err := found(tx.GetContext(ctx, &was, `
			SELECT i.artist_id, i.state, i.host, i.key, COALESCE(i.upload_id, '') AS upload_id,
				COALESCE((SELECT a.state = 'listed' FROM artworks a WHERE a.id = i.artwork_id), false) AS listed
			FROM images i WHERE i.id = $1 FOR UPDATE`, j.ImageID))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock image %d: %w", j.ImageID, err)
		}
		if was.State == Ready && was.Host == p.Host && was.Key == p.Key {
			return endImageJob(ctx, tx, j) // it was finished before, or is the same again
		}
		if err := takeIntended(ctx, tx, p.Host, p.Key); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE images SET state = 'ready', host = $2, key = $3, width = $4, height = $5, ground = $6,
				palette = COALESCE($7::real[], '{}'), findings = COALESCE($8::text[], '{}'), avif_width = $9, reason = '', upload_id = NULL
			WHERE id = $1`, j.ImageID, p.Host, p.Key, p.Width, p.Height, p.Ground, pq.Float32Array(p.Palette), pq.StringArray(p.Findings),
			p.AVIFWidth)
		if err != nil {
			return fmt.Errorf("finish image %d: %w", j.ImageID, err)
		}
		if was.State == Ready {
			if err := replacePicture(ctx, tx, was.Host, was.Key, p.Key, s.now()); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM uploads WHERE id = $1`, was.UploadID); err != nil {
			return fmt.Errorf("drop the upload of image %d: %w", j.ImageID, err)
		}
		if err := endImageJob(ctx, tx, j); err != nil {
			return err
		}
		if avif {
			if err := addImageJob(ctx, tx, j.ImageID, avifTask, "", s.now().Add(avifPause)); err != nil {
				return err
			}
		}
		return tellImage(ctx, tx, was.ArtistID, j.ImageID, was.Listed)
	})
	return err
}

// replaceGrace is how long a replaced picture is kept for pages that were made
// before.
const replaceGrace = time.Hour

// replacePicture puts a new picture's key in place of an old one, whose picture
// is deleted after a while.
func replacePicture(ctx context.Context, tx *sqlx.Tx, host, old, key string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE orders SET image_key = $2 WHERE image_key = $1`, old, key); err != nil {
		return fmt.Errorf("give orders the picture %s: %w", key, err)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO picture_deletions (host, key, due_at) VALUES ($1, $2, $3)
		ON CONFLICT (host, key) DO UPDATE SET due_at = excluded.due_at`, host, old, now.Add(replaceGrace))
	if err != nil {
		return fmt.Errorf("delete the picture %s: %w", old, err)
	}
	return nil
}

// RefuseImage ends a job whose file no picture can be made of, and says why to
// its artist. A photograph that has a picture keeps it.
func (s *Store) RefuseImage(ctx context.Context, j *ImageJob, reason string) error {
	return s.reportImage(ctx, j, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			WITH refused AS (
				UPDATE images SET state = 'refused', reason = $2, upload_id = NULL WHERE id = $1 AND state = 'preparing'
			)
			DELETE FROM uploads WHERE id = $3`, j.ImageID, reason, j.Upload.ID)
		if err == nil {
			err = endImageJob(ctx, tx, j)
		}
		return err
	})
}

// DelayImage puts off a job that failed for a reason that may pass, longer each
// time up to an hour, and says the reason to the artist who waits. It is never
// given up: the file would be lost with it.
func (s *Store) DelayImage(ctx context.Context, j *ImageJob, reason string) error {
	pause := min(pauseMost, time.Second<<min(j.Failures, 12))
	return s.reportImage(ctx, j, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE image_jobs SET due_at = $3, failures = failures + 1, claims = 0 WHERE image_id = $1 AND task = $2`,
			j.ImageID, j.Task, s.now().Add(pause))
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE images SET reason = $2 WHERE id = $1 AND state = 'preparing'`, j.ImageID, reason)
		}
		return err
	})
}

// BrokeOff reports whether the job was claimed so often without an answer that
// its file must be what ends the program each time.
func (j ImageJob) BrokeOff() bool { return j.Claims > brokenMost }

func (s *Store) reportImage(ctx context.Context, j *ImageJob, f func(tx *sqlx.Tx) error) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		var artist int64
		err := found(tx.GetContext(ctx, &artist, `SELECT artist_id FROM images WHERE id = $1`, j.ImageID))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return tellImage(ctx, tx, artist, j.ImageID, false)
	})
	if err != nil {
		return fmt.Errorf("report on image %d: %w", j.ImageID, err)
	}
	return nil
}

// AddAVIF says that the host keeps the job's picture as AVIF up to a step, and
// ends the job. Should the photograph have another picture by now, nothing of it
// changes.
func (s *Store) AddAVIF(ctx context.Context, j *ImageJob, step int) error {
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE images SET avif_width = $3 WHERE id = $1 AND key = $2 AND state = 'ready'`, j.ImageID, j.Key, step)
		if err == nil {
			err = endImageJob(ctx, tx, j)
		}
		if err == nil {
			err = tell(ctx, tx, Signal{Market: true})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("add AVIF to image %d: %w", j.ImageID, err)
	}
	return nil
}

func endImageJob(ctx context.Context, tx *sqlx.Tx, j *ImageJob) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM image_jobs WHERE image_id = $1 AND task = $2`, j.ImageID, j.Task); err != nil {
		return fmt.Errorf("end image job: %w", err)
	}
	return nil
}

// tellImage tells whoever waits for a picture: the one who sent it, of a message
// the one who reads it, and of a packed work its collector.
func tellImage(ctx context.Context, tx *sqlx.Tx, artist, image int64, listed bool) error {
	waiting := []int64{artist}
	var reader int64
	err := found(tx.GetContext(ctx, &reader, `
		SELECT CASE WHEN c.artist_id = i.artist_id THEN c.asker_id ELSE c.artist_id END
		FROM images i JOIN messages m ON m.id = i.message_id JOIN conversations c ON c.id = m.conversation_id WHERE i.id = $1
		UNION ALL
		SELECT o.buyer_id FROM images i JOIN orders o ON o.id = i.order_id WHERE i.id = $1 AND o.shipped_at IS NOT NULL`, image))
	switch {
	case err == nil:
		waiting = append(waiting, reader)
	case !errors.Is(err, ErrNotFound):
		return fmt.Errorf("find who waits for image %d: %w", image, err)
	}
	for _, m := range waiting {
		if err := tell(ctx, tx, Signal{Member: m, Image: image}); err != nil {
			return err
		}
	}
	if !listed {
		return nil
	}
	return tell(ctx, tx, Signal{Market: true})
}

// RemakeImages orders that every picture be made again of its original and kept
// at the host. With moving, only the pictures that another host keeps. It returns
// how many are now on order. What is on order stays so until it is done, however
// often the program ends.
func (s *Store) RemakeImages(ctx context.Context, host string, moving bool) (int, error) {
	var n int
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO image_jobs (image_id, task, host, due_at)
			SELECT id, 'remake', $1, $3 FROM images WHERE state = 'ready' AND (NOT $2 OR host <> $1)
			ON CONFLICT (image_id, task) DO UPDATE SET host = excluded.host, due_at = excluded.due_at, failures = 0, claims = 0`,
			host, moving, s.now())
		if err == nil {
			err = tx.GetContext(ctx, &n, `SELECT count(*) FROM image_jobs WHERE task = 'remake'`)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("order pictures again: %w", err)
	}
	return n, nil
}

// RemakesLeft returns how many pictures are on order to be made again, and for
// which host; "" for none.
func (s *Store) RemakesLeft(ctx context.Context) (n int, host string, err error) {
	var row struct {
		N    int    `db:"n"`
		Host string `db:"host"`
	}
	err = s.getRow(ctx, &row, `SELECT count(*) AS n, COALESCE(min(host), '') AS host FROM image_jobs WHERE task = 'remake'`)
	return row.N, row.Host, err
}
