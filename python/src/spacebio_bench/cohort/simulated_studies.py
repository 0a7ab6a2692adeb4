"""Simulated studies as files: what a user would bring, with a known truth beside it."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from spacebio_bench.cohort.simulate import Truth, plant
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.typing import FloatArray

_TISSUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Design:
    """What is simulated; by default two small tissues, one with a flight signature.

    Attributes
    ----------
    effects
        Tissue -> log2 fold change of the signature genes, the same in all missions; 0 is a null.
    n_missions
        Missions of each tissue.
    n_samples
        Samples per mission and group (FLT, GC).
    n_genes
        Genes that all studies share.
    seed
        Seed of everything.
    signature, markers
        Shares of the genes that carry the signature, and that only mark a mission; disjoint.
    mission_sd
        SD over missions of a gene's log2 expression; markers have four times as much.
    animal_sd
        SD of the coordinated differences between animals (time of day, cell types), in log2.
    dispersion
        Of the negative binomial: variance = mean + dispersion * mean^2.
    reads_per_gene
        Mean library size divided by the number of genes.
    extras
        Whether some studies also have basal, centrifuge and vivarium animals, an excluded sample,
        spike-ins, version suffixes and gene ids of their own.
    """

    effects: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"liver": 0.5, "thymus": 0.0})
    )
    n_missions: int = 4
    n_samples: int = 6
    n_genes: int = 1500
    seed: int = 42
    signature: float = 0.1
    markers: float = 0.1
    mission_sd: float = 0.5
    animal_sd: float = 0.8
    dispersion: float = 0.08
    reads_per_gene: float = 1000.0
    extras: bool = True


@dataclass(frozen=True)
class Made:
    """Where the files of simulated studies are."""

    sheet: Path
    gene_sets: Mapping[str, Path]
    symbols: Path
    truth: Path


def parse_effects(text: str | None, tissues: tuple[str, ...]) -> dict[str, float]:
    """`1.0` for all tissues, or `liver=1,thymus=0`; None plants in the first tissue only.

    Raises
    ------
    InputError
        Anything else, and names of tissues that a sheet would refuse.
    """
    problems = [
        Problem("--tissues", f"'{t}' may hold only letters, digits, _ and -.")
        for t in tissues
        if not _TISSUE.fullmatch(t)
    ]
    if not tissues:
        problems.append(Problem("--tissues", "at least one tissue is needed."))
    default = Design().effects
    effects = dict(zip(tissues, [max(default.values()), *[0.0] * len(tissues)], strict=False))
    for part in (text or "").split(",") if text is not None else []:
        name, _, value = part.strip().rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            problems.append(Problem("--effect", f"'{value}' is not a number."))
        elif name and name not in tissues:
            problems.append(Problem("--effect", f"'{name}' is not one of {', '.join(tissues)}."))
        else:
            effects |= {name: number} if name else dict.fromkeys(tissues, number)
    if problems:
        raise InputError(problems)
    return effects


def write_studies(folder: Path, design: Design) -> Made:
    """Write study sheet, counts, samples tables, gene sets and symbols.

    `truth.json` beside them says which genes and sets were planted. The same design gives the same
    bytes.
    """
    genes = [f"ENSMUSG99{i:09d}" for i in range(1, design.n_genes + 1)]
    symbols = [f"Sim{i}" for i in range(1, design.n_genes + 1)]
    rng = _generator(design.seed, "genes")
    truth = plant(
        rng, design.n_genes, effect=1.0, signature=design.signature, markers=design.markers
    )
    level = rng.normal(0.0, 2.0, design.n_genes)  # log2; the genes of all tissues are alike
    sheet = ["tissue,mission,accession,counts,samples"]
    for tissue in design.effects:
        for number in range(1, design.n_missions + 1):
            mission, accession = f"SIM-{number}", f"{tissue.upper()}-{number}"
            study = _Study(
                tissue, number, accession, design, _generator(design.seed, tissue, mission)
            )
            counts, samples = study.files(genes, level, truth)
            where = f"{tissue}/{accession}"
            _write(folder / f"{where}/counts.csv.gz", counts)
            _write(folder / f"{where}/samples.csv", samples)
            sheet.append(
                f"{tissue},{mission},{accession},{where}/counts.csv.gz,{where}/samples.csv"
            )
    _write(folder / "studies.csv", "\n".join([*sheet, ""]))
    pairs = [f"{g},{s}" for g, s in zip(genes, symbols, strict=True) if int(g[-2:]) % 20]
    _write(folder / "symbols.csv", "\n".join(["gene_id,symbol", *pairs, ""]))
    sets = {
        "hallmark": _gene_sets(rng, "HALLMARK", 16, symbols, truth),
        "kegg": _gene_sets(rng, "KEGG", 24, symbols, truth),
    }
    for name, members in sets.items():
        lines = ["\t".join([label, "simulated", *of]) for label, of in members.items()]
        _write(folder / f"{name}.gmt", "\n".join([*lines, ""]))
    planted = {
        "effects": dict(design.effects),
        "seed": design.seed,
        "signature_up": [g for g, f in zip(genes, truth.fold_change, strict=True) if f > 0],
        "signature_down": [g for g, f in zip(genes, truth.fold_change, strict=True) if f < 0],
        "mission_markers": [g for g, m in zip(genes, truth.markers, strict=True) if m],
        "planted_sets": [s for of in sets.values() for s in of if "_PLANTED_" in s],
    }
    _write(folder / "truth.json", json.dumps(planted, indent=1) + "\n")
    return Made(
        sheet=folder / "studies.csv",
        gene_sets={name: folder / f"{name}.gmt" for name in sets},
        symbols=folder / "symbols.csv",
        truth=folder / "truth.json",
    )


def _generator(seed: int, *identity: str) -> np.random.Generator:
    """A generator of its own for each part, so that no part depends on which others are made."""
    return np.random.default_rng([seed, zlib.crc32("/".join(identity).encode())])


def _gene_sets(
    rng: np.random.Generator, collection: str, n_sets: int, symbols: list[str], truth: Truth
) -> dict[str, list[str]]:
    """Sets of 25 to 60 genes: of every four, one is mostly planted genes, one mostly markers."""
    sets = {}
    everything = np.arange(len(symbols))
    for number in range(1, n_sets + 1):
        size = min(int(rng.integers(25, 61)), len(symbols))
        kind = ("PLANTED", "MARKER", "RANDOM", "RANDOM")[number % 4]
        sign = 1 if number % 8 < 4 else -1
        core = {
            "PLANTED": np.flatnonzero(truth.fold_change * sign > 0),
            "MARKER": np.flatnonzero(truth.markers),
            "RANDOM": everything,
        }[kind]
        n_core = min(round(0.7 * size), len(core))
        members = rng.choice(core, n_core, replace=False)
        rest = rng.choice(np.setdiff1d(everything, members), size - n_core, replace=False)
        sets[f"{collection}_{kind}_{number}"] = [
            symbols[i] for i in sorted([*members.tolist(), *rest.tolist()])
        ]
    return sets


@dataclass(frozen=True)
class _Study:
    """One simulated study; its number decides which of the extras it has."""

    tissue: str
    number: int
    accession: str
    design: Design
    rng: np.random.Generator

    def files(self, genes: list[str], level: FloatArray, truth: Truth) -> tuple[str, str]:
        """Counts and samples as text."""
        design, rng = self.design, self.rng
        conditions = ["FLT"] * design.n_samples + ["GC"] * design.n_samples
        if design.extras:
            conditions += [c for c, n in (("BC", 1), ("AG", 2), ("VC", 3)) if n == self.number] * 2
        n = len(conditions)
        flown = np.array([c in ("FLT", "AG") for c in conditions], dtype=float)
        flown[[c == "AG" for c in conditions]] *= 0.5
        spread = np.where(truth.markers, 4 * design.mission_sd, design.mission_sd)
        log2 = level + rng.normal(0, 1, len(genes)) * spread
        log2 = log2 + np.outer(flown * design.effects[self.tissue], truth.fold_change)
        log2 += rng.normal(0, design.animal_sd, (n, 4)) @ rng.normal(0, 1, (4, len(genes))) / 2
        counts = self._draw(log2)
        ids = list(genes)
        if design.extras:
            ids, counts = self._extra_rows(ids, counts)
        names = [f"{self.accession}_{i:02d}" for i in rng.permutation(n) + 1]
        table = io.StringIO()
        table.write(",".join(["gene_id", *names]) + "\n")
        for gene, row in zip(ids, counts.T.tolist(), strict=True):
            table.write(",".join([gene, *(f"{v:.12g}" for v in row)]) + "\n")
        strain = rng.choice(["C57BL/6J", "C57BL/6N"], n)
        excluded = {n - 1: "low RNA quality"} if design.extras and self.number == 4 else {}
        lines = ["sample,condition,exclude,note,strain"]
        lines += [
            f"{names[i]},{conditions[i]},{excluded.get(i, '')},,{strain[i]}" for i in range(n)
        ]
        return table.getvalue(), "\n".join([*lines, ""])

    def _draw(self, log2: FloatArray) -> FloatArray:
        """Negative binomial counts; one in twenty has a fraction, as multi-mapped reads leave."""
        design, rng = self.design, self.rng
        share = 2.0**log2
        share /= share.sum(axis=1, keepdims=True)
        library = design.reads_per_gene * log2.shape[1] * np.exp(rng.normal(0, 0.25, len(log2)))
        mean = share * library[:, None]
        size = 1 / design.dispersion
        counts: FloatArray = rng.poisson(rng.gamma(size, mean / size)).astype(float)
        shared = (rng.random(counts.shape) < 0.05) & (counts > 0)
        counts[shared] += np.round(rng.random(int(shared.sum())), 2)
        return counts

    def _extra_rows(self, ids: list[str], counts: FloatArray) -> tuple[list[str], FloatArray]:
        """Ids of this study alone; spike-ins in the second; version suffixes in the third."""
        n, rng = len(counts), self.rng
        own = [f"ENSMUSG98{self.number:02d}{i:07d}" for i in range(1, 1 + max(1, len(ids) // 50))]
        added = [rng.poisson(20, (n, len(own))).astype(float)]
        if self.number == 3:
            ids = [f"{gene}.{1 + i % 9}" for i, gene in enumerate(ids)]
        ids = [*ids, *own]
        if self.number == 2:
            spikes = [f"ERCC-{i:05d}" for i in range(1, 93)]
            added.append(
                rng.poisson(rng.gamma(0.5, 500, len(spikes)), (n, len(spikes))).astype(float)
            )
            ids += spikes
        return ids, np.hstack([counts, *added])


def _write(path: Path, text: str) -> None:
    data = text.encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise InputError([Problem("--outdir", f"{path}: {error.strerror}.")]) from error
