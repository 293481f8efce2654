package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"openstudio/handlers/handlertest"
	"openstudio/store/mail"
	"openstudio/store/storetest"
	"openstudio/views/emails"
)

// mailbox is a mail server on loopback that takes one letter, and what it took.
func mailbox(t *testing.T) (address string, header <-chan textproto.MIMEHeader) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	taken := make(chan textproto.MIMEHeader, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines := textproto.NewReader(bufio.NewReader(conn))
		fmt.Fprint(conn, "220 ready\r\n")
		for {
			line, err := lines.ReadLine()
			if err != nil {
				return
			}
			if line == "QUIT" {
				fmt.Fprint(conn, "221 goodbye\r\n")
				return
			}
			if line != "DATA" {
				fmt.Fprint(conn, "250 ok\r\n")
				continue
			}
			fmt.Fprint(conn, "354 go on\r\n")
			header, err := lines.ReadMIMEHeader()
			if err == nil {
				_, err = lines.ReadDotLines()
			}
			if err != nil {
				return
			}
			taken <- header
			fmt.Fprint(conn, "250 taken\r\n")
		}
	}()
	return l.Addr().String(), taken
}

func TestADeliveredLetterIsStoppedByOneClick(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	site := handlertest.New(t)
	reader := site.Visitor(t)
	reader.Post("/artists/ana/digest", "email", "reader@example.net")
	letters, err := site.Store.RecentLetters(ctx, 1)
	if err != nil || len(letters) != 1 {
		t.Fatal(letters, err)
	}
	reader.Post("/digest/confirmation/" + letters[0].ConfirmToken)
	site.Clock.Advance(time.Hour)
	site.Work(t, site.Ana, storetest.Work{Title: "Sill"})
	site.Clock.Advance(7 * 24 * time.Hour)
	if n, err := site.Store.WriteDigests(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if letters, err = site.Store.RecentLetters(ctx, 1); err != nil || len(letters) != 1 {
		t.Fatal(letters, err)
	}
	written, err := emails.Write(ctx, letters[0], site.URL)
	if err != nil {
		t.Fatal(err)
	}
	address, taken := mailbox(t)
	sender, err := mail.NewSMTP("smtp://"+address, "OpenStudio <studio@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	err = sender.Send(ctx, mail.Message{To: "reader@example.net", Subject: written.Subject, Text: written.Text, HTML: written.HTML, Stop: written.Stop, MessageID: "digest@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	header := <-taken
	if how := header.Get("List-Unsubscribe-Post"); how != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %s", how)
	}
	list := strings.Join(strings.Fields(header.Get("List-Unsubscribe")), "")
	stop, ok := strings.CutPrefix(strings.TrimSuffix(strings.TrimPrefix(list, "<"), ">"), site.URL)
	if !ok || !strings.HasPrefix(list, "<") || !strings.HasPrefix(stop, "/digest/stop/") {
		t.Fatalf("List-Unsubscribe: %s", list)
	}
	count := func() (n int) {
		if err := site.DB.Get(&n, `SELECT count(*) FROM subscriptions`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	stranger := site.Visitor(t) // a mail program brings no cookies
	shows(t, "looking", stranger.Get(stop), http.StatusOK)
	if count() != 1 {
		t.Error("looking stopped the letter")
	}
	body := strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode())
	shows(t, "one click", stranger.Do(http.MethodPost, stop, body, "Content-Type", "application/x-www-form-urlencoded"), http.StatusOK)
	if count() != 0 {
		t.Error("one click stopped nothing")
	}
}
