package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openstudio/store"
	"openstudio/store/localpg"
	"openstudio/store/storetest"
)

// paymentClients is how many pay at the same time in BenchmarkPayments.
const paymentClients = 8

// BenchmarkPayments measures how many payments a second settle on one work that
// everybody wants, and on many works, beside the rate at which pgbench does the
// statements that a payment cannot do without, in the same run, on the same
// database. Without pgbench, which comes with PostgreSQL's programs, there is no
// such column.
func BenchmarkPayments(b *testing.B) {
	for _, works := range []int{1, 200} {
		b.Run(fmt.Sprintf("works=%d", works), func(b *testing.B) { benchmarkPayments(b, works) })
	}
}

func benchmarkPayments(b *testing.B, works int) {
	m := storetest.New(b)
	ctx := context.Background()
	ids := make([]int64, works)
	for i := range ids {
		ids[i] = m.Work(b, m.Ana, storetest.Work{Quantity: 1_000_000})
	}
	events := make([]store.PaymentEvent, b.N)
	for i, buyer := range m.Collectors(b, b.N) {
		o := m.Ask(b, buyer, ids[i%works])
		if err := m.Store.AcceptOrder(ctx, m.Ana, o.ID); err != nil {
			b.Fatal(err)
		}
		p, err := m.Store.BeginPayment(ctx, buyer, o.ID, storetest.Gateway, 0)
		if err != nil {
			b.Fatal(err)
		}
		events[i] = store.PaymentEvent{Gateway: storetest.Gateway, ID: "evt_" + p.ID, Taken: true, Payment: p.ID, Amount: p.Amount, Currency: p.Currency}
	}
	b.ResetTimer()
	var next atomic.Int64
	var all sync.WaitGroup
	for range paymentClients {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(events) {
					return
				}
				if outcome, err := m.Store.SettlePayment(ctx, events[i]); err != nil || outcome != store.Settled {
					b.Errorf("%s, %v", outcome, err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	ours := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(ours, "payments/s")
	switch bare, err := pgbench(b, m, ids); {
	case err != nil:
		b.Logf("no column of pgbench: %v", err)
	default:
		b.ReportMetric(bare, "pgbench/s")
		b.ReportMetric(ours/bare, "of-pgbench")
	}
}

// pgbench does what a payment writes, for five seconds: the lock of the work, the
// order, the piece, the event with its notification and two letters, the gateway's
// message. It returns how many it did a second.
func pgbench(b *testing.B, m *storetest.Market, works []int64) (float64, error) {
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
	if _, err := m.DB.Exec(`
		CREATE TABLE bare_orders AS SELECT id, status, version, buyer_id, seller_id FROM orders;
		CREATE UNIQUE INDEX ON bare_orders (id);
		CREATE TABLE bare_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL, order_id bigint NOT NULL, at timestamptz NOT NULL);
		CREATE INDEX ON bare_rows (order_id)`); err != nil {
		return 0, err
	}
	var first, last int64
	if err := m.DB.QueryRow(`SELECT min(id), max(id) FROM bare_orders`).Scan(&first, &last); err != nil {
		return 0, err
	}
	insert := `INSERT INTO bare_rows (what, order_id, at) VALUES ('%s', :o, now());`
	script := strings.Join([]string{
		fmt.Sprintf(`\set o random(%d, %d)`, first, last), fmt.Sprintf(`\set w random(%d, %d)`, works[0], works[len(works)-1]),
		`BEGIN;`,
		`SELECT id, status FROM bare_orders WHERE id = :o FOR UPDATE;`,
		`SELECT id, quantity, held FROM artworks WHERE id = :w FOR UPDATE;`,
		`UPDATE bare_orders SET version = version + 1 WHERE id = :o;`,
		`UPDATE artworks SET sold = sold + 1, version = version + 1 WHERE id = :w;`,
		fmt.Sprintf(insert, "event"), fmt.Sprintf(insert, "notification"), fmt.Sprintf(insert, "letter"), fmt.Sprintf(insert, "receipt"), fmt.Sprintf(insert, "message"),
		`COMMIT;`,
	}, "\n")
	file := filepath.Join(b.TempDir(), "payment.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	said, err := exec.CommandContext(ctx, program, "-n", "-M", "prepared", "-c", strconv.Itoa(paymentClients), "-j", "2", "-T", "5", "-f", file,
		"-h", strings.Trim(at.Folder, `"`), "-U", "openstudio", at.Database).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, said)
	}
	tps := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(said)
	if tps == nil {
		return 0, fmt.Errorf("pgbench says no rate: %s", said)
	}
	return strconv.ParseFloat(string(tps[1]), 64)
}
