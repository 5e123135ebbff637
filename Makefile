# What one does with this project. `make` alone lists it.
# Everything lives in .venv, compiled, so that the first start is as quick as the next.
# Stamp files there make a second run fast.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STAMPS := $(VENV)/.stamps
FRONTEND := $(wildcard frontend/*.* frontend/.npmrc src/basis/web/islands/*.js src/basis/web/static/css/*.css)
# Databases of tests live shorter than a disk needs to write them; memory will do where there is enough.
IN_MEMORY := $(shell df --output=avail -k /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "TMPDIR=/dev/shm" }')
FAST := -m "not browser and not postgresql and not real_data and not long"
CHECKED := $(wildcard src tests bench docs hatch_build.py)

.DEFAULT_GOAL := help
.PHONY: help run test check format types islands bench docs lock install install-dev clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: install ## Start Basis on this machine
	$(VENV)/bin/basis serve

test: install-dev ## Run the whole test suite, PostgreSQL and browser included
	$(IN_MEMORY) $(PY) -m pytest -n 2 $(ARGS)

check: install-dev ## Format, style, types, import rules and the fast tests
	$(VENV)/bin/ruff format --check $(CHECKED)
	$(VENV)/bin/ruff check $(CHECKED)
	@$(MAKE) --no-print-directory types islands
	$(IN_MEMORY) $(PY) -m pytest -n 2 -q $(FAST) $(ARGS)

types: install-dev ## Check the Python types
	$(VENV)/bin/mypy

# The check of the scripts needs a node of its own; a machine that has none leaves it to one that does.
islands: install-dev ## Check the types in the browser's scripts
	@if command -v node >/dev/null 2>&1; \
	then cd frontend && node_modules/.bin/tsc --noEmit -p .; \
	else echo "islands: no node on this machine, so the scripts were not type-checked"; fi

format: install-dev ## Put the Python code in the house format
	$(VENV)/bin/ruff check --fix --quiet $(CHECKED) || true
	$(VENV)/bin/ruff format $(CHECKED)

bench: install-dev ## Measure how fast it is
	$(PY) -m bench $(ARGS)

docs: install-dev ## Make the documentation's pages in site/
	$(PY) docs/build.py

lock: install-dev ## Resolve the Python packages anew into the two lock files
	@for set in "requirements.lock" "requirements-dev.lock --group dev -c requirements.lock"; do \
		$(UV) pip compile pyproject.toml --universal --generate-hashes --quiet --upgrade \
			--no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra postgres -o $$set || exit 1; \
	done

clean: ## Remove what was installed and built
	rm -rf $(VENV) frontend/node_modules src/basis/web/static/build dist site

# ------------------------------------------------------------------ installing

install: $(STAMPS)/project
install-dev: $(STAMPS)/development $(STAMPS)/project

$(STAMPS)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Basis needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > $(STAMPS)/uv.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(STAMPS)/uv.txt
	@touch $@

$(STAMPS)/packages: requirements.lock | $(STAMPS)/uv
	$(UV) pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements.lock
	@touch $@

$(STAMPS)/development: requirements-dev.lock requirements.lock | $(STAMPS)/uv
	$(UV) pip sync --quiet --python $(PY) --compile-bytecode --require-hashes requirements-dev.lock
	@rm -f $(STAMPS)/project && touch $(STAMPS)/packages $@

# Editable, and through the build hook, which bundles the front end when its sources changed.
$(STAMPS)/project: pyproject.toml hatch_build.py $(FRONTEND) $(STAMPS)/packages
	$(UV) pip install --quiet --python $(PY) --no-deps --reinstall-package basis-crm --editable .
	$(PY) -m compileall -q src/basis
	@touch $@
