// Package stripefake is a small Stripe for tests: it keeps what it is told, in the
// way of Stripe's interface, and has the money of every account counted. Nothing
// happens by itself: tests pay, decline, refund and dispute, and deliver the messages
// that follow, late, twice or in another order.
package stripefake

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

// Market is the account that the key belongs to.
const Market = "market"

// Stripe is one that listens on this machine.
type Stripe struct {
	// URL is where it is.
	URL string
	// SlowRefunds lets refunds wait for FinishRefund.
	SlowRefunds bool
	// Live makes its messages say that they are of live mode.
	Live bool
	// Version is the version that its messages say they are of.
	Version string

	key, secret string
	now         func() time.Time
	server      *httptest.Server

	mu       sync.Mutex
	n        int
	sessions map[string]*session
	intents  map[string]*intent
	refunds  []*refund // the newest last
	disputes map[string]*dispute
	accounts map[string]*account
	balances map[string]int64 // pence, by account
	passed   []*transfer      // the newest last
	answers  map[string]answer
	faults   []Fault
	requests []Request
	messages []Message
}

// Fault is what befalls a request.
type Fault int

// The faults.
const (
	Broken Fault = iota // it is answered with 500, and nothing is done
	Lost                // it is done, and the connection ends without an answer
	Slow                // it is done, and there is no answer until the client gives up
)

// Request is one that came in.
type Request struct {
	Method, Path, Key string
	Form              url.Values
}

// Message is what it tells the market, as it goes over the wire.
type Message struct {
	ID, Type string
	Body     []byte
}

type answer struct {
	at     time.Time
	asked  string
	status int
	body   []byte
}

type session struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount_total"`
	Currency      string            `json:"currency"`
	Reference     string            `json:"client_reference_id"`
	Metadata      map[string]string `json:"metadata"`
	Status        string            `json:"status"`
	PaymentStatus string            `json:"payment_status"`
	Intent        any               `json:"payment_intent"` // its id or, where asked for, all of it
	ExpiresAt     int64             `json:"expires_at"`
	URL           *string           `json:"url"` // of an open one
	Success       string            `json:"success_url"`
	Cancel        string            `json:"cancel_url"`
	Livemode      bool              `json:"livemode"`

	intent, destination string
	fee                 int64
	intentMetadata      map[string]string
}

type intent struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
	Charge   any               `json:"latest_charge"`

	charge *charge
}

type charge struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"amount_refunded"`
	Currency string `json:"currency"`
	Intent   string `json:"payment_intent"`
	Transfer any    `json:"transfer"` // its id or, where asked for, all of it
	Fee      int64  `json:"application_fee_amount,omitempty"`

	destination string
	transfer    *transfer
}

type transfer struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Amount      int64             `json:"amount"`
	Reversed    int64             `json:"amount_reversed"`
	Currency    string            `json:"currency"`
	Destination string            `json:"destination"`
	Group       string            `json:"transfer_group"`
	Metadata    map[string]string `json:"metadata"`

	reversals []*reversal
}

type reversal struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Transfer string            `json:"transfer"`
	Metadata map[string]string `json:"metadata"`
}

type refund struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Charge   string            `json:"charge"`
	Intent   string            `json:"payment_intent"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
	Reversal *string           `json:"transfer_reversal"`

	fee int64 // given back of it
}

type dispute struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Charge   string `json:"charge"`
	Intent   string `json:"payment_intent"`
	Status   string `json:"status"`
}

type account struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	Type         string            `json:"type"`
	Email        string            `json:"email"`
	Country      string            `json:"country"`
	Charges      bool              `json:"charges_enabled"`
	Payouts      bool              `json:"payouts_enabled"`
	Submitted    bool              `json:"details_submitted"`
	Capabilities map[string]string `json:"capabilities"`
	Requirements struct {
		Due     []string `json:"currently_due"`
		PastDue []string `json:"past_due"`
	} `json:"requirements"`
	Metadata map[string]string `json:"metadata"`

	back string
}

