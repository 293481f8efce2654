# What people do with OpenStudio. `make` alone lists it.

GO    ?= go
TOOL  := $(GO) tool -modfile=.ci/tools.mod
TEMPL := $(TOOL) templ generate -include-version=false -path views
OURS  := cmd handlers migrations static store views

# AVIF is made by the encoder in the module, never by a library of the machine.
export GOFLAGS := $(GOFLAGS) -tags=nodynamic

# Races are looked for where C compiles: the detector needs it.
RACE = $(shell echo 'int main(void) { return 0; }' | $$($(GO) env CC) -x c -o /dev/null - 2>/dev/null && echo -race)

# Whole markets under load, each of processes of their own: they run apart from the
# tests that look for races, and one after another, as they measure how soon each is back.
STORMS := ^Test(TwoHundred|EveryMessageFiveTimes|KilledAtForty|DatabaseKilled)

.DEFAULT_GOAL := help
.PHONY: run test check bench generate help

run: ## build OpenStudio and open it at http://localhost:8080
	@[ -x bin/openstudio ] || echo "Building OpenStudio. The first time takes about a minute."
	@$(GO) build -buildvcs=false -o bin/openstudio ./cmd/openstudio
	@exec bin/openstudio -install-postgres

# The storms and the browser come last and alone, and races are not looked for again: what it
# opens, the tests of the handlers have opened with the detector on.
test: check ## check, then run every test
	@command -v $${OPENSTUDIO_BROWSER:-chromium} >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		printf '\n*** NO BROWSER: the browser tests do not run. Install chromium, or name one in OPENSTUDIO_BROWSER. ***\n\n'
	@OPENSTUDIO_PG_BIN="$$(SECRET_KEY= ENVIRONMENT=DEV $(GO) run ./cmd/openstudio install-postgres)" && export OPENSTUDIO_PG_BIN && \
		set -x && $(GO) test $(RACE) -timeout 40m -skip '$(STORMS)' $$($(GO) list ./... | grep -v /browsertest$$) && \
		$(GO) test -timeout 40m -parallel 1 -run '$(STORMS)' ./cmd/openstudio && $(GO) test -timeout 40m ./handlers/browsertest

check: ## look at the code: generated files, gofmt, vet, staticcheck
	@was=$$(find views -name '*_templ.go' -exec cksum {} + | sort) && said=$$($(TEMPL) 2>&1) || { echo "$$said"; exit 1; }; \
		[ "$$was" = "$$(find views -name '*_templ.go' -exec cksum {} + | sort)" ] || \
		{ echo "Generated files were older than their templates. They are new now: commit them."; exit 1; }
	@unformatted=$$(gofmt -l $(OURS)) && [ -z "$$unformatted" ] || { echo "Not as gofmt writes it:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...

bench: ## measure the speed
	$(GO) test -run '^$$' -bench . -benchmem ./...

generate: ## write the Go code of the templates
	$(TEMPL)

help: ## list this
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16
