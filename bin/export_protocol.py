#!/usr/bin/env python3
"""The protocol of a run, named or a file, as one YAML file with every choice and its digest."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from spacebio_bench.protocol import load_protocol, write_protocol


def main() -> None:
    """Read the protocol that the checked parameters name, and write it out in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parameters", required=True, type=Path, help="checked/parameters.json")
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    parameters = json.loads(options.parameters.read_text(encoding="utf-8"))
    write_protocol(load_protocol(parameters["protocol"]), options.output)


if __name__ == "__main__":
    main()
