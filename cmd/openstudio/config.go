package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/store/mail"
	"openstudio/store/payment"
)

// Config is all that the environment says.
type Config struct {
	Prod        bool
	Secret      string // "" in DEV: made once and kept in the data folder
	DatabaseURL string // "" in DEV: our own PostgreSQL, in the data folder
	Port        string // "0" is any that is free
	BaseURL     string // without a slash at its end; "" is http://localhost and the port
	DataDir     string // absolute
	Cloudinary  string // "" keeps pictures in the data folder
	SMTP        string // "" writes letters to the log
	MailFrom    string
	Bounces     string // the address to which letters come back, each to one of its own; "" is MailFrom
	Proxies     []netip.Prefix
	Deadlines   store.Deadlines // zero fields are the defaults
	Commission  store.Commission
	Payments    string               // how collectors pay: "stripe", "direct" or "test"
	Stripe      payment.StripeConfig // of "stripe"
	LogLevel    slog.Level
}

// String prints the config without its secrets, for the log.
func (c Config) String() string {
	of := func(set bool, yes, no string) string {
		if set {
			return yes
		}
		return no
	}
	return fmt.Sprintf("environment %s, port %s, base URL %s, database %s, pictures %s, mail %s, payments by %s, data in %s, %d trusted proxies",
		of(c.Prod, "PROD", "DEV"), c.Port, cmp.Or(c.BaseURL, "of localhost"), of(c.DatabaseURL != "", "given", "our own"),
		of(c.Cloudinary != "", "at Cloudinary", "on disk"), of(c.SMTP != "", "by SMTP", "to the log"), c.Payments, c.DataDir, len(c.Proxies))
}

// GoString keeps the secrets out of %#v, too.
func (c Config) GoString() string { return c.String() }

// readConfig reads the environment. Its error names everything that is wrong
// with it, a line each, and never a secret.
func readConfig(env func(string) string) (Config, error) {
	r := reader{env: env}
	c := Config{Prod: r.environment()}
	c.Secret = r.secret(c.Prod)
	c.DatabaseURL = r.database(c.Prod)
	c.Port = r.port()
	c.BaseURL = r.baseURL()
	c.DataDir = r.dataDir()
	c.Cloudinary = r.cloudinary()
	c.SMTP, c.MailFrom = r.smtp()
	c.Payments, c.Stripe = r.payments(c.Prod)
	c.Bounces = r.bounces()
	c.Proxies = r.proxies()
	c.Deadlines = r.deadlines()
	c.Commission = r.commission()
	if c.Payments == payment.DirectName && c.Commission > 0 {
		r.problem("COMMISSION cannot be kept with PAYMENTS=direct: the money never comes by the market. Leave COMMISSION out.")
	}
	c.LogLevel = r.logLevel()
	return c, errors.Join(r.problems...)
}

// reader reads variables and gathers what is wrong with them.
type reader struct {
	env      func(string) string
	problems []error
}

func (r *reader) get(name string) string { return strings.TrimSpace(r.env(name)) }

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

func (r *reader) environment() (prod bool) {
	switch e := strings.ToUpper(r.get("ENVIRONMENT")); e {
	case "", "DEV":
		return false
	case "PROD":
		return true
	default:
		r.problem("ENVIRONMENT is %q: say DEV or PROD.", e)
		return true
	}
}

func (r *reader) secret(prod bool) string {
	s := r.get("SECRET_KEY")
	switch {
	case s == "" && !prod:
	case s == "":
		r.problem("SECRET_KEY is missing: make one with `openssl rand -hex 32`.")
	case len(s) < 32:
		r.problem("SECRET_KEY has %d bytes: it needs 32 or more. Make one with `openssl rand -hex 32`.", len(s))
	case prod && weak(s):
		r.problem("SECRET_KEY looks like a sample or a pattern: make one with `openssl rand -hex 32`.")
	}
	return s
}

