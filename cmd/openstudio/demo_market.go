package main

import "openstudio/store"

// demoPassword is everybody's in the demo market.
const demoPassword = "five quiet tuesdays"

// demoPeople are the members of the demo market. E-mail addresses are their
// usernames at openstudio.example.
func demoPeople() []store.Registration {
	return []store.Registration{
		{Role: store.Artist, Username: "maren", FirstName: "Maren", LastName: "Okafor",
			Address: "The Rope Store, 9 Kelvin Wharf", Town: "Glasgow", Postcode: "G20 8LQ", Website: "https://marenokafor.example",
			Bio: "I make slow paintings from windows. The colour is distemper, mixed warm on a stove and laid on raw linen, then glazed in oil until the room I am standing in comes back through it.\n\nBorn in Aberdeen, 1986. Studied in Dundee. Works in a former rope store on the Kelvin, open to visitors on the first Saturday of each month."},
		{Role: store.Artist, Username: "gwil", FirstName: "Gwil", LastName: "Pritchard",
			Address: "Yr Hen Efail, Heol Maengwyn", Town: "Machynlleth", Postcode: "SY20 8DT",
			Bio: "Pots for looking at and pots for soup, from clay that I dig within sight of the kiln. The ash in the glazes is from the hedges of one field."},
		{Role: store.Artist, Username: "ines", FirstName: "Ines", LastName: "Calloway",
			Address: "27 Love Lane", Town: "Margate", Postcode: "CT9 1EN", Website: "https://inescalloway.example",
			Bio: "Screenprints and linocuts of the edges of towns: pools, harbours, kiosks out of season. I cut, mix and pull every sheet myself, and stop when the edition is done."},
		{Role: store.Artist, Username: "callum", FirstName: "Callum", LastName: "Reith",
			Address: "Old Schoolhouse, Northton", Town: "Isle of Harris", Postcode: "HS3 3JA",
			Bio: "I walk with a field camera and mostly wait. All of it is from the north and none of it is in a hurry."},
		{Role: store.Artist, Username: "hana", FirstName: "Hana", LastName: "Byrne",
			Address: "Studio 4, 18 Jubilee Road", Town: "Bristol", Postcode: "BS2 9RS",
			Bio: "One brush, one breath, one sheet. I keep about a tenth of what I make; the rest lights the stove."},
		{Role: store.Artist, Username: "adaeze", FirstName: "Adaeze", LastName: "Holm",
			Address: "Weaving Shed, Bridge Mill", Town: "Hebden Bridge", Postcode: "HX7 8EX",
			Bio: "Handwoven hangings in wool, linen and cotton. The drafts begin as maps of fields that I have crossed, with the paths left out."},
		{Role: store.Artist, Username: "tomas", FirstName: "Tomas", LastName: "Wren",
			Address: "Unit 11, Persistence Works", Town: "Sheffield", Postcode: "S1 2BS",
			Bio: "Drawings by rule: I write down how a flock or a hillside behaves, and let it draw itself some thousands of times until one is right."},
		{Role: store.Artist, Username: "priya", FirstName: "Priya", LastName: "Cole",
			Address: "62 Cank Street", Town: "Leicester", Postcode: "LE1 5GW",
			Bio: "I grow pictures from simulations and print the moment before they settle. Studied mathematics, then unlearnt some of it."},
		{Role: store.Artist, Username: "jonas", FirstName: "Jonas", LastName: "Aldred",
			Address: "Carn Barn, Zennor", Town: "St Ives", Postcode: "TR26 3BY",
			Bio: "I carve stone outdoors, above the sea, with hand tools and bad weather. Two or three pieces leave the yard in a year."},
		{Role: store.Artist, Username: "beatriz", FirstName: "Beatriz", LastName: "Fenn",
			Address: "5 Elm Hill", Town: "Norwich", Postcode: "NR3 1HN",
			Bio: "Cut and painted paper, glued with wheat paste as bookbinders do. Kitchens, gardens and whatever stands on the table at eleven."},

		{Role: store.Collector, Username: "ruth", FirstName: "Ruth", LastName: "Adeyemi",
			Address: "14 Hanover Rise", Town: "Leeds", Postcode: "LS6 3QT"},
		{Role: store.Collector, Username: "jo", FirstName: "Jo", LastName: "Whitcombe",
			Address: "3 Arwenack Terrace", Town: "Falmouth", Postcode: "TR11 4JD"},
		{Role: store.Collector, Username: "owen", FirstName: "Owen", LastName: "Tyrell",
			Address: "Flat 2, 88 Camberwell Grove", Town: "London", Postcode: "SE5 8RF"},
		{Role: store.Collector, Username: "iris", FirstName: "Iris", LastName: "Lund",
			Address: "41 Northumberland Street", Town: "Edinburgh", Postcode: "EH3 6JE"},
		{Role: store.Collector, Username: "petra", FirstName: "Petra", LastName: "Noor",
			Address: "7 Chorlton Green", Town: "Manchester", Postcode: "M21 9HS"},
		{Role: store.Collector, Username: "dev", FirstName: "Dev", LastName: "Anand",
			Address: "19 Mill Road", Town: "Cambridge", Postcode: "CB1 2AD"},
		{Role: store.Collector, Username: "tate", FirstName: "Tate", LastName: "Moran",
			Address: "2 Botanic Avenue", Town: "Belfast", Postcode: "BT7 1JG"},
		{Role: store.Collector, Username: "ama", FirstName: "Ama", LastName: "Boateng",
			Address: "Penlan Lodge, 30 Cathedral Road", Town: "Cardiff", Postcode: "CF11 9LL"},
	}
}

