package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// BankDetails are where an artist is paid directly: an account of a British bank,
// or an IBAN. They are kept sealed, and shown to the artist and to collectors who
// are to pay, to nobody else.
type BankDetails struct {
	AccountName   string
	SortCode      string // "12-34-56", or ""
	AccountNumber string // eight digits, or ""
	IBAN          string // without spaces, or ""

	ChangedAt time.Time `json:"-"`
}

// Ending is the end of the account's number, for papers: "4321".
func (b BankDetails) Ending() string {
	number := b.AccountNumber + b.IBAN
	if len(number) < 4 {
		return ""
	}
	return number[len(number)-4:]
}

// SpacedIBAN prints the IBAN in fours, as banks do.
func (b BankDetails) SpacedIBAN() string {
	var s strings.Builder
	for i, r := range b.IBAN {
		if i > 0 && i%4 == 0 {
			s.WriteByte(' ')
		}
		s.WriteRune(r)
	}
	return s.String()
}

// AccountNameMost is how long the name of an account may be, in characters.
const AccountNameMost = 70

// check tidies what was typed and adds what is wrong with it.
func (b *BankDetails) check(inv *Invalid) {
	b.AccountName = strings.Join(strings.Fields(written(b.AccountName)), " ")
	tight := strings.NewReplacer(" ", "", "-", "", "\u00a0", "")
	sort, number := tight.Replace(written(b.SortCode)), tight.Replace(written(b.AccountNumber))
	b.IBAN = strings.ToUpper(tight.Replace(written(b.IBAN)))
	if b.AccountName == "" {
		inv.Add("account_name", "Write the name of the account as your bank has it.")
	}
	limit(inv, "account_name", b.AccountName, AccountNameMost)
	switch {
	case b.IBAN != "" && sort+number != "":
		inv.Add("iban", "Give the sort code and account number, or the IBAN, not both.")
	case b.IBAN != "":
		if !validIBAN(b.IBAN) {
			inv.Add("iban", "This is not an IBAN: look at it again, letter by letter.")
		}
	default:
		if !sixDigits.MatchString(sort) {
			inv.Add("sort_code", "A sort code has six digits, as in 12-34-56.")
		}
		if !eightDigits.MatchString(number) {
			inv.Add("account_number", "An account number has eight digits. If yours has seven, write a 0 before it.")
		}
		b.AccountNumber = number
		if len(sort) == 6 {
			b.SortCode = sort[:2] + "-" + sort[2:4] + "-" + sort[4:]
		}
	}
}

var (
	sixDigits   = regexp.MustCompile(`^[0-9]{6}$`)
	eightDigits = regexp.MustCompile(`^[0-9]{8}$`)
	anIBAN      = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)
)

// ibanLengths are those of the countries of the single euro payments area.
var ibanLengths = map[string]int{
	"AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
	"FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19,
	"SK": 24, "SM": 27, "VA": 22,
}

