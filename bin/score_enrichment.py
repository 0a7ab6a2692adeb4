#!/usr/bin/env python3
"""Pre-ranked GSEA of one mission's differential expression; a positive NES is up in flight."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from stage import run_stage

from spacebio_bench.cohort.enrichment import COLUMNS, enrichment, ranking, read_differential
from spacebio_bench.cohort.ssgsea import read_gene_sets, read_symbols


def score_mission(arguments: list[str]) -> None:
    """Read, rank, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--differential", required=True, type=Path)
    parser.add_argument("--gene-sets", required=True, help="NAME=FILE.gmt,...")
    parser.add_argument("--symbols", required=True, type=Path)
    parser.add_argument("--min-size", required=True, type=int)
    parser.add_argument("--max-size", required=True, type=int)
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args(arguments)

    found = read_differential(options.differential)
    ranked = ranking(found, read_symbols(options.symbols))
    tables = []
    for entry in options.gene_sets.split(","):
        name, _, path = entry.partition("=")
        table = enrichment(
            ranked,
            read_gene_sets(Path(path)),
            min_size=options.min_size,
            max_size=options.max_size,
            n_permutations=options.permutations,
            seed=options.seed,
        )
        if table.empty:
            print(
                f"NOTE: {found.tissue}, {found.mission}, {name}: no set has {options.min_size} to"
                f" {options.max_size} tested genes; it gets no scores."
            )
        place = {"tissue": found.tissue, "mission": found.mission, "collection": name}
        tables.append(table.rename_axis("pathway").reset_index().assign(**place))
        print(f"{found.mission}, {name} : {len(table)} pathways, {len(ranked)} ranked genes")
    types = {"nes": float, "p": float, "fdr": float, "n_genes": int}
    together = pd.concat(tables)[list(COLUMNS)]
    together.astype(dict.fromkeys(COLUMNS[:4], str) | types).to_parquet(options.output, index=False)


if __name__ == "__main__":
    run_stage(score_mission)
