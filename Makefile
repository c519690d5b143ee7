# Each target explains itself: `make help`. PORT and DMS_DATA (database, uploads, keys; default var/) are honoured.
PYTHON_FOUND := $(shell PYTHON='$(PYTHON)' sh scripts/find-python.sh)
SCRIPTS := $(PYTHON_FOUND) -m scripts

.DEFAULT_GOAL := help
.PHONY: help run setup test check bench chaos lock messages frontend python

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

python:
	@test -n "$(PYTHON_FOUND)"

run: python ## Set up what is missing and serve on http://127.0.0.1:8000
	@exec $(SCRIPTS) run

setup: python ## Set up without serving
	@$(SCRIPTS) setup

test: python ## All tests: SQLite, PostgreSQL + Redis, browser journeys
	@$(SCRIPTS) dev scripts.testing $(ARGS)

check: python ## The quick half: lint, types, floors, migrations, translations, lock
	@$(SCRIPTS) dev scripts.check $(ARGS)

bench: python ## Benchmarks on private PostgreSQL and Redis, as ratios
	@$(SCRIPTS) dev tests.services .venv/bin/python -m bench $(ARGS)

chaos: python ## Break things under load and count what was lost (ARGS="quick", or names and --rounds)
	@$(SCRIPTS) dev tests.chaos $(ARGS)

lock: python ## Renew requirements/*.lock from pyproject.toml (ARGS=--upgrade takes newer versions)
	@$(SCRIPTS) dev scripts.locks $(ARGS)

messages: python ## Extract what people read into locale/, list what lacks French
	@$(SCRIPTS) dev scripts.messages $(ARGS)

frontend: python ## Copy front-end files again after static_src/icons.txt changed
	@$(SCRIPTS) dev
