package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

func TestAQuestionIsAskedWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 800, 600)
	page, question := fmt.Sprintf("/artworks/%d", work), fmt.Sprintf("/artworks/%d/question", work)
	visitor, ben, ana := site.Visitor(t), site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	const ask = "Ask a question about this work"
	shows(t, "to a visitor", visitor.Get(page), http.StatusOK, ask, `href="`+question+`"`)
	if a := visitor.Get(question); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login?next=%2Fartworks%2F") {
		t.Errorf("a visitor: %d to %s", a.Status, a.Location)
	}
	shows(t, "to a collector", ben.Get(page), http.StatusOK, ask)
	hides(t, "to its artist", ana.Get(page), ask)
	if a := ana.Get(question); a.Status != http.StatusForbidden {
		t.Errorf("its artist: %d", a.Status)
	}
	for _, state := range []store.ArtworkState{store.Draft, store.Unlisted} {
		hidden := fmt.Sprintf("/artworks/%d/question", site.Work(t, site.Ana, storetest.Work{State: state}))
		for _, a := range []handlertest.Answer{ben.Get(hidden), ben.Post(hidden, "text", "Hello."), ana.Get(hidden)} {
			if a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
				t.Errorf("%s: %d", state, a.Status)
			}
		}
	}

	shows(t, "the form", ben.Get(question), http.StatusOK, "Write to Ana", `name="key" value="`)
	long := strings.Repeat("wide ", 401)
	shows(t, "too long", ben.Post(question, "text", long, "key", "00000000-0000-4000-8000-000000000007"), http.StatusUnprocessableEntity,
		"2004 characters; 2000 is the most", "wide wide", "00000000-0000-4000-8000-000000000007", `aria-invalid="true"`)
	shows(t, "nothing", ben.Post(question, "text", " \n"), http.StatusUnprocessableEntity, "Write something first.")
	a := ben.Post(question, "text", "Does it need <b>a frame</b>?\n\nIt is for a hall.")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/conversations/") {
		t.Fatalf("%d to %s\n%s", a.Status, a.Location, a.Body)
	}
	talk := a.Location
	if a := ben.Get(question); a.Location != talk {
		t.Errorf("asked again: %d to %q", a.Status, a.Location)
	}
	for who, b := range map[string]*handlertest.Browser{"Ben": ben, "Ana": ana} {
		shows(t, who, b.Get(talk), http.StatusOK, "Does it need &lt;b&gt;a frame&lt;/b&gt;?", "It is for a hall.")
		shows(t, who+"’s list", b.Get("/conversations"), http.StatusOK, `href="`+talk+`#write"`, "Does it need")
	}
	for who, b := range map[string]*handlertest.Browser{"Cleo": site.SignedIn(t, site.Cleo), "Dora": site.SignedIn(t, site.Dora)} {
		for _, a := range []handlertest.Answer{b.Get(talk), b.HX(talk + "/messages?message=0"), b.Post(talk+"/messages", "text", "Hello."), b.Post(talk + "/viewed")} {
			if a.Status != http.StatusNotFound || strings.Contains(a.Body, "frame") {
				t.Errorf("%s: %d", who, a.Status)
			}
		}
		hides(t, who+"’s list", b.Get("/conversations"), "frame")
	}
	if a := visitor.Get(talk); a.Status != http.StatusSeeOther {
		t.Errorf("a visitor: %d", a.Status)
	}
	if a := ana.Post(talk+"/messages", "text", "No frame."); a.Status != http.StatusSeeOther || a.Location != talk {
		t.Errorf("%d to %s", a.Status, a.Location)
	}
	shows(t, "the answer", ben.Get(talk), http.StatusOK, "No frame.", "Ana James", `hx-trigger="sse:talk-`+strings.TrimPrefix(talk, "/conversations/")+`, sent from:body`)
}

