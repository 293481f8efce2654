package main

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"openstudio/handlers"
	"openstudio/store"
	"openstudio/store/catalogue"
	"openstudio/store/imagehost"
)

const demoUsage = `  openstudio demo               fill an empty market with the demo market, not in PROD
    --works 100000              add so many made-up works, to see how it bears them;
                                they have no picture files, only their colours
    --catalogue works.csv       with titles, materials, years and sizes of a catalogue
`

// demoOptions is what the words after "demo" say.
type demoOptions struct {
	works     int
	catalogue string
}

// crowdMost is the most made-up works that a market is filled with.
const crowdMost = 10_000_000

func readDemoOptions(args []string) (demoOptions, error) {
	var o demoOptions
	help := errors.New("this is how the demo market is made:\n" + strings.TrimRight(demoUsage, "\n"))
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.works, "works", 0, "")
	flags.StringVar(&o.catalogue, "catalogue", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return o, help
	}
	if o.works < 0 || o.works > crowdMost || o.catalogue != "" && o.works == 0 {
		return o, help
	}
	return o, nil
}

// crowd adds made-up works to the market until it has as many of them as asked
// for. It is broken off and called again without harm: a work is known by its
// number.
func (p *program) crowd(ctx context.Context, m *market, o demoOptions) error {
	seeds := crowdSeeds()
	if o.catalogue != "" {
		var err error
		if seeds, err = readSeeds(m.Store, o.catalogue); err != nil {
			return fmt.Errorf("read %s: %w", o.catalogue, err)
		}
	}
	artists := crowdArtists(max(1, o.works/worksAnArtist))
	for i := 0; i < len(artists); i += store.CrowdBatch {
		if err := m.AddCrowdArtists(ctx, artists[i:min(i+store.CrowdBatch, len(artists))]); err != nil {
			return err
		}
	}
	began, now, added := time.Now(), time.Now(), 0
	bar := progressBar{out: p.err, all: o.works, began: began}
	for first := 0; first < o.works; first += store.CrowdBatch {
		batch := make([]store.CrowdWork, min(store.CrowdBatch, o.works-first))
		if len(batch) == store.CrowdBatch { // all of it is there, or not its last
			there, err := m.HasCrowd(ctx, crowdKey(first+len(batch)-1))
			if err != nil {
				return err
			}
			if there {
				continue
			}
		}
		for i := range batch {
			batch[i] = crowdWork(first+i, seeds, artists, now)
		}
		n, err := m.AddCrowd(ctx, batch)
		if err != nil {
			return fmt.Errorf("%w\nWhat was added stays. Call it again to go on", err)
		}
		added += n
		bar.show(first + len(batch))
	}
	bar.end()
	if err := m.SettleCrowd(ctx); err != nil {
		return err
	}
	p.say("%d made-up works were added in %s.", added, time.Since(began).Round(time.Second))
	return nil
}

// A crowdSeed is what made-up works are made of.
type crowdSeed struct {
	title, material, description string
	subjects                     string
	medium                       store.Medium
	year                         int
	width, height, depth         store.Hundredths
}

// readSeeds reads a catalogue, packed by gzip or not. What cannot be made a work
// of is left out.
func readSeeds(s *store.Store, path string) ([]crowdSeed, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if strings.HasSuffix(path, ".gz") {
		if file, err = unpacked(file); err != nil {
			return nil, err
		}
		defer os.Remove(file.Name())
		defer file.Close()
	}
	intake := handlers.Intake{Store: s, File: file, Settings: catalogue.Settings{Medium: string(store.MixedMedia)}}
	var seeds []crowdSeed
	intake.Each = func(row catalogue.Row) error {
		if row.Refused == nil {
			seeds = append(seeds, crowdSeed{row.Title, row.Material, row.Description, row.Subjects, store.Medium(row.Medium), row.Year,
				store.Hundredths(row.Width), store.Hundredths(row.Height), store.Hundredths(row.Depth)})
		}
		return nil
	}
	if _, err := intake.Check(context.Background()); err != nil {
		return nil, err
	}
	if len(seeds) == 0 {
		return nil, errors.New("no work can be made of any of its rows")
	}
	return seeds, nil
}

// unpacked is a file of its own with what a packed one holds.
func unpacked(packed *os.File) (*os.File, error) {
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "openstudio-catalogue-")
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(file, plain); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, err
	}
	return file, nil
}

