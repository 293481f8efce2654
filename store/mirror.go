package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"iter"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// mirror keeps in memory what the filters and the search need of every listed work,
// some 650 bytes of each: a list of a million is then filtered, counted and sorted in a few
// thousandths of a second, where the works themselves lie all over a large table.
// The database stays the authority. Before each use it is asked which works
// changed since (00025_changed_works.sql), so that a mirror never shows less than
// what was committed when it was asked; and what it finds is read from there.
type mirror struct {
	mu      sync.RWMutex  // guards works and what is in it
	works   *mirrored     // nil until they were read
	reading chan struct{} // closed at the end of a reading that is under way
	err     error         // of the last reading
	readAt  time.Time
	// turns are as many as there are processors: what looks at all works for thousandths of
	// a second is done one after another, in the order in which it was asked, so that
	// nobody waits much longer than others.
	turns chan struct{}
}

// mirrored are the listed works. A work has a place, which is a bit in each set. It
// keeps it when it is no longer listed, and until its words change.
type mirrored struct {
	seen  seenUpTo
	asked time.Time // when seen was

	id      []int64         // by place
	sorted  int             // of so many places the ids go up
	later   map[int64]int32 // the places of the others
	listed  []int64         // in microseconds since 1970
	choices []uint32        // as tally reads them
	palette []float32       // paletteLength for each place
	centre  []centre        // by place

	price, width, height, longest, year ladder
	cost                                [zonesMost]ladder // delivered to each zone, in pence; unquoted
	towns                               townIndex

	all    set
	tagged [decadeFirst]set        // by the numbers of the column facets; nil for one that no work has
	cells  map[int64][]tint        // the wide colours in each cube of L*a*b*
	newest []int64                 // by word of a set: none of its works was hung later
	order  atomic.Pointer[[]int32] // the words from the newest; nil since one changed
	said   wordIndex               // what they say
	cards  deck                    // what they show
	moved  int                     // works that have another place since what they say changed
	read   int                     // how many works there were when they were read
}

// newMirrored has no works yet.
func newMirrored() *mirrored {
	return &mirrored{later: map[int64]int32{}, cells: map[int64][]tint{}, towns: townIndex{byName: map[string]int32{}}, asked: time.Now(),
		said: wordIndex{seed: maphash.MakeSeed(), holders: map[string]int32{}}}
}

// tint is a wide colour of a work.
type tint struct {
	place   int32
	l, a, b float32
}

// seenUpTo is a snapshot of the database, as pg_snapshot writes it, and the first
// and last transactions that tell it from others.
type seenUpTo struct {
	text       string
	xmin, xmax uint64
}

// set is a set of places.
type set []uint64

const (
	paletteLength = 20
	zonesMost     = len(Rates{})
	unquoted      = math.MaxInt32
	// oldMost is by how many transactions, and how long, a mirror in which nothing
	// changed may be behind the one that it says it has seen.
	oldMost      = 1000
	oldestMirror = 10 * time.Minute
	// mirrorWaits is how many works are read before the first list is shown. More
	// are read beside, and until then lists are looked for in the database.
	mirrorWaits = 50_000
	// wornLeast is by how many works a market grows at least before it is read anew.
	wornLeast = 1000
	// mirrorRetry is when works are read again that could not be read.
	mirrorRetry = 10 * time.Second
)

func (t set) has(place int32) bool { return t[place>>6]&(1<<(place&63)) != 0 }
func (t set) add(place int32)      { t[place>>6] |= 1 << (place & 63) }
func (t set) drop(place int32)     { t[place>>6] &^= 1 << (place & 63) }

func (t set) count() (n int) {
	for _, word := range t {
		n += bits.OnesCount64(word)
	}
	return n
}

