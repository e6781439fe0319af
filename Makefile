# Shanyraq. `make run` solves the default study, `make test` checks everything; each installs what it needs into .venv.
PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
DEFINITION := pyproject.toml constraints.txt
GENERATORS := $(wildcard docs/generate_*.py)

# Debian package:program, or its shared library. Only some tests need them, marked needs("program"); those are skipped
# without it.
SYSTEM_TOOLS := netcdf-bin:ncdump gdal-bin:ogrinfo chromium:chromium libudunits2-0:libudunits2
SYSTEM_PACKAGES ?= $(foreach tool,$(SYSTEM_TOOLS),$(firstword $(subst :, ,$(tool))))
APT := apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run scenarios test accept bench docs clean install install-test system-packages lint types

help:  ## the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

run: install  ## solve the default study (ARGS="--scenario dear-co2" for another)
	@$(BIN)/python run.py plan $(ARGS)

scenarios: install  ## plan the default study under every scenario and compare them (ARGS="--only cable,nuclear")
	@$(BIN)/python run.py scenarios $(ARGS)

test: install-test system-packages lint types  ## style, types and every test
	@echo "tests: pytest, $(WORKERS) at a time"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q -rs $(PYTEST_ARGS)

accept: install-test  ## the full-size acceptance runs; writes docs/acceptance.md
	@$(BIN)/python -m tests.acceptance.run $(ARGS)

bench: install-test  ## the compiler beside linopy and ordinary Pyomo
	@$(BIN)/python -m tests.benchmarks.bench_compile $(ARGS)

docs: install-test  ## write the generated pages again
	@for page in $(GENERATORS); do echo "docs: $$page"; $(BIN)/python "$$page" || exit 1; done

clean:  ## remove the environment and every cache; inputs and results stay
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find model tests -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/.installed  ## the program, in .venv
install-test: $(VENV)/.installed-test  ## the program and what its tests need, in .venv

lint: install-test
	@echo "style: ruff"
	@$(BIN)/ruff check --quiet .

types: install-test
	@echo "types: mypy --strict"
	@$(BIN)/mypy --no-error-summary

$(BIN)/python:
	@$(PYTHON) --version >/dev/null 2>&1 || { \
	  echo "make: no '$(PYTHON)' here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $$($(PYTHON) --version) is too old; Python 3.11 or newer is needed: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make environments; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "environment: $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: python -m venv failed, see above" >&2; exit 1; }

# The interpreter is an order-only prerequisite: its date is that of the system's Python, not of the environment.
$(VENV)/.installed: $(DEFINITION) | $(BIN)/python
	@echo "installing the program (a minute or two, once)"
	@$(PIP) --editable '.[report]' || { echo "make: installation failed, see above; is there a network?" >&2; exit 1; }
	@touch $@

$(VENV)/.installed-test: $(DEFINITION) | $(BIN)/python
	@echo "installing the program and its tests (a minute or two, once)"
	@$(PIP) --editable '.[report,gis,tables,test]' || { echo "make: installation failed, see above; is there a network?" >&2; exit 1; }
	@touch $(VENV)/.installed $@

# Never fails: what is missing afterwards is named, with the tests that are skipped for it.
system-packages:
	@have() { command -v "$$1" >/dev/null 2>&1 || /sbin/ldconfig -p 2>/dev/null | grep -q "$$1\.so"; }; \
	absent() { for tool in $(SYSTEM_TOOLS); do have "$${tool#*:}" || printf '%s ' "$${tool#*:}"; done; }; \
	[ -n "$$(absent)" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "system packages: $(SYSTEM_PACKAGES)"; \
	  { $(APT) update && DEBIAN_FRONTEND=noninteractive $(APT) install -y --no-install-recommends $(SYSTEM_PACKAGES); } \
	    >/dev/null 2>&1 || echo "system packages: apt-get could not install them"; \
	else \
	  echo "system packages: not root or no apt-get; by hand: sudo apt-get install $(SYSTEM_PACKAGES)"; \
	fi; \
	for program in $$(absent); do \
	  echo "SKIPPED without $$program:" $$(grep -rl "needs(\"$$program\")" tests --include='test_*.py' || echo "no test needs it"); \
	done
