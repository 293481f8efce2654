package handlers

import (
	"errors"
	"hash/fnv"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/imagehost"
	"openstudio/views/conversations"
	"openstudio/views/ui"
)

// conversations are those of the member: a page, the list anew when it has
// changed, or the next part of it.
func (s *Server) conversations(c echo.Context) error {
	after := c.QueryParam("after")
	page, err := s.Store.Conversations(c.Request().Context(), member(c), after)
	if err != nil {
		return err
	}
	p := conversations.ListProps{Now: time.Now(), Stamp: talksStamp(page.Items)}
	for _, t := range page.Items {
		p.Rows = append(p.Rows, conversations.Row{Conversation: t, Member: member(c), Photo: conversationPhoto(t)})
	}
	if page.Next != "" {
		p.More = "/conversations?after=" + page.Next
	}
	switch {
	case wantsFragment(c) && after != "":
		return s.part(c, http.StatusOK, conversations.MoreRows(p))
	case wantsFragment(c) && c.QueryParam("stamp") == p.Stamp:
		return c.NoContent(http.StatusNoContent)
	case wantsFragment(c):
		return s.part(c, http.StatusOK, conversations.List(p))
	}
	return s.show(c, http.StatusOK, view{Title: "Messages", NoIndex: true, Page: conversations.ListPage(p)})
}

