package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"openstudio/store"
)

// hub passes events to the open pages of members. Each page has a small
// buffer; one that does not keep up is told to ask for everything again.
type hub struct {
	mu      sync.Mutex
	streams map[int64]map[chan string]bool // by member
	closed  bool
}

func newHub() *hub { return &hub{streams: map[int64]map[chan string]bool{}} }

// open adds a stream of a member. It returns nil when the hub is closed.
func (h *hub) open(member int64) chan string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	ch := make(chan string, 8)
	if h.streams[member] == nil {
		h.streams[member] = map[chan string]bool{}
	}
	h.streams[member][ch] = true
	return ch
}

// leave takes a stream away again.
func (h *hub) leave(member int64, ch chan string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams[member], ch)
	if len(h.streams[member]) == 0 {
		delete(h.streams, member)
	}
}

// send passes an event to all streams of a member. A full buffer already holds
// events that make its page ask again, so what does not fit is left out.
func (h *hub) send(member int64, event string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.streams[member] {
		select {
		case ch <- event:
		default:
		}
	}
}

// sendAll passes an event to every stream.
func (h *hub) sendAll(event string) {
	h.mu.Lock()
	members := make([]int64, 0, len(h.streams))
	for m := range h.streams {
		members = append(members, m)
	}
	h.mu.Unlock()
	for _, m := range members {
		h.send(m, event)
	}
}

// close ends every stream and lets no new one begin.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, streams := range h.streams {
		for ch := range streams {
			close(ch)
		}
	}
	h.streams = map[int64]map[chan string]bool{}
}

// signal turns what the store tells into events of pages: "notified" for the
// bell, "orders" for lists of orders, "order-7" for the page of order 7, "talks" and
// "talk-7" for conversations, "image-7" for what shows photograph 7.
func (s *Server) signal(sig store.Signal) {
	if sig.Market {
		s.pages.clear()
		return
	}
	if sig.Told {
		s.hub.send(sig.Member, "notified")
	}
	if sig.Image != 0 {
		s.hub.send(sig.Member, "image-"+strconv.FormatInt(sig.Image, 10))
	}
	if sig.Talk != 0 {
		s.hub.send(sig.Member, "talks")
		s.hub.send(sig.Member, "talk-"+strconv.FormatInt(sig.Talk, 10))
	}
	if sig.Order != 0 {
		s.hub.send(sig.Member, "orders")
		s.hub.send(sig.Member, "order-"+strconv.FormatInt(sig.Order, 10))
	}
}

// resync follows a broken connection to the database: something may have been
// missed, so every page asks again.
func (s *Server) resync() {
	s.pages.clear()
	s.hub.sendAll("notified")
	s.hub.sendAll("orders")
	s.hub.sendAll("talks")
}

// events is the stream of a member's server-sent events.
func (s *Server) events(c echo.Context) error {
	m := member(c)
	ch := s.hub.open(m.ID)
	if ch == nil {
		return echo.ErrServiceUnavailable
	}
	defer s.hub.leave(m.ID, ch)

	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	// A stream outlives the server's write timeout.
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("open a stream: %w", err)
	}
	w.WriteHeader(http.StatusOK)
	// What happened between the page and its stream shows at once.
	if _, err := fmt.Fprint(w, "event: notified\ndata:\n\n"); err != nil {
		return nil
	}
	beat := time.NewTicker(25 * time.Second)
	defer beat.Stop()
	for {
		if err := rc.Flush(); err != nil {
			return nil
		}
		select {
		case event, open := <-ch:
			if !open {
				return nil
			}
			if _, err := fmt.Fprintf(w, "event: %s\ndata:\n\n", event); err != nil {
				return nil
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ":\n\n"); err != nil {
				return nil
			}
			// A session that was ended ends its streams, too.
			if _, err := s.Store.Session(c.Request().Context(), s.sessionToken(c)); err != nil {
				return nil
			}
		case <-c.Request().Context().Done():
			return nil
		}
	}
}