// crowdSeeds are made up of words, for a market without a catalogue.
func crowdSeeds() []crowdSeed {
	var (
		lights   = strings.Fields("Blue Early Northern Late Pale Salt Quiet Winter Burnt Open Inland Low Second Distant Green Wet Slow Golden Violet Bare")
		things   = strings.Fields("Harbour Window Field Orchard Estuary Kitchen Bridge Garden Quarry Island Chair Hillside Lantern River Stair Rooftop Meadow Staircase Lighthouse Allotment Boat Table Wall Horizon Portrait Heron")
		places   = strings.Fields("Whitby Skye Margate Falmouth Durham Harris Dungeness Ely Conwy Lyme Orkney Malham Leith Rye Tenby")
		material = map[store.Medium][]string{
			store.Painting: {"Oil on linen", "Acrylic on board", "Watercolour on paper"}, store.Sculpture: {"Carved limestone", "Bronze"},
			store.DigitalArt: {"Pigment print of code"}, store.Photography: {"Silver gelatin print", "C-type print"},
			store.MixedMedia: {"Graphite and wax on paper", "Paper, thread and paint"}, store.Printmaking: {"Etching on paper", "Linocut", "Screenprint"},
			store.Ceramics: {"Wood-fired stoneware", "Porcelain"}, store.Textile: {"Handwoven wool", "Cotton and indigo"},
		}
		random = rand.New(rand.NewPCG(1, 0))
		seeds  []crowdSeed
	)
	for _, light := range lights {
		for _, thing := range things {
			for _, place := range places {
				medium := pick(random, store.Mediums())
				seed := crowdSeed{title: light + " " + thing + ", " + place, medium: medium, material: pick(random, material[medium]),
					description: "The " + strings.ToLower(thing) + " at " + place + ", " + strings.ToLower(pick(random, lights)) + " and " + strings.ToLower(pick(random, lights)) + "."}
				seeds = append(seeds, seed)
			}
		}
	}
	random.Shuffle(len(seeds), func(i, j int) { seeds[i], seeds[j] = seeds[j], seeds[i] })
	return seeds
}

// worksAnArtist is how many made-up works an artist has, in the mean.
const worksAnArtist = 40

// crowdArtists are made-up artists all over the country.
func crowdArtists(n int) []store.CrowdArtist {
	var (
		first = strings.Fields("Ada Aled Anwen Asha Bela Bram Cara Cyril Della Edda Elis Esme Farah Fenn Greta Hari Hester Idris Ilse Imran Jago Joan Kofi Lena Lowri Mabel Marek Mina Nadia Niall Nora Obi Olive Orla Piran Priya Ravi Rhys Rosa Saba Senan Tamsin Tariq Una Vera Wilf Yusuf Zora")
		last  = strings.Fields("Abbot Achebe Aldous Ames Ashdown Baird Barlow Beddoe Birch Blyth Bose Bower Carrow Clegg Cope Crowe Daley Deane Eames Ellery Farrow Fell Garland Gethin Gough Hale Harker Heron Hollis Innes Iqbal Jarman Keane Kerr Lacey Larkin Lowe Mather Mercer Nairn Noor Oram Orchard Paget Penrose Quill Rahman Rees Rowe Sayle Selby Silva Sloane Tarn Teale Udoh Vane Voss Ward Weir Wilde Yardley")
		towns = []store.CrowdArtist{
			{Town: "London", Postcode: "SE5 8RF"}, {Town: "London", Postcode: "E8 3PH"}, {Town: "Glasgow", Postcode: "G20 8LQ"}, {Town: "Bristol", Postcode: "BS2 9RS"},
			{Town: "Leeds", Postcode: "LS6 3QT"}, {Town: "Belfast", Postcode: "BT9 5AB"}, {Town: "Cardiff", Postcode: "CF11 9LJ"}, {Town: "Margate", Postcode: "CT9 1EN"},
			{Town: "York", Postcode: "YO1 7HH"}, {Town: "St Ives", Postcode: "TR26 3BY"}, {Town: "Norwich", Postcode: "NR3 1HN"}, {Town: "Sheffield", Postcode: "S1 2BS"},
			{Town: "Manchester", Postcode: "M4 1HQ"}, {Town: "Edinburgh", Postcode: "EH3 6JE"}, {Town: "Falmouth", Postcode: "TR11 4JD"}, {Town: "St Helier", Postcode: "JE2 3AB"},
			{Town: "Kirkwall", Postcode: "KW15 1DH"}, {Town: "Brighton", Postcode: "BN1 4GH"}, {Town: "Lewes", Postcode: "BN7 2PA"}, {Town: "Hay-on-Wye", Postcode: "HR3 5AF"},
		}
		random  = rand.New(rand.NewPCG(2, 0))
		artists = make([]store.CrowdArtist, n)
	)
	for i := range artists {
		// A few towns have most artists.
		a := towns[min(random.IntN(len(towns)), random.IntN(len(towns)))]
		a.Username = fmt.Sprintf("crowd-%d", i+1)
		a.FirstName, a.LastName = pick(random, first), pick(random, last)
		if i >= len(first)*len(last)/4 {
			a.FirstName += " " + string(rune('A'+random.IntN(26))) + "."
		}
		artists[i] = a
	}
	return artists
}

