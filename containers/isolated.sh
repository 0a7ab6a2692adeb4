#!/usr/bin/env bash
# isolated.sh SCRATCH COMMAND...: runs a build with a /tmp and /var/tmp of its own, gone when it ends
#
# Apptainer shows the host's /tmp to a build that root makes, and what a build does there it does to everybody.
set -euo pipefail
[[ -d ${1:?} && -n ${2:-} ]] || { echo "usage: isolated.sh SCRATCH COMMAND..." >&2; exit 2; }
export SCRATCH=$1 APPTAINER_TMPDIR=$1
exec unshare --mount --propagation private bash -euo pipefail -c '
  mount -t tmpfs -o mode=1777 none /tmp
  mount -t tmpfs -o mode=1777 none /var/tmp
  exec "$@"' isolated "${@:2}"