// weak reports whether a secret of 32 bytes or more was surely not made at
// random: few different characters, one piece over and over, or known words.
func weak(s string) bool {
	different := map[rune]bool{}
	for _, c := range s {
		different[c] = true
	}
	if len(different) < 8 {
		return true
	}
	for period := 1; period <= len(s)/2; period++ {
		if strings.HasPrefix(s, s[period:]) {
			return true
		}
	}
	lower := strings.ToLower(s)
	samples := []string{"insecure", "changeme", "change-me", "change_me", "secret", "password", "example", "openstudio", "0123456789", "1234567890", "abcdefghij"}
	return slices.ContainsFunc(samples, func(sample string) bool { return strings.Contains(lower, sample) })
}

func (r *reader) database(prod bool) string {
	s := r.get("DATABASE_URL")
	if s == "" {
		if prod {
			r.problem("DATABASE_URL is missing: name the PostgreSQL database, as in postgres://user:password@host/database.")
		}
		return ""
	}
	// What url.Parse says against a URL would show the password in it.
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && !u.Query().Has("host") {
		r.problem("DATABASE_URL is not of the form postgres://user:password@host/database.")
		return ""
	}
	q := u.Query()
	if q.Get("sslmode") == "" {
		q.Set("sslmode", "require")
		if local(cmp.Or(q.Get("host"), u.Hostname())) {
			q.Set("sslmode", "prefer")
		}
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// local reports whether a database host is this machine.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasPrefix(host, "/") || err == nil && ip.IsLoopback()
}

func (r *reader) port() string {
	s := cmp.Or(r.get("PORT"), "8080")
	if n, err := strconv.Atoi(s); err != nil || n < 0 || n > 65535 {
		r.problem("PORT is %q: say a number up to 65535.", s)
	}
	return s
}

func (r *reader) baseURL() string {
	s := strings.TrimRight(r.get("BASE_URL"), "/")
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		r.problem("BASE_URL is not a public address: say where people find the market, as in https://art.example.org.")
		return ""
	}
	return s
}

func (r *reader) dataDir() string {
	dir, err := filepath.Abs(cmp.Or(r.get("DATA_DIR"), "data"))
	if err != nil {
		r.problem("DATA_DIR cannot be found: %v.", err)
	}
	return dir
}

func (r *reader) cloudinary() string {
	s := r.get("CLOUDINARY_URL")
	if s == "" {
		return ""
	}
	if _, err := imagehost.NewCloudinary(s); err != nil {
		r.problem("CLOUDINARY_URL: %v.", err)
	}
	return s
}

func (r *reader) smtp() (server, from string) {
	server, from = r.get("SMTP_URL"), r.get("MAIL_FROM")
	if server == "" {
		return "", ""
	}
	if from == "" {
		r.problem("MAIL_FROM is missing: say who the letters come from, as in OpenStudio <studio@example.org>.")
	} else if _, err := mail.NewSMTP(server, from); err != nil {
		r.problem("SMTP_URL or MAIL_FROM: %v.", err)
	}
	return server, from
}

// bounces reads the address that becomes bounce+token@art.example.org in each
// letter's envelope.
func (r *reader) bounces() string {
	s := r.get("MAIL_BOUNCES")
	if s == "" {
		return ""
	}
	address, err := netmail.ParseAddress(s)
	local, _, _ := strings.Cut(s, "@")
	if err != nil || address.Address != s || len(local) > 20 || strings.Contains(local, "+") {
		r.problem("MAIL_BOUNCES is not an address with up to 20 letters before the @: say where letters come back to, as in bounce@art.example.org.")
	}
	return s
}

// The ways to pay, as PAYMENTS names them. Where it is unset, Stripe's keys say
// that it is Stripe.
const (
	byTest   = "test"
	byStripe = "stripe"
)

