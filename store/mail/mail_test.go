package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

var letter = Message{
	To: `"Ana James" <ana@example.org>`, Subject: "Ben asks for “Sill, March”",
	Text: "Hello Ana,\n\nBen asks for Sill, March at £1,450.\n", HTML: "<p>Hello Ana,</p>", MessageID: "event-7-3@art.example.org",
}

func TestLogHoldsTheLetter(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	sender := NewLog(slog.New(slog.NewTextHandler(&b, nil)))
	if err := sender.Send(context.Background(), letter); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ana@example.org", "Sill, March", "£1,450"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log lacks %q: %s", want, b.String())
		}
	}
}

func TestSMTPHandsTheLetterOver(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	sender, err := newSMTP("smtp://studio:quiet%20light@"+server.address, "OpenStudio <studio@example.org>", server.trust, smtpTimeout)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), letter); err != nil {
		t.Fatal(err)
	}
	got := <-server.letters
	if !got.encrypted {
		t.Error("the letter went in the clear")
	}
	if got.from != "<studio@example.org>" || got.to != "<ana@example.org>" {
		t.Errorf("envelope from %s to %s", got.from, got.to)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if id := got.header.Get("Message-ID"); id != "<event-7-3@art.example.org>" {
		t.Errorf("Message-ID %s", id)
	}
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "multipart/alternative") {
		t.Errorf("Content-Type %s", kind)
	}
	if !strings.Contains(got.body, "<p>Hello Ana,</p>") || !strings.Contains(got.body, "Ben asks for Sill, March") {
		t.Errorf("body %s", got.body)
	}
}

// A letter that came is not to come again because the server was short.
func TestSMTPKnowsThatALetterWasTaken(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.rude = true
	sender, err := newSMTP("smtp://"+server.address, "OpenStudio <studio@example.org>", server.trust, smtpTimeout)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), letter); err != nil {
		t.Errorf("a letter that was taken: %v", err)
	}
	<-server.letters
}

func TestSMTPReportsARefusal(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.refuse = "550 no such mailbox"
	sender, err := newSMTP("smtp://"+server.address, "studio@example.org", server.trust, smtpTimeout)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), letter); err == nil || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("got %v", err)
	}
}

// TestWhatARefusalMeans: what is about the recipient or the letter is for good when it
// begins with 5, and nothing else is.
func TestWhatARefusalMeans(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		recipient, letter string // what the server says
		code              string
		good              bool
	}{
		{"550 no such mailbox", "", "550", true},
		{"550 5.1.1 no such mailbox", "", "5.1.1", true},
		{"552 it is full", "", "552", true},
		{"450 4.2.0 greylisted, come back", "", "4.2.0", false},
		{"451 later", "", "451", false},
		{"554 5.7.1 relay access denied", "", "5.7.1", false},
		{"530 5.7.0 who are you", "", "5.7.0", false},
		{"", "554 5.6.0 what is this", "5.6.0", true},
		{"", "452 4.3.1 no room", "4.3.1", false},
	} {
		server := newFakeServer(t)
		server.refuse, server.refuseLetter = test.recipient, test.letter
		sender, err := newSMTP("smtp://"+server.address, "studio@example.org", server.trust, smtpTimeout)
		if err != nil {
			t.Fatal(err)
		}
		err = sender.Send(context.Background(), letter)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Code != test.code || refusal.ForGood != test.good {
			t.Errorf("%q, %q: %#v", test.recipient, test.letter, err)
		}
	}
}

