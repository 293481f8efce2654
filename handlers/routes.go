package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"openstudio/store"
	"openstudio/store/payment"
)

// routes is every address of the market on one screen.
func (s *Server) routes() {
	e := s.echo
	e.Pre(limitForms, override())
	e.Use(s.identify, s.headers, s.cached, s.compress, s.sameOrigin(), s.limitWrites(), s.loadMember)
	form := limitBody(formLimit)
	upload := limitBody(uploadLimit)

	// Machines.
	e.GET("/healthz", s.alive)
	e.GET("/readyz", s.ready)
	e.GET("/robots.txt", s.robots)
	e.GET("/sitemap.xml", s.sitemaps)
	e.GET("/sitemaps/:part", s.sitemap)
	e.GET("/static/*", echo.WrapHandler(s.Assets))
	e.HEAD("/static/*", echo.WrapHandler(s.Assets))

	// Everybody.
	public := e.Group("", form)
	page := func(path string, h echo.HandlerFunc) {
		public.GET(path, h)
		public.HEAD(path, h) // for those who check links
	}
	page("/", s.home)
	page("/about", s.about)
	page("/artists", s.artists)
	page("/artists/:username", s.artist)
	page("/artists/:username/feed", s.artistFeed)
	page("/artists/:username/series/:id", s.series)
	public.POST("/artists/:username/digest", s.requestDigest)
	public.GET("/digest/confirmation/:token", s.askConfirmation)
	public.POST("/digest/confirmation/:token", s.confirmDigest)
	public.GET("/digest/stop/:token", s.askDigestStop)
	public.POST("/digest/stop/:token", s.stopDigest)
	page("/artworks", s.artworks)
	page("/artworks.atom", s.artworksFeed)
	page("/artworks/:id", s.artwork)
	page("/artworks/:id/card", s.card)
	page("/artworks/:id/card.jpg", s.shareCard)
	page("/galleries", s.galleries)
	page("/galleries/:id", s.gallery)
	page("/galleries/:id/feed", s.galleryFeed)
	page("/images/:key/:size", s.image)
	page("/oembed", s.oembed)
	page("/search", s.suggest)
	public.POST("/light", s.setLight)
	public.GET("/login", s.askLogin)
	public.POST("/login", s.login)
	public.POST("/logout", s.logout)
	public.GET("/password-reset", s.askPasswordReset)
	public.POST("/password-reset", s.requestPasswordReset)
	public.GET("/password-reset/:token", s.passwordReset)
	public.POST("/password-reset/:token", s.resetPassword)
	public.GET("/register", s.askRegister)
	public.POST("/register", s.register)

	// Members.
	members := e.Group("", form, s.members)
	members.GET("/account", s.account)
	members.POST("/account", s.updateAccount)
	members.GET("/account/password", s.password)
	members.POST("/account/password", s.changePassword)
	members.GET("/account/sessions", s.sessions)
	members.DELETE("/account/sessions", s.endAllSessions)
	members.DELETE("/account/sessions/others", s.endOtherSessions)
	members.DELETE("/account/sessions/:id", s.endSession)
	members.POST("/artists/:username/followers", s.follow)
	members.DELETE("/artists/:username/followers", s.unfollow)
	members.GET("/following", s.following)
	members.POST("/following/digest", s.chooseDigest)
	members.GET("/events", s.events)
	members.GET("/notifications", s.notifications)
	members.GET("/notifications/badge", s.notificationsBadge)
	members.POST("/notifications/viewed", s.seeNotifications)
	members.GET("/orders/:id", s.order)
	members.GET("/orders/:id/panel", s.orderPanel)
	members.POST("/orders/:id/acceptance", s.acceptOrder)
	members.POST("/orders/:id/line", s.putInLine)
	members.GET("/orders/:id/decline", s.askToDecline)
	members.POST("/orders/:id/decline", s.declineOrder)
	members.GET("/orders/:id/cancellation", s.askToCancel)
	members.POST("/orders/:id/cancellation", s.cancelOrder)
	members.POST("/orders/:id/payment", s.payOrder)
	members.POST("/orders/:id/shipment", s.shipOrder)
	members.POST("/orders/:id/completion", s.completeOrder)
	members.GET("/searches", s.searches)
	members.POST("/searches", s.saveSearch)
	members.GET("/searches/new", s.newSearch)
	members.POST("/searches/:id", s.updateSearch)
	members.DELETE("/searches/:id", s.deleteSearch)

	// Artists.
	artists := e.Group("", s.only(store.Artist))
	artists.GET("/studio", s.studioWorks)
	artists.GET("/studio/portfolio", s.portfolio)
	artists.POST("/studio/portfolio/statement", s.keepStatement, form)
	artists.POST("/studio/portfolio/exhibitions", s.keepExhibitions, form)
	artists.POST("/studio/series", s.createSeries, form)
	artists.GET("/studio/series/:id", s.editSeries)
	artists.POST("/studio/series/:id", s.updateSeries, form)
	artists.DELETE("/studio/series/:id", s.deleteSeries, form)
	artists.POST("/studio/series/:id/position", s.moveSeries, form)
	artists.POST("/studio/series/:id/artworks", s.putInSeries, form)
	artists.DELETE("/studio/series/:id/artworks/:artwork", s.takeOutOfSeries, form)
	artists.GET("/studio/orders", s.studioOrders)
	artists.GET("/studio/orders/waiting", s.studioWaiting)
	artists.GET("/studio/holiday", s.holiday)
	artists.POST("/studio/holiday", s.goOnHoliday, form)
	artists.DELETE("/studio/holiday", s.endHoliday, form)
	artists.GET("/studio/export.csv", s.exportWorks, unhurried)
	artists.GET("/studio/orders.csv", s.exportOrders, unhurried)
	artists.GET("/studio/import", s.askImport)
	artists.POST("/studio/import", s.sendCatalogue, upload, unhurried)
	artists.GET("/studio/import/:upload", s.previewImport)
	artists.POST("/studio/import/:upload", s.importCatalogue, form, unhurried)
	artists.GET("/studio/imports/:id", s.importResult)
	artists.GET("/studio/imports/:id/rejected.csv", s.refusedRows)
	artists.POST("/studio/imports/:id/listing", s.hangImport, form, unhurried)
	artists.GET("/artworks/new", s.newArtwork)
	artists.GET("/artworks/new/label", s.previewArtwork)
	artists.POST("/artworks", s.createArtwork, upload, unhurried)
	artists.GET("/artworks/images/:id", s.showPicture)
	artists.POST("/artworks/uploads", s.beginUpload, form)
	artists.GET("/artworks/uploads/:upload", s.showUpload)
	artists.HEAD("/artworks/uploads/:upload", s.uploadHere)
	artists.PATCH("/artworks/uploads/:upload", s.appendUpload, limitBody(fileLimit), unhurried)
	artists.DELETE("/artworks/uploads/:upload", s.cancelUpload, form)
	artists.GET("/artworks/:id/edit", s.editArtwork)
	artists.POST("/artworks/:id", s.updateArtwork, upload, unhurried)
	artists.DELETE("/artworks/:id", s.deleteArtwork, form)
	artists.GET("/artworks/:id/removal", s.askToDeleteArtwork)
	artists.POST("/artworks/:id/listing", s.listArtwork, form)
	artists.POST("/artworks/:id/sale", s.sellArtwork, form)
	artists.POST("/artworks/:id/line", s.putOthersInLine, form)
	artists.POST("/artworks/:id/requests/price", s.lowerRequests, form)

	// Collectors.
	collectors := e.Group("", form, s.only(store.Collector))
	collectors.GET("/artworks/:id/quote", s.quoteArtwork)
	collectors.POST("/artworks/:id/orders", s.requestOrder)
	collectors.GET("/gallery", s.myGallery)
	collectors.POST("/gallery", s.describeGallery)
	collectors.POST("/gallery/visibility", s.showGallery)
	collectors.POST("/gallery/link", s.renewGalleryLink)
	collectors.POST("/gallery/artworks/:artwork/note", s.noteArtwork)
	collectors.POST("/gallery/artworks/:artwork/position", s.moveArtwork)
	collectors.POST("/gallery/artworks/:artwork/cover", s.coverGallery)
	collectors.POST("/galleries/:id/artworks", s.saveArtwork)
	collectors.DELETE("/galleries/:id/artworks/:artwork", s.unsaveArtwork)
	collectors.GET("/purchases", s.purchases)
	collectors.GET("/purchases.csv", s.exportOrders, unhurried)

	// The payment gateway, and the test gateway's own page.
	e.POST("/webhooks/payments", s.hearPayment, limitBody(webhookLimit))
	if _, ok := s.Gateway.(*payment.Test); ok {
		collectors.GET("/test-gateway/:attempt", s.testGateway)
		collectors.POST("/test-gateway/:attempt", s.answerTestGateway)
	}

	// Developers.
	if s.Dev {
		public.GET("/dev/mail", s.devMail)
		public.GET("/dev/mail/:id", s.devLetter)
	}

	e.RouteNotFound("/*", func(c echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) })
}
