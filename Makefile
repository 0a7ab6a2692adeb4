# Everything is made by these targets; each one does the set-up it needs. `make help` lists them.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTHON_CODE := python tests bin docs/conf.py docs/_tools
CONFIG := --config python/pyproject.toml
OUTDIR ?= results/demo
IMAGES ?= images
WORK := results/demo-work
PYTEST_ARGS ?=
HF_TASK ?= all
HF_UPLOAD_PLAN ?= results/hf-upload-plan.json
BENCH_ARGS ?=

# names in the data sort and read the same on every machine; the tools that tasks call are those of the set-up
export LC_ALL := C.UTF-8
export PATH := $(CURDIR)/$(BIN):$(PATH)

# own data: make demo INPUT=studies.csv GENE_SETS=hallmark=h.gmt,kegg=k.gmt SYMBOLS=ids.csv PROTOCOL=v4
own := $(if $(INPUT),--input $(INPUT)) $(if $(GENE_SETS),--gene_sets $(GENE_SETS)) \
  $(if $(SYMBOLS),--symbols $(SYMBOLS)) $(if $(PROTOCOL),--protocol $(PROTOCOL))

.PHONY: help setup setup-tabnet setup-hpc setup-validators setup-checks demo lint test bench images docker-smoke release-qa hpc-public-qa hf-upload-plan docs lock clean

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup:  ## install what is needed (Debian packages, .venv, Nextflow); seconds when it is there
	@bin/setup.sh

setup-tabnet:  ## the same, and the optional environment of TabNet
	@bin/setup.sh tabnet

setup-hpc:  ## the same, and what the tests of clusters and containers need (SLURM, Apptainer, Docker)
	@bin/setup.sh hpc

demo: setup  ## run the pipeline on a simulated cohort, or with INPUT=studies.csv on your own data
	@mkdir -p $(WORK)
	@export NXF_CACHE_DIR=$(CURDIR)/$(WORK)/.nextflow; \
	[[ -s $(WORK)/.nextflow/history ]] && resume=-resume; \
	nextflow -log $(WORK)/nextflow.log run main.nf $(if $(INPUT),,-profile test) -work-dir $(WORK) $$resume \
	  --outdir $(OUTDIR) $(own)

lint: setup  ## style, types, layers and the Nextflow scripts
	@ruff check $(CONFIG) $(PYTHON_CODE)
	@ruff format $(CONFIG) --check $(PYTHON_CODE)
	@cd python && mypy
	@cd python && lint-imports
	@nextflow lint $$(find main.nf nextflow.config modules conf -name '*.nf' -o -name '*.config' | sort) 2>&1 | tee .tools/log/lint.log; \
	  (( PIPESTATUS[0] == 0 )) && ! { grep -q '^Warn' .tools/log/lint.log && echo 'a warning counts as an error'; }

test: lint  ## lint, then every test; PYTEST_ARGS=... chooses
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 pytest -c python/pyproject.toml --rootdir . -n 2 --dist loadgroup $(PYTEST_ARGS) tests

bench: setup  ## ours against plain scikit-learn, into docs/benchmarks.md; BENCH_ARGS=--quick is a minute
	@python tests/benchmarks --output docs/benchmarks.md $(BENCH_ARGS)

docs: setup  ## the documentation as a site, into results/docs; every link in it checked, without a network
	@rm -rf results/docs
	@sphinx-build -q -W --keep-going -b html docs results/docs
	@python docs/_tools/check_links.py results/docs
	@echo "The documentation: results/docs/index.html"

images: setup  ## build the container images (SIF files in images/, Docker tags); IMAGES=folder
	@bin/images.sh $(IMAGES)

docker-smoke: setup  ## the simulated cohort end to end in the Docker images, into results/docker-smoke
	@bin/docker_smoke.sh

setup-validators:  ## the same, and what judges a release (Croissant, Frictionless, RO-Crate, citation, secrets)
	@bin/setup.sh validators

setup-checks:  ## the same, and what tests compare with and look at pages in (R's pROC and metafor, Chromium)
	@bin/setup.sh checks

release-qa: setup-validators  ## every gate of a release, in minutes, without a network; FOLDS=folder verifies a real fold package
	@spacebio-bench release qa $(if $(FOLDS),--folds $(FOLDS)) --report results/release-qa/report.json

hpc-public-qa: setup-validators  ## release-qa, and the canonical sub-grid run again: PROFILE=slurm CONFIG_FILE=site.config
	@spacebio-bench release qa --hpc --profile $(or $(PROFILE),local) $(if $(FOLDS),--folds $(FOLDS)) \
	  $(if $(CONFIG_FILE),--config $(CONFIG_FILE)) --report results/release-qa/hpc-report.json

hf-upload-plan: setup  ## what would be published: HF_TASK=A5 HF_UPLOAD_PLAN=plan.json FOLDS=folder, or HF_TASK=catalog; HF_REPO=owner/name where it is not that of release/facts.yaml
	@mkdir -p $(dir $(HF_UPLOAD_PLAN))
	@spacebio-bench release upload-plan --task $(HF_TASK) $(if $(filter catalog,$(HF_TASK)),,--folds $(or $(FOLDS),folds)) $(if $(HF_REPO),--repo $(HF_REPO)) --output $(HF_UPLOAD_PLAN)

lock: setup  ## resolve the requirements of Python, TabNet and the R image again into the lock files
	@bin/setup/lock.sh

clean:  ## remove results and caches, not what the set-up installed
	rm -rf results work .nextflow .nextflow.log* .pytest_cache .hypothesis .ruff_cache \
	  python/.mypy_cache python/.import_linter_cache .mypy_cache .import_linter_cache
	find python tests bin -name __pycache__ -type d -prune -exec rm -rf {} +
