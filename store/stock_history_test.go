package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/lib/pq"

	"openstudio/store"
	"openstudio/store/storetest"
)

// historySeed names the variable of the environment that repeats what
// TestStockIsLinearizable has done, as far as the machine lets the same people come
// in the same order.
const historySeed = "OPENSTUDIO_HISTORY_SEED"

// A history is of one work with a few pieces, for which more people ask than there
// are pieces.
const (
	histories      = 32
	historyClients = 16
	historySteps   = 4 // of each client: what is unknown makes longer ones too wide to check
	historyPieces  = 3
	historyOrders  = 6
	historyChecked = 10 * time.Second // at most, to find an order of one history; most need milliseconds
)

// stockVerb is what a client does to the stock.
type stockVerb string

// The verbs of a history.
const (
	holdIt    stockVerb = "accept"  // the artist's: a piece is held
	beginIt   stockVerb = "begin"   // the collector's: a payment is opened
	settleIt  stockVerb = "settle"  // the gateway's: the piece is sold
	releaseIt stockVerb = "release" // the collector's: a held piece is free again
	orderIs   stockVerb = "order"   // reads where an order stands
	freeAre   stockVerb = "free"    // reads how many pieces are left, and how many are held
)

// stockInput is what a client asked for.
type stockInput struct {
	verb  stockVerb
	order int // of the history, from 0
	event int // of a settlement: which of the payment's two messages
}

// stockOutput is what a client was told. Of an unknown one nobody knows whether it
// has happened.
type stockOutput struct {
	unknown        bool
	refused        bool
	outcome        store.Outcome
	status         store.Status
	quantity, held int
}

// stockState is the whole of a work as people may think of it.
type stockState struct {
	quantity, held int
	orders         [historyOrders]orderState
}

type orderState struct {
	status store.Status
	open   bool // a payment
	begun  bool // a payment has been opened
	heard  [2]store.Outcome
}

// stockModel says what one client after another would see.
var stockModel = porcupine.Model{
	Init: func() any {
		s := stockState{quantity: historyPieces}
		for i := range s.orders {
			s.orders[i].status = store.Pending
		}
		return s
	},
	Step: func(state, input, output any) (bool, any) {
		return state.(stockState).step(input.(stockInput), output.(stockOutput))
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%+v: %+v", input, output)
	},
}

// step does one thing, and reports whether the answer is the one that is right in
// this state.
func (s stockState) step(in stockInput, out stockOutput) (bool, stockState) {
	o := &s.orders[in.order]
	done := false
	switch in.verb {
	case freeAre:
		return out.quantity == s.quantity && out.held == s.held, s
	case orderIs:
		return out.status == o.status, s
	case holdIt:
		if done = o.status == store.Pending && s.quantity > s.held; done {
			o.status = store.Accepted
			s.held++
		}
	case releaseIt:
		if done = o.status == store.Pending || o.status == store.Accepted; done {
			if o.status == store.Accepted {
				s.held--
			}
			o.status, o.open = store.Cancelled, false
		}
	case beginIt:
		if done = o.status == store.Accepted; done {
			o.open, o.begun = true, true
		}
	case settleIt:
		if !o.begun {
			return false, s
		}
		if o.heard[in.event] == "" {
			o.heard[in.event] = store.AlreadyClosed
			if o.open {
				o.heard[in.event] = store.Settled
				o.status, o.open = store.ReadyToShip, false
				s.held--
				s.quantity--
			}
		}
		return out.unknown || out.outcome == o.heard[in.event], s
	}
	return out.unknown || out.refused != done, s
}

