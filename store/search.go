package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/text/unicode/norm"
)

// Best is the order of a search: the work that fits the words best comes first.
// A title that is just the words goes before all, then the title counts more
// than the artist's name, that more than what the work is and shows, and that
// more than its description (partRank); of works that hold them alike, those with the
// shorter titles come first.
//
// The database would take too long to weigh every work that holds a common word. Where it
// is asked, for letters that only it can read (marked) and while the market is read into
// memory, the works that are called just so and the rankMost that were hung last are
// weighed; where more are found, the list ends with them. The other orders list all.
const Best Sort = "best"

const (
	rankMost = 1000   // works
	fewFound = 10_000 // works, as the database guesses
	// besideMost is how many artists, and how many galleries, are shown beside works.
	besideMost = 4
	// suggestMost is how many works, and how many artists, are suggested.
	suggestMost = 5
	// wordMost and wordsMost bound a query, in letters and words.
	wordMost, wordsMost = 40, 12
)

// term is a word, or the words of a phrase, that has to be found.
type term struct {
	words  []string
	phrase bool
}

// terms are the words of a query, folded. A query of punctuation has none.
func terms(q string) []term {
	var list []term
	for i, part := range strings.FieldsFunc(strings.NewReplacer("“", `"`, "”", `"`, "„", `"`).Replace(q)+" ", func(r rune) bool { return r == '"' }) {
		words := strings.Fields(foldWords(part))
		quoted := i%2 == 1
		if strings.HasPrefix(strings.TrimSpace(q), `"`) {
			quoted = !quoted
		}
		if quoted && len(words) > 1 {
			list = append(list, term{words, true})
			continue
		}
		for _, w := range words {
			list = append(list, term{[]string{w}, quoted})
		}
	}
	return list[:min(len(list), wordsMost)]
}

var foldLetters = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ı", "i", "ħ", "h", "ð", "d", "ŧ", "t", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th",
	"'", "", "’", "")

// foldWords is a text as it is searched, like the SQL function fold: small
// letters and digits without marks, single spaces between words.
func foldWords(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if r >= 0x300 && r <= 0x36f {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	words := strings.FieldsFunc(foldLetters.Replace(b.String()), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	for i, w := range words {
		if runes := []rune(w); len(runes) > wordMost {
			words[i] = string(runes[:wordMost])
		}
	}
	return strings.Join(words, " ")
}

// begunLeast is how many letters of a word are taken for its beginning: almost
// every work has a word that begins with any two.
const begunLeast = 3

// tsquery is a query as to_tsquery reads it, with the last word as the beginning
// of one, or "" for a query without words. It is made of letters and digits
// alone, so nothing that was typed can break it.
func tsquery(q string) string { return tsqueryOf(q, begunLeast) }

func tsqueryOf(q string, begun int) string {
	list := terms(q)
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = strings.Join(t.words, " <-> ")
		if t.phrase {
			parts[i] = "(" + parts[i] + ")"
		} else if begins(list, i, begun) {
			parts[i] += ":*"
		}
	}
	return strings.Join(parts, " & ")
}

// begins reports whether the i-th of some terms is taken for the beginning of a
// word, as it is when it is the last and has at least so many letters.
func begins(list []term, i, least int) bool {
	return i == len(list)-1 && !list[i].phrase && len([]rune(list[i].words[0])) >= least
}

// holds is the condition that a work holds the words of argument $n.
func holds(n int) string { return fmt.Sprintf(`a.words @@ to_tsquery('simple', $%d)`, n) }

// hit is a work of a list, and what it is sorted by: how well it fits, when it was
// hung, in microseconds since 1970, or another number of it.
type hit struct{ id, rank int64 }

// hitRow is a hit as the database sends it.
type hitRow struct {
	ID   int64 `db:"id"`
	Rank int64 `db:"rank"`
}

func hits(rows []hitRow) []hit {
	list := make([]hit, len(rows))
	for i, r := range rows {
		list[i] = hit{r.ID, r.Rank}
	}
	return list
}

// Hits are the first works of a list and its counts. They are the same for
// everybody.
type Hits struct {
	first  []hit
	whole  bool // first is a page, or all that there is
	Facets Facets
}

// Search looks for the first page of a filter, and counts what it finds as Facets
// does.
func (s *Store) Search(ctx context.Context, f Filter) (Hits, error) {
	f.After = ""
	if found, ok, err := s.look(ctx, f); err != nil {
		return Hits{}, err
	} else if ok {
		defer found.release()
		return Hits{first: found.page(f), whole: true, Facets: found.facets()}, nil
	}
	if f.Sort != Best && f.Sort != Newest {
		counts, err := s.Facets(ctx, f)
		return Hits{Facets: counts}, err
	}
	query, args := f.searched()
	var rows []struct {
		counted
		ID   *int64 `db:"id"` // of one that is found; nil of a count
		Rank int64  `db:"rank"`
	}
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return Hits{}, fmt.Errorf("search: %w", err)
	}
	var found Hits
	var counts []counted
	for _, r := range rows {
		if r.ID != nil {
			found.first = append(found.first, hit{*r.ID, r.Rank})
		} else {
			counts = append(counts, r.counted)
		}
	}
	slices.SortFunc(found.first, func(a, b hit) int { return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.id, a.id)) })
	seen := tallied(counts)
	found.whole = seen.all < windowMost || f.Sort != Best && len(found.first) > artworksPage
	if conditions, _ := f.conditions(nil); !found.whole && f.Sort == Best {
		// The newest that hold the words are not all; there may be more that all facets find.
		found.whole = true
		if len(conditions) > 0 {
			var err error
			if found.first, err = s.best(ctx, f); err != nil {
				return Hits{}, err
			}
		}
	}
	var err error
	found.Facets, err = s.facets(ctx, f, seen)
	return found, err
}

