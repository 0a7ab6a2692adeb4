#!/usr/bin/env bash
# lock.sh [UV OPTION...]: resolves the Python requirements into python/requirements*.lock, with hashes, and the Debian packages
# of the R image into containers/r-preprocess/packages.lock. Pins that still fit stay; `lock.sh --upgrade` takes the newest.
# lock.sh debian: the latter only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# A suite serves one version of a package, and another one after its next point release: what is served is locked.
lock_debian() {
  local lock=$ROOT/containers/r-preprocess/packages.lock scratch names
  mapfile -t names < <(sed -n 's/^\([^#=]*\)=.*/\1/p' "$lock")
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now
  trap "rm -rf '$scratch'" EXIT
  {
    sed -n '/^#/p' "$lock"
    "$ROOT/bin/setup/suite.sh" trixie "$scratch" apt-cache show --no-all-versions "${names[@]}" |
      sed -n 's/^Package: //p; s/^Version: //p' | paste -d = - -
  } >"$scratch/new"
  (($(grep -c = "$scratch/new") == ${#names[@]})) || die "$lock: Debian trixie does not have all of: ${names[*]}"
  cp "$scratch/new" "$lock"
  say "locked: ${#names[@]} Debian packages for the R image"
}
if [[ ${1:-} == debian ]]; then
  lock_debian
  exit
fi

"$ROOT/bin/setup/uv.sh"

compile() {
  "$TOOLS/uv/bin/uv" pip compile -q --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' "$@"
}

cd "$ROOT/python"
compile "$@" pyproject.toml -o requirements.lock
compile "$@" pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
# what makes a wheel of the package in an image
echo hatchling | compile "$@" - -c requirements-dev.lock -o requirements-build.lock
compile "$@" requirements-validators.in -o requirements-validators.lock
# torch is Debian's
compile "$@" --override <(echo 'torch ; sys_platform == "never"') requirements-tabnet.in -o requirements-tabnet.lock
say "locked: $(grep -c '==' requirements.lock) packages to run, $(grep -c '==' requirements-dev.lock) with the checks, \
$(grep -c '==' requirements-tabnet.lock) for TabNet, \
$(grep -c '==' requirements-validators.lock) to validate a release"
lock_debian
