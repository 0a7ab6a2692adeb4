"""Tissues and missions of a study: told by columns, ids, comments, the API or the catalog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spacebio_bench.osdr.conditions import load_rules
from spacebio_bench.osdr.isa_groups import mission_in, tissue_of

from ._source import FOUR, a_source, message, only, parts_of


@pytest.mark.parametrize(
    ("material", "tissue"),
    [
        ("Left eye", "eye"),
        ("Retina", "eye"),
        ("Dorsal Skin", "skin"),
        ("femoral skin", "skin"),
        ("Left Lobe of Liver", "liver"),
        ("Right Kidney", "kidney"),
        ("left lung lobe", "lung"),
        ("Left gastrocnemius muscle", "gastrocnemius"),
        ("Left extensor digitorum longus", "extensor_digitorum_longus"),
        ("Right Tibialis Anterior", "tibialis_anterior"),
        ("Hypothalamus", "hypothalamus"),
        ("Right optic nerve", "optic_nerve"),
        ("", ""),
    ],
)
def test_tissue(material: str, tissue: str) -> None:
    assert tissue_of(material, load_rules()) == tissue


# Vehicles by the missions they carried: SpaceX-4 RR-1, SpaceX-8 RR-3; SpaceX-12 RR-9 and MHU-2.
@pytest.mark.parametrize(
    ("texts", "mission"),
    [
        (["Rodent Research-1 (RR1)"], "RR-1"),
        (["RR-09"], "RR-9"),
        (["RR9_TMS_FLT_F1"], "RR-9"),
        (["Mmus_C57-6J_TMS_MHU2_FLT_uG_Rep1"], "MHU-2"),
        (["MHU-8_RTN_FLT_FLT02"], "MHU-8"),
        (["SpaceX-4"], "RR-1"),
        (["SpaceX-8, SpaceX-9"], "RR-3"),
        (["SpaceX-12"], ""),
        (["RR-1", "RR-3"], ""),
        (["Mmus_C57-6J_EYE_FLT_Rep1_M23"], ""),
        (["ERR-1234"], ""),
        ([], ""),
    ],
)
def test_mission(texts: list[str], mission: str) -> None:
    assert mission_in(texts, load_rules().mission) == mission


def test_missions_of_one_study_by_column_and_by_id(tmp_path: Path) -> None:
    by_column = FOUR.assign(mission=["MHU-1", "MHU 2", "Mouse Habitat Unit-1", "MHU-2"])
    by_id = FOUR.assign(sample=[f"TMS_MHU{1 + i % 2}_{i}" for i in range(4)])
    for samples in (by_column, by_id):
        source = a_source(tmp_path, samples, vehicle="SpaceX-9, SpaceX-12", project="")
        parts = parts_of(source, wanted=[("eye", "MHU-2"), ("eye", "MHU-1")])
        assert [part.mission for part in parts] == ["MHU-1", "MHU-2"]
        assert [list(part.samples["sample"]) for part in parts] == [
            list(samples["sample"][::2]),
            list(samples["sample"][1::2]),
        ]


def test_what_is_not_wanted_is_left_out_and_said(tmp_path: Path) -> None:
    samples = FOUR.assign(
        material=["eye", "eye", "liver", "liver"],
        spaceflight=["Space Flight", "Ground Control", "who knows", "who knows"],
    )
    part = only(parts_of(a_source(tmp_path, samples), wanted=[("eye", "RR-1")]))
    assert len(part.samples) == 2
    assert "OSD-1: 2 samples (liver of RR-1) are not wanted; left out." in part.notes


def test_a_mission_that_only_the_catalog_knows(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR, project="", vehicle="SpaceX-12")
    part = only(parts_of(source, wanted=[("eye", "RR-9")]))
    assert part.mission == "RR-9"
    assert any("the catalog says RR-9" in note for note in part.notes)
    assert "named" not in message(source)
    assert "the mission of Mmus" in message(source)
    assert "cannot" in message(
        a_source(tmp_path, FOUR.assign(mission=["RR-1", "RR-1", "", ""]), project="", vehicle=""),
        [("eye", "RR-1")],
    )


def test_the_mission_of_the_api(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR, project="", vehicle="")
    answer = {"OSD-1": {"metadata": {"mission": {"name": ["SpaceX-16"]}, "title": "RR-2"}}}
    assert only(parts_of(replace(source, metadata=answer))).mission == "RR-8"


def test_own_rules_name_a_mission(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'version: "1"\nstudies: {OSD-1: {mission: BION-M1, tissue: retina}}\n', encoding="utf-8"
    )
    source = a_source(tmp_path, FOUR, project="", vehicle="")
    part = only(parts_of(source, rules=load_rules(own)))
    assert (part.tissue, part.mission) == ("retina", "BION-M1")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([("skin", "RR-1")], "has no sample of tissue skin; there is eye"),
        ([("eye", "RR-9")], "has no sample of eye told to be of mission RR-9; there is RR-1"),
    ],
)
def test_wanted_and_not_there(tmp_path: Path, wanted: list[tuple[str, str]], text: str) -> None:
    assert text in message(a_source(tmp_path, FOUR), wanted)
