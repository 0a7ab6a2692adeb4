"""`preflight`: is everything there that a run needs?"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.parameters import parameter_entries, read_parameters
from spacebio_bench.preflight._check import Check, as_json
from spacebio_bench.preflight.run import preflight
from spacebio_bench.preflight.setup import PROFILES, setup_of

_OWN = ("help",)
_FOLDER = click.Path(path_type=Path)


def _parameter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every parameter of a run; the schema says which there are and checks them."""
    for name, entry in reversed(parameter_entries().items()):
        if name not in _OWN:
            told = entry["description"]
            if "default" in entry:
                told += f"  [default: {entry['default']}]"
            option = click.option(f"--{name}", name, metavar=entry["type"].upper(), help=told)
            function = option(function)
    return function


@click.command()
@click.option(
    "--profile",
    metavar="NAME",
    help=f"{', '.join(PROFILES)}.  [default: slurm with --backend slurm, else local]",
)
@click.option("--params", type=_FOLDER, metavar="FILE", help="JSON file of parameters.")
@click.option("--project", type=_FOLDER, metavar="DIR", help="Checkout with main.nf and the locks.")
@click.option(
    "--work", type=_FOLDER, metavar="DIR", help="Nextflow's work folder.  [default: work]"
)
@click.option(
    "--nextflow-version", metavar="V", help="Of the Nextflow that calls: not asked again."
)
@click.option("--no-probe", is_flag=True, help="Send no job to a node of the cluster.")
@click.option(
    "--probe_seconds",
    type=float,
    default=60.0,
    show_default=True,
    help="What that job may wait in the queue.",
)
@json_option
@quiet_option
@_parameter_options
def command(
    *,
    profile: str | None,
    params: Path | None,
    project: Path | None,
    work: Path | None,
    nextflow_version: str | None,
    no_probe: bool,
    probe_seconds: float,
    as_json: bool,
    quiet: bool,
    **parameters: str | None,
) -> None:
    """Look at all that a run needs: tools, images, disks and, for the profile slurm, the cluster.

    Options beside --params go before the file. Exit code 4: something failed; warnings are fine.
    """
    given = read_parameters(params) if params else {}
    given |= {name: value for name, value in parameters.items() if value is not None}
    setup = setup_of(
        given,
        profile=profile,
        project=project,
        work=work,
        nextflow_version=nextflow_version,
        probe=not no_probe,
        probe_seconds=probe_seconds,
    )
    # ended from outside, it must still cancel its job
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    click.get_current_context().call_on_close(lambda: signal.signal(signal.SIGTERM, before))
    began = time.monotonic()
    checks = preflight(setup)
    _tell(checks, time.monotonic() - began, quiet=quiet, json=as_json)
    sys.exit(4 if any(check.status == "failed" for check in checks) else 0)


def _tell(checks: list[Check], seconds: float, *, quiet: bool, json: bool) -> None:
    counted = as_json(checks)
    if json:
        print_json(counted)
        return
    for check in checks:
        if not (quiet and check.status == "ok"):
            click.echo(str(check))
    if not quiet:
        told = f"{counted['failed']} failed, {counted['warnings']} warnings"
        click.echo(f"{len(checks)} checks in {seconds:.1f} s: {told}.")
