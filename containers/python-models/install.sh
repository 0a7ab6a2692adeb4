#!/usr/bin/env bash
# install.sh dependencies|package: the Python stages in /opt/venv, inside a build
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
pip=("$SCRATCH/pip/bin/python" -m pip --disable-pip-version-check -q --no-cache-dir)
own=(--python /opt/venv/bin/python)

# compiled once, here: an image is read-only, and its user may write nowhere
compile() { /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$@" || true; }

dependencies() {
  add_packages procps ca-certificates python3 python3-venv
  python3 -m venv "$SCRATCH/pip"
  python3 -m venv --without-pip /opt/venv
  "${pip[@]}" "${own[@]}" install --no-compile --no-deps --require-hashes --only-binary :all: -r "$BUILD/python/requirements.lock"

  # what only developers of these packages use; numpy's tests are imported by numpy.testing
  cd /opt/venv/lib/python3.*/site-packages
  find pandas scipy sklearn pyarrow matplotlib zarr dask distributed anndata h5py numcodecs -type d -name tests -prune -exec rm -rf {} +
  rm -rf pyarrow/include pyarrow/src matplotlib/mpl-data/sample_data
  find . \( -name '*.pyx' -o -name '*.a' -o -name '*.lib' \) -delete
  compile .

  rm -rf "$SCRATCH/pip"
  apt-get -qq purge --autoremove python3-venv >/dev/null
  tidy
}

package() {
  local main=(numpy scipy scikit-learn pandas pyarrow xgboost-cpu anndata zarr dask distributed dask-jobqueue gseapy spacebio-bench)
  # pip and a builder for as long as it takes; python3-venv would need the package lists again
  add_packages python3-venv
  python3 -m venv "$SCRATCH/pip"
  "${pip[@]}" install --no-compile --no-deps --require-hashes --only-binary :all: -r "$BUILD/python/requirements-build.lock"
  "${pip[@]}" wheel --no-deps --no-build-isolation -w "$SCRATCH/wheel" "$BUILD/python"
  "${pip[@]}" "${own[@]}" install --no-compile --no-deps "$SCRATCH"/wheel/*.whl
  compile /opt/venv/lib/python3.*/site-packages/spacebio_bench
  rm -rf "$SCRATCH/pip"
  apt-get -qq purge --autoremove python3-venv >/dev/null
  /opt/venv/bin/python - "${main[@]}" <<'END' | record
import platform, sys
from importlib.metadata import version
print("python", platform.python_version())
for name in sys.argv[1:]:
    print(name, version(name))
END
  /opt/venv/bin/python -c 'from importlib.metadata import distributions
for line in sorted(f"{d.name}=={d.version}" for d in distributions()): print(line)' >>"$FACTS/installed.txt"
  forget_site
  tidy
}

"${1:?dependencies or package}"
