# homeward: set-up and the everyday commands. `make` alone says what there is.
# Plain POSIX shell and any make from 3.81 on, so that macOS works too.

PY       = .venv/bin/python
HOMEWARD = .venv/bin/homeward
SCENARIO = baseline
ARGS     =

export NO_COLOR = 1
export PY_COLORS = 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1
unexport FORCE_COLOR
unexport PYTHONPATH
unexport PYTHONHOME

.PHONY: help setup run test verify bench docs view clean

help:
	@echo "make run      set up, then simulate SCENARIO=$(SCENARIO); tables and pictures go to results/"
	@echo "make test     set up, then the quick tests (minutes)"
	@echo "make verify   the long tests (hours); stops and goes on where it was; evidence in docs/evidence/"
	@echo "make bench    how long a person-month takes, by mechanism"
	@echo "make docs     the documentation as pages in docs/_build/html"
	@echo "make view     the results in a browser"
	@echo "make setup    only the environment in .venv"
	@echo "make clean    remove .venv and everything built; results/ is kept"

# The environment is rebuilt only when the lock, the project file or the place of the folder changes.
setup:
	@stamp=".venv/.ready-`(pwd; cat requirements.lock pyproject.toml) | cksum | tr ' ' -`"; \
	new_enough='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))'; \
	if [ -f "$$stamp" ] && $(PY) -c "$$new_enough" 2>/dev/null; then exit 0; fi; \
	if ! $(PY) -c "$$new_enough" 2>/dev/null; then \
	  found=; \
	  for name in python3.13 python3.12 python3; do \
	    if $$name -c "$$new_enough" >/dev/null 2>&1; then found=$$name; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "homeward needs Python 3.12 or newer with its venv module, and none was found: please install python3.13 (on Debian and Ubuntu also python3.13-venv) and type the command again." >&2; \
	    exit 1; \
	  fi; \
	  echo "Making the environment .venv with `$$found --version`."; \
	  $$found -m venv --clear .venv || exit 1; \
	fi; \
	rm -f .venv/.ready-*; \
	echo "Installing the packages of requirements.lock into .venv (the first time: a few minutes, about 1.6 GB)."; \
	$(PY) -m pip install --quiet --no-input --progress-bar off --require-hashes -r requirements.lock || exit 1; \
	$(PY) -m pip install --quiet --no-input --no-deps --no-build-isolation --editable . || exit 1; \
	$(HOMEWARD) warm || exit 1; \
	touch "$$stamp"

run: setup
	@$(HOMEWARD) run $(SCENARIO) --replace $(ARGS)

test: setup
	@$(PY) -m pytest -m "not long" --color=no $(ARGS)

verify: setup
	@$(PY) -m tests.verify $(ARGS)

bench: setup
	@$(HOMEWARD) bench $(ARGS)

docs: setup
	@$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

view: setup
	@$(HOMEWARD) view $(ARGS)

clean:
	rm -rf .venv build dist docs/_build .pytest_cache .ruff_cache .hypothesis .bench
	find simulator experiments viz tests -name __pycache__ -type d -prune -exec rm -rf {} +
