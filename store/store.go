// Package store is the model of the market: what members, artworks, galleries
// and orders are, who may do what with them, and how they are kept in
// PostgreSQL. Every exported method that writes does so in one transaction.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"openstudio/migrations"
)

// Config says which database a Store works on.
type Config struct {
	// DSN is a lib/pq connection string or URL.
	DSN string
	// MaxConnections bounds the pool; 0 means 20.
	MaxConnections int
	// Secret derives the tokens of password letters. At least 32 bytes.
	Secret []byte
	// Now is the market's clock; nil means the machine's.
	Now func() time.Time
	// Deadlines are how long the steps of an order may take.
	Deadlines Deadlines
	// Direct says that collectors pay artists directly: nobody accepts who has no
	// bank details here.
	Direct bool
	// Accounts is the gateway that pays artists into accounts of their own: nobody
	// accepts who has none that is ready. "" is none.
	Accounts string
	// Commission is what the market keeps of a sale.
	Commission Commission
}

// Store reads and writes the market. It is safe for concurrent use; any number
// of Stores, in any number of processes, may share one database.
type Store struct {
	db     *sqlx.DB
	dsn    string
	secret []byte
	clock  func() time.Time

	deadlines  Deadlines
	commission Commission
	direct     bool
	accounts   string
	passwords  passwordHasher
	prepared   sync.Map // SQL text -> *sqlx.Stmt
	mirror     mirror
	open       context.Context // until Close
	shut       context.CancelFunc
}

// Open connects to the database, brings its schema up to date and returns the
// Store. It fails when the database cannot be reached.
func Open(ctx context.Context, c Config) (*Store, error) {
	config, err := pq.NewConfig(c.DSN)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	// A query and its values go to the database in one message, not first the one and
	// then the others. A []byte is then a bytea, and nothing else.
	config.BinaryParameters = true
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	if c.MaxConnections == 0 {
		c.MaxConnections = 20
	}
	db.SetMaxOpenConns(c.MaxConnections)
	db.SetMaxIdleConns(c.MaxConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := migrations.Up(ctx, db.DB); err != nil {
		db.Close()
		return nil, err
	}
	open, shut := context.WithCancel(context.WithoutCancel(ctx))
	return &Store{open: open, shut: shut, db: db, dsn: c.DSN, secret: c.Secret, clock: c.Now, deadlines: c.Deadlines.filled(), commission: c.Commission, direct: c.Direct, accounts: c.Accounts, passwords: newPasswordHasher(),
		mirror: mirror{turns: make(chan struct{}, runtime.GOMAXPROCS(0))}}, nil
}

// Close ends the connections to the database.
func (s *Store) Close() error {
	s.shut()
	return s.db.Close()
}

// Ready says whether the database answers and has every migration.
func (s *Store) Ready(ctx context.Context) error {
	pending, err := migrations.Pending(ctx, s.db.DB)
	if err != nil {
		return err
	}
	if pending {
		return fmt.Errorf("the schema is not up to date")
	}
	return nil
}

// now is the market's time, in UTC and cut to the microseconds that
// PostgreSQL keeps.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// inTx runs f in one transaction and commits it when f returns nil. A failed
// commit means that the outcome is unknown: callers whose write has a natural
// key read again by that key, nobody repeats the write blindly.
func (s *Store) inTx(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// stmt returns the prepared statement of a query that is asked often. Only
// reads come here: outside a transaction lib/pq repeats a statement whose
// reply was lost.
func (s *Store) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if st, ok := s.prepared.Load(query); ok {
		return st.(*sqlx.Stmt), nil
	}
	st, err := s.db.PreparexContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if first, loaded := s.prepared.LoadOrStore(query, st); loaded {
		st.Close()
		return first.(*sqlx.Stmt), nil
	}
	return st, nil
}

// selectRows fills dest, a pointer to a slice, by a prepared read.
func (s *Store) selectRows(ctx context.Context, dest any, query string, args ...any) error {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return err
	}
	return st.SelectContext(ctx, dest, args...)
}

// getRow fills dest by a prepared read of one row; no row is ErrNotFound.
func (s *Store) getRow(ctx context.Context, dest any, query string, args ...any) error {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return err
	}
	return found(st.GetContext(ctx, dest, args...))
}

// found turns "no rows" into ErrNotFound.
func found(err error) error {
	if err == sql.ErrNoRows {
		return ErrNotFound
	}
	return err
}

// violates reports whether err is PostgreSQL's refusal by the named constraint
// or unique index.
func violates(err error, constraint string) bool {
	pe, ok := errorAs[*pq.Error](err)
	return ok && pe.Constraint == constraint
}
