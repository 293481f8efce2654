package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"openstudio/store/mail"
	"openstudio/store/storetest"
)

// reportOf is a delivery report as mail servers write it, in the words of RFC 3464.
func reportOf(to, action, status string) string {
	return strings.ReplaceAll(`Return-Path: <>
Delivered-To: `+to+`
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: undisclosed
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="=_cut"

This is a MIME-encapsulated message.

--=_cut
Content-Type: text/plain; charset=us-ascii

I am sorry to inform you. Call 0900 to get it delivered.

--=_cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 24 Nov 2026 09:12:00 +0000

Final-Recipient: rfc822; somebody.else@example.org
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; ana@example.org
Action: `+action+`
Status: `+status+`
Diagnostic-Code: smtp; 550 `+status+` no
 such mailbox

--=_cut
Content-Type: message/rfc822

Subject: the letter

--=_cut--
`, "\n", "\r\n")
}

func TestReadingReports(t *testing.T) {
	t.Parallel()
	const to = "bounce+aaaabbbbccccddddeeeeffffgggghhhhiiiijjj@example.org"
	whole := reportOf(to, "failed", "5.1.1")
	for name, test := range map[string]struct {
		mail, code string
		failed     bool
	}{
		"a failure":                    {whole, "5.1.1", true},
		"with bare line ends":          {strings.ReplaceAll(whole, "\r\n", "\n"), "5.1.1", true},
		"broken off":                   {whole[:strings.Index(whole, "Diagnostic-Code")], "5.1.1", true},
		"in other letters":             {reportOf(to, "FAILED ", "5.2.2 (mailbox full)"), "5.2.2", true},
		"with a status that is none":   {reportOf(to, "failed", "five"), "", true},
		"a delay":                      {reportOf(to, "delayed", "4.4.1"), "", false},
		"a delivery":                   {reportOf(to, "delivered", "2.0.0"), "", false},
		"before any status":            {whole[:strings.Index(whole, "Reporting-MTA")], "", false},
		"without a boundary":           {strings.ReplaceAll(whole, `boundary="=_cut"`, ""), "", false},
		"an answer from a holiday":     {"To: " + to + "\r\nContent-Type: text/plain\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", "", false},
		"a type that cannot be read":   {"To: " + to + "\r\nContent-Type: ;;;\r\n\r\nAction: failed\r\n", "", false},
		"a letter with no type at all": {"To: " + to + "\r\n\r\nAction: failed\r\n", "", false},
	} {
		got, err := readReport(strings.NewReader(test.mail))
		if err != nil || got.failed != test.failed || got.code != test.code || len(got.tokens) != 1 || got.tokens[0] != to[7:46] {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, junk := range []string{"", "junk", "\x00\xff\r\n\r\n", strings.Repeat("a", 1<<20)} {
		if got, err := readReport(strings.NewReader(junk)); err == nil && (got.failed || len(got.tokens) > 0) {
			t.Errorf("junk %.9q: %+v", junk, got)
		}
	}
}

func FuzzReports(f *testing.F) {
	f.Add(reportOf("bounce+aaaabbbbccccddddeeeeffffgggghhhhiiiijjj@example.org", "failed", "5.1.1"))
	f.Fuzz(func(t *testing.T, mail string) {
		got, _ := readReport(strings.NewReader(mail))
		if got.code != "" && !statusCode.MatchString(got.code) || got.code != "" && !got.failed {
			t.Errorf("%+v", got)
		}
	})
}

// TestALetterThatComesBackIsPipedIn sends a letter, and reports on it as a mail
// server would: only the address that the letter had of its own is believed.
func TestALetterThatComesBackIsPipedIn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m := storetest.New(t)
	m.Ask(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}))
	box := &pillar{}
	if _, err := clockOf(t, m, box).sendLetters(ctx); err != nil {
		t.Fatal(err)
	}
	var back string
	for _, l := range box.letters {
		if strings.Contains(l.To, m.Ana.Email) {
			back = l.Return
		}
	}
	if !strings.HasPrefix(back, "bounce+") || !strings.HasSuffix(back, "@art.example.org") || strings.Index(back, "@") > 64 {
		t.Fatalf("it comes back to %q", back)
	}
	var out bytes.Buffer
	p := &program{Config: Config{Port: "0", DataDir: t.TempDir(), DatabaseURL: m.DSN, Secret: storetest.Secret}, log: slog.New(slog.DiscardHandler), out: &out, err: io.Discard}
	marked := func() (list []string) {
		t.Helper()
		if err := m.DB.Select(&list, `SELECT email || ' ' || kind || ' ' || code FROM troubled_addresses`); err != nil {
			t.Fatal(err)
		}
		return list
	}
	forged := strings.Replace(back, back[10:12], map[bool]string{true: "bb", false: "aa"}[back[10:12] == "aa"], 1)
	for _, report := range []string{reportOf("bounce@art.example.org", "failed", "5.1.1"), reportOf(forged, "failed", "5.1.1"), reportOf(back, "delayed", "4.4.1"), "junk"} {
		p.in = strings.NewReader(report)
		if err := p.bounceCommand(ctx, nil); err != nil || len(marked()) != 0 {
			t.Errorf("marked %v, %v by\n%s", marked(), err, report)
		}
	}
	p.in = strings.NewReader(reportOf(strings.ToUpper(back), "failed", "5.1.1"))
	if err := p.bounceCommand(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if got := marked(); len(got) != 1 || got[0] != m.Ana.Email+" returned 5.1.1" {
		t.Errorf("marked %v: %s", got, out.String())
	}
	// The address of the envelope is enough, whatever the head of the report says.
	if _, err := m.DB.Exec(`DELETE FROM troubled_addresses; UPDATE outbox SET state = 'sent'`); err != nil {
		t.Fatal(err)
	}
	p.in = strings.NewReader(reportOf("nobody@example.net", "failed", "5.2.2"))
	if err := p.bounceCommand(ctx, []string{back}); err != nil || len(marked()) != 1 {
		t.Errorf("by its envelope: %v, %v", marked(), err)
	}
}

