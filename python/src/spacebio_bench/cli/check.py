"""`check`: is the input what it should be? Everything wrong at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._parameters import parameter_options
from spacebio_bench.cli._root import root_option
from spacebio_bench.cohort.inputs import check_inputs, parameter_problems
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.osdr.catalog import CATALOG, EXCLUDED, read_catalog, read_excluded
from spacebio_bench.osdr.missing import check_catalog
from spacebio_bench.parameters import names_in, read_parameters


@click.command()
@click.option(
    "--input",
    "sheet",
    metavar="FILE",
    help=f"Study sheet, or the word `simulated`. [default: {CATALOG}, the published benchmark]",
)
@click.option(
    "--gene_sets", metavar="NAME=FILE,...", help="GMT files and the names of the collections."
)
@click.option("--symbols", metavar="FILE", help="Table of gene id and symbol.")
@parameter_options("tissues")
@click.option("--params", metavar="FILE", help="JSON file with all parameters of the run.")
@click.option(
    "--outdir", metavar="DIR", help="Write the checked studies here; default: only check."
)
@click.option(
    "--files",
    is_flag=True,
    help="Without --input: only look whether the files of the benchmark are on disk.",
)
@root_option
@json_option
@quiet_option
def command(
    *,
    sheet: str | None,
    gene_sets: str | None,
    symbols: str | None,
    tissues: str | None,
    params: str | None,
    outdir: str | None,
    files: bool,
    root: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Check a study sheet, all files it names, and the parameters of a run.

    Ends with 2 and everything that is wrong, or writes the studies in the one plain form that the
    next steps read. Without a sheet it is the published benchmark's, of the tissues asked for:
    what of it is not on disk is listed, with its size and the command that gets it.
    """
    given = {"input": sheet, "gene_sets": gene_sets, "symbols": symbols, "tissues": tissues}
    options = {k: v for k, v in given.items() if v is not None}
    parameter_file = Path(params) if params else None
    used = (read_parameters(parameter_file) if parameter_file else {}) | options
    only: tuple[str, ...] = ()
    if not used.get("input") and not used.get("cohorts"):
        asked = used.get("tissues")
        only = names_in(asked) if isinstance(asked, str) else ()
        catalog = check_catalog(root, tissues=only, also=parameter_problems(used))
        options["input"] = str(catalog)
        if files:
            _say_files(catalog, only, as_json=as_json, quiet=quiet)
            return
    elif files:
        raise InputError([Problem("--files", "is for the published benchmark, without --input.")])
    summary = check_inputs(
        options,
        parameter_file=parameter_file,
        outdir=Path(outdir) if outdir else None,
        only_tissues=only,
        left_out={one.accession: one.reason for one in read_excluded(root / EXCLUDED)},
        progress=_Slowly() if not (quiet or as_json) else lambda _: None,
    )
    if as_json:
        print_json(summary)
    elif not quiet:
        _print(summary, outdir)


def _say_files(catalog: Path, tissues: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    there = read_catalog(catalog, tissues=tissues)
    if as_json:
        print_json({"input": str(catalog), "studies": len(there), "missing": 0})
    elif not quiet:
        click.echo(f"{catalog}: the files of {len(there)} studies are on disk.")


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