// SearchPage shows the works that Search found to viewer, as Artworks does.
func (s *Store) SearchPage(ctx context.Context, viewer int64, f Filter, found Hits) (Page[Card], error) {
	if !found.whole {
		return s.Artworks(ctx, viewer, f)
	}
	return s.shown(ctx, viewer, f, found.first)
}

// shown is the page of a filter that begins with the works that were found, of
// which there may be one too many.
func (s *Store) shown(ctx context.Context, viewer int64, f Filter, found []hit) (Page[Card], error) {
	first := cut(found, artworksPage, func(h hit) string { return cursor(h.rank, h.id) })
	ids := make([]int64, len(first.Items))
	rank := make(map[int64]int64, len(first.Items))
	for i, h := range first.Items {
		ids[i], rank[h.id] = h.id, h.rank
	}
	cards, err := s.cards(ctx, viewer, ids, f.To)
	if err != nil {
		return Page[Card]{}, fmt.Errorf("list what was found: %w", err)
	}
	for i := range cards {
		switch c := &cards[i]; f.Sort {
		case Best:
			c.Rank = rank[c.ID]
		case Nearest:
			c.Near = rank[c.ID]
		}
	}
	return Page[Card]{Items: cards, Next: first.Next}, nil
}

// rankParts are what a text asks of the parts of a work, as tsquery reads it, and how much
// each counts.
func rankParts(q string) (asked []string, ranks []int64) {
	list := terms(q)
	for i, t := range list {
		for part, rank := range partRank {
			in := ":" + string("DCBA"[part])
			exact := strings.Join(t.words, in+" <-> ") + in
			asked, ranks = append(asked, exact), append(ranks, rank)
			if begins(list, i, begunLeast) {
				exact += "*"
			}
			asked, ranks = append(asked, exact), append(ranks, rank)
		}
	}
	return asked, ranks
}

// rankOf is how well words fit the rankParts that are arguments $n and $n+1.
func rankOf(words string, n int) string {
	return fmt.Sprintf("(100 * (SELECT COALESCE(sum(part.rank), 0) FROM unnest($%[2]d::text[]::tsquery[], $%[3]d::bigint[]) AS part (asked, rank) WHERE %[1]s @@ part.asked) - "+
		"LEAST(length(ts_filter(%[1]s, '{a}')), %[4]d))::bigint", words, n, n+1, mostBrief)
}

// best finds a page in the order of Best.
func (s *Store) best(ctx context.Context, f Filter) ([]hit, error) {
	query, args := f.best()
	var rows []hitRow
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits(rows), nil
}

