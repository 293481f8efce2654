package store

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
)

// Role is what a member does here, chosen at registration.
type Role string

// The roles. A member is either an artist or a collector; staff run the market.
const (
	Artist    Role = "artist"
	Collector Role = "collector"
	Staff     Role = "staff"
)

// Member is a registered person. Its address is its own and, from acceptance
// on, the other party's: no page shows a Member to anybody else.
type Member struct {
	ID        int64     `db:"id"`
	Role      Role      `db:"role"`
	Username  string    `db:"username"`
	Email     string    `db:"email"`
	FirstName string    `db:"first_name"`
	LastName  string    `db:"last_name"`
	Address   string    `db:"address"`
	Town      string    `db:"town"`
	Postcode  string    `db:"postcode"` // normalised: "LS6 3QT"
	Bio       string    `db:"bio"`
	Website   string    `db:"website"`
	CreatedAt time.Time `db:"created_at"`
	// NoLearning asks machines not to learn from an artist's pictures.
	NoLearning bool `db:"no_learning"`
}

// Name is the member's full name.
func (m Member) Name() string { return m.FirstName + " " + m.LastName }

// IsArtist reports whether the member sells.
func (m Member) IsArtist() bool { return m.Role == Artist }

// IsCollector reports whether the member buys and curates.
func (m Member) IsCollector() bool { return m.Role == Collector }

// Profile is what members say of themselves, as typed.
type Profile struct {
	Username, FirstName, LastName, Email string
	Address, Town, Postcode              string
	Bio, Website                         string // an artist's
	NoLearning                           bool   // an artist's: see Member
	Password                             string // the present one, to change Email
}

// Registration is a filled-in form of the door.
type Registration struct {
	Role                                 Role
	Username, FirstName, LastName, Email string
	Address, Town, Postcode              string
	Password, PasswordAgain              string
	Bio, Website                         string // an artist's
}

// What members may write of themselves, in characters.
const (
	UsernameMost = 150
	NameMost     = 50
	EmailMost    = 254
	AddressMost  = 255
	TownMost     = 100
	BioMost      = 700
	WebsiteMost  = 200
)

const emailTaken = "An account with this email exists. Log in, or use another."
const usernameTaken = "Somebody has this username. Choose another."

// Register makes a member, and in the same transaction the gallery that every
// collector has. It fails with *Invalid, which names all that is wrong at once
// by the fields "role", "first_name", "last_name", "email", "username",
// "password", "password_again", "address", "town", "postcode", "bio" and
// "website".
func (s *Store) Register(ctx context.Context, r Registration) (Member, error) {
	var inv Invalid
	if r.Role != Artist && r.Role != Collector {
		inv.Add("role", "Choose one.")
	}
	p := Profile{Username: r.Username, FirstName: r.FirstName, LastName: r.LastName, Email: r.Email,
		Address: r.Address, Town: r.Town, Postcode: r.Postcode}
	if r.Role == Artist {
		p.Bio, p.Website = r.Bio, r.Website
	}
	p = p.tidied()
	if err := s.checkIdentity(ctx, &inv, p, 0); err != nil {
		return Member{}, err
	}
	checkPassword(&inv, r.Password, r.PasswordAgain, p.own()...)
	p.Postcode = p.checkWhereabouts(&inv)
	if err := inv.Err(); err != nil {
		return Member{}, err
	}
	hash, err := s.passwords.hash(ctx, r.Password)
	if err != nil {
		return Member{}, err
	}
	var m Member
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		m, err = s.insertMember(ctx, tx, r.Role, p, hash)
		return err
	})
	switch taken := nameTaken(err); {
	case err == nil:
		return m, nil
	case taken != nil:
		return Member{}, taken
	}
	// The reply of the commit may have been lost. The salted hash is this very
	// registration's, so it tells what became of it.
	if s.getRow(ctx, &m, `SELECT `+ownColumns+` FROM members WHERE lower(email) = lower($1) AND password_hash = $2`, p.Email, hash) != nil {
		return Member{}, err
	}
	return m, nil
}

const ownColumns = `id, role, username, email, first_name, last_name, address, town, postcode, bio, website, created_at, no_learning`

