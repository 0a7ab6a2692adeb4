#!/usr/bin/env python3
"""Pathway scores of one mission by gseapy's ssGSEA; same options and output as score_pathways.R."""

from __future__ import annotations

import argparse
from pathlib import Path

from stage import run_stage

from spacebio_bench.cohort.expression import join_mission, read_expression
from spacebio_bench.cohort.ssgsea import (
    by_symbol,
    choose_genes,
    read_gene_sets,
    read_symbols,
    ssgsea_scores,
    write_scores,
)


def score_mission(arguments: list[str]) -> None:
    """Read, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expression", required=True, help="a.h5[,b.h5]")
    parser.add_argument("--gene-sets", required=True, help="NAME=FILE.gmt,...")
    parser.add_argument("--symbols", required=True, type=Path)
    parser.add_argument("--scorer", choices=["gseapy_ssgsea"], default="gseapy_ssgsea")
    parser.add_argument("--min-size", required=True, type=int)
    parser.add_argument("--max-size", required=True, type=int)
    parser.add_argument("--universe", help="not used: genes are those that the mission expresses")
    parser.add_argument("--expressed-above", type=float, default=1.0)
    parser.add_argument("--in-fraction", type=float, default=0.2)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args(arguments)

    mission = join_mission([read_expression(Path(p)) for p in options.expression.split(",")])
    genes = choose_genes(
        mission, expressed_above=options.expressed_above, in_fraction=options.in_fraction
    )
    expression = by_symbol(mission, genes, read_symbols(options.symbols))
    scores = {}
    for entry in options.gene_sets.split(","):
        name, _, path = entry.partition("=")
        scores[name] = ssgsea_scores(
            expression,
            read_gene_sets(Path(path)),
            min_size=options.min_size,
            max_size=options.max_size,
        )
        if scores[name].empty:
            print(
                f"NOTE: {name}: no set has {options.min_size} to {options.max_size} genes here;"
                " it gets no scores."
            )
        print(f"{name} : {scores[name].shape[1]} pathways, {len(mission.samples)} samples")
    write_scores(options.output, mission.samples, scores)


if __name__ == "__main__":
    run_stage(score_mission)
