package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// BeginPicture makes a place for a file of so many bytes that is to go into a
// conversation of the member's; to everybody else there is no such. It fails with
// a *Conflict when the file is too large or too many wait already.
func (s *Store) BeginPicture(ctx context.Context, m Member, conversation int64, name string, size int) (Upload, error) {
	if _, err := s.Conversation(ctx, m, conversation); err != nil {
		return Upload{}, err
	}
	return s.beginUpload(ctx, m, name, size)
}

// takePictures gives a message its pictures. It fails with *Invalid when one is
// not the sender's, or is elsewhere, or cannot be opened.
func takePictures(ctx context.Context, tx *sqlx.Tx, m Member, message int64, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	result, err := tx.ExecContext(ctx, `
		UPDATE images i SET message_id = $1, position = n.place - 1
		FROM unnest($3::bigint[]) WITH ORDINALITY AS n (id, place)
		WHERE i.id = n.id AND i.artist_id = $2 AND i.artwork_id IS NULL AND i.message_id IS NULL AND i.order_id IS NULL AND i.state <> 'refused'`,
		message, m.ID, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("give pictures to message %d: %w", message, err)
	}
	if n, err := result.RowsAffected(); err != nil || int(n) != len(ids) {
		return &Invalid{Fields: []FieldError{{"pictures", "One of the pictures is no longer here or cannot be opened. Remove it, then send."}}}
	}
	return nil
}

// MessagePicture returns a picture of a conversation to one of the two who talk.
func (s *Store) MessagePicture(ctx context.Context, m Member, conversation, picture int64) (Image, error) {
	var img Image
	err := s.getRow(ctx, &img, `
		SELECT `+imageColumns+`
		FROM images i JOIN messages g ON g.id = i.message_id JOIN conversations c ON c.id = g.conversation_id
		WHERE i.id = $3 AND c.id = $2 AND $1 IN (c.asker_id, c.artist_id)`, m.ID, conversation, picture)
	return img, err
}
