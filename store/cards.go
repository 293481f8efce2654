package store

// cardColumns and cardTables read a Card; $1 is the id of the member who asks,
// 0 for a visitor. A list adds its own WHERE, ORDER BY and LIMIT.
const cardColumns = `
	a.id, a.artist_id, m.first_name || ' ' || m.last_name AS artist_name, m.username AS artist_username,
	a.state, a.title, a.year, a.medium, a.material, a.width, a.height, COALESCE(a.depth, 0) AS depth,
	a.price, a.quantity, a.for_sale, a.edition, COALESCE(a.edition_size, 0) AS edition_size, a.sold, a.held, a.listed_at,
	COALESCE(i.id, 0) AS "cover.id", COALESCE(i.state, '') AS "cover.state",
	CASE WHEN i.state = 'ready' THEN i.key ELSE '' END AS "cover.key", COALESCE(i.host, '') AS "cover.host",
	COALESCE(i.name, '') AS "cover.name", COALESCE(i.alt, '') AS "cover.alt", COALESCE(i.part, '') AS "cover.part",
	COALESCE(i.width, 0) AS "cover.width", COALESCE(i.height, 0) AS "cover.height",
	COALESCE(i.ground, '') AS "cover.ground", COALESCE(i.avif_width, 0) AS "cover.avif_width",
	EXISTS (SELECT FROM gallery_artworks ga JOIN galleries g ON g.id = ga.gallery_id
	        WHERE ga.artwork_id = a.id AND g.collector_id = $1) AS saved`

const cardTables = `
	artworks a
	JOIN members m ON m.id = a.artist_id
	LEFT JOIN images i ON i.artwork_id = a.id AND i.position = 0`