// mirrored are the listed works as the database has them now, or nil while they
// are read, for somebody who looks at all of them. release ends their use; it may be
// called again.
func (s *Store) mirrored(ctx context.Context) (works *mirrored, release func(), err error) {
	for {
		works, err := s.upToDate(ctx)
		if works == nil || err != nil {
			return nil, nil, err
		}
		select {
		case s.mirror.turns <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		if s.mirror.use(works) {
			return works, sync.OnceFunc(func() {
				s.mirror.mu.RUnlock()
				<-s.mirror.turns
			}), nil
		}
		<-s.mirror.turns
	}
}

// upToDate are the listed works after they took over what changed until now, or nil
// while they are read.
func (s *Store) upToDate(ctx context.Context) (*mirrored, error) {
	for {
		works, seen, asked := s.mirror.now()
		if works == nil {
			if ready, err := s.readMirror(ctx); !ready || err != nil {
				return nil, err
			}
			continue
		}
		now, changed, lost, err := s.changedWorks(ctx, seen)
		if err != nil {
			return nil, err
		}
		switch current := len(changed) == 0; {
		case lost:
			s.mirror.forget(works)
		case current && now.xmin <= seen.xmin+oldMost && time.Since(asked) <= oldestMirror:
			return works, nil
		default:
			rows, err := s.worksToMirror(ctx, changed)
			if err != nil {
				return nil, err
			}
			// Where somebody else was faster, that was perhaps with less.
			if s.mirror.renew(works, seen, now, changed, rows) || current {
				return works, nil
			}
		}
	}
}

// use keeps what changes waiting until mu is unlocked for reading, unless the
// works are others by now.
func (m *mirror) use(works *mirrored) bool {
	m.mu.RLock()
	if m.works == works {
		return true
	}
	m.mu.RUnlock()
	return false
}

// now are the works, what they have seen, and when.
func (m *mirror) now() (*mirrored, seenUpTo, time.Time) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.works == nil {
		return nil, seenUpTo{}, time.Time{}
	}
	return m.works, m.works.seen, m.works.asked
}

// forget has the works read anew.
func (m *mirror) forget(works *mirrored) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.works == works {
		m.works = nil
	}
}

// renew takes over what changed, unless somebody did that since the works were
// as seen. rows are those of changed that are listed.
func (m *mirror) renew(works *mirrored, seen, now seenUpTo, changed []int64, rows []*mirroredWork) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.works != works || works.seen != seen {
		return false
	}
	for _, id := range changed {
		works.remove(id)
	}
	for i := range rows {
		works.add(rows[i])
	}
	works.seen, works.asked = now, time.Now()
	return true
}

// changedWorks are the ids of works that changed since a snapshot, and the snapshot
// that they were asked in. lost is true when that is no longer known.
func (s *Store) changedWorks(ctx context.Context, seen seenUpTo) (now seenUpTo, changed []int64, lost bool, err error) {
	var row struct {
		Snapshot string        `db:"snapshot"`
		Swept    string        `db:"swept"`
		Changed  pq.Int64Array `db:"changed"`
	}
	if err := s.getRow(ctx, &row, changedQuery, seen.text); err != nil {
		return now, nil, false, fmt.Errorf("ask which works changed: %w", err)
	}
	if now, err = parseSnapshot(row.Snapshot); err != nil {
		return now, nil, false, err
	}
	swept, err := strconv.ParseUint(row.Swept, 10, 64)
	if err != nil {
		return now, nil, false, fmt.Errorf("ask which works changed: %w", err)
	}
	return now, row.Changed, seen.xmin <= swept || now.xmax < seen.xmax, nil
}

const changedQuery = `
	SELECT pg_current_snapshot()::text AS snapshot, (SELECT xid FROM artwork_changes_swept)::text AS swept,
		ARRAY(SELECT DISTINCT artwork_id FROM artwork_changes
			WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)) AS changed`

func parseSnapshot(text string) (seenUpTo, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return seenUpTo{}, fmt.Errorf("a snapshot %q", text)
	}
	xmin, err := strconv.ParseUint(parts[0], 10, 64)
	if err != nil {
		return seenUpTo{}, fmt.Errorf("a snapshot: %w", err)
	}
	xmax, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return seenUpTo{}, fmt.Errorf("a snapshot: %w", err)
	}
	return seenUpTo{text, xmin, xmax}, nil
}