// talksStamp is a short text that changes when a list of conversations does.
func talksStamp(list []store.Conversation) string {
	h := fnv.New64a()
	for _, t := range list {
		for _, n := range []int64{t.ID, t.LastMessage, int64(t.Unread), t.LastOrder} {
			h.Write(strconv.AppendInt([]byte{'.'}, n, 36))
		}
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// conversationPhoto is the photograph of the work that is talked about, small.
func conversationPhoto(t store.Conversation) ui.Photo {
	if t.ImageKey == "" {
		return ui.Photo{}
	}
	size := imagehost.Sizes(t.ImageWidth, t.ImageHeight)[0]
	return ui.Photo{Src: imagePath(t.ImageKey, size.Step, imagehost.JPEG), Width: size.Width, Height: size.Height}
}

// conversation shows a conversation to one of the two who talk. What is shown
// counts as read.
func (s *Server) conversation(c echo.Context) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	p, err := s.talk(c, conversation, 0, nil)
	if err != nil {
		return err
	}
	if err := s.read(c, p); err != nil {
		return err
	}
	return s.showConversation(c, http.StatusOK, p)
}

func (s *Server) showConversation(c echo.Context, status int, p conversations.Props) error {
	return s.show(c, status, view{Title: p.Talk.Other(p.Member) + " about " + p.Talk.Title, NoIndex: true,
		Head: conversations.Head(s.Assets.URL("js/talk.js")), Page: conversations.Page(p)})
}

// talk is a part of a conversation for a page: that of an order, or its own. form
// is what is being written, nil for nothing yet.
func (s *Server) talk(c echo.Context, conversation, order int64, form *conversations.FormProps) (conversations.Props, error) {
	before := c.QueryParam("before")
	t, err := s.Store.Talk(c.Request().Context(), member(c), conversation, before)
	if err != nil {
		return conversations.Props{}, err
	}
	p := s.talkProps(c, t, order)
	p.Part = before != ""
	if form != nil {
		p.Form = *form
	}
	return p, nil
}

func (s *Server) talkProps(c echo.Context, t store.Talk, order int64) conversations.Props {
	p := conversations.Props{Talk: t, Member: member(c), Page: conversations.Path(t.ID), OrderID: order, Photo: conversationPhoto(t.Conversation),
		Form: newForm(t.Conversation, member(c), order)}
	if order != 0 {
		p.Page = orderPath(order)
	}
	for _, d := range t.Lines {
		line := conversations.Line{Said: d}
		for _, img := range d.Pictures {
			line.Photos = append(line.Photos, s.messagePhoto(t.ID, img))
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

// newForm is the form for the next message.
func newForm(t store.Conversation, m store.Member, order int64) conversations.FormProps {
	return conversations.FormProps{Action: conversations.Path(t.ID) + "/messages", To: firstName(t.Other(m)), OrderID: order, Key: uuid.NewString(), Files: true}
}

func (s *Server) messagePhoto(conversation int64, img store.Image) conversations.Picture {
	p := conversations.Picture{Conversation: conversation, ID: img.ID, Name: img.Name, State: img.State, Photo: s.photo(img, "")}
	p.Large, _, _ = largest(img)
	return p
}

// read marks what a page shows as read, unless it is an older part.
func (s *Server) read(c echo.Context, p conversations.Props) error {
	if p.Part || p.Talk.Message == 0 {
		return nil
	}
	seen, err := s.Store.ReadConversation(c.Request().Context(), p.Member, p.Talk.ID, p.Talk.Message)
	viewer(c).Unseen = max(0, viewer(c).Unseen-seen)
	return err
}

// orderTalk is the conversation that an order belongs to, for its page.
func (s *Server) orderTalk(c echo.Context, order int64) (templ.Component, error) {
	conversation, err := s.Store.OrderConversation(c.Request().Context(), member(c), order)
	if err != nil {
		return nil, err
	}
	p, err := s.talk(c, conversation, order, nil)
	if err == nil && c.Request().Method == http.MethodGet {
		err = s.read(c, p)
	}
	return conversations.Talk(p), err
}

// talkPart is what was said before a part that a page shows, or after all that it
// knows.
func (s *Server) talkPart(c echo.Context) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	if !wantsFragment(c) {
		if _, err := s.Store.Conversation(c.Request().Context(), member(c), conversation); err != nil {
			return err
		}
		return s.redirect(c, conversations.Path(conversation))
	}
	if c.QueryParam("before") != "" {
		p, err := s.talk(c, conversation, orderOfPage(c), nil)
		if err != nil {
			return err
		}
		return s.part(c, http.StatusOK, conversations.Older(p))
	}
	t, err := s.Store.News(c.Request().Context(), member(c), conversation, int64(number(c, "message")), int64(number(c, "event")))
	if err != nil {
		return err
	}
	if len(t.Lines) == 0 {
		return c.NoContent(http.StatusNoContent)
	}
	return s.part(c, http.StatusOK, conversations.News(s.talkProps(c, t, orderOfPage(c))))
}

// orderOfPage is the order on whose page a fragment is going to stand, or 0.
func orderOfPage(c echo.Context) int64 {
	on, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if err != nil {
		return 0
	}
	number, _ := strings.CutPrefix(on.Path, "/orders/")
	order, _ := strconv.ParseInt(number, 10, 64) // 0 on other pages
	return order
}

// readTalk says that what a page shows has been read.
func (s *Server) readTalk(c echo.Context) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.Store.ReadConversation(c.Request().Context(), member(c), conversation, int64(number(c, "message"))); err != nil {
		return err
	}
	if !wantsFragment(c) {
		return s.redirect(c, conversations.Path(conversation))
	}
	return c.NoContent(http.StatusNoContent)
}

// showMessagePicture is a picture of a message, as far as it is made.
func (s *Server) showMessagePicture(c echo.Context) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	picture, err := id(c, "picture")
	if err != nil {
		return err
	}
	img, err := s.Store.MessagePicture(c.Request().Context(), member(c), conversation, picture)
	if err != nil {
		return err
	}
	return s.part(c, http.StatusOK, conversations.Photo(s.messagePhoto(conversation, img), "Picture from the conversation"))
}

// sendMessage says something in a conversation.
func (s *Server) sendMessage(c echo.Context) error {
	conversation, err := id(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	t, err := s.Store.Conversation(ctx, member(c), conversation)
	if err != nil {
		return err // before any file is taken in
	}
	sent, err := multipartForm(c)
	if err != nil {
		return err
	}
	defer sent.RemoveAll()
	order, _ := strconv.ParseInt(first(sent, "order"), 10, 64)
	f := newForm(t, member(c), order)
	f.Focus = true
	form, err := s.readMessage(c, t.ID, sent, &f)
	if err != nil {
		return err
	}
	if len(f.Refused) == 0 {
		err = s.Store.SendMessage(ctx, member(c), conversation, form)
	}
	if status, ok := refusedForm(&f, form, err); ok {
		return s.formAgain(c, status, t, f)
	}
	if err != nil {
		return err
	}
	if wantsFragment(c) {
		f.Kept, f.Text = nil, ""
		c.Response().Header().Set("HX-Trigger", "sent") // the page fetches what it shows
		return s.part(c, http.StatusOK, conversations.Form(f))
	}
	if order != 0 {
		return s.redirect(c, orderPath(order)+"#write")
	}
	return s.redirect(c, conversations.Path(conversation)+"#write")
}

// readMessage reads a message as it is written, and keeps the files that come
// with it.
func (s *Server) readMessage(c echo.Context, conversation int64, sent *multipart.Form, f *conversations.FormProps) (store.MessageForm, error) {
	form := store.MessageForm{Key: first(sent, "key"), Text: first(sent, "text")}
	var kept []int64
	for _, value := range sent.Value["picture"] {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			kept = append(kept, n)
		}
	}
	images, err := s.Store.OwnImages(c.Request().Context(), member(c), kept)
	if err != nil {
		return form, err
	}
	for _, file := range sent.File["pictures"] {
		if len(images) >= store.PicturesMost {
			f.Refused = append(f.Refused, "Four pictures are the most for one message.")
			break
		}
		img, err := s.keepPicture(c, conversation, file)
		if reason, ok := refusal(err); ok {
			f.Refused = append(f.Refused, file.Filename+": "+reason)
			continue
		}
		if err != nil {
			return form, err
		}
		images = append(images, img)
	}
	for _, img := range images {
		form.Pictures = append(form.Pictures, img.ID)
		f.Kept = append(f.Kept, conversations.Kept{ID: img.ID, Name: img.Name})
	}
	return form, nil
}

// keepPicture makes a file safe that goes into a conversation, and makes a
// photograph of it.
func (s *Server) keepPicture(c echo.Context, conversation int64, header *multipart.FileHeader) (store.Image, error) {
	file, err := header.Open()
	if err != nil {
		return store.Image{}, err
	}
	defer file.Close()
	u, err := s.Store.BeginPicture(c.Request().Context(), member(c), conversation, header.Filename, int(header.Size))
	if err != nil {
		return store.Image{}, err
	}
	if err := s.receive(c, u.ID, 0, file); err != nil {
		return store.Image{}, err
	}
	return s.keepUpload(c, u.ID)
}

// refusedForm puts what was typed, and why it was not sent, into the form; ok is
// false when there is nothing to say.
func refusedForm(f *conversations.FormProps, typed store.MessageForm, err error) (status int, ok bool) {
	var tooMany *store.TooMany
	status = http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &f.Errors), len(f.Refused) > 0:
	case errors.As(err, &tooMany):
		status, f.Sentence = http.StatusTooManyRequests, "That is a lot of messages at once. Wait "+waitWords(tooMany.Wait)+", then send it again."
	default:
		return 0, false
	}
	f.Text = typed.Text
	if typed.Key != "" {
		f.Key = typed.Key
	}
	return status, true
}

