PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
MINUTES ?= 30

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV ?= $(or $(shell command -v uv),$(BIN)/uv)
# uv takes seconds where pip takes half a minute. Where it cannot be had, or reaches no registry because pip alone was
# told of one, pip installs the same: both check the hashes of the lock.
install = if command -v $(UV) >/dev/null && $(UV) pip install --quiet --python $(BIN)/python $(1); \
	then :; else echo "(with pip: uv is not to be had here)"; $(PIP) $(1); fi
INSTALLED := $(VENV)/installed
INSTALLED_DEV := $(VENV)/installed-dev
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help setup run test check audit bench soak test-real pictures messages migration lock clean

help: ## Say what can be done here
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(INSTALLED) ## Make .venv and install the portal with its locked dependencies

run: setup ## Serve the portal with a demo community on http://127.0.0.1:8000
	$(BIN)/portal db upgrade
	$(BIN)/portal demo load --if-empty
	$(BIN)/portal serve --host $(HOST) --port $(PORT)

test: $(INSTALLED_DEV) ## Run the tests on SQLite
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(INSTALLED_DEV) ## Check style, types, layers, templates and content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/djlint portal/templates --lint --quiet
	$(BIN)/portal content check

audit: $(INSTALLED) ## Look at what is installed with the portal: licences, a list of it (SBOM), known weaknesses
	$(BIN)/python -m dev.audit

bench: $(INSTALLED_DEV) ## Measure syncs, pages and starts against their bare parts
	$(BIN)/python -m tests.bench

soak: $(INSTALLED_DEV) ## Load the portal as it is deployed for MINUTES (30) at 80 % of its peak
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

test-real: $(INSTALLED_DEV) ## Run the tests against a real Gerrit, PostgreSQL 15, nginx, Redis and a browser
	$(BIN)/python -m pytest -m real tests/real
	$(BIN)/python -m pytest -m browser tests/browser
	PORTAL_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(WORKERS)

pictures: $(INSTALLED_DEV) ## Take the pictures of the README anew, with chromium
	PYTHONPATH=. $(BIN)/python docs/pictures.py

messages: $(INSTALLED) ## Bring the catalogues of the languages up to the words of the code and the templates
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --keywords=lazy --add-location=file \
		--output-file=$(VENV)/portal.pot .
	$(BIN)/pybabel --quiet update --domain=portal --input-file=$(VENV)/portal.pot \
		--output-dir=portal/translations --width=120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

migration: $(INSTALLED_DEV) ## Write a migration from what differs between models and tables: NAME="what it is for"
	@PYTHONPATH=. $(BIN)/python -m dev.migration "$(NAME)"

lock: $(BIN)/uv ## Choose the newest allowed dependencies and pin them with their hashes
	echo uv | $(COMPILE) --upgrade --output-file requirements-uv.lock -
	$(COMPILE) pyproject.toml --upgrade --output-file requirements.lock
	$(COMPILE) pyproject.toml --upgrade --extra postgres --extra redis --constraint requirements.lock \
		--output-file requirements-large.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(COMPILE) --upgrade --constraint requirements-large.lock \
		--no-emit-package packaging --output-file requirements-build.lock -
	$(COMPILE) pyproject.toml --upgrade --extra dev --constraint requirements-large.lock --output-file requirements-dev.lock

clean: ## Remove .venv and everything that tools have cached (var/ stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "The portal needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv is missing; on Debian: apt install python3-venv"; exit 1; }

$(INSTALLED): requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo "Installing the portal into $(VENV) (once)"
	@command -v $(UV) >/dev/null || $(PIP) --require-hashes --requirement requirements-uv.lock || true
	@$(call install,--require-hashes --requirement requirements.lock --requirement requirements-build.lock)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	@echo "Installing the tools that tests and checks need into $(VENV) (once)"
	@$(call install,--require-hashes --requirement requirements-dev.lock)
	@touch $@

$(BIN)/uv: requirements-uv.lock | $(BIN)/python
	@$(PIP) --require-hashes --requirement requirements-uv.lock
	@touch $@
