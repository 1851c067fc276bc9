# Commands for development; `just --list` shows them.

python := ".venv/bin/python"

# make the environment
setup:
    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt -r tests/requirements.txt
    {{python}} tests/install_browser.py

# start the page
run *options:
    {{python}} app.py {{options}}

# run tests, all or some
test *paths:
    {{python}} -m pytest {{paths}}

# lint, format and types
lint:
    .venv/bin/ruff check
    .venv/bin/ruff format --check
    .venv/bin/mypy

# what CI runs
check: test lint
