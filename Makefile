# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make; the rest is set up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test series bench check format lock clean

demo: $(VENV)/.ready
	$(BIN)/sre-run playbooks/payment-gateway.yaml --offline

test: check
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term

# Minutes: processes killed at random moments (SERIES_SEED=… for the same ones again), journals cut off at every line.
series: $(VENV)/.ready
	$(BIN)/python -m pytest -s tests/series

# Two minutes: how long `validate` takes, against parsing and imports (bench/README.md).
bench: $(VENV)/.ready
	$(BIN)/python bench/validate.py

check: $(VENV)/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What is installed is what was locked, by its hashes; the build backend is among it.
$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Renews the lock file after a dependency changed (LOCK=--upgrade renews every version); needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --quiet $(LOCK) -o requirements.lock

clean:
	rm -rf $(VENV) dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
