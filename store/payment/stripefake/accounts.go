package stripefake

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (s *Stripe) createAccount(form url.Values) (any, *problem) {
	if form.Get("type") != "express" || form.Get("country") == "" {
		return nil, invalid("type", "Invalid type")
	}
	a := &account{ID: s.id("acct"), Object: "account", Type: "express", Email: form.Get("email"), Country: form.Get("country"),
		Capabilities: map[string]string{}, Metadata: metadata(form, "metadata")}
	for _, c := range []string{"card_payments", "transfers"} {
		if form.Get("capabilities["+c+"][requested]") == "true" {
			a.Capabilities[c] = "inactive"
		}
	}
	a.Requirements.Due = []string{"business_profile.url", "external_account", "individual.dob.day", "individual.dob.month", "tos_acceptance.date"}
	s.accounts[a.ID] = a
	return a, nil
}

func (s *Stripe) showAccount(id string) (any, *problem) {
	if a := s.accounts[id]; a != nil {
		return a, nil
	}
	return nil, missing("account", id)
}

func (s *Stripe) linkToForm(form url.Values) (any, *problem) {
	a := s.accounts[form.Get("account")]
	switch {
	case a == nil:
		return nil, missing("account", form.Get("account"))
	case form.Get("type") != "account_onboarding":
		return nil, invalid("type", "Invalid type")
	case !strings.HasPrefix(form.Get("return_url"), "http") || !strings.HasPrefix(form.Get("refresh_url"), "http"):
		return nil, invalid("return_url", "Not a valid URL")
	}
	a.back = form.Get("return_url")
	return map[string]any{"object": "account_link", "url": s.URL + "/setup/" + a.ID, "expires_at": s.now().Unix() + 300}, nil
}

func (s *Stripe) linkToPages(id string) (any, *problem) {
	a := s.accounts[id]
	if a == nil {
		return nil, missing("account", id)
	}
	if !a.Submitted {
		return nil, invalid("", "Cannot create a login link for an account that has not completed onboarding.")
	}
	return map[string]any{"object": "login_link", "url": s.URL + "/express/" + a.ID}, nil
}

// Finish fills an account's form in: it is ready.
func (s *Stripe) Finish(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(id)
}

func (s *Stripe) finish(id string) {
	a := s.accounts[id]
	a.Charges, a.Payouts, a.Submitted = true, true, true
	a.Capabilities = map[string]string{"card_payments": "active", "transfers": "active"}
	a.Requirements.Due, a.Requirements.PastDue = nil, nil
	s.tell("account.updated", a)
}

// Restrict stops an account until it has given what is due.
func (s *Stripe) Restrict(id string, due ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[id]
	a.Payouts = false
	a.Capabilities["transfers"] = "inactive"
	a.Requirements.PastDue = due
	s.tell("account.updated", a)
}

// Accounts are the names of the accounts that were opened.
func (s *Stripe) Accounts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.accounts))
}

const pageOf = `<!doctype html><html lang="en"><title>%[1]s</title><main><h1>%[1]s</h1><form method="post"><button>%[2]s</button></form></main>`

// showPage is where a collector pays.
func (s *Stripe) showPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.sessions[r.PathValue("session")]; c == nil || c.Status != "open" {
		http.Error(w, "This page has expired.", http.StatusNotFound)
		return
	}
	fmt.Fprintf(w, pageOf, "Stripe, as a fake", "Pay")
}

func (s *Stripe) usePage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sessions[r.PathValue("session")]
	if c == nil || !s.pay(c.ID) {
		http.Error(w, "This page has expired.", http.StatusNotFound)
		return
	}
	http.Redirect(w, r, c.Success, http.StatusSeeOther)
}

// showForm is where an artist sets an account up.
func (s *Stripe) showForm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[r.PathValue("account")]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	fmt.Fprintf(w, pageOf, "Stripe, as a fake, for "+html.EscapeString(a.Email), "Finish")
}

func (s *Stripe) fillForm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[r.PathValue("account")]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	s.finish(a.ID)
	http.Redirect(w, r, a.back, http.StatusSeeOther)
}
