package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"

	"openstudio/store"
)

const bounceUsage = `
  openstudio bounce [ADDRESS] < report   hear that a letter came back
    A mail server pipes what comes to MAIL_BOUNCES here, with the address that it
    came to, as in: |openstudio bounce $RECIPIENT. Where that cannot be said, the
    report's own head is looked through for it.
`

// tryLater is the exit status by which a mail server knows that the report is not
// at fault (EX_TEMPFAIL): it keeps it and tries again.
const tryLater = 75

// reportMost is how much of a report is read, in bytes: its beginning has all that
// counts, and a letter that is sent back whole follows.
const reportMost = 1 << 20

// bounceCommand reads a delivery report and marks the address of its letter. What is
// no report of a letter of the market's is passed over: to refuse it would only make
// another report.
func (p *program) bounceCommand(ctx context.Context, args []string) error {
	if len(args) > 1 {
		return errors.New("say one address, or none:\n" + strings.Trim(bounceUsage, "\n"))
	}
	report, err := readReport(io.LimitReader(p.in, reportMost))
	if err != nil {
		p.say("That is no mail: %v.", err)
		return nil
	}
	if !report.failed {
		p.say("Nothing came back for good.")
		return nil
	}
	tokens := report.tokens
	if len(args) == 1 {
		tokens = tokensIn(args[0])
	}
	if len(tokens) == 0 {
		p.say("It names no letter.")
		return nil
	}
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	for _, token := range tokens {
		switch err := m.LetterReturned(ctx, token, report.code); {
		case err == nil:
			p.say("A letter came back; its address is marked.")
			return nil
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	p.say("It names no letter that was sent from here.")
	return nil
}

// report is what a delivery report (RFC 3464) says.
type report struct {
	failed bool     // a letter is given up, as the report claims
	code   string   // "5.1.1", or "" when it says none
	tokens []string // of the addresses that it came to, as its head claims
}

// readReport reads a report. It fails for what is no mail at all; other mail than
// reports has not failed.
func readReport(r io.Reader) (report, error) {
	message, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return report{}, err
	}
	found := report{}
	for _, field := range []string{"Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "To"} {
		for _, value := range message.Header[textproto.CanonicalMIMEHeaderKey(field)] {
			found.tokens = append(found.tokens, tokensIn(value)...)
		}
	}
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" {
		return found, nil
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil { // the end, or broken off: what came before counts
			return found, nil
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err == nil && (kind == "message/delivery-status" || kind == "message/global-delivery-status") {
			found.failed, found.code = readStatus(part)
			return found, nil
		}
	}
}

var statusCode = regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}`)

// readStatus reads the fields of a delivery status: those of the message, and then
// of each recipient, with an empty line between. A delay is no failure.
func readStatus(r io.Reader) (failed bool, code string) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.TrimSpace(lines.Text()) == "":
			if failed {
				return true, code
			}
			code = ""
		case strings.EqualFold(name, "Action"):
			failed = strings.EqualFold(value, "failed")
		case strings.EqualFold(name, "Status"):
			code = statusCode.FindString(value)
		}
	}
	if !failed {
		code = ""
	}
	return failed, code
}

var returnToken = regexp.MustCompile(`\+([A-Za-z2-7]{39})@`)

// tokensIn are the return tokens in addresses. Whether the market made them, the
// store knows.
func tokensIn(addresses string) []string {
	var tokens []string
	for _, found := range returnToken.FindAllStringSubmatch(addresses, 5) {
		tokens = append(tokens, found[1])
	}
	return tokens
}
