"""`spacebio-bench` with the test models, and less patient where a variable says so."""

from __future__ import annotations

import os

import _models

from spacebio_bench.cli import main
from spacebio_bench.grid import lock, parcels, run

for module, name in ((run, "FLUSH"), (parcels, "GRACE"), (lock, "PATIENCE")):
    if seconds := os.environ.get(f"SBB_{name}"):
        setattr(module, f"{name}_SECONDS", float(seconds))
_models.enter()
if __name__ == "__main__":  # workers of this machine import it too
    main()
