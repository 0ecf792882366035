# What can be done here? `make help` says it. Everything installs into this folder.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
T ?= tests
JOBS ?= 2
DATA ?= safelight-data
LISTEN ?= 127.0.0.1:8000

.PHONY: help
help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Safelight needs Python 3.11 or newer; say which with make PYTHON=...")'

.PHONY: setup
setup: python ## Install what running Safelight needs, and build its pages
	@$(PYTHON) tools/setup.py

.PHONY: setup-tests
setup-tests: python
	@$(PYTHON) tools/setup.py tests

.PHONY: demo
demo: setup ## Set up and serve a demonstration with made-up people, in the foreground
	@exec $(BIN)/safelight demo --listen $(LISTEN)

.PHONY: serve
serve: setup ## Set up and serve your own instance from DATA=safelight-data
	@test -f $(DATA)/safelight.toml || $(BIN)/safelight init --data $(DATA)
	@exec $(BIN)/safelight serve --data $(DATA) --listen $(LISTEN)

.PHONY: fmt
fmt: setup-tests ## Put the code in its usual form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: lint
lint: setup-tests ## Check form, style, import contracts, templates, spelling, foreign files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src/safelight/surfaces/web/templates
	git ls-files -z | xargs -0 $(BIN)/codespell
	$(BIN)/python tools/refuse_foreign_files.py
	$(BIN)/python tools/find_secrets.py

.PHONY: types
types: setup-tests ## Check types: mypy strict and tsc, and that no migration is missing
	$(BIN)/mypy
	cd frontend && ../.setup/npm run --silent check
	SAFELIGHT_DATA=.setup $(BIN)/python -m django makemigrations --check --dry-run --settings safelight.config.settings

.PHONY: test
test: setup-tests ## Set up and pass all tests, browser tests included (T=path for some)
	$(BIN)/pytest -n $(JOBS) -m "not long" $(T)
	SAFELIGHT_TEST_BASES=postgres-s3 $(BIN)/pytest -n $(JOBS) -m "bases and not long" $(T) || test $$? -eq 5
	cd frontend && ../.setup/npm run --silent test

.PHONY: test-long
test-long: setup-tests ## The tests that take their time, in pieces; again goes on where it was
	$(BIN)/python tools/long_tests.py $(T)

.PHONY: check
check: lint types ## Everything that can be said without running the product
	$(BIN)/pytest -q tests/docs -m "not long and not server"

.PHONY: sbom
sbom: setup-tests ## Write what it is made of, as CycloneDX, to sbom.cdx.json
	$(BIN)/python tools/sbom.py sbom.cdx.json

.PHONY: audit-deps
audit-deps: setup-tests ## Ask whether a dependency is known to be unsafe (ADVISORIES=file: offline)
	$(BIN)/python -m tools.audit_deps $(if $(ADVISORIES),--advisories $(ADVISORIES))

.PHONY: secrets
secrets: setup-tests ## Look for keys, tokens and passwords in all that git ever kept
	$(BIN)/python tools/find_secrets.py --history

.PHONY: docs
docs: setup-tests ## Write the generated reference pages anew
	$(BIN)/python tools/write_reference.py

.PHONY: bench
bench: setup-tests ## Measure this version on this machine
	$(BIN)/python -m bench.run

.PHONY: bench-vs-orthanc
bench-vs-orthanc: setup-tests ## Measure it beside Orthanc, alternating (as root, on Debian)
	$(BIN)/python -m bench.versus

.PHONY: report
report: setup-tests ## Write what was counted of this version, and what was not
	$(BIN)/python tools/write_report.py

.PHONY: lock
lock: setup-tests ## Write the lock files anew from pyproject.toml
	$(BIN)/python tools/lock.py
