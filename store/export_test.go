package store

// List is the query of a page of works, for tests that look at its plan.
func (f Filter) List(viewer int64) (string, []any) { return f.list(viewer) }

// Tally is the query that counts works, for tests that look at its plan.
func (f Filter) Tally() (string, []any) { return f.tally() }

// Queries are those of a kind's sitemaps, for tests that look at their plans.
func (k SitemapKind) Queries() (parts, pages string) { return k.parts(), k.pages() }
