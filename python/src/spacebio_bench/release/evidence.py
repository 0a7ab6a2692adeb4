"""Reports of gates, kept as evidence of their last run."""

from __future__ import annotations

import json
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import write_text
from spacebio_bench.release.manifest import EVIDENCE
from spacebio_bench.release.sources import read_json

HEAVY = "rerun"
"""A gate that only hpc-public-qa has."""


def record(root: Path, report: Path) -> str:
    """Copy a report to where the manifest reads it; its name there.

    Raises
    ------
    InputError
        It is no report of `release qa`, or one of a part of the gates.
    """
    found = read_json(report.parent, report.name)
    if not isinstance(found, dict) or not {"status", "date", "code_tree", "gates"} <= set(found):
        raise InputError([Problem(str(report), "is no report of `spacebio-bench release qa`.")])
    names = {gate["id"] for gate in found["gates"]}
    if not {"manifest", "documents", "claims", "package"} <= names:
        told = ", ".join(sorted(names))
        what = f"is of some gates only ({told}); record a whole run."
        raise InputError([Problem(str(report), what)])
    name = f"{EVIDENCE}/{'hpc-public-qa' if HEAVY in names else 'release-qa'}.json"
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = ("id", "status", "code", "seconds")
    gates = [{key: gate[key] for key in kept} for gate in found["gates"]]
    # findings may name folders of one machine, and a branch's commits are gone when it is squashed
    summary = {k: v for k, v in found.items() if k != "commit"} | {"gates": gates}
    write_text(target, json.dumps(summary, indent=1) + "\n")
    return name
