"""`build`: the store of one tissue."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option

FILES = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--checked", required=True, type=FILES, help="Folder of `spacebio-bench check`.")
@click.option(
    "--expression",
    multiple=True,
    type=FILES,
    help="Normalised expression: a file or a folder of them; may be repeated.",
)
@click.option(
    "--pathways",
    multiple=True,
    type=FILES,
    help="Pathway scores: a file or a folder of them; may be repeated.",
)
@click.option(
    "--corrected",
    multiple=True,
    type=FILES,
    help="Batch-corrected expression: a file or a folder of them; may be repeated.",
)
@click.option(
    "--enrichment",
    multiple=True,
    type=FILES,
    help="NES of missions: a file or a folder of them; may be repeated.",
)
@click.option("--protocol", default="calibrated", show_default=True, help="A name, or a YAML file.")
@click.option("--tissue", required=True, help="The tissue to build.")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Store to write.")
@json_option
@quiet_option
def command(
    *,
    checked: Path,
    expression: tuple[Path, ...],
    pathways: tuple[Path, ...],
    corrected: tuple[Path, ...],
    enrichment: tuple[Path, ...],
    protocol: str,
    tissue: str,
    output: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Join the studies of a tissue in one AnnData-on-Zarr store."""
    from spacebio_bench.cohort.build import build_cohort  # noqa: PLC0415 - quick --help
    from spacebio_bench.protocol import load_protocol  # noqa: PLC0415

    built = build_cohort(
        checked,
        tissue=tissue,
        expression=expression,
        pathways=pathways,
        corrected=corrected,
        enrichment=enrichment,
        protocol=load_protocol(protocol),
        output=output,
    )
    if as_json:
        print_json(dataclasses.asdict(built))
    elif not quiet:
        for note in built.notes:
            click.echo(f"note: {note}")
        sets = ", ".join(f"{name} {n}" for name, n in built.features.items())
        click.echo(
            f"{built.tissue}: {built.n_samples} samples of {len(built.missions)} missions,"
            f" {built.n_genes} genes{'; ' + sets if sets else ''}."
        )
