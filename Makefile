# Two commands: `make demo` shows the product on the bundled sample, `make test` checks everything.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := build/demo
TODAY  := 2026-09-30
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test clean

demo: $(VENV)/.demo
	@rm -rf $(DEMO) && $(BIN)/feedback-nlp init $(DEMO) > /dev/null
	@PREFECT_HOME=$(CURDIR)/$(DEMO)/prefect PREFECT_LOGGING_LEVEL=WARNING \
	  $(BIN)/python pipelines/daily.py data/samples --config $(DEMO)/feedback.toml --today $(TODAY)

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

clean:
	rm -rf build dist $(VENV)

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "feedback_nlp needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 2; }
	@echo "setting up $(VENV) (once, a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.python
	@$(PIP) -e '.[flow]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/.python
	@$(PIP) -e '.[test]'
	@touch $@ $(VENV)/.demo
