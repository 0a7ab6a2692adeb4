#!/usr/bin/env bash
# uv.sh: uv, which resolves requirements, into .tools/uv
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

UV=0.13.9
[[ $("$TOOLS/uv/bin/uv" --version 2>/dev/null) != "uv $UV "* ]] || exit 0
python=$(find_python) || die "no Python 3.11 or newer that can make an environment (Debian: python3 python3-venv)"
say "uv $UV, which resolves requirements"
"$python" -m venv --clear "$TOOLS/uv"
quietly "$TOOLS/log/uv.log" "$TOOLS/uv/bin/python" -m pip --disable-pip-version-check install -q "uv==$UV"
