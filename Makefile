SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := help

GO        ?= go
TOOLS     := $(CURDIR)/.tmp
BUF_VERSION := 1.75.0
STATICCHECK_VERSION := v0.7.0
# The protoc plugins have the versions of the libraries in go.mod.
BUF       := $(TOOLS)/buf/node_modules/.bin/buf
STATICCHECK := $(TOOLS)/bin/staticcheck

# Flags for every `go test`, for example TESTFLAGS='-count=1 -v'.
TESTFLAGS ?=
# How long `make check` runs each fuzz target.
FUZZTIME  ?= 30s
BENCHFLAGS ?=
RUNFLAGS  ?=
PKG       ?= ./...

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## serve on http://127.0.0.1:8080, everything embedded, simulator at /sim
	$(GO) run ./cmd/motcua serve $(RUNFLAGS)

.PHONY: quick
quick: services checkfmt ## formatting, vet, architecture and every test with the smallest counts
	$(GO) vet ./...
	$(GO) test -short $(TESTFLAGS) $(PKG)

.PHONY: test
test: services ## every test, with a real PostgreSQL, Redis and Chromium and small counts
	$(GO) vet ./...
	$(GO) test -timeout 25m $(TESTFLAGS) $(PKG)

.PHONY: check
check: services checkfmt lint checkgenerate ## everything: full counts, race detector, fuzzing, linters
	CHECK=full $(GO) test -timeout 90m -count=1 $(TESTFLAGS) $(PKG)
	$(MAKE) race fuzz

.PHONY: race
race: services ## the tests under the race detector
	$(GO) test -race -timeout 60m $(TESTFLAGS) $(PKG)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME
	@{ grep -rl --include='*_test.go' '^func Fuzz' . || true; } | sort | while read -r file; do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
	    echo "== $$(dirname "$$file") $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
	  done; \
	done

.PHONY: bench
bench: services ## ratios against yardsticks measured in the same run
	$(GO) test -run '^$$' -bench 'Validate|Render' ./bench
	$(GO) run ./bench $(BENCHFLAGS)

.PHONY: lint
lint: $(STATICCHECK) $(BUF) checkfmt ## vet, staticcheck, buf lint, and the data pack
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(BUF) lint
	$(GO) run ./cmd/motcua catalog lint

.PHONY: fmt
fmt: ## format all Go files
	@$(SOURCES) | xargs -r gofmt -w

SOURCES = find . -name '*.go' -not -path './.tmp/*' -not -path '*/node_modules/*' -not -path './proto/gen/*'

.PHONY: checkfmt
checkfmt:
	@bad=$$($(SOURCES) | xargs -r gofmt -l); \
	if [ -n "$$bad" ]; then echo "not formatted (make fmt):"; echo "$$bad"; exit 1; fi

.PHONY: generate
generate: $(BUF) plugins ## code from proto/ (needs npm for buf, once)
	$(BUF) generate

.PHONY: checkgenerate
checkgenerate: $(BUF) plugins ## fails when proto/gen is not what proto/ gives
	@rm -rf $(TOOLS)/fresh
	@$(BUF) generate -o $(TOOLS)/fresh
	@diff -r $(TOOLS)/fresh/proto/gen proto/gen || { echo "proto/gen is stale: run make generate"; exit 1; }

.PHONY: plugins
plugins:
	@mkdir -p $(TOOLS)/bin
	@$(GO) build -o $(TOOLS)/bin/ google.golang.org/protobuf/cmd/protoc-gen-go connectrpc.com/connect/cmd/protoc-gen-connect-go

$(BUF): $(TOOLS)/buf-$(BUF_VERSION)
$(TOOLS)/buf-$(BUF_VERSION):
	@mkdir -p $(TOOLS)/buf
	npm install --prefix $(TOOLS)/buf --no-save --no-audit --no-fund --loglevel=error @bufbuild/buf@$(BUF_VERSION)
	@touch $@

$(STATICCHECK): $(TOOLS)/staticcheck-$(STATICCHECK_VERSION)
$(TOOLS)/staticcheck-$(STATICCHECK_VERSION):
	@mkdir -p $(TOOLS)/bin
	GOBIN=$(TOOLS)/bin $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	@touch $@

# PostgreSQL and Redis are started by the tests themselves, on private ports;
# here they are only installed. RUNLEVEL=1 keeps Debian from starting its own.
.PHONY: services
services: ## install PostgreSQL, Redis, Chromium and curl if they are missing (Debian)
	@missing=""; \
	compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || missing="$$missing postgresql-15"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	[ -z "$$missing" ] && exit 0; \
	command -v apt-get >/dev/null || { echo "please install:$$missing"; exit 1; }; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	$$sudo apt-get update -qq; \
	$$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing
