#!/usr/bin/env bash
# smoke.sh SCRATCH: does this image do its work? Runs inside it, as anybody, writing to SCRATCH only
set -euo pipefail
cd "${1:?a folder to write to}"
# a number without a name has no other home than this variable
if getent passwd "$(id -u)" >/dev/null; then unset HOME; fi
command -v bash ps python
spacebio-bench --version
python -c 'import altair, anndata, dask.array, dask_jobqueue, distributed, gseapy, h5py, pyarrow.parquet, sklearn, vl_convert, xgboost, zarr
import spacebio_bench
assert spacebio_bench.__file__.startswith("/opt/venv/"), spacebio_bench.__file__
from spacebio_bench.images import image_facts
facts = image_facts()
assert facts["packages"]["spacebio-bench"] == spacebio_bench.__version__
for name, version in facts["packages"].items(): print(name, version)'
spacebio-bench simulate --outdir simulated --tissues liver --missions 3 --samples 3 --genes 300 --quiet
spacebio-bench check --input simulated/studies.csv --gene_sets hallmark=simulated/hallmark.gmt --symbols simulated/symbols.csv \
  --outdir checked >/dev/null
echo smoke: ok
