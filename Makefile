# make run     the software with a demonstration city, on http://127.0.0.1:8000/ (PORT=, CITY= residents, JIUYE_DATA=)
# make test    everything that .ci/run checks (CHROMIUM= names a browser to use)
# make check   the quick part of it: style, types, import contracts, the pack
# make cluster-test  installs pyspark (half a gigabyte; Java 17 must be there) and sweeps on a Spark cluster of this machine
# make bench   the benchmarks (BENCH="--sizes 100000 --full" and the like: benchmarks/README.md)
# make torture  casework and money under kills and crashes (TORTURE="--kills 100 --minutes 5")
# make load    the desk under load (LOAD="--residents 500000 --cases 100000"; laid once, kept under .data/bench)
# make clean   stop the embedded database; remove .data and caches (asks nothing: it is the demonstration's data)
.POSIX:

PORT = 8000
CITY = 50000
PYTHON = .venv/bin/python
JIUYE = $(PYTHON) -m jiuye.config.cli

.PHONY: help setup run test check cluster-test bench torture load clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup:
	@sh scripts/setup.sh

run: setup
	@exec $(JIUYE) run --port $(PORT) --city $(CITY)

check: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(JIUYE) check
	$(JIUYE) cases
	$(JIUYE) translations --check

# The last line of this is the summary of pytest.
test: check
	@sh scripts/browser.sh
	$(JIUYE) translations
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

cluster-test: setup
	$(PYTHON) -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements-cluster.lock
	$(PYTHON) -m pytest -m cluster tests/engine/rules

bench: setup
	$(PYTHON) -m benchmarks.rules $(BENCH)
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(PYTHON) -m benchmarks.$$(basename "$$file" .py) || exit 1; done

torture: setup
	$(PYTHON) -m benchmarks.torture $(TORTURE)

load: setup
	$(PYTHON) -m benchmarks.load $(LOAD)

clean:
	@sh scripts/clean.sh
