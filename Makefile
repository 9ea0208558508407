# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make; the rest is set up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test series bench check format lock clean

help: ## What there is to make
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: $(VENV)/.ready ## Investigate an example incident, without a key
	$(BIN)/sre-run playbooks/payment-gateway.yaml --offline

test: check ## Format, lint, types and all tests: what CI runs
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term

# Minutes: processes killed at random moments (SERIES_SEED=… for the same ones again), journals cut off at every line.
series: $(VENV)/.ready ## Kill processes at random moments and resume them (minutes)
	$(BIN)/python -m pytest -s tests/series

# Two minutes: how long `validate` takes, against parsing and imports (bench/README.md).
bench: $(VENV)/.ready ## Measure, side by side in one run (minutes)
	$(BIN)/python bench/validate.py

check: $(VENV)/.ready ## Format, lint and types alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.ready ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What is installed is what was locked, by its hashes; the build backend is among it.
$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Needs uv.
lock: ## Renew requirements.lock; LOCK=--upgrade renews every version
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --quiet $(LOCK) -o requirements.lock

clean: ## Remove what was made
	rm -rf $(VENV) dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
