#!/usr/bin/env bash
# install.sh: TabNet's own environment, /opt/tabnet, beside the Python stages, inside a build
#
# Debian's torch is 70 MB, that of PyPI gigabytes: the environment sees Debian's packages, and its own ones go first.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

add_packages procps ca-certificates python3-venv python3-torch
/usr/bin/python3 -m venv --system-site-packages /opt/tabnet
# --no-deps: the lock leaves torch out
/opt/tabnet/bin/python -m pip --disable-pip-version-check -q --no-cache-dir install --no-compile --no-deps --ignore-installed \
  --require-hashes --only-binary :all: -r "$BUILD/python/requirements-tabnet.lock"
cd /opt/tabnet/lib/python3.*/site-packages
rm -rf pip pip-* setuptools setuptools-*
find pandas scipy sklearn -type d -name tests -prune -exec rm -rf {} +
/opt/tabnet/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash . || true
rm -f /opt/tabnet/bin/pip*
# headers and tests
rm -rf /usr/lib/python3/dist-packages/torch/{include,test} /usr/lib/libtorch-test
apt-get -qq purge --autoremove python3-venv >/dev/null
tidy
