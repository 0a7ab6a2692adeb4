#!/usr/bin/env bash
# tabnet.sh: the optional environment of TabNet, .tools/tabnet
#
# The torch of PyPI brings gigabytes for graphics cards, Debian's 70 MB for the processor: so this environment sees Debian's
# packages, and its own ones (python/requirements-tabnet.lock) go first. Debian bookworm, /usr/bin/python3 only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$TOOLS/log"

lock=$ROOT/python/requirements-tabnet.lock
home=$TOOLS/tabnet
inputs=$(digest "$lock" "${BASH_SOURCE[0]}" "$ROOT")
if done_before "$home/.set-up" "$inputs" && "$home/bin/python" -c '' 2>/dev/null; then
  say "TabNet environment is up to date"
  exit 0
fi

need_debian tabnet 'what TabNet computes with'
say "TabNet environment .tools/tabnet, $(grep -c '==' "$lock") packages from python/requirements-tabnet.lock"
rm -rf "$home"
/usr/bin/python3 -m venv --system-site-packages "$home"
# --no-deps: the lock leaves torch out
quietly "$TOOLS/log/tabnet.log" "$home/bin/python" -m pip --disable-pip-version-check install -q --no-compile --no-deps \
  --ignore-installed --require-hashes --only-binary :all: -r "$lock"
quietly "$TOOLS/log/tabnet-compile.log" "$home/bin/python" -m compileall -q -j 0 "$home/lib" || true
quietly "$TOOLS/log/tabnet-try.log" "$home/bin/python" -c 'import pandas, pytorch_tabnet.tab_model, sklearn, torch'
echo "$inputs" >"$home/.set-up"