func TestTheTalkOfAnOrder(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	o := site.Order(t, site.Ben, site.Work(t, site.Ana, storetest.Work{Title: "Sill, March"}), store.Accepted)
	path := fmt.Sprintf("/orders/%d", o.ID)
	ben, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	page := ben.Get(path)
	shows(t, "the page", page, http.StatusOK, "asked to buy", "accepted", "Write to Ana", fmt.Sprintf(`name="order" value="%d"`, o.ID))
	action := regexp.MustCompile(`action="(/conversations/\d+)/messages"`).FindStringSubmatch(page.Body)
	if action == nil {
		t.Fatal(page.Body)
	}
	talk := action[1]
	order := fmt.Sprint(o.ID)

	// What is wrong is said on the page of the order, with what was typed.
	shows(t, "too long", ben.Post(talk+"/messages", "order", order, "text", strings.Repeat("n", 2001)), http.StatusUnprocessableEntity,
		"2001 characters", "nnnn", "Order summary")
	shows(t, "too long, by HTMX", ben.PostHX(talk+"/messages", "text", strings.Repeat("n", 2001)), http.StatusUnprocessableEntity, "2001 characters", "nnnn", `id="write"`)
	if a := ben.Post(talk+"/messages", "order", "999999", "text", ""); a.Status != http.StatusNotFound {
		t.Errorf("on somebody’s page: %d", a.Status)
	}
	if a := ben.Post(talk+"/messages", "order", order, "text", "When will it be sent?"); a.Status != http.StatusSeeOther || a.Location != path {
		t.Errorf("%d to %s", a.Status, a.Location)
	}

	// The other window fetches what it does not know.
	known := regexp.MustCompile(`name="event" value="(\d+)"`).FindStringSubmatch(page.Body)[1]
	news := ana.HX(talk + "/messages?message=0&event=" + known)
	shows(t, "news", news, http.StatusOK, "When will it be sent?", `hx-swap-oob="beforeend:#thread"`, `id="talk-marks"`)
	hides(t, "news", news, "asked to buy")
	mark := regexp.MustCompile(`name="message" value="(\d+)"`).FindStringSubmatch(news.Body)[1]
	if a := ana.HX(talk + "/messages?message=" + mark + "&event=" + known); a.Status != http.StatusNoContent {
		t.Errorf("no news: %d\n%s", a.Status, a.Body)
	}

	// Fetching reads nothing; looking does.
	shows(t, "the bell", ana.Get("/notifications"), http.StatusOK, "Ben Okoro wrote to you about", `href="`+talk+`#write"`)
	shows(t, "the list", ana.Get("/conversations"), http.StatusOK, "1 message not read")
	if a := ana.PostHX(talk+"/viewed", "message", mark); a.Status != http.StatusNoContent {
		t.Errorf("viewed: %d", a.Status)
	}
	hides(t, "the list", ana.Get("/conversations"), "not read")

	a := ana.PostHX(talk+"/messages", "text", "Tomorrow.", "order", order)
	shows(t, "sent by HTMX", a, http.StatusOK, `id="write"`)
	hides(t, "sent by HTMX", a, "Tomorrow.")
	if a.Header.Get("HX-Trigger") != "sent" {
		t.Error("the page is not told to fetch it")
	}
	shows(t, "the list", ben.Get("/conversations"), http.StatusOK, "1 message not read", "Tomorrow.")
	shows(t, "the order", ben.Get(path), http.StatusOK, "Tomorrow.")
	hides(t, "the list", ben.Get("/conversations"), "not read")

	// The panel of the order is swapped alone, and leaves the talk in its place.
	hides(t, "the panel", ben.HX(path+"/panel?in=page&version=0"), "Tomorrow.", `id="thread"`)
	hides(t, "the answer to an action", ben.PostHX(path+"/cancellation", "in", "page"), "Tomorrow.", `id="thread"`)
}

func TestALongTalkShowsTheNewest(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	talk, err := site.Store.AskAbout(ctx, site.Ben, site.Work(t, site.Ana, storetest.Work{}), store.MessageForm{Text: "The first word."})
	for i := 0; i < 30 && err == nil; i++ {
		err = site.Store.SendMessage(ctx, site.Ben, talk, store.MessageForm{Text: fmt.Sprintf("Word %d.", i)})
	}
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/conversations/%d", talk)
	ana := site.SignedIn(t, site.Ana)
	a := ana.Get(path)
	shows(t, "the newest", a, http.StatusOK, "Word 29.", "Show what was said before")
	hides(t, "the newest", a, "The first word.")
	link := regexp.MustCompile(`href="(` + path + `\?before=[^"#]+)#talk"`).FindStringSubmatch(a.Body)
	if link == nil {
		t.Fatal(a.Body)
	}
	older := ana.Get(link[1])
	shows(t, "the older", older, http.StatusOK, "The first word.", "Show the newest", "Write to Ben")
	hides(t, "the older", older, "Word 29.", "Show what was said before", "talk-news")
	part := ana.HX(strings.Replace(link[1], "?", "/messages?", 1))
	shows(t, "the part", part, http.StatusOK, "The first word.", `hx-swap-oob="afterbegin:#thread"`)
}

func TestTooManyMessagesKeepWhatIsTyped(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	ctx := context.Background()
	talk, err := site.Store.AskAbout(ctx, site.Ben, site.Work(t, site.Ana, storetest.Work{}), store.MessageForm{Text: "Hello."})
	var tooMany *store.TooMany
	for err == nil {
		err = site.Store.SendMessage(ctx, site.Ben, talk, store.MessageForm{Text: "And."})
	}
	if !errors.As(err, &tooMany) {
		t.Fatal(err)
	}
	ben := site.SignedIn(t, site.Ben)
	path := fmt.Sprintf("/conversations/%d/messages", talk)
	for _, a := range []handlertest.Answer{ben.Post(path, "text", "One more."), ben.PostHX(path, "text", "One more.")} {
		shows(t, "one too many", a, http.StatusTooManyRequests, "Wait", "One more.", `id="write"`)
	}
}