// demoWork is a work of the demo market, in the words of its form.
type demoWork struct {
	artist, title, year string
	medium              store.Medium
	material            string
	height, width       string // cm
	depth, weight       string // cm, kg; "" for none
	price               string
	size, quantity      string // of a limited edition, and the pieces that are left of it; "" for a unique work
	about               string
	hung                int // days ago
	draft               bool
	pictures            []demoPicture // the first is the cover
}

// demoPicture is a file of the folder demo.
type demoPicture struct{ file, alt string }

// demoWorks are all works, by artist.
func demoWorks() []demoWork {
	return []demoWork{
		{artist: "maren", title: "North Light, Tuesday", year: "2025", medium: store.Painting, material: "oil and distemper on linen",
			height: "120", width: "150", depth: "4", weight: "7.2", price: "3400", hung: 5,
			about: "Painted over five Tuesdays, distemper first, so that the oil could sit in it like breath on glass. The dark line is the sill. The ochre is the heater.",
			pictures: []demoPicture{
				{"north-light-tuesday", "Abstract painting: a broad pale blue field above a cream field, divided by a dark line, with an ochre haze along the foot."},
				{"north-light-tuesday-detail", "Detail: the dark line of the sill over the weave of the linen, ochre below."},
				{"north-light-tuesday-edge", "The painting seen from the left: a stretcher 4 cm deep with a bare linen edge."},
				{"north-light-tuesday-verso", "The back: raw linen on a pine stretcher, signed and dated."}}},
		{artist: "maren", title: "Sill, March", year: "2025", medium: store.Painting, material: "oil and distemper on linen",
			height: "60", width: "80", depth: "4", weight: "3.1", price: "1450", hung: 83,
			about:    "The first green of the year, seen through a window that has not been cleaned since the last.",
			pictures: []demoPicture{{"sill-march", "Abstract painting: a pale green field over a dark olive band, divided by a thin cream line."}}},
		{artist: "maren", title: "Blue Hour, Clydeside", year: "2026", medium: store.Painting, material: "oil on linen",
			height: "100", width: "100", depth: "4", weight: "5.4", price: "2200", hung: 96,
			about:    "Painted from the south bank on four evenings in January.",
			pictures: []demoPicture{{"blue-hour-clydeside", "Square abstract painting in deep blues with a low band of amber light."}}},
		{artist: "maren", title: "Ledger of Small Weathers", year: "2026", medium: store.Painting, material: "oil on birch panel",
			height: "30", width: "40", depth: "2", weight: "1.2", price: "680", hung: 4,
			about:    "One band a day for a fortnight, at the same hour. The wet ones are the thin ones.",
			pictures: []demoPicture{{"ledger-of-small-weathers", "Small painting of stacked horizontal brush bands in slate, cream, ochre and grey-green."}}},
		{artist: "maren", title: "Salt Room", year: "2024", medium: store.Painting, material: "oil on linen",
			height: "120", width: "90", depth: "4", weight: "6", price: "2600", hung: 173,
			pictures: []demoPicture{{"salt-room", "Abstract painting: a chalk-white rectangle over a deep green one on near-black ground, edges soft."}}},
		{artist: "maren", title: "Rope Store, Evening", year: "2024", medium: store.Painting, material: "oil on linen",
			height: "125", width: "100", depth: "4", weight: "6.4", price: "2750", hung: 258,
			pictures: []demoPicture{{"rope-store-evening", "Abstract painting in umber and amber, the upper field glowing."}}},
		{artist: "maren", title: "Chalk Road", year: "2023", medium: store.Painting, material: "distemper on linen",
			height: "150", width: "100", depth: "4", weight: "6.8", price: "2900", hung: 258,
			pictures: []demoPicture{{"chalk-road", "Tall abstract painting: a bright chalk path rising through a pale field under a grey-green band."}}},
		{artist: "maren", title: "Wintering", year: "2022", medium: store.Painting, material: "distemper on linen",
			height: "75", width: "100", depth: "4", weight: "4.1", price: "1700", hung: 290,
			pictures: []demoPicture{{"wintering", "Abstract painting: a chalk-white field over a grey one, divided by a thin rust line."}}},
		{artist: "maren", title: "First Frost", year: "2026", medium: store.Painting, material: "oil on birch panel",
			height: "40", width: "30", depth: "2", weight: "1.2", price: "720", hung: 1, draft: true},

		{artist: "gwil", title: "Moon Jar, Ash Glaze", year: "2026", medium: store.Ceramics, material: "thrown stoneware",
			height: "36", width: "34", depth: "34", weight: "6.5", price: "890", hung: 26,
			about:    "Thrown in two halves and joined while they still argue. The seam is left to be found.",
			pictures: []demoPicture{{"moon-jar-ash-glaze", "Full round stoneware jar with a pale ash glaze pooling over throwing lines."}}},
		{artist: "gwil", title: "Three Vessels, Dysynni", year: "2025", medium: store.Ceramics, material: "stoneware, three glazes",
			height: "31", width: "62", depth: "18", weight: "5.2", price: "640", hung: 11,
			about:    "A vase, a bottle and a bowl that stood beside each other in the kiln and came out as a family.",
			pictures: []demoPicture{{"three-vessels-dysynni", "A blue-green vase, a tall pale bottle and a red-brown bowl standing in a row."}}},
		{artist: "gwil", title: "Tall Form with Tenmoku", year: "2025", medium: store.Ceramics, material: "thrown stoneware, tenmoku",
			height: "44", width: "14", depth: "14", weight: "2.8", price: "420", hung: 38,
			pictures: []demoPicture{{"tall-form-with-tenmoku", "Slender bottle with glossy black-brown glaze stopping in drips above a bare foot."}}},

		{artist: "ines", title: "Lido", year: "2026", medium: store.Printmaking, material: "seven-colour screenprint",
			height: "70", width: "100", weight: "0.9", price: "380", size: "30", quantity: "24", hung: 3,
			about:    "The pool at Margate at six in the evening, when the paving is warmer than the water.",
			pictures: []demoPicture{{"lido", "Screenprint of a swimming pool seen at an angle: turquoise water, sandy paving, long shadows."}}},
		{artist: "ines", title: "Harbour Arms II", year: "2025", medium: store.Printmaking, material: "four-colour screenprint",
			height: "70", width: "50", weight: "0.7", price: "260", size: "40", quantity: "31", hung: 47,
			pictures: []demoPicture{{"harbour-arms-ii", "Screenprint grid of quarter circles in navy, sea green, yellow and coral lines."}}},
		{artist: "ines", title: "Stacked Sun", year: "2024", medium: store.Printmaking, material: "two-block linocut",
			height: "40", width: "30", weight: "0.5", price: "145", size: "25", quantity: "9", hung: 61,
			pictures: []demoPicture{{"stacked-sun", "Linocut of three stacked half-suns on a dark ground, the topmost in yellow."}}},

		{artist: "callum", title: "Five Ridges, Harris", year: "2025", medium: store.Photography, material: "archival pigment print",
			height: "60", width: "120", weight: "1.1", price: "1150", size: "8", quantity: "6", hung: 5,
			about:    "From the road above Ardhasaig, after three days of nothing. The fifth ridge was there for about a minute.",
			pictures: []demoPicture{{"five-ridges-harris", "Five mountain ridges receding in blue mist under a pale sky."}}},
		{artist: "callum", title: "Seaforth, Before Rain", year: "2024", medium: store.Photography, material: "silver gelatin print",
			height: "48", width: "60", weight: "0.8", price: "620", size: "12", quantity: "12", hung: 64,
			pictures: []demoPicture{{"seaforth-before-rain", "Black and white photograph of a dark sea under low cloud, light breaking on the horizon."}}},
		{artist: "callum", title: "Horizon at Luskentyre", year: "2023", medium: store.Photography, material: "archival pigment print",
			height: "60", width: "60", weight: "0.9", price: "540", size: "10", quantity: "1", hung: 101,
			pictures: []demoPicture{{"horizon-at-luskentyre", "Square photograph of white sand, turquoise shallows and a low headland."}}},

		{artist: "hana", title: "Held Breath", year: "2025", medium: store.Painting, material: "sumi ink on kozo paper",
			height: "136", width: "45", weight: "0.8", price: "950", hung: 6,
			about:    "A single stroke on a sheet as tall as I can reach. It ends where the ink did.",
			pictures: []demoPicture{{"held-breath", "Tall sheet with one broad stroke of black ink that runs dry as it descends."}}},
		{artist: "hana", title: "Three Returns", year: "2026", medium: store.Painting, material: "sumi ink on paper",
			height: "70", width: "140", weight: "0.9", price: "1180", hung: 84,
			pictures: []demoPicture{{"three-returns", "Three brushed ink circles side by side, each left open."}}},

		{artist: "adaeze", title: "Warp Study in Rust and Slate", year: "2025", medium: store.Textile, material: "handwoven wool and linen",
			height: "140", width: "90", depth: "1", weight: "3.4", price: "1850", hung: 6,
			about:    "The draft is a walk from Heptonstall to Hardcastle Crags, a block for each wall that was climbed.",
			pictures: []demoPicture{{"warp-study-in-rust-and-slate", "Handwoven hanging with bands of rust, slate and ochre carrying stepped blocks."}}},
		{artist: "adaeze", title: "Field Signal", year: "2024", medium: store.Textile, material: "handwoven cotton",
			height: "110", width: "110", depth: "1", weight: "2.9", price: "1600", hung: 33,
			pictures: []demoPicture{{"field-signal", "Square weaving of irregular blocks in cream, dark green, ochre and grey-blue."}}},

		{artist: "tomas", title: "Murmuration, 05:40", year: "2025", medium: store.Printmaking, material: "archival pigment print on cotton paper",
			height: "100", width: "70", weight: "0.9", price: "420", size: "20", quantity: "14", hung: 40,
			about:    "Eleven thousand strokes, each of which knows its seven nearest neighbours and nothing else.",
			pictures: []demoPicture{{"murmuration", "Thousands of fine dark strokes swirling like a flock of starlings on off-white paper."}}},
		{artist: "tomas", title: "Contour for Kinder Scout", year: "2026", medium: store.Printmaking, material: "pen plot in black and olive ink",
			height: "50", width: "50", weight: "0.6", price: "340", size: "12", quantity: "12", hung: 9,
			pictures: []demoPicture{{"contour-for-kinder-scout", "Square sheet of fine contour lines that crowd along a valley and open on a plateau."}}},

		{artist: "priya", title: "Growth Rings, 4,096", year: "2026", medium: store.DigitalArt, material: "pigment print from simulation",
			height: "80", width: "80", price: "460", size: "15", quantity: "13", hung: 2,
			about:    "4,096 cells that each want to be far from the others, stopped after an hour.",
			pictures: []demoPicture{{"growth-rings", "Labyrinth of teal and cream lines growing outward from a field of dots."}}},
		{artist: "priya", title: "Threshold", year: "2025", medium: store.DigitalArt, material: "pigment print on cotton paper",
			height: "80", width: "60", price: "390", size: "15", quantity: "15", hung: 25,
			pictures: []demoPicture{{"threshold", "Deep blue folds opening to pale light at two corners."}}},

		{artist: "jonas", title: "Pierced Form (Zennor)", year: "2025", medium: store.Sculpture, material: "Carrara marble",
			height: "52", width: "38", depth: "24", weight: "61", price: "4200", hung: 4,
			about:    "From an offcut with a flaw, which became the opening.",
			pictures: []demoPicture{{"pierced-form-zennor", "Upright white marble egg form pierced by a tilted round opening."}}},
		{artist: "jonas", title: "Two Stones, Leaning", year: "2024", medium: store.Sculpture, material: "sandstone and slate",
			height: "40", width: "46", depth: "22", weight: "38", price: "2900", hung: 15,
			pictures: []demoPicture{{"two-stones-leaning", "Two rounded upright blocks, one pale and one near black, leaning on each other."}}},

		{artist: "beatriz", title: "Kitchen, Eleven O’Clock", year: "2025", medium: store.MixedMedia, material: "painted paper collage",
			height: "50", width: "60", depth: "2", weight: "1.8", price: "740", hung: 6,
			about:    "Everything on this table was drunk or eaten before the paste was dry.",
			pictures: []demoPicture{{"kitchen-eleven-oclock", "Still life in cut paper: a green bottle, a bowl of lemons and a white mug on a cloth."}}},
		{artist: "beatriz", title: "Paper Garden", year: "2026", medium: store.MixedMedia, material: "cut and painted paper on board",
			height: "102", width: "76", depth: "3", weight: "4.6", price: "1280", hung: 12,
			pictures: []demoPicture{{"paper-garden", "Collage of six coloured panels each holding a cut-paper leaf."}}},
	}
}

