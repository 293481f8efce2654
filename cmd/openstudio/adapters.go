package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/localpg"
	"openstudio/store/mail"
	"openstudio/store/payment"
)

// market is the store with what it stands on.
type market struct {
	*store.Store
	dsn      string
	images   map[string]imagehost.Host // by name
	secret   []byte
	postgres *localpg.Server // nil when the database is given
}

// open starts the market's own PostgreSQL unless a database is given, brings
// the schema up to date, and opens the pictures.
func (p *program) open(ctx context.Context) (*market, error) {
	m := &market{}
	err := m.open(ctx, p)
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *market) open(ctx context.Context, p *program) (err error) {
	if err := os.MkdirAll(p.DataDir, 0o755); err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if m.secret, err = p.secret(); err != nil {
		return err
	}
	if m.images, err = p.hosts(); err != nil {
		return err
	}
	m.dsn = p.DatabaseURL
	if m.dsn == "" {
		if m.postgres, err = localpg.Start(ctx, localpg.Options{Dir: p.DataDir, Log: p.log}); err != nil {
			return err
		}
		m.dsn = m.postgres.DSN("openstudio")
	}
	c := store.Config{DSN: m.dsn, Secret: m.secret, Deadlines: p.Deadlines, Commission: p.Commission, Direct: p.Payments == payment.DirectName}
	if p.Payments == byStripe {
		c.Accounts = byStripe
	}
	m.Store, err = store.Open(ctx, c)
	return err
}

// installPostgres sees to it that there is a PostgreSQL to start, where none is
// given, and says where its programs are.
func (p *program) installPostgres(ctx context.Context) (localpg.Binaries, error) {
	bin, err := localpg.Find(p.DataDir)
	if !errors.Is(err, localpg.ErrNotInstalled) {
		return bin, err
	}
	if err := localpg.Install(ctx, p.DataDir, p.err); err != nil {
		return bin, err
	}
	return localpg.Find(p.DataDir)
}

// close closes the store, then the database.
func (m *market) close() {
	if m.Store != nil {
		m.Store.Close()
	}
	if m.postgres != nil {
		m.postgres.Stop()
	}
}

// lost is closed when the market's own PostgreSQL has ended by itself. For a
// given database it is nil: the pool connects again when that comes back.
func (m *market) lost() <-chan struct{} {
	if m.postgres == nil {
		return nil
	}
	return m.postgres.Done()
}

// The names of the hosts that keep pictures, as the database writes them.
const (
	diskHost       = "disk"
	cloudinaryHost = "cloudinary"
)

// hosts opens the places where pictures are kept: the data folder always, so that
// a market can move, and Cloudinary where an account is named.
func (c Config) hosts() (map[string]imagehost.Host, error) {
	disk, err := imagehost.NewDisk(filepath.Join(c.DataDir, "images"))
	if err != nil {
		return nil, err
	}
	hosts := map[string]imagehost.Host{diskHost: disk}
	if c.Cloudinary != "" {
		if hosts[cloudinaryHost], err = imagehost.NewCloudinary(c.Cloudinary); err != nil {
			return nil, err
		}
	}
	return hosts, nil
}

// imageHost is the name of the host that keeps new pictures.
func (c Config) imageHost() string {
	if c.Cloudinary != "" {
		return cloudinaryHost
	}
	return diskHost
}

// darkroom is where the market's pictures are made, one at a time, so that memory
// stays small.
func (p *program) darkroom(m *market) *handlers.Darkroom {
	return handlers.NewDarkroom(m.Store, m.images, p.imageHost(), imagehost.NewPreparer(1, imagehost.FindVips()), p.log)
}

// gateway opens the way by which collectors pay.
func (p *program) gateway(m *market) (payment.Gateway, error) {
	switch p.Payments {
	case byStripe:
		return payment.NewStripe(p.Stripe)
	case payment.DirectName:
		return payment.Direct{}, nil
	}
	return payment.NewTest(m.secret, nil), nil
}

// sender opens the way by which letters go out.
func (p *program) sender() (mail.Sender, error) {
	if p.SMTP != "" {
		return mail.NewSMTP(p.SMTP, p.MailFrom)
	}
	return mail.NewLog(p.log), nil
}

// secret is the one that the environment gives or, in DEV, one that is made at
// random and kept in the data folder, so that sessions survive a restart.
func (c Config) secret() ([]byte, error) {
	if c.Secret != "" {
		return []byte(c.Secret), nil
	}
	secret, err := keptSecret(filepath.Join(c.DataDir, "secret"))
	if err != nil {
		return nil, fmt.Errorf("keep a secret: %w", err)
	}
	return secret, nil
}

func keptSecret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	if err == nil && len(secret) >= 32 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err == nil {
		return nil, fmt.Errorf("%s is damaged; remove it, and everybody signs in again", path)
	}
	// Written beside and linked into place: never half a secret, and one for all
	// who start at once.
	f, err := os.CreateTemp(filepath.Dir(path), "secret-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	secret = []byte(rand.Text() + rand.Text())
	if _, err = f.Write(secret); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return keptSecret(path)
	}
	return secret, err
}