// New opens a Stripe for a secret key, which signs its messages with a webhook
// secret. A nil now is the machine's clock.
func New(key, secret string, now func() time.Time) *Stripe {
	if now == nil {
		now = time.Now
	}
	s := &Stripe{Version: stripe.APIVersion, key: key, secret: secret, now: now, Live: strings.Contains(key, "_live_"),
		sessions: map[string]*session{}, intents: map[string]*intent{}, disputes: map[string]*dispute{},
		accounts: map[string]*account{}, balances: map[string]int64{}, answers: map[string]answer{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/", s.serve)
	mux.HandleFunc("GET /pay/{session}", s.showPage)
	mux.HandleFunc("POST /pay/{session}", s.usePage)
	mux.HandleFunc("GET /setup/{account}", s.showForm)
	mux.HandleFunc("POST /setup/{account}", s.fillForm)
	s.server = httptest.NewServer(mux)
	s.URL = s.server.URL
	return s
}

// Close ends it.
func (s *Stripe) Close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// Befall lets faults befall the requests that come next, one each.
func (s *Stripe) Befall(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Requests are those that came in so far.
func (s *Stripe) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Take returns the messages that have not been taken yet, in the order in which
// things happened.
func (s *Stripe) Take() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.messages
	s.messages = nil
	return taken
}

// Sign is the header with which a body is sent at a time.
func (s *Stripe) Sign(body []byte, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: s.secret, Timestamp: at}).Header
}

// Balance is what an account has, in pence: Market, or an artist's.
func (s *Stripe) Balance(account string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.balances[account]
}

// Sessions are the ids of the pages that were made, in order.
func (s *Stripe) Sessions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Keys(s.sessions), func(a, b string) int { return number(a) - number(b) })
}

// number is the place of an id in the order in which things were made.
func number(id string) int {
	n, _ := strconv.Atoi(id[strings.LastIndex(id, "_")+1:])
	return n
}

// problem is a refusal, as Stripe words it.
type problem struct {
	status            int
	kind, code, param string
	text              string
	kept              bool // it is said again to whoever asks with the same key
}

func (p *problem) Error() string { return p.text }

func invalid(param, text string) *problem {
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", param: param, text: text}
}

func missing(what, id string) *problem {
	return &problem{status: http.StatusNotFound, kind: "invalid_request_error", code: "resource_missing", param: "id", text: "No such " + what + ": '" + id + "'"}
}

// serve answers one request of the interface.
func (s *Stripe) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method == http.MethodGet {
		form = r.URL.Query()
	}
	key := r.Header.Get("Idempotency-Key")
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, key, form})
	fault := Fault(-1)
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	status, answered := http.StatusInternalServerError, []byte(`{"error":{"type":"api_error","message":"Something went wrong on our end."}}`)
	if fault != Broken {
		status, answered = s.once(r, key, form)
	}
	s.mu.Unlock()

	switch fault {
	case Lost:
		panic(http.ErrAbortHandler)
	case Slow:
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_fake")
	w.WriteHeader(status)
	w.Write(answered)
}