// demoOrder is an order and what became of it, in days before today.
type demoOrder struct {
	buyer, title, note string
	in                 string // whose gallery the buyer came upon it in, "" for elsewhere
	asked              float64
	accepted, paid     float64 // 0: not
	shipped, completed float64
	carrier, tracking  string
	cancelled          float64 // by the collector
	declined           float64
	reason, words      string  // of the decline
	notForSale         float64 // the artist keeps the work afterwards
}

// demoOrders are all orders: every status, most of them Maren's or Ruth's.
func demoOrders() []demoOrder {
	return []demoOrder{
		{buyer: "ama", title: "Wintering", asked: 112.3, accepted: 111.9, paid: 111.4, shipped: 109.2, completed: 106.1,
			carrier: "Parcelforce", tracking: "PB 7713 0402 1GB"},
		{buyer: "dev", title: "Rope Store, Evening", asked: 66.5, accepted: 66.2, paid: 65.1, shipped: 62.3, completed: 57.4,
			carrier: "Art courier", note: "Could it come on a Friday? The stairs need two of us."},
		{buyer: "tate", title: "Blue Hour, Clydeside", asked: 52.4, declined: 51.2, reason: "not for sale now",
			words: "It is promised to a show in Kelvinside until the end of the month. Ask again after that, please."},
		{buyer: "petra", title: "Sill, March", asked: 22.3, accepted: 21.8, cancelled: 20.6, notForSale: 19.4},
		{buyer: "iris", title: "Chalk Road", asked: 15.2, accepted: 14.9, paid: 13.7, shipped: 6.3,
			carrier: "Art courier", tracking: "Van 3, Tuesday"},
		{buyer: "owen", title: "Salt Room", asked: 10.4, accepted: 10.1, paid: 8.2},
		{buyer: "ruth", title: "North Light, Tuesday", in: "iris", asked: 1.7, accepted: 0.03,
			note: "Hello Maren. It would hang in a stairwell that faces north-east, so it will see about an hour of its own weather each day. Does the edge need a frame?"},
		{buyer: "jo", title: "Blue Hour, Clydeside", asked: 0.5},
		{buyer: "iris", title: "North Light, Tuesday", asked: 0.01, // while it is held for Ruth
			note: "If it does not find its stairwell after all, there is a grey street that could use it."},
		{buyer: "ruth", title: "Ledger of Small Weathers", asked: 0.02,
			note: "It would hang by a north window too, which feels only fair."},

		{buyer: "ruth", title: "Three Returns", asked: 64.4, accepted: 64.1, paid: 63.3, shipped: 60.2, completed: 56.4,
			carrier: "Royal Mail", tracking: "RM 2207 5519 3GB"},
		{buyer: "ruth", title: "Stacked Sun", asked: 44.3, cancelled: 43.8},
		{buyer: "ruth", title: "Moon Jar, Ash Glaze", asked: 14.4, accepted: 14.2, paid: 13.1, shipped: 1.1,
			carrier: "Royal Mail", tracking: "RM 4418 2096 7GB"},
		{buyer: "ruth", title: "Murmuration, 05:40", asked: 1.2},

		{buyer: "iris", title: "Horizon at Luskentyre", asked: 71.2, accepted: 70.4, paid: 70.1, shipped: 67.8, completed: 64.9,
			carrier: "Royal Mail", tracking: "RM 9034 7718 5GB"},
		{buyer: "petra", title: "Harbour Arms II", asked: 31.3, accepted: 31.1, paid: 30.9, shipped: 29.2, completed: 26.4,
			carrier: "Royal Mail", tracking: "RM 6650 1183 2GB"},
		{buyer: "ama", title: "Five Ridges, Harris", asked: 3.4, accepted: 3.1, paid: 2.8},
	}
}

