"""Strain as the sample ids say where they disagree with the record."""

from __future__ import annotations

import pytest

from spacebio_bench.osdr.conditions import load_rules
from spacebio_bench.osdr.strains import Strain, strain_of

CODES = load_rules().strains


@pytest.mark.parametrize(
    ("sample", "recorded", "strain", "kept_record"),
    [
        ("Mmus_BAL-TAL_EYE_FLT_Rep1_F1", "C57BL/6J", "BALB/cAnNTac", "C57BL/6J"),
        ("Mmus_BAL.TAL_EYE_FLT_Rep1_F1", "C57BL/6J", "BALB/cAnNTac", "C57BL/6J"),
        ("Mmus_BAL-TAL_EYE_FLT_Rep1_F1", "BALB/c", "BALB/c", ""),
        ("Mmus_C57-6J_EYE_FLT_Rep1_M23", "C57BL/6J", "C57BL/6J", ""),
        ("Mmus_C57-6J_EYE_FLT_Rep1_M23", "C57BL/6", "C57BL/6", ""),
        ("Mmus_C57-6T_LVR_FLT_Rep1_F1", "C57BL/6NTac", "C57BL/6NTac", ""),
        ("Mmus_C57-6T_LVR_FLT_Rep1_F1", "C57BL/6J", "C57BL/6NTac", "C57BL/6J"),
        ("Mmus_C57-6CR_TMS_MHU1_GC_1G_Rep1", "C57BL/6J", "C57BL/6CR", "C57BL/6J"),
        ("Mmus_C3H-HeJ_KDN_BSL_0days_Rep1_B2", "C3H/HeJ", "C3H/HeJ", ""),
        ("Mmus_C57-6N_SKN_FLT_Rep1", "", "C57BL/6N", ""),
        ("GSM3932693", "C57BL/6J", "C57BL/6J", ""),
        ("GSM3932693", "", "", ""),
        ("RR9_TMS_FLT_F1", "C57BL/6J", "C57BL/6J", ""),
    ],
)
def test_strain(sample: str, recorded: str, strain: str, kept_record: str) -> None:
    found = strain_of(sample, recorded, CODES)
    assert (found.strain, found.recorded) == (strain, kept_record)
    assert bool(found.note) == (found.strain != recorded)


def test_the_note_names_the_record() -> None:
    found = strain_of("Mmus_BAL-TAL_EYE_FLT_Rep1_F1", "C57BL/6J", CODES)
    note = "strain by the sample id; C57BL/6J is recorded"
    assert found == Strain("BALB/cAnNTac", "C57BL/6J", note)
