# make run    set everything up and do the main job
# make test   set everything up and pass the tests
.PHONY: help run setup engines test lint check format bench lock clean

PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

help:
	@sed -n 's/^# make /make /p' Makefile
	@echo 'make engines, lint, format, bench, lock, clean: see docs/development.md'

run: .venv/engines
	@$(BIN)/pipeline run

setup: .venv/run

# Debian's python3 comes without venv and pip; they are one small package.
.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
	  $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends python3-venv \
	  && $(PYTHON) -m venv .venv; } \
	  || { echo 'No virtual environment can be made. Install python3-venv, then run make again.'; exit 1; }
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

# Without any engine there is still work to do: `make run` goes on, and the PO files wait for people.
engines: .venv/engines

.venv/engines: .venv/run $(wildcard models/*.argosmodel)
	-$(BIN)/pipeline engines install && touch $@

test: .venv/dev lint .venv/engines
	$(BIN)/python -m pytest -n auto

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev
	$(BIN)/python benchmarks/segmentation.py

# The pins, anew. What is in requirements-bare.txt is added without what it asks for.
lock: .venv/dev
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --strip-extras --allow-unsafe -o requirements.txt requirements.in
	cat requirements-bare.txt >> requirements.txt
	$(BIN)/pip-compile -q --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --strip-extras --allow-unsafe -o requirements-dev.txt requirements-dev.in

clean:
	rm -rf .venv .pipeline localized *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