// TestSMTPTriesAgainAfterALostWord: a server that was silent, or hung up with the
// letter in its hands, is asked again, and knows the letter by its id.
func TestSMTPTriesAgainAfterALostWord(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.cut = true
	sender, err := newSMTP("smtp://"+server.address, "studio@example.org", server.trust, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var refusal *Refusal
	if err := sender.Send(context.Background(), letter); err == nil || errors.As(err, &refusal) {
		t.Errorf("hung up: %v", err)
	}
	id := (<-server.letters).header.Get("Message-ID")
	away := newFakeServer(t)
	away.silent = true
	patient, err := newSMTP("smtp://"+away.address, "studio@example.org", away.trust, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if err := patient.Send(context.Background(), letter); err == nil || errors.As(err, &refusal) {
		t.Errorf("silent: %v", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	if err := sender.Send(ctx, letter); err == nil {
		t.Error("hung up again, and nothing was said")
	}
	if again := (<-server.letters).header.Get("Message-ID"); again != id || id != "<"+letter.MessageID+">" {
		t.Errorf("the letter was %s, and is %s", id, again)
	}
}

// TestALetterComesBackToItsOwnAddress: in its envelope, not in its head.
func TestALetterComesBackToItsOwnAddress(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	sender, err := newSMTP("smtp://"+server.address, "OpenStudio <studio@example.org>", server.trust, smtpTimeout)
	if err != nil {
		t.Fatal(err)
	}
	sealed := letter
	sealed.Return = "bounce+aaaabbbbccccddddeeeeffffgggghhhhiiiijjj@example.org"
	if err := sender.Send(context.Background(), sealed); err != nil {
		t.Fatal(err)
	}
	got := <-server.letters
	if got.from != "<"+sealed.Return+">" || !strings.Contains(got.header.Get("From"), "<studio@example.org>") {
		t.Errorf("from %s, %s", got.from, got.header.Get("From"))
	}
}

func TestSMTPReportsAServerThatIsAway(t *testing.T) {
	t.Parallel()
	sender, err := NewSMTP("smtp://127.0.0.1:1", "studio@example.org") // nobody's port
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), letter); err == nil {
		t.Error("nobody took the letter, and nothing was said")
	}
}

func TestNewSMTPRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ server, from string }{
		{"http://mail.example.org", "studio@example.org"},
		{"smtp://", "studio@example.org"},
		{"smtp://u:hunter2%zz@example.org", "studio@example.org"},
		{"smtp://example.org:99999", "studio@example.org"},
		{"smtp://example.org/inbox", "studio@example.org"},
		{"smtp://u:hunter2@example.org", "not an address"},
	} {
		_, err := NewSMTP(test.server, test.from)
		if err == nil {
			t.Errorf("%s from %s was taken", test.server, test.from)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in %q", err)
		}
	}
	for _, server := range []string{"smtp://example.org", "smtps://u:p@example.org", "smtp://u:p@[::1]:2525"} {
		if _, err := NewSMTP(server, "OpenStudio <studio@example.org>"); err != nil {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestSMTPTrustsNoStranger(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	sender, err := NewSMTP("smtp://studio:quiet%20light@"+server.address, "studio@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(context.Background(), letter); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

// fakeServer takes letters on a loopback port, encrypted if asked.
type fakeServer struct {
	address      string
	ours         *tls.Config
	trust        *tls.Config // of those who know it
	refuse       string      // the answer to RCPT, "" for yes
	refuseLetter string      // the answer to the letter itself, "" for yes
	rude         bool        // hangs up as soon as it has a letter
	cut          bool        // hangs up when it has the letter, without a word
	silent       bool        // says nothing to a recipient
	letters      chan received
}

type received struct {
	encrypted bool
	from, to  string
	header    textproto.MIMEHeader
	body      string
}

func newFakeServer(t *testing.T) *fakeServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	certified := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(certified.Close)
	s := &fakeServer{
		address: l.Addr().String(),
		ours:    &tls.Config{Certificates: certified.TLS.Certificates},
		trust:   &tls.Config{RootCAs: certified.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs},
		letters: make(chan received, 1),
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *fakeServer) serve(conn net.Conn) {
	defer conn.Close()
	lines := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 example.org ready")
	var got received
	for {
		line, err := lines.ReadLine()
		if err != nil {
			return
		}
		switch verb, rest, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "EHLO":
			say("250-example.org")
			if !got.encrypted {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, s.ours)
			lines = textproto.NewReader(bufio.NewReader(conn))
			got.encrypted = true
		case "AUTH":
			if rest == "PLAIN AHN0dWRpbwBxdWlldCBsaWdodA==" { // studio, quiet light
				say("235 welcome")
			} else {
				say("535 who are you")
			}
		case "MAIL":
			got.from, _, _ = strings.Cut(strings.TrimPrefix(rest, "FROM:"), " ")
			say("250 ok")
		case "RCPT":
			if s.silent {
				continue
			}
			if s.refuse != "" {
				say(s.refuse)
				continue
			}
			got.to = strings.TrimPrefix(rest, "TO:")
			say("250 ok")
		case "DATA":
			say("354 go on")
			if got.header, err = lines.ReadMIMEHeader(); err != nil {
				return
			}
			body, err := lines.ReadDotLines()
			if err != nil {
				return
			}
			got.body = strings.Join(body, "\n")
			if s.refuseLetter != "" {
				say(s.refuseLetter)
				continue
			}
			s.letters <- got
			if s.cut {
				return
			}
			say("250 taken")
			if s.rude {
				return
			}
		case "QUIT":
			say("221 goodbye")
			return
		default:
			say("250 ok")
		}
	}
}
