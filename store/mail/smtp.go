package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpTimeout bounds each step of a delivery.
const smtpTimeout = 20 * time.Second

// SMTP is the Sender that hands letters to a mail server. The connection is
// encrypted, except to a server on this machine that cannot.
type SMTP struct {
	client *gomail.Client
	from   string
}

// NewSMTP takes the server's URL, smtp://user:password@host:587 (STARTTLS) or
// smtps://user:password@host:465, and the address that letters come from.
// Nothing is asked of the server yet. Its errors never show the password.
func NewSMTP(serverURL, from string) (*SMTP, error) {
	return newSMTP(serverURL, from, &tls.Config{MinVersion: tls.VersionTLS12}, smtpTimeout)
}

func newSMTP(serverURL, from string, encryption *tls.Config, timeout time.Duration) (*SMTP, error) {
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, errors.New("the sender is not an address of the form OpenStudio <studio@example.org>")
	}
	u, err := url.Parse(serverURL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("the mail server is not of the form smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	encryption.ServerName = u.Hostname()
	options := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithTLSConfig(encryption), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	port := 587
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL())
		port = 465
	case loopback(u.Hostname()):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("the mail server’s port is not a number")
		}
	}
	options = append(options, gomail.WithPort(port))
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server: %w", err)
	}
	return &SMTP{client, from}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// enhanced finds the code of three parts in an answer, which many servers give
// without saying that they do.
var enhanced = regexp.MustCompile(`\b[45]\d\d[ -]"?([45]\.\d{1,3}\.\d{1,3})\b`)

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	letter := gomail.NewMsg()
	if err := letter.From(s.from); err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	if err := letter.To(m.To); err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	if m.Return != "" {
		if err := letter.EnvelopeFrom(m.Return); err != nil {
			return fmt.Errorf("write a letter: %w", err)
		}
	}
	letter.Subject(m.Subject)
	letter.SetDate()
	letter.SetMessageIDWithValue(m.MessageID)
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Stop != "" {
		letter.SetGenHeader("List-Unsubscribe", "<"+m.Stop+">")
		letter.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	// A letter that was taken is sent, however the server says goodbye: sent again it
	// would come twice.
	if err := s.client.DialAndSendWithContext(ctx, letter); err != nil && !letter.IsDelivered() {
		return refusal(fmt.Errorf("send a letter: %w", err))
	}
	return nil
}

// refusal reads the answer of the server out of an error. A no to the recipient or
// to the letter is for good when it begins with 5; a no to us is not, nor one that
// is about what we may do here (5.7, 530): the next server, or the same one set up
// better, takes the letter.
func refusal(err error) error {
	var answer *gomail.SendError
	if !errors.As(err, &answer) || answer.ErrorCode() < 400 || answer.ErrorCode() > 599 {
		return err
	}
	r := &Refusal{Code: strconv.Itoa(answer.ErrorCode()), Err: err}
	if code := enhanced.FindStringSubmatch(answer.Error()); code != nil {
		r.Code = code[1]
	}
	if answer.ErrorCode() >= 500 {
		switch answer.Reason {
		case gomail.ErrSMTPRcptTo:
			r.ForGood = !strings.HasPrefix(r.Code, "5.7.") && answer.ErrorCode() != 530
		case gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
			r.ForGood = true
		}
	}
	return r
}
