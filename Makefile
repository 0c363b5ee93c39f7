PYTHON ?= python3
BIN := .venv/bin
TESTS ?=

.PHONY: help demo test lint bench migration clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: .venv/runtime ## Open the demonstration on 127.0.0.1:8000 (DATE=2025-05-15 PORT=8000)
	@$(BIN)/casework demo $(if $(DATE),--date $(DATE)) $(if $(PORT),--port $(PORT))

test: lint ## Check the code, then run every test on SQLite and PostgreSQL (TESTS=tests/casework for some)
	$(BIN)/pytest -n auto --dist worksteal $(TESTS)

lint: .venv/dev ## Check style, types, imports and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint web/templates --lint --quiet

bench: .venv/dev ## Measure pages and rules beside a floor, and write the figures as JSON
	$(BIN)/python -m tests.bench

migration: .venv/dev ## Write the next migration from the models (NAME="Say who validated a report")
	@$(BIN)/python -m migrations $(if $(NAME),"$(NAME)",--help)

clean: ## Remove what was made here: environment, caches, demonstration
	rm -rf .venv var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 ou plus récent est nécessaire : indiquez-le, par exemple make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "L’environnement n’a pas pu être créé : sous Debian, installez le paquet python3-venv."; exit 1; }

.venv/runtime: pyproject.toml constraints.txt | .venv/bin/pip
	@echo "Installation du service…"
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: pyproject.toml constraints.txt requirements-dev.txt | .venv/bin/pip
	@echo "Installation des outils de développement…"
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/runtime
