# Two commands do it all: `make run` and `make test`. Both need only Python >= 3.11, pip and make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench install format

run: install
	$(BIN)/hark dev

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Beside its peers, in one sitting of some ten minutes; docs/benchmarks.md says what it needs.
bench: install
	$(BIN)/python -m bench --install
	$(BIN)/python -m bench --keep docs

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: .venv/installed

# --without-pip, then the outer pip: Debian's Python has venv without ensurepip.
.venv/installed: pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --editable '.[apprise,embedded,fcm,test]'
	touch $@