// best is the query of a page in the order of Best, and its arguments.
func (f Filter) best() (string, []any) {
	where, args := f.where(nil)
	called, ranked, args := f.weighed(where, "found", args)
	after := ""
	if keys, ok := parseCursor(f.After, 2); ok {
		args = append(args, keys[0], keys[1])
		after = fmt.Sprintf(" WHERE (ranked.rank, ranked.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	return fmt.Sprintf(`
		WITH called AS MATERIALIZED (%s), found AS MATERIALIZED (
			SELECT a.id, a.words FROM artworks a WHERE %s ORDER BY %s LIMIT %d
		)
		SELECT id, rank FROM (%s) ranked%s ORDER BY rank DESC, id DESC LIMIT %d`,
		called, where, orderOf(Newest).by("a"), rankMost, ranked, after, artworksPage+1), args
}

// searched is the query that looks at the newest works that hold the words, if
// there are any, once: for the first page, and for the counts. Its arguments come
// with it.
func (f Filter) searched() (string, []any) {
	const counts = `SELECT miss, n, works, NULL::bigint AS id, 0::bigint AS rank FROM works`
	if f.Sort != Best {
		seen, args := f.seen("")
		return fmt.Sprintf(`
		WITH %s
		%s
		UNION ALL
		(SELECT 0, 0, '', id, (extract(epoch FROM listed_at) * 1000000)::bigint FROM seen WHERE miss = 0 ORDER BY listed_at DESC, id DESC LIMIT %d)`,
			seen, counts, artworksPage+1), args
	}
	seen, args := f.seen("a.words,")
	where, args := f.where(args)
	found := fmt.Sprintf("(SELECT id, words FROM seen WHERE miss = 0 ORDER BY listed_at DESC, id DESC LIMIT %d)", rankMost)
	called, ranked, args := f.weighed(where, found, args)
	return fmt.Sprintf(`
		WITH called AS MATERIALIZED (%s), %s, ranked AS (%s)
		%s
		UNION ALL
		(SELECT 0, 0, '', id, rank FROM ranked ORDER BY rank DESC, id DESC LIMIT %d)`,
		called, seen, ranked, counts, artworksPage+1), args
}

// weighed are two queries and their arguments: the works that are called just
// what is looked for, as a table called, and the works of found and those of
// called that are found too, with their ranks.
func (f Filter) weighed(where, found string, args []any) (called, ranked string, _ []any) {
	asked, ranks := rankParts(f.query())
	args = append(args, pq.Array(asked), pq.Array(ranks), foldWords(f.query()))
	words, title := len(args)-2, len(args)
	// These come from an index of their own: to fold every title that is found
	// would take longer than all the rest.
	called = fmt.Sprintf(`SELECT a.id FROM artworks a WHERE a.state = 'listed' AND fold(a.title) COLLATE "C" = $%d ORDER BY a.id DESC LIMIT %d`, title, rankMost)
	ranked = fmt.Sprintf(`
			SELECT id, max(%s + CASE WHEN id IN (SELECT id FROM called) THEN %d ELSE 0 END) AS rank
			FROM (
				SELECT id, words FROM %s weighed
				UNION ALL
				SELECT a.id, a.words FROM called CROSS JOIN LATERAL (
					SELECT a.id, a.words FROM artworks a WHERE a.id = called.id AND %s OFFSET 0) a
			) candidates GROUP BY id`, rankOf("words", words), calledRank, found, where)
	return called, ranked, args
}

// EndsEarly reports whether a list ends before all its works were shown, as one
// in the order of Best does when it has more than are weighed.
func (s *Store) EndsEarly(ctx context.Context, f Filter) (bool, error) {
	f = f.Clean()
	if f.Sort != Best {
		return false, nil
	}
	if !marked(f.query()) {
		if works, release, err := s.mirrored(ctx); err != nil {
			return false, err
		} else if works != nil {
			release()
			return false, nil
		}
	}
	n, err := s.CountArtworks(ctx, f)
	return n > rankMost, err
}

// LessWord is a search for all words of a query but one.
type LessWord struct {
	Word  string // that is left out, or a phrase
	Query string // what is left
	Works int    // that it finds, up to one more than RowCountMost
}

// LessWords counts what a filter would find without each of the words of its
// query. Those that would find nothing are left out, and so is all when there is
// but one.
func (s *Store) LessWords(ctx context.Context, f Filter) ([]LessWord, error) {
	words, query, args := f.lessWords()
	if len(words) == 0 {
		return nil, nil
	}
	found := func() []LessWord {
		return slices.DeleteFunc(words, func(w LessWord) bool { return w.Works == 0 })
	}
	if !marked(f.query()) {
		if works, release, err := s.mirrored(ctx); err != nil {
			return nil, err
		} else if works != nil {
			defer release()
			for i := range words {
				g := f
				g.Query = words[i].Query
				words[i].Works = min(works.find(g).count(), RowCountMost+1)
			}
			return found(), nil
		}
	}
	var counts []struct {
		Place int `db:"place"`
		Works int `db:"works"`
	}
	if err := s.db.SelectContext(ctx, &counts, query, args...); err != nil {
		return nil, fmt.Errorf("count without each word: %w", err)
	}
	for _, c := range counts {
		words[c.Place].Works = c.Works
	}
	return found(), nil
}

// lessWords are the words of a filter's query and the query that counts what it
// finds without each, with its arguments.
func (f Filter) lessWords() (words []LessWord, query string, args []any) {
	list := terms(f.query())
	if len(list) < 2 {
		return nil, "", nil
	}
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = strings.Join(t.words, " ")
		if t.phrase {
			parts[i] = `"` + parts[i] + `"`
		}
	}
	var counts []string
	for i, t := range list {
		g := f
		g.Query = strings.Join(slices.Delete(slices.Clone(parts), i, i+1), " ")
		words = append(words, LessWord{Word: strings.Join(t.words, " "), Query: g.Query})
		var where string
		where, args = g.where(args)
		counts = append(counts, fmt.Sprintf(`SELECT %d AS place, count(*) AS works FROM (SELECT FROM artworks a WHERE %s LIMIT %d) found`, i, where, RowCountMost+1))
	}
	return words, strings.Join(counts, " UNION ALL "), args
}

// Beside is what a search finds beside works.
type Beside struct {
	Artists   []FoundArtist
	Galleries []FoundGallery
}

// FoundArtist is an artist whose name a search finds.
type FoundArtist struct {
	Username string `db:"username"`
	Name     string `db:"name"`
	Town     string `db:"town"`
}

// FoundGallery is a public gallery whose title a search finds.
type FoundGallery struct {
	ID      int64  `db:"id"`
	Title   string `db:"title"`
	Curator string `db:"curator"`
}

const (
	foundArtists = `
		SELECT m.username, m.first_name || ' ' || m.last_name AS name, m.town FROM members m
		WHERE m.role = 'artist'
			AND to_tsvector('simple'::regconfig, fold(m.first_name || ' ' || m.last_name || ' ' || m.username)) @@ to_tsquery('simple', $1)
		ORDER BY lower(m.last_name), lower(m.first_name), m.id LIMIT $2`
	foundGalleries = `
		SELECT g.id, g.title, m.first_name || ' ' || m.last_name AS curator FROM galleries g JOIN members m ON m.id = g.collector_id
		WHERE g.visibility = 'public' AND to_tsvector('simple'::regconfig, fold(g.title)) @@ to_tsquery('simple', $1)
		ORDER BY g.rehung_at DESC, g.id DESC LIMIT $2`
	suggestedWorks = `
		SELECT a.id, a.title, m.first_name || ' ' || m.last_name AS artist FROM (
			SELECT id, title, artist_id FROM artworks
			WHERE state = 'listed' AND fold(title) COLLATE "C" >= $1 AND fold(title) COLLATE "C" < $2
			ORDER BY fold(title) COLLATE "C", id DESC LIMIT $3) a
		JOIN members m ON m.id = a.artist_id ORDER BY fold(a.title) COLLATE "C", a.id DESC`
)

// FindBeside returns the artists and public galleries that a search finds, a few
// of each.
func (s *Store) FindBeside(ctx context.Context, q string) (Beside, error) {
	var b Beside
	words := tsquery(Filter{Query: q}.query())
	if words == "" {
		return b, nil
	}
	err := s.db.SelectContext(ctx, &b.Artists, foundArtists, words, besideMost)
	if err == nil {
		err = s.db.SelectContext(ctx, &b.Galleries, foundGalleries, words, besideMost)
	}
	if err != nil {
		return Beside{}, fmt.Errorf("find artists and galleries: %w", err)
	}
	return b, nil
}

// Suggestions are what is offered while a query is typed.
type Suggestions struct {
	Artists []FoundArtist
	Works   []SuggestedWork
}

// SuggestedWork is a listed work whose title begins as a query does.
type SuggestedWork struct {
	ID     int64  `db:"id"`
	Title  string `db:"title"`
	Artist string `db:"artist"`
}

// Suggest returns a few artists and works for what is typed so far. Less than
// two letters suggest nothing.
func (s *Store) Suggest(ctx context.Context, q string) (Suggestions, error) {
	var found Suggestions
	q = Filter{Query: q}.query()
	begin := foldWords(q)
	if len([]rune(begin)) < 2 {
		return found, nil
	}
	err := s.db.SelectContext(ctx, &found.Artists, foundArtists, tsqueryOf(q, 2), suggestMost)
	if err == nil {
		err = s.db.SelectContext(ctx, &found.Works, suggestedWorks, begin, begin+string(unicode.MaxRune), suggestMost)
	}
	if err != nil {
		return Suggestions{}, fmt.Errorf("suggest: %w", err)
	}
	return found, nil
}

// Correction is a query as it was perhaps meant.
type Correction struct {
	Query string
	// Sure is false where a word of four letters has become another: many of these
	// are a letter apart, and one that no work has may be meant all the same.
	Sure bool
}

// Correct returns a query with each word that no listed work has replaced by the
// likeliest one that differs by a letter, or by two that changed places. ok is
// false when there is nothing to correct. It knows the words of the last
// RefreshVocabulary.
func (s *Store) Correct(ctx context.Context, q string) (c Correction, ok bool, err error) {
	var words []string
	for _, t := range terms(Filter{Query: q}.query()) {
		words = append(words, t.words...)
	}
	var near []struct {
		Typed string `db:"typed"`
		Word  string `db:"word"`
	}
	var list, forms, of []string
	for _, w := range words {
		if len([]rune(w)) >= 4 {
			list = append(list, w)
			for _, form := range deletions(w) {
				forms, of = append(forms, form), append(of, w)
			}
		}
	}
	if len(list) == 0 {
		return c, false, nil
	}
	err = s.db.SelectContext(ctx, &near, `
		SELECT t.typed, n.word FROM (
			SELECT typed, array_agg(form) AS forms FROM unnest($1::text[], $2::text[]) AS f (typed, form)
			WHERE NOT EXISTS (SELECT FROM vocabulary v WHERE v.word = typed COLLATE "C") GROUP BY typed) t
		CROSS JOIN LATERAL (SELECT word, works FROM vocabulary WHERE forms && t.forms ORDER BY works DESC, word LIMIT 50) n
		ORDER BY n.works DESC, n.word`, pq.Array(of), pq.Array(forms))
	if err != nil {
		return c, false, fmt.Errorf("correct a query: %w", err)
	}
	c.Sure = true
	for i, w := range words {
		// What is nearest goes before what is commonest.
		for most := 1; most <= 2 && words[i] == w; most++ {
			for _, n := range near {
				if n.Typed == w && apart(w, n.Word) <= most {
					words[i], ok = n.Word, true
					c.Sure = c.Sure && len([]rune(w)) > 4
					break
				}
			}
		}
	}
	c.Query = strings.Join(words, " ")
	return c, ok, nil
}

// deletions are a word and what is left of it without one of its letters.
func deletions(word string) []string {
	runes := []rune(word)
	list := []string{word}
	for i := range runes {
		list = append(list, string(slices.Concat(runes[:i], runes[i+1:])))
	}
	return list
}

// apart is how many letters have to be added, taken away, changed or swapped
// with the next to make one word the other.
func apart(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := d[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

// RefreshVocabulary renews the words that Correct knows and returns how many
// there are now. It takes at most a hundredth of the time: where it was renewed
// lately for what that cost, or is being renewed, it does nothing and returns 0.
func (s *Store) RefreshVocabulary(ctx context.Context) (words int, err error) {
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		var mine bool
		if err := tx.GetContext(ctx, &mine, `SELECT pg_try_advisory_xact_lock(hashtext('vocabulary'))
			AND NOT EXISTS (SELECT FROM vocabulary_made WHERE at + 100 * took > $1)`, s.now()); err != nil || !mine {
			return err
		}
		began := time.Now()
		for _, query := range []string{
			`CREATE TEMP TABLE seen (word text COLLATE "C" PRIMARY KEY, works integer) ON COMMIT DROP`,
			`INSERT INTO seen SELECT word, ndoc FROM ts_stat($$SELECT words FROM artworks WHERE state = 'listed'$$)
				WHERE char_length(word) BETWEEN 3 AND 40`,
			`DELETE FROM vocabulary v WHERE NOT EXISTS (SELECT FROM seen WHERE seen.word = v.word)`,
			`INSERT INTO vocabulary (word, works, forms)
				SELECT word, works, ARRAY(SELECT DISTINCT left(word, n - 1) || substr(word, n + 1)
					FROM generate_series(1, char_length(word) + 1) n) FROM seen
				ON CONFLICT (word) DO UPDATE SET works = excluded.works WHERE vocabulary.works <> excluded.works`,
		} {
			if _, err := tx.ExecContext(ctx, query); err != nil {
				return err
			}
		}
		if err := tx.GetContext(ctx, &words, `SELECT count(*) FROM seen`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO vocabulary_made (at, took) VALUES ($1, $2 * interval '1 microsecond')
			ON CONFLICT (one) DO UPDATE SET at = excluded.at, took = excluded.took`, s.now(), time.Since(began).Microseconds())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("refresh the vocabulary: %w", err)
	}
	return words, nil
}
