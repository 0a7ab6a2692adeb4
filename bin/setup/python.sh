#!/usr/bin/env bash
# python.sh: the project's own Python environment, .venv, exactly as python/requirements-dev.lock says
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

lock=$ROOT/python/requirements-dev.lock
project=$ROOT/python/pyproject.toml
pip=("$VENV/bin/python" -m pip --disable-pip-version-check)

# a moved checkout, or a Python that is gone, needs a new environment
if [[ -d $VENV ]] && ! { grep -qsF "$VENV" "$VENV/bin/activate" && "$VENV/bin/python" -c 'import pip' 2>/dev/null; }; then
  rm -rf "$VENV"
fi
if [[ ! -d $VENV ]]; then
  python=$(find_python) || die "no Python 3.11 or newer that can make an environment (Debian: python3 python3-venv)"
  say "Python environment .venv, with $("$python" --version)"
  "$python" -m venv "$VENV"
fi

locked=$(digest "$lock")
if done_before "$VENV/.locked" "$locked"; then
  say "Python packages are up to date"
else
  say "$(grep -c '==' "$lock") Python packages from python/requirements-dev.lock, checked by hash"
  quietly "$TOOLS/log/pip.log" "${pip[@]}" install -q --no-compile --no-deps --require-hashes --only-binary :all: -r "$lock"
  # pip would compile one file at a time
  quietly "$TOOLS/log/compile.log" "$VENV/bin/python" -m compileall -q -j 0 "$VENV/lib" || true
  echo "$locked" >"$VENV/.locked"
fi

described=$(digest "$project")
if ! done_before "$VENV/.installed" "$described"; then
  say "the package spacebio-bench itself, editable"
  quietly "$TOOLS/log/package.log" "${pip[@]}" install -q --no-deps --no-build-isolation -e "$ROOT/python"
  echo "$described" >"$VENV/.installed"
fi
