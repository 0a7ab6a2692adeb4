"""What a preflight is asked about: profile, parameters and folders."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import spacebio_bench
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.parameters import validate_parameters

PROFILES = ("local", "docker", "apptainer", "slurm")
_DATA = ("test", "standard")  # profiles that are no machine

PATIENCE = 90.0
"""Seconds that a probe may take beside those in the queue: a container may start slowly."""


@dataclass(frozen=True)
class Setup:
    """A run that is meant, and where its parts are.

    Attributes
    ----------
    stop
        Set when the user ends the preflight: whoever waits gives up and tidies.
    """

    profile: str
    parameters: Mapping[str, Any]
    project: Path
    images: Path
    outdir: Path
    ledger: Path
    work: Path
    nextflow_version: str | None = None
    probe: bool = True
    probe_seconds: float = 60.0
    stop: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def image_names(self) -> tuple[str, ...]:
        """Images that the run needs: R only where a study sheet is preprocessed."""
        first = () if self.parameters["cohorts"] else ("r-preprocess",)
        return (*first, str(self.parameters["models_image"]))

    @property
    def workers_are_jobs(self) -> bool:
        """Whether Dask's workers are jobs, which the submit host and the nodes connect for."""
        return self.profile == "slurm" and self.parameters["backend"] == "slurm"

    def sif(self, name: str) -> Path:
        """Where an Apptainer image is."""
        return self.images / f"{name}.sif"


def setup_of(
    given: Mapping[str, Any],
    *,
    profile: str | None = None,
    project: Path | None = None,
    work: Path | None = None,
    nextflow_version: str | None = None,
    probe: bool = True,
    probe_seconds: float = 60.0,
) -> Setup:
    """The set-up that parameters and a profile mean; relative paths begin in the current folder.

    Raises
    ------
    InputError
        Unknown or wrong parameters, an unknown profile: all of them.
    """
    problems: list[Problem] = []
    machine = "slurm" if given.get("backend") == "slurm" else "local"
    if profile is not None:
        machine, problems = _machine(profile)
    if probe_seconds <= 0:
        problems.append(Problem("--probe_seconds", f"{probe_seconds:g} is not above 0."))
    # the profile sets the backend, unless the user does
    implied = {"backend": "slurm"} if machine == "slurm" else {}
    try:
        parameters = validate_parameters(
            implied | {k: v for k, v in given.items() if v is not None}
        )
    except InputError as error:
        raise InputError([*problems, *error.problems]) from error
    if problems:
        raise InputError(problems)
    root = (project or find_project()).absolute()
    outdir = Path(parameters["outdir"]).absolute()
    return Setup(
        profile=machine,
        parameters=parameters,
        project=root,
        images=Path(parameters["images"] or root / "images").absolute(),
        outdir=outdir,
        ledger=Path(parameters["ledger"] or outdir / ".ledger").absolute(),
        work=(work or Path("work")).absolute(),
        nextflow_version=nextflow_version,
        probe=probe,
        probe_seconds=probe_seconds,
    )


def find_project() -> Path:
    """The checkout: where we are, or where the package was installed from."""
    package = Path(spacebio_bench.__file__).resolve()
    for folder in (Path.cwd(), *package.parents):
        if (folder / "main.nf").is_file():
            return folder
    return Path.cwd()


def _machine(profile: str) -> tuple[str, list[Problem]]:
    """The machine among profiles as Nextflow takes them (`test,slurm`); the last one counts."""
    names = [name.strip() for name in profile.split(",") if name.strip()]
    known = ", ".join(PROFILES)
    problems = [
        Problem("--profile", f"'{name}' is not one of {known}.")
        for name in names
        if name not in PROFILES + _DATA
    ]
    machines = [name for name in names if name in PROFILES]
    return (machines[-1] if machines else "local"), problems