// validIBAN reports whether an IBAN without spaces has its country's length and
// leaves 1 when divided by 97 (ISO 13616).
func validIBAN(s string) bool {
	if !anIBAN.MatchString(s) {
		return false
	}
	if n := ibanLengths[s[:2]]; n != 0 && n != len(s) {
		return false
	}
	var digits strings.Builder
	for _, r := range s[4:] + s[:4] {
		if r >= 'A' {
			fmt.Fprintf(&digits, "%d", r-'A'+10)
		} else {
			digits.WriteRune(r)
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// bankCipher seals and opens bank details with the market's secret.
func (s *Store) bankCipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.seal("bank details", nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealBank encrypts details so that they open for their artist alone.
func (s *Store) sealBank(artist int64, b BankDetails) ([]byte, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	aead, err := s.bankCipher()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, fmt.Append(nil, artist)), nil
}

// openBank decrypts details. It fails with ErrNotFound for those that another
// secret sealed: then the artist is to enter them again.
func (s *Store) openBank(artist int64, sealed []byte) (BankDetails, error) {
	aead, err := s.bankCipher()
	if err != nil {
		return BankDetails{}, err
	}
	if len(sealed) < aead.NonceSize() {
		return BankDetails{}, ErrNotFound
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], fmt.Append(nil, artist))
	if err != nil {
		return BankDetails{}, ErrNotFound
	}
	var b BankDetails
	if err := json.Unmarshal(plain, &b); err != nil {
		return BankDetails{}, fmt.Errorf("read the bank details of member %d: %w", artist, err)
	}
	return b, nil
}

// BankDetails returns the artist's own bank details, or ErrNotFound.
func (s *Store) BankDetails(ctx context.Context, artist Member) (BankDetails, error) {
	return s.bankDetails(ctx, artist.ID)
}

func (s *Store) bankDetails(ctx context.Context, artist int64) (BankDetails, error) {
	var row struct {
		Sealed  []byte    `db:"sealed"`
		Changed time.Time `db:"changed_at"`
	}
	if err := s.getRow(ctx, &row, `SELECT sealed, changed_at FROM bank_details WHERE artist_id = $1`, artist); err != nil {
		return BankDetails{}, err
	}
	b, err := s.openBank(artist, row.Sealed)
	b.ChangedAt = row.Changed
	return b, err
}

// SetBankDetails keeps where the artist is paid directly. password is the present
// one: whoever finds a browser signed in is not to turn the money elsewhere. A
// letter tells of it. It fails with *Invalid for the fields "account_name", "sort_code", "account_number",
// "iban" and "current_password".
func (s *Store) SetBankDetails(ctx context.Context, artist Member, b BankDetails, password string) error {
	if !artist.IsArtist() {
		return ErrForbidden
	}
	var inv Invalid
	b.check(&inv)
	if err := s.checkCurrent(ctx, &inv, artist, password, "Write your password, so that nobody else can turn your money elsewhere."); err != nil {
		return err
	}
	if err := inv.Err(); err != nil {
		return err
	}
	sealed, err := s.sealBank(artist.ID, b)
	if err != nil {
		return fmt.Errorf("seal the bank details of member %d: %w", artist.ID, err)
	}
	key := "bank-details-" + newUUID()
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO bank_details (artist_id, sealed, ending, changed_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (artist_id) DO UPDATE SET sealed = EXCLUDED.sealed, ending = EXCLUDED.ending, changed_at = EXCLUDED.changed_at`,
			artist.ID, sealed, b.Ending(), s.now())
		if err != nil {
			return fmt.Errorf("keep the bank details of member %d: %w", artist.ID, err)
		}
		return s.post(ctx, tx, key, BankDetailsLetter, artist.ID, nil, nil)
	})
}

// LacksBankDetails reports whether an artist cannot accept, because the market lets
// collectors pay artists directly and this one has not said where.
func (s *Store) LacksBankDetails(ctx context.Context, artist Member) (bool, error) {
	if !s.direct || !artist.IsArtist() {
		return false, nil
	}
	_, err := s.bankDetails(ctx, artist.ID)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return false, err
}

// errNoBank is what an artist reads who comes to accept without bank details.
var errNoBank = &Conflict{"Collectors pay you directly here, so nothing was accepted: enter your bank details first, in your studio under Bank details."}

// hasBank fails with errNoBank unless the artist of a work has said where to be
// paid directly.
func (s *Store) hasBank(ctx context.Context, tx *sqlx.Tx, artwork int64) error {
	var row struct {
		Artist int64  `db:"artist_id"`
		Sealed []byte `db:"sealed"`
	}
	err := found(tx.GetContext(ctx, &row, `
		SELECT b.artist_id, b.sealed FROM bank_details b JOIN artworks a ON a.artist_id = b.artist_id WHERE a.id = $1`, artwork))
	if err == nil {
		_, err = s.openBank(row.Artist, row.Sealed)
	}
	if errors.Is(err, ErrNotFound) {
		return errNoBank
	}
	return err
}
