package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/views/home"
	"openstudio/views/ui"
)

// home is the first page.
func (s *Server) home(c echo.Context) error {
	h, err := s.Store.Home(c.Request().Context(), viewerID(c))
	if err != nil {
		return err
	}
	works, err := s.count(c, store.Filter{})
	if err != nil {
		return err
	}
	artists, err := s.countArtists(c, store.ArtistFilter{})
	if err != nil {
		return err
	}
	p := home.Props{Artists: s.artistRows(h.Artists), Studios: ui.Count(artists, store.CountMost, "artist"), Viewer: homeViewer(c), Commission: s.Store.Commission()}
	if works > 0 {
		p.Works = ui.Count(works, store.CountMost, "work")
	}
	hung := make([]home.Hung, 0, len(h.Newest))
	for _, n := range h.Newest {
		if n.Hangs() {
			hung = append(hung, home.Hung{Work: s.work(c, n.Card), Width: n.Width, Height: n.Height})
		}
	}
	p.Wall = home.Hang(hung)
	p.Fresh, p.ThisWeek = s.fresh(c, h.Newest, p.Wall)
	description := "Work by living artists, sold by the people who made it."
	if p.Commission == 0 {
		description += " No commission."
	}
	return s.show(c, http.StatusOK, view{Title: "Art, direct from the studio", Wide: true,
		Description: description, Page: home.Home(p)})
}

// freshMost is how many new works the first page shows under the wall, and
// freshLeast how many it takes to leave out those that the wall shows already.
const (
	freshMost  = 8
	freshLeast = 4
)

// fresh is the newest works beside those on the wall, and whether all of them
// are from this week. When few are left it is the newest works of all.
func (s *Server) fresh(c echo.Context, newest []store.Fresh, wall home.Wall) (works []ui.Work, thisWeek bool) {
	onWall := make(map[int64]bool, len(wall.Works))
	for _, p := range wall.Works {
		onWall[p.Work.ID] = true
	}
	if len(newest)-len(onWall) < freshLeast {
		clear(onWall)
	}
	thisWeek = true
	for _, n := range newest {
		if onWall[n.ID] || len(works) == freshMost {
			continue
		}
		works = append(works, s.work(c, n.Card))
		thisWeek = thisWeek && n.ThisWeek
	}
	return works, thisWeek
}

func homeViewer(c echo.Context) home.Viewer {
	switch session := viewer(c); {
	case session == nil:
		return home.Visitor
	case session.Member.IsArtist():
		return home.Artist
	}
	return home.Collector
}

// about says what this market is.
func (s *Server) about(c echo.Context) error {
	return s.show(c, http.StatusOK, view{Title: "How it works",
		Description: "How a sale goes, what delivery costs, and what is taken.", Page: home.About(s.Store.Commission())})
}
