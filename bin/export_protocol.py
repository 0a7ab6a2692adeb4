#!/usr/bin/env python3
"""The protocol of a run, named or a file, as one YAML file that says everything: the same choices, the same digest."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import yaml

from spacebio_bench.protocol import load_protocol


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--parameters", required=True, type=Path, help="parameters.json of `spacebio-bench check`"
    )
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    protocol = load_protocol(json.loads(options.parameters.read_text(encoding="utf-8"))["protocol"])
    text = yaml.safe_dump(protocol.to_dict(), sort_keys=False, width=120)
    options.output.write_text(f"# digest {protocol.digest}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
