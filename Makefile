# Two commands do it all: `make run` and `make test`. Both need only Python >= 3.11, pip and make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench install format dist sign lock sbom audit

run: install
	$(BIN)/hark dev

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Beside its peers, in one sitting of some 25 minutes; docs/benchmarks.md says what it needs.
bench: install
	$(BIN)/python -m bench --install
	$(BIN)/python -m bench --keep docs

# The wheels, from what is committed and from nothing else that lies about. Twice: one commit is one file, to the byte.
dist:
	rm -rf build/dist && mkdir -p build/dist
	for time in once again; do \
	    mkdir build/dist/$$time && umask 022 && \
	    git -c tar.umask=022 archive --prefix=source/ HEAD | tar -x -C build/dist/$$time && \
	    cd build/dist/$$time && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(PYTHON) -m pip \
	        --disable-pip-version-check wheel --quiet --no-cache-dir --no-deps ./source ./source/sdk/python && \
	    rm -r source && cd ../../.. || exit 1; \
	done
	diff -r build/dist/once build/dist/again
	mv build/dist/once/*.whl build/dist && rm -r build/dist/once build/dist/again
	cd build/dist && sha256sum *.whl | tee SHA256SUMS

# Whose the wheels are, by an SSH key: `make sign KEY=~/.ssh/id_ed25519`. docs/operations.md has how that is verified.
sign: dist
	ssh-keygen -Y sign -n hark -f $(or $(KEY),$(error KEY=FILE is missing, of the key that signs)) build/dist/SHA256SUMS

# What a deployment installs, with hashes, and what that is made of. Both need uv (pip install uv).
lock:
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --output-file requirements.lock pyproject.toml

sbom: dist
	uv venv --quiet --clear build/deployed
	uv pip install --quiet --python build/deployed --require-hashes --requirement requirements.lock
	uv pip install --quiet --python build/deployed --no-deps build/dist/hark-*.whl
	uvx --from 'cyclonedx-bom>=7.5,<8' cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	    --output-file build/dist/hark.cdx.json build/deployed

# Which of those versions have a known vulnerability, by PyPI's word; and then, --strict, which it does not know.
audit:
	$(PYTHON) -m venv --without-pip build/audit
	$(PYTHON) -m pip --python build/audit/bin/python --disable-pip-version-check install --quiet 'pip-audit>=2.9,<3'
	for strict in "" --strict; do \
	    build/audit/bin/pip-audit $$strict --disable-pip --require-hashes --requirement requirements.lock || exit 1; \
	done

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: .venv/installed

# --without-pip, then the outer pip: Debian's Python has venv without ensurepip.
.venv/installed: pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --editable '.[apprise,embedded,fcm,test]'
	touch $@
