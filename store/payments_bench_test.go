package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/localpg"
	"openstudio/store/storetest"
)

// paymentClients is how many pay at the same time in BenchmarkPayments.
const paymentClients = 8

// BenchmarkPayments measures how many payments a second settle on one work that
// everybody wants, and on many works of as many artists, beside the rate at which
// pgbench does the same for other payments in the same run, on the same database: the
// statements are those that SettlePayment has sent for one payment, and the values
// those that it would send for each, which pgbench reads first, by one statement more.
// It sends them as the market does, parsed anew each time, and again prepared. Without
// pgbench, which comes with PostgreSQL's programs, there are no such columns.
func BenchmarkPayments(b *testing.B) {
	for _, works := range []int{1, 200} {
		b.Run(fmt.Sprintf("works=%d", works), func(b *testing.B) { benchmarkPayments(b, works) })
	}
}

// openPayment is a payment that waits for the gateway's word.
type openPayment struct {
	Payment                       string
	Order, Buyer, Artwork, Artist int64
	Amount                        store.Pence
}

func (p openPayment) event() store.PaymentEvent {
	return store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.Payment, Taken: true, Payment: p.Payment, Amount: p.Amount, Currency: "GBP"}
}

func benchmarkPayments(b *testing.B, works int) {
	m := storetest.New(b)
	ctx := context.Background()
	// Each client does as many as the others, and pgbench as many as we do, up to 400.
	each := (b.N + paymentClients - 1) / paymentClients * paymentClients
	bare := min(each, 400)
	const first = 4 * paymentClients // so that every connection is open
	list := openPayments(b, m, works, 1+first+each+2*bare)

	spied, overheard := m.Overhear(b)
	overheard.Take()
	settle := func(s *store.Store, p openPayment) {
		if outcome, err := s.SettlePayment(ctx, p.event()); err != nil || outcome != store.Settled {
			b.Errorf("%s, %v", outcome, err)
		}
	}
	settle(spied, list[0])
	said := overheard.Take()
	settleAll := func(list []openPayment) {
		var next atomic.Int64
		var all sync.WaitGroup
		for range paymentClients {
			all.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(list) && !b.Failed(); i = int(next.Add(1)) - 1 {
					settle(m.Store, list[i])
				}
			})
		}
		all.Wait()
	}
	pattern, list := list[0], list[1:]
	settleAll(list[:first])
	list = list[first:]
	b.ResetTimer()
	settleAll(list[:each])
	b.StopTimer()
	ours := float64(each) / b.Elapsed().Seconds()
	list = list[each:]
	b.ReportMetric(ours, "payments/s")
	b.ReportMetric(float64(len(said)), "statements")
	for _, mode := range []string{"extended", "prepared"} {
		rate, err := pgbench(b, m, mode, said, pattern, list[:bare])
		if err != nil {
			b.Logf("no column of pgbench: %v", err)
			return
		}
		list = list[bare:]
		b.ReportMetric(rate, "pgbench-"+mode+"/s")
		b.ReportMetric(ours/rate, "of-"+mode)
	}
	settledAlike(b, m, 1+first+each+2*bare)
}

// openPayments makes n payments of as many collectors for works of artists of their
// own. The numbers of all of them are unlike any other number in the market.
func openPayments(b *testing.B, m *storetest.Market, works, n int) []openPayment {
	b.Helper()
	if n > 9999*works { // of one work there are at most so many pieces
		b.Skipf("%d payments are more than there can be of %d works: take fewer with -benchtime", n, works)
	}
	ctx := context.Background()
	pattern := m.Order(b, m.Ben, m.Work(b, m.Ana, storetest.Work{Quantity: 2}), store.Accepted)
	if _, err := m.Store.BeginPayment(ctx, m.Ben, pattern.ID, storetest.Gateway, 0); err != nil {
		b.Fatal(err)
	}
	for i, table := range []string{"members", "artworks", "orders"} {
		if _, err := m.DB.Exec(fmt.Sprintf(`ALTER TABLE %s ALTER COLUMN id RESTART WITH %d000000001`, table, 6+i)); err != nil {
			b.Fatal(err)
		}
	}
	var artists []store.Member
	err := m.DB.Select(&artists, `
		INSERT INTO members (role, username, email, password_hash, first_name, last_name, address, town, postcode, created_at, updated_at)
		SELECT 'artist', 'artist-' || n, 'artist-' || n || '@example.org', '', 'Ines', 'Number ' || n, '1 Mill Lane', 'York', 'YO1 7HH', now(), now()
		FROM generate_series(1, $1) n RETURNING id, first_name, last_name`, works)
	if err != nil {
		b.Fatal(err)
	}
	var ids []int64
	for _, artist := range artists {
		ids = append(ids, m.Work(b, artist, storetest.Work{Quantity: 9999, Edition: store.OpenEdition}))
	}
	buyers := m.Collectors(b, n)
	orders, payments := m.Copies(b, pattern, ids, buyers)
	list := make([]openPayment, n)
	for i := range list {
		list[i] = openPayment{payments[i], orders[i], buyers[i].ID, ids[i%works], artists[i%works].ID, pattern.Total}
	}
	if _, err := m.DB.Exec(`VACUUM ANALYZE`); err != nil {
		b.Fatal(err)
	}
	return list
}