func crowdKey(n int) string { return demoKey("crowd", strconv.Itoa(n)) }

// crowdWork is the made-up work of a number: the same each time, but for when it
// was hung.
func crowdWork(n int, seeds []crowdSeed, artists []store.CrowdArtist, now time.Time) store.CrowdWork {
	random := rand.New(rand.NewPCG(3, uint64(n)))
	seed := seeds[n%len(seeds)]
	w := store.CrowdWork{ImportRow: store.ImportRow{Key: crowdKey(n), Title: seed.title, Material: seed.material,
		Description: seed.description, Subjects: seed.subjects, Medium: seed.medium, Year: seed.year, Edition: store.UniqueEdition, Quantity: 1}}
	// Some artists have made far more than others.
	w.Username = artists[min(random.IntN(len(artists)), random.IntN(len(artists)))].Username
	if again := n / len(seeds); again > 0 {
		w.Title = shortened(w.Title, store.TitleMost-12) + fmt.Sprintf(", no. %d", again+1)
	}
	if w.Material == "" {
		w.Material = "Mixed media"
	}
	if w.Year == 0 {
		w.Year = 1950 + random.IntN(76)
	}
	side := func() store.Hundredths {
		return store.Hundredths(1000 * (1 + 15*random.Float64()*random.Float64()*random.Float64()))
	}
	for _, length := range []struct{ to, from *store.Hundredths }{{&w.Width, &seed.width}, {&w.Height, &seed.height}} {
		if *length.to = *length.from; *length.to == 0 {
			*length.to = side()
		}
	}
	if w.Depth = seed.depth; w.Depth == 0 && w.Medium.Stands() {
		w.Depth = side()
	}
	if w.Medium != store.DigitalArt {
		w.Weight = min(max(store.Hundredths(float64(w.Width)*float64(w.Height)/60000), 20), 999_999)
	}
	w.Price = store.Pence(2000*(1+int(400*random.Float64()*random.Float64()*random.Float64()))) + store.Pence(500*random.IntN(4))
	switch random.IntN(20) {
	case 0:
		w.Edition, w.Quantity = store.OpenEdition, 1+random.IntN(20)
	case 1, 2:
		w.Edition, w.EditionSize = store.LimitedEdition, 5+5*random.IntN(10)
		w.Quantity = 1 + random.IntN(w.EditionSize)
	}
	w.ForSale = random.IntN(5) > 0
	w.ListedAt = now.Add(-time.Duration(n)*2*time.Minute - time.Duration(random.IntN(100))*time.Second)
	w.ImageWidth, w.ImageHeight = 1600, max(1, min(16_000, int(1600*int64(w.Height)/int64(w.Width))))
	if random.IntN(10) > 0 {
		w.Alt = "A made-up photograph of " + w.Title + "."
	}
	w.Ground, w.Palette = crowdColours(random)
	return w
}

// crowdColours are five colours that could be a picture's, and its mean colour.
func crowdColours(random *rand.Rand) (ground string, palette []float32) {
	key := [3]int{random.IntN(256), random.IntN(256), random.IntN(256)}
	left := float32(1)
	for i := range 5 {
		var rgb [3]uint8
		for c := range rgb {
			rgb[c] = uint8(min(max(key[c]+(random.IntN(161)-80)*i/4, 0), 255))
		}
		if i == 0 {
			ground = fmt.Sprintf("#%02x%02x%02x", rgb[0], rgb[1], rgb[2])
		}
		share := left * (0.3 + 0.4*random.Float32())
		if i == 4 {
			share = left
		}
		left -= share
		l, a, b := imagehost.Lab(rgb[0], rgb[1], rgb[2])
		palette = append(palette, l, a, b, share)
	}
	return ground, palette
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

func shortened(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most]))
	}
	return s
}
