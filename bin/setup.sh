#!/usr/bin/env bash
# setup.sh [tabnet] [hpc] [validators] [checks]: makes this checkout ready to run, and does nothing when it is. `make setup` calls it.
#
# Debian packages (Java, Maven, R and its statistics), a Python environment (.venv) and Nextflow (.venv/bin/nextflow).
# With the word tabnet: also the optional environment of TabNet; with hpc: what the tests of clusters and containers need; with validators: what judges a release; with checks: what tests compare with and look at pages in. Everything is fetched here, nothing when the pipeline runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup/common.sh"
HERE=$ROOT/bin/setup

mkdir -p "$TOOLS/log"
# two of us at a time would build the same things
exec 9>"$TOOLS/lock"
flock 9
began=$SECONDS

mapfile -t tools < <("$HERE/debian.sh" missing tools)
mapfile -t statistics < <("$HERE/debian.sh" missing statistics)
if ((${#tools[@]} + ${#statistics[@]})) && ! may_install; then
  "$HERE/debian.sh" install "${tools[@]}" "${statistics[@]}" # names them all and fails
fi

if ((${#tools[@]})); then
  say "Debian: ${tools[*]} (what builds the rest)"
  quietly "$TOOLS/log/debian-tools.log" "$HERE/debian.sh" install "${tools[@]}"
fi

# R comes from Debian while Python packages and Nextflow come from elsewhere
parts=()
if ((${#statistics[@]})); then
  say "Debian: ${statistics[*]} (normalisation and pathway scores)"
  quietly "$TOOLS/log/debian-statistics.log" "$HERE/debian.sh" install "${statistics[@]}" &
  parts+=($!)
fi
"$HERE/python.sh" && "$HERE/nextflow.sh" install &
parts+=($!)

failed=0
for part in "${parts[@]}"; do wait "$part" || failed=1; done
((failed == 0)) || die "not finished; once the cause is gone, the same command goes on from here"

for word in "$@"; do
  case $word in
    tabnet | hpc | validators | checks) "$HERE/$word.sh" ;;
    *) die "usage: setup.sh [tabnet] [hpc] [validators] [checks]" ;;
  esac
done
say "ready, after $((SECONDS - began)) s"
