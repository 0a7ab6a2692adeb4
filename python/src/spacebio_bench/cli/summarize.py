"""`summarize`: the result tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option("--plan", "plan_folder", required=True, type=FOLDER, help="Folder of `plan`.")
@click.option("--grid", "grid_folder", required=True, type=FOLDER, help="Folder of `run`.")
@click.option(
    "--cohorts", type=FOLDER, help="Folder of stores: adds what is told of samples and features."
)
@click.option("--outdir", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@json_option
@quiet_option
def command(
    *,
    plan_folder: Path,
    grid_folder: Path,
    cohorts: Path | None,
    outdir: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write cells, folds, predictions, costs and nulls from what the grid found."""
    import pandas as pd  # noqa: PLC0415 - quick --help

    from spacebio_bench.diagnostics.run import enrichment_of, write_diagnostics  # noqa: PLC0415
    from spacebio_bench.grid.plan import Plan  # noqa: PLC0415 - quick --help
    from spacebio_bench.grid.stores import open_stores  # noqa: PLC0415
    from spacebio_bench.report.tables import write_tables  # noqa: PLC0415

    known = open_stores(cohorts).cohorts if cohorts is not None else {}
    scores = enrichment_of(known) if known else None
    cells = write_tables(plan_folder, grid_folder, outdir, enrichment=scores)
    if known:
        predictions = pd.read_parquet(outdir / "predictions.parquet")
        write_diagnostics(Plan.load(plan_folder), known, predictions, outdir)
    counts = dict(sorted(Counter(str(cell["status"]) for cell in cells).items()))
    if as_json:
        print_json({"cells_by_status": counts, "outdir": str(outdir)})
    elif not quiet:
        told = ", ".join(f"{n} {status}" for status, n in counts.items())
        click.echo(f"{len(cells)} cells: {told}; tables in {outdir}", err=True)
