"""The parameters of a run: names, types and defaults stand in `nextflow_schema.json` alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from spacebio_bench.errors import InputError, Problem

_WHOLE = re.compile(r"[+-]?\d+")


@cache
def parameter_schema() -> dict[str, Any]:
    """The schema as it stands in the file."""
    source = resources.files("spacebio_bench") / "nextflow_schema.json"
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


@cache
def parameter_entries() -> dict[str, dict[str, Any]]:
    """What the schema says of each parameter, by name."""
    groups = parameter_schema()["$defs"].values()
    return {name: entry for group in groups for name, entry in group["properties"].items()}


def parameter_names() -> tuple[str, ...]:
    """Names of all parameters, in the order of the schema."""
    return tuple(parameter_entries())


def default_parameters() -> dict[str, Any]:
    """Every parameter with its default; None where it has none."""
    return {name: entry.get("default") for name, entry in parameter_entries().items()}


def validate_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check parameters and fill in the defaults.

    Numbers may come as text and text as numbers, as a command line gives them; None means not
    given.

    Parameters
    ----------
    given
        Parameters by name.

    Returns
    -------
    All parameters in the order of the schema, of the schema's types; None where nothing is given
    and no default exists.

    Raises
    ------
    InputError
        Unknown names and wrong values, all of them.
    """
    entries = parameter_entries()
    problems = [_unknown(name) for name in given if name not in entries]
    typed = {
        name: _coerced(given[name], entry["type"])
        for name, entry in entries.items()
        if given.get(name) is not None
    }
    validator = Draft202012Validator(parameter_schema())
    problems += [_wrong(error) for error in sorted(validator.iter_errors(typed), key=_place)]
    if problems:
        raise InputError(problems)
    return default_parameters() | typed


def read_parameters(path: Path) -> dict[str, Any]:
    """Read a JSON file of parameters, unchecked; InputError where it is not a JSON object."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise InputError([Problem(str(path), "is not UTF-8 text.")]) from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = f", row {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError([Problem(f"{path}{where}", f"is not JSON: {error}.")]) from error
    if not isinstance(data, dict):
        raise InputError([Problem(str(path), "must hold one JSON object of parameters.")])
    return data


def names_in(value: str | None) -> tuple[str, ...]:
    """The names of a comma-separated list; () where nothing is given."""
    return tuple(filter(None, (name.strip() for name in (value or "").split(","))))


def _coerced(value: Any, kind: str) -> Any:
    if kind == "integer" and isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if (
        kind == "string"
        and isinstance(value, list | tuple)
        and all(isinstance(v, str) for v in value)
    ):
        return ",".join(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _unknown(name: str) -> Problem:
    plain = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).replace("-", "_").lower()
    close = get_close_matches(plain, parameter_names(), n=1)
    hint = f"Did you mean --{close[0]}?" if close else f"There are {', '.join(parameter_names())}."
    return Problem(f"--{name}", f"is not a parameter. {hint}")


def _place(error: ValidationError) -> tuple[str, str]:
    return (str(error.absolute_path[0]) if error.absolute_path else "", str(error.validator))


def _wrong(error: ValidationError) -> Problem:
    name = str(error.absolute_path[0])
    entry = parameter_entries()[name]
    value = error.instance
    kinds = {"integer": "a whole number", "string": "text", "boolean": "true or false"}
    match error.validator:
        case "type" if value is True:
            what = "has no value."
        case "type":
            what = f"{kinds[entry['type']]} is needed, not {json.dumps(value, default=str)}."
        case "enum":
            what = f"'{value}' is not one of {', '.join(entry['enum'])}."
        case "minimum":
            what = f"{value} is below {entry['minimum']}."
        case "maximum":
            what = f"{value} is above {entry['maximum']}."
        case _:
            what = f"'{value}' is not of the form that is needed. {entry['description']}"
    return Problem(f"--{name}", what)
