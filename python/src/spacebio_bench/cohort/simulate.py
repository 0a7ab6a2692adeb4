"""Simulated cohorts whose truth is known: as files for the whole chain, as arrays for statistics."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.typing import BoolArray, FloatArray, IntArray

_TISSUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
Text = np.ndarray[tuple[int], np.dtype[np.str_]]


@dataclass(frozen=True)
class Design:
    """What is simulated.

    Attributes
    ----------
    effects
        Tissue -> flight signature: log2 fold change of the signature genes, the same in all missions; 0 is a null
        cohort.
    n_missions
        Missions of each tissue.
    n_samples
        Samples per mission and group (FLT, GC).
    n_genes
        Genes that all studies share.
    seed
        Seed of everything.
    signature, markers
        Shares of the genes that carry the flight signature, and that only mark a mission; they do not overlap.
    mission_sd
        SD over missions of a gene's log2 expression; markers have four times as much.
    animal_sd
        SD of the coordinated differences between animals (time of day, cell composition), in log2.
    dispersion
        Negative binomial dispersion: variance = mean + dispersion * mean^2.
    reads_per_gene
        Mean library size divided by the number of genes.
    extras
        Whether some studies also have basal, vivarium and centrifuge animals, an excluded sample, spike-ins, version
        suffixes, ids of their own, and a strain column.
    """

    effects: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"liver": 1.0, "thymus": 1.0})
    )
    n_missions: int = 4
    n_samples: int = 6
    n_genes: int = 2000
    seed: int = 42
    signature: float = 0.1
    markers: float = 0.1
    mission_sd: float = 0.5
    animal_sd: float = 0.35
    dispersion: float = 0.08
    reads_per_gene: float = 1000.0
    extras: bool = True


DEMO = Design(effects=MappingProxyType({"liver": 1.0, "thymus": 0.0}), n_genes=1500)
"""Two small tissues: one with a flight signature, one without."""


@dataclass(frozen=True)
class Made:
    """Where the files of a simulated cohort are."""

    sheet: Path
    gene_sets: Mapping[str, Path]
    symbols: Path
    truth: Path


@dataclass(frozen=True)
class Truth:
    """What was planted in a tissue: boolean masks over the shared genes, and the log2 fold change of each, (n_genes,)."""

    signature: BoolArray
    markers: BoolArray
    fold_change: FloatArray


@dataclass(frozen=True)
class SimulatedCohort:
    """A cohort as arrays.

    Attributes
    ----------
    x
        log2 expression, shape (n_samples, n_genes).
    labels
        1 flight, 0 ground, shape (n_samples,).
    missions, strata
        Mission and stratum (`a`, `b`) of each sample, shape (n_samples,).
    truth
        What was planted.
    """

    x: FloatArray
    labels: IntArray
    missions: Text
    strata: Text
    truth: Truth


def simulate_cohort(
    *,
    group_sizes: tuple[tuple[int, int], ...] = ((6, 6), (6, 6), (6, 6), (6, 6)),
    n_genes: int = 200,
    effect: float = 0.0,
    effect_sd: float = 0.0,
    signature: float = 0.1,
    mission_sd: float = 1.0,
    noise_sd: float = 1.0,
    n_factors: int = 3,
    factor_sd: float = 0.5,
    strain_confounding: float = 0.0,
    strain_sd: float = 1.0,
    decimals: int | None = None,
    seed: int | np.random.SeedSequence = 42,
) -> SimulatedCohort:
    """Draw a cohort on the log scale, quickly.

    Parameters
    ----------
    group_sizes
        (flight, ground) samples of each mission.
    n_genes
        Columns.
    effect, effect_sd
        Mean flight effect on signature genes, and its SD over missions (heterogeneity), in units of `noise_sd` = 1.
    signature
        Share of genes with the effect.
    mission_sd
        SD of a gene's mean over missions.
    noise_sd
        SD of independent noise.
    n_factors, factor_sd
        Hidden factors that vary between samples and load on all genes: correlation between genes.
    strain_confounding
        0: the stratum is drawn by a coin for every sample; 1: it equals the label. Within every mission.
    strain_sd
        SD over genes of the difference between strata; without confounding and with 0 strata do nothing.
    decimals
        Round expression to so many decimals, which makes ties.
    seed
        Seed, or a spawned sequence.

    Returns
    -------
    Samples ordered by mission, flight first.
    """
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.repeat([1, 0], sizes) for sizes in group_sizes]).astype(np.intp)
    mission = np.repeat(np.arange(len(group_sizes)), [sum(sizes) for sizes in group_sizes])
    n = len(labels)
    truth = _plant(rng, n_genes, effect, signature, 0.0)
    shift = rng.normal(0, mission_sd, (len(group_sizes), n_genes))
    strength = 1 + (rng.normal(0, effect_sd / effect, len(group_sizes)) if effect else 0) * np.ones(
        len(group_sizes)
    )
    stratum = np.where(rng.random(n) < strain_confounding, labels, rng.integers(0, 2, n))
    x = shift[mission] + rng.normal(0, noise_sd, (n, n_genes))
    x += rng.normal(0, factor_sd, (n, n_factors)) @ rng.normal(0, 1, (n_factors, n_genes))
    x += np.outer(labels * strength[mission], truth.fold_change)
    if strain_confounding or strain_sd:
        x += np.outer(stratum, rng.normal(0, strain_sd if strain_confounding else 0.0, n_genes))
    if decimals is not None:
        x = np.round(x, decimals)
    return SimulatedCohort(
        x=x,
        labels=labels,
        missions=np.array([f"SIM-{m + 1}" for m in mission]),
        strata=np.array(["a", "b"])[stratum],
        truth=truth,
    )


def _plant(
    rng: np.random.Generator, n_genes: int, effect: float, signature: float, markers: float
) -> Truth:
    order = rng.permutation(n_genes)
    n_signature, n_markers = round(signature * n_genes), round(markers * n_genes)
    chosen, marking = np.zeros((2, n_genes), dtype=bool)
    chosen[order[:n_signature]] = True
    marking[order[n_signature : n_signature + n_markers]] = True
    sign = rng.choice([-1.0, 1.0], n_genes)
    return Truth(chosen, marking, np.where(chosen, effect * sign, 0.0))


def parse_effects(text: str, tissues: tuple[str, ...]) -> dict[str, float]:
    """`1.0` for all tissues, or `liver=1,thymus=0`; InputError at anything else."""
    problems = []
    effects: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.rpartition("=")
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
    problems += [
        Problem("--tissues", f"'{t}' may hold only letters, digits, _ and -.")
        for t in tissues
        if not _TISSUE.fullmatch(t)
    ]
    if not tissues:
        problems.append(Problem("--tissues", "at least one tissue is needed."))
    if not problems and len(effects) < len(tissues):
        lacking = ", ".join(t for t in tissues if t not in effects)
        problems.append(Problem("--effect", f"nothing is given for {lacking}."))
    if problems:
        raise InputError(problems)
    return {t: effects[t] for t in tissues}


def write_studies(folder: Path, design: Design) -> Made:
    """Write a simulated cohort as a user would bring it: study sheet, counts, samples, gene sets, symbols.

    `truth.json` beside them says which genes and sets were planted. The same design gives the same bytes.
    """
    seeds = np.random.SeedSequence(design.seed).spawn(len(design.effects) + 1)
    genes = [f"ENSMUSG99{i:09d}" for i in range(1, design.n_genes + 1)]
    symbols = [f"Sim{i}" for i in range(1, design.n_genes + 1)]
    rng = np.random.default_rng(seeds[0])
    truth = _plant(rng, design.n_genes, 1.0, design.signature, design.markers)
    level = rng.normal(0.0, 2.0, design.n_genes)  # log2; the genes of all tissues are alike
    sheet = ["tissue,mission,accession,counts,samples"]
    for tissue, seed in zip(design.effects, seeds[1:], strict=True):
        for number, mission_seed in enumerate(seed.spawn(design.n_missions), start=1):
            mission, accession = f"SIM-{number}", f"{tissue.upper()}-{number}"
            study = _Study(tissue, number, accession, design, np.random.default_rng(mission_seed))
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
        _write(folder / f"gene_sets/{name}.gmt", "\n".join([*lines, ""]))
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
        gene_sets={name: folder / f"gene_sets/{name}.gmt" for name in sets},
        symbols=folder / "symbols.csv",
        truth=folder / "truth.json",
    )


def _gene_sets(
    rng: np.random.Generator, collection: str, n_sets: int, symbols: list[str], truth: Truth
) -> dict[str, list[str]]:
    """Sets of 15 to 60 genes; of every four one is mostly planted genes of one direction, one mostly markers."""
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
        """Negative binomial counts; one in twenty has the fraction that reads of several genes leave."""
        design, rng = self.design, self.rng
        share = 2.0**log2
        share /= share.sum(axis=1, keepdims=True)
        library = design.reads_per_gene * log2.shape[1] * np.exp(rng.normal(0, 0.25, len(log2)))
        mean = share * library[:, None]
        size = 1 / design.dispersion
        counts = rng.poisson(rng.gamma(size, mean / size)).astype(float)
        shared = (rng.random(counts.shape) < 0.05) & (counts > 0)
        return np.where(shared, counts + np.round(rng.random(counts.shape), 2), counts)

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
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
