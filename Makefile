# Two commands on a fresh clone: `make demo` and `make test`. They need Python 3.11 or newer and
# nothing else; PIP_ARGS is passed on to pip, such as for an index that holds a CPU build of PyTorch.

VENV     ?= .venv
PIP_ARGS ?=
RECENT   := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON   ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
              if $$each -c '$(RECENT)' 2>/dev/null; then echo $$each; break; fi; done)
BIN      := $(VENV)/bin
INSTALL  := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
NEEDS    := pyproject.toml constraints.txt

.PHONY: demo test slow lint types imports check pages pictures clean

demo: $(VENV)/installed        ## see keypoints become 3D, and how well
	@$(BIN)/crosslift demo

test: $(VENV)/installed-test   ## run the tests that fit into five minutes
	@$(BIN)/python -m pytest -n 2 -q --durations 40 --durations-min 3

slow: $(VENV)/installed-test   ## run the tests that do not
	@$(BIN)/python -m pytest -n 2 -q -m slow

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/pyright

imports: $(VENV)/installed-dev
	$(BIN)/lint-imports

check: lint types imports test slow   ## all that continuous integration runs

pages: $(VENV)/installed    ## write the pages that are made from the code anew
	$(BIN)/python docs/make_formats.py
	$(BIN)/python docs/make_protocols.py
	$(BIN)/python -m docs.make_lifters
	$(BIN)/python -m docs.make_keypoints

pictures: $(VENV)/installed    ## draw the pictures of the documentation anew
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python docs/draw_movements.py
	$(BIN)/python docs/draw_joint_angles.py
	$(BIN)/python docs/methods/draw_body.py
	$(BIN)/python -m docs.draw_lifters

clean:
	rm -rf $(VENV) crosslift-demo

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "crosslift needs Python 3.11 or newer, but none was found; \
	install one, or name it: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python $(NEEDS)
	@echo "Installing crosslift into $(VENV) (once; some minutes)"
	@$(INSTALL) $(PIP_ARGS) -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@echo "Installing what the tests need into $(VENV) (once)"
	@$(INSTALL) $(PIP_ARGS) -e '.[test]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed-test
	@$(INSTALL) $(PIP_ARGS) -e '.[dev]'
	@touch $@
