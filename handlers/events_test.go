package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// stream opens a member's event stream and returns the names of its events.
func stream(t *testing.T, site *handlertest.Site, b *handlertest.Browser) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, site.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %q", res.StatusCode, res.Header.Get("Content-Type"))
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- name
			}
		}
	}()
	return events
}

// await waits for events in any order.
func await(t *testing.T, events <-chan string, names ...string) {
	t.Helper()
	missing := map[string]bool{}
	for _, n := range names {
		missing[n] = true
	}
	deadline := time.After(10 * time.Second)
	for len(missing) > 0 {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the stream ended without %v", missing)
			}
			delete(missing, e)
		case <-deadline:
			t.Fatalf("nothing was told of %v", missing)
		}
	}
}

func TestEventsCrossInstances(t *testing.T) {
	t.Parallel()
	here := handlertest.New(t)
	there := handlertest.Open(t, here.Market)
	o := here.Order(t, here.Ben, here.Work(t, here.Ana, storetest.Work{}), store.Pending)

	ben := there.SignedIn(t, here.Ben)
	bens := stream(t, there, ben)
	await(t, bens, "notified") // the greeting
	cleos := stream(t, there, there.SignedIn(t, here.Cleo))
	await(t, cleos, "notified")

	ana := here.SignedIn(t, here.Ana)
	if a := ana.Post(fmt.Sprintf("/orders/%d/acceptance", o.ID)); a.Status != http.StatusSeeOther {
		t.Fatalf("accept: %d\n%s", a.Status, a.Body)
	}
	await(t, bens, "notified", "orders", fmt.Sprintf("order-%d", o.ID))
	select {
	case e := <-cleos:
		t.Errorf("an outsider was told %q", e)
	default:
	}

	// A session that is ended ends its streams, and a broken database connection
	// makes every page ask again.
	here.Break(t)
	await(t, bens, "notified", "orders")
}

func TestEventsNeedAMember(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	if a := site.Visitor(t).Get("/events"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
		t.Errorf("%d to %q", a.Status, a.Location)
	}
}
