"""`run`: the grid, on one machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option


@click.command()
@click.option("--plan", "plan_folder", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--cohorts", required=True, type=click.Path(path_type=Path), help="Folder of stores.")
@click.option("--ledger", type=click.Path(path_type=Path), help="[default: <outdir>/.ledger]")
@click.option("--outdir", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option(
    "--backend",
    default="local",
    show_default=True,
    type=click.Choice(["serial", "joblib", "local"]),
    help="Where units run.",
)
@click.option("--workers", default=0, show_default="all cores", help="Worker processes.")
@click.option("--unit_timeout", default=3600.0, show_default=True, help="Seconds for one unit.")
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
    unit_timeout: float,
    watch_pid: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compute every planned cell that the ledger lacks.

    Exit code 0: every cell has a result or a reason; 3: some failed, timed out or were lost.
    """
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
        options=RunOptions(backend, workers, unit_timeout, watch_pid, quiet),
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
