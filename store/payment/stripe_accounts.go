package payment

import (
	"context"
	"slices"
	"strings"

	"github.com/stripe/stripe-go/v85"
)

// OpenAccount implements Accounts: an Express account of somebody in Britain, whose
// form and papers are Stripe's business.
func (s *Stripe) OpenAccount(ctx context.Context, key, email string) (Account, error) {
	p := &stripe.AccountCreateParams{
		Type:    stripe.String(string(stripe.AccountTypeExpress)),
		Country: stripe.String("GB"),
		Email:   stripe.String(email),
		Capabilities: &stripe.AccountCreateCapabilitiesParams{
			CardPayments: &stripe.AccountCreateCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers:    &stripe.AccountCreateCapabilitiesTransfersParams{Requested: stripe.Bool(true)},
		},
		Metadata: map[string]string{"artist": key},
	}
	p.SetIdempotencyKey("account-" + key)
	a, err := s.client.V1Accounts.Create(ctx, p)
	if err != nil {
		return Account{}, s.failed("open an account", err)
	}
	return account(a), nil
}

// AccountPage implements Accounts.
func (s *Stripe) AccountPage(ctx context.Context, a Account, back, again string) (string, error) {
	if a.Ready {
		link, err := s.client.V1LoginLinks.Create(ctx, &stripe.LoginLinkCreateParams{Account: stripe.String(a.ID)})
		if err != nil {
			return "", s.failed("open an account's pages", err)
		}
		return link.URL, nil
	}
	link, err := s.client.V1AccountLinks.Create(ctx, &stripe.AccountLinkCreateParams{
		Account:    stripe.String(a.ID),
		Type:       stripe.String(string(stripe.AccountLinkTypeAccountOnboarding)),
		ReturnURL:  stripe.String(back),
		RefreshURL: stripe.String(again),
	})
	if err != nil {
		return "", s.failed("open an account's form", err)
	}
	return link.URL, nil
}

// LookAtAccount implements Accounts.
func (s *Stripe) LookAtAccount(ctx context.Context, id string) (Account, error) {
	a, err := s.client.V1Accounts.GetByID(ctx, id, nil)
	if err != nil {
		return Account{}, s.failed("look at an account", err)
	}
	return account(a), nil
}

// account is how an account stands: ready when a charge can be passed on to it and
// what is on it reaches a bank.
func account(a *stripe.Account) Account {
	passed := a.Capabilities != nil && a.Capabilities.Transfers == stripe.AccountCapabilityStatusActive
	var wanting []string
	if a.Requirements != nil {
		for _, due := range append(slices.Clone(a.Requirements.PastDue), a.Requirements.CurrentlyDue...) {
			wanting = append(wanting, requirement(due))
		}
	}
	return Account{ID: a.ID, Ready: passed && a.ChargesEnabled && a.PayoutsEnabled, Wanting: plainly(wanting)}
}

// requirements are what Stripe asks for, by a part of how it names that, and what
// an artist calls it. The first that is found counts.
var requirements = []struct{ part, words string }{
	{"external_account", "your bank account"},
	{"tos_acceptance", "your yes to its terms"},
	{"verification.additional_document", "a paper that shows where you live"},
	{"verification", "a paper that shows who you are"},
	{"id_number", "your national insurance number"},
	{"dob", "your date of birth"},
	{"address", "your address"},
	{"phone", "your telephone number"},
	{"email", "your e-mail address"},
	{"first_name", "your name"},
	{"last_name", "your name"},
	{"business_profile", "a line about what you sell"},
	{"business_type", "whether you sell as a person or a company"},
	{"company", "your company’s details"},
	{"owners", "who owns the company"},
	{"directors", "who leads the company"},
}

func requirement(due string) string {
	for _, r := range requirements {
		if strings.Contains(due, r.part) {
			return r.words
		}
	}
	return "something that its form will name"
}
