package main

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/sessions"
	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// crowded is a market with a crowd before its doors: several instances of the
// program that share a database and a secret, and nothing else.
type crowded struct {
	*storetest.Market
	t         *testing.T
	instances []*instance
	bases     []string // their addresses
	data      []string // their folders
	http      *http.Client
	gateway   *payment.Test
	faults    atomic.Int64 // answers of 500 and more
}

// person is somebody of the crowd, signed in.
type person struct {
	store.Member
	cookie  *http.Cookie
	address string
}

// reply is what a person was told, and when.
type reply struct {
	status int
	hx     string // where HTMX goes
	body   string
	asked  time.Time
	came   time.Time
	err    error
}

func (r reply) took() time.Duration { return r.came.Sub(r.asked) }

// newCrowded is a new market on the machine's own time, before it opens.
func newCrowded(t *testing.T) *crowded {
	t.Helper()
	c := &crowded{Market: storetest.New(t), t: t, gateway: payment.NewTest([]byte(storetest.Secret), nil)}
	c.Clock.Advance(time.Since(c.Clock.Now()))
	return c
}

// open opens n instances; far is the round trip to their database beside what it is
// anyway.
func (c *crowded) open(n int, far time.Duration) {
	t := c.t
	t.Helper()
	m := *c.Market
	if far > 0 {
		m.DSN = c.Far(t, far)
	}
	c.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}, Timeout: 2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(c.http.CloseIdleConnections)
	for range n {
		data, port := t.TempDir(), unusedPort(t)
		if err := os.WriteFile(filepath.Join(data, "secret"), []byte(storetest.Secret), 0o600); err != nil {
			t.Fatal(err)
		}
		c.data = append(c.data, data)
		c.bases = append(c.bases, "http://localhost:"+port)
		c.instances = append(c.instances, startInstance(t, &m, data, port))
	}
}

// base is the instance that the nth of many asks.
func (c *crowded) base(n int) string { return c.bases[n%len(c.bases)] }

// people are n more collectors, signed in.
func (c *crowded) people(n int) []person {
	c.t.Helper()
	return c.signedIn(c.Collectors(c.t, n)...)
}

// signedIn signs members in behind the market's back: making so many passwords
// would take longer than all that they come for. The cookie is the market's own
// way of writing a session's token.
func (c *crowded) signedIn(members ...store.Member) []person {
	c.t.Helper()
	key := func(use string, length int) []byte {
		k, err := hkdf.Key(sha256.New, []byte(storetest.Secret), nil, use, length)
		if err != nil {
			c.t.Fatal(err)
		}
		return k
	}
	cookies := sessions.NewCookieStore(key("openstudio cookie signature", 64), key("openstudio cookie encryption", 32))
	var people []person
	var ids []int64
	var hashes [][]byte
	for _, m := range members {
		var token [32]byte
		rand.Read(token[:])
		hash := sha256.Sum256(token[:])
		ids, hashes = append(ids, m.ID), append(hashes, hash[:])
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		session, err := cookies.New(r, "session")
		if err != nil {
			c.t.Fatal(err)
		}
		session.Values["token"] = base64.RawURLEncoding.EncodeToString(token[:])
		if err := session.Save(r, w); err != nil {
			c.t.Fatal(err)
		}
		people = append(people, person{Member: m, cookie: w.Result().Cookies()[0], address: fmt.Sprintf("10.%d.%d.%d", m.ID>>16&255, m.ID>>8&255, m.ID&255)})
	}
	_, err := c.DB.Exec(`
		INSERT INTO sessions (token_hash, member_id, device, created_at, seen_at, expires_at)
		SELECT hash, member, 'Firefox on Linux', now(), now(), now() + interval '1 day' FROM unnest($1::bytea[], $2::bigint[]) AS s (hash, member)`,
		pq.ByteaArray(hashes), pq.Array(ids))
	if err != nil {
		c.t.Fatal(err)
	}
	return people
}

