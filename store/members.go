package store

import "time"

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
}

// Name is the member's full name.
func (m Member) Name() string { return m.FirstName + " " + m.LastName }

// IsArtist reports whether the member sells.
func (m Member) IsArtist() bool { return m.Role == Artist }

// IsCollector reports whether the member buys and curates.
func (m Member) IsCollector() bool { return m.Role == Collector }