// once does what a request asks, or answers as before when its key was used: to the
// same request only, and for a day. What was refused as wrong is not kept, but that
// an account has too little is.
func (s *Stripe) once(r *http.Request, key string, form url.Values) (int, []byte) {
	asked := r.URL.Path + "?" + form.Encode()
	if before, used := s.answers[key]; used && key != "" && s.now().Sub(before.at) < 24*time.Hour {
		if before.asked != asked {
			return refuse(&problem{status: http.StatusBadRequest, kind: "idempotency_error",
				text: "Keys for idempotent requests can only be used with the same parameters they were first used with."})
		}
		return before.status, before.body
	}
	if r.Header.Get("Authorization") != "Bearer "+s.key {
		return refuse(&problem{status: http.StatusUnauthorized, kind: "invalid_request_error",
			text: "Invalid API Key provided: " + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
	}
	if v := r.Header.Get("Stripe-Version"); v != stripe.APIVersion {
		return refuse(invalid("", "Invalid Stripe API version: "+v))
	}
	made, refused := s.do(r.Method, r.URL.Path, form)
	if refused != nil {
		status, body := refuse(refused)
		if refused.kept && key != "" {
			s.answers[key] = answer{s.now(), asked, status, body}
		}
		return status, body
	}
	body, err := json.Marshal(made)
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	if r.Method == http.MethodPost && key != "" {
		s.answers[key] = answer{s.now(), asked, http.StatusOK, body}
	}
	return http.StatusOK, body
}

func refuse(p *problem) (int, []byte) {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"type": p.kind, "code": p.code, "param": p.param, "message": p.text}})
	return p.status, body
}

// do is the table of the interface.
func (s *Stripe) do(method, path string, form url.Values) (any, *problem) {
	part := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	first, last := part[0], part[len(part)-1]
	switch {
	case method == "POST" && path == "/v1/checkout/sessions":
		return s.createSession(form)
	case method == "GET" && first == "checkout" && len(part) == 3:
		return s.showSession(last, form)
	case method == "POST" && first == "checkout" && len(part) == 4 && last == "expire":
		return s.expireSession(part[2])
	case method == "GET" && first == "payment_intents" && len(part) == 2:
		return s.showIntent(last, form)
	case method == "POST" && path == "/v1/refunds":
		return s.createRefund(form)
	case method == "GET" && path == "/v1/refunds":
		return s.listRefunds(form), nil
	case method == "POST" && path == "/v1/transfers":
		return s.createTransfer(form)
	case method == "GET" && path == "/v1/transfers":
		return s.listTransfers(form), nil
	case method == "POST" && first == "transfers" && len(part) == 3 && last == "reversals":
		return s.createReversal(part[1], form)
	case method == "GET" && first == "transfers" && len(part) == 3 && last == "reversals":
		return s.listReversals(part[1])
	case method == "POST" && path == "/v1/accounts":
		return s.createAccount(form)
	case method == "GET" && first == "accounts" && len(part) == 2:
		return s.showAccount(last)
	case method == "POST" && first == "accounts" && len(part) == 3 && last == "login_links":
		return s.linkToPages(part[1])
	case method == "POST" && path == "/v1/account_links":
		return s.linkToForm(form)
	}
	return nil, &problem{status: http.StatusNotFound, kind: "invalid_request_error", text: "Unrecognized request URL (" + method + ": " + path + ")."}
}

// id makes a name for a new thing.
func (s *Stripe) id(kind string) string {
	s.n++
	return kind + "_fake_" + strconv.Itoa(s.n)
}

// tell puts a message by, about a thing as it is now.
func (s *Stripe) tell(kind string, about any) {
	id := s.id("evt")
	body, err := json.Marshal(map[string]any{"id": id, "object": "event", "type": kind, "api_version": s.Version, "livemode": s.Live,
		"created": s.now().Unix(), "data": map[string]any{"object": about}})
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	s.messages = append(s.messages, Message{id, kind, body})
}

// metadata reads the fields of a form that are named prefix[key].
func metadata(form url.Values, prefix string) map[string]string {
	m := map[string]string{}
	for k := range form {
		if name, is := strings.CutPrefix(k, prefix+"["); is {
			m[strings.TrimSuffix(name, "]")] = form.Get(k)
		}
	}
	return m
}

func amount(form url.Values, name string) (int64, *problem) {
	n, err := strconv.ParseInt(form.Get(name), 10, 64)
	if err != nil || n < 1 {
		return 0, invalid(name, fmt.Sprintf("Invalid positive integer: %q", form.Get(name)))
	}
	return n, nil
}
