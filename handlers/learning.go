package handlers

import "github.com/labstack/echo/v4"

// robotsHeader says what robots are asked to do with an answer.
const robotsHeader = "X-Robots-Tag"

// askNotToLearn tells machines that an answer is not for training, if its artist
// asks for that: in the words that collectors of pictures know (noai, noimageai),
// and as a reservation of rights by https://www.w3.org/2022/tdmrep.
func askNotToLearn(c echo.Context, asked bool) {
	if !asked {
		return
	}
	h := c.Response().Header()
	h.Set(robotsHeader, "noai, noimageai")
	h.Set("Tdm-Reservation", "1")
}
