# `make run` shows the main job on a real stream, `make test` is for each commit, `make test-all` runs
# everything. They work on a fresh machine: all that they install is in .venv and node_modules.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
STREAM := conformance/captures/latin1-noise.subunit

# The tests of code that has a compiled backend: `pure` runs them on the code in Python.
BY_BACKEND := $(addprefix python/tests/core/, test_captures.py test_fast_reader.py test_fast_writer.py \
	test_files.py test_reader.py test_reader_bounds.py test_reader_live.py test_reader_recovery.py test_three_readers.py)

.PHONY: run test test-all lint types drift unit unit-all pure docs stestr generate corpus captures implementations laws survey mutants bench fuzz lock clean help

help:  ## print these lines; minutes are those of two cores
	@sed -nE 's/^([a-z-]+):.*## *(.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 17

SPEEDUPS := $(wildcard python/subunit2/packets/speedups/*) hatch_build.py

$(INSTALLED): pyproject.toml constraints.txt $(SPEEDUPS)
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or later"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all]' --group dev --group docs
	@# With PYTHONDONTWRITEBYTECODE, each start would compile the modules again.
	$(BIN)/python -m compileall -q python/subunit2
	@touch $@

run: $(INSTALLED)  ## decode, explain and write back real streams: seconds
	@BIN=$(BIN) STREAM=$(STREAM) sh tools/run.sh

test: lint types drift unit  ## before each commit: 4 minutes

test-all: lint types drift unit-all  ## all tests, all toolchains, branch coverage: 20 minutes

lint: $(INSTALLED)  ## ruff: seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(INSTALLED)  ## mypy --strict: 1 minute, then seconds
	$(BIN)/mypy

drift: $(INSTALLED)  ## compare generated files and the specification's files, check the prose, find quotations: 1 minute
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/drift
	$(BIN)/python tools/drift/prose.py
	$(BIN)/python tools/drift/quotations.py
	$(BIN)/python tools/corpus/build.py --check

unit: $(INSTALLED)  ## the tests without the slow ones, and a fifth of the drawn examples: 3 minutes
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 -m 'not slow'

unit-all: $(INSTALLED)  ## all tests, and again those that differ by backend, with branch coverage: 18 minutes
	$(BIN)/python -m pytest -n 2 --cov --cov-report= --cov-fail-under=0
	SUBUNIT2_PURE=1 $(BIN)/python -m pytest -n 2 --cov --cov-append --cov-report=term $(BY_BACKEND)

pure: $(INSTALLED)  ## the tests that differ by backend, without the compiled one: 1 minute
	SUBUNIT2_PURE=1 $(BIN)/python -m pytest -n 2 $(BY_BACKEND)

generate: $(INSTALLED)  ## write all generated files: seconds
	$(BIN)/python tools/generate.py

corpus: $(INSTALLED)  ## build the conformance corpus from its cases and families, and the specification in one file: 1 minute
	$(BIN)/python tools/corpus/build.py
	$(BIN)/python tools/corpus/package_sizes.py --write
	@# It cites cases.
	$(BIN)/python tools/generate.py

captures: $(INSTALLED)  ## record the streams of real tools again: 5 minutes
	$(BIN)/python tools/captures/make_captures.py --out conformance/captures

implementations: $(INSTALLED)  ## measure other implementations and write their reports (ARGS=--check compares): 10 minutes
	$(BIN)/python tools/implementations/measure.py $(ARGS)

docs: $(INSTALLED)  ## build the site in docs/_build/html, test its samples and links: 1 minute
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -n -q -b doctest docs docs/_build/doctest
	$(BIN)/python tools/docs/site_links.py docs/_build/html

survey: $(INSTALLED)  ## measure the rules of the stream: false alarms, damage found, waits: 5 minutes
	$(BIN)/python tools/survey $(ARGS)

mutants: $(INSTALLED)  ## change the ports by rules, list the changes that no case finds (ARGS=--help): 1 hour
	@$(BIN)/python tools/mutants $(ARGS)

bench: $(INSTALLED)  ## measure the speed for docs/speed.json and the README (ARGS=--quick: for neither): 8 minutes
	$(BIN)/python tools/bench/speed.py $(ARGS)

stestr: $(INSTALLED)  ## run stestr's own tests, with and without the drop-in: 7 minutes
	$(BIN)/python tools/drop_in/whole_stestr.py

laws: $(INSTALLED)  ## check the laws of a reader on captures and 20,000 generated streams: long
	$(BIN)/subunit2 conformance laws --session '$(BIN)/python conformance/implementations/subunit2/harness.py' --generate 20000 conformance/captures/*.subunit

fuzz: $(INSTALLED)  ## run the property tests with many more examples: long
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n 2 python/tests/core/test_three_readers.py python/tests/core/test_reader_bounds.py

lock:  ## pin the newest versions of the tests' dependencies: 2 minutes
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev --group docs
	$(BIN)/python -m pip freeze --all --exclude-editable > constraints.txt
	@touch $(INSTALLED)

clean:  ## remove all that was installed and built: seconds
	rm -f python/subunit2/packets/*.so python/subunit2/packets/*.pyd
	rm -rf $(VENV) tools/kaitai/node_modules tools/pyright/node_modules tools/typescript/node_modules dist build docs/_build .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