// demoTalk is what a collector and the artist of a work say to each other.
type demoTalk struct {
	asker, title string
	lines        []demoLine
}

// demoLine is one message. What is not read by the other is still new to them.
type demoLine struct {
	at     float64 // days ago
	artist bool    // wrote it
	text   string
	unread bool
}

// demoTalks are a talk about an order, and a question about a work that was not
// asked for.
func demoTalks() []demoTalk {
	return []demoTalk{
		{"ruth", "Moon Jar, Ash Glaze", []demoLine{
			{14.35, false, "Hello Gwil. It would stand on a window sill above a radiator. Is that too warm for the glaze?", false},
			{14.25, true, "The sill is fine, the radiator does it no harm: it has been through 1,280 degrees. Only keep it from the cat.\n\nI pack it in wool and straw.", false},
			{1.05, true, "It went with the van today. Open the box from the top, and lift it by the foot, not by the rim.", true}}},
		{"owen", "Sill, March", []demoLine{
			{2.6, false, "I have a wall of 90 cm between two windows. Would the edge of this one need a frame, or does it hang as it is?", false},
			{2.4, true, "It hangs as it is: the linen goes round the edge, and it should cast its own shadow. It would have 5 cm to spare on each side.", false}}},
	}
}

// demoGallery is a collector's gallery.
type demoGallery struct {
	curator, title, intro string
	visibility            store.Visibility
	rehung                float64 // days ago
	works                 []demoHung
}

