package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// troubleOf is what a member's pages say of their address.
func troubleOf(t *testing.T, m *storetest.Market, who store.Member) store.Trouble {
	t.Helper()
	token, _, err := m.Store.SignIn(context.Background(), who.Email, storetest.Password, "Firefox", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	session, err := m.Store.Session(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return session.Trouble
}

// letterTo claims all that is due and returns the letter to an address.
func letterTo(t *testing.T, m *storetest.Market, s *store.Store, email string) store.Letter {
	t.Helper()
	letters, err := s.ClaimLetters(context.Background(), 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.To == email {
			return l
		}
	}
	t.Fatalf("no letter to %s among %d", email, len(letters))
	return store.Letter{}
}

func stateOf(t *testing.T, m *storetest.Market, letter int64) (state string) {
	t.Helper()
	if err := m.DB.Get(&state, `SELECT state FROM outbox WHERE id = $1`, letter); err != nil {
		t.Fatal(err)
	}
	return state
}

// TestARefusedAddressIsMarkedUntilItTakesLetters: it is given up at once, and marked
// until a letter arrives, another try is asked for, or the address is another.
func TestARefusedAddressIsMarkedUntilItTakesLetters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	refuse := func() store.Letter {
		t.Helper()
		m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
		l := letterTo(t, m, m.Store, m.Ana.Email)
		if err := m.Store.LetterFailed(ctx, l, store.Failure{Reason: "550 5.1.1 <script>", Code: "5.1.1", ForGood: true}); err != nil {
			t.Fatal(err)
		}
		if state := stateOf(t, m, l.ID); state != "failed" {
			t.Errorf("the letter is %s", state)
		}
		if trouble := troubleOf(t, m, m.Ana); trouble.Kind != store.RefusedLetters || trouble.Code != "5.1.1" || trouble.Since == nil {
			t.Errorf("the address: %+v", trouble)
		}
		return l
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
		t.Errorf("before: %+v", trouble)
	}
	refuse()
	if trouble := troubleOf(t, m, m.Ben); trouble.Kind != "" {
		t.Errorf("Ben: %+v", trouble)
	}
	// A letter that arrives.
	m.Ask(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}))
	if err := m.Store.LetterSent(ctx, letterTo(t, m, m.Store, m.Ana.Email).ID); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
		t.Errorf("after a letter that arrived: %+v", trouble)
	}
	// Another try: one letter, however often it is asked for.
	refuse()
	for i := range 3 {
		if tried, err := m.Store.TryAddress(ctx, m.Ana); tried != (i == 0) || err != nil {
			t.Errorf("try %d: %v, %v", i, tried, err)
		}
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
		t.Errorf("tried again: %+v", trouble)
	}
	var tests int
	if err := m.DB.Get(&tests, `SELECT count(*) FROM outbox WHERE kind = 'test' AND recipient_id = $1`, m.Ana.ID); err != nil || tests != 1 {
		t.Errorf("%d letters to try it, %v", tests, err)
	}
	if l := letterTo(t, m, m.Store, m.Ana.Email); l.Kind != store.TestLetter {
		t.Errorf("a letter of kind %s", l.Kind)
	}
	// Another address; whoever has the old one later begins anew.
	refuse()
	p := store.Profile{Username: m.Ana.Username, FirstName: m.Ana.FirstName, LastName: m.Ana.LastName, Email: "ana@elsewhere.example",
		Address: m.Ana.Address, Town: m.Ana.Town, Postcode: m.Ana.Postcode, Password: storetest.Password}
	if err := m.Store.UpdateProfile(ctx, m.Ana, p); err != nil {
		t.Fatal(err)
	}
	var marks int
	if err := m.DB.Get(&marks, `SELECT count(*) FROM troubled_addresses`); err != nil || marks != 0 {
		t.Errorf("%d marks are left, %v", marks, err)
	}
}

// TestALetterIsTriedTwelveTimes: later and later, and then its address is marked.
func TestALetterIsTriedTwelveTimes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
	key := ""
	for try := 1; try <= 12; try++ {
		l := letterTo(t, m, m.Store, m.Ana.Email)
		if key == "" {
			key = l.Key
		}
		if l.Key != key || l.Attempts != try {
			t.Fatalf("try %d: letter %s, tried %d times", try, l.Key, l.Attempts)
		}
		if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
			t.Errorf("marked before try %d: %+v", try, trouble)
		}
		if err := m.Store.LetterFailed(ctx, l, store.Failure{Reason: "452 4.2.2 full", Code: "4.2.2"}); err != nil {
			t.Fatal(err)
		}
		pause := min(30*time.Second<<try, 6*time.Hour)
		m.Clock.Advance(pause - time.Second)
		if letters, err := m.Store.ClaimLetters(ctx, 50); err != nil || len(letters) > 0 && letters[0].Key == key {
			t.Errorf("try %d: due before %s, %v", try, pause, err)
		}
		m.Clock.Advance(time.Second)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != store.GivenUpLetters || !strings.Contains(trouble.Why(), "full") {
		t.Errorf("given up: %+v", trouble)
	}
}

