#!/usr/bin/env bash
# hpc.sh: what the tests of clusters and containers need: the packages of a SLURM lab, Apptainer, a Docker engine
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
HERE=$ROOT/bin/setup
mkdir -p "$TOOLS/log"

mapfile -t absent < <("$HERE/debian.sh" missing slurm)
if ((${#absent[@]})); then
  say "Debian: ${absent[*]} (a SLURM of our own for the tests)"
  may_install || "$HERE/debian.sh" install "${absent[@]}"
  quietly "$TOOLS/log/debian-slurm.log" "$HERE/debian.sh" install "${absent[@]}"
fi
"$HERE/apptainer.sh" install
"$HERE/docker.sh" install
