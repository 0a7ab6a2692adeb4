"""Gene-set files made ready for a study: read, mapped from human to mouse, coverage told."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, listing, shown
from spacebio_bench.cohort.gene_sets import GeneSets, read_gene_sets
from spacebio_bench.cohort.orthologs import Orthologs, read_orthologs
from spacebio_bench.cohort.symbols import read_symbols
from spacebio_bench.cohort.textfile import check_file
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import check_target, write_text

COVERAGE = "coverage.csv"
COLUMNS = ("collection", "set", "genes_given", "genes_unmapped", "genes", "genes_known", "coverage")


@dataclass(frozen=True)
class Mapped:
    """One file of gene sets after mapping.

    Attributes
    ----------
    given
        Sets as the file has them.
    sets
        Sets with mouse symbols; those left without any gene are not among them.
    unmapped
        Genes without an ortholog, in bytewise order.
    known
        Symbols of the studies; None where no table of symbols was given.
    """

    name: str
    given: GeneSets
    sets: GeneSets
    unmapped: tuple[str, ...]
    known: frozenset[str] | None

    @property
    def genes(self) -> set[str]:
        """Every gene of the mapped sets."""
        return {gene for _, members in self.sets.values() for gene in members}

    @property
    def empty(self) -> list[str]:
        """Sets that mapping left without a gene."""
        return [name for name in self.given if name not in self.sets]

    @property
    def coverage(self) -> float | None:
        """Share of the genes that are known."""
        if self.known is None:
            return None
        return len(self.genes & self.known) / len(self.genes)

    def summary(self) -> dict[str, object]:
        """Numbers of this file, for people and for JSON."""
        given = {gene for _, members in self.given.values() for gene in members}
        return {
            "name": self.name,
            "sets_given": len(self.given),
            "sets": len(self.sets),
            "sets_empty": self.empty,
            "genes_given": len(given),
            "genes": len(self.genes),
            "species": species_of(given),
            "unmapped": list(self.unmapped),
            "coverage": self.coverage,
        }


def species_of(symbols: Collection[str]) -> str:
    """`human` where most symbols are in capitals, as HGNC writes them, else `mouse`."""
    upper = sum(symbol.upper() == symbol for symbol in symbols)
    return "human" if 2 * upper > len(symbols) else "mouse"


def map_sets(sets: GeneSets, orthologs: Orthologs) -> tuple[GeneSets, tuple[str, ...]]:
    """Sets with the mouse orthologs of their genes, and the genes that have none.

    A human gene with several orthologs brings all of them; the order is that of the set and each
    symbol is there once. A set without any ortholog is left out.
    """
    mapped: GeneSets = {}
    unmapped: set[str] = set()
    for name, (description, genes) in sets.items():
        mice = dict.fromkeys(mouse for gene in genes for mouse in orthologs.get(gene, ()))
        unmapped |= {gene for gene in genes if gene not in orthologs}
        if mice:
            mapped[name] = (description, list(mice))
    return mapped, tuple(sorted(unmapped))


def map_files(
    paths: Sequence[Path], *, orthologs: Path | None = None, symbols: Path | None = None
) -> tuple[list[Mapped], list[str]]:
    """Read and map files of gene sets; also what was put right while reading.

    Raises
    ------
    InputError
        Everything wrong with any of the files.
    """
    findings = Findings()
    table = read_orthologs(orthologs, findings) if orthologs is not None else None
    pairs = read_symbols(symbols, findings) if symbols is not None else None
    known = frozenset(symbol for _, symbol in pairs) if pairs is not None else None
    mapped = []
    seen: dict[str, Path] = {}
    for path in paths:
        name = collection_name(path)
        other = seen.setdefault(name, path)
        if other is not path:
            what = f"would be written as {name}.gmt like {other}. Give the file another name."
            findings.wrong(str(path), what)
        if not check_file(path, "FILE", str(path), findings):
            continue
        sets = read_gene_sets(path, name, findings)
        if sets is None:
            continue
        if not sets:
            findings.wrong(str(path), "holds no gene set.")
            continue
        mapped.append(_mapped(name, sets, table, known, orthologs, path, findings))
    findings.raise_if_any()
    return mapped, findings.notes


def _mapped(
    name: str,
    sets: GeneSets,
    table: Orthologs | None,
    known: frozenset[str] | None,
    orthologs: Path | None,
    path: Path,
    findings: Findings,
) -> Mapped:
    if table is None:
        return Mapped(name, sets, sets, (), known)
    result, unmapped = map_sets(sets, table)
    if not result:
        species = species_of(unmapped)
        advice = " Leave --orthologs out." if species == "mouse" else ""
        what = (
            f"none of its {len(unmapped):,} genes ({listing(unmapped, 3)}) is a human symbol of "
            f"{orthologs}; they look like {species} symbols.{advice}"
        )
        findings.wrong(str(path), what)
    return Mapped(name, sets, result, unmapped, known)


def collection_name(path: Path) -> str:
    """A file's name without its endings .gz and .gmt."""
    return path.name.removesuffix(".gz").removesuffix(".gmt")


def write_sets(outdir: Path, mapped: Sequence[Mapped], inputs: Sequence[Path]) -> list[Path]:
    """Write a GMT file per collection and the coverage of every set.

    Raises
    ------
    InputError
        The folder cannot be made, or a file to write is one of the inputs.
    """
    texts = {outdir / f"{one.name}.gmt": gmt_text(one.sets) for one in mapped}
    texts[outdir / COVERAGE] = coverage_text(mapped)
    given = {path.resolve() for path in inputs}
    own = [Problem("--outdir", f"{p} is an input.") for p in texts if p.resolve() in given]
    if own:
        raise InputError(own)
    try:
        outdir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"{shown(str(outdir), 200)} cannot be made: {error.strerror}."
        raise InputError([Problem("--outdir", what)]) from error
    for path in texts:
        check_target(path)
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def gmt_text(sets: GeneSets) -> str:
    """Sets in GMT form: name, description and genes, tabs between."""
    return "".join(
        "\t".join([name, description, *genes]) + "\n" for name, (description, genes) in sets.items()
    )


def coverage_text(mapped: Sequence[Mapped]) -> str:
    """CSV with a row per set, sorted bytewise; coverage is empty where no symbols were given."""
    rows = sorted(
        (row for one in mapped for row in _coverage_rows(one)),
        key=lambda row: tuple(cell.encode() for cell in (row["collection"], row["set"])),
    )
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _coverage_rows(one: Mapped) -> list[dict[str, str]]:
    lost = set(one.unmapped)
    rows = []
    for name, (_, given) in one.given.items():
        genes = one.sets.get(name, ("", []))[1]
        n_known = None if one.known is None else len(set(genes) & one.known)
        rows.append(
            {
                "collection": one.name,
                "set": name,
                "genes_given": str(len(given)),
                "genes_unmapped": str(sum(gene in lost for gene in given)),
                "genes": str(len(genes)),
                "genes_known": "" if n_known is None else str(n_known),
                "coverage": "" if n_known is None or not genes else repr(n_known / len(genes)),
            }
        )
    return rows
