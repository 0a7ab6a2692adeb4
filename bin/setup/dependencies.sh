#!/usr/bin/env bash
# dependencies.sh lowest|newest [PYTEST ARGUMENT...]: the quick tests with other versions than those of the lock file
#
# lowest: each package that python/pyproject.toml names, at the lowest version it allows; newest: everything at the newest.
# The environment, .tools/dependencies-lowest or -newest (DEPENDENCIES=folder), stays apart from .venv; PYTHON=python3.13 makes it with
# another Python. Tools of the tests are at their newest in both.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: dependencies.sh lowest|newest [PYTEST ARGUMENT...]'
which=${1:-}
case $which in
  lowest) how=(--resolution lowest-direct) ;;
  newest) how=(--upgrade) ;;
  *) die "$usage" ;;
esac
shift
(($#)) || set -- tests/statistics tests/tasks tests/cohort
mkdir -p "$TOOLS/log"
home=${DEPENDENCIES:-$TOOLS/dependencies-$which}
python=${PYTHON:-$(find_python)} || die "no Python 3.11 or newer that can make an environment (Debian: python3 python3-venv)"

"$ROOT/bin/setup/uv.sh"
uv=$TOOLS/uv/bin/uv
quietly "$TOOLS/log/dependencies-venv.log" "$python" -m venv --clear "$home"
say "the $which versions that python/pyproject.toml allows, with $("$python" --version)"
resolve=("$uv" pip compile -q --no-header --python "$home/bin/python" --only-binary :all:)
quietly "$TOOLS/log/dependencies-$which.log" "${resolve[@]}" "${how[@]}" "$ROOT/python/pyproject.toml" -o "$home/run.txt"
quietly "$TOOLS/log/dependencies-$which.log" "${resolve[@]}" --extra dev -c "$home/run.txt" "$ROOT/python/pyproject.toml" -o "$home/all.txt"
quietly "$TOOLS/log/dependencies-$which.log" "$uv" pip install -q --python "$home/bin/python" --only-binary :all: -r "$home/all.txt"
quietly "$TOOLS/log/dependencies-$which.log" "$uv" pip install -q --python "$home/bin/python" --no-deps --no-build-isolation -e "$ROOT/python"
say "$(grep -c '==' "$home/run.txt") packages to run, $(grep -c '==' "$home/all.txt") with the checks"

cd "$ROOT"
PATH=$home/bin:$PATH OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$home/bin/python" -m pytest -c python/pyproject.toml --rootdir . \
  -q -p no:cacheprovider -m 'not slow and not pipeline and not hpc and not data' "$@"