// TestALetterComesBack: a report marks the address that the letter went to, once,
// and only with the market's own token.
func TestALetterComesBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
	l := letterTo(t, m, m.Store, m.Ana.Email)
	if len(l.ReturnToken) != 39 || l.ReturnToken != strings.ToLower(l.ReturnToken) {
		t.Fatalf("the token is %q", l.ReturnToken)
	}
	if err := m.Store.LetterSent(ctx, l.ID); err != nil {
		t.Fatal(err)
	}
	forged := []byte(l.ReturnToken)
	forged[12] ^= 1 // of the letter's id, or one beside it
	for _, token := range []string{"", "junk", string(forged), strings.Repeat("a", 39), l.ReturnToken[:38]} {
		if err := m.Store.LetterReturned(ctx, token, "5.1.1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", token, err)
		}
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
		t.Fatalf("by a forged report: %+v", trouble)
	}
	if err := m.Store.LetterReturned(ctx, strings.ToUpper(l.ReturnToken), "5.1.1'; DROP"); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != store.ReturnedLetters || trouble.Code != "" || stateOf(t, m, l.ID) != "returned" {
		t.Errorf("returned: %+v, the letter is %s", trouble, stateOf(t, m, l.ID))
	}
	// Another letter is taken by a server, as the first was: that proves nothing.
	m.Ask(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}))
	if err := m.Store.LetterSent(ctx, letterTo(t, m, m.Store, m.Ana.Email).ID); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != store.ReturnedLetters {
		t.Errorf("after another letter: %+v", trouble)
	}
	// The same report again does not undo another try.
	if _, err := m.Store.TryAddress(ctx, m.Ana); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.LetterReturned(ctx, l.ReturnToken, "5.1.1"); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Kind != "" {
		t.Errorf("by an old report: %+v", trouble)
	}
	// One that is quicker than the market's own word that it was sent.
	test := letterTo(t, m, m.Store, m.Ana.Email)
	if err := m.Store.LetterReturned(ctx, test.ReturnToken, "5.2.1"); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.LetterSent(ctx, test.ID); err != nil {
		t.Fatal(err)
	}
	if trouble := troubleOf(t, m, m.Ana); trouble.Code != "5.2.1" || stateOf(t, m, test.ID) != "returned" {
		t.Errorf("a quick report: %+v, the letter is %s", trouble, stateOf(t, m, test.ID))
	}
}

// TestAReportIsAboutTheAddressOfItsDay: one about an old address says nothing of
// the new one.
func TestAReportIsAboutTheAddressOfItsDay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
	l := letterTo(t, m, m.Store, m.Ana.Email)
	if err := m.Store.LetterSent(ctx, l.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := m.DB.Exec(`UPDATE members SET email = 'ana@elsewhere.example' WHERE id = $1`, m.Ana.ID); err != nil {
		t.Fatal(err)
	}
	if err := m.Store.LetterReturned(ctx, l.ReturnToken, "5.1.1"); err != nil {
		t.Fatal(err)
	}
	moved := m.Ana
	moved.Email = "ana@elsewhere.example"
	if trouble := troubleOf(t, m, moved); trouble.Kind != "" {
		t.Errorf("the new address: %+v", trouble)
	}
}

// TestAMessageOutlivesItsLetter: what a letter held that never arrived is unread, and
// the next letter holds it.
func TestAMessageOutlivesItsLetter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for what, end := range map[string]func(m *storetest.Market, l store.Letter) error{
		"refused": func(m *storetest.Market, l store.Letter) error {
			return m.Store.LetterFailed(ctx, l, store.Failure{Reason: "550", Code: "550", ForGood: true})
		},
		"given up": func(m *storetest.Market, l store.Letter) error {
			l.Attempts = 12
			return m.Store.LetterFailed(ctx, l, store.Failure{Reason: "451"})
		},
		"returned": func(m *storetest.Market, l store.Letter) error {
			if err := m.Store.LetterSent(ctx, l.ID); err != nil {
				return err
			}
			return m.Store.LetterReturned(ctx, l.ReturnToken, "5.2.2")
		},
	} {
		m := storetest.New(t)
		talk := talkOf(t, m)
		m.Clock.Advance(store.LetterAfter)
		l := letterTo(t, m, m.Store, m.Ana.Email)
		if l.Kind != store.MessagesLetter {
			t.Fatal(l.Kind)
		}
		if err := end(m, l); err != nil {
			t.Fatal(err)
		}
		if trouble := troubleOf(t, m, m.Ana); trouble.Kind == "" {
			t.Errorf("%s: the address is not marked", what)
		}
		if talks, err := m.Store.Conversations(ctx, m.Ana, ""); err != nil || len(talks.Items) != 1 || talks.Items[0].Unread != 1 {
			t.Errorf("%s: %+v, %v", what, talks.Items, err)
		}
		write(t, m.Store, m.Ben, talk, 2, "It is a narrow hall.")
		m.Clock.Advance(store.LetterAfter)
		next := letterTo(t, m, m.Store, m.Ana.Email)
		if next.Unread == nil || len(next.Unread.Messages) != 2 || next.Unread.Messages[0].Text != "Does it need a frame?" {
			t.Errorf("%s: the next letter tells %+v", what, next.Unread)
		}
	}
}