func (r *reader) payments(prod bool) (string, payment.StripeConfig) {
	keys := r.stripe()
	p := r.get("PAYMENTS")
	switch {
	case p == payment.DirectName:
		return p, payment.StripeConfig{}
	case p == "" && keys.Key != "":
		return byStripe, keys
	case p == "" && prod:
		r.problem("PAYMENTS is missing, and so is STRIPE_SECRET_KEY. PAYMENTS=direct lets collectors pay artists by bank transfer; the test gateway takes no money: PAYMENTS=test says that you know.")
	case p != "" && p != byTest:
		r.problem("PAYMENTS is %q: say direct or test, or leave it out and set STRIPE_SECRET_KEY.", p)
	}
	return byTest, payment.StripeConfig{}
}

// stripe reads the keys of Stripe: both, or neither. There may be several webhook
// secrets, with spaces or commas between them.
func (r *reader) stripe() payment.StripeConfig {
	c := payment.StripeConfig{Key: r.get("STRIPE_SECRET_KEY"), Secrets: strings.FieldsFunc(r.get("STRIPE_WEBHOOK_SECRET"),
		func(c rune) bool { return c == ',' || c == ' ' })}
	switch {
	case c.Key == "" && len(c.Secrets) == 0:
	case c.Key == "":
		r.problem("STRIPE_SECRET_KEY is missing, while STRIPE_WEBHOOK_SECRET is set: payments by Stripe need both.")
	case len(c.Secrets) == 0:
		r.problem("STRIPE_WEBHOOK_SECRET is missing, while STRIPE_SECRET_KEY is set: payments by Stripe need both.")
	default:
		if _, err := payment.NewStripe(c); err != nil {
			r.problem("STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET: %v.", err)
		}
	}
	return c
}

func (r *reader) proxies() []netip.Prefix {
	var proxies []netip.Prefix
	for _, s := range strings.FieldsFunc(r.get("TRUSTED_PROXIES"), func(c rune) bool { return c == ',' || c == ' ' }) {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			var ip netip.Addr
			if ip, err = netip.ParseAddr(s); err == nil {
				prefix, err = ip.Prefix(ip.BitLen())
			}
		}
		if err != nil {
			r.problem("TRUSTED_PROXIES has %q: list addresses or ranges, as in 10.0.0.0/8, 127.0.0.1.", s)
			continue
		}
		proxies = append(proxies, prefix)
	}
	return proxies
}

// deadlines reads those that differ from the defaults of store.Deadlines, as in
// "hold=24h line=6h".
func (r *reader) deadlines() store.Deadlines {
	var d store.Deadlines
	fields := map[string]*time.Duration{"reply": &d.Reply, "hold": &d.Hold, "line": &d.LineHold, "payment": &d.Attempt,
		"remind": &d.Remind, "again": &d.Again, "overdue": &d.Overdue, "cancel": &d.Cancel}
	for s := range strings.FieldsSeq(r.get("DEADLINES")) {
		name, value, _ := strings.Cut(s, "=")
		long, err := time.ParseDuration(value)
		if fields[name] == nil || err != nil || long < time.Minute {
			r.problem("DEADLINES has %q: name reply, hold, line, payment, remind, again, overdue or cancel with a minute or more, as in hold=48h.", s)
			continue
		}
		*fields[name] = long
	}
	if err := d.Check(); err != nil {
		r.problem("DEADLINES: %v.", err)
	}
	return d
}

// commission reads per cent of the price of a work: "0", which is the default, or
// "2.5".
func (r *reader) commission() store.Commission {
	c, err := store.ParseCommission(cmp.Or(r.get("COMMISSION"), "0"))
	if err != nil {
		r.problem("COMMISSION is %q: %v.", r.get("COMMISSION"), err)
	}
	return c
}

func (r *reader) logLevel() slog.Level {
	var level slog.Level
	if s := r.get("LOG_LEVEL"); s != "" {
		if err := level.UnmarshalText([]byte(s)); err != nil {
			r.problem("LOG_LEVEL is %q: say debug, info, warn or error.", s)
		}
	}
	return level
}

// baseURL is the market's address once its port is known.
func (c Config) baseURL(port string) string {
	return cmp.Or(c.BaseURL, "http://"+net.JoinHostPort("localhost", port))
}
