"""`simulate`: a cohort with a known truth, as files."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option


@click.command()
@click.option("--outdir", required=True, metavar="DIR", help="Folder for the files.")
@click.option("--tissues", default="liver,thymus", show_default=True, help="Comma-separated names.")
@click.option("--missions", default=4, show_default=True, type=click.IntRange(1, 99))
@click.option(
    "--samples",
    default=6,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Samples per mission in each of the groups FLT and GC.",
)
@click.option("--genes", default=2000, show_default=True, type=click.IntRange(100, 100_000))
@click.option(
    "--effect",
    default="1.0",
    show_default=True,
    help="log2 fold change of the flight signature; 0 plants none. For single tissues: liver=1,thymus=0.",
)
@click.option("--seed", default=42, show_default=True, type=click.IntRange(0, 2**32 - 1))
@json_option
@quiet_option
def command(
    *,
    outdir: str,
    tissues: str,
    missions: int,
    samples: int,
    genes: int,
    effect: str,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate raw counts of several missions with a planted flight signature, with gene sets and symbols.

    truth.json says what was planted.
    """
    from spacebio_bench.cohort.simulate import Design, parse_effects, write_studies

    names = tuple(filter(None, (t.strip() for t in tissues.split(","))))
    design = Design(
        effects=parse_effects(effect, names),
        n_missions=missions,
        n_samples=samples,
        n_genes=genes,
        seed=seed,
    )
    made = write_studies(Path(outdir), design)
    collections = ",".join(f"{name}={path}" for name, path in made.gene_sets.items())
    if as_json:
        files = {"input": made.sheet, "symbols": made.symbols, "truth": made.truth}
        print_json({k: str(v) for k, v in files.items()} | {"gene_sets": collections})
    elif not quiet:
        click.echo(
            f"Simulated {len(names)} tissues of {missions} missions in {outdir}. To check them:"
        )
        click.echo(
            f"spacebio-bench check --input {made.sheet} --gene_sets {collections} --symbols {made.symbols}"
        )
