package storetest

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openstudio/store"
)

// wire lays a way to the market's database that ends at a socket or, as "tcp4", at a
// port of its own. carry has each connection and closes both of its sides.
func (m *Market) wire(t testing.TB, network string, carry func(client, server net.Conn)) (dsn string) {
	t.Helper()
	var socket, name string
	if err := m.DB.QueryRow(`SELECT current_setting('unix_socket_directories'), current_database()`).Scan(&socket, &name); err != nil {
		t.Fatal(err)
	}
	const file = ".s.PGSQL.5432"
	address := "127.0.0.1:0"
	if network == "unix" {
		dir, err := os.MkdirTemp("", "wire") // a test's own folder may be too deep for a socket
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		address = filepath.Join(dir, file)
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(strings.Trim(socket, `"`), file))
			if err != nil {
				client.Close()
				return
			}
			go carry(client, server)
		}
	}()
	dsn = "host=" + filepath.Dir(address)
	if network != "unix" {
		host, port, _ := net.SplitHostPort(listener.Addr().String())
		dsn = "host=" + host + " port=" + port
	}
	return dsn + " user=openstudio dbname=" + name + " sslmode=disable"
}

// wired opens a Store whose way to the database is carried by carry.
func (m *Market) wired(t testing.TB, carry func(client, server net.Conn)) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{DSN: m.wire(t, "unix", carry), Secret: []byte(Secret), Now: m.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
