package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/text/unicode/norm"
)

// LetterPace says how often a letter tells of what a saved search has found.
type LetterPace string

// The paces of letters.
const (
	NoLetter     LetterPace = "off"
	DailyLetter  LetterPace = "daily"
	WeeklyLetter LetterPace = "weekly"
)

// LetterPaces lists them in the order of menus.
func LetterPaces() []LetterPace { return []LetterPace{NoLetter, DailyLetter, WeeklyLetter} }

// Label is the pace as people read it.
func (p LetterPace) Label() string {
	switch p {
	case DailyLetter:
		return "Every day there is something new"
	case WeeklyLetter:
		return "Once a week, on Mondays"
	}
	return "Never"
}

// SavedSearch is a search that a member keeps.
type SavedSearch struct {
	ID        int64      `db:"id"`
	Name      string     `db:"name"`
	Notify    bool       `db:"notify"` // new works that match are told on the site
	Letter    LetterPace `db:"letter"`
	CreatedAt time.Time  `db:"created_at"`
	Filter    Filter     `db:"-"` // cleaned, in the order Newest
	Count     int        `db:"-"` // listed works that match, up to one more than SearchCountMost
}

// What a member may keep, and how far the works of each search are counted.
const (
	SearchesMost    = 50
	SearchNameMost  = 100 // characters
	SearchCountMost = 100
)

// filterMost bounds how long a kept filter is, in bytes.
const filterMost = 4000

// canonical is the filter as it is kept: JSON without what is left open, so that
// the same filters are the same text, also once filters know more. Order and
// place in the list are no part of it.
func (f Filter) canonical() (string, error) {
	f = f.Clean()
	f.Sort, f.After = "", ""
	b, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("write a filter: %w", err)
	}
	var whole any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&whole); err != nil {
		return "", fmt.Errorf("write a filter: %w", err)
	}
	b, err = json.Marshal(closed(whole))
	return string(b), err
}

