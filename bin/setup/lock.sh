#!/usr/bin/env bash
# lock.sh [UV OPTION...]: resolves the Python requirements into python/requirements*.lock, with hashes.
# Pins that still fit stay; `lock.sh --upgrade` takes the newest.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

UV=0.13.9
if [[ $("$TOOLS/uv/bin/uv" --version 2>/dev/null) != "uv $UV "* ]]; then
  say "uv $UV, which resolves requirements"
  "$VENV/bin/python" -m venv --clear "$TOOLS/uv"
  quietly "$TOOLS/log/uv.log" "$TOOLS/uv/bin/python" -m pip --disable-pip-version-check install -q "uv==$UV"
fi

compile() {
  "$TOOLS/uv/bin/uv" pip compile -q --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' "$@"
}

cd "$ROOT/python"
compile "$@" pyproject.toml -o requirements.lock
compile "$@" pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
# torch is Debian's
compile "$@" --override <(echo 'torch ; sys_platform == "never"') requirements-tabnet.in -o requirements-tabnet.lock
say "locked: $(grep -c '==' requirements.lock) packages to run, $(grep -c '==' requirements-dev.lock) with the checks, \
$(grep -c '==' requirements-tabnet.lock) for TabNet"
