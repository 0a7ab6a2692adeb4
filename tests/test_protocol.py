"""Protocols: the frozen ones, and everything that is wrong with one of a user's, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from spacebio_bench.errors import InputError
from spacebio_bench.models import model_names
from spacebio_bench.protocol import (
    load_protocol,
    protocol_from_dict,
    protocol_names,
    write_protocol,
)


@pytest.mark.parametrize("name", ["calibrated", "v1", "v4"])
def test_a_protocol_survives_its_file(name: str, tmp_path: Path) -> None:
    protocol = load_protocol(name)
    write_protocol(protocol, tmp_path / "p.yaml")
    again = load_protocol(tmp_path / "p.yaml")
    assert again == protocol
    assert again.digest == protocol.digest
    first = (tmp_path / "p.yaml").read_text().splitlines()[0]
    assert first == f"# digest {protocol.digest}"
    assert set(protocol.models) <= set(model_names())


def test_names_are_those_of_the_files() -> None:
    assert protocol_names() == ("calibrated", "v1", "v4")


@dataclass(frozen=True)
class Rule:
    protocol: str
    labels: dict[str, int | None]


RULES = [
    Rule("v1", {"FLT": 1, "GC": 0, "VC": 0, "BC": None, "AG": None}),
    Rule("v4", {"FLT": 1, "GC": 0, "VC": 0, "BC": 0, "AG": None}),
    Rule("calibrated", {"FLT": 1, "GC": 0, "VC": 0, "BC": None, "AG": None}),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.protocol)
def test_label_rules(rule: Rule) -> None:
    labels = load_protocol(rule.protocol).labels
    assert {c: labels.label(c) for c in rule.labels} == rule.labels


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(data: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            data = data[name]
        data[last] = value

    return apply


WRONG = {
    "unknown choice": (change("genes.universe", "all"), "genes.universe: 'all' is not one of"),
    "wrong type": (change("folds.min_test", "four"), "folds.min_test: int is needed, not 'four'"),
    "a truth value is no number": (change("fold_sd_ddof", True), "fold_sd_ddof: int is needed"),
    "unknown entry": (change("genes.colour", 1), "genes.colour: is not an entry of a protocol"),
    "not a list": (change("labels.positive", "FLT"), "labels.positive: a list is needed"),
    "not a mapping": (change("inference", 3), "inference: a mapping of Inference entries"),
    "no default": (change("inference.labelings", {"rf": 9}), "an entry `default` is missing"),
}


@pytest.mark.parametrize(("apply", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(apply: Callable[[dict[str, Any]], None], message: str) -> None:
    data = load_protocol("calibrated").to_dict()
    apply(data)
    with pytest.raises(InputError, match=r"1 problem;") as error:
        protocol_from_dict(data, where="mine.yaml")
    assert message in str(error.value)
    assert str(error.value).startswith("mine.yaml")


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    data = load_protocol("v1").to_dict()
    change("genes.universe", "all")(data)
    change("sample_order", "random")(data)
    del data["scaling"]
    (tmp_path / "p.yaml").write_text(yaml.safe_dump(data))
    with pytest.raises(InputError, match="3 problems"):
        load_protocol(tmp_path / "p.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: [", "is not YAML"), (b"\xff\xfe\x00", "cannot be read"), (b"", "a mapping of Protocol")],
)
def test_a_file_that_is_no_protocol(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_protocol(tmp_path / "p.yaml")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(InputError, match="'v2' is not one of calibrated, v1, v4"):
        load_protocol("v2")
