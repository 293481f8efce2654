package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// channel is where instances tell each other of committed changes.
const channel = "openstudio"

// Signal says that something changed, a moment after it was committed. It
// carries only who and what to ask again for, never the news itself.
type Signal struct {
	Member int64 `json:"m,omitempty"` // whose pages are concerned
	Order  int64 `json:"o,omitempty"` // the order that changed
	Told   bool  `json:"t,omitempty"` // the member has a new notification, or fewer unseen
	Image  int64 `json:"i,omitempty"` // the photograph of the member whose picture is made, or cannot be
	Talk   int64 `json:"c,omitempty"` // the conversation in which something was said
	Market bool  `json:"w,omitempty"` // a public page changed
	Line   bool  `json:"l,omitempty"` // a piece may have become free, or the last one gone: the clock has something to do
}

// tell sends signals when tx commits.
func tell(ctx context.Context, tx *sqlx.Tx, signals ...Signal) error {
	list, err := payloads(signals)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `SELECT pg_notify($1, signal) FROM unnest($2::text[]) AS signal`, channel, pq.Array(list)); err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	return nil
}

// payloads are signals as they go over the channel.
func payloads(signals []Signal) ([]string, error) {
	list := make([]string, len(signals))
	for i, sig := range signals {
		payload, err := json.Marshal(sig)
		if err != nil {
			return nil, err
		}
		list[i] = string(payload)
	}
	return list, nil
}

// Listen calls heard for each signal of any instance, one after another, until
// ctx ends; it returns ctx's error. After a broken connection it calls lost:
// signals may have been missed.
func (s *Store) Listen(ctx context.Context, heard func(Signal), lost func()) error {
	l := pq.NewListener(s.dsn, 100*time.Millisecond, 10*time.Second, nil)
	defer l.Close()
	if err := l.Listen(channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ping := time.NewTicker(90 * time.Second)
	defer ping.Stop()
	for {
		select {
		case n := <-l.Notify:
			if n == nil { // reconnected
				lost()
				continue
			}
			var sig Signal
			if err := json.Unmarshal([]byte(n.Extra), &sig); err == nil {
				heard(sig)
			}
		case <-ping.C:
			go l.Ping() // finds a dead connection; the listener mends itself
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
