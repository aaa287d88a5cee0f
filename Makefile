# roamfault: what a fresh Debian machine with Go, gcc and git needs is said by
# each target and fetched by it.

GO ?= go
BIN := bin/roamfault
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 10s
BENCH_MIB ?= 1024,4096
BENCH_RUNS ?= 5
BENCH_JOURNAL_MIB ?= 1024,4096
SEED := testdata/seeds/mt7925-mlo-roam.log
# The reader over libsystemd is built where its headers are.
TAGS = $(shell pkg-config --exists libsystemd 2>/dev/null && echo sdjournal)
RACE := $(shell command -v gcc >/dev/null 2>&1 && echo -race)

.PHONY: all build demo test test-deps build-sdjournal lint fuzz bench bench-journal cross generate man install clean lab test-lab test-systemd bench-lab

all: build

# A static binary, pure Go.
build:
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/roamfault

# The reader child over libsystemd, where its headers are.
build-sdjournal:
	@mkdir -p bin
	@if test -n '$(TAGS)'; then CGO_ENABLED=1 $(GO) build -trimpath -tags sdjournal -ldflags '$(LDFLAGS)' -o bin/roamfault-sdjournal ./cmd/roamfault-sdjournal; \
	else echo 'without libsystemd headers: no roamfault-sdjournal'; fi

# Analyses a log of a real failure and shows the report; HTML=report.html and
# JSON=report.json write those, too.
demo: build
	@echo; echo '$$ roamfault analyze $(SEED) testdata/seeds/mt7925-mlo-roam-supplicant.log'; echo
	@$(BIN) analyze $(SEED) testdata/seeds/mt7925-mlo-roam-supplicant.log; test $$? -eq 1
ifdef HTML
	@$(BIN) analyze --format html -o $(HTML) $(SEED) testdata/seeds/mt7925-mlo-roam-supplicant.log; test $$? -eq 1
	@echo 'wrote $(HTML)'
endif
ifdef JSON
	@$(BIN) analyze --format json -o $(JSON) $(SEED) testdata/seeds/mt7925-mlo-roam-supplicant.log; test $$? -eq 1
	@echo 'wrote $(JSON)'
endif

# Fetches Go modules, and as root of a Debian machine what the tests of journals
# need. Tests whose tool is missing say so and are left out. The race detector
# needs gcc and is left out without it.
test: test-deps
	@echo 'fetching Go modules'
	@$(GO) mod download
	$(GO) test $(RACE) -tags '$(TAGS)' ./...
	$(GO) test ./reports/compare # more simulations than the race detector has the time for

JOURNAL_PACKAGES := systemd-journal-remote libsystemd-dev pkg-config

test-deps:
	@if pkg-config --exists libsystemd 2>/dev/null && test -x /lib/systemd/systemd-journal-remote; then :; \
	elif command -v apt-get >/dev/null && test "$$(id -u)" = 0; then \
	  echo 'installing $(JOURNAL_PACKAGES) (real journals for the tests)'; \
	  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy $(JOURNAL_PACKAGES); } >/dev/null || echo 'not installed: tests of real journals are left out'; \
	else echo 'without $(JOURNAL_PACKAGES): tests of real journals are left out'; fi

