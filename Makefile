GO ?= go
export CGO_ENABLED ?= 0

# The platforms that are built, and the tools that lint, each at one version.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
STATICCHECK := 0.8.2
GOLANGCI := 2.15.0
BIN := $(CURDIR)/dist/bin

.PHONY: build test lint bench loops fuzz cross docs clean

build: ## The program, in ./assay
	$(GO) build -trimpath -o assay ./cmd/assay

test: ## Every test, with the race detector
	bash scripts/test

lint: $(BIN)/staticcheck $(BIN)/golangci-lint
	@test -z "$$(gofmt -l cmd internal scripts)" || { gofmt -l cmd internal scripts; exit 1; }
	$(GO) vet ./...
	$(BIN)/staticcheck ./...
	$(BIN)/golangci-lint run ./...

# A tool of the right version that is installed already is taken as it is.
$(BIN)/staticcheck:
	@mkdir -p $(BIN)
	@if staticcheck -version 2>/dev/null | grep -qF '($(STATICCHECK))'; then ln -sf "$$(command -v staticcheck)" $@; \
	else GOBIN=$(BIN) $(GO) install honnef.co/go/tools/cmd/staticcheck@v$(STATICCHECK); fi

$(BIN)/golangci-lint:
	@mkdir -p $(BIN)
	@if golangci-lint version 2>/dev/null | grep -qF 'version $(GOLANGCI) '; then ln -sf "$$(command -v golangci-lint)" $@; \
	else GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI); fi

bench: build ## Speed and memory: make bench PROJECT=DIR
	@test -n "$(PROJECT)" || { echo "usage: make bench PROJECT=DIR" >&2; exit 2; }
	@$(GO) run ./scripts/bench ./assay "$(PROJECT)"

loops: build ## Which known loops are reported: make loops CORPUS=DIR
	@test -n "$(CORPUS)" || { echo "usage: make loops CORPUS=DIR" >&2; exit 2; }
	@$(GO) run ./scripts/loops ./assay "$(CORPUS)" $(PROJECTS)

FUZZTIME ?= 10m

fuzz: ## Every fuzz target for FUZZTIME
	@grep -rlE '^func Fuzz' --include='*_test.go' internal | xargs -n1 dirname | sort -u | while read -r dir; do \
		grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | sed 's/^func //' | while read -r target; do \
			echo "$$dir $$target"; \
			$(GO) test ./$$dir -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) </dev/null || exit 1; \
		done || exit 1; \
	done

cross: ## The program for every platform, in dist/
	@for p in $(PLATFORMS); do \
		os=$${p%/*}; arch=$${p#*/}; ext=; [ $$os = windows ] && ext=.exe; \
		echo "dist/assay-$$os-$$arch$$ext"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags='-s -w' -o dist/assay-$$os-$$arch$$ext ./cmd/assay || exit 1; \
	done

docs: ## The generated pages of docs/
	UPDATE=1 $(GO) test ./internal/house -run TestDocs

clean:
	rm -rf assay dist