// SweepChangedWorks forgets which works changed long ago, and returns how many
// changes those were. Before, it reads the market or what changed in it: an
// instance that has not looked for longer has to read all works anew.
func (s *Store) SweepChangedWorks(ctx context.Context) (int, error) {
	if err := s.ReadMarket(ctx); err != nil {
		return 0, err
	}
	works, release, err := s.mirrored(ctx)
	if err != nil {
		return 0, err
	}
	if works != nil {
		worn := works.worn()
		release()
		if worn {
			<-s.startReading()
		}
	}
	var n int
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		// Of transactions that have not ended nothing is forgotten, so that those
		// who look often lose nothing.
		return tx.GetContext(ctx, &n, `
			WITH gone AS (
				DELETE FROM artwork_changes WHERE at < now() - interval '1 hour' AND xid < pg_snapshot_xmin(pg_current_snapshot()) RETURNING xid
			), swept AS (
				UPDATE artwork_changes_swept SET xid = GREATEST(xid, (SELECT max(xid) FROM gone)) WHERE EXISTS (SELECT FROM gone)
			)
			SELECT count(*) FROM gone`)
	})
	if err != nil {
		return 0, fmt.Errorf("sweep changed works: %w", err)
	}
	return n, nil
}

// ReadMarket reads what the filters need of every listed work, so that the first
// lists need not wait for it, and returns when that is done.
func (s *Store) ReadMarket(ctx context.Context) error {
	for {
		s.mirror.mu.RLock()
		read := s.mirror.works != nil
		s.mirror.mu.RUnlock()
		if read {
			return nil
		}
		select {
		case <-s.startReading():
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mirror.mu.RLock()
		err := s.mirror.err
		s.mirror.mu.RUnlock()
		if err != nil {
			return err
		}
	}
}

// readMirror reads the works, or lets somebody read them, and reports whether
// they are there.
func (s *Store) readMirror(ctx context.Context) (ready bool, err error) {
	s.mirror.mu.RLock()
	failed, at, busy := s.mirror.err, s.mirror.readAt, s.mirror.reading != nil
	s.mirror.mu.RUnlock()
	if failed != nil && !busy && time.Since(at) < mirrorRetry {
		return false, nil
	}
	about, err := s.aboutMarket(ctx)
	if err != nil {
		return false, err
	}
	done := s.startReading()
	if about > mirrorWaits {
		return false, nil
	}
	select {
	case <-done:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	s.mirror.mu.RLock()
	defer s.mirror.mu.RUnlock()
	return s.mirror.err == nil, nil
}

// aboutMarket is how many listed works there are, as the database guesses; it may
// be 0 or less where it does not know.
func (s *Store) aboutMarket(ctx context.Context) (n int, err error) {
	if err := s.getRow(ctx, &n, `SELECT reltuples::bigint FROM pg_class WHERE oid = 'artworks_newest'::regclass`); err != nil {
		return 0, fmt.Errorf("ask how many works there are: %w", err)
	}
	return n, nil
}

// startReading begins to read the works unless somebody does already. What it
// returns is closed at the end.
func (s *Store) startReading() <-chan struct{} {
	s.mirror.mu.Lock()
	defer s.mirror.mu.Unlock()
	if s.mirror.reading != nil {
		return s.mirror.reading
	}
	done := make(chan struct{})
	s.mirror.reading = done
	go func() {
		works, err := s.readWorks(s.open)
		s.mirror.mu.Lock()
		if err == nil {
			s.mirror.works = works
		}
		s.mirror.err, s.mirror.readAt, s.mirror.reading = err, time.Now(), nil
		s.mirror.mu.Unlock()
		close(done)
	}()
	return done
}

// mirroredWork is a work as the mirror reads it.
type mirroredWork struct {
	Card
	Weight  Hundredths `db:"weight"`
	Zone    int        `db:"zone"`
	Town    string     `db:"town"`
	Facets  []byte     `db:"facets"`
	Rates   []byte     `db:"rates"`
	Palette []byte     `db:"palette"`
	Words   []byte     `db:"words"`
}

// mirrorColumns read a mirroredWork from cardTables. What PostgreSQL sends of a
// palette is the same to the last bit.
const mirrorColumns = sameColumns + `,
	COALESCE(a.weight, 0) AS weight, a.zone, a.town, a.facets::text AS facets, a.rates::text AS rates, array_send(a.palette) AS palette, tsvectorsend(a.words) AS words`

// readWorks reads all listed works, and the snapshot that it sees.
func (s *Store) readWorks(ctx context.Context) (*mirrored, error) {
	works := newMirrored()
	about, err := s.aboutMarket(ctx)
	if err != nil {
		return nil, err
	}
	works.expect(about)
	// What the first statement sees, all of such a transaction sees.
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read works: %w", err)
	}
	defer tx.Rollback()
	var snapshot string
	if err := tx.GetContext(ctx, &snapshot, `SELECT pg_current_snapshot()::text`); err != nil {
		return nil, fmt.Errorf("read works: %w", err)
	}
	if works.seen, err = parseSnapshot(snapshot); err != nil {
		return nil, err
	}
	err = eachToMirror(ctx, tx, works.add, `SELECT `+mirrorColumns+` FROM `+cardTables+` WHERE a.state = 'listed' ORDER BY a.id`)
	works.finish()
	return works, err
}

// worksToMirror are those of some works that are listed.
func (s *Store) worksToMirror(ctx context.Context, ids []int64) (works []*mirroredWork, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = eachToMirror(ctx, s.db, func(w *mirroredWork) { works = append(works, w) },
		`SELECT `+mirrorColumns+` FROM `+cardTables+` WHERE a.id = ANY ($1) AND a.state = 'listed'`, pq.Array(ids))
	return works, err
}

func eachToMirror(ctx context.Context, db sqlx.QueryerContext, each func(*mirroredWork), query string, args ...any) error {
	rows, err := db.QueryxContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read works: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w mirroredWork
		if err := rows.StructScan(&w); err != nil {
			return fmt.Errorf("read works: %w", err)
		}
		each(&w)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read works: %w", err)
	}
	return nil
}

// place is where a work is or was.
func (w *mirrored) place(id int64) (place int32, ok bool) {
	i, ok := slices.BinarySearch(w.id[:w.sorted], id)
	if ok && w.all.has(int32(i)) {
		return int32(i), true
	}
	if place, ok := w.later[id]; ok {
		return place, true
	}
	return int32(i), ok
}

// expect makes room for n works and some more.
func (w *mirrored) expect(n int) {
	n = max(n, 0) + max(n, 0)/50 + 64
	w.id, w.listed, w.choices, w.towns.of = make([]int64, 0, n), make([]int64, 0, n), make([]uint32, 0, n), make([]int32, 0, n)
	for _, l := range w.ladders() {
		l.of = make([]int32, 0, n)
	}
	w.palette, w.centre = make([]float32, 0, n*paletteLength), make([]centre, 0, n)
	w.cards.at = make([]uint64, 0, n)
	w.said.sum, w.said.title, w.said.length = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint8, 0, n)
}

// ladders are the numbers that works are filtered and sorted by.
func (w *mirrored) ladders() []*ladder {
	list := []*ladder{&w.price, &w.width, &w.height, &w.longest, &w.year}
	for i := range w.cost {
		list = append(list, &w.cost[i])
	}
	return list
}

// finish is called when all works were read.
func (w *mirrored) finish() {
	w.read = len(w.id)
	w.said.finish()
	w.towns.finish()
	for _, l := range w.ladders() {
		l.raise()
	}
}

// worn reports whether so much has changed since the works were read that they should be
// read anew: what was left behind is given back, and ladders and towns are made for as many
// works as there are now.
func (w *mirrored) worn() bool {
	return w.moved > len(w.id)/4 || w.cards.left > w.cards.size/4 || len(w.id) > 2*w.read+wornLeast
}

// newPlace makes room for a work that had none.
func (w *mirrored) newPlace(id int64) int32 {
	place := int32(len(w.id))
	if w.sorted == len(w.id) && (place == 0 || w.id[place-1] < id) {
		w.sorted++
	} else {
		w.later[id] = place
	}
	w.id, w.listed, w.choices = append(w.id, id), append(w.listed, 0), append(w.choices, 0)
	w.palette, w.centre = append(w.palette, make([]float32, paletteLength)...), append(w.centre, centre{})
	if int(place)>>6 == len(w.all) {
		w.all, w.newest = append(w.all, 0), append(w.newest, 0)
		for i, t := range w.tagged {
			if t != nil {
				w.tagged[i] = append(t, 0)
			}
		}
	}
	for _, l := range w.ladders() {
		l.grow(len(w.all))
	}
	w.towns.grow(len(w.all))
	return place
}

