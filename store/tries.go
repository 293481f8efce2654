package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// allowance is how often something may be tried: at most most times within any
// window. Tries are counted in the database, by the minute, so that a restart
// forgets none and all instances count together.
type allowance struct {
	what   string
	most   int
	window time.Duration
}

// The allowances. An account rests after a few wrong passwords; an address, which
// a whole school may share, after many.
var (
	signInsOfAccount  = allowance{"sign in to account", 5, 15 * time.Minute}
	signInsOfAddress  = allowance{"sign in from address", 50, 15 * time.Minute}
	resetsOfAccount   = allowance{"reset of account", 3, time.Hour}
	resetsOfAddress   = allowance{"reset from address", 20, time.Hour}
	digestsOfAccount  = allowance{"digest for e-mail", 5, time.Hour}
	digestsOfAddress  = allowance{"digest from address", 20, time.Hour}
	messagesOfMember  = allowance{"message of member", 60, time.Hour}
	questionsOfMember = allowance{"question of member", 20, 24 * time.Hour} // to whom they have not written about the work
	digestAddress     = allowance{what: "digest of a week"}                 // names, and counts nothing
)

// tryKey names who tries what. It is keyed with the market's secret: the
// database holds neither e-mail nor network addresses of those who tried.
func (s *Store) tryKey(a allowance, who string) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(a.what + "\x00" + who))
	return h.Sum(nil)
}

// account is the one form of an e-mail address by which tries are counted.
func account(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// network is the form of an IP address by which tries are counted. A home has a
// whole /64 of IPv6 to itself.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// try counts one try and returns the number of tries in the window with this one.
// When it is one too many it fails with *TooMany, and the caller's transaction,
// rolled back, leaves the count as it was: asking again does not prolong the wait.
func (s *Store) try(ctx context.Context, tx *sqlx.Tx, a allowance, who string) (int, error) {
	key, now := s.tryKey(a, who), s.now()
	_, err := tx.ExecContext(ctx, `
		INSERT INTO tries (key, window_start, count) VALUES ($1, $2, 1)
		ON CONFLICT (key, window_start) DO UPDATE SET count = tries.count + 1`, key, now.Truncate(time.Minute))
	if err != nil {
		return 0, fmt.Errorf("count a try: %w", err)
	}
	var minutes []struct {
		Start time.Time `db:"window_start"`
		Count int       `db:"count"`
	}
	err = tx.SelectContext(ctx, &minutes, `
		SELECT window_start, count FROM tries WHERE key = $1 AND window_start > $2 ORDER BY window_start`, key, now.Add(-a.window))
	if err != nil {
		return 0, fmt.Errorf("read the tries: %w", err)
	}
	total := 0
	for _, m := range minutes {
		total += m.Count
	}
	if total <= a.most {
		return total, nil
	}
	// The next try is free once enough of the oldest have left the window.
	excess := total - a.most
	for _, m := range minutes {
		if excess -= m.Count; excess <= 0 {
			return total, &TooMany{Wait: m.Start.Add(a.window).Sub(now)}
		}
	}
	return total, &TooMany{Wait: a.window}
}

// forget clears the count of somebody who has shown who they are.
func (s *Store) forget(ctx context.Context, tx *sqlx.Tx, a allowance, who string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM tries WHERE key = $1`, s.tryKey(a, who)); err != nil {
		return fmt.Errorf("forget tries: %w", err)
	}
	return nil
}

// takeBack uncounts the newest try: it was no wrong one.
func (s *Store) takeBack(ctx context.Context, tx *sqlx.Tx, a allowance, who string) error {
	key := s.tryKey(a, who)
	for _, query := range []string{
		`UPDATE tries SET count = count - 1 WHERE key = $1 AND count > 1
			AND window_start = (SELECT max(window_start) FROM tries WHERE key = $1)`,
		`DELETE FROM tries WHERE key = $1 AND count = 1
			AND window_start = (SELECT max(window_start) FROM tries WHERE key = $1)`,
	} {
		result, err := tx.ExecContext(ctx, query, key)
		if err != nil {
			return fmt.Errorf("take back a try: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
	return nil
}
