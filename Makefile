# The only commands anyone must know. `make` alone lists them.

# Of the command line only: shells and compilers export HOST and the like with other meanings.
MODEL =
HOST = 127.0.0.1
PORT = 8080
SECONDS = 600
PREFIX ?= /usr/local
DESTDIR ?=
BIN := .build/release
home = $(DESTDIR)$(PREFIX)/lib/yuyan
check := python3 scripts/check.py

.DEFAULT_GOAL := help
.PHONY: help run test test-offline check build lint format size architecture docs golden bench train-demo compare \
	conformance browser terminal soak fuzz install uninstall clean

help: ## this list
	@printf 'make run     install what is missing, build, fetch the default model, serve it on http://127.0.0.1:8080/\n'
	@printf 'make test    install what is missing, run every test\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## a conversation, from a fresh clone: MODEL=name-or-file HOST=127.0.0.1 PORT=8080
	@scripts/run "$(MODEL)" "$(HOST)" "$(PORT)"

test: ## every test, from a fresh clone; what CI runs
	@scripts/bootstrap test
	@$(check) all

test-offline: ## the same with only a loopback interface while the tests run (needs the right to unshare)
	@scripts/bootstrap test
	@$(check) prepare
	@unshare --net --map-root-user sh -c 'ip link set lo up && exec $(check) check'

check: ## the tests again, with what the last `make test` installed and fetched
	@$(check) check

build: ## the release executable, at .build/release/yuyan
	@scripts/bootstrap swift
	swift build -c release --product yuyan

lint: ## the format, strictly
	swift format lint --strict --parallel --recursive Sources Tests Package.swift

format: ## rewrite in the house's format
	swift format --in-place --parallel --recursive Sources Tests Package.swift

size: ## lines per file and per function, against the budget
	@python3 scripts/size.py

architecture: ## imports, doors and other house rules, without building the house
	ROOMS=Architecture swift test --scratch-path .build-architecture

docs: ## DocC of every room, dead links are errors; pages in .build-docs/pages
	@scripts/docs

golden: ## rewrite Tests/Golden from the reference libraries; never in CI
	python3 scripts/golden.py

bench: build ## tokens per second on this machine: MODEL=smollm2-135m-instruct
	$(BIN)/yuyan bench "$(or $(MODEL),smollm2-135m-instruct)"

train-demo: build ## a Chinese model from nothing: its corpora, its tokenizer, its weights; within an hour on two cores
	python3 Examples/classics/corpus.py .build-check/corpora Examples/classics/data
	$(BIN)/yuyan train Examples/classics/run.yaml
	$(BIN)/yuyan perplexity classics Examples/classics/data/validation.jsonl

compare: ## tokens per second, ours and llama.cpp's, same file, same run
	@python3 Benchmarks/compare/compare.py

conformance: ## unmodified clients against the real server, then lm-eval and BFCL to a score; reports in .build-check
	@$(check) check --only conformance
	@$(check) evaluate

terminal: ## the executable in a real terminal: chat, interrupted pulls, signals, a full disk
	@$(check) check --only terminal

browser: ## the console in Chromium
	@$(check) check --only browser

soak: ## 32 streaming clients, a third of which hang up: SECONDS=600
	@$(check) check --only soak --seconds $(SECONDS)

fuzz: ## hostile files for the parsers: SECONDS=600
	@$(check) check --only fuzz --seconds $(SECONDS)

install: build ## the executable with the console and the Swift libraries beside it: PREFIX=/usr/local
	install -d "$(home)" "$(DESTDIR)$(PREFIX)/bin"
	rm -rf "$(home)/"*.resources
	install -m 755 $(BIN)/yuyan "$(home)/yuyan"
	cp -R $(BIN)/yuyan_*.resources "$(home)/"
	ldd $(BIN)/yuyan | awk '$$3 ~ "/swift/linux/" {print $$3}' | xargs -r -I{} install -m 644 {} "$(home)/"
	ln -sf ../lib/yuyan/yuyan "$(DESTDIR)$(PREFIX)/bin/yuyan"

uninstall: ## what `make install` put there
	rm -rf "$(home)" "$(DESTDIR)$(PREFIX)/bin/yuyan"

clean: ## everything that was built; models stay
	rm -rf .build .build-* .venv
