#!/usr/bin/env bash
# validators.sh: what judges a release (Croissant, Frictionless, RO-Crate, citation, secrets), .tools/validators
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

lock=$ROOT/python/requirements-validators.lock
home=$TOOLS/validators
inputs=$(digest "$lock" "${BASH_SOURCE[0]}" "$ROOT")
if done_before "$home/.set-up" "$inputs" && "$home/bin/python" -c '' 2>/dev/null; then
  say "validators are up to date"
  exit 0
fi

say "validators of a release, .tools/validators, $(grep -c '==' "$lock") packages from python/requirements-validators.lock"
python=$(find_python) || die "no Python 3.11 or newer that can make an environment (Debian: python3 python3-venv)"
rm -rf "$home"
"$python" -m venv "$home"
# docopt and jsonpath-rw are old and come as source only
quietly "$TOOLS/log/validators.log" "$home/bin/python" -m pip --disable-pip-version-check install -q --no-compile --no-deps \
  --require-hashes -r "$lock"
quietly "$TOOLS/log/validators-compile.log" "$home/bin/python" -m compileall -q -j 0 "$home/lib" || true
quietly "$TOOLS/log/validators-try.log" "$home/bin/python" -c 'import cffconvert, detect_secrets, frictionless, mlcroissant, rocrate_validator'
echo "$inputs" >"$home/.set-up"
