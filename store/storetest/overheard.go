package storetest

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"openstudio/store"
)

// Statement is what a Store has asked of its database.
type Statement struct {
	SQL    string
	Values []string
	Null   []bool // of the values
}

// Overheard keeps the statements of a Store.
type Overheard struct {
	mu   sync.Mutex
	list []Statement
}

// Take returns the statements since the last time.
func (o *Overheard) Take() []Statement {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	return list
}

// Overhear opens a Store of which every statement is kept, as it goes to the
// database.
func (m *Market) Overhear(t testing.TB) (*store.Store, *Overheard) {
	t.Helper()
	o := &Overheard{}
	s := m.wired(t, func(client, server net.Conn) {
		go func() {
			defer client.Close()
			io.Copy(client, server)
		}()
		defer server.Close()
		o.pass(client, server)
	})
	return s, o
}

// pass carries the messages of a client, which PostgreSQL's documentation of its
// protocol describes, and keeps the statements among them.
func (o *Overheard) pass(client io.Reader, server io.Writer) {
	prepared := map[string]string{}
	for kind := make([]byte, 0, 1); ; kind = kind[:1] { // the first message has no kind
		head := make([]byte, len(kind)+4)
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(kind):])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if len(kind) > 0 {
			o.keep(head[0], fields(body), prepared)
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

func (o *Overheard) keep(kind byte, body fields, prepared map[string]string) {
	var said Statement
	switch kind {
	case 'P': // a name and a statement
		name := body.text()
		prepared[name] = body.text()
		return
	case 'Q':
		said.SQL = body.text()
	case 'B': // a portal, the name of a statement, formats, and values
		body.text()
		said.SQL = prepared[body.text()]
		for range body.number(2) {
			body.number(2)
		}
		for range body.number(2) {
			n := int32(body.number(4))
			said.Null, said.Values = append(said.Null, n < 0), append(said.Values, string(body.bytes(int(max(n, 0)))))
		}
	default:
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, said)
}

// fields are what is left of a message.
type fields []byte

func (f *fields) bytes(n int) []byte {
	b := (*f)[:n]
	*f = (*f)[n:]
	return b
}

func (f *fields) text() string {
	s, rest, _ := strings.Cut(string(*f), "\x00")
	*f = fields(rest)
	return s
}

func (f *fields) number(size int) uint32 {
	var n uint32
	for _, b := range f.bytes(size) {
		n = n<<8 | uint32(b)
	}
	return n
}
