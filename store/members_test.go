package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/storetest"
)

// newcomer is a registration that nothing is wrong with.
func newcomer(role store.Role) store.Registration {
	return store.Registration{Role: role, Username: "ruth", FirstName: "Ruth", LastName: "Adeyemi", Email: "ruth@example.org",
		Address: "14 Hanover Rise", Town: "Leeds", Postcode: "LS6 3QT", Password: "rooms that face north", PasswordAgain: "rooms that face north"}
}

// TestEveryLimitOfAMember tries each field of the door just inside and just
// outside. Nothing is written by a refusal.
func TestEveryLimitOfAMember(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	x := func(n int) string { return strings.Repeat("x", n) }
	domain := "@" + strings.Repeat("sixty-characters-of-a-name-that-nobody-would-ever-like-to-wri.", 3) + "example.org" // 1 + 189 + 11
	for i, c := range []struct {
		field string
		bad   bool
		set   func(*store.Registration)
	}{
		{"first_name", false, func(r *store.Registration) { r.FirstName = x(50) }},
		{"first_name", true, func(r *store.Registration) { r.FirstName = x(51) }},
		{"first_name", true, func(r *store.Registration) { r.FirstName = " " }},
		{"last_name", false, func(r *store.Registration) { r.LastName = x(50) }},
		{"last_name", true, func(r *store.Registration) { r.LastName = x(51) }},
		{"username", false, func(r *store.Registration) { r.Username = x(150) }},
		{"username", true, func(r *store.Registration) { r.Username = x(151) }},
		{"username", true, func(r *store.Registration) { r.Username = "ruth adeyemi" }},
		{"username", true, func(r *store.Registration) { r.Username = "new" }},
		{"username", true, func(r *store.Registration) { r.Username = "ANA" }},
		{"email", false, func(r *store.Registration) { r.Email = x(254-len(domain)) + domain }},
		{"email", true, func(r *store.Registration) { r.Email = x(255-len(domain)) + domain }},
		{"email", true, func(r *store.Registration) { r.Email = "ruth@example" }},
		{"email", true, func(r *store.Registration) { r.Email = "Ruth <ruth@example.org>" }},
		{"email", true, func(r *store.Registration) { r.Email = "ANA@EXAMPLE.ORG" }},
		{"address", false, func(r *store.Registration) { r.Address = x(255) }},
		{"address", true, func(r *store.Registration) { r.Address = x(256) }},
		{"address", false, func(r *store.Registration) { r.Address = "Rose Cottage, Mill Lane" }},
		{"address", true, func(r *store.Registration) { r.Address = "12" }},
		{"town", false, func(r *store.Registration) { r.Town = x(100) }},
		{"town", true, func(r *store.Registration) { r.Town = x(101) }},
		{"town", true, func(r *store.Registration) { r.Town = "" }},
		{"postcode", false, func(r *store.Registration) { r.Postcode = " ls63qt " }},
		{"postcode", true, func(r *store.Registration) { r.Postcode = "QQ1 1AA" }},
		{"postcode", true, func(r *store.Registration) { r.Postcode = "LS6 3" }},
		{"bio", false, func(r *store.Registration) { r.Bio = x(700) }},
		{"bio", true, func(r *store.Registration) { r.Bio = x(701) }},
		{"website", false, func(r *store.Registration) { r.Website = "https://example.org/" + x(180) }},
		{"website", true, func(r *store.Registration) { r.Website = "https://example.org/" + x(181) }},
		{"website", true, func(r *store.Registration) { r.Website = "javascript:alert(1)" }},
		{"password", false, func(r *store.Registration) { r.Password, r.PasswordAgain = "qvzt kmw", "qvzt kmw" }},
		{"password", true, func(r *store.Registration) { r.Password, r.PasswordAgain = "qvzt km", "qvzt km" }},
		{"password", true, func(r *store.Registration) { r.Password, r.PasswordAgain = "8413907265", "8413907265" }},
		{"password", true, func(r *store.Registration) { r.Password, r.PasswordAgain = "password1", "password1" }},
		{"password", true, func(r *store.Registration) { r.Password, r.PasswordAgain = "ruth.adeyemi", "ruth.adeyemi" }},
		{"password_again", true, func(r *store.Registration) { r.PasswordAgain += "x" }},
		{"role", true, func(r *store.Registration) { r.Role = store.Staff }},
		{"role", true, func(r *store.Registration) { r.Role = "" }},
	} {
		r := newcomer(store.Artist)
		r.Username, r.Email = fmt.Sprintf("ruth-%d", i), fmt.Sprintf("ruth-%d@example.org", i)
		c.set(&r)
		_, err := m.Store.Register(ctx, r)
		var inv *store.Invalid
		switch errors.As(err, &inv); {
		case c.bad && inv.Get(c.field) == "":
			t.Errorf("%d: a bad %s: %v", i, c.field, err)
		case c.bad && len(inv.Fields) != 1:
			t.Errorf("%d: a bad %s alone: %v", i, c.field, err)
		case !c.bad && err != nil:
			t.Errorf("%d: a good %s: %v", i, c.field, err)
		}
		var n int
		if err := m.DB.Get(&n, `SELECT count(*) FROM members WHERE email = $1`, r.Email); err != nil || c.bad && n > 0 && c.field != "email" {
			t.Errorf("%d: %d members, %v", i, n, err)
		}
	}
	var inv *store.Invalid
	if _, err := m.Store.Register(ctx, store.Registration{}); !errors.As(err, &inv) || len(inv.Fields) < 8 {
		t.Errorf("an empty form tells %v", err)
	}
}

