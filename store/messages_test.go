package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

func key(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// talkOf is Ben's conversation with Ana about a listed work of hers.
func talkOf(t *testing.T, m *storetest.Market) int64 {
	t.Helper()
	id, err := m.Store.AskAbout(context.Background(), m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.MessageForm{Key: key(1), Text: "Does it need a frame?"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func write(t *testing.T, s *store.Store, who store.Member, talk int64, n int, text string) {
	t.Helper()
	if err := s.SendMessage(context.Background(), who, talk, store.MessageForm{Key: key(n), Text: text}); err != nil {
		t.Fatal(err)
	}
}

// said are the lines of a conversation in a few words.
func said(t store.Talk) []string {
	var lines []string
	for _, d := range t.Lines {
		if d.IsMessage() {
			lines = append(lines, d.Text)
		} else {
			lines = append(lines, "* "+string(d.Kind))
		}
	}
	return lines
}

func TestOnlyTheTwoTalk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	order := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Pending)
	for _, who := range []store.Member{m.Ben, m.Ana} {
		if part, err := m.Store.Talk(ctx, who, talk, ""); err != nil || len(part.Lines) != 1 {
			t.Errorf("%s: %d lines, %v", who.FirstName, len(part.Lines), err)
		}
		if id, err := m.Store.OrderConversation(ctx, who, order.ID); err != nil || id == 0 {
			t.Errorf("%s, order: %d, %v", who.FirstName, id, err)
		}
	}
	for _, who := range []store.Member{m.Cleo, m.Dora, {}} {
		_, c := m.Store.Conversation(ctx, who, talk)
		_, a := m.Store.Talk(ctx, who, talk, "")
		_, b := m.Store.News(ctx, who, talk, 0, 0)
		_, d := m.Store.OrderConversation(ctx, who, order.ID)
		_, e := m.Store.ReadConversation(ctx, who, talk, 100)
		_, f := m.Store.BeginPicture(ctx, who, talk, "a.jpg", 10)
		g := m.Store.SendMessage(ctx, who, talk, store.MessageForm{Text: "Hello."})
		_, h := m.Store.MessagePicture(ctx, who, talk, 1)
		for i, err := range []error{c, a, b, d, e, f, g, h} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q, way %d: %v", who.FirstName, i, err)
			}
		}
		if list, err := m.Store.Conversations(ctx, who, ""); err != nil || len(list.Items) > 0 {
			t.Errorf("%q: %d conversations, %v", who.FirstName, len(list.Items), err)
		}
	}
}

func TestWhoMayAskAboutWhat(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	ask := func(who store.Member, work int64) error {
		_, err := m.Store.AskAbout(ctx, who, work, store.MessageForm{Text: "Does it need a frame?"})
		return err
	}
	hangs := m.Work(t, m.Ana, storetest.Work{})
	for _, who := range []store.Member{m.Ben, m.Cleo, m.Dora} { // an artist may ask another
		if err := ask(who, hangs); err != nil {
			t.Errorf("%s: %v", who.FirstName, err)
		}
	}
	if err := ask(m.Ana, hangs); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("about her own: %v", err)
	}
	for _, state := range []store.ArtworkState{store.Draft, store.Unlisted, store.Archived} {
		if err := ask(m.Ben, m.Work(t, m.Ana, storetest.Work{State: state})); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := ask(m.Ben, 999_999); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no work: %v", err)
	}
	// What was asked about stays, as what was ordered does.
	if archived, err := m.Store.DeleteArtwork(ctx, m.Ana, hangs); err != nil || !archived {
		t.Errorf("deleted: archived %v, %v", archived, err)
	}
}

