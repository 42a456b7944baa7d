# `make` lists what there is. Everything real happens in cargo and in `cargo xtask`.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help dev test ci soak bench fmt lint doc deny clean deps

# nextest when it is there (its profiles are in .config/nextest.toml), else cargo's own runner.
NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)
RUN_TESTS := $(if $(NEXTEST),cargo nextest run --workspace,cargo test --workspace --all-targets)
RUN_SOAK := $(if $(NEXTEST),cargo nextest run --package vahta-tests --profile soak,cargo test --package vahta-tests)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# xtask is linked with `cc`: without one not even the check for the rest can be built.
.PHONY: toolchain
toolchain:
	@command -v cargo >/dev/null || { echo "missing: Rust. See https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev; \
	  else echo "missing: a C compiler. On Debian or Ubuntu: sudo apt-get install -y gcc libc6-dev"; exit 1; fi; }

dev: toolchain ## bot, plugins and Telegram sandbox in the foreground, rebuilt when saved
	@cargo xtask dev

test: deps ## all tests, on SQLite and on a private PostgreSQL
	cargo build --workspace --all-targets
	cargo test --workspace --doc --quiet
	cargo xtask pg --fast -- $(RUN_TESTS)

ci: deps fmt-check lint doc deny ## everything that must hold, tests last
	cargo xtask check
	$(MAKE) --no-print-directory test

soak: deps ## the stories at full counts; prints figures, takes long
	cargo build --workspace --all-targets
	VAHTA_SOAK=1 cargo xtask pg -- $(RUN_SOAK)
	cargo test --package vahta-zip --test archive -- --ignored

bench: deps ## paired benchmarks on SQLite and PostgreSQL, release build
	cargo xtask pg -- cargo run --release --package vahta-bench
	cargo run --release --package vahta-bench -- sse

fmt: ## format the source
	cargo fmt --all

.PHONY: fmt-check
fmt-check:
	cargo fmt --all --check

lint: toolchain ## clippy, warnings are errors
	cargo clippy --workspace --all-targets -- -D warnings

doc: toolchain ## the crates' documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

deny: ## licences, sources, duplicates, advisories, if cargo-deny is installed
	@if ! command -v cargo-deny >/dev/null; then \
	  echo "deny: skipped, cargo-deny is not installed (cargo install --locked cargo-deny)"; exit 0; fi; \
	cargo deny --log-level error check bans licenses sources || exit 1; \
	if cargo deny --log-level off fetch db 2>/dev/null; then cargo deny --log-level error check advisories; \
	else echo "deny: advisories skipped, their database cannot be fetched from here"; fi

deps: toolchain ## install the system packages that tests want (as root), or name them
	@cargo xtask deps

clean: ## remove build outputs; data, logs and backups stay
	cargo clean
