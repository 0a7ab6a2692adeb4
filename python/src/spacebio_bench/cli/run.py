"""`run`: the grid, on one machine or on a cluster."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._parameters import parameter_options

CLUSTER = (
    "images", "models_image", "binds", "scratch", "partition", "account", "sbatch_options",
    "worker_cores", "worker_memory", "walltime", "scheduler_interface", "worker_interface",
    "worker_quorum", "worker_deadline", "dashboard",
)  # fmt: skip


@click.command()
@click.option("--plan", "plan_folder", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--cohorts", required=True, type=click.Path(path_type=Path), help="Folder of stores.")
@click.option("--ledger", type=click.Path(path_type=Path), help="[default: <outdir>/.ledger]")
@click.option("--outdir", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@parameter_options("backend", "workers", "unit_timeout", *CLUSTER)
@click.option(
    "--memory", type=click.IntRange(256), help="MiB for all workers of this machine together."
)
@click.option("--watch-pid", type=int, help="End in an orderly way when this process is gone.")
@json_option
@quiet_option
def command(
    *,
    plan_folder: Path,
    cohorts: Path,
    ledger: Path | None,
    outdir: Path,
    backend: str,
    workers: int,
    unit_timeout: int,
    memory: int | None,
    watch_pid: int | None,
    as_json: bool,
    quiet: bool,
    **cluster: Any,
) -> None:
    """Compute every planned cell that the ledger lacks.

    Exit code 0: every cell has a result or a reason; 3: some failed, timed out or were lost.

    With `--backend slurm` workers run in the image of `--images`; without it, in the Python of this
    command, which all nodes must see.
    """
    from spacebio_bench.grid.machine import slurm_from  # noqa: PLC0415
    from spacebio_bench.grid.plan import Plan  # noqa: PLC0415 - quick --help
    from spacebio_bench.grid.run import RunOptions, run_plan  # noqa: PLC0415
    from spacebio_bench.grid.stores import open_stores  # noqa: PLC0415

    stores = open_stores(cohorts)
    outcome = run_plan(
        Plan.load(plan_folder),
        stores.cohorts,
        stores.paths,
        ledger_folder=(ledger or outdir / ".ledger").absolute(),
        outdir=outdir,
        options=RunOptions(
            backend,
            workers,
            unit_timeout=unit_timeout,
            watch_pid=watch_pid,
            quiet=quiet,
            worker_memory=cluster["worker_memory"],
            memory=memory,
            dashboard=cluster["dashboard"],
            slurm=slurm_from(cluster),
        ),
    )
    if as_json:
        print_json(outcome)
    elif not quiet:
        told = ", ".join(f"{n} {status}" for status, n in outcome["cells_by_status"].items())
        units = f"{outcome['units_computed']} units computed, {outcome['units_reused']} reused"
        click.echo(f"cells: {told}; {units}", err=True)
        for cause in outcome["causes"]:
            click.echo(f"{cause['cell']}: {cause['status']}: {cause['reason']}", err=True)
    sys.exit(outcome["exit_code"])
