#!/usr/bin/env bash
# checks.sh: what tests compare with and look at pages in: R's pROC and metafor, Chromium
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
HERE=$ROOT/bin/setup
mkdir -p "$TOOLS/log"

mapfile -t absent < <("$HERE/debian.sh" missing checks)
if ((${#absent[@]})); then
  say "Debian: ${absent[*]} (what tests compare with and look at pages in)"
  may_install || "$HERE/debian.sh" install "${absent[@]}"
  quietly "$TOOLS/log/debian-checks.log" "$HERE/debian.sh" install "${absent[@]}"
fi
