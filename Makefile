# Two commands to know: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
PYTEST_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SETUP := .venv/.setup
SETUP_DEV := .venv/.setup-dev
SETUP_NODE := .venv/.setup-console
SETUP_CLIENTS := tests/clients/node_modules/.setup
SETUP_CACHING := tests/caching_clients/node_modules/.setup
SETUP_CONSOLE := console/node_modules/.setup

CONSOLE := server/static/console/.built
# What its operations are typed by is written on the way.
CONSOLE_SOURCES := schema.graphql $(shell find console -name node_modules -prune -o \
  -type f ! -name '*.gen.ts' -print 2>/dev/null)
# npm, and what it starts, finds the Node.js that is installed here.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --loglevel=error
NPM_CI := ci --ignore-scripts --no-audit --no-fund

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev console run test clients check format schema bench bench-console pictures chaos fuzz lock clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(SETUP) ## install the service into .venv, with .venv/bin/agent-runs

setup-dev: $(SETUP_DEV) $(SETUP_CLIENTS) $(SETUP_CONSOLE) ## the same, with what the tests and checks need

console: $(CONSOLE) ## build the page that people look at, where it is stale

run: $(SETUP) $(CONSOLE) ## install, migrate, start on SQLite, make a few real runs, print the addresses
	@exec $(BIN)/agent-runs tour

test: check $(SETUP_CLIENTS) $(CONSOLE) ## run all checks and all tests, on SQLite and on a PostgreSQL of its own
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

clients: $(SETUP_CACHING) ## run the tests of Apollo Client and of urql, with their caches
	$(BIN)/python -m pytest tests/caching_clients $(PYTEST_ARGS)

check: $(SETUP_DEV) $(SETUP_CONSOLE) ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd console && $(NPM) run --silent check && $(NPM) test --silent

format: $(SETUP_DEV) $(SETUP_CONSOLE) ## format and sort imports in place
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	cd console && $(NPM) run --silent format

schema: $(SETUP) ## print the API into schema.graphql, and its rights into docs/rights.md
	@$(BIN)/agent-runs schema > schema.graphql.new || { rm -f schema.graphql.new; exit 1; }
	@mv schema.graphql.new schema.graphql
	@$(BIN)/agent-runs schema --rights > docs/rights.md

bench: $(SETUP_DEV) ## measure, and print a table and a JSON file
	$(BIN)/python -m benchmarks

bench-console: $(SETUP_CLIENTS) $(SETUP_DEV) $(CONSOLE) ## measure the console in Chromium, and print a table and a JSON file
	$(BIN)/python -m benchmarks.console

pictures: $(SETUP_CLIENTS) $(SETUP_DEV) $(CONSOLE) ## take the pictures of docs/pictures anew
	$(BIN)/python -m tests.console.pictures

chaos: $(SETUP_DEV) ## a hundred rounds of faults with real processes; SEED=… and ROUNDS=… choose them
	$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))

fuzz: $(SETUP_DEV) $(CONSOLE) ## random input to a real service for half an hour; SEED=… and MINUTES=… choose otherwise
	$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

lock: ## write requirements.txt, …-console.txt and …-dev.txt anew from the ranges in pyproject.toml
	@PYTHON="$(PYTHON)" .ci/lock

clean: ## remove what these commands made, .venv too
	rm -rf .venv tests/*clients/node_modules console/node_modules server/static build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Agent Runs needs Python 3.11 or newer; $(PYTHON) is not. Say which to use: make PYTHON=python3.12 …" >&2; \
	  exit 1; }
	$(PYTHON) -m venv .venv

# A stamp is written last, so that an installation that broke off is done again.
$(SETUP): requirements.txt pyproject.toml | .venv/bin/pip
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -e .
	@touch $@

$(SETUP_DEV): requirements-dev.txt $(SETUP)
	$(PIP) -r requirements-dev.txt
	@touch $@

$(SETUP_NODE): requirements-console.txt $(SETUP)
	$(PIP) -r requirements-console.txt
	@touch $@

# `npm ci` begins by removing the folder, and the stamp in it. No package may run what it likes.
%/node_modules/.setup: %/package.json %/package-lock.json $(SETUP_NODE)
	cd $* && $(NPM) $(NPM_CI)
	@touch $@

# Vite begins by removing what it built before, and the stamp in it.
$(CONSOLE): $(SETUP_CONSOLE) $(CONSOLE_SOURCES)
	cd console && $(NPM) run --silent build
	@touch $@
