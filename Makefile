# Weir. A Debian 12 machine with a Swift 6.3 toolchain needs `make run` and `make test`, no more:
# what else they need they install with apt-get.

PREFIX ?= /usr/local
SWIFT  ?= swift
export SWIFT
JOBS   ?= $(shell nproc)
# Arguments for weir-bench, as in `make bench BENCH="--only HTTP --seconds 4"`.
BENCH  ?=
# Seconds of `make chaos` and `make overload`.
CHAOS_SECONDS ?= 600
OVERLOAD_SECONDS ?= 300
# Seconds for each fuzz target.
FUZZ_SECONDS ?= 20

SWIFT_FOLDERS = Package.swift Sources Plugins Tests sdk examples

.DEFAULT_GOAL := help
.PHONY: help run test build install bench lint format docs test-sanitizers fuzz chaos overload plugin-check \
	deps deps-test deps-dist deps-bench debug venv postgresql clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
	| while IFS="$$(printf '\t')" read -r name text; do printf '  make %-16s %s\n' "$$name" "$$text"; done

run: debug ## Build, and start weir: receives OTLP on this machine, prints and keeps it
	WEIR_PLUGIN_PATH=.build/plugins .build/debug/weir run

test: deps-test lint debug build venv postgresql ## Check the format, build, and run every test
	.ci/fuzz .build/fuzz 10
	.ci/swift-test --package-path sdk -j $(JOBS)
	WEIR_POSTGRESQL_SERVERS="$(CURDIR)/.build/postgresql" .ci/swift-test -j $(JOBS) --skip EndToEnd
	WEIR_END_TO_END=1 WEIR_DIST="$(CURDIR)/dist" .ci/swift-test -j $(JOBS) --filter EndToEnd

build: deps-dist ## Build dist/: an optimised weir that runs on any Debian 12
	$(SWIFT) build -c release -j $(JOBS) --scratch-path .build/release-build
	.ci/dist .build/release-build/release dist

install: ## Copy dist/ to PREFIX (/usr/local)
	@test -x dist/bin/weir || { echo "dist/ is not there: run make build first"; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)"
	cp -R dist/bin dist/lib dist/share "$(DESTDIR)$(PREFIX)/"

bench: deps-bench build ## Measure weir beside a TCP relay; WRITE=1 writes docs/benchmarks.md
	.build/release-build/release/weir-bench run $(if $(WRITE),--write docs/benchmarks.md) $(BENCH)

lint: ## Check the format of all Swift files
	$(SWIFT) format lint --strict --parallel -r $(SWIFT_FOLDERS)

format: ## Format all Swift files
	$(SWIFT) format --in-place --parallel -r $(SWIFT_FOLDERS)

docs: debug ## Write docs/components from what the plugins say of themselves
	rm -rf docs/components && mkdir docs/components
	WEIR_PLUGIN_PATH=.build/plugins .build/debug/weir components --format markdown --output docs/components

# The host keeps instances and tables for ever, on purpose, so its tests do not look for leaks; the
# sdk's do. Workers that are to crash in a test shall die of the signal, not of the sanitizer.
test-sanitizers: deps-test ## Run the unit tests under the address and the thread sanitizer
	export TSAN_OPTIONS="suppressions=$(CURDIR)/.ci/tsan.supp:handle_segv=0"; \
	export LSAN_OPTIONS="suppressions=$(CURDIR)/.ci/lsan.supp"; \
	for kind in address thread; do \
	  ASAN_OPTIONS=detect_leaks=0:handle_segv=0 \
	    $(SWIFT) test --sanitize $$kind --scratch-path .build/$$kind -j $(JOBS) --skip EndToEnd \
	  && ASAN_OPTIONS=handle_segv=0 $(SWIFT) test --sanitize $$kind --scratch-path .build/sdk-$$kind -j $(JOBS) \
	    --package-path sdk || exit 1; \
	done

fuzz: deps ## Run every fuzz target of sdk/Fuzz for FUZZ_SECONDS, from its corpus
	.ci/fuzz .build/fuzz $(FUZZ_SECONDS)

chaos: build venv ## Kill, starve and cut off two weir for CHAOS_SECONDS, and look for what got lost
	rm -rf .build/chaos && mkdir -p .build/chaos
	cc -shared -fPIC -O2 -o .build/chaos/clock.so Tests/EndToEnd/Clients/clock.c -ldl
	.build/venv/bin/python Tests/EndToEnd/Clients/chaos.py --weir dist/bin/weir \
		--clock .build/chaos/clock.so --folder .build/chaos --seconds $(CHAOS_SECONDS)

overload: build venv ## Ten times what a sink takes, for OVERLOAD_SECONDS, with a budget of 128 MiB
	.build/venv/bin/python Tests/EndToEnd/Clients/overload.py --weir dist/bin/weir \
		--folder .build/overload --seconds $(OVERLOAD_SECONDS)

plugin-check: debug ## Put every plugin through `weir plugin check`
	for plugin in .build/plugins/*.so; do .build/debug/weir plugin check "$$plugin" || exit 1; done

clean: ## Remove what was built
	rm -rf .build dist

# The steps that others share.

debug: deps
	$(SWIFT) build -j $(JOBS)
	.ci/plugins .build/debug .build/plugins

deps:
	@.ci/deps build
deps-test:
	@.ci/deps build test
deps-dist:
	@.ci/deps build dist
deps-bench:
	@.ci/deps build dist bench

# The Python packages that the end-to-end tests send telemetry with, pinned.
venv: deps-test
	@.ci/venv Tests/EndToEnd/requirements.txt .build/venv

# PostgreSQL servers of the versions that Debian does not have.
postgresql: venv
	@.ci/postgresql .build/venv/bin/pip .build/postgresql
