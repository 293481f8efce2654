package storetest

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"openstudio/store"
)

// Lossy is a connection to the database that can lose a reply: the database
// commits, and the market never hears of it. To the market that looks the same as
// a commit that has never arrived, which it can lose, too.
type Lossy struct {
	armed   atomic.Bool
	dropped atomic.Bool
	Lost    atomic.Int64 // replies lost so far
	Dropped atomic.Int64 // commits that never arrived so far
}

// LoseNextCommit lets the reply of the next COMMIT get lost, with its connection.
func (l *Lossy) LoseNextCommit() { l.armed.Store(true) }

// DropNextCommit lets the next COMMIT get lost on its way, with its connection: the
// database rolls back.
func (l *Lossy) DropNextCommit() { l.dropped.Store(true) }

// Lossy opens a Store whose way to the database leads through a Lossy.
func (m *Market) Lossy(t testing.TB) (*store.Store, *Lossy) {
	t.Helper()
	var socket, name string
	if err := m.DB.QueryRow(`SELECT current_setting('unix_socket_directories'), current_database()`).Scan(&socket, &name); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "lossy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	l := &Lossy{}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(strings.Trim(socket, `"`), ".s.PGSQL.5432"))
			if err != nil {
				client.Close()
				return
			}
			go l.carry(client, server)
		}
	}()
	s, err := store.Open(context.Background(), store.Config{
		DSN:    "host=" + dir + " user=openstudio dbname=" + name + " sslmode=disable",
		Secret: []byte(Secret), Now: m.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, l
}

// carry passes bytes both ways until a COMMIT is to be lost.
func (l *Lossy) carry(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	var losing atomic.Bool
	go func() {
		defer server.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			commit := bytes.Contains(buf[:n], []byte("COMMIT\x00"))
			if commit && l.dropped.CompareAndSwap(true, false) {
				l.Dropped.Add(1)
				client.Close()
				return
			}
			if commit && l.armed.CompareAndSwap(true, false) {
				losing.Store(true)
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if losing.Load() && (err == nil || err == io.EOF) {
			l.Lost.Add(1)
			return // the reply has come, and stays here
		}
		if err != nil {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}
