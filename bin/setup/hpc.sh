#!/usr/bin/env bash
# hpc.sh: what the tests of clusters and containers need: the packages of a SLURM lab, Apptainer, a Docker engine
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

need_debian slurm 'a SLURM of our own for the tests'
"$ROOT/bin/setup/apptainer.sh" install
"$ROOT/bin/setup/docker.sh" install
