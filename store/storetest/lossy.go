package storetest

import (
	"bytes"
	"io"
	"net"
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
	l := &Lossy{}
	return m.wired(t, l.carry), l
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