// closed is a JSON value without the fields that say nothing, nil if none is left.
func closed(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, field := range v {
			if v[name] = closed(field); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	case json.Number:
		if v == "0" {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return value
}

// filterOf reads a kept filter.
func filterOf(kept string) (Filter, error) {
	var f Filter
	if err := json.Unmarshal([]byte(kept), &f); err != nil {
		return f, fmt.Errorf("read a filter: %w", err)
	}
	return f.Clean(), nil
}

// matching is the whole condition on artworks a and its arguments.
func (f Filter) matching(args []any) (string, []any) {
	where, args := f.where(args)
	if mediums := f.mediums(); len(mediums) > 0 {
		args = append(args, pq.Array(mediums))
		where += fmt.Sprintf(" AND a.medium = ANY ($%d)", len(args))
	}
	return where, args
}

// A key of a search is "medium/beginning": a medium or, for all, nothing, and the
// beginning of a word that is looked for or, without one, nothing. A work that
// matches has one of the search's keys, so a new work finds by an index those
// searches that may match. What else a filter says is left to its own SQL.

// keyLength is how many letters of a word a key has.
const keyLength = 3

// keys are those of the filter.
func (f Filter) keys() []string {
	mediums := f.mediums()
	if len(mediums) == 0 {
		mediums = []Medium{""}
	}
	keys := make([]string, len(mediums))
	for i, m := range mediums {
		keys[i] = string(m) + "/" + f.beginning()
	}
	return keys
}

// beginning is that of the longest word that is looked for, "" unless the text is
// plain words, of which all have to occur.
func (f Filter) beginning() string {
	longest := ""
	for word := range strings.FieldsSeq(strings.ToLower(f.query())) {
		if word == "or" || strings.ContainsFunc(word, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			return ""
		}
		if len(word) > len(longest) {
			longest = word
		}
	}
	if len(longest) < keyLength {
		return ""
	}
	return longest[:keyLength]
}

// listing is a new work as the searches look at it.
type listing struct {
	ArtworkID int64  `db:"artwork_id"`
	ArtistID  int64  `db:"artist_id"`
	Medium    Medium `db:"medium"`
	Words     string `db:"words"` // all that it may be found by
}

// keys are all that a search that finds the work may have.
func (l listing) keys() []string {
	parts := map[string]bool{"": true}
	for _, text := range []string{strings.ToLower(l.Words), plain(l.Words)} {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			runes := []rune(word)
			for i := range max(0, len(runes)-keyLength+1) {
				parts[string(runes[i:i+keyLength])] = true
			}
		}
	}
	keys := make([]string, 0, 2*len(parts))
	for part := range parts {
		keys = append(keys, "/"+part, string(l.Medium)+"/"+part)
	}
	return keys
}

// plain is a text in small letters without accents.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

// SaveSearch keeps a search for the member, who is told on the site of new works
// that match. The same filters are kept once: fresh is false for those that were
// kept before, under the name that they had. It fails with *Invalid for the field
// "name", and for "" when no filter is on or fifty searches are kept.
func (s *Store) SaveSearch(ctx context.Context, m Member, f Filter, name string) (search SavedSearch, fresh bool, err error) {
	f = f.Clean()
	f.Sort, f.After = Newest, ""
	kept, err := f.canonical()
	if err != nil {
		return SavedSearch{}, false, err
	}
	var inv Invalid
	name = checkSearchName(&inv, name)
	if kept == "null" || len(kept) > filterMost {
		inv.Add("", "Choose one filter or more first, then save the search.")
	}
	if err := inv.Err(); err != nil {
		return SavedSearch{}, false, err
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		// One at a time, so that fifty is the most.
		if _, err := tx.ExecContext(ctx, `SELECT FROM members WHERE id = $1 FOR NO KEY UPDATE`, m.ID); err != nil {
			return fmt.Errorf("save a search: %w", err)
		}
		err := found(tx.GetContext(ctx, &search, `
			SELECT `+searchColumns+` FROM saved_searches WHERE member_id = $1 AND md5(filter::text) = md5($2::jsonb::text)`, m.ID, kept))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		fresh = true
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM saved_searches WHERE member_id = $1`, m.ID); err != nil {
			return fmt.Errorf("count searches: %w", err)
		}
		if n >= SearchesMost {
			return &Invalid{Fields: []FieldError{{"", fmt.Sprintf("You keep %d searches, and that is the most. Delete one first.", SearchesMost)}}}
		}
		return tx.GetContext(ctx, &search, `
			INSERT INTO saved_searches (member_id, name, filter, keys, notify, letter, created_at)
			VALUES ($1, $2, $3, $4, true, 'off', $5) RETURNING `+searchColumns, m.ID, name, kept, pq.Array(f.keys()), s.now())
	})
	search.Filter = f
	return search, fresh, err
}

const searchColumns = `id, name, notify, letter, created_at`

func checkSearchName(inv *Invalid, name string) string {
	name = strings.Join(strings.Fields(written(name)), " ")
	if name == "" {
		inv.Add("name", "Give the search a name.")
	}
	limit(inv, "name", name, SearchNameMost)
	return name
}

// SavedSearches returns all that the member keeps, the last saved first, with how
// many works match each now.
func (s *Store) SavedSearches(ctx context.Context, m Member) ([]SavedSearch, error) {
	var rows []struct {
		SavedSearch
		Kept string `db:"filter"`
	}
	err := s.selectRows(ctx, &rows, `SELECT `+searchColumns+`, filter FROM saved_searches WHERE member_id = $1 ORDER BY id DESC`, m.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	searches := make([]SavedSearch, len(rows))
	parts := make([]string, len(rows))
	var args []any
	for i, r := range rows {
		searches[i] = r.SavedSearch
		if searches[i].Filter, err = filterOf(r.Kept); err != nil {
			return nil, err
		}
		var where string
		where, args = searches[i].Filter.matching(args)
		parts[i] = fmt.Sprintf(`SELECT %d AS search, (SELECT count(*) FROM (SELECT FROM artworks a WHERE %s LIMIT %d) f) AS works`, i, where, SearchCountMost+1)
	}
	var counts []struct {
		Search, Works int
	}
	// A plan of its own: how best to find the works hangs on the filters.
	if err := s.db.SelectContext(ctx, &counts, strings.Join(parts, " UNION ALL "), args...); err != nil {
		return nil, fmt.Errorf("count what searches find: %w", err)
	}
	for _, c := range counts {
		searches[c.Search].Count = c.Works
	}
	return searches, nil
}

// SearchForm is what a member chooses about a search that they keep.
type SearchForm struct {
	Name   string
	Notify bool
	Letter LetterPace
}

// UpdateSearch changes the name and the alerts of the member's search. It fails
// with *Invalid for the fields "name" and "letter", and with ErrNotFound for
// other people's.
func (s *Store) UpdateSearch(ctx context.Context, m Member, id int64, f SearchForm) error {
	var inv Invalid
	name := checkSearchName(&inv, f.Name)
	if !slices.Contains(LetterPaces(), f.Letter) {
		inv.Add("letter", "Choose how often a letter comes.")
	}
	if err := inv.Err(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return changed(tx.ExecContext(ctx, `
			UPDATE saved_searches SET name = $3, notify = $4, letter = $5 WHERE id = $2 AND member_id = $1`, m.ID, id, name, f.Notify, f.Letter))
	})
}

// DeleteSearch forgets the member's search. What it has told stays told. It fails
// with ErrNotFound for other people's.
func (s *Store) DeleteSearch(ctx context.Context, m Member, id int64) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		return changed(tx.ExecContext(ctx, `DELETE FROM saved_searches WHERE id = $2 AND member_id = $1`, m.ID, id))
	})
}

// StopSearchLetters ends all letters about the searches of the member whom a token
// of such a letter names. It fails with ErrNotFound for a token that the market
// did not make.
func (s *Store) StopSearchLetters(ctx context.Context, token string) error {
	member, ok := s.stopped(token)
	if !ok {
		return ErrNotFound
	}
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE saved_searches SET letter = 'off' WHERE member_id = $1 AND letter <> 'off'`, member)
		if err != nil {
			return fmt.Errorf("stop letters: %w", err)
		}
		return nil
	})
}

// KnowsStop reports whether a token is that of a letter about searches.
func (s *Store) KnowsStop(token string) bool {
	_, ok := s.stopped(token)
	return ok
}

// stopToken lets whoever has a letter about searches end such letters: the member
// and a seal.
func (s *Store) stopToken(member int64) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(member))
	return base64.RawURLEncoding.EncodeToString(append(raw, s.stopSeal(raw)...))
}

func (s *Store) stopped(token string) (member int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 8+sha256.Size || !hmac.Equal(s.stopSeal(raw[:8]), raw[8:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(raw)), true
}

func (s *Store) stopSeal(raw []byte) []byte {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte("stop letters\x00"))
	h.Write(raw)
	return h.Sum(nil)
}
