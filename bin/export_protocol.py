#!/usr/bin/env python3
"""The protocol of a run, named or a file, as one YAML file with every choice and its digest."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import yaml
from spacebio_bench.protocol import load_protocol


def main() -> None:
    """Read the protocol that the checked parameters name, and write it out in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parameters", required=True, type=Path, help="checked/parameters.json")
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    parameters = json.loads(options.parameters.read_text(encoding="utf-8"))
    protocol = load_protocol(parameters["protocol"])
    text = yaml.safe_dump(protocol.to_dict(), sort_keys=False, width=120)
    options.output.write_text(f"# digest {protocol.digest}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