func TestRegisteringMakesWhatBelongsToTheRole(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	r := newcomer(store.Artist)
	r.Bio, r.Website, r.Postcode = "Paints.", "https://ruth.example", "ls6  3qt"
	artist, err := m.Store.Register(ctx, r)
	if err != nil || artist.Bio != "Paints." || artist.Website != "https://ruth.example" || artist.Postcode != "LS6 3QT" {
		t.Errorf("%+v, %v", artist, err)
	}
	r = newcomer(store.Collector)
	r.Username, r.Email = "owen", "owen@example.org"
	collector, err := m.Store.Register(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]int{artist.ID: 0, collector.ID: 1} {
		var n int
		if err := m.DB.Get(&n, `SELECT count(*) FROM galleries WHERE collector_id = $1`, id); err != nil || n != want {
			t.Errorf("%d galleries, want %d, %v", n, want, err)
		}
	}
	// One email is one member, whatever its case and however many ask at once.
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i := range 8 {
		wg.Go(func() {
			r := newcomer(store.Collector)
			r.Username, r.Email = fmt.Sprintf("iris-%d", i), "iris@example.org"
			if i%2 == 0 {
				r.Email = "IRIS@example.org"
			}
			if _, err := m.Store.Register(ctx, r); err == nil {
				mu.Lock()
				made++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if made != 1 {
		t.Errorf("%d members with one email", made)
	}
}

func TestSignInRestsAfterFiveWrongPasswords(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	in := func(email, password, address string) error {
		_, _, err := m.Store.SignIn(ctx, email, password, "a test", address)
		return err
	}
	var inv *store.Invalid
	var tooMany *store.TooMany
	var unknown, wrong string
	if err := in("nobody@example.org", "x", "203.0.113.9"); errors.As(err, &inv) {
		unknown = fmt.Sprint(inv.Fields)
	}
	for i := range 5 {
		if err := in(m.Ben.Email, "wrong", fmt.Sprintf("203.0.113.%d", 20+i)); !errors.As(err, &inv) {
			t.Fatalf("try %d: %v", i+1, err)
		}
		if i == 0 {
			wrong = fmt.Sprint(inv.Fields)
		}
	}
	if unknown == "" || unknown != wrong {
		t.Errorf("an unknown email is told %q, a wrong password %q", unknown, wrong)
	}
	if err := in("BEN@example.org", storetest.Password, "203.0.113.77"); !errors.As(err, &tooMany) || tooMany.Wait <= 0 || tooMany.Wait > 15*time.Minute {
		t.Errorf("the right password of a resting account: %v", err)
	}
	if err := in(m.Cleo.Email, storetest.Password, "203.0.113.77"); err != nil {
		t.Errorf("another account: %v", err)
	}
	m.Clock.Advance(16 * time.Minute)
	if err := in(m.Ben.Email, storetest.Password, "203.0.113.77"); err != nil {
		t.Errorf("after the rest: %v", err)
	}
	if err := in(m.Ben.Email, "wrong", "203.0.113.78"); !errors.As(err, &inv) {
		t.Errorf("a right password did not clear the count: %v", err)
	}
	// One address that tries many accounts rests, too.
	for i := range 60 {
		if err := in(fmt.Sprintf("guess-%d@example.org", i), "x", "198.51.100.7"); errors.As(err, &tooMany) {
			if i < 40 {
				t.Errorf("the address rests after %d tries", i)
			}
			return
		}
	}
	t.Error("an address may try for ever")
}

func TestSessionsEndWhenTheirRowDoes(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	open := func() (string, store.Session) {
		token, err := m.Store.StartSession(ctx, m.Ben.ID, "Firefox on Linux")
		if err != nil {
			t.Fatal(err)
		}
		session, err := m.Store.Session(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		return token, session
	}
	check := func(what, token string, open bool) {
		t.Helper()
		if _, err := m.Store.Session(ctx, token); (err == nil) != open || err != nil && !errors.Is(err, store.ErrSignedOut) {
			t.Errorf("%s: %v", what, err)
		}
	}
	one, kept := open()
	two, other := open()
	three, _ := open()
	list, err := m.Store.Sessions(ctx, m.Ben)
	if err != nil || len(list) != 3 {
		t.Errorf("the list: %v, %v", list, err)
	}
	if err := m.Store.EndSessionByID(ctx, m.Cleo, other.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a stranger ends it: %v", err)
	}
	check("untouched by a stranger", two, true)
	if err := m.Store.EndSessionByID(ctx, m.Ben, other.ID); err != nil {
		t.Fatal(err)
	}
	check("ended by its member", two, false)
	if err := m.Store.ChangePassword(ctx, m.Ben, kept.ID, storetest.Password, "another north light", "another north light"); err != nil {
		t.Fatal(err)
	}
	check("the one that changed the password", one, true)
	check("another, after a new password", three, false)
	four, _ := open()
	if err := m.Store.EndAllSessions(ctx, m.Ben); err != nil {
		t.Fatal(err)
	}
	check("after signing out everywhere", one, false)
	check("after signing out everywhere", four, false)
	five, _ := open()
	m.Clock.Advance(store.SessionAge + time.Minute)
	check("long unused", five, false)
	check("junk", "junk", false)
	check("nothing", "", false)
}

func TestANewAddressLeavesOpenOrdersAlone(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	o := m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	p := store.Profile{Username: m.Ben.Username, FirstName: "Benedict", LastName: "Okoro", Email: m.Ben.Email, Address: "9 New Street", Town: "Bath", Postcode: "BA1 1AA"}
	if err := m.Store.UpdateProfile(ctx, m.Ben, p); err != nil {
		t.Fatal(err)
	}
	after, err := m.Store.Order(ctx, m.Ana, o.ID)
	if err != nil || after.ShipAddress != "4 Redcliffe Parade" || after.BuyerName != "Ben Okoro" {
		t.Errorf("%q, %q, %v", after.ShipAddress, after.BuyerName, err)
	}
	// An artist is found by a new name, and no longer by the old one.
	p = store.Profile{Username: m.Ana.Username, FirstName: "Anastasia", LastName: "Quill", Email: m.Ana.Email, Address: m.Ana.Address, Town: m.Ana.Town, Postcode: m.Ana.Postcode}
	if err := m.Store.UpdateProfile(ctx, m.Ana, p); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]int{"quill": 1, "james": 0} {
		if n, err := m.Store.CountArtworks(ctx, store.Filter{Query: q}); err != nil || n != want {
			t.Errorf("%q finds %d works, want %d, %v", q, n, want, err)
		}
	}
}

// TestTheOldEmailIsTold: a letter goes to the email that a member had, also when it
// is tried again, and those that follow go to the new one.
func TestTheOldEmailIsTold(t *testing.T) {
	t.Parallel()
	m := storetest.New(t)
	ctx := context.Background()
	p := store.Profile{Username: m.Ben.Username, FirstName: "Ben", LastName: "Okoro", Email: m.Ben.Email, Address: m.Ben.Address, Town: m.Ben.Town, Postcode: m.Ben.Postcode, Password: storetest.Password}
	if err := m.Store.UpdateProfile(ctx, m.Ben, p); err != nil {
		t.Fatal(err)
	}
	p.Email = "ben@elsewhere.example"
	if err := m.Store.UpdateProfile(ctx, m.Ben, p); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := m.DB.Get(&n, `SELECT count(*) FROM outbox`); err != nil || n != 1 {
		t.Errorf("%d letters, %v", n, err)
	}
	for range 2 {
		if l := letterTo(t, m, m.Store, m.Ben.Email); l.Kind != store.EmailChangedLetter || l.FirstName != "Ben" {
			t.Errorf("%+v", l)
		}
		m.Clock.Advance(time.Hour)
	}
	m.Order(t, m.Ben, m.Work(t, m.Ana, storetest.Work{}), store.Accepted)
	if l := letterTo(t, m, m.Store, p.Email); l.Kind != store.OrderLetter {
		t.Errorf("%+v", l)
	}
}
