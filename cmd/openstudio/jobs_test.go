package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/mail"
	"openstudio/store/payment"
	"openstudio/store/storetest"
)

// pillar takes letters, or refuses those to some addresses.
type pillar struct {
	mu      sync.Mutex
	letters []mail.Message
	refuse  string
}

func (p *pillar) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != "" && strings.Contains(m.To, p.refuse) {
		return errors.New("no such mailbox")
	}
	p.letters = append(p.letters, m)
	return nil
}

func clockOf(t *testing.T, m *storetest.Market, sender mail.Sender) *jobs {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	darkroom := handlers.NewDarkroom(m.Store, map[string]imagehost.Host{diskHost: disk(t)}, diskHost, imagehost.NewPreparer(1, ""), log)
	return &jobs{m.Store, darkroom, handlers.NewTill(m.Store, payment.NewTest([]byte("a secret of the tests, 32 bytes."), nil), "https://art.example.org", log), "https://art.example.org", sender, "art.example.org", "bounce@art.example.org", log}
}

func TestLettersAreSentOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	for range 3 {
		m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	}
	var waiting int
	if err := m.DB.Get(&waiting, `SELECT count(*) FROM outbox`); err != nil || waiting < 9 {
		t.Fatalf("%d letters wait, %v", waiting, err)
	}
	box := &pillar{}
	var all sync.WaitGroup
	for range 3 { // as three instances would
		all.Go(func() {
			if _, err := clockOf(t, m, box).sendLetters(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(box.letters) != waiting {
		t.Errorf("%d letters went out, not %d", len(box.letters), waiting)
	}
	ids := map[string]bool{}
	for _, l := range box.letters {
		if ids[l.MessageID] || !strings.HasSuffix(l.MessageID, "@art.example.org") {
			t.Errorf("letter id %s", l.MessageID)
		}
		ids[l.MessageID] = true
		if !strings.Contains(l.Text, "https://art.example.org/orders/") || l.Subject == "" {
			t.Errorf("letter %+v", l)
		}
		if strings.Contains(l.Text, m.Ben.Postcode) {
			t.Errorf("an address is in %q", l.Text)
		}
	}
}

func TestALetterThatFailsWaitsAndTheOthersGo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted) // one letter to Ana, two to Ben
	box := &pillar{refuse: m.Ana.Email}
	jobs := clockOf(t, m, box)
	if sent, err := jobs.sendLetters(ctx); sent != 2 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	box.refuse = ""
	if sent, err := jobs.sendLetters(ctx); sent != 0 || err != nil {
		t.Errorf("sent %d at once again, %v", sent, err)
	}
	m.Clock.Advance(2 * time.Minute)
	if sent, err := jobs.sendLetters(ctx); sent != 1 || err != nil {
		t.Errorf("sent %d after a pause, %v", sent, err)
	}
}

// TestAFreePieceWakesTheClock gives a hold back, and the next in line comes up at
// once, not when the clock would look by itself.
func TestAFreePieceWakesTheClock(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	overdue := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	m.Clock.Advance(store.CompletesAfter)
	held := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	next := m.Ask(t, m.Cleo, held.ArtworkID)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		clockOf(t, m, &pillar{}).run(ctx)
		close(ended)
	}()
	becomes := func(id int64, status store.Status, soon time.Duration) {
		t.Helper()
		until := time.Now().Add(soon)
		for is := store.Status(""); is != status; {
			if err := m.DB.Get(&is, `SELECT status FROM orders WHERE id = $1`, id); err != nil {
				t.Fatal(err)
			}
			if is != status && time.Now().After(until) {
				t.Fatalf("order %d is still %s", id, is)
			}
		}
	}
	becomes(overdue.ID, store.Completed, time.Minute) // the clock has looked
	for hears := false; !hears; {
		if err := m.DB.Get(&hears, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%')`); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Store.CancelOrder(ctx, m.Ben, held.ID); err != nil {
		t.Fatal(err)
	}
	becomes(next.ID, store.Accepted, orderTime/2)
	stop()
	<-ended
}

func TestJobsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	m.Clock.Advance(store.CompletesAfter)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		clockOf(t, m, &pillar{}).run(ctx)
		close(ended)
	}()
	for completed := 0; completed == 0; {
		if err := m.DB.Get(&completed, `SELECT count(*) FROM orders WHERE status = 'completed'`); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the jobs go on")
	}
}

func TestUnreadMessagesGoByLetter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk, err := m.Store.AskAbout(ctx, m.Ben, m.Work(t, m.Ana, storetest.Work{Title: "Sill, March"}), store.MessageForm{Text: "Does it need <b>a frame</b>?"})
	if err == nil {
		err = m.Store.SendMessage(ctx, m.Ben, talk, store.MessageForm{Text: "One line.\nAnother."})
	}
	if err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(store.LetterAfter)
	box := &pillar{}
	var all sync.WaitGroup
	for range 3 { // as three instances would
		all.Go(func() {
			if _, err := clockOf(t, m, box).sendLetters(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(box.letters) != 1 {
		t.Fatalf("%d letters went out", len(box.letters))
	}
	l := box.letters[0]
	if l.Subject != "Ben Okoro wrote to you about Sill, March" || !strings.Contains(l.To, m.Ana.Email) {
		t.Errorf("%q to %s", l.Subject, l.To)
	}
	for _, words := range []string{"Does it need <b>a frame</b>?", "One line.\nAnother.", fmt.Sprintf("https://art.example.org/conversations/%d", talk)} {
		if !strings.Contains(l.Text, words) {
			t.Errorf("no %q in %s", words, l.Text)
		}
	}
	if !strings.Contains(l.HTML, "&lt;b&gt;a frame&lt;/b&gt;") || strings.Contains(l.HTML, "<b>a frame") || strings.Contains(l.HTML+l.Text, m.Ben.Email) {
		t.Errorf("as HTML: %s", l.HTML)
	}
}