// ask sends a request of a person, or of nobody, and waits for the answer.
func (c *crowded) ask(who *person, method, address, body string, headers ...string) reply {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	if who != nil {
		r.AddCookie(who.cookie)
		r.Header.Set("X-Forwarded-For", who.address)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	told := reply{asked: time.Now()}
	answer, err := c.http.Do(r)
	if err != nil {
		return reply{asked: told.asked, came: time.Now(), err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	told.status, told.hx, told.body, told.err, told.came = answer.StatusCode, answer.Header.Get("HX-Redirect"), string(text), err, time.Now()
	if told.status >= 500 {
		c.faults.Add(1)
	}
	return told
}

// press sends a form, whose fields are given as pairs.
func (c *crowded) press(who person, address string, fields ...string) reply {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return c.ask(&who, http.MethodPost, address, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true")
}

// deliver sends a message of the gateway to an instance.
func (c *crowded) deliver(base string, kind payment.Kind, a payment.Attempt) reply {
	body, signature := c.gateway.Message(kind, a)
	return c.ask(nil, http.MethodPost, base+"/webhooks/payments", string(body), payment.SignatureHeader, signature)
}

// at once runs do n times at the same time and returns what each was told.
func atOnce(n int, do func(i int) reply) []reply {
	replies := make([]reply, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			replies[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return replies
}

// requestFields are those of the form by which a member asks for a work.
func requestFields(m store.Member, key string, seen store.Pence) []string {
	return []string{"key", key, "seen", strconv.FormatInt(int64(seen), 10), "address", m.Address, "town", m.Town, "postcode", m.Postcode, "line", "1"}
}

// hxOrder is the order whose page an answer leads to.
func hxOrder(r reply) (int64, error) {
	if r.err != nil {
		return 0, r.err
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(r.hx, "/orders/"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%d to %q: %.300s", r.status, r.hx, r.body)
	}
	return id, nil
}

// sound fails for every answer that no program in order gives, and for every fault
// that an instance has logged.
func (c *crowded) sound() {
	c.t.Helper()
	if n := c.faults.Load(); n > 0 {
		c.t.Errorf("%d answers of 500 or more", n)
	}
	for _, i := range c.instances {
		if words := i.words(); strings.Contains(words, "level=ERROR") || strings.Contains(words, "panic") {
			c.t.Errorf("logged:\n%.4000s", words)
		}
	}
}

// stream is a page of a member that stays open.
type stream struct {
	mu    sync.Mutex
	heard map[string][]time.Time
	more  chan struct{}
}

// listen opens the stream of a page and returns when it flows.
func (c *crowded) listen(who person, base string) (*stream, error) {
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, base+"/events", nil)
	if err != nil {
		return nil, err
	}
	r.AddCookie(who.cookie)
	open := http.Client{Transport: c.http.Transport}
	answer, err := open.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("a stream: %s", answer.Status)
	}
	s := &stream{heard: map[string][]time.Time{}, more: make(chan struct{}, 1)}
	lines := bufio.NewScanner(answer.Body)
	flows := make(chan struct{})
	go func() {
		defer answer.Body.Close()
		for n := 0; lines.Scan(); {
			event, ok := bytes.CutPrefix(lines.Bytes(), []byte("event: "))
			if !ok {
				continue
			}
			if n++; n == 1 { // the first one comes with the stream
				close(flows)
				continue
			}
			s.mu.Lock()
			s.heard[string(event)] = append(s.heard[string(event)], time.Now())
			s.mu.Unlock()
			select {
			case s.more <- struct{}{}:
			default:
			}
		}
	}()
	select {
	case <-flows:
		return s, nil
	case <-time.After(time.Minute):
		return nil, fmt.Errorf("a stream does not flow")
	}
}

// after is when an event came first that came after a time.
func (s *stream) after(event string, since time.Time) (time.Time, error) {
	limit := time.After(time.Minute)
	for {
		s.mu.Lock()
		times := s.heard[event]
		s.mu.Unlock()
		if i := slices.IndexFunc(times, since.Before); i >= 0 {
			return times[i], nil
		}
		select {
		case <-s.more:
		case <-limit:
			return time.Time{}, fmt.Errorf("no %s came", event)
		}
	}
}

// spread says how long things took.
func spread(times []time.Duration) string {
	times = slices.Sorted(slices.Values(times))
	ms := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("median %v, p99 %v, longest %v", ms(times[len(times)/2]), ms(times[len(times)*99/100]), ms(times[len(times)-1]))
}