// refusing is a Sender whose server says no.
type refusing struct {
	refusal mail.Refusal
	ids     []string
}

func (r *refusing) Send(_ context.Context, m mail.Message) error {
	r.ids = append(r.ids, m.MessageID)
	return &r.refusal
}

// TestWhatAServerRefusesForGoodIsGivenUp, and what it refuses for now keeps its id
// from try to try.
func TestWhatAServerRefusesForGoodIsGivenUp(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, test := range []struct {
		good bool
		want string
	}{{true, "failed 1 refused"}, {false, "waiting 3 "}} {
		m := storetest.New(t)
		if _, err := m.DB.Exec(`INSERT INTO outbox (letter_key, kind, recipient_id, state, due_at, created_at) VALUES ('changed', 'password changed', $1, 'waiting', $2, $2)`,
			m.Ana.ID, m.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		sender := &refusing{refusal: mail.Refusal{Code: "5.1.1", ForGood: test.good, Err: errors.New("no")}}
		for range 3 {
			if _, err := clockOf(t, m, sender).sendLetters(ctx); err != nil {
				t.Fatal(err)
			}
			m.Clock.Advance(time.Hour)
		}
		var got string
		err := m.DB.Get(&got, `SELECT state || ' ' || attempts || ' ' || COALESCE((SELECT kind FROM troubled_addresses WHERE email = $1), '') FROM outbox`, m.Ana.Email)
		if err != nil || got != test.want {
			t.Errorf("for good %t: %q, want %q, %v", test.good, got, test.want, err)
		}
		if ids := fmt.Sprint(sender.ids); strings.Count(ids, "changed@art.example.org") != len(sender.ids) {
			t.Errorf("ids %s", ids)
		}
	}
}
