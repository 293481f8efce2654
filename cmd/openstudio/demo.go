package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/imagehost"
)

//go:embed demo/*.jpg
var demoPictures embed.FS

// demoSignIns tells how to come in.
const demoSignIns = "  artist     maren@openstudio.example   " + demoPassword + "\n" +
	"  collector  ruth@openstudio.example    " + demoPassword + "\n" +
	"Use two browsers, or a private window, to be both."

// demoCommand fills an empty market by hand, or adds a crowd of works to any.
func (p *program) demoCommand(ctx context.Context, args []string) error {
	o, err := readDemoOptions(args)
	if err != nil {
		return err
	}
	if p.Prod {
		return errors.New("the demo market is not for PROD: its passwords are known to everybody")
	}
	m, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer m.close()
	filled, err := p.fillIfEmpty(ctx, m)
	if err == nil && o.works > 0 {
		return p.crowd(ctx, m, o)
	}
	if err == nil && !filled {
		return errors.New("the market is not empty, so nothing was added")
	}
	if err == nil {
		p.say("The demo market is there.\n%s", demoSignIns)
	}
	return err
}

// fillDemo fills an empty market, and reports whether the demo's people are
// members.
func (p *program) fillDemo(ctx context.Context, m *market) (bool, error) {
	if _, err := p.fillIfEmpty(ctx, m); err != nil {
		return false, err
	}
	_, err := m.ArtistByUsername(ctx, demoPeople()[0].Username)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// fillIfEmpty fills a market without artists. A file in the data folder says
// that a filling is under way: one that was broken off is brought to its end at
// the next start, whatever it left.
func (p *program) fillIfEmpty(ctx context.Context, m *market) (filled bool, err error) {
	underway := filepath.Join(p.DataDir, "demo-unfinished")
	if _, err := os.Stat(underway); errors.Is(err, fs.ErrNotExist) {
		artists, err := m.Artists(ctx, store.ArtistFilter{}, "")
		if err != nil || len(artists.Items) > 0 {
			return false, err
		}
	} else if err != nil {
		return false, err
	}
	p.say("Filling the new market with demo works.")
	if err := os.WriteFile(underway, nil, 0o644); err != nil {
		return false, fmt.Errorf("fill the market: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := fillMarket(ctx, m.dsn, m.secret, hangPictures(ctx, m.Store, m.images[p.imageHost()], p.imageHost()), time.Now()); err != nil {
		return false, fmt.Errorf("fill the market: %w", err)
	}
	if err := os.Remove(underway); err != nil {
		return false, fmt.Errorf("fill the market: %w", err)
	}
	return true, nil
}

// fillMarket makes the demo market as if its people had come and gone for a
// year before today. Everything goes through the store, by its rules, and has a
// natural key, so that filling again adds what is missing and nothing else.
func fillMarket(ctx context.Context, dsn string, secret []byte, pictures map[string]*picture, today time.Time) error {
	f := &filling{today: today, pictures: pictures, members: map[string]store.Member{}, works: map[string]work{}}
	f.clock.Store(&today)
	var err error
	f.store, err = store.Open(ctx, store.Config{DSN: dsn, Secret: secret, MaxConnections: 4, Now: func() time.Time { return *f.clock.Load() }})
	if err != nil {
		return err
	}
	defer f.store.Close()
	f.plan()
	slices.SortStableFunc(f.moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range f.moments {
		f.clock.Store(&m.at)
		if err := m.happen(ctx); err != nil {
			return err
		}
	}
	return nil
}

// filling is a demo market while it is made.
type filling struct {
	store    *store.Store
	clock    atomic.Pointer[time.Time]
	today    time.Time
	moments  []moment
	pictures map[string]*picture     // by file
	members  map[string]store.Member // by username
	works    map[string]work         // by title
}

type work struct {
	id     int64
	artist string
}

// moment is something that happens in the demo market.
type moment struct {
	at     time.Time
	happen func(context.Context) error
}

// then plans what happens so many days ago. Whole days ago, people are awake.
func (f *filling) then(daysAgo float64, happen func(context.Context) error) {
	at := f.today.Add(-time.Duration(daysAgo * 24 * float64(time.Hour)))
	if daysAgo >= 1 {
		days := int(daysAgo)
		at = time.Date(f.today.Year(), f.today.Month(), f.today.Day()-days, 20, 0, 0, 0, f.today.Location())
		at = at.Add(-time.Duration((daysAgo - float64(days)) * 11 * float64(time.Hour)))
	}
	f.moments = append(f.moments, moment{at, happen})
}

func (f *filling) plan() {
	for i, r := range demoPeople() {
		f.then(float64(400-2*i), func(ctx context.Context) error { return f.join(ctx, r) })
	}
	for i, w := range demoWorks() {
		f.then(float64(w.hung)+0.5+0.01*float64(i), func(ctx context.Context) error { return f.hang(ctx, w) })
	}
	for _, o := range demoOrders() {
		f.order(o)
	}
	for _, t := range demoTalks() {
		f.talk(t)
	}
	for _, p := range demoPractices() {
		f.then(0.3, func(ctx context.Context) error { return f.practise(ctx, p) })
	}
	for _, g := range demoGalleries() {
		f.then(g.rehung, func(ctx context.Context) error { return f.curate(ctx, g) })
	}
	for _, d := range demoSearches() {
		f.then(d.saved, func(ctx context.Context) error { return f.search(ctx, d) })
	}
}

// join registers a member, or finds the one who joined before.
func (f *filling) join(ctx context.Context, r store.Registration) error {
	r.Email = r.Username + "@openstudio.example"
	r.Password, r.PasswordAgain = demoPassword, demoPassword
	m, err := f.store.Register(ctx, r)
	var invalid *store.Invalid
	if errors.As(err, &invalid) && invalid.Get("email") != "" {
		var token string
		if token, m, err = f.store.SignIn(ctx, r.Email, demoPassword, "demo", "127.0.0.1"); err == nil {
			err = f.store.EndSession(ctx, token)
		}
	}
	if err != nil {
		return fmt.Errorf("register %s: %w", r.Username, err)
	}
	f.members[r.Username] = m
	return nil
}

// hang makes a work with its photographs.
func (f *filling) hang(ctx context.Context, w demoWork) error {
	artist := f.members[w.artist]
	form := store.ArtworkForm{
		Key: demoKey("work", w.title), Title: w.title, Year: w.year, Medium: string(w.medium), Material: w.material,
		Description: w.about, Height: w.height, Width: w.width, Depth: w.depth, Weight: w.weight,
		Edition: store.UniqueEdition, EditionSize: w.size, Quantity: cmp.Or(w.quantity, "1"),
		Price: w.price, ForSale: true, Hang: !w.draft,
	}
	if w.size != "" {
		form.Edition = store.LimitedEdition
	}
	for _, p := range w.pictures {
		kept, err := f.pictures[p.file].wait(ctx)
		if err != nil {
			return err
		}
		img, err := f.store.AddImage(ctx, artist, p.file+".jpg", kept.seed, kept.MadePicture, kept.avif)
		if err != nil {
			return fmt.Errorf("add %s: %w", p.file, err)
		}
		form.Images = append(form.Images, store.FormImage{ID: img.ID, Alt: p.alt})
	}
	id, err := f.store.CreateArtwork(ctx, artist, form)
	if err != nil {
		return fmt.Errorf("hang %s: %w", w.title, err)
	}
	f.works[w.title] = work{id, w.artist}
	if _, err := f.store.TellOfNewWorks(ctx); err != nil {
		return fmt.Errorf("tell of %s: %w", w.title, err)
	}
	return nil
}

// order plans an order's life.
func (f *filling) order(o demoOrder) {
	var id int64
	step := func(daysAgo float64, what string, do func(ctx context.Context, buyer, artist store.Member) error) {
		if daysAgo == 0 {
			return
		}
		f.then(daysAgo, func(ctx context.Context) error {
			buyer, artist := f.members[o.buyer], f.members[f.works[o.title].artist]
			err := do(ctx, buyer, artist)
			if errors.Is(err, store.ErrConflict) {
				return nil // it happened before the filling was broken off
			}
			if err != nil {
				return fmt.Errorf("%s %s for %s: %w", what, o.title, o.buyer, err)
			}
			return f.toldOf(ctx, id, daysAgo > 3, buyer, artist)
		})
	}
	step(o.asked, "request", func(ctx context.Context, buyer, _ store.Member) (err error) {
		id, err = f.request(ctx, buyer, o)
		return err
	})
	step(o.accepted, "accept", func(ctx context.Context, _, artist store.Member) error { return f.store.AcceptOrder(ctx, artist, id) })
	step(o.declined, "decline", func(ctx context.Context, _, artist store.Member) error {
		return f.store.DeclineOrder(ctx, artist, id, o.reason, o.words)
	})
	step(o.cancelled, "cancel", func(ctx context.Context, buyer, _ store.Member) error { return f.store.CancelOrder(ctx, buyer, id) })
	step(o.notForSale, "keep", func(ctx context.Context, _, artist store.Member) error {
		return f.store.SetForSale(ctx, artist, f.works[o.title].id, false)
	})
	step(o.paid, "pay", func(ctx context.Context, buyer, _ store.Member) error { return f.pay(ctx, buyer, id) })
	step(o.shipped, "ship", func(ctx context.Context, _, artist store.Member) error {
		return f.store.ShipOrder(ctx, artist, id, o.carrier, o.tracking)
	})
	step(o.completed, "complete", func(ctx context.Context, buyer, _ store.Member) error { return f.store.CompleteOrder(ctx, buyer, id) })
}

// request asks for a work, or finds the order that was asked for before.
func (f *filling) request(ctx context.Context, buyer store.Member, o demoOrder) (int64, error) {
	quote, err := f.store.QuoteArtwork(ctx, f.works[o.title].id, buyer.Postcode)
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return 0, err
	}
	var in int64
	if o.in != "" {
		gallery, err := f.store.MyGallery(ctx, f.members[o.in], "")
		if err != nil {
			return 0, err
		}
		in = gallery.ID
	}
	order, err := f.store.RequestOrder(ctx, buyer, f.works[o.title].id, store.Request{
		Key: demoKey("order", o.buyer+" "+o.title), Address: buyer.Address, Town: buyer.Town, Postcode: buyer.Postcode,
		Note: o.note, Seen: quote.Total(), Line: true, Gallery: in})
	if err == nil && order.Status != store.Pending {
		err = store.ErrConflict // it was asked for before, and has gone on since
	}
	return order.ID, err
}

// pay pays by the test gateway.
func (f *filling) pay(ctx context.Context, buyer store.Member, order int64) error {
	p, err := f.store.BeginPayment(ctx, buyer, order, "test", 0)
	if err != nil {
		return err
	}
	outcome, err := f.store.SettlePayment(ctx, store.PaymentEvent{Gateway: p.Gateway, ID: "evt_demo_" + p.ID, Taken: true,
		Payment: p.ID, Amount: p.Amount, Currency: p.Currency})
	if err == nil && outcome != store.Settled {
		err = fmt.Errorf("the payment came out as %s", outcome)
	}
	return err
}

// talk plans what two people say to each other, the first line as a question.
func (f *filling) talk(t demoTalk) {
	var id int64
	for i, line := range t.lines {
		f.then(line.at, func(ctx context.Context) error {
			work := f.works[t.title]
			writer := f.members[t.asker]
			if line.artist {
				writer = f.members[work.artist]
			}
			form := store.MessageForm{Key: demoKey("message", fmt.Sprint(t.asker, t.title, i)), Text: line.text}
			var err error
			if i == 0 {
				id, err = f.store.AskAbout(ctx, writer, work.id, form)
			} else {
				err = f.store.SendMessage(ctx, writer, id, form)
			}
			if err != nil {
				return fmt.Errorf("write about %s: %w", t.title, err)
			}
			return nil
		})
		// A letter tells of it before it is read.
		f.then(line.at-0.04, func(ctx context.Context) error {
			reader := f.members[t.asker]
			if !line.artist {
				reader = f.members[f.works[t.title].artist]
			}
			if err := f.letters(ctx); err != nil || line.unread {
				return err
			}
			said, err := f.store.Talk(ctx, reader, id, "")
			for _, d := range said.Lines { // up to this one: a filling may be repeated
				if err == nil && d.Text == line.text {
					_, err = f.store.ReadConversation(ctx, reader, id, d.ID)
				}
			}
			return err
		})
	}
}

// toldOf lets the letters of a step be sent, to nobody, and old news be seen.
func (f *filling) toldOf(ctx context.Context, order int64, seen bool, parties ...store.Member) error {
	if err := f.letters(ctx); err != nil {
		return err
	}
	for _, m := range parties {
		if !seen {
			break
		}
		if _, err := f.store.SeeOrder(ctx, m, order); err != nil {
			return err
		}
	}
	return nil
}

// letters lets those that are due be sent, to nobody.
func (f *filling) letters(ctx context.Context) error {
	letters, err := f.store.ClaimLetters(ctx, 10)
	for _, l := range letters {
		if err == nil {
			err = f.store.LetterSent(ctx, l.ID)
		}
	}
	return err
}

// curate hangs a collector's gallery.
func (f *filling) curate(ctx context.Context, g demoGallery) error {
	curator := f.members[g.curator]
	err := f.store.UpdateGallery(ctx, curator, g.title, g.intro)
	for _, w := range g.works {
		if err == nil {
			_, err = f.store.SaveArtwork(ctx, curator, 0, f.works[w.title].id)
		}
		if err == nil && w.note != "" {
			err = f.store.NoteArtwork(ctx, curator, f.works[w.title].id, w.note)
		}
	}
	if err == nil {
		err = f.store.ShowGallery(ctx, curator, g.visibility)
	}
	if err != nil {
		return fmt.Errorf("hang %s: %w", g.title, err)
	}
	return nil
}

// practise lets an artist say what they do at length, and others follow them.
func (f *filling) practise(ctx context.Context, p demoPractice) error {
	artist := f.members[p.artist]
	err := f.store.UpdateStatement(ctx, artist, p.statement)
	if err == nil {
		err = f.store.SaveExhibitions(ctx, artist, p.exhibitions)
	}
	own, listErr := f.store.OwnSeries(ctx, artist)
	if err == nil && listErr == nil && len(own) == 0 { // else it was made before the filling was broken off
		for _, s := range p.series {
			var id int64
			if err == nil {
				id, err = f.store.SaveSeries(ctx, artist, 0, s.name, s.about)
			}
			for _, title := range s.works {
				if err == nil {
					err = f.store.PutInSeries(ctx, artist, id, f.works[title].id)
				}
			}
		}
	}
	for _, follower := range p.followers {
		if err == nil {
			_, err = f.store.Follow(ctx, f.members[follower], p.artist)
		}
	}
	if err = errors.Join(err, listErr); err != nil {
		return fmt.Errorf("the practice of %s: %w", p.artist, err)
	}
	return nil
}

// search keeps a member's search.
func (f *filling) search(ctx context.Context, d demoSearch) error {
	kept, _, err := f.store.SaveSearch(ctx, f.members[d.member], d.filter, d.name)
	if err == nil {
		err = f.store.UpdateSearch(ctx, f.members[d.member], kept.ID, store.SearchForm{Name: kept.Name, Notify: true, Letter: d.letter})
	}
	if err != nil {
		return fmt.Errorf("save the search %q: %w", d.name, err)
	}
	return nil
}

// picture is a photograph that the host keeps once done is closed.
type picture struct {
	done chan struct{}
	kept keptPicture
	err  error
}

type keptPicture struct {
	store.MadePicture
	seed string
	avif bool // whether it is to be made as AVIF
}

func (p *picture) wait(ctx context.Context) (keptPicture, error) {
	select {
	case <-p.done:
		return p.kept, p.err
	case <-ctx.Done():
		return keptPicture{}, ctx.Err()
	}
}

// hangPictures gives the demo's photographs to the host, in the order in which
// they are wanted, as many at a time as there are processors.
func hangPictures(ctx context.Context, s *store.Store, host imagehost.Host, name string) map[string]*picture {
	works := demoWorks()
	slices.SortStableFunc(works, func(a, b demoWork) int { return cmp.Compare(b.hung, a.hung) })
	pictures := map[string]*picture{}
	preparer := imagehost.NewPreparer(runtime.NumCPU(), "")
	turns := make(chan struct{}, runtime.NumCPU())
	var wanted []string
	for _, w := range works {
		for _, p := range w.pictures {
			wanted = append(wanted, p.file)
			pictures[p.file] = &picture{done: make(chan struct{})}
		}
	}
	go func() {
		for _, file := range wanted {
			turns <- struct{}{}
			go func() {
				defer func() { <-turns }()
				p := pictures[file]
				p.kept, p.err = hangPicture(ctx, s, preparer, host, name, file+".jpg")
				close(p.done)
			}()
		}
	}()
	return pictures
}

func hangPicture(ctx context.Context, s *store.Store, preparer *imagehost.Preparer, host imagehost.Host, name, file string) (keptPicture, error) {
	b, err := demoPictures.ReadFile("demo/" + file)
	if err != nil {
		return keptPicture{}, err
	}
	prepared, err := preparer.Prepare(ctx, b)
	if err != nil {
		return keptPicture{}, fmt.Errorf("prepare %s: %w", file, err)
	}
	seed := imagehost.NewKey() // each time another, as a filling that was broken off may be repeated
	kept := keptPicture{handlers.Made(prepared, name, prepared.Key(seed), host), seed, !host.MakesAVIF()}
	return kept, handlers.Keep(ctx, s, host, prepared, kept.MadePicture)
}

// demoKey is the natural key of a thing of the demo market: a UUID that is the
// same each time.
func demoKey(kind, name string) string {
	h := sha256.Sum256([]byte("openstudio demo " + kind + " " + name))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