// places are what differs between the values of one payment's statements and those
// of another's.
func (p openPayment) places() []string {
	return []string{"{payment}", p.Payment, "{order}", strconv.FormatInt(p.Order, 10), "{buyer}", strconv.FormatInt(p.Buyer, 10),
		"{artwork}", strconv.FormatInt(p.Artwork, 10), "{artist}", strconv.FormatInt(p.Artist, 10)}
}

// pgbench settles payments by the statements that settled one, and returns how many
// a second.
func pgbench(b *testing.B, m *storetest.Market, mode string, said []storetest.Statement, one openPayment, list []openPayment) (float64, error) {
	b.Helper()
	bin, err := localpg.Find("")
	if err != nil {
		return 0, err
	}
	program := filepath.Join(bin.Dir, "pgbench")
	if _, err := os.Stat(program); err != nil {
		if program, err = exec.LookPath("pgbench"); err != nil {
			return 0, err
		}
	}
	var at struct{ Folder, Database string }
	if err := m.DB.Get(&at, `SELECT current_setting('unix_socket_directories') AS folder, current_database() AS database`); err != nil {
		return 0, err
	}
	// Values become names: of what is the same for all, and of columns of a table.
	swapped := one.places()
	for i := 0; i < len(swapped); i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	template := strings.NewReplacer(swapped...)
	args := []string{"-n", "-M", mode, "-c", strconv.Itoa(paymentClients), "-j", "2", "-t", strconv.Itoa(len(list) / paymentClients), "-D", "n=-1"}
	var columns, templates []string
	var script strings.Builder
	for _, st := range said {
		named := st.SQL
		for i := len(st.Values); i > 0; i-- { // $12 before $1
			name := "NULL"
			if !st.Null[i-1] {
				value := template.Replace(st.Values[i-1])
				if at := slices.Index(templates, value); at >= 0 {
					name = columns[at]
				} else {
					name = fmt.Sprintf("v%d", len(columns))
					columns, templates = append(columns, name), append(templates, value)
				}
				name = ":" + name
			}
			named = strings.ReplaceAll(named, "$"+strconv.Itoa(i), name)
		}
		script.WriteString(strings.TrimSuffix(strings.TrimSpace(named), ";") + ";\n")
	}
	table, wanted := "values_"+mode, []string{}
	values := make([][]string, len(list)) // by payment
	for i, value := range templates {
		if !strings.Contains(value, "{") || strings.NewReplacer(list[0].places()...).Replace(value) == value {
			args = append(args, "-D", columns[i]+"="+value)
			continue
		}
		wanted = append(wanted, columns[i])
		for n, p := range list {
			values[n] = append(values[n], strings.NewReplacer(p.places()...).Replace(value))
		}
	}
	if _, err := m.DB.Exec(`CREATE TABLE ` + table + ` (n int PRIMARY KEY, ` + strings.Join(wanted, " text NOT NULL, ") + ` text NOT NULL)`); err != nil {
		return 0, err
	}
	for n, row := range values {
		marks := ""
		for i := range row {
			marks += fmt.Sprintf(", ($2::text[])[%d]", i+1)
		}
		if _, err := m.DB.Exec(`INSERT INTO `+table+` SELECT $1::int`+marks, n, pq.Array(row)); err != nil {
			return 0, err
		}
	}
	if _, err := m.DB.Exec(`VACUUM ANALYZE ` + table); err != nil {
		return 0, err
	}
	file := filepath.Join(b.TempDir(), "payment.sql")
	read := fmt.Sprintf("\\set n :n + 1\nSELECT %s FROM %s WHERE n = :n * %d + :client_id \\gset\n", strings.Join(wanted, ", "), table, paymentClients)
	if err := os.WriteFile(file, []byte(read+script.String()), 0o600); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	args = append(args, "-f", file, "-h", strings.Trim(at.Folder, `"`), "-U", "openstudio", at.Database)
	answer, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, answer)
	}
	tps := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(answer)
	if tps == nil {
		return 0, fmt.Errorf("pgbench says no rate: %s", answer)
	}
	return strconv.ParseFloat(string(tps[1]), 64)
}

// settledAlike fails unless as many payments have settled, and each of them left
// the same behind, whoever sent the statements.
func settledAlike(b *testing.B, m *storetest.Market, want int) {
	b.Helper()
	var left []struct {
		N    int
		What string
	}
	err := m.DB.Select(&left, `
		SELECT count(*) AS n, what FROM (
			SELECT concat_ws(' ', o.status, o.payment, o.version, o.viewed_by_seller, (SELECT count(*) FROM payment_events e WHERE e.payment_id = p.id),
				(SELECT count(*) FROM papers WHERE order_id = o.id), (SELECT count(*) FROM journal_entries WHERE order_id = o.id),
				(SELECT string_agg(kind, ' ' ORDER BY id) FROM order_events WHERE order_id = o.id), (SELECT count(*) FROM notifications WHERE order_id = o.id),
				(SELECT count(*) FROM outbox b JOIN order_events e ON e.id = b.event_id WHERE e.order_id = o.id)) AS what
			FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.state = 'settled') x
		GROUP BY what`)
	if err != nil || len(left) != 1 || left[0].N != want {
		b.Errorf("of %d payments: %v, %v", want, left, err)
	}
}
