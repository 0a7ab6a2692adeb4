"""Strain of a sample: as recorded, unless its id says another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spacebio_bench.osdr.conditions import StrainCode


@dataclass(frozen=True)
class Strain:
    """The strain to use, the record where another one is used, and why."""

    strain: str
    recorded: str = ""
    note: str = ""


def strain_of(sample: str, recorded: str, codes: Mapping[str, StrainCode]) -> Strain:
    """Strain of one sample.

    Parameters
    ----------
    sample
        Id such as `Mmus_BAL-TAL_EYE_FLT_Rep1_F1`; R writes its `-` as a dot.
    recorded
        What the study table says; "" where it says nothing.
    codes
        Codes of ids, in capitals.
    """
    parts = (part.replace(".", "-").upper() for part in sample.split("_"))
    code = next((codes[part] for part in parts if part in codes), None)
    if code is None:
        return Strain(recorded)
    if not recorded:
        return Strain(code.strain, note="strain by the sample id; none is recorded")
    if code.same.fullmatch(recorded):
        return Strain(recorded)
    return Strain(code.strain, recorded, f"strain by the sample id; {recorded} is recorded")