// demoHung is a work in a gallery, with the curator's note.
type demoHung struct{ title, note string }

// demoGalleries are the galleries in which something hangs.
func demoGalleries() []demoGallery {
	return []demoGallery{
		{"ruth", "Rooms that face north",
			"Works I own, works I want, and one I missed. Chosen for a tall, cold house in Leeds where the light never comes straight in.",
			store.PublicGallery, 0.9, []demoHung{
				{"Blue Hour, Clydeside", "The first thing I see in winter when I come in. It makes the hall taller."},
				{"Five Ridges, Harris", "We walked the third of these in rain and saw none of the others. It is good to know that they were there."},
				{"Moon Jar, Ash Glaze", "Not round, whatever the catalogue says. Turn it and it breathes."},
				{"Held Breath", "For the narrow wall by the stairs, which has waited eleven years for something 45 cm wide."},
				{"Salt Room", "The one that got away. I keep it here so that I stop looking for it."}}},
		{"iris", "Blue, mostly", "Forty years in one grey street. These are the antidote.",
			store.PublicGallery, 2.6, []demoHung{
				{"Horizon at Luskentyre", "The sea is this colour twice a year. He was there for one of them."},
				{"Lido", ""}, {"Threshold", "I cannot tell how deep it is, and have stopped trying."},
				{"North Light, Tuesday", ""}}},
		{"dev", "For the reading room", "Quiet things that do not mind being looked past.",
			store.PublicGallery, 5.4, []demoHung{
				{"Rope Store, Evening", "It came on a Friday. It changes through the day more than the room does."},
				{"Three Vessels, Dysynni", ""}, {"Paper Garden", "Six leaves, one for each of us."}}},
		{"petra", "Petra’s gallery", "", store.PrivateGallery, 8.2, []demoHung{{"Harbour Arms II", ""}, {"Stacked Sun", ""}}},
	}
}