// formAgain shows the form with what was typed, on the page where it stood.
func (s *Server) formAgain(c echo.Context, status int, t store.Conversation, f conversations.FormProps) error {
	if wantsFragment(c) {
		return s.formPart(c, status, f)
	}
	if f.OrderID != 0 {
		o, err := s.Store.Order(c.Request().Context(), member(c), f.OrderID)
		if err != nil {
			return err
		}
		p, err := s.talk(c, t.ID, o.ID, &f)
		if err != nil {
			return err
		}
		page := s.orderProps(c, o, "")
		page.Talk = conversations.Talk(p)
		return s.showOrder(c, status, page)
	}
	p, err := s.talk(c, t.ID, 0, &f)
	if err != nil {
		return err
	}
	return s.showConversation(c, status, p)
}

// formPart answers HTMX with the form, whatever the status.
func (s *Server) formPart(c echo.Context, status int, f conversations.FormProps) error {
	h := c.Response().Header()
	h.Set("HX-Retarget", "#write")
	h.Set("HX-Reswap", "outerHTML")
	h.Set("HX-Reselect", "#write")
	return s.part(c, status, conversations.Form(f))
}

// askQuestion is the form of a first question about a work. Who has asked before
// goes on there.
func (s *Server) askQuestion(c echo.Context) error {
	p, err := s.askProps(c)
	if err != nil {
		return err
	}
	conversation, err := s.Store.ConversationAbout(c.Request().Context(), member(c), p.Artwork.ID)
	if err != nil {
		return err
	}
	if conversation != 0 {
		return s.redirect(c, conversations.Path(conversation))
	}
	return s.showQuestion(c, http.StatusOK, p)
}

func (s *Server) showQuestion(c echo.Context, status int, p conversations.AskProps) error {
	return s.show(c, status, view{Title: "Ask a question about " + p.Artwork.Title, NoIndex: true, Page: conversations.Ask(p)})
}

// askProps are a question about the work of the address, if it may be asked.
func (s *Server) askProps(c echo.Context) (conversations.AskProps, error) {
	artwork, err := id(c, "id")
	if err != nil {
		return conversations.AskProps{}, err
	}
	a, err := s.Store.Artwork(c.Request().Context(), member(c).ID, artwork)
	switch {
	case err != nil:
		return conversations.AskProps{}, err
	case a.ArtistID == member(c).ID:
		return conversations.AskProps{}, store.ErrForbidden
	case a.State != store.Listed:
		return conversations.AskProps{}, store.ErrNotFound
	}
	return conversations.AskProps{Artwork: a, Home: artworkPath(a.ID, a.Title), Photo: s.work(c, a.Card).Photo,
		Form: conversations.FormProps{Action: "/artworks/" + strconv.FormatInt(a.ID, 10) + "/question", To: firstName(a.ArtistName), Key: uuid.NewString()}}, nil
}

// sendQuestion asks a first question about a work.
func (s *Server) sendQuestion(c echo.Context) error {
	p, err := s.askProps(c)
	if err != nil {
		return err
	}
	form := store.MessageForm{Key: c.FormValue("key"), Text: c.FormValue("text")}
	conversation, err := s.Store.AskAbout(c.Request().Context(), member(c), p.Artwork.ID, form)
	if status, ok := refusedForm(&p.Form, form, err); ok {
		p.Form.Focus = true
		if wantsFragment(c) {
			return s.formPart(c, status, p.Form)
		}
		return s.showQuestion(c, status, p)
	}
	if err != nil {
		return err
	}
	s.flash(c, ui.Done, "Sent. "+p.Form.To+" has been told.")
	return s.redirect(c, conversations.Path(conversation))
}
