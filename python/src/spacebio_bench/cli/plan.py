"""`plan`: which cells there are, and which of them can run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from spacebio_bench.cli._lists import comma_list, parse_budgets
from spacebio_bench.cli._main import json_option, print_json, quiet_option


@click.command()
@click.option("--cohorts", required=True, type=click.Path(path_type=Path), help="Folder of stores.")
@click.option("--protocol", default="calibrated", show_default=True, help="A name, or a YAML file.")
@click.option("--tasks", default="", help="Task families, or all. [default: lomo]")
@click.option("--tissues", default="", help="Tissues; all by default.")
@click.option("--features", default="", help="Feature sets; all by default.")
@click.option(
    "--models", default="", help="Models; those that the protocol puts to a family by default."
)
@click.option("--strata", default="", help="Sample columns within which labels are permuted.")
@click.option(
    "--n_permutations",
    default="",
    help="Permuted labelings, for all models or by model: 99,rf=9. The protocol's by default.",
)
@click.option("--n_bootstraps", type=int, help="Bootstrap draws. [default: the protocol's]")
@click.option("--seed", default=42, show_default=True, help="Seed of everything random.")
@click.option("--outdir", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@json_option
@quiet_option
def command(
    *,
    cohorts: Path,
    protocol: str,
    tasks: str,
    tissues: str,
    features: str,
    models: str,
    strata: str,
    n_permutations: str,
    n_bootstraps: int | None,
    seed: int,
    outdir: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Plan every task x feature set x model of the cohorts.

    A cell that cannot run is planned too, with the reason.
    """
    from spacebio_bench.grid.planner import Selection, make_plan  # noqa: PLC0415 - quick --help
    from spacebio_bench.grid.stores import open_stores  # noqa: PLC0415
    from spacebio_bench.protocol import load_protocol  # noqa: PLC0415

    selection = Selection(
        tasks=comma_list(tasks),
        tissues=comma_list(tissues),
        features=comma_list(features),
        models=comma_list(models),
        strata=comma_list(strata),
        n_permutations=parse_budgets(n_permutations),
        n_bootstraps=n_bootstraps,
    )
    stores = open_stores(cohorts)
    plan = make_plan(stores.cohorts, load_protocol(protocol), selection, seed=seed)
    plan.save(outdir)
    counts = dict(sorted(Counter(cell.status for cell in plan.cells).items()))
    if as_json:
        print_json({"tasks": [t.task for t in plan.tasks], "cells": len(plan.cells), **counts})
    elif not quiet:
        told = ", ".join(f"{n} {status}" for status, n in counts.items())
        click.echo(f"{len(plan.cells)} cells of {len(plan.tasks)} tasks: {told}")