// add takes a work up as it is now.
func (w *mirrored) add(work *mirroredWork) {
	place, known := w.place(work.ID)
	if known && w.said.sum[place] != maphash.Bytes(w.said.seed, work.Words) {
		// The lists of who holds a word only grow at their ends.
		known = false
		w.moved++
	}
	if !known {
		place = w.newPlace(work.ID)
		w.said.add(place, work.Words)
	}
	w.cards.put(place, &work.Card)
	w.all.add(place)
	w.listed[place] = work.ListedAt.UnixMicro()
	w.newest[place>>6] = max(w.newest[place>>6], w.listed[place])
	w.order.Store(nil)
	w.price.put(place, int32(work.Price))
	w.width.put(place, int32(work.Width))
	w.height.put(place, int32(work.Height))
	w.longest.put(place, int32(max(work.Width, work.Height)))
	w.year.put(place, int32(work.Year))
	w.towns.put(place, work.Town)
	choices := uint32(0)
	for tag := range bytes.SplitSeq(bytes.Trim(work.Facets, "{}"), []byte{','}) {
		if n, err := strconv.Atoi(string(tag)); err == nil && n > 0 && n < decadeFirst {
			if w.tagged[n] == nil {
				w.tagged[n] = make(set, len(w.all))
			}
			w.tagged[n].add(place)
			choices |= choice(n)
		}
	}
	w.choices[place] = choices
	var own Rates
	if len(work.Rates) > len("{}") {
		if err := own.Scan(work.Rates); err != nil {
			own = Rates{}
		}
	}
	for i := range w.cost {
		q := quoteBetween(work.Price, work.Medium, work.Width, work.Height, work.Depth, work.Weight, work.Zone, i+1, own)
		total := int32(unquoted)
		if !q.Unquoted {
			total = int32(min(q.Total(), unquoted-1))
		}
		w.cost[i].put(place, total)
	}
	palette := w.colours(int(place))
	readPalette(work.Palette, palette)
	w.centre[place] = centreOf(palette)
	for colour := range wideColours(palette) {
		cell := cellOf(colour)
		w.cells[cell] = append(w.cells[cell], tint{place, colour[0], colour[1], colour[2]})
	}
}

// remove takes a work out.
func (w *mirrored) remove(id int64) {
	place, ok := w.place(id)
	if !ok || !w.all.has(place) {
		return
	}
	w.all.drop(place)
	w.towns.drop(place)
	for _, t := range w.tagged {
		if t != nil {
			t.drop(place)
		}
	}
	for colour := range wideColours(w.colours(int(place))) {
		cell := cellOf(colour)
		w.cells[cell] = slices.DeleteFunc(w.cells[cell], func(t tint) bool { return t.place == place })
	}
}

// readPalette reads an array of real as PostgreSQL sends it: five numbers of its
// form, then each element after its length.
func readPalette(sent []byte, palette []float32) {
	clear(palette)
	for i := range palette {
		at := 20 + 8*i
		if at+8 > len(sent) {
			return
		}
		palette[i] = math.Float32frombits(binary.BigEndian.Uint32(sent[at+4:]))
	}
}

// centre is about the sum of the colours of a palette, each times its area, and in
// the last place that of the areas in hundredths: small enough to look at those of many
// works. An area below zero says that the sum is not known.
type centre [4]int8

func centreOf(palette []float32) centre {
	var sum [4]float64
	for ; len(palette) >= 4; palette = palette[4:] {
		area := float64(palette[3])
		for i, v := range palette[:3] {
			sum[i] += float64(v) * area
		}
		sum[3] += 100 * area
	}
	var c centre
	for i, v := range sum {
		if v = math.Round(v); !(math.Abs(v) <= math.MaxInt8) {
			return centre{3: -1}
		}
		c[i] = int8(v)
	}
	return c
}

// wide is the least share of a palette's area with which a work has a colour.
const wide = 0.15

// wideColours are the colours of a palette that a work has.
func wideColours(palette []float32) iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		for ; len(palette) >= 4; palette = palette[4:] {
			if float64(palette[3]) >= wide && !yield(palette) {
				return
			}
		}
	}
}

// cellOf is the cube of L*a*b* in which a colour lies, as cells numbers them.
func cellOf(colour []float32) int64 {
	l, a, b := float64(colour[0]), float64(colour[1]), float64(colour[2])
	return (int64(math.Floor(l/cellWidth))*cellsWide+int64(math.Floor((a-cellLeast)/cellWidth)))*cellsWide + int64(math.Floor((b-cellLeast)/cellWidth))
}
