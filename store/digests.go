package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ConfirmAge is how long the link that confirms an address is good for.
const ConfirmAge = 7 * 24 * time.Hour

// digestAnswerPace is how long every answer to an address takes, so that its time
// does not tell whether the address is known.
const digestAnswerPace = 80 * time.Millisecond

// The purposes of the tokens in letters. A token of one opens nothing of the
// others.
const (
	confirmPurpose      = "confirm a digest"
	stopPurpose         = "stop digests"
	stopSearchesPurpose = "stop digests of searches"
)

// RequestDigest asks the owner of an address by letter whether they want to hear
// of an artist's new works. Nothing in the answer, nor its time, tells whether the
// address is known. It fails with *Invalid for the field "email", with
// ErrNotFound when there is no such artist, and with *TooMany after too many
// requests for the address or from the network address.
func (s *Store) RequestDigest(ctx context.Context, username, email, address string) error {
	var inv Invalid
	email = oneLine(email)
	checkEmail(&inv, email)
	if err := inv.Err(); err != nil {
		return err
	}
	var artist int64
	if err := s.getRow(ctx, &artist, `SELECT id FROM members WHERE lower(username) = lower($1) AND role = 'artist'`, written(username)); err != nil {
		return err
	}
	answer := time.NewTimer(digestAnswerPace)
	defer answer.Stop()
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := s.try(ctx, tx, digestsOfAccount, account(email)); err != nil {
			return err
		}
		if _, err := s.try(ctx, tx, digestsOfAddress, network(address)); err != nil {
			return err
		}
		return s.postConfirmation(ctx, tx, artist, email)
	})
	select {
	case <-answer.C:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// postConfirmation sends the letter that asks, unless the address has said yes
// before.
func (s *Store) postConfirmation(ctx context.Context, tx *sqlx.Tx, artist int64, email string) error {
	now := s.now()
	var subscriber, subscription string
	err := tx.GetContext(ctx, &subscriber, `
		INSERT INTO subscribers (id, email, told_until, next_at, touched_at) VALUES ($1, $2, $3, $4, $3)
		ON CONFLICT (lower(email)) DO UPDATE SET touched_at = excluded.touched_at RETURNING id`,
		newUUID(), email, now, nextDigest(now))
	if err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	err = found(tx.GetContext(ctx, &subscription, `
		INSERT INTO subscriptions (id, subscriber_id, artist_id, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (subscriber_id, artist_id) DO UPDATE SET expires_at = excluded.expires_at WHERE subscriptions.confirmed_at IS NULL
		RETURNING id`, newUUID(), subscriber, artist, now.Add(ConfirmAge)))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep what an address asks for: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO outbox (letter_key, kind, subscriber_id, subscription_id, state, due_at, created_at)
		VALUES ($1, $2, $3, $4, 'waiting', $5, $5)`, "digest-confirmation-"+newUUID(), ConfirmationLetter, subscriber, subscription, now)
	if err != nil {
		return fmt.Errorf("post a confirmation: %w", err)
	}
	return nil
}

// Confirmation is what the link of a confirmation letter is about.
type Confirmation struct {
	ArtistName     string `db:"artist_name"`
	ArtistUsername string `db:"artist_username"`
	Confirmed      bool   `db:"confirmed"`
}

// DigestConfirmation reports what a token would confirm, without doing so:
// ErrNotFound when it is not good any more.
func (s *Store) DigestConfirmation(ctx context.Context, token string) (Confirmation, error) {
	id, ok := s.opened(confirmPurpose, token, 16)
	if !ok {
		return Confirmation{}, ErrNotFound
	}
	var c Confirmation
	err := s.getRow(ctx, &c, `
		SELECT m.first_name || ' ' || m.last_name AS artist_name, m.username AS artist_username, p.confirmed_at IS NOT NULL AS confirmed
		FROM subscriptions p JOIN members m ON m.id = p.artist_id
		WHERE p.id = $1 AND (p.confirmed_at IS NOT NULL OR p.expires_at > $2)`, uuidText(id), s.now())
	return c, err
}

// ConfirmDigest says that the owner of an address wants the letters. Said twice it
// changes nothing. It fails with ErrNotFound when the token is not good any more.
func (s *Store) ConfirmDigest(ctx context.Context, token string) (Confirmation, error) {
	id, ok := s.opened(confirmPurpose, token, 16)
	if !ok {
		return Confirmation{}, ErrNotFound
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		return changed(tx.ExecContext(ctx, `
			UPDATE subscriptions SET confirmed_at = COALESCE(confirmed_at, $2)
			WHERE id = $1 AND (confirmed_at IS NOT NULL OR expires_at > $2)`, uuidText(id), s.now()))
	})
	if err != nil {
		return Confirmation{}, err
	}
	return s.DigestConfirmation(ctx, token)
}

// Digest reports whether the member gets the weekly letter.
func (s *Store) Digest(ctx context.Context, m Member) (bool, error) {
	var on bool
	err := s.getRow(ctx, &on, `SELECT EXISTS (SELECT FROM subscribers WHERE member_id = $1)`, m.ID)
	return on, err
}

// SetDigest says whether the member gets a letter a week with the new works of
// the artists they follow.
func (s *Store) SetDigest(ctx context.Context, m Member, on bool) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		query, args := `DELETE FROM subscribers WHERE member_id = $1`, []any{m.ID}
		if on {
			query = `INSERT INTO subscribers (id, member_id, told_until, next_at, touched_at) VALUES ($2, $1, $3, $4, $3) ON CONFLICT (member_id) DO NOTHING`
			args = append(args, newUUID(), s.now(), nextDigest(s.now()))
		}
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("set the digest of member %d: %w", m.ID, err)
		}
		return nil
	})
}

// stopToken is what a letter carries to stop the letters about one artist or, for
// artist 0, all of them.
func (s *Store) stopToken(subscriber string, artist int64) string {
	return s.token(stopPurpose, binary.BigEndian.AppendUint64(uuidBytes(subscriber), uint64(artist)))
}

// searchStopToken is what a letter carries to stop the letters about a member's
// searches.
func (s *Store) searchStopToken(member int64) string {
	return s.token(stopSearchesPurpose, binary.BigEndian.AppendUint64(nil, uint64(member)))
}

// stopped is what a token ends: the letters about an artist, about a member's
// searches or, without either, all.
type stopped struct {
	subscriber string // to whom it was sent, or
	member     int64  // the one of the searches
	artist     int64
}

func (s *Store) openStop(token string) (stopped, error) {
	if raw, ok := s.opened(stopSearchesPurpose, token, 8); ok {
		return stopped{member: int64(binary.BigEndian.Uint64(raw))}, nil
	}
	raw, ok := s.opened(stopPurpose, token, 24)
	if !ok {
		return stopped{}, ErrNotFound
	}
	return stopped{subscriber: uuidText(raw[:16]), artist: int64(binary.BigEndian.Uint64(raw[16:]))}, nil
}

// Stop is what a token ends: the letters about an artist of that name, those about
// searches or, without either, all.
type Stop struct {
	ArtistName string
	Searches   bool
}

// DigestStop returns what a token ends, without ending it. It fails with
// ErrNotFound for a token that the market did not make.
func (s *Store) DigestStop(ctx context.Context, token string) (Stop, error) {
	t, err := s.openStop(token)
	if err != nil || t.artist == 0 {
		return Stop{Searches: t.member != 0}, err
	}
	var stop Stop
	err = s.getRow(ctx, &stop.ArtistName, `SELECT first_name || ' ' || last_name FROM members WHERE id = $1`, t.artist)
	return stop, err
}

// StopDigest ends letters to the address that the token was sent to: those about
// the token's artist, those about searches, or all of both kinds. A member's
// address stops following the artist, or has the letters switched off. Said twice
// it changes nothing. It fails with ErrNotFound for a token that the market did not
// make.
func (s *Store) StopDigest(ctx context.Context, token string, all bool) error {
	t, err := s.openStop(token)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		var email string
		err := found(tx.GetContext(ctx, &email, `
			SELECT lower(COALESCE(m.email, s.email)) FROM subscribers s LEFT JOIN members m ON m.id = s.member_id WHERE s.id = NULLIF($1, '')::uuid
			UNION ALL SELECT lower(email) FROM members WHERE id = $2`, t.subscriber, t.member))
		if errors.Is(err, ErrNotFound) {
			return nil // it was stopped before
		}
		if err != nil {
			return fmt.Errorf("stop a digest: %w", err)
		}
		const searches = `
			UPDATE saved_searches SET letter = 'off' WHERE letter <> 'off' AND member_id = (SELECT id FROM members WHERE lower(email) = $1)`
		queries, args := []string{searches,
			`DELETE FROM subscribers WHERE lower(email) = $1 OR member_id = (SELECT id FROM members WHERE lower(email) = $1)`}, []any{email}
		switch {
		case all:
		case t.member != 0:
			queries = queries[:1]
		case t.artist != 0:
			queries, args = []string{
				`DELETE FROM subscriptions WHERE artist_id = $2 AND subscriber_id = (SELECT id FROM subscribers WHERE lower(email) = $1)`,
				`DELETE FROM follows WHERE artist_id = $2 AND member_id = (
					SELECT m.id FROM members m JOIN subscribers s ON s.member_id = m.id WHERE lower(m.email) = $1)`}, []any{email, t.artist}
		}
		for _, query := range queries {
			if _, err := tx.ExecContext(ctx, query, args...); err != nil {
				return fmt.Errorf("stop a digest: %w", err)
			}
		}
		return nil
	})
}

// A digest is written in the morning, in UTC, or as soon after that as there is an
// instance to write it: of artists on a Monday.
const (
	digestHour     = 7
	digestDistance = 6 * 24 * time.Hour // between two letters, at least
)

// nextDigest is the first Monday morning after t.
func nextDigest(t time.Time) time.Time {
	next := monday(t).Add(digestHour * time.Hour)
	if !next.After(t) {
		next = next.AddDate(0, 0, 7)
	}
	return next
}

// monday is the midnight with which the week of t began.
func monday(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
}

// digestArtists are the artists of whom an address d.email hears, and since when:
// those that its member follows, if the member chose the letter, and those that
// it confirmed without an account.
const digestArtists = `
	SELECT artist_id, min(since) AS since FROM (
		SELECT f.artist_id, f.followed_at AS since FROM members x
		JOIN subscribers y ON y.member_id = x.id JOIN follows f ON f.member_id = x.id WHERE lower(x.email) = d.email
		UNION ALL
		SELECT p.artist_id, p.confirmed_at FROM subscribers y
		JOIN subscriptions p ON p.subscriber_id = y.id AND p.confirmed_at IS NOT NULL WHERE lower(y.email) = d.email) heard
	GROUP BY artist_id`

// digestBatch is how many addresses are looked at in one transaction.
const digestBatch = 100

// WriteDigests posts the letters that are due, to those for whom there is something
// new, and returns how many: about artists one a week, about searches at most one a
// day. An address gets no more, whoever writes it.
func (s *Store) WriteDigests(ctx context.Context) (written int, err error) {
	for {
		n, looked, err := s.writeSome(ctx)
		written += n
		if err != nil {
			return written, err
		}
		if looked < digestBatch {
			break
		}
	}
	n, err := s.writeSearchDigests(ctx)
	return written + n, err
}

// The columns about of digests.
const (
	aboutArtists  = "artists"
	aboutSearches = "searches"
)

// dueDigest is a letter that is to be posted to a subscriber or to a member.
type dueDigest struct {
	Address    []byte // hashed
	Subscriber string
	Member     int64
	Since      time.Time
}

// postDigests posts letters of a day, to the addresses that had none about the same
// yet, and returns them: by member for letters about searches.
func (s *Store) postDigests(ctx context.Context, tx *sqlx.Tx, about string, kind LetterKind, day string, due []dueDigest) (posted map[int64]int64, written int, err error) {
	addresses, keys := make([][]byte, len(due)), make([]string, len(due))
	subscribers, members, since := make([]string, len(due)), make([]int64, len(due)), make([]time.Time, len(due))
	for i, d := range due {
		addresses[i], keys[i] = d.Address, string(kind)+"-"+day+"-"+hex.EncodeToString(d.Address[:16])
		subscribers[i], members[i], since[i] = d.Subscriber, d.Member, d.Since
	}
	var rows []struct {
		Member int64 `db:"member"`
		Digest int64 `db:"digest"`
	}
	err = tx.SelectContext(ctx, &rows, `
		WITH news AS (
			SELECT address, key, since, subscriber, member
			FROM unnest($1::bytea[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[]) AS n (address, key, since, subscriber, member)
		), fresh AS (
			INSERT INTO digests (address, about, day, since, until)
			SELECT DISTINCT ON (address) address, $6::text, $7::date, CASE WHEN $6 = 'artists' THEN since END, $8::timestamptz FROM news ORDER BY address, since DESC
			ON CONFLICT (address, about, day) DO NOTHING RETURNING id, address
		)
		INSERT INTO outbox (letter_key, kind, subscriber_id, recipient_id, digest_id, state, due_at, created_at)
		SELECT DISTINCT ON (n.address) n.key, $9, NULLIF(n.subscriber, '')::uuid, NULLIF(n.member, 0), f.id, 'waiting', $8, $8
		FROM fresh f JOIN news n ON n.address = f.address
		ORDER BY n.address, n.since DESC
		RETURNING COALESCE(recipient_id, 0) AS member, digest_id AS digest`,
		pq.ByteaArray(addresses), pq.StringArray(keys), pq.Array(since), pq.StringArray(subscribers), pq.Int64Array(members), about, day, s.now(), kind)
	if err != nil {
		return nil, 0, fmt.Errorf("post digests: %w", err)
	}
	posted = make(map[int64]int64, len(rows))
	for _, r := range rows {
		posted[r.Member] = r.Digest
	}
	return posted, len(rows), nil
}

func (s *Store) writeSome(ctx context.Context) (written, looked int, err error) {
	now := s.now()
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var due []struct {
			ID    string    `db:"id"`
			Email string    `db:"email"`
			Since time.Time `db:"told_until"`
			News  bool      `db:"news"`
		}
		err := tx.SelectContext(ctx, &due, `
			WITH d AS MATERIALIZED (
				SELECT s.id, s.next_at, lower(COALESCE(m.email, s.email)) AS email, s.told_until
				FROM subscribers s LEFT JOIN members m ON m.id = s.member_id
				WHERE s.next_at <= $1 ORDER BY s.next_at, s.id LIMIT $2 FOR UPDATE OF s SKIP LOCKED)
			SELECT d.id, d.email, d.told_until, EXISTS (
				SELECT FROM (`+digestArtists+`) h
				JOIN artworks a ON a.artist_id = h.artist_id AND a.state = 'listed'
					AND a.listed_at > GREATEST(h.since, d.told_until) AND a.listed_at <= $1) AS news
			FROM d ORDER BY d.next_at, d.id`, now, digestBatch)
		if err != nil {
			return fmt.Errorf("find digests to write: %w", err)
		}
		looked = len(due)
		var all []string
		var known [][]byte
		var news []dueDigest
		for _, d := range due {
			address := s.tryKey(digestAddress, d.Email)
			all, known = append(all, d.ID), append(known, address)
			if d.News {
				news = append(news, dueDigest{Address: address, Subscriber: d.ID, Since: d.Since})
			}
		}
		if looked == 0 {
			return nil
		}
		if _, written, err = s.postDigests(ctx, tx, aboutArtists, DigestLetter, monday(now).Format(time.DateOnly), news); err != nil {
			return err
		}
		// What an address could not be told this week, as it had its letter, it is
		// told the next.
		_, err = tx.ExecContext(ctx, `
			UPDATE subscribers s SET next_at = $3,
				told_until = COALESCE((SELECT g.until FROM digests g WHERE g.address = d.address AND g.about = 'artists' AND g.day = $5::date), $2)
			FROM unnest($1::uuid[], $4::bytea[]) AS d (id, address) WHERE s.id = d.id`,
			pq.StringArray(all), now, nextDigest(now.Add(digestDistance)), pq.ByteaArray(known), monday(now).Format(time.DateOnly))
		if err != nil {
			return fmt.Errorf("keep when digests are due: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return written, looked, nil
}

// How much a digest names: the newest works of each artist, of so many artists.
const (
	DigestWorksMost   = 6
	digestArtistsMost = 100
)

// Digest is what a letter tells of new works, as it is now: of artists or of
// searches.
type Digest struct {
	Artists   []DigestArtist
	Searches  []DigestSearch
	StopToken string // of all letters, or of all about searches
}

// DigestSearch is a search that found something, with what it found and no search
// before it did.
type DigestSearch struct {
	Name  string
	Works []DigestWork // the newest, at most DigestWorksMost
	More  bool         // there are others
}

// DigestArtist is an artist of a weekly letter, with what is new.
type DigestArtist struct {
	Name, Username string
	Works          []DigestWork // the newest, at most DigestWorksMost
	More           bool         // there are others
	StopToken      string       // of the letters about this artist
}

// DigestWork is a work of a letter.
type DigestWork struct {
	ID       int64  `db:"id"`
	Title    string `db:"title"`
	Year     int    `db:"year"`
	Medium   Medium `db:"medium"`
	Material string `db:"material"`

	// Of a work that a search found.
	ArtistName string `db:"artist_name"`
	Price      Pence  `db:"price"` // 0 when it cannot be asked for
}

// Line is the work in a line: "Sill, March, 2025. Painting, oil on linen" or, where
// its artist is not named before, "Sill, March, 2025, by Maren Holt. Painting, oil
// on linen. £420".
func (w DigestWork) Line() string {
	line := fmt.Sprintf("%s, %d", w.Title, w.Year)
	if w.ArtistName != "" {
		line += ", by " + w.ArtistName
	}
	line += fmt.Sprintf(". %s, %s", w.Medium.Label(), w.Material)
	if w.Price > 0 {
		line += ". " + w.Price.Short()
	}
	return line
}

// fillDigests reads what the digests among the letters tell as it is now: a work
// that was taken down meanwhile is not in them, nor one of an artist whose letters
// were stopped.
func (s *Store) fillDigests(ctx context.Context, letters []Letter) error {
	byID := map[int64]*Letter{}
	var ids []int64
	for i := range letters {
		if l := &letters[i]; l.Kind == DigestLetter {
			l.Digest = &Digest{StopToken: s.stopToken(l.SubscriberID, 0)}
			byID[l.ID], ids = l, append(ids, l.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		LetterID int64  `db:"letter_id"`
		ArtistID int64  `db:"artist_id"`
		Name     string `db:"name"`
		Username string `db:"username"`
		DigestWork
	}
	err := s.selectRows(ctx, &rows, fmt.Sprintf(`
		SELECT d.letter_id, h.artist_id, h.name, h.username, a.id, a.title, a.year, a.medium, a.material
		FROM (SELECT b.id AS letter_id, lower(COALESCE(m.email, s.email)) AS email, g.since, g.until
			FROM outbox b JOIN digests g ON g.id = b.digest_id JOIN subscribers s ON s.id = b.subscriber_id
			LEFT JOIN members m ON m.id = s.member_id WHERE b.id = ANY ($1)) d
		CROSS JOIN LATERAL (
			SELECT h.artist_id, GREATEST(h.since, d.since) AS since, m.first_name || ' ' || m.last_name AS name, m.username, m.sort_name
			FROM (%s) h JOIN members m ON m.id = h.artist_id
			WHERE EXISTS (SELECT FROM artworks a WHERE a.artist_id = h.artist_id AND a.state = 'listed'
				AND a.listed_at > GREATEST(h.since, d.since) AND a.listed_at <= d.until)
			ORDER BY m.sort_name, m.id LIMIT %d) h
		CROSS JOIN LATERAL (
			SELECT id, title, year, medium, material, listed_at FROM artworks
			WHERE artist_id = h.artist_id AND state = 'listed' AND listed_at > h.since AND listed_at <= d.until
			ORDER BY listed_at DESC, id DESC LIMIT %d) a
		ORDER BY d.letter_id, h.sort_name, h.artist_id, a.listed_at DESC, a.id DESC`, digestArtists, digestArtistsMost, DigestWorksMost+1), pq.Int64Array(ids))
	if err != nil {
		return fmt.Errorf("read what digests tell: %w", err)
	}
	last := map[int64]int64{} // the artist that a letter tells of last
	for _, r := range rows {
		l := byID[r.LetterID]
		if last[r.LetterID] != r.ArtistID {
			last[r.LetterID] = r.ArtistID
			l.Digest.Artists = append(l.Digest.Artists, DigestArtist{Name: r.Name, Username: r.Username, StopToken: s.stopToken(l.SubscriberID, r.ArtistID)})
		}
		a := &l.Digest.Artists[len(l.Digest.Artists)-1]
		if len(a.Works) == DigestWorksMost {
			a.More = true
			continue
		}
		a.Works = append(a.Works, r.DigestWork)
	}
	return nil
}

// SweepDigests forgets addresses that nobody confirmed in time and those that
// follow nobody any more, which letters went out long ago, and what searches found
// that no letter took. It returns how many addresses were forgotten.
func (s *Store) SweepDigests(ctx context.Context) (int, error) {
	forgotten := 0
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		now := s.now()
		if _, err := tx.ExecContext(ctx, `DELETE FROM subscriptions WHERE confirmed_at IS NULL AND expires_at <= $1`, now); err != nil {
			return fmt.Errorf("sweep subscriptions: %w", err)
		}
		// One that is asked for again at this moment has just been touched.
		result, err := tx.ExecContext(ctx, `
			DELETE FROM subscribers s WHERE s.email IS NOT NULL AND s.touched_at <= $1
				AND NOT EXISTS (SELECT FROM subscriptions p WHERE p.subscriber_id = s.id)`, now.Add(-time.Hour))
		if err != nil {
			return fmt.Errorf("sweep addresses: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		forgotten = int(n)
		if _, err := tx.ExecContext(ctx, `DELETE FROM digests WHERE day < $1`, now.AddDate(0, 0, -60)); err != nil {
			return fmt.Errorf("sweep digests: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM search_matches WHERE digest_id IS NULL AND found_at < $1`, now.Add(-keepFinds)); err != nil {
			return fmt.Errorf("sweep what searches found: %w", err)
		}
		return nil
	})
	return forgotten, err
}