// TestMarkingAllAsReadStopsTheLetter: the one that waits, not one about what is
// written later, which tells of that alone.
func TestMarkingAllAsReadStopsTheLetter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	if err := m.Store.SeeAll(ctx, m.Ben); err != nil { // somebody else
		t.Fatal(err)
	}
	var waiting int
	if err := m.DB.Get(&waiting, `SELECT count(*) FROM outbox WHERE kind = 'messages' AND state = 'waiting'`); err != nil || waiting != 1 {
		t.Fatalf("%d letters wait, %v", waiting, err)
	}
	if err := m.Store.SeeAll(ctx, m.Ana); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(store.LetterAfter)
	if letters, err := m.Store.ClaimLetters(ctx, 50); err != nil || len(letters) != 0 {
		t.Errorf("%d letters go, %v", len(letters), err)
	}
	write(t, m.Store, m.Ben, talk, 2, "It is a narrow hall.")
	m.Clock.Advance(store.LetterAfter)
	if l := letterTo(t, m, m.Store, m.Ana.Email); l.Unread == nil || len(l.Unread.Messages) != 1 || l.Unread.Messages[0].Text != "It is a narrow hall." {
		t.Errorf("the next letter tells %+v", l.Unread)
	}
	// One that could not be sent yet is stopped too.
	if err := m.Store.SeeAll(ctx, m.Ana); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(24 * time.Hour)
	if letters, err := m.Store.ClaimLetters(ctx, 50); err != nil || len(letters) != 0 {
		t.Errorf("%d letters go again, %v", len(letters), err)
	}
}

// TestNoDigestGoesToATroubledAddress: other letters are tried once more each.
func TestNoDigestGoesToATroubledAddress(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	follower := "fern@example.org"
	subscribe(t, m, "ana", follower)
	m.Clock.Advance(time.Hour)
	m.Work(t, m.Ana, storetest.Work{})
	if _, err := m.DB.Exec(`INSERT INTO troubled_addresses (email, kind, code, since) VALUES ($1, 'returned', '5.1.1', now())`, follower); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(8 * 24 * time.Hour)
	if _, err := m.Store.WriteDigests(ctx); err != nil {
		t.Fatal(err)
	}
	var written int
	if err := m.DB.Get(&written, `SELECT count(*) FROM outbox WHERE kind = 'digest' AND state = 'waiting'`); err != nil || written != 1 {
		t.Fatalf("%d digests, %v", written, err)
	}
	letters, err := m.Store.ClaimLetters(ctx, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.Kind == store.DigestLetter {
			t.Errorf("a digest goes to %s", l.To)
		}
	}
}

func TestWhatMailServersMean(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"5.1.1": "no such mailbox", "550": "no such mailbox", "5.1.2": "no mail server", "5.2.1": "closed", "5.2.2": "full", "452": "full",
		"4.2.2": "full", "5.7.1": "from us", "554": "from us", "4.4.1": "could not be reached", "": "could not be reached", "5.6.0": "did not take them", "501": "did not take them"} {
		if got := (store.Trouble{Code: code}).Why(); !strings.Contains(got, want) {
			t.Errorf("%q: %q", code, got)
		}
	}
}

// TestALetterOfADeclineShowsWorksLikeIt: of its kind, for sale, nearest in price.
func TestALetterOfADeclineShowsWorksLikeIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	o := m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{Price: 50000}))
	for i, price := range []store.Pence{10000, 48000, 51000, 56000, 90000} {
		m.Work(t, m.Dora, storetest.Work{Title: fmt.Sprintf("No. %d", i), Price: price})
	}
	m.Work(t, m.Dora, storetest.Work{Price: 50000, SoldOut: true})
	m.Work(t, m.Dora, storetest.Work{Price: 50000, NotForSale: true})
	m.Work(t, m.Dora, storetest.Work{Price: 50000, State: store.Draft})
	m.Work(t, m.Dora, storetest.Work{Price: 50000, Medium: store.Ceramics})
	if err := m.Store.DeclineOrder(ctx, m.Ana, o.ID, "price", ""); err != nil {
		t.Fatal(err)
	}
	letters, err := m.Store.RecentLetters(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, w := range letters[0].Similar {
		titles = append(titles, w.Title)
	}
	if got := strings.Join(titles, ", "); got != "No. 2, No. 1, No. 3" {
		t.Errorf("like it: %s", got)
	}
}