// demoPractice is what an artist says of their work at length, and who follows
// them.
type demoPractice struct {
	artist, statement string
	exhibitions       []store.ExhibitionForm
	series            []demoSeries
	followers         []string
}

type demoSeries struct {
	name, about string
	works       []string
}

// demoPractices are those of the artists who have written about themselves.
func demoPractices() []demoPractice {
	return []demoPractice{
		{"maren", "A window is a clock. I paint what it says over weeks, at one hour of the day, and stop when the picture keeps the hour better than I do.\n\nDistemper dries while one looks at it and forgives nothing; oil waits. I begin with the first to be honest and end with the second to be kind.",
			[]store.ExhibitionForm{{Year: "2026", What: "Slow Hours, solo exhibition", Place: "The Rope Store, Glasgow"},
				{Year: "2025", What: "Northern Rooms, group exhibition", Place: "Pier Nine, Aberdeen"},
				{Year: "2023", What: "Award for painting, shortlisted", Place: "Dundee"}},
			[]demoSeries{{"Windows", "One sill after another, each painted at its own hour.", []string{"North Light, Tuesday", "Sill, March", "Ledger of Small Weathers", "First Frost"}},
				{"Kelvin and Clyde", "Evenings by two rivers.", []string{"Blue Hour, Clydeside", "Rope Store, Evening"}}},
			[]string{"ruth", "iris", "owen", "petra", "gwil"}},
		{"gwil", "The clay is from the bank behind the kiln and the ash from the hedge before it. I like a pot that could tell its postcode.",
			[]store.ExhibitionForm{{Year: "2025", What: "Earth from Here", Place: "Machynlleth"}}, nil, []string{"ruth", "dev"}},
		{"ines", "", []store.ExhibitionForm{{Year: "2024", What: "Out of Season, solo exhibition", Place: "Harbour Arm, Margate"}},
			[]demoSeries{{"Edges of towns", "Pools, harbours and kiosks.", []string{"Lido", "Harbour Arms II"}}}, []string{"ruth"}},
	}
}

// demoSearch is a search that a member keeps.
type demoSearch struct {
	member, name string
	filter       store.Filter
	letter       store.LetterPace
	saved        float64 // days ago
}

// demoSearches are all searches. Some of the newest works match them.
func demoSearches() []demoSearch {
	return []demoSearch{
		{"ruth", "Paintings for sale", store.Filter{Mediums: []store.Medium{store.Painting}, ForSale: true}, store.WeeklyLetter, 9.3},
		{"ruth", "Anything of the north", store.Filter{Query: "north"}, store.NoLetter, 30.2},
		{"iris", "Prints and photographs", store.Filter{Mediums: []store.Medium{store.Printmaking, store.Photography}}, store.DailyLetter, 20.5},
		{"maren", "Ceramics for the shelf", store.Filter{Mediums: []store.Medium{store.Ceramics}}, store.NoLetter, 40.1},
	}
}
