"""Made studies: an archive and a counts file whose columns may differ."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.osdr.conditions import Rules, load_rules
from spacebio_bench.osdr.tables import Part, Source, make_parts

from .isa_made import write_isa_zip

RULES = load_rules()


def frame(conditions: Sequence[str], **columns: Sequence[str]) -> pd.DataFrame:
    names = [f"Mmus_C57-6J_EYE_{c}_Rep{i}_M{i}" for i, c in enumerate(conditions, start=1)]
    return pd.DataFrame({"sample": names, "condition": list(conditions)} | columns)


FOUR = frame(["FLT", "FLT", "GC", "GC"])


def a_source(
    folder: Path, samples: pd.DataFrame, *, names: Sequence[str] | None = None, **options: object
) -> Source:
    """An archive of `samples`, and counts whose columns are `names` (default: the samples)."""
    isa, counts = folder / "OSD-1_ISA.zip", folder / "counts.csv"
    options.setdefault("accession", "OSD-1")
    write_isa_zip(isa, samples, **options)
    header = list(samples["sample"]) if names is None else list(names)
    rows = [[f"ENSMUSG{g:011}", *(f"{g * 10 + i}.50" for i in range(len(header)))] for g in (1, 2)]
    with counts.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["", *header], *rows])
    return Source("OSD-1", isa, counts, "GLDS-1_Unnormalized_Counts.csv", {})


def parts_of(
    source: Source, *, wanted: Sequence[tuple[str, str]] | None = None, rules: Rules = RULES
) -> tuple[Part, ...]:
    """The parts by the package's rules, or others."""
    return make_parts(source, wanted=wanted, rules=rules)


def only(parts: tuple[Part, ...]) -> Part:
    assert len(parts) == 1
    return parts[0]


def message(source: Source, wanted: Sequence[tuple[str, str]] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        parts_of(source, wanted=wanted)
    return str(caught.value)