func TestAPictureIsSentInAMessage(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{}, 800, 600)
	talk, err := site.Store.AskAbout(context.Background(), site.Ben, work, store.MessageForm{Text: "Would it fit here?"})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/conversations/%d", talk)
	ben, ana := site.SignedIn(t, site.Ben), site.SignedIn(t, site.Ana)
	files := []handlertest.File{{Field: "pictures", Name: "hall.jpg", Content: picture(t, 1400, 900)}, {Field: "pictures", Name: "notes.txt", Content: []byte("no picture")}}
	// A bad file sends nothing, and the good one is kept with what was typed.
	a := ben.Upload(path+"/messages", files, nil, "text", "This is the hall.")
	shows(t, "a bad file", a, http.StatusUnprocessableEntity, "notes.txt: ", "This is the hall.", "hall.jpg")
	hides(t, "a bad file", ana.Get(path), "This is the hall.")
	kept := regexp.MustCompile(`name="picture" value="(\d+)"`).FindStringSubmatch(a.Body)
	if kept == nil {
		t.Fatal(a.Body)
	}
	if a := site.SignedIn(t, site.Cleo).Upload(path+"/messages", files[:1], nil); a.Status != http.StatusNotFound {
		t.Errorf("a stranger sends: %d", a.Status)
	}
	var uploads int
	if err := site.DB.Get(&uploads, `SELECT count(*) FROM images i WHERE i.artist_id = $1`, site.Cleo.ID); err != nil || uploads != 0 {
		t.Errorf("%d files of a stranger are kept, %v", uploads, err)
	}
	anas := stream(t, site, ana)
	await(t, anas, "notified")
	if a := ben.Post(path+"/messages", "text", "This is the hall.", "picture", kept[1]); a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, a.Body)
	}
	await(t, anas, "notified", "talks", fmt.Sprintf("talk-%d", talk))
	shows(t, "while it is made", ana.Get(path), http.StatusOK, "This is the hall.", "The picture is being prepared", "sse:image-"+kept[1])
	site.Develop(t)
	await(t, anas, "image-"+kept[1])
	site.Clock.Advance(time.Minute)
	site.Develop(t)
	shows(t, "its place", ana.HX(path+"/pictures/"+kept[1]), http.StatusOK, "/images/")
	key := regexp.MustCompile(`<a href="/images/([0-9a-z]+)/`).FindStringSubmatch(ana.Get(path).Body)
	if key == nil {
		t.Fatal(ana.Get(path).Body)
	}
	// The two see it at every size, nobody else at any; and no cache between keeps it.
	for who, b := range map[string]*handlertest.Browser{"Ben": ben, "Ana": ana, "Cleo": site.SignedIn(t, site.Cleo), "Dora": site.SignedIn(t, site.Dora), "a visitor": site.Visitor(t)} {
		want := http.StatusNotFound
		if who == "Ben" || who == "Ana" {
			want = http.StatusOK
		}
		for _, size := range []string{"320.jpg", "640.jpg", "960.jpg", "1280.jpg", "1920.jpg", "2560.jpg", "320.avif", "960.avif"} {
			a := b.Get("/images/" + key[1] + "/" + size)
			if a.Status != want {
				t.Errorf("%s at %s: %d, not %d", who, size, a.Status, want)
			}
			if cache := a.Header.Get("Cache-Control"); strings.Contains(cache, "public") || want == http.StatusOK && !strings.Contains(cache, "private") {
				t.Errorf("%s at %s: %q", who, size, cache)
			}
		}
	}
	if a := site.SignedIn(t, site.Cleo).HX(path + "/pictures/" + kept[1]); a.Status != http.StatusNotFound {
		t.Errorf("a stranger asks for it: %d", a.Status)
	}
	// Its work stays as it is: no picture of a message hangs in public.
	hides(t, "the work", site.Visitor(t).Get(fmt.Sprintf("/artworks/%d", work)), key[1])
}

func TestAScamIsToldToTheReaderAlone(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	talk, err := site.Store.AskAbout(context.Background(), site.Ben, site.Work(t, site.Ana, storetest.Work{}),
		store.MessageForm{Text: "I will send a cashier’s check, and my mover will pick it up. Please send me your email."})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/conversations/%d", talk)
	ana, ben := site.SignedIn(t, site.Ana), site.SignedIn(t, site.Ben)
	shows(t, "the artist", ana.Get(path), http.StatusOK, "this looks like a known scam", "It offers more than the price", "It names a shipper", "It asks to write or call elsewhere", "nothing is blocked")
	hides(t, "the sender", ben.Get(path), "scam")
	if a := ana.Post(path+"/messages", "text", "My e-mail is on my website."); a.Status != http.StatusSeeOther {
		t.Errorf("answered: %d", a.Status)
	}
	hides(t, "an innocent answer", ben.Get(path), "scam")
}
