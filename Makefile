# make run   set up, then the six pipelines on the bundled seeds
# make test  set up, then every check
# README.md shows the plain commands behind both.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_HEAVY := $(VENV)/.ready-heavy
READY_BENCH := $(VENV)/.ready-bench
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup run test test-heavy bench format viz viz-site mlflow compare-demo clean

help: ## show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || { echo "Setting up $(VENV) (about a minute, once) ..."; $(PYTHON) -m venv $(VENV); }
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(READY_DEV): $(READY)
	@$(PIP) --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(READY_HEAVY): $(READY_DEV)
	@$(PIP) --constraint constraints.txt --editable '.[dev,browser,endpoints]'
	@touch $@

$(READY_BENCH): $(READY_DEV)
	@$(PIP) --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

setup: $(READY) ## make .venv and install the pinned dependencies

run: $(READY) ## run the six pipelines on the bundled seeds
	@$(BIN)/kedro run

test: $(READY_DEV) ## run every check: format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -m 'not heavy and not browser and not endpoint and not kill'

test-heavy: $(READY_HEAVY) ## run the tests that need an extra (a browser, real servers)
	$(BIN)/pytest -q -m 'heavy or browser or endpoint or kill'

# Those that define `bench`, each with the server of the tests in reach; `ONLY=arena` finds walk_arena.py too.
bench: $(READY_BENCH) ## measure: make bench ONLY=teacher
	@for name in $(or $(ONLY),$(basename $(notdir $(shell grep -l '^def bench\b' benchmarks/*.py)))); do \
		script=$$(ls benchmarks/$$name.py benchmarks/*_$$name.py 2>/dev/null | head -n 1); \
		test -n "$$script" || { echo "benchmarks/ has no $$name.py"; exit 1; }; \
		PYTHONPATH=tests $(BIN)/python $$script || exit 1; \
	done

format: $(READY_DEV) ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

viz: $(READY) ## show the pipelines in the browser, on this machine only
	PYTHONWARNINGS=ignore $(BIN)/kedro viz run --host 127.0.0.1

viz-site: $(READY) ## write the diagrams and previews as a static site to build/
	PYTHONWARNINGS=ignore $(BIN)/kedro viz build --include-previews

mlflow: $(READY) ## compare runs in the browser, on this machine only
	@$(BIN)/kedro compare

# Three settings of the coverage knob: 1 follows the seeds, 0 asks for uniform coverage. The default comes last and stays.
compare-demo: $(READY) ## run three settings of the coverage knob, ready to compare
	@for exponent in 1.0 0.0 0.5; do \
		$(BIN)/kedro run --params sampling.popularity_exponent=$$exponent || exit 1; \
	done
	@echo "Three runs to compare: make mlflow"

clean: ## delete what runs left behind; bought completions stay
	rm -rf data/02_extraction data/03_graph data/04_sampling data/05_synthesis data/06_enhancement \
		data/07_evaluation data/.staging