func (s *Store) insertMember(ctx context.Context, tx *sqlx.Tx, role Role, p Profile, hash string) (Member, error) {
	var m Member
	err := tx.GetContext(ctx, &m, `
		INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, bio, website,
			created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
		RETURNING `+ownColumns,
		role, p.Username, p.Email, hash, p.FirstName, p.LastName, p.Address, p.Town, p.Postcode, p.Bio, p.Website, s.now())
	if err != nil {
		return Member{}, fmt.Errorf("register: %w", err)
	}
	if role == Collector {
		return m, s.createGallery(ctx, tx, m.ID, m.FirstName)
	}
	return m, tell(ctx, tx, Signal{Market: true})
}

// UpdateProfile changes what a member says of themselves. Orders keep the names
// and addresses that they were made with. Another email needs the member's
// password, because it is the key to a new one, ends letters under way that would
// set one, and is told to the old one. It fails with *Invalid for the fields of Register and
// "current_password", and with *TooMany after too many wrong passwords.
func (s *Store) UpdateProfile(ctx context.Context, m Member, p Profile) error {
	if !m.IsArtist() {
		p.Bio, p.Website, p.NoLearning = "", "", m.NoLearning
	}
	p = p.tidied()
	var inv Invalid
	if err := s.checkIdentity(ctx, &inv, p, m.ID); err != nil {
		return err
	}
	p.Postcode = p.checkWhereabouts(&inv)
	if p.Email != m.Email && inv.Get("email") == "" {
		if err := s.checkCurrent(ctx, &inv, m, p.Password, "To change your email, write your password."); err != nil {
			return err
		}
	}
	if err := inv.Err(); err != nil {
		return err
	}
	err := s.inTx(ctx, func(tx *sqlx.Tx) error { return s.updateMember(ctx, tx, m, p) })
	if taken := nameTaken(err); taken != nil {
		return taken
	}
	return err
}

func (s *Store) updateMember(ctx context.Context, tx *sqlx.Tx, m Member, p Profile) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE members SET username = $2, email = $3, first_name = $4, last_name = $5, address = $6, town = $7, postcode = $8,
			bio = $9, website = $10, updated_at = $11, no_learning = $12
		WHERE id = $1`, m.ID, p.Username, p.Email, p.FirstName, p.LastName, p.Address, p.Town, p.Postcode, p.Bio, p.Website, s.now(), p.NoLearning)
	if err != nil {
		return fmt.Errorf("update member %d: %w", m.ID, err)
	}
	if p.Email != m.Email {
		if err := s.voidResets(ctx, tx, m.ID); err != nil {
			return err
		}
		if _, err := forgetTrouble(ctx, tx, m.Email); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO outbox (letter_key, kind, recipient_id, sent_to, state, due_at, created_at)
			VALUES ($1, $2, $3, $4, 'waiting', $5, $5)`, "email-changed-"+newUUID(), EmailChangedLetter, m.ID, m.Email, s.now())
		if err != nil {
			return fmt.Errorf("post a letter to the old email of member %d: %w", m.ID, err)
		}
	}
	if m.IsArtist() && p.FirstName+" "+p.LastName != m.Name() {
		if err := refreshSearch(ctx, tx, m.ID); err != nil {
			return err
		}
	}
	return tell(ctx, tx, Signal{Market: true})
}

// tidied is the profile as it is kept: single lines without odd space.
func (p Profile) tidied() Profile {
	for _, line := range []*string{&p.Username, &p.FirstName, &p.LastName, &p.Email, &p.Address, &p.Town, &p.Postcode, &p.Website} {
		*line = oneLine(*line)
	}
	p.Bio = written(p.Bio)
	return p
}

// oneLine is a text of one line made fit to keep: see written.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, written(s))
	return strings.Join(strings.Fields(s), " ")
}

// own is what a password must not be like.
func (p Profile) own() []string {
	return []string{p.Username, p.Email, p.FirstName, p.LastName, p.FirstName + p.LastName}
}

// checkIdentity adds what is wrong with names, email and username. member is
// whose they are to be, 0 for a new member. That an email or a username is
// taken is only foretold here, to name all problems at once; the database's
// unique indexes decide.
func (s *Store) checkIdentity(ctx context.Context, inv *Invalid, p Profile, member int64) error {
	checkName(inv, "first_name", p.FirstName, "Write your first name.")
	checkName(inv, "last_name", p.LastName, "Write your last name.")
	checkEmail(inv, p.Email)
	checkUsername(inv, p.Username)
	var taken struct {
		Email    bool `db:"email"`
		Username bool `db:"username"`
	}
	err := s.getRow(ctx, &taken, `
		SELECT EXISTS (SELECT FROM members WHERE lower(email) = lower($1) AND id <> $3) AS email,
			EXISTS (SELECT FROM members WHERE lower(username) = lower($2) AND id <> $3) AS username`, p.Email, p.Username, member)
	if err != nil {
		return fmt.Errorf("look for the same names: %w", err)
	}
	if taken.Email {
		inv.Add("email", emailTaken)
	}
	if taken.Username {
		inv.Add("username", usernameTaken)
	}
	// Sentences stand in the order of the form.
	slices.SortStableFunc(inv.Fields, func(a, b FieldError) int {
		return slices.Index(identityFields, a.Field) - slices.Index(identityFields, b.Field)
	})
	return nil
}

