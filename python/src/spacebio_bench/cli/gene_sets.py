"""`gene-sets`: files of gene sets read, mapped to mouse symbols, their coverage told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cohort.gmt_mapping import map_files, write_sets


@click.command()
@click.argument("files", metavar="FILE.gmt...", nargs=-1, required=True)
@click.option("--outdir", metavar="DIR", help="Write the sets and coverage.csv here.")
@click.option(
    "--orthologs",
    metavar="TABLE",
    help="Human and mouse symbols (CSV or TSV); maps human sets to mouse.",
)
@click.option("--symbols", metavar="TABLE", help="Table of gene id and symbol, for the coverage.")
@json_option
@quiet_option
def command(
    *,
    files: tuple[str, ...],
    outdir: str | None,
    orthologs: str | None,
    symbols: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read GMT files, map them from human to mouse, report how many genes the studies know.

    A human gene with several mouse orthologs brings all of them.
    """
    paths = [Path(file) for file in files]
    mapped, notes = map_files(
        paths,
        orthologs=Path(orthologs) if orthologs else None,
        symbols=Path(symbols) if symbols else None,
    )
    written = write_sets(Path(outdir), mapped, paths) if outdir else []
    summaries = [one.summary() for one in mapped]
    if as_json:
        files_made = [str(path) for path in written]
        print_json({"collections": summaries, "notes": notes, "written": files_made})
    elif not quiet:
        for note in notes:
            click.echo(f"note: {note}")
        for summary in summaries:
            _print(summary, is_mapped=orthologs is not None)
        if outdir:
            click.echo(f"The sets and coverage.csv are in {outdir}.")


def _print(summary: dict[str, Any], *, is_mapped: bool) -> None:
    said = f"{summary['sets_given']:,} sets, {summary['genes_given']:,} {summary['species']} genes"
    if is_mapped:
        said += f" -> {summary['sets']:,} sets, {summary['genes']:,} mouse genes"
    if summary["coverage"] is not None:
        said += f", {summary['coverage']:.1%} of them among the symbols"
    click.echo(f"{summary['name']}: {said}.")
    lost = summary["unmapped"]
    if lost:
        more = " ..." if len(lost) > 8 else ""
        click.echo(f"  {len(lost):,} without an ortholog: {', '.join(lost[:8])}{more}")
    if summary["sets_empty"]:
        click.echo(f"  left without a gene: {', '.join(summary['sets_empty'])}")
