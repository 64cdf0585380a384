# `make` alone shows what there is.
PYTHON ?= $(shell command -v .venv/bin/python || command -v python3.11 || command -v python3)
RUN = .venv/bin/python
TESTS = $(RUN) -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations=20

.DEFAULT_GOAL := help
.PHONY: help up down demo reset test soak bench lint types check backup restore migration openapi events permissions installed ready-to-test

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# --- running it ---

up: installed ## start everything and stay in the foreground (SCORE_PORT=8000, SCORE_HOME=.local)
	@exec $(RUN) -m deploy.local up

down: installed ## stop what another terminal started
	@exec $(RUN) -m deploy.local down

demo: installed ## load the demo through the API of the running system and print the results
	@exec $(RUN) -m deploy.demo

reset: installed ## remove all data; refused while it runs
	@exec $(RUN) -m deploy.local reset

backup: installed ## TO=file: the four databases, keys and secrets in one archive
	@exec $(RUN) -m deploy.local backup "$(TO)"

restore: installed ## FROM=file: into an empty home, or with REPLACE=yes instead of what is there
	@exec $(RUN) -m deploy.local restore "$(FROM)" $(if $(REPLACE),--replace)

# --- working on it ---

test: ready-to-test ## all tests, on real servers; needs nothing running
	@exec $(TESTS)

soak: ready-to-test ## the long form of the tests that kill processes
	@SCORE_SOAK=1 exec $(RUN) -m pytest tests/faults

lint: ready-to-test ## style, and who may import whom
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

types: ready-to-test ## the strict type checker
	@$(RUN) -m mypy

check: lint types ## lint, types and tests: what CI runs
	@exec $(TESTS)

bench: ready-to-test ## what we cost beside the plainest thing that does the same (ONLY=gateway,lists SIZE=small|moderate|full WRITE=yes)
	@exec $(RUN) -m bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE)) $(if $(WRITE),--write)

migration: ready-to-test ## SERVICE=enterprise WHY="...": write the step from the last migration to the models
	@exec $(RUN) -m deploy.local migration "$(SERVICE)" "$(WHY)"

openapi: ready-to-test ## write docs/openapi.json
	@exec $(RUN) -m deploy.docs openapi

events: ready-to-test ## write docs/events.md
	@exec $(RUN) -m deploy.docs events

permissions: ready-to-test ## write docs/permissions.md
	@exec $(RUN) -m deploy.docs permissions

# --- what they stand on ---

installed:
	@$(if $(PYTHON),$(PYTHON) deploy/install.py requirements-local.txt,echo "SCORE needs Python 3.11; say where: PYTHON=/path/to/python3.11" && exit 1)

ready-to-test:
	@$(if $(PYTHON),$(PYTHON) deploy/install.py requirements-dev.txt,echo "SCORE needs Python 3.11; say where: PYTHON=/path/to/python3.11" && exit 1)