var identityFields = []string{"role", "first_name", "last_name", "email", "username"}

// nameTaken translates the refusal of a unique index; nil for other errors.
func nameTaken(err error) error {
	switch {
	case violates(err, "members_email_key"):
		return &Invalid{Fields: []FieldError{{"email", emailTaken}}}
	case violates(err, "members_username_key"):
		return &Invalid{Fields: []FieldError{{"username", usernameTaken}}}
	}
	return nil
}

func checkName(inv *Invalid, field, name, missing string) {
	if letters(name) == 0 {
		inv.Add(field, missing)
	}
	limit(inv, field, name, NameMost)
}

// checkEmail wants an address that a letter can be sent to: one mailbox at a
// domain with a dot, in plain letters.
func checkEmail(inv *Invalid, email string) {
	if email == "" {
		inv.Add("email", "Write your email.")
	}
	limit(inv, "email", email, EmailMost)
	if !mailable(email) {
		inv.Add("email", "Not an email address, for example ruth@example.org.")
	}
}

func mailable(email string) bool {
	address, err := mail.ParseAddress(email)
	if err != nil || address.Name != "" || address.Address != email || strings.ContainsFunc(email, notPlain) {
		return false
	}
	local, domain, _ := strings.Cut(email, "@")
	return len(local) <= 64 && domainForm.MatchString(domain)
}

func notPlain(r rune) bool { return r <= ' ' || r >= 0x7f }

var (
	domainForm   = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)
	usernameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// reservedUsernames would read as somebody who speaks for the market, or as a
// page of it.
var reservedUsernames = []string{"admin", "administrator", "edit", "feed", "help", "new", "openstudio", "root", "search", "staff", "support"}

func checkUsername(inv *Invalid, username string) {
	switch {
	case username == "":
		inv.Add("username", "Choose a username.")
	case utf8.RuneCountInString(username) > UsernameMost:
		limit(inv, "username", username, UsernameMost)
	case !usernameForm.MatchString(username):
		inv.Add("username", "Letters, digits, dots, dashes and underscores, beginning with a letter or a digit.")
	case slices.Contains(reservedUsernames, strings.ToLower(username)):
		inv.Add("username", "This username is kept for the market. Choose another.")
	}
}

// checkWhereabouts adds what is wrong with the address and with what an artist
// shows, and returns the normalised postcode.
func (p Profile) checkWhereabouts(inv *Invalid) string {
	checkAddress(inv, p.Address, p.Town)
	postcode, ok := ParsePostcode(p.Postcode)
	switch {
	case p.Postcode == "":
		inv.Add("postcode", "Write your postcode.")
	case !ok:
		inv.Add("postcode", "Not a full UK postcode, for example LS6 3QT.")
	}
	limit(inv, "bio", p.Bio, BioMost)
	limit(inv, "website", p.Website, WebsiteMost)
	if p.Website != "" && !webAddress(p.Website) {
		inv.Add("website", "Write the whole address, for example https://ruthadeyemi.example.")
	}
	return postcode
}

// checkAddress adds what is wrong with where a parcel is to go. A house may have
// a name instead of a number.
func checkAddress(inv *Invalid, address, town string) {
	switch {
	case address == "":
		inv.Add("address", "Write the house and the street.")
	case letters(address) < 3:
		inv.Add("address", "Too short to find. Write the house and the street, for example 12 Mill Lane.")
	}
	limit(inv, "address", address, AddressMost)
	switch {
	case town == "":
		inv.Add("town", "Write the town.")
	case letters(town) < 2:
		inv.Add("town", "Not a town, for example Leeds.")
	}
	limit(inv, "town", town, TownMost)
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// webAddress reports whether s is a link that a page may carry.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && !strings.ContainsFunc(s, unicode.IsSpace) &&
		strings.Contains(strings.Trim(u.Hostname(), "."), ".")
}
