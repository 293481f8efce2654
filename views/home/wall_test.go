package home

import (
	"strings"
	"testing"

	"openstudio/store"
	"openstudio/views/ui"
)

func work(id int64, width, height store.Hundredths) Hung {
	return Hung{Work: ui.Work{ID: id, Title: "Sill, March", Artist: "Ana James", PriceLine: "£1,450", URL: "/artworks/7",
		Photo: ui.Photo{Src: "/images/a/640.jpg", Ground: "#aeb39e"}}, Width: width, Height: height}
}

// ids are the works on the wall, from left to right.
func ids(w Wall) (ids []int64) {
	for _, p := range w.Works {
		ids = append(ids, p.Work.ID)
	}
	return ids
}

func TestWorksHangOnOneEyeLine(t *testing.T) {
	t.Parallel()
	w := Hang([]Hung{work(1, 150_00, 120_00), work(2, 45_00, 136_00), work(3, 90_00, 120_00), work(4, 7_25, 3_15)})
	if len(w.Works) != 4 {
		t.Fatalf("%d works hang, want 4", len(w.Works))
	}
	for _, p := range w.Works {
		if middle := p.Y + p.Height/2; middle != eyeLine {
			t.Errorf("the middle of work %d is %s cm below the top, want 88", p.Work.ID, middle)
		}
		if p.LightX-p.LightR > p.X || p.LightX+p.LightR < p.X+p.Width {
			t.Errorf("the light of work %d leaves some of it dark", p.Work.ID)
		}
	}
	first := w.Works[0]
	if first.X != 40_00 || first.Y != 28_00 || first.Card != 196_00 || w.Bench != 50_00 {
		t.Errorf("the first work hangs at %s, %s, its card at %s, the bench at %s", first.X, first.Y, first.Card, w.Bench)
	}
	if got := w.Works[3].X - (w.Works[2].X + w.Works[2].Width); got != between {
		t.Errorf("%s cm between two works, want 44", got)
	}
}

// Nothing on the wall covers anything else, and all is inside the drawing.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	sizes := []store.Hundredths{10, 7_25, 45_00, 99_99, 150_00, 160_00}
	for n := 1; n <= 9; n++ {
		for s := range sizes {
			var works []Hung
			for i := range n {
				works = append(works, work(int64(i+1), sizes[(s+i)%len(sizes)], sizes[(s+2*i)%len(sizes)]))
			}
			w := Hang(works)
			if len(w.Works) == 0 || len(w.Works) > most {
				t.Fatalf("%d of %d works hang", len(w.Works), n)
			}
			end := store.Hundredths(0)
			for i, p := range w.Works {
				if p.X < end || p.Y < 0 || p.Y+p.Height > floor {
					t.Errorf("%d works, sizes from %d: work %d at %s, %s", n, s, i+1, p.X, p.Y)
				}
				end = p.Card + dotFrom + 2_00 // beyond its card and its dot
				if i == 0 {
					if w.Visitor < p.Card+cardWidth || w.Visitor < w.Bench+bench {
						t.Errorf("the visitor stands at %s, before the card at %s or the bench at %s", w.Visitor, p.Card, w.Bench)
					}
					end = max(end, w.Visitor+visitor)
				}
			}
			if end > w.Width || w.Bench < 0 || w.Bench+bench > w.Width {
				t.Errorf("the wall is %s cm wide, what is on it %s", w.Width, end)
			}
		}
	}
}

func TestWhatDoesNotFitStaysAway(t *testing.T) {
	t.Parallel()
	noPicture := work(3, 50_00, 50_00)
	noPicture.Work.Photo.Src = ""
	w := Hang([]Hung{work(1, 300_01, 50_00), work(2, 50_00, 160_01), noPicture, work(4, 0, 50_00), work(5, 300_00, 160_00)})
	if got := ids(w); len(got) != 1 || got[0] != 5 {
		t.Errorf("works %v hang, want the largest that fits alone", got)
	}

	var many []Hung
	for i := range 10 {
		many = append(many, work(int64(i+1), 250_00, 100_00))
	}
	many = append(many, work(11, 20_00, 20_00))
	w = Hang(many)
	if got := ids(w); len(got) != 4 || got[3] != 11 || w.Width > farthest+margin {
		t.Errorf("works %v on %s cm: want three wide ones and the small one that still fits", got, w.Width)
	}
	if got := ids(Hang([]Hung{work(1, 20_00, 20_00), work(2, 20_00, 20_00), work(3, 20_00, 20_00), work(4, 20_00, 20_00),
		work(5, 20_00, 20_00), work(6, 20_00, 20_00), work(7, 20_00, 20_00), work(8, 20_00, 20_00)})); len(got) != 7 {
		t.Errorf("%d works hang, want seven", len(got))
	}
}

func TestABareWall(t *testing.T) {
	t.Parallel()
	w := Hang(nil)
	if len(w.Works) != 0 || w.Width < w.Visitor+visitor || w.Visitor < w.Bench+bench {
		t.Errorf("a bare wall: %+v", w)
	}
	var b strings.Builder
	if err := Home(Props{Wall: w, Studios: "0 artists"}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{"A bare wall, with a bench and a visitor 170 cm tall", `href="/register">Open a studio`, `id="how"`, "Nothing hangs here yet", "£1,200.00", "£18.20"} {
		if !strings.Contains(html, want) {
			t.Errorf("the first page of an empty market lacks %q", want)
		}
	}
	for _, no := range []string{"On the wall this week", "New this week", "All 0 artists", "Browse "} {
		if strings.Contains(html, no) {
			t.Errorf("the first page of an empty market says %q", no)
		}
	}
}

func TestTheDrawingIsInCentimetres(t *testing.T) {
	t.Parallel()
	sold := work(2, 45_50, 136_00)
	sold.Work.Sold = true
	w := Hang([]Hung{work(1, 150_00, 120_00), sold})
	var b strings.Builder
	if err := drawing(w).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{
		`viewBox="0 0 ` + w.Width.String() + ` 262"`, `height="262"`, `x="40" y="28" width="150" height="120"`, `width="45.5" height="136"`,
		`aria-label="Sill, March, Ana James, £1,450"`, `aria-label="Sill, March, Ana James, sold"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the drawing lacks %s:\n%s", want, html)
		}
	}
	if n := strings.Count(html, "wall__dot"); n != 1 {
		t.Errorf("%d red dots, want the one of the sold work", n)
	}
	if got := w.words(); got != "Two works hung at true scale on one eye-line, with a bench and a visitor 170 cm tall" {
		t.Error(got)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	want := []string{"£1,200.00", "£780.00", "£600.00"}
	for i, s := range shares(0) {
		if got := s.received().String(); got != want[i] {
			t.Errorf("%s leaves %s, want %s", s.through, got, want[i])
		}
	}
	if processorFee != 1820 {
		t.Errorf("1.5%% + 20p of £1,200 is %s", processorFee)
	}
}
