"""Recorded texts to conditions: the order of the rules matters, an unknown text has no rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.osdr.conditions import load_rules

RULES = load_rules()


@dataclass(frozen=True)
class Case:
    spaceflight: str
    gravity: str
    condition: str | None


# What OSDR writes, and the conditions that the studies' own sample ids and the published benchmark
# (GeneLab_benchmark, keyword table of its quality filter) give them.
CASES = {
    "flight": Case("Space Flight", "", "FLT"),
    "flight, one word": Case("Spaceflight", "", "FLT"),
    "flight in microgravity": Case("Space Flight", "uG", "FLT"),
    "flight in microgravity, micro sign": Case("Space Flight", "µG", "FLT"),
    "centrifuge before flight": Case("Space Flight", "1G by centrifugation", "AG"),
    "part of 1 g": Case("Space Flight", "0.33G by centrifugation", "AG"),
    "centrifuge, other word": Case("Space Flight", "1/6G with centrifugation", "AG"),
    "in one text": Case("Space.Flight...1G.by.centrifugation", "", "AG"),
    "1 g in flight can only be a centrifuge": Case("Space Flight", "1G", "AG"),
    "ground": Case("Ground Control", "", "GC"),
    "ground at 1 g": Case("Ground Control", "1G on Earth", "GC"),
    "ground, dots": Case("Ground.Control", "", "GC"),
    "habitat ground": Case("Habitat Ground Control", "", "GC"),
    "published: 1g on earth": Case("1G on Earth", "", "GC"),
    "cohort control": Case("Cohort Control 1", "", "GC"),
    "cohort control by id": Case("CC_C57-6J", "", "GC"),
    "vivarium": Case("Vivarium Control", "", "VC"),
    "vivarium before ground": Case("Vivarium Ground Control", "", "VC"),
    "viv": Case("viv", "", "VC"),
    "basal": Case("Basal Control", "", "BC"),
    "baseline": Case("Baseline", "", "BC"),
    "nothing recorded": Case("", "", None),
    "another word": Case("Flight?", "", None),
    "a centrifuge on the ground": Case("Ground Control", "2G by centrifugation", None),
    "a centrifuge on the ground, one text": Case("Ground Control 2G by centrifugation", "", None),
    "flight at an unknown gravity": Case("Space Flight", "partial", None),
    "not flight": Case("Non-flight", "", None),
    "flight hardware on the ground": Case("Flight Hardware Ground Control", "", "GC"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_condition(case: Case) -> None:
    rule = load_rules().condition(case.spaceflight, case.gravity)
    assert (rule.condition if rule else None) == case.condition


@given(
    st.sampled_from(["space flight", "ground control", "basal control", "vivarium control"]),
    st.sampled_from([" ", ".", "_", "  "]),
    st.sampled_from([str.upper, str.title, str.lower]),
)
def test_case_and_gaps_do_not_matter(text: str, gap: str, spelt: object) -> None:
    assert RULES.condition(spelt(text).replace(" ", gap), "") is RULES.condition(text, "")


@pytest.mark.parametrize(
    ("factor", "value", "refused"),
    [
        ("Hindlimb Unloading", "Hindlimb Unloaded", True),
        ("Hindlimb Unloading", "Normally Loaded Control", False),
        ("Hindlimb Suspension", "suspended", True),
        ("Ionizing Radiation", "cobalt-57 gamma radiation", True),
        ("Ionizing Radiation", "non-irradiated", False),
        ("Dissection Condition", "Carcass", False),
    ],
)
def test_treatments_that_are_not_ours(factor: str, value: str, refused: bool) -> None:
    assert (load_rules().refusal(factor, value) is not None) == refused


def test_own_rules_come_first(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'version: "mine"\nconditions:\n  - {condition: GC, spaceflight: "space flight"}\n'
        '  - {condition: VC, spaceflight: "colony.*"}\n',
        encoding="utf-8",
    )
    rules = load_rules(own)
    found = [rules.condition(text, "") for text in ("Space Flight", "Colony 2", "Basal Control")]
    assert [rule and rule.condition for rule in found] == ["GC", "VC", "BC"]
    assert rules.version.startswith("mine (sha256 ")
    assert rules.version.endswith(f" before {RULES.version}")


def test_version_changes_with_the_rules(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text('version: "x"\n', encoding="utf-8")
    other.write_text('version: "x"\nspaceflight: ["Factor Value[Flown]"]\n', encoding="utf-8")
    assert len({load_rules(one).version, load_rules(other).version, RULES.version}) == 3


MISSION = 'version: "1"\nmission: {columns: [], investigation: [], api: [], vehicles: {}, names: {'
FAULTS = {
    "no file": (None, "cannot be read"),
    "no YAML": ("version: [", "is not readable YAML"),
    "no version": ("columns: {}\n", "'version' is a required property"),
    "a list": ("- 1\n", "is not of type 'object'"),
    "unknown condition": (
        'version: "1"\nconditions: [{condition: CTRL, spaceflight: x}]\n',
        "'CTRL' is not one of",
    ),
    "broken pattern": (
        'version: "1"\nconditions: [{condition: GC, spaceflight: "(x"}]\n',
        "is not a 'regex'",
    ),
    "mission without a number": (
        MISSION + '"RR-{}": "rodent"}}\n',
        "does not match",
    ),
    "reserved column": ('version: "1"\ncolumns: {condition: [X]}\n', "should not be valid"),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_rule_file(tmp_path: Path, text: str | None, message: str) -> None:
    own = tmp_path / "own.yaml"
    if text is not None:
        own.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_rules(own)


def test_all_faults_of_a_rule_file_at_once(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("conditions: [{condition: CTRL}]\nfurther: 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_rules(own)
    assert len(caught.value.problems) >= 3