# Fetches staticcheck as a Go module.
lint:
	@echo 'fetching $(STATICCHECK) (a Go module)'
	@test -z "$$(gofmt -l .)" || { echo 'gofmt would change:'; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	@$(GO) mod tidy -diff

# Every fuzz target for $(FUZZTIME); which of them found something is told at
# the end. Go sometimes fails a target whose time ends while it is busy
# ("context deadline exceeded"): without a failing input nothing was found.
fuzz:
	@out=$$(mktemp); trap 'rm -f '$$out EXIT; found=; for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; \
	    if $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg >$$out 2>&1; then grep execs $$out | tail -1; \
	    elif grep -q 'context deadline exceeded' $$out && ! grep -q 'Failing input' $$out; then echo 'its time ended while it was busy; nothing was found'; \
	    else cat $$out; found="$$found $$pkg.$$f"; fi; \
	  done; \
	done; \
	test -z "$$found" || { echo "found something (the inputs are below testdata/fuzz; keep them):$$found"; exit 1; }

# Makes logs of $(BENCH_MIB) MiB below bench/ and compares with ripgrep, GNU
# grep and wc, which it installs where they are missing.
bench: build
	@command -v rg >/dev/null || { echo 'installing ripgrep'; apt-get update -q && apt-get install -qy ripgrep; }
	$(GO) run ./tools/bench -bin $(BIN) -mib $(BENCH_MIB) -runs $(BENCH_RUNS)
	$(GO) test -run '^$$' -bench . -benchmem ./journal ./patterns/... ./reports/...

# The lab in a virtual machine, with a shell: fetches the packages of a guest
# (kernel, wpa_supplicant, iw, busybox) into the cache, and installs QEMU as root
# where it is missing.
LAB_KERNELS ?= 6.12 7.x
LAB_OUT ?= bench/lab
LAB_PACKAGES ?= ./roam/lab/hwsim
LAB_ONLY ?=
LAB_RUN ?=
LAB_TIMEOUT ?= 30m
LAB_PARALLEL ?= 2
LAB_CACHE ?=
LAB_CRASHES ?= 4
LAB_FLAGS = -install -again -kernels '$(LAB_KERNELS)' -cache '$(LAB_CACHE)' -timeout $(LAB_TIMEOUT) -parallel $(LAB_PARALLEL) -only '$(LAB_ONLY)' -out $(LAB_OUT)

lab: build
	@$(BIN) lab vm --install --cache '$(LAB_CACHE)'

# The tests that import roam/lab/labtest, and those of $(LAB_PACKAGES), on a guest
# with each of $(LAB_KERNELS), $(LAB_PARALLEL) at once, for $(LAB_TIMEOUT) at most.
# What failed tests have logged is kept in $(LAB_OUT). At the end, unless only some tests
# are asked for, the machine of a run is taken down $(LAB_CRASHES) times.
test-lab:
	@mkdir -p bin
	@CGO_ENABLED=0 $(GO) build -o bin/testlab ./tools/testlab
	bin/testlab $(LAB_FLAGS) -run '$(LAB_RUN)' $(LAB_PACKAGES)
	$(if $(LAB_ONLY)$(LAB_RUN),,$(call twice,$(CRASH_TEST) -run '^TestCrash(es|edCheck)$$' ./roam/resume -crashes $(LAB_CRASHES)))

# The units are tried on a machine with a real systemd.
test-systemd:
	$(CRASH_TEST) ./roam/lab/systemd

# Tests of the host that boot guests of their own. Where one of them fails it is
# tried once more, as with the others.
CRASH_TEST = ROAMFAULT_LAB=1 ROAMFAULT_LAB_CACHE='$(LAB_CACHE)' $(GO) test -count 1 -v -timeout $(LAB_TIMEOUT)
twice = $(1) || { echo 'once more'; $(1); }

# Their benchmarks, one kernel after the other.
bench-lab:
	@mkdir -p bin
	@CGO_ENABLED=0 $(GO) build -o bin/testlab ./tools/testlab
	bin/testlab $(LAB_FLAGS) -parallel 1 -only roam/lab/stock -bench FirstAssociation
	bin/testlab $(LAB_FLAGS) -parallel 1 -memory 1024 -bench . $(LAB_PACKAGES) ./roam/rsn/sae

# Has systemd write journals of $(BENCH_JOURNAL_MIB) MiB below bench/, which
# takes a minute for each 800 MiB, and compares with journalctl on them.
bench-journal: build test-deps
	$(GO) run ./tools/benchjournal -bin $(BIN) -mib $(BENCH_JOURNAL_MIB) -runs $(BENCH_RUNS)

# What reads logs builds everywhere.
cross:
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(GO) build -o /dev/null ./cmd/roamfault
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -o /dev/null ./cmd/roamfault
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/roamfault
	CGO_ENABLED=0 GOOS=freebsd GOARCH=amd64 $(GO) build -o /dev/null ./cmd/roamfault

# The pattern packs as a Go table.
generate:
	$(GO) generate ./patterns

man: build
	$(BIN) man dist/man

# The service is installed and not begun: systemctl enable --now roamfault-watch.
PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
install: build build-sdjournal man
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/roamfault
	if test -x bin/roamfault-sdjournal; then install -m 755 bin/roamfault-sdjournal $(DESTDIR)$(PREFIX)/bin/roamfault-sdjournal; fi
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 dist/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|' packaging/systemd/roamfault-watch.service > $(DESTDIR)$(UNITDIR)/roamfault-watch.service
	chmod 644 $(DESTDIR)$(UNITDIR)/roamfault-watch.service

clean:
	rm -rf bin dist bench
