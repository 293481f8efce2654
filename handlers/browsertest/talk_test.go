package browsertest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"openstudio/handlers/handlertest"
	"openstudio/store"
	"openstudio/store/storetest"
)

// TestTwoWindowsTalk lets an artist and a collector write to each other, each at
// a window of their own, on a desk and on a phone.
func TestTwoWindowsTalk(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desk, phone} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			twoTalk(t, l)
		})
	}
}

func twoTalk(t *testing.T, l look) {
	site := handlertest.New(t)
	site.KeepDeveloping(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1200)
	order := fmt.Sprintf("/orders/%d", site.Order(t, site.Ben, work, store.Pending).ID)
	ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
	ben.signIn(site.Ben)
	ana.signIn(site.Ana)
	ben.visit(order)
	ana.visit(order)

	// What one writes appears at the other, who goes on writing.
	ana.write("I am just wri")
	ben.write("Does it need a frame?")
	ben.press("#send")
	ben.sees("You")
	ben.sees("Does it need a frame?")
	ana.sees("Does it need a frame?")
	var typed string
	var focused bool
	ana.do("look at what is typed", chromedp.Value("#text", &typed, chromedp.ByQuery), chromedp.Evaluate(`document.activeElement.id === "text"`, &focused))
	if typed != "I am just wri" || !focused {
		t.Errorf("what was typed is %q, with the focus: %v", typed, focused)
	}
	ana.do("type on", chromedp.SendKeys("#text", "ting: no frame.", chromedp.ByQuery))

	// So it stays when the order moves on, by a button of the same page.
	ana.pressText("Accept")
	ana.sees("You accepted the request")
	ben.sees("Ana James accepted your request")
	ana.do("look at what is typed", chromedp.Value("#text", &typed, chromedp.ByQuery))
	if typed != "I am just writing: no frame." {
		t.Errorf("after the order moved on, what was typed is %q", typed)
	}
	ana.press("#send")
	ben.sees("I am just writing: no frame.")
	ana.await("the form is new", func() bool {
		ana.do("look", chromedp.Value("#text", &typed, chromedp.ByQuery))
		return typed == ""
	})
	for _, p := range []*person{ben, ana} {
		p.holds("see each message once", `document.querySelectorAll("#thread [id^='message-']").length === 2`)
	}
	// What is looked at is read.
	ben.await("the messages are read", func() bool {
		var unread int
		if err := site.DB.Get(&unread, `SELECT count(*) FROM conversations WHERE asker_read < last_message_id`); err != nil {
			t.Fatal(err)
		}
		return unread == 0
	})

	// A picture, and what a scam looks like.
	hall := filepath.Join(t.TempDir(), "hall.jpg")
	file, err := os.Create(hall)
	if err == nil {
		img := image.NewRGBA(image.Rect(0, 0, 900, 600))
		for y := range 600 {
			for x := range 900 {
				img.SetRGBA(x, y, color.RGBA{0xd8, 0xd2, uint8(0x60 + y/8), 0xff})
			}
		}
		err = jpeg.Encode(file, img, nil)
		file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	ben.press("#write summary")
	ben.do("choose a picture", chromedp.SetUploadFiles("#pictures", []string{hall}, chromedp.ByQuery))
	ben.write("This is the hall. I can offer you £2,500 if my mover may pick it up.")
	ben.press("#send")
	ana.sees("this looks like a known scam")
	ana.do("see the picture", chromedp.WaitVisible(".message__pictures img", chromedp.ByQuery))
	ben.do("see the picture", chromedp.WaitVisible(".message__pictures img", chromedp.ByQuery))
	ben.seesNot("scam")

	// What is too long is said beside the field.
	ben.do("type too much", chromedp.Evaluate(`document.querySelector("#text").removeAttribute("maxlength"); document.querySelector("#text").value = "n".repeat(2001)`, nil))
	ben.press("#send")
	ben.sees("That is 2001 characters; 2000 is the most.")
	ben.inspect("order with a refused message")
	ana.inspect("order with messages")
}

// write types a message.
func (p *person) write(text string) {
	p.t.Helper()
	p.do("write", chromedp.WaitVisible("#text", chromedp.ByQuery), chromedp.SendKeys("#text", text, chromedp.ByQuery))
}

// TestPagesOfTalk lets axe-core look at conversations in both lights.
func TestPagesOfTalk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1200)
	other := site.Hang(t, site.Ana, storetest.Work{Title: "Sill, March"}, 1200, 900)
	talk, err := site.Store.AskAbout(ctx, site.Ben, work, store.MessageForm{Text: "Does it need a frame?\n\nIt is for a hall; my shipper will collect it."})
	for i := 0; i < 25 && err == nil; i++ {
		err = site.Store.SendMessage(ctx, []store.Member{site.Ana, site.Ben}[i%2], talk, store.MessageForm{Text: fmt.Sprintf("Number %d.", i)})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []look{desk, phone} {
		for _, evening := range []bool{false, true} {
			l.Evening = evening
			ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
			ben.signIn(site.Ben)
			ben.visit(fmt.Sprintf("/artworks/%d", other))
			ben.pressText("Ask a question about this work")
			ben.sees("Write to Ana")
			ben.inspect("question")
			ana.signIn(site.Ana)
			ana.visit("/conversations")
			ana.inspect("conversations")
			ana.pressText("Ben Okoro about")
			ana.at("/conversations/") // the list shows the last message too
			ana.sees("Number 24.")
			ana.seesNot("Does it need a frame?")
			ana.inspect("conversation")
			ana.pressText("Show what was said before")
			ana.sees("Does it need a frame?")
			ana.inspect("conversation from its beginning")
		}
	}
}

// TestATalkWithoutScript writes and reads by forms and links alone.
func TestATalkWithoutScript(t *testing.T) {
	t.Parallel()
	site := handlertest.New(t)
	work := site.Hang(t, site.Ana, storetest.Work{Title: "North Light, Tuesday"}, 1500, 1200)
	l := phone
	l.NoScript = true
	ben, ana := open(t, site, "Ben", l), open(t, site, "Ana", l)
	ben.signIn(site.Ben)
	ana.signIn(site.Ana)
	ben.visit(fmt.Sprintf("/artworks/%d/question", work))
	ben.write("Does it need a frame?")
	ben.press("#send")
	ben.at("/conversations/")
	ben.sees("Does it need a frame?")
	ana.visit("/conversations")
	ana.pressText("Ben Okoro about")
	ana.sees("Does it need a frame?")
	ana.write("No frame.")
	ana.press("#send")
	ana.sees("No frame.")
	ben.visit("/conversations")
	ben.sees("No frame.")
}
