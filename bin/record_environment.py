#!/usr/bin/env python3
"""What the numbers of a run depend on beside its data: protocol digest, versions, CPU type, BLAS kernel, lock digest."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from spacebio_bench.grid.environment import describe
from spacebio_bench.protocol import load_protocol


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    protocol = load_protocol(options.protocol)
    np.ones((2, 2)) @ np.ones((2, 2))  # a BLAS library says which kernel it took once it is loaded
    record = {"protocol": protocol.name, "protocol_digest": protocol.digest, **describe()}
    options.output.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
