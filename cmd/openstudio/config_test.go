package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/payment"
)

const goodSecret = "8f3ae1c97b0d4526f81b2e6d0c9a7353"

func environ(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// prod is an environment that PROD starts with, and more.
func prod(pairs ...string) func(string) string {
	return environ(append(pairs, "ENVIRONMENT", "PROD", "SECRET_KEY", goodSecret, "PAYMENTS", "test",
		"DATABASE_URL", "postgres://studio:hunter2@db.example.org/market")...)
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, err := readConfig(environ())
	if err != nil {
		t.Fatal(err)
	}
	if c.Prod || c.Secret != "" || c.DatabaseURL != "" || c.Port != "8080" || c.LogLevel != slog.LevelInfo {
		t.Errorf("got %#v", c)
	}
	if got := c.baseURL("8080"); got != "http://localhost:8080" {
		t.Errorf("base URL %s", got)
	}
	if !filepath.IsAbs(c.DataDir) || filepath.Base(c.DataDir) != "data" {
		t.Errorf("data in %s", c.DataDir)
	}
}

func TestConfigOfDirectPayments(t *testing.T) {
	t.Parallel()
	c, err := readConfig(prod("PAYMENTS", "direct"))
	if err != nil || c.Payments != payment.DirectName {
		t.Fatalf("%q, %v", c.Payments, err)
	}
	p := program{Config: c}
	if g, err := p.gateway(&market{}); err != nil || g.Name() != payment.DirectName {
		t.Errorf("the gateway is %v, %v", g, err)
	}
}

func TestConfigOfProd(t *testing.T) {
	t.Parallel()
	c, err := readConfig(prod("BASE_URL", "https://art.example.org/", "PORT", "5000", "LOG_LEVEL", "warn",
		"TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1", "SMTP_URL", "smtp://u:hunter2@mail.example.org", "MAIL_FROM", "Art <art@example.org>"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Prod || c.Port != "5000" || c.baseURL("5000") != "https://art.example.org" || c.LogLevel != slog.LevelWarn {
		t.Errorf("got %#v", c)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	if !slices.Equal(c.Proxies, want) {
		t.Errorf("proxies %v", c.Proxies)
	}
	if c.DatabaseURL != "postgres://studio:hunter2@db.example.org/market?sslmode=require" {
		t.Errorf("database %s", c.DatabaseURL)
	}
}

func TestConfigNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readConfig(environ("ENVIRONMENT", "prod", "PORT", "eighty", "BASE_URL", "art.example.org", "TRUSTED_PROXIES", "proxy",
		"LOG_LEVEL", "loud", "CLOUDINARY_URL", "cloudinary://key@cloud", "SMTP_URL", "smtp://mail.example.org"))
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, name := range []string{"SECRET_KEY", "DATABASE_URL", "PAYMENTS", "PORT", "BASE_URL", "TRUSTED_PROXIES", "LOG_LEVEL", "CLOUDINARY_URL", "MAIL_FROM"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named:\n%v", name, err)
		}
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	c, err := readConfig(environ("DEADLINES", "hold=24h line=90m"))
	if want := (store.Deadlines{Hold: 24 * time.Hour, LineHold: 90 * time.Minute}); err != nil || c.Deadlines != want {
		t.Errorf("%+v, %v", c.Deadlines, err)
	}
	for _, bad := range []string{"hold", "hold=2", "hold=-48h", "hold=30s", "nap=1h", "remind=240h"} {
		if _, err := readConfig(environ("DEADLINES", bad)); err == nil || !strings.Contains(err.Error(), "DEADLINES") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCommission(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]store.Commission{"": 0, "0": 0, "2.5": 250, "12 %": 1200} {
		if c, err := readConfig(environ("COMMISSION", typed)); err != nil || c.Commission != want {
			t.Errorf("%q: %d, %v", typed, c.Commission, err)
		}
	}
	for _, bad := range []string{"101", "-1", "a tenth", "2.555"} {
		if _, err := readConfig(environ("COMMISSION", bad)); err == nil || !strings.Contains(err.Error(), "COMMISSION") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestPayments(t *testing.T) {
	t.Parallel()
	const key, secret = "sk_test_hunter2hunter2", "whsec_hunter2hunter2"
	live := environ("ENVIRONMENT", "PROD", "SECRET_KEY", goodSecret, "DATABASE_URL", "postgres://studio@db.example.org/market",
		"STRIPE_SECRET_KEY", "sk_live_hunter2hunter2", "STRIPE_WEBHOOK_SECRET", secret+", whsec_another_one_of_it")
	for _, test := range []struct {
		what string
		env  func(string) string
		want string
	}{
		{"nothing in DEV", environ(), byTest},
		{"both keys", environ("STRIPE_SECRET_KEY", key, "STRIPE_WEBHOOK_SECRET", secret), byStripe},
		{"both keys in PROD", live, byStripe},
		{"both keys and the test gateway", environ("STRIPE_SECRET_KEY", key, "STRIPE_WEBHOOK_SECRET", secret, "PAYMENTS", "test"), byTest},
		{"a key alone", environ("STRIPE_SECRET_KEY", key), ""},
		{"a webhook secret alone", environ("STRIPE_WEBHOOK_SECRET", secret), ""},
		{"a public key", environ("STRIPE_SECRET_KEY", "pk_test_hunter2hunter2", "STRIPE_WEBHOOK_SECRET", secret), ""},
		{"a webhook secret that is none", environ("STRIPE_SECRET_KEY", key, "STRIPE_WEBHOOK_SECRET", "hunter2"), ""},
	} {
		c, err := readConfig(test.env)
		if (err == nil) != (test.want != "") || err == nil && c.Payments != test.want {
			t.Errorf("%s: %q, %v", test.what, c.Payments, err)
		}
		if said := fmt.Sprintf("%v %v %#v", err, c, c); strings.Contains(said, "hunter2") {
			t.Errorf("%s: a secret is in %q", test.what, said)
		}
	}
	if c, _ := readConfig(live); len(c.Stripe.Secrets) != 2 {
		t.Errorf("of two webhook secrets %d were read", len(c.Stripe.Secrets))
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		env  func(string) string
	}{
		{"an unknown environment", environ("ENVIRONMENT", "STAGING")},
		{"a short secret in DEV", environ("SECRET_KEY", goodSecret[:31])},
		{"a short secret in PROD", prod("SECRET_KEY", goodSecret[:31])},
		{"another gateway", prod("PAYMENTS", "cash")},
		{"a commission on what never comes by", prod("PAYMENTS", "direct", "COMMISSION", "2.5")},
		{"no gateway in PROD", prod("PAYMENTS", " ")},
		{"another database", prod("DATABASE_URL", "mysql://u:hunter2@db.example.org/market")},
		{"a database without a host", prod("DATABASE_URL", "postgres:market")},
		{"a database URL that is none", prod("DATABASE_URL", "postgres://u:hunter2%zz@db.example.org/market")},
		{"a port beyond the last", environ("PORT", "65536")},
		{"a base URL with a path", environ("BASE_URL", "https://example.org/art")},
		{"a sender that is no address", prod("SMTP_URL", "smtp://u:hunter2@mail.example.org", "MAIL_FROM", "the studio")},
		{"a mail server that is none", prod("SMTP_URL", "https://u:hunter2@mail.example.org", "MAIL_FROM", "art@example.org")},
	} {
		_, err := readConfig(test.env)
		if err == nil {
			t.Errorf("%s was taken", test.name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is in %q", test.name, err)
		}
	}
}

func TestWeakSecrets(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		strings.Repeat("a", 32), strings.Repeat("ab", 20), strings.Repeat("quiet light ", 3), strings.Repeat(goodSecret[:16], 2),
		"django-insecure-8f3ae1c97b0d4526f81b", "0123456789abcdef0123456789abcdef", "my-very-own-Secret-key-for-the-market", "changeme-8f3ae1c97b0d4526f81b2e6d",
	} {
		if _, err := readConfig(prod("SECRET_KEY", s)); err == nil {
			t.Errorf("%q was taken", s)
		}
		if _, err := readConfig(environ("SECRET_KEY", s)); err != nil {
			t.Errorf("DEV refuses %q: %v", s, err)
		}
	}
	for _, s := range []string{goodSecret, "n6T3kq0cXvJ5wYy1m8ZpRrL2uQhB9dEs", goodSecret + goodSecret[3:]} {
		if _, err := readConfig(prod("SECRET_KEY", s)); err != nil {
			t.Errorf("%q was refused: %v", s, err)
		}
	}
}

func TestDatabaseEncryption(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"postgres://db.example.org/market":                         "require",
		"postgresql://db.example.org/market":                       "require",
		"postgres://db.example.org/market?sslmode=verify-full":     "verify-full",
		"postgres://db.example.org/market?sslmode=disable":         "disable",
		"postgres://localhost/market":                              "prefer",
		"postgres://[::1]:5433/market":                             "prefer",
		"postgres:///market?host=/var/run/postgresql":              "prefer",
		"postgres://db.example.org/market?connect_timeout=10":      "require",
		"postgres://127.0.0.1.example.org/market?application_name": "require",
	} {
		c, err := readConfig(prod("DATABASE_URL", given))
		if err != nil || !strings.Contains(c.DatabaseURL, "sslmode="+want) {
			t.Errorf("%s became %s, %v", given, c.DatabaseURL, err)
		}
	}
}

func TestConfigKeepsItsSecrets(t *testing.T) {
	t.Parallel()
	c, err := readConfig(prod("CLOUDINARY_URL", "cloudinary://key:hunter2@cloud", "SMTP_URL", "smtp://u:hunter2@mail.example.org", "MAIL_FROM", "art@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{c.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, &c)} {
		if strings.Contains(printed, "hunter2") || strings.Contains(printed, goodSecret) {
			t.Errorf("a secret is in %s", printed)
		}
	}
}
