package store

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Commission is what the market keeps of the price of a work, in hundredths of a
// per cent. Nothing is kept of delivery and cover. The zero value keeps nothing.
type Commission int

// ParseCommission reads per cent as they are written: "0", "2.5", "12.25 %". It
// fails for more than 100 and for more than two decimals.
func ParseCommission(s string) (Commission, error) {
	n, ok := parseHundredths(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")))
	if !ok || n > 10000 {
		return 0, errors.New("say per cent from 0 to 100, as in 2.5")
	}
	return Commission(n), nil
}

// Of is the commission on a price, in pence, rounded half up.
func (c Commission) Of(price Pence) Pence { return Pence(roundHalfUp(int64(price)*int64(c), 10000)) }

// String prints per cent: "2.5%".
func (c Commission) String() string {
	if c%100 == 0 {
		return strconv.Itoa(int(c)/100) + "%"
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", int(c)/100, int(c)%100), "0") + "%"
}

// Commission is what the market keeps of a sale that is asked for now.
func (s *Store) Commission() Commission { return s.commission }
