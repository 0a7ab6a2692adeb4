"""The declared rules that turn ISA tables into samples tables: conditions, columns, names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from spacebio_bench.errors import InputError, Problem

Pattern = re.Pattern[str]
_GAPS = re.compile(r"[\s._]+")


def words(text: str) -> str:
    """A text as rules see it: lower case, runs of blanks, dots and underscores as one blank."""
    return _GAPS.sub(" ", text).strip().casefold()


@dataclass(frozen=True)
class Rule:
    """A condition, and the recorded texts it stands for; None: whatever they say."""

    condition: str
    spaceflight: Pattern | None
    gravity: Pattern | None
    note: str

    def matches(self, spaceflight: str, gravity: str) -> bool:
        """Whether both recorded texts are those of this rule."""
        pairs = ((self.spaceflight, spaceflight), (self.gravity, gravity))
        return all(p is None or p.fullmatch(words(text)) for p, text in pairs)


@dataclass(frozen=True)
class Refusal:
    """A treatment that is not a condition of this benchmark: factor and values, and why."""

    factor: Pattern
    value: Pattern
    reason: str


@dataclass(frozen=True)
class StrainCode:
    """What a code of a sample id says, and the records that say the same."""

    strain: str
    same: Pattern


@dataclass(frozen=True)
class MissionRules:
    """Where a mission may be recorded, and how its name is spelt."""

    columns: tuple[str, ...]
    investigation: tuple[str, ...]
    api: frozenset[str]
    names: Mapping[str, Pattern]
    vehicles: Mapping[str, str]


@dataclass(frozen=True)
class Rules:
    """All rules, in the order in which they are tried; `version` names them with their digest."""

    version: str
    measurement: Pattern
    technology: Pattern
    spaceflight: tuple[str, ...]
    gravity: tuple[str, ...]
    refused: tuple[Refusal, ...]
    conditions: tuple[Rule, ...]
    missing: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    strains: Mapping[str, StrainCode]
    tissues: Mapping[str, Pattern]
    mission: MissionRules
    studies: Mapping[str, Mapping[str, str]]

    def condition(self, spaceflight: str, gravity: str) -> Rule | None:
        """The first rule that matches what is recorded; None where there is none."""
        return next((r for r in self.conditions if r.matches(spaceflight, gravity)), None)

    def refusal(self, factor: str, value: str) -> str | None:
        """Why a factor's value is not a condition of this benchmark; None where it may be."""
        for refusal in self.refused:
            if refusal.factor.fullmatch(words(factor)) and refusal.value.fullmatch(words(value)):
                return refusal.reason
        return None


def load_rules(own: Path | None = None) -> Rules:
    """The package's rules; those of a file of one's own are tried before them.

    Raises
    ------
    InputError
        The file is not readable YAML or does not fit the schema; everything wrong at once.
    """
    text = (_folder() / "conditions.yaml").read_text(encoding="utf-8")
    given = _parsed(text, "conditions.yaml")
    version = _version(given, text)
    if own is not None:
        own_text = _text_of(own)
        own_rules = _parsed(own_text, str(own))
        version = f"{_version(own_rules, own_text)} before {version}"
        given = _joined(own_rules, given)
    return _compiled(given, version)


def _folder() -> Traversable:
    return resources.files("spacebio_bench") / "osdr"


def _version(given: Mapping[str, Any], text: str) -> str:
    return f"{given['version']} (sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]})"


def _joined(own: Any, base: Any) -> Any:
    """Rules of one's own first: lists put before lists, tables joined, single values replaced."""
    if isinstance(own, dict) and isinstance(base, dict):
        both = {k: _joined(v, base[k]) if k in base else v for k, v in own.items()}
        return both | {k: v for k, v in base.items() if k not in own}
    if isinstance(own, list) and isinstance(base, list):
        return [*own, *base]
    return own


def _compiled(given: Mapping[str, Any], version: str) -> Rules:
    mission = given["mission"]
    return Rules(
        version=version,
        measurement=_pattern(given["assay"]["measurement"]),
        technology=_pattern(given["assay"]["technology"]),
        spaceflight=tuple(given["spaceflight"]),
        gravity=tuple(given["gravity"]),
        refused=tuple(
            Refusal(_pattern(r["factor"]), _pattern(r["value"]), r["reason"])
            for r in given["refused"]
        ),
        conditions=tuple(
            Rule(
                r["condition"],
                _pattern(r["spaceflight"]) if "spaceflight" in r else None,
                _pattern(r["gravity"]) if "gravity" in r else None,
                r.get("note", ""),
            )
            for r in given["conditions"]
        ),
        missing=frozenset(map(words, given["missing"])),
        columns={name: tuple(headers) for name, headers in given["columns"].items()},
        strains={
            code.upper(): StrainCode(s["strain"], _pattern(s["same"]))
            for code, s in given["strains"].items()
        },
        tissues={name: _pattern(p) for name, p in given["tissues"].items()},
        mission=MissionRules(
            columns=tuple(mission["columns"]),
            investigation=tuple(mission["investigation"]),
            api=frozenset(map(words, mission["api"])),
            names={name: _pattern(p) for name, p in mission["names"].items()},
            vehicles={words(vehicle): name for vehicle, name in mission["vehicles"].items()},
        ),
        studies=given["studies"],
    )


def _pattern(text: str) -> Pattern:
    return re.compile(text, re.IGNORECASE)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError([Problem(str(path), f"cannot be read: {reason}.")]) from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = " ".join(str(error).split())
        raise InputError([Problem(name, f"is not readable YAML: {what}.")]) from error
    schema = json.loads((_folder() / "conditions.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    problems = [
        Problem(", ".join([name, *map(str, error.absolute_path)]), f"{error.message}.")
        for error in validator.iter_errors(given)
    ]
    if problems:
        raise InputError(sorted(problems))
    assert isinstance(given, dict)
    return given
