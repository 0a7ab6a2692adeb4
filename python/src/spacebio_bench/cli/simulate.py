"""`simulate`: studies with a known truth, as files."""

from __future__ import annotations

from pathlib import Path

import click

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cohort.simulated_studies import Design, parse_effects, write_studies


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
@click.option("--genes", default=1500, show_default=True, type=click.IntRange(200, 100_000))
@click.option(
    "--effect",
    help="log2 fold change of the flight signature, 0 for none: a number, or liver=0.5,thymus=0. "
    "Default: 0.5 in the first tissue, 0 in the others.",
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
    effect: str | None,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate raw counts of several missions with a planted flight signature.

    Gene sets and symbols belong to it; truth.json says what was planted.
    """
    names = tuple(dict.fromkeys(filter(None, (t.strip() for t in tissues.split(",")))))
    design = Design(
        effects=parse_effects(effect, names),
        n_missions=missions,
        n_samples=samples,
        n_genes=genes,
        seed=seed,
    )
    made = write_studies(Path(outdir), design)
    gene_sets = ",".join(f"{name}={path}" for name, path in made.gene_sets.items())
    options = {"input": str(made.sheet), "gene_sets": gene_sets, "symbols": str(made.symbols)}
    if as_json:
        print_json(options | {"truth": str(made.truth)})
    elif not quiet:
        click.echo(f"Simulated {', '.join(names)} with {missions} missions each. To check them:")
        click.echo(" ".join(["spacebio-bench check", *(f"--{k} {v}" for k, v in options.items())]))
