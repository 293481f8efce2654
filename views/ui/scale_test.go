package ui

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func ems(t *testing.T, size string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSuffix(size, "em"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheLargestWorkSetsTheScale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lists [][]Work
		want  Scale
	}{
		{nil, ScaleLeast},
		{[][]Work{{{Width: 6, Height: 4}}}, ScaleLeast},
		{[][]Work{{{Width: 6, Height: 4}, {Width: 120, Height: 291}}}, 300},
		{[][]Work{{{Width: 40, Height: 50}}, {{Width: 150.5, Height: 100}}}, 160},
		{[][]Work{{{Width: 9999.99, Height: 1}}}, ScaleMost},
	} {
		if got := ScaleFor(c.lists...); got != c.want {
			t.Errorf("%+v: %d, want %d", c.lists, got, c.want)
		}
	}
	if Scale(-3).Bounded() != ScaleLeast || Scale(1e9).Bounded() != ScaleMost || Scale(90).Bounded() != 90 {
		t.Error("bounds")
	}
}

func TestAllWorksHaveOneScale(t *testing.T) {
	t.Parallel()
	painting, bowl := Work{Width: 300, Height: 200}, Work{Width: 6, Height: 3.5}
	s := ScaleFor([]Work{painting, bowl})
	pw, ph := s.box(painting)
	bw, bh := s.box(bowl)
	for cm, box := range map[float64]string{300: pw, 200: ph, 6: bw, 3.5: bh} {
		if perCM := ems(t, box) / cm; math.Abs(perCM-largestEm/300) > 1e-4 {
			t.Errorf("%v cm are %s", cm, box)
		}
	}
	if sizes := s.sizes(painting); sizes != "(width < 48rem) 90vw, 45vw" {
		t.Error(sizes)
	}
}

func TestAPhotographOfAnotherShapeIsLoose(t *testing.T) {
	t.Parallel()
	front := Photo{Src: "/front.jpg", Width: 1500, Height: 1000}
	for want, w := range map[bool]Work{false: {Width: 300, Height: 201, Photo: front}, true: {Width: 300, Height: 250, Photo: front}} {
		if w.loose() != want {
			t.Errorf("%v × %v cm: %t", w.Width, w.Height, !want)
		}
	}
	if !(Work{Width: 40, Height: 30}).loose() {
		t.Error("no photograph has the shape of its work")
	}
}

func TestAGiantKeepsToThePage(t *testing.T) {
	t.Parallel()
	for _, giant := range []Work{{Width: 9999.99, Height: 10}, {Width: 10, Height: 9999.99}, {Width: 340, Height: 200}} {
		s := Scale(300)
		w, h := s.box(giant)
		if s.shrunk(giant) >= 1 || ems(t, w) > mostEm+1e-4 || ems(t, h) > mostEm+1e-4 {
			t.Errorf("%+v: %s × %s", giant, w, h)
		}
	}
	if s := Scale(300); s.shrunk(Work{Width: 330, Height: 100}) != 1 {
		t.Error("a work that the page holds is drawn smaller")
	}
}
