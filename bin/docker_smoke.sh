#!/usr/bin/env bash
# docker_smoke.sh [NEXTFLOW OPTION...]: the simulated cohort end to end in the Docker images, on this machine
#
# An engine is started where none answers, and ended again. Results: results/docker-smoke. `make docker-smoke` calls it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup/common.sh"
cd "$ROOT"
engine=$ROOT/bin/setup/docker.sh
results=results/docker-smoke
work=results/docker-smoke-work

started=$("$engine" up)
if [[ -n $started ]]; then
  eval "$started"
  trap '"$engine" down' EXIT
fi
bin/images.sh --kind docker --only r-preprocess,python-models
mkdir -p "$work"
began=$SECONDS
NXF_CACHE_DIR=$ROOT/$work/.nextflow "$VENV/bin/nextflow" -log "$work/nextflow.log" run main.nf -profile test,docker \
  -work-dir "$work" --outdir "$results" "$@"
echo "docker-smoke: it ran in the Docker images, in $((SECONDS - began)) s; the report is $results/report.html"
