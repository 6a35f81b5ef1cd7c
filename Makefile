# Everything that people do with a checkout. `make help` lists it.
#
# The set-up is done by whichever target needs it: Debian packages where they
# are missing, the locked Python environment in .venv, the plugin, the crate.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
BUILD := build/wheel
STAMPS := build/stamps
NATIVE := $(shell find plugin crates -type f -not -path '*/target/*') CMakeLists.txt Cargo.toml Cargo.lock
# New files too, which Git does not track yet.
CXX_FILES := git ls-files --cached --others --exclude-standard 'plugin/*.cpp' 'plugin/*.h'
CMAKE_FLAGS := --config-settings=cmake.define.FASTIR_WERROR=ON \
  --config-settings=cmake.define.CMAKE_CXX_COMPILER=clang++-22

.PHONY: help demo test build lint format train docs bench bench-compile bench-engine bench-tune bench-features fuzz clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

demo: build ## Build a real C++ project with and without the model, and compare.
	@$(VENV)/bin/fastir demo

test: lint ## Run lint and every test: cargo test, lit, pytest.
	@set -e; export FASTIR_CORE_DIR=$(CURDIR)/$(BUILD)/plugin; \
	cargo test --release --locked --package fastir_core --package llvm_workers
	@$(VENV)/bin/lit -v --no-progress-bar test/lit
	@$(VENV)/bin/lit -v --no-progress-bar --param runtime=onnxruntime test/lit
	@$(VENV)/bin/pytest

build: $(STAMPS)/installed ## Set everything up: packages, environment, plugin, crate.

$(STAMPS)/system: tools/setup.sh
	@tools/setup.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/venv: requirements.lock | $(STAMPS)/system
	@echo "setting up the Python environment in $(VENV)"
	@python3 -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/installed: $(STAMPS)/venv $(NATIVE) pyproject.toml $(wildcard models/*.onnx)
	@echo "building the plugin and llvm_tools"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  $(CMAKE_FLAGS) --editable .
	@touch $@

lint: build ## Check formatting, types and common mistakes; warnings are errors.
	@$(CXX_FILES) | xargs $(VENV)/bin/clang-format --dry-run --Werror
	@cargo fmt --all --check
	@FASTIR_CORE_DIR=$(CURDIR)/$(BUILD)/plugin cargo clippy --release --locked --workspace --all-targets -- -D warnings
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/basedpyright --warnings

format: build ## Format all code.
	@$(CXX_FILES) | xargs $(VENV)/bin/clang-format -i
	@cargo fmt --all
	@$(VENV)/bin/ruff check --fix-only --quiet
	@$(VENV)/bin/ruff format --quiet

# Fitted on the labels around LLVM's decisions; others are measured around its own.
FIRST := .cache/first-oz.onnx
train: build ## Make the models anew, from manifests to evaluation; resumes.
	@$(VENV)/bin/fastir corpus build --split train valid test
	@$(VENV)/bin/fastir label --level Oz --name llvm-c --language c --labels 1200 --modules 80
	@$(VENV)/bin/fastir label --level Oz --name llvm-cpp --language c++ rust --labels 600
	@$(VENV)/bin/fastir label --level Os --labels 400 --modules 30
	@test -f $(FIRST) || $(VENV)/bin/fastir train --level Oz --evaluate --output $(FIRST)
	@$(VENV)/bin/fastir label --level Oz --around $(FIRST) --name round2 --language c++ rust --labels 300
	@$(VENV)/bin/fastir label --level Oz --around $(FIRST) --name round2-c --language c --labels 200
	@$(VENV)/bin/fastir train --level Oz --evaluate valid
	@$(VENV)/bin/fastir train --level Os --evaluate valid
	@$(VENV)/bin/fastir train --level Oz --at pre-link --evaluate valid

docs: build ## Run the pages in docs/ and draw their plots anew.
	@$(VENV)/bin/pytest -q test/python/test_docs.py
	@cp build/docs/*.svg docs/images/

bench: build ## Build, test and measure two programs in four configurations.
	@$(VENV)/bin/fastir bench

bench-compile: build ## Count what the plugin costs a compile.
	@$(PY) tools/bench_compile.py

bench-engine: build ## Time labels measured together beside one a compile.
	@$(PY) tools/bench_engine.py

bench-tune: build ## Search programs for their best decisions, beside one flip a compile.
	@$(PY) tools/bench_tune.py

bench-features: build ## Time the feature extractors beside their rivals.
	@$(PY) tools/bench_features.py

fuzz: build ## Damage model files: mutants of the shipped ones, and libFuzzer on the reader.
	@$(PY) tools/mutate_models.py
	@tools/fuzz_reader.sh

clean: ## Remove what was built; downloads and labels in .cache stay.
	@rm -rf build target $(VENV)
