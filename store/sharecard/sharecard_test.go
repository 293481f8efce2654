package sharecard_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"strings"
	"sync"
	"testing"

	"openstudio/store/sharecard"
)

// magenta is a colour that no wall, shadow or label has.
var magenta = color.RGBA{0xff, 0, 0xff, 0xff}

func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(magenta), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func painter(t testing.TB) *sharecard.Painter {
	t.Helper()
	p, err := sharecard.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func paint(t testing.TB, p *sharecard.Painter, l sharecard.Label, width, height int) image.Image {
	t.Helper()
	card, err := p.Paint(bytes.NewReader(picture(t, width, height)), l)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(card))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, sharecard.Width, sharecard.Height) {
		t.Fatalf("the card is %v", img.Bounds())
	}
	return img
}

// extent is the smallest rectangle that holds all pixels for which is says so.
func extent(img image.Image, is func(r, g, b int) bool) (area image.Rectangle) {
	for y := range sharecard.Height {
		for x := range sharecard.Width {
			r, g, b, _ := img.At(x, y).RGBA()
			if is(int(r>>8), int(g>>8), int(b>>8)) {
				area = area.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return area
}

func isWork(r, g, b int) bool { return r > 200 && b > 200 && g < 90 }
func isDark(r, g, b int) bool { return r < 90 && g < 90 && b < 90 }
func isDot(r, g, b int) bool  { return r > 170 && g < 90 && b < 90 }

var label = sharecard.Label{Artist: "Ana James", Title: "Dusk", Year: 2025, Facts: []string{"Painting, oil on linen", "60 × 80 × 4 cm"}, Price: "£1,450"}

func TestTheWholeWorkHangsOnTheCard(t *testing.T) {
	t.Parallel()
	p := painter(t)
	long := label
	long.Title = strings.Repeat("The long way home by the canal ", 7)
	long.Artist = strings.Repeat("Maximiliana", 4) + " " + strings.Repeat("Featherstonehaugh", 3)
	for _, l := range []sharecard.Label{label, long} {
		for _, size := range []image.Point{{640, 480}, {640, 640}, {320, 1600}, {960, 1300}, {960, 240}, {960, 60}, {960, 400}, {60, 40}, {5, 900}, {1, 1}} {
			work := extent(paint(t, p, l, size.X, size.Y), isWork)
			if size.X < 10 {
				continue // too thin to be told from the blur of a JPEG
			}
			ratio, want := float64(work.Dx())/float64(work.Dy()), float64(size.X)/float64(size.Y)
			if slack := 3/float64(work.Dy()) + 3/float64(work.Dx()); math.Abs(ratio/want-1) > slack {
				t.Errorf("%v hangs as %v: its shape is %.3f, not %.3f", size, work, ratio, want)
			}
			if work.Dx() > size.X+2 || work.Dy() > size.Y+2 {
				t.Errorf("%v is enlarged to %v", size, work)
			}
			if room := image.Rect(40, 40, sharecard.Width-40, sharecard.Height-40); !work.In(room) {
				t.Errorf("%v hangs over the edge: %v", size, work)
			}
			if work.Dx() < size.X-2 && work.Dx() < 640 && work.Dy() < 300 {
				t.Errorf("%v is shown small: %v", size, work)
			}
		}
	}
}

func TestTheLabelStandsFreeOnTheCard(t *testing.T) {
	t.Parallel()
	p := painter(t)
	room := image.Rect(40, 40, sharecard.Width-40, sharecard.Height-40)
	for name, l := range map[string]sharecard.Label{
		"a label":                   label,
		"a title without end":       {Artist: strings.Repeat("Maximiliana ", 8), Title: strings.Repeat("Nocturne, ", 40), Year: 2025, Facts: []string{strings.Repeat("m", 90), "9999.99 × 9999.99 × 9999.99 cm · Edition of 100"}, Price: "£99,999.99, 22 of 100 left"},
		"a word without end":        {Artist: strings.Repeat("A", 100), Title: strings.Repeat("W", 200), Year: 2025, Price: "£1"},
		"Greek and Cyrillic":        {Artist: "Ξένια Δούκα", Title: "Ночь", Year: 2025},
		"marks apart from letters":  {Artist: "Zoe\u0308", Title: "a\u0301 \u0323 \u200d", Year: 2025},
		"letters that nobody has":   {Artist: "王小明", Title: "مساء שלום 🎨", Year: 2025, Facts: []string{"絵画"}, Price: "£1"},
		"nothing":                   {},
		"what breaks lines":         {Artist: "A\nB\t\x00\x7f", Title: "\u2028\u202e\ufeff", Year: 2025},
		"what is not even a letter": {Artist: "\xff\xfe", Title: "\xc3", Year: 2025},
	} {
		for _, size := range []image.Point{{640, 480}, {960, 240}, {320, 1600}} {
			img := paint(t, p, l, size.X, size.Y)
			if dark := extent(img, isDark); !dark.In(room) {
				t.Errorf("%s beside %v: written over the edge, at %v", name, size, dark)
			}
			if work := extent(img, isWork); work.Dx()*work.Dy() < 640*480/3 && size.X == 640 {
				t.Errorf("%s beside %v: the work is %v", name, size, work)
			}
		}
	}
}

func TestTheDotMeansSold(t *testing.T) {
	t.Parallel()
	p := painter(t)
	if dot := extent(paint(t, p, label, 300, 400), isDot); !dot.Empty() {
		t.Errorf("a dot beside a work for sale, at %v", dot)
	}
	sold := label
	sold.Sold, sold.Price = true, "Sold"
	if dot := extent(paint(t, p, sold, 300, 400), isDot); dot.Dx() < 14 || dot.Dx() > 24 || dot.Dy() < 14 || dot.Dy() > 24 {
		t.Errorf("the dot is %v", dot)
	}
}

func TestEveryChangeOfTheCardChangesItsDigest(t *testing.T) {
	t.Parallel()
	seen := map[string]string{label.Digest("k"): "the label", label.Digest("l"): "another picture"}
	if len(seen) != 2 {
		t.Fatal("the digest does not name the picture")
	}
	for what, change := range map[string]func(l *sharecard.Label){
		"artist": func(l *sharecard.Label) { l.Artist += "x" },
		"title":  func(l *sharecard.Label) { l.Title += "x" },
		"year":   func(l *sharecard.Label) { l.Year++ },
		"facts":  func(l *sharecard.Label) { l.Facts = []string{"Painting", "60 cm"} },
		"price":  func(l *sharecard.Label) { l.Price += "0" },
		"sold":   func(l *sharecard.Label) { l.Sold = true },
		"place":  func(l *sharecard.Label) { l.Artist, l.Title = l.Title, l.Artist },
	} {
		l := label
		change(&l)
		if other, ok := seen[l.Digest("k")]; ok {
			t.Errorf("%s: the digest of %s", what, other)
		}
		seen[l.Digest("k")] = what
	}
}

func TestAPictureThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for _, junk := range []string{"", "junk", string(picture(t, 40, 30)[:100])} {
		if card, err := painter(t).Paint(strings.NewReader(junk), label); err == nil {
			t.Errorf("%d bytes were painted of %q", len(card), junk)
		}
	}
}

func TestManyPaintAtOnce(t *testing.T) {
	t.Parallel()
	p := painter(t)
	file := picture(t, 400, 300)
	want, err := p.Paint(bytes.NewReader(file), label)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if got, err := p.Paint(bytes.NewReader(file), label); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v, %d bytes, want %d", err, len(got), len(want))
			}
		})
	}
	wg.Wait()
}

func BenchmarkPaint(b *testing.B) {
	p := painter(b)
	file := picture(b, 960, 720)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Paint(bytes.NewReader(file), label); err != nil {
			b.Fatal(err)
		}
	}
}
