# The two commands a newcomer needs are `make demo` and `make test`; each does all set-up it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
VENDOR := src/coterie/web/static/vendor

.PHONY: help setup assets chromium demo serve test lint types docs docs-check pictures bench check sanitize check-long lock clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/core: requirements/core.txt pyproject.toml CMakeLists.txt $(wildcard src/coterie/kernels/native/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Coterie needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/core.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test: requirements/test.txt $(VENV)/core
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/bench: requirements/bench.txt $(VENV)/test
	$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

setup: $(VENV)/test  ## a development environment in .venv

# Browser libraries by lock; Node is that of the machine, else a wheel of it.
$(VENDOR)/htmx.min.js: assets/package.json assets/package-lock.json requirements/assets.txt | $(VENV)/core
	@command -v npm > /dev/null || $(PIP) install --require-hashes -r requirements/assets.txt
	cd assets && PATH="$$PATH:$(abspath $(BIN))" npm ci --silent
	mkdir -p $(VENDOR)
	cp assets/node_modules/htmx.org/dist/htmx.min.js \
	  assets/node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js \
	  assets/node_modules/plotly.js-gl3d-dist-min/plotly-gl3d.min.js $(VENDOR)
	@touch $@

assets: $(VENDOR)/htmx.min.js  ## what browsers are sent, from npm by lock

chromium:  # the browser of tests/browser: the installed one, else Debian's, if that is ours to install
	@(command -v chromium || command -v chromium-browser || command -v google-chrome) > /dev/null || \
	  (apt-get -q update && apt-get install -y -q --no-install-recommends chromium) || \
	  echo "No Chromium here, and none can be installed: the tests in tests/browser will fail."

demo: $(VENV)/core  ## segment the built-in sample store and say where the report lies
	$(BIN)/coterie demo --out demo-report

serve: $(VENV)/core assets  ## the web application, for one person on this machine
	$(BIN)/coterie serve --no-login

test: $(VENV)/test assets chromium  ## every test (those on public data need COTERIE_TEST_DATA)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/test  ## style, layers of the river
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(VENV)/test  ## mypy --strict
	$(BIN)/mypy

docs: $(VENV)/test  ## rewrite the generated parts of the documents
	$(BIN)/cog -r README.md docs/*.md

docs-check: $(VENV)/test
	$(BIN)/cog --check README.md docs/*.md

pictures: demo  ## renew the picture of the README
	mkdir -p docs/images
	cp demo-report/charts/cluster_scatter.png docs/images/segments.png

bench: $(VENV)/bench  ## quality and cost against named peers, in one run, to docs/benchmarks.md and docs/foresight.md
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.foresight

check: lint types docs-check test  ## what continuous integration runs

sanitize: $(VENV)/test  ## the tests of the kernels on a build that watches memory and arithmetic
	tests/sanitize.sh $(BIN)/python

check-long: check sanitize bench  ## check, sanitize and the benches

lock:  ## renew the locks (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header -o requirements/core.txt
	uv pip compile pyproject.toml --group build --group test --universal --python-version 3.11 --generate-hashes --no-header -c requirements/core.txt -o requirements/test.txt
	uv pip compile --group pyproject.toml:assets --universal --python-version 3.11 --generate-hashes --no-header -o requirements/assets.txt
	uv pip compile pyproject.toml --group build --group test --group bench --universal --python-version 3.11 --generate-hashes --no-header -c requirements/test.txt -o requirements/bench.txt

clean:  ## remove everything that can be made again
	rm -rf $(VENV) $(VENDOR) assets/node_modules demo-report build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -exec rm -rf {} +
