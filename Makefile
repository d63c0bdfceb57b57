# mlstudio: every way to build, run and test it. `make` alone prints this list.
# Stamps in .stamps/ remember what is done: a second run builds nothing that did not change.

PYTHON ?= python3
# More arguments for JupyterLab, for example: make lab MLSTUDIO_LAB_ARGS=--no-browser
MLSTUDIO_LAB_ARGS ?=

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
# Our own bundle is built before pip looks; pip itself never calls npm.
export HATCH_JUPYTER_BUILDER_SKIP_NPM := 1

PIP := $(BIN)/python -m pip install --quiet -c constraints.txt
CHECK := $(BIN)/python tools/check.py
FRONT := $(shell find src style schema -type f 2>/dev/null) package.json tsconfig.json

.PHONY: help lab test lint types api unit browser build wheel docs bench format watch pins clean

help:  ## Print this list
	@printf 'mlstudio: make GOAL, where GOAL is one of\n\n'
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */\1|/' | awk -F'|' '{ printf "  %-9s %s\n", $$1, $$2 }'
	@printf '\nPYTHON=python3.12 chooses an interpreter; MLSTUDIO_LAB_ARGS=--no-browser reaches JupyterLab.\n'

lab: .stamps/lab-packages .stamps/linked  ## Set everything up, run the demo sweep in an empty store, open JupyterLab
	@$(BIN)/mlstudio lab --demo $(MLSTUDIO_LAB_ARGS)

test: .stamps/packages .stamps/linked .stamps/mlflow  ## Set everything up and run every test, the browser's included
	@$(CHECK)

lint: .stamps/packages .stamps/node-packages  ## Linters, formatting, house rules, import contracts
	@$(CHECK) lint

types: .stamps/packages .stamps/node-packages  ## mypy --strict and tsc
	@$(CHECK) types

unit: .stamps/packages .stamps/linked .stamps/mlflow  ## pytest and vitest
	@$(CHECK) python typescript

browser: .stamps/packages .stamps/linked .stamps/mlflow  ## Galata journeys in Chromium
	@$(CHECK) browser

api: .stamps/packages .stamps/node-packages  ## Regenerate openapi.json and the TypeScript types from the Structs
	$(BIN)/python tools/generate_api.py
	jlpm api

build: .stamps/bundle  ## Build the front end

wheel: .stamps/packages .stamps/bundle  ## Build dist/mlstudio-*.whl, front end included
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation

docs: .stamps/packages  ## Build the documentation into site/
	$(BIN)/python tools/doc_pages.py
	$(BIN)/python -m mkdocs build --strict --quiet

bench: .stamps/packages .stamps/peers  ## Run the benchmarks against their peers (minutes; the peers live in .peers)
	.peers/bin/python benchmarks/log_metric.py
	$(BIN)/python benchmarks/dataframe.py --peer-python .peers/bin/python
	.peers/bin/python benchmarks/curves.py
	$(BIN)/python benchmarks/jobs_submit.py

format: .stamps/packages .stamps/node-packages  ## Let the tools mend format and imports
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .
	jlpm format

watch: .stamps/packages .stamps/linked  ## Rebuild the front end while you edit it; reload the browser to see it
	jlpm watch

pins:  ## Write constraints.txt from what is installed in .venv
	{ echo '# What make installs: every package at the version that was tested. Regenerate with `make pins`.'; \
	  $(BIN)/python -m pip freeze --exclude-editable | grep -vE '^(mlstudio|#|-e )' | sed -E 's/\+[a-z0-9.]+$$//' | sort -f; } > constraints.new
	mv constraints.new constraints.txt

clean:  ## Remove what was built; packages and your recorded experiments stay
	rm -rf lib mlstudio/labextension dist site coverage htmlcov .coverage* *.tsbuildinfo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f .stamps/bundle .stamps/linked

# ---------------------------------------------------------------- stamps

.stamps/venv: | .stamps
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'mlstudio needs Python 3.11 or newer. Set PYTHON=python3.12, for example.'; exit 1; }
	@command -v node > /dev/null || { echo 'mlstudio builds its front end with Node 20 or newer. Install nodejs.'; exit 1; }
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo 'mlstudio needs Node 20 or newer.'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) hatchling hatch-nodejs-version hatch-jupyter-builder jupyter-builder editables
	@touch $@

# An old link must go first: pip would follow it and remove the bundle itself.
define install
	rm -f .venv/share/jupyter/labextensions/mlstudio 2> /dev/null || rm -rf .venv/share/jupyter/labextensions/mlstudio
	mkdir -p mlstudio/labextension
	$(PIP) --no-build-isolation -e ".[$(1)]"
	rm -f .stamps/linked
	@touch $@
endef

.stamps/lab-packages: pyproject.toml constraints.txt | .stamps/venv
	$(call install,lab)

.stamps/packages: pyproject.toml constraints.txt | .stamps/venv
	$(call install,lab$(comma)test$(comma)dev$(comma)docs)
	@touch .stamps/lab-packages

.stamps/node-packages: package.json yarn.lock .yarnrc.yml | .stamps/venv
	jlpm install --immutable > .stamps/jlpm.log 2>&1 || { tail -n 40 .stamps/jlpm.log; exit 1; }
	@touch $@

.stamps/bundle: $(FRONT) | .stamps/node-packages
	rm -rf mlstudio/labextension/static
	jlpm build:prod
	@touch $@

# The bundle is linked, not copied: a rebuild shows after a reload of the page.
.stamps/linked: .stamps/bundle | $(if $(wildcard .stamps/packages),.stamps/packages,.stamps/lab-packages)
	jupyter-builder develop --overwrite . > /dev/null
	@touch $@

# MLflow and W&B make the stores that the tests bring in: an environment of their own, never ours.
.stamps/mlflow: | .stamps
	test -x .peers/bin/python || $(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet mlflow-skinny==3.17.2 'sqlalchemy>=2,<3' 'alembic<2' sqlparse wandb==0.31.0 numpy pillow
	@touch $@

# What the benchmarks compare with comes on top: all of MLflow, TensorBoard, torch.
.stamps/peers: pyproject.toml | .stamps/mlflow
	.peers/bin/python -m pip install --quiet -e . torch==2.13.0 mlflow tensorboard wandb
	@touch $@

.stamps:
	@mkdir -p $@

comma := ,
