package storetest

import (
	"io"
	"net"
	"testing"
	"time"
)

// Far returns a way to the market's database that is as slow as to a database in
// another town: what is asked and what is answered each need half of the round
// trip.
func (m *Market) Far(t testing.TB, roundTrip time.Duration) (dsn string) {
	t.Helper()
	return m.wire(t, "tcp4", func(client, server net.Conn) {
		go delay(client, server, roundTrip/2)
		delay(server, client, roundTrip/2)
	})
}

// delay carries bytes to the other side, each part so much later than it came, as
// many at a time as are under way.
func delay(from, to net.Conn, late time.Duration) {
	type part struct {
		due   time.Time
		bytes []byte
	}
	parts := make(chan part, 1024)
	go func() {
		defer to.Close()
		for p := range parts {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				break
			}
		}
		from.Close()
		for range parts { // until the reader has ended, too
		}
	}()
	defer close(parts)
	for {
		buf := make([]byte, 16<<10)
		n, err := from.Read(buf)
		if n > 0 {
			parts <- part{time.Now().Add(late), buf[:n]}
		}
		if err != nil {
			if err != io.EOF {
				from.Close()
			}
			return
		}
	}
}