// TestStockIsLinearizable lets sixteen clients of four instances accept, pay,
// release and read a work of a few pieces at once, and now and then loses a commit
// or its reply. Whatever they were told has to be what clients who came one after
// another, each between its question and its answer, would have been told. What
// has ended in an error may have happened at any time since, or not at all.
func TestStockIsLinearizable(t *testing.T) {
	t.Parallel()
	seed, err := strconv.ParseUint(os.Getenv(historySeed), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("%s=%d", historySeed, seed)
	m := storetest.New(t)
	people := m.Collectors(t, historyOrders)
	var instances [4]*store.Store
	var lines [len(instances)]*storetest.Lossy
	for i := range instances {
		instances[i], lines[i] = m.Lossy(t)
	}
	unknown, wide := 0, 0
	for n := range histories {
		h := &history{Market: m, work: m.Work(t, m.Ana, storetest.Work{Quantity: historyPieces}), people: people, began: time.Now()}
		for _, p := range people {
			h.orders = append(h.orders, m.Ask(t, p, h.work).ID)
		}
		var randoms [historyClients]*rand.Rand
		for c := range randoms {
			randoms[c] = rand.New(rand.NewPCG(seed, uint64(n*historyClients+c)))
		}
		for range historySteps {
			var clients sync.WaitGroup
			for c, random := range randoms {
				i := c % len(instances)
				clients.Go(func() { h.client(t, c, instances[i], lines[i], random) })
			}
			clients.Wait()
			h.look(t)
		}
		for _, op := range h.done {
			if op.Output.(stockOutput).unknown {
				unknown++
			}
		}
		switch result, info := porcupine.CheckOperationsVerbose(stockModel, h.done, historyChecked); {
		case result == porcupine.Illegal:
			t.Fatalf("history %d of seed %d: no order of these explains what was told:\n%s", n, seed, h.words(info))
		case result != porcupine.Ok:
			wide++
			t.Logf("history %d of seed %d: %d operations are too many to check", n, seed, len(h.done))
		}
	}
	if wide > histories/8 {
		t.Errorf("%d histories of %d were too wide to check", wide, histories)
	}
	var lost, dropped int64
	for _, l := range lines {
		lost += l.Lost.Load()
		dropped += l.Dropped.Load()
	}
	t.Logf("%d histories of %d clients: %d replies lost, %d commits dropped, %d outcomes unknown", histories, historyClients, lost, dropped, unknown)
	if lost < histories/4 || dropped < histories/4 || unknown < histories/2 {
		t.Errorf("%d replies lost, %d commits dropped, %d outcomes unknown: the test tests little else", lost, dropped, unknown)
	}
}

// history is one work and all that its clients were told.
type history struct {
	*storetest.Market
	work     int64
	people   []store.Member
	orders   []int64
	began    time.Time
	mu       sync.Mutex
	payments [historyOrders]store.Payment
	done     []porcupine.Operation
}

// verbs are what clients do, as often as they stand here.
var verbs = []stockVerb{holdIt, holdIt, holdIt, beginIt, beginIt, settleIt, settleIt, releaseIt, orderIs, freeAre, freeAre}

// client does one thing, and now and then loses a commit or its reply.
func (h *history) client(t *testing.T, c int, s *store.Store, line *storetest.Lossy, random *rand.Rand) {
	in := stockInput{verb: verbs[random.IntN(len(verbs))], order: random.IntN(historyOrders), event: random.IntN(2)}
	switch random.IntN(50) {
	case 0:
		line.LoseNextCommit()
	case 1:
		line.DropNextCommit()
	}
	if h.do(t, c, s, in) && in.verb == settleIt {
		h.do(t, c, s, in) // a gateway says it again until it is heard
	}
}

// look reads all that there is to see of a work, so that what sixteen have done at
// once is explained before the next sixteen things are.
func (h *history) look(t *testing.T) {
	h.do(t, historyClients, h.Store, stockInput{verb: freeAre})
	for o := range h.orders {
		h.do(t, historyClients, h.Store, stockInput{verb: orderIs, order: o})
	}
}

// do asks for one thing and keeps the answer. It reports whether that is unknown.
func (h *history) do(t *testing.T, c int, s *store.Store, in stockInput) (unknown bool) {
	ctx := context.Background()
	buyer, id := h.people[in.order], h.orders[in.order]
	h.mu.Lock()
	payment := h.payments[in.order]
	h.mu.Unlock()
	if in.verb == settleIt && payment.ID == "" {
		in.verb = beginIt
	}
	var out stockOutput
	var err error
	called := time.Since(h.began)
	switch in.verb {
	case holdIt:
		err = s.AcceptOrder(ctx, h.Ana, id)
	case releaseIt:
		err = s.CancelOrder(ctx, buyer, id)
	case beginIt:
		payment, err = s.BeginPayment(ctx, buyer, id, storetest.Gateway, 0)
	case settleIt:
		out.outcome, err = s.SettlePayment(ctx, store.PaymentEvent{Gateway: storetest.Gateway, ID: fmt.Sprintf("evt_%s_%d", payment.ID, in.event), Taken: true,
			Payment: payment.ID, Amount: payment.Amount, Currency: payment.Currency})
	case orderIs:
		var o store.Order
		o, err = s.Order(ctx, buyer, id)
		out.status = o.Status
	case freeAre:
		in.order = 0
		var a store.Artwork
		a, err = s.Artwork(ctx, 0, h.work)
		out.quantity, out.held = a.Quantity, a.Held
	}
	returned := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	op := porcupine.Operation{ClientId: c, Input: in, Call: int64(called), Return: int64(returned)}
	switch {
	case errors.Is(err, store.ErrConflict):
		out.refused = true
	case err != nil && (in.verb == orderIs || in.verb == freeAre):
		t.Errorf("a read failed: %v", err)
		return false
	case err != nil:
		// The last defence is not the one that decides: what comes to it is a fault.
		if fault := (*pq.Error)(nil); errors.As(err, &fault) && fault.Code.Class() == "23" {
			t.Errorf("%s of order %d: %v", in.verb, in.order, err)
		}
		out, op.Return = stockOutput{unknown: true}, math.MaxInt64
	case in.verb == beginIt:
		h.payments[in.order] = payment
	}
	op.Output = out
	h.done = append(h.done, op)
	return out.unknown
}

// words are the history with the longest part of it that can be explained.
func (h *history) words(info porcupine.LinearizationInfo) string {
	var text strings.Builder
	longest := []porcupine.Operation{}
	for _, part := range info.PartialLinearizationsOperations() {
		for _, l := range part {
			if len(l) > len(longest) {
				longest = l
			}
		}
	}
	for _, op := range longest {
		fmt.Fprintf(&text, "  client %d, %d..%d: %+v: %+v\n", op.ClientId, op.Call, op.Return, op.Input, op.Output)
	}
	text.WriteString("what follows cannot be explained:\n")
	slices.SortFunc(h.done, func(a, b porcupine.Operation) int { return int(min(max(a.Call-b.Call, -1), 1)) })
	for _, op := range h.done {
		if !slices.Contains(longest, op) {
			fmt.Fprintf(&text, "  client %d, %d..%d: %+v: %+v\n", op.ClientId, op.Call, op.Return, op.Input, op.Output)
		}
	}
	return text.String()
}
