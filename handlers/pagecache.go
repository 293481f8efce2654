package handlers

import (
	"sync"
	"time"
)

// pageCache keeps rendered pages of visitors for a moment. Every change of the
// market clears it on every instance, so a page is never older than the signal
// takes; age bounds what a lost signal could leave.
type pageCache struct {
	age time.Duration

	mu    sync.RWMutex
	pages map[string]cachedPage
	bytes int
}

type cachedPage struct {
	body    []byte
	expires time.Time
}

// maxCachedBytes bounds the memory of the cache; beyond it, it starts anew.
const maxCachedBytes = 16 << 20

func newPageCache(age time.Duration) *pageCache {
	return &pageCache{age: age, pages: map[string]cachedPage{}}
}

func (p *pageCache) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages, p.bytes = map[string]cachedPage{}, 0
}
