"""`check`: is the input what it should be? Everything wrong at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cohort.inputs import check_inputs


@click.command()
@click.option("--input", "sheet", metavar="FILE", help="Study sheet, or the word `simulated`.")
@click.option(
    "--gene_sets", metavar="NAME=FILE,...", help="GMT files and the names of the collections."
)
@click.option("--symbols", metavar="FILE", help="Table of gene id and symbol.")
@click.option("--params", metavar="FILE", help="JSON file with all parameters of the run.")
@click.option(
    "--outdir", metavar="DIR", help="Write the checked studies here; default: only check."
)
@json_option
@quiet_option
def command(
    *,
    sheet: str | None,
    gene_sets: str | None,
    symbols: str | None,
    params: str | None,
    outdir: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Check a study sheet, all files it names, and the parameters of a run.

    Ends with 2 and everything that is wrong, or writes the studies in the one plain form that the
    next steps read.
    """
    given = {"input": sheet, "gene_sets": gene_sets, "symbols": symbols}
    summary = check_inputs(
        {k: v for k, v in given.items() if v is not None},
        parameter_file=Path(params) if params else None,
        outdir=Path(outdir) if outdir else None,
        progress=_Slowly() if not (quiet or as_json) else lambda _: None,
    )
    if as_json:
        print_json(summary)
    elif not quiet:
        _print(summary, outdir)


class _Slowly:
    """Shows progress on a check that takes long, and keeps still on a short one."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def __call__(self, line: str) -> None:
        if time.monotonic() - self.start > 3:
            click.echo(line, err=True)


def _print(summary: dict[str, Any], outdir: str | None) -> None:
    for note in summary["notes"]:
        click.echo(f"note: {note}")
    studies = summary["studies"]
    samples = sum(study["n_samples"] for study in studies)
    tissues = ", ".join(summary["tissues"])
    what = f"{len(studies)} studies, {samples} samples of {tissues}" if studies else "parameters"
    click.echo(f"{what}: no problems.")
    if outdir:
        click.echo(f"The checked studies are in {outdir}.")
