#!/usr/bin/env bash
# python.sh: the project's own Python environment, .venv, exactly as python/requirements-dev.lock says
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lock=$ROOT/python/requirements-dev.lock
stamp=$VENV/.set-up
inputs=$(digest "$lock" "$ROOT/python/pyproject.toml" "$ROOT")
if done_before "$stamp" "$inputs" && "$VENV/bin/python" -c '' 2>/dev/null; then
  say "Python environment is up to date"
  exit 0
fi

# a moved checkout, or a Python that is gone, needs a new one
if [[ -d $VENV ]] && ! { grep -qsF "$VENV" "$VENV/bin/activate" && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; }; then
  rm -rf "$VENV"
fi
if [[ ! -d $VENV ]]; then
  python=$(find_python) || die "no Python 3.11 or newer that can make an environment (Debian: python3 python3-venv)"
  say "Python environment .venv, with $("$python" --version)"
  "$python" -m venv "$VENV"
fi
say "$(grep -c '==' "$lock") Python packages from python/requirements-dev.lock, checked by hash"
pip=("$VENV/bin/python" -m pip --disable-pip-version-check)
quietly "$TOOLS/log/pip.log" "${pip[@]}" install -q --no-compile --no-deps --require-hashes --only-binary :all: -r "$lock"
# pip compiles one file at a time
quietly "$TOOLS/log/compile.log" "$VENV/bin/python" -m compileall -q -j 0 "$VENV/lib" || true
quietly "$TOOLS/log/package.log" "${pip[@]}" install -q --no-deps --no-build-isolation -e "$ROOT/python"
echo "$inputs" >"$stamp"