func TestWhatIsTypedIsLimited(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	for text, field := range map[string]string{"": "text", " \n\t": "text", strings.Repeat("é", 2001): "text", strings.Repeat("é", 2000): ""} {
		err := m.Store.SendMessage(ctx, m.Ana, talk, store.MessageForm{Text: text})
		var invalid *store.Invalid
		if errors.As(err, &invalid); invalid.Get("text") != "" != (field != "") {
			t.Errorf("%d characters: %v", len(text)/2, err)
		}
	}
	var tooMany *store.TooMany
	sent := 0
	for ; sent < 100; sent++ {
		if err := m.Store.SendMessage(ctx, m.Ben, talk, store.MessageForm{Text: "And another thing."}); errors.As(err, &tooMany) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if sent != 60 || tooMany.Wait <= 0 {
		t.Errorf("%d messages in an hour, then wait %v", sent, tooMany)
	}
	asked := 0
	for ; asked < 100; asked++ {
		_, err := m.Store.AskAbout(ctx, m.Cleo, m.Work(t, m.Ana, storetest.Work{}), store.MessageForm{Text: "Is it for sale?"})
		if errors.As(err, &tooMany) {
			break
		}
	}
	if asked != 20 {
		t.Errorf("%d questions in a day", asked)
	}
}

func TestAFormSentTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := m.Store.SendMessage(ctx, m.Ben, talk, store.MessageForm{Key: key(2), Text: "Once."}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	work := m.Work(t, m.Ana, storetest.Work{})
	ids := make([]int64, 8)
	for i := range ids {
		all.Go(func() {
			var err error
			if ids[i], err = m.Store.AskAbout(ctx, m.Ben, work, store.MessageForm{Key: key(3), Text: "Once, too."}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if slices.Max(ids) != slices.Min(ids) {
		t.Errorf("conversations %v", ids)
	}
	// Another member's form with the same key is a message of its own.
	write(t, m.Store, m.Ana, talk, 2, "No frame.")
	var n int
	if err := m.DB.Get(&n, `SELECT count(*) FROM messages`); err != nil || n != 4 {
		t.Errorf("%d messages, %v", n, err)
	}
	// Nor is one lost or doubled whose reply is lost.
	s, line := m.Lossy(t)
	line.LoseNextCommit()
	write(t, s, m.Ben, talk, 4, "Lost on the way.")
	if err := m.DB.Get(&n, `SELECT count(*) FROM messages`); err != nil || n != 5 || line.Lost.Load() != 1 {
		t.Errorf("%d messages after %d lost replies, %v", n, line.Lost.Load(), err)
	}
}

func TestEventsStandBetweenTheMessages(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	work := m.Work(t, m.Ana, storetest.Work{})
	talk, err := m.Store.AskAbout(ctx, m.Ben, work, store.MessageForm{Text: "Does it need a frame?"})
	if err != nil {
		t.Fatal(err)
	}
	pass := func() { m.Clock.Advance(time.Minute) }
	pass()
	order := m.Ask(t, m.Ben, work)
	pass()
	write(t, m.Store, m.Ana, talk, 2, "No frame.")
	known, err := m.Store.Talk(ctx, m.Ben, talk, "")
	if err != nil {
		t.Fatal(err)
	}
	pass()
	if err := m.Store.AcceptOrder(ctx, m.Ana, order.ID); err != nil {
		t.Fatal(err)
	}
	pass()
	write(t, m.Store, m.Ben, talk, 3, "Thank you.")
	other := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Pending) // is another talk
	m.Order(t, m.Cleo, m.Work(t, m.Ana, storetest.Work{}), store.Pending)

	all, err := m.Store.Talk(ctx, m.Ana, talk, "")
	want := []string{"Does it need a frame?", "* requested", "No frame.", "* accepted", "Thank you."}
	if got := said(all); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if all.Lines[1].OrderID != order.ID || all.Lines[1].Total != order.Total || !slices.Equal(all.Orders, []int64{order.ID}) {
		t.Errorf("the event is %+v, the orders %v", all.Lines[1], all.Orders)
	}
	if id, err := m.Store.OrderConversation(ctx, m.Ana, order.ID); err != nil || id != talk {
		t.Errorf("the order is of %d, not %d, %v", id, talk, err)
	}
	if id, err := m.Store.OrderConversation(ctx, m.Ana, other.ID); err != nil || id == talk {
		t.Errorf("another order is of it, too: %v", err)
	}
	news, err := m.Store.News(ctx, m.Ben, talk, known.Message, known.Event)
	if got := said(news); err != nil || !slices.Equal(got, want[3:]) {
		t.Errorf("news %q, %v", got, err)
	}
	news, err = m.Store.News(ctx, m.Ben, talk, news.Message, news.Event)
	if got := said(news); err != nil || len(got) > 0 {
		t.Errorf("news again %q, %v", got, err)
	}
}

func TestALongTalkIsReadByParts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	work := m.Work(t, m.Ana, storetest.Work{})
	order := m.Order(t, m.Ben, work, store.Accepted)
	talk, err := m.Store.OrderConversation(ctx, m.Ben, order.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"* requested", "* accepted"}
	for i := range 75 { // by one clock that stands still
		text := fmt.Sprintf("Number %d", i)
		write(t, m.Store, []store.Member{m.Ben, m.Ana}[i%2], talk, 100+i, text)
		want = append(want, text)
	}
	var got []string
	parts, before := 0, ""
	for {
		part, err := m.Store.Talk(ctx, m.Ben, talk, before)
		if err != nil {
			t.Fatal(err)
		}
		got = append(said(part), got...)
		parts++
		if before = part.Older; before == "" {
			break
		}
	}
	if parts != 4 || !slices.Equal(got, want) {
		t.Errorf("%d parts: %q", parts, got)
	}
	if _, err := m.Store.Talk(ctx, m.Ben, talk, "junk"); err != nil {
		t.Error(err)
	}
}

func TestTheBellTellsOfATalkOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	write(t, m.Store, m.Ben, talk, 2, "And does it fit a lift?")
	notes, err := m.Store.Notifications(ctx, m.Ana, "")
	if err != nil || len(notes.Items) != 1 {
		t.Fatalf("%d notifications, %v", len(notes.Items), err)
	}
	if w := notes.Items[0].Words(); w.Before != "Ben Okoro wrote to you about " || notes.Items[0].ConversationID != talk || notes.Items[0].Title == "" {
		t.Errorf("%+v", notes.Items[0])
	}
	list, err := m.Store.Conversations(ctx, m.Ana, "")
	if err != nil || len(list.Items) != 1 || list.Items[0].Unread != 2 || list.Items[0].LastText != "And does it fit a lift?" || list.Items[0].LastMine {
		t.Errorf("list %+v, %v", list.Items, err)
	}
	part, err := m.Store.Talk(ctx, m.Ana, talk, "")
	if err != nil {
		t.Fatal(err)
	}
	// What comes after she has looked is not read by that.
	write(t, m.Store, m.Ben, talk, 3, "One more thing.")
	if seen, err := m.Store.ReadConversation(ctx, m.Ana, talk, part.Message); err != nil || seen != 0 {
		t.Errorf("seen %d, %v", seen, err)
	}
	if list, err = m.Store.Conversations(ctx, m.Ana, ""); err != nil || list.Items[0].Unread != 1 {
		t.Errorf("list %+v, %v", list.Items, err)
	}
	if seen, err := m.Store.ReadConversation(ctx, m.Ana, talk, 1<<60); err != nil || seen != 1 {
		t.Errorf("seen %d, %v", seen, err)
	}
	if list, err = m.Store.Conversations(ctx, m.Ana, ""); err != nil || list.Items[0].Unread != 0 {
		t.Errorf("list %+v, %v", list.Items, err)
	}
	// A mark far ahead reads nothing that is still to be said.
	write(t, m.Store, m.Ben, talk, 4, "And one.")
	if list, err = m.Store.Conversations(ctx, m.Ana, ""); err != nil || list.Items[0].Unread != 1 {
		t.Errorf("list %+v, %v", list.Items, err)
	}
	// Nobody is told of their own words.
	if notes, err := m.Store.Notifications(ctx, m.Ben, ""); err != nil || len(notes.Items) != 0 {
		t.Errorf("Ben is told of %+v, %v", notes.Items, err)
	}
}

// lettersOf claims all that is due, at several instances at once, and marks it as
// sent.
func lettersOf(t *testing.T, m *storetest.Market, instances ...*store.Store) []store.Letter {
	t.Helper()
	ctx := context.Background()
	var mu sync.Mutex
	var all []store.Letter
	var claiming sync.WaitGroup
	for _, s := range instances {
		claiming.Go(func() {
			letters, err := s.ClaimLetters(ctx, 10)
			for _, l := range letters {
				if err == nil {
					err = s.LetterSent(ctx, l.ID)
				}
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, letters...)
		})
	}
	claiming.Wait()
	return all
}

func TestWhatIsNotReadComesByLetterOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	there := m.Open(t)
	talk := talkOf(t, m)
	m.Clock.Advance(5 * time.Minute)
	write(t, m.Store, m.Ben, talk, 2, "And does it fit a lift?")
	if early := lettersOf(t, m, m.Store, there); len(early) != 0 {
		t.Errorf("%d letters go early", len(early))
	}
	m.Clock.Advance(5 * time.Minute)
	due := lettersOf(t, m, m.Store, there)
	if len(due) != 1 {
		t.Fatalf("%d letters", len(due))
	}
	l := due[0]
	if l.To != m.Ana.Email || l.Unread == nil || l.Unread.From != "Ben Okoro" || l.Unread.ConversationID != talk ||
		len(l.Unread.Messages) != 2 || l.Unread.Messages[0].Text != "Does it need a frame?" || l.Unread.Messages[1].Text != "And does it fit a lift?" {
		t.Errorf("%+v %+v", l, l.Unread)
	}
	m.Clock.Advance(time.Hour)
	if again := lettersOf(t, m, m.Store, there); len(again) != 0 {
		t.Errorf("%d letters go again", len(again))
	}
	// The next letter holds what came since.
	write(t, m.Store, m.Ben, talk, 3, "It is a narrow lift.")
	m.Clock.Advance(store.LetterAfter)
	if next := lettersOf(t, m, m.Store, there); len(next) != 1 || len(next[0].Unread.Messages) != 1 || next[0].Unread.Messages[0].Text != "It is a narrow lift." {
		t.Errorf("then %+v", next)
	}
	// What is read before it is due is not written of.
	write(t, m.Store, m.Ana, talk, 4, "Then take it by the stairs.")
	if _, err := m.Store.ReadConversation(ctx, m.Ben, talk, 1<<60); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(time.Hour)
	if read := lettersOf(t, m, m.Store, there); len(read) != 0 {
		t.Errorf("%d letters with what was read", len(read))
	}
	var waits int
	if err := m.DB.Get(&waits, `SELECT count(*) FROM outbox WHERE state = 'waiting'`); err != nil || waits != 0 {
		t.Errorf("%d letters wait, %v", waits, err)
	}
}

func TestALetterThatFailedHoldsTheSameOrIsDropped(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	m.Clock.Advance(store.LetterAfter)
	claim := func() []store.Letter {
		t.Helper()
		letters, err := m.Store.ClaimLetters(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		return letters
	}
	first := claim()
	if len(first) != 1 {
		t.Fatalf("%d letters", len(first))
	}
	// What is said while it is under way waits for a letter of its own.
	write(t, m.Store, m.Ben, talk, 2, "And does it fit a lift?")
	if err := m.Store.LetterFailed(ctx, first[0], store.Failure{Reason: "451 later"}); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(2 * time.Minute)
	again := claim()
	if len(again) != 1 || again[0].Key != first[0].Key || len(again[0].Unread.Messages) != 1 {
		t.Fatalf("again %+v", again)
	}
	if err := m.Store.LetterFailed(ctx, again[0], store.Failure{Reason: "451 later"}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Store.ReadConversation(ctx, m.Ana, talk, 1<<60); err != nil {
		t.Fatal(err)
	}
	m.Clock.Advance(time.Hour)
	if late := claim(); len(late) != 0 {
		t.Errorf("%d letters after it was read", len(late))
	}
}

func TestTheSameTextToManyIsTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	artists := []store.Member{m.Ana, m.Dora}
	var eve store.Member
	if err := m.DB.Get(&eve, `
		INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
		VALUES ('artist', 'eve', 'eve@example.org', '', 'Eve', 'Holm', '1 Mill Lane', 'York', 'YO1 7HH', now(), now())
		RETURNING id, role, username, email, first_name, last_name`); err != nil {
		t.Fatal(err)
	}
	artists = append(artists, eve)
	signs := func(talk int64, who store.Member) []store.ScamSign {
		t.Helper()
		part, err := m.Store.Talk(ctx, who, talk, "")
		if err != nil || len(part.Lines) != 1 {
			t.Fatalf("%d lines, %v", len(part.Lines), err)
		}
		return part.Lines[0].Signs
	}
	var talks []int64
	for i, artist := range artists {
		title := fmt.Sprintf("Harbour %d", i)
		text := "Hello " + artist.FirstName + ", I came across “" + title + "” and it would make a wonderful surprise for my wife."
		id, err := m.Store.AskAbout(ctx, []store.Member{m.Ben, m.Ben, m.Cleo}[i], m.Work(t, artist, storetest.Work{Title: title}), store.MessageForm{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		talks = append(talks, id)
		want := i == 2
		if got := slices.Contains(signs(id, artist), store.SentToMany); got != want {
			t.Errorf("number %d: told %v", i, got)
		}
	}
	if !slices.Contains(signs(talks[0], m.Ana), store.SentToMany) {
		t.Error("the first is not told, once there are more")
	}
	if got := signs(talks[0], m.Ben); len(got) > 0 {
		t.Errorf("the sender is told %q", got)
	}
	// A week later it is another letter.
	m.Clock.Advance(8 * 24 * time.Hour)
	id, err := m.Store.AskAbout(ctx, m.Ben, m.Work(t, m.Ana, storetest.Work{Title: "Harbour 9"}), store.MessageForm{
		Text: "Hello Ana, I came across “Harbour 9” and it would make a wonderful surprise for my wife."})
	if err != nil {
		t.Fatal(err)
	}
	if got := signs(id, m.Ana); len(got) > 0 {
		t.Errorf("after a week: %q", got)
	}
	// What everybody says is not compared.
	for i, artist := range artists {
		id, err := m.Store.AskAbout(ctx, m.Cleo, m.Work(t, artist, storetest.Work{}), store.MessageForm{Key: key(50 + i), Text: "Is it still for sale?"})
		if err != nil {
			t.Fatal(err)
		}
		if got := signs(id, artist); len(got) > 0 {
			t.Errorf("a short question: %q", got)
		}
	}
}

func TestAPictureOfAMessageIsForTheTwo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	talk := talkOf(t, m)
	send := func(who store.Member) store.Image {
		t.Helper()
		u, err := m.Store.BeginPicture(ctx, who, talk, "hall.jpg", 4)
		if err == nil {
			_, err = m.Store.AppendUpload(ctx, who, u.ID, 0, []byte("file"))
		}
		var img store.Image
		if err == nil {
			img, err = m.Store.KeepUpload(ctx, who, u.ID, 1600, 1200)
		}
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	hall := send(m.Ben)
	form := store.MessageForm{Key: key(2), Pictures: []int64{hall.ID}}
	var invalid *store.Invalid
	if err := m.Store.SendMessage(ctx, m.Ana, talk, form); !errors.As(err, &invalid) {
		t.Errorf("somebody else’s picture: %v", err)
	}
	if err := m.Store.SendMessage(ctx, m.Ben, talk, form); err != nil {
		t.Fatal(err)
	}
	form.Key = key(3)
	if err := m.Store.SendMessage(ctx, m.Ben, talk, form); !errors.As(err, &invalid) || invalid.Get("pictures") == "" {
		t.Errorf("a picture twice: %v", err)
	}
	finish(t, m, claim(t, m), "messagepicture1", false)
	for who, sees := range map[int64]bool{m.Ben.ID: true, m.Ana.ID: true, m.Cleo.ID: false, m.Dora.ID: false, 0: false} {
		p, err := m.Store.ImageAccess(ctx, who, "messagepicture1")
		if sees != (err == nil) || p.Public || err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("member %d: %+v, %v", who, p, err)
		}
	}
	part, err := m.Store.Talk(ctx, m.Ana, talk, "")
	if err != nil || len(part.Lines) != 2 || len(part.Lines[1].Pictures) != 1 || part.Lines[1].Pictures[0].Key != "messagepicture1" {
		t.Errorf("%+v, %v", part.Lines, err)
	}
	// It is kept, and hangs in no work. What was never sent is swept.
	loose := send(m.Ben)
	m.Clock.Advance(25 * time.Hour)
	if n, err := m.Store.SweepImages(ctx); err != nil || n != 1 {
		t.Errorf("%d swept, %v", n, err)
	}
	if err := m.Store.SendMessage(ctx, m.Ben, talk, store.MessageForm{Key: key(4), Pictures: []int64{loose.ID}}); !errors.As(err, &invalid) {
		t.Errorf("a swept picture: %v", err)
	}
	if _, err := m.Store.MessagePicture(ctx, m.Ana, talk, hall.ID); err != nil {
		t.Error(err)
	}
}

func TestNoTalkReadsAllMessages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a market with 60,000 messages")
	}
	m := storetest.New(t)
	m.Fill(t, 3000)
	m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Shipped)
	talk := talkOf(t, m)
	for _, q := range []string{
		`INSERT INTO conversations (artwork_id, asker_id, artist_id, created_at)
			SELECT a.id, $1, a.artist_id, now() FROM artworks a WHERE a.artist_id NOT IN ($1, $2) ON CONFLICT DO NOTHING`,
		`INSERT INTO messages (conversation_id, sender_id, key, text, alike, at)
			SELECT c.id, CASE WHEN n % 2 = 0 THEN c.asker_id ELSE c.artist_id END, gen_random_uuid(), 'Message ' || n, sha256(('text ' || n * c.id % 5000)::bytea), now() - n * interval '1 minute' - c.id * interval '1 second'
			FROM conversations c, generate_series(1, 20) n WHERE $1 <> $2`,
		`UPDATE conversations c SET last_at = l.at, last_message_id = l.id FROM (SELECT conversation_id, max(at) AS at, max(id) AS id FROM messages GROUP BY 1) l
			WHERE l.conversation_id = c.id AND $1 <> $2`,
	} {
		if _, err := m.DB.Exec(q, m.Ben.ID, m.Ana.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.DB.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
	for name, q := range store.TalkQueries(m.Ben.ID, talk) {
		plan := m.Explain(t, q.SQL, q.Args...)
		if strings.Contains(q.SQL, "alike =") && !strings.Contains(plan, "messages_alike") {
			t.Errorf("%s looks for the same text among all:\n%s", name, plan)
		}
		for _, table := range []string{"messages", "conversations"} {
			if strings.Contains(plan, "Seq Scan on "+table+" ") {
				t.Errorf("%s reads all %s:\n%s", name, table, plan)
			}
		}
	}
}

// TestEachMessageIsInOneLetter sends messages while letters are claimed: none is
// left out, none is told twice.
func TestEachMessageIsInOneLetter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	there := m.Open(t)
	talk := talkOf(t, m)
	const writers, each = 3, 6
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				text := fmt.Sprintf("%d of %d", i, w)
				if err := m.Store.SendMessage(ctx, m.Ben, talk, store.MessageForm{Text: text}); err != nil {
					t.Error(err)
				}
				m.Clock.Advance(store.LetterAfter)
			}
		})
	}
	written := make(chan struct{})
	go func() { writing.Wait(); close(written) }()
	told := map[string]int{}
	heard := map[int64]bool{} // whose lease the clock has run over is claimed again, and is one letter all the same
	count := func() {
		for _, l := range lettersOf(t, m, m.Store, there) {
			if heard[l.ID] {
				continue
			}
			heard[l.ID] = true
			for _, message := range l.Unread.Messages {
				told[message.Text]++
			}
		}
	}
	for under := true; under; {
		select {
		case <-written:
			under = false
		default:
		}
		count()
	}
	m.Clock.Advance(store.LetterAfter)
	count()
	if len(told) != writers*each+1 {
		t.Errorf("%d of %d messages are told: %v", len(told), writers*each+1, told)
	}
	for text, n := range told {
		if n != 1 {
			t.Errorf("%q is told %d times", text, n)
		}
	}
}
