"""Every gate, in the order in which they are run; a gate is loaded when it is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

from spacebio_bench.release.gates._gate import Context, Finding, Gate

_HERE = "spacebio_bench.release.gates"


def _gate(name: str) -> Callable[[Context], Iterable[Finding]]:
    def run(context: Context) -> Iterable[Finding]:
        module = importlib.import_module(f"{_HERE}.{name}")
        found: Iterable[Finding] = getattr(module, f"{name}_gate")(context)
        return found

    return run


GATES = (
    Gate(
        "manifest",
        "the manifest lists every file of the release as it is",
        _gate("manifest"),
    ),
    Gate(
        "documents",
        "generated documents are what templates, facts and result files make",
        _gate("documents"),
    ),
    Gate(
        "catalog",
        "the metadata catalog is what its inputs make, and two libraries can read it",
        _gate("catalog"),
        needs="the validators' environment",
    ),
    Gate(
        "claims",
        "public claims are what their cells say, and no text goes further",
        _gate("claims"),
    ),
    Gate(
        "package",
        "a fold package is whole, and three validators accept it",
        _gate("package"),
        needs="the validators' environment; seconds, or as long as a real package takes",
    ),
    Gate(
        "upload_plan",
        "an upload plan of that package is the same twice, and needs no network",
        _gate("upload_plan"),
    ),
    Gate(
        "submissions",
        "submissions with known answers get them; broken ones are refused with every reason",
        _gate("submissions"),
    ),
    Gate(
        "licence",
        "licence, citation, version and title are the same everywhere",
        _gate("licence"),
        needs="the validators' environment",
    ),
    Gate(
        "secrets",
        "no secrets, and nothing that tells of a person's or a private machine",
        _gate("secrets"),
        needs="the validators' environment",
    ),
    Gate("file_size", "no large file, and nothing that is made from others", _gate("file_size")),
    Gate("changelog", "the change log tells of this version", _gate("changelog")),
    Gate(
        "rerun",
        "the canonical sub-grid, run here, gives what is released",
        _gate("rerun"),
        needs="Nextflow and what the profile names; minutes",
        heavy=True,
    ),
    Gate(
        "canaries",
        "no control fires, and what was planted is found",
        _gate("canaries"),
        needs="the run of the gate rerun",
        heavy=True,
    ),
    Gate(
        "calibration",
        "a spot check of the calibration table",
        _gate("calibration"),
        needs="a minute of one core",
        heavy=True,
    ),
    Gate(
        "images",
        "the images are those of this checkout, and do their work",
        _gate("images"),
        needs="Apptainer or Docker, and the images; without them the gate is yellow",
        heavy=True,
    ),
)
