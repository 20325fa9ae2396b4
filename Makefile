# Everything is set up on first use, from Python >= 3.11 with venv alone; a stamp lets the second run start at once.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.tandem-installed
BENCH_STAMP := $(VENV)/.tandem-bench-installed
PYTHON := $(or $(PYTHON),$(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done))
WORKERS ?= auto
TESTS ?= tests
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet

.PHONY: demo test check bench planted wheel lock clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	$(BIN)/dossiers portal demo

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) tests/house

bench: $(BENCH_STAMP)
	$(BIN)/python -m benchmarks

planted: $(STAMP)
	$(BIN)/python -m benchmarks.planted

wheel: $(STAMP)
	rm -rf dist
	$(BIN)/python -m hatchling build --target wheel

# The lock files name every wheel of every platform by its hash and no index host.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

lock: $(STAMP)
	$(COMPILE) pyproject.toml --group dev --output-file requirements.txt
	$(COMPILE) --group bench --constraint requirements.txt --output-file requirements-bench.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(STAMP): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Tandem needs Python 3.11 or newer with its venv module, and found none on the PATH."; \
		echo "On Debian: apt-get install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Tandem into $(VENV) (once)"
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_STAMP): requirements-bench.txt $(STAMP)
	@$(PIP) install --require-hashes --requirement requirements-bench.txt
	@touch $@
