"""The YAML and JSON files that a release is made from: read strictly, against their schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from spacebio_bench.errors import InputError, Problem


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice; dates stay text."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            msg = f"line {key_node.start_mark.line + 1}: the key {key!r} is there twice"
            raise yaml.YAMLError(msg)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: str(node.value))


def read_yaml(root: Path, name: str) -> Any:
    """A YAML file of the checkout.

    Raises
    ------
    InputError
        It is not there, not UTF-8 or not YAML, or a key is there twice.
    """
    text = read_text(root, name)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        raise InputError([Problem(name, f"is no YAML: {' '.join(str(error).split())}.")]) from error


def read_json(root: Path, name: str) -> Any:
    """A JSON file of the checkout; errors as of :func:`read_yaml`."""
    try:
        return json.loads(read_text(root, name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError([Problem(name, f"is no JSON: {error}.")]) from error


def read_text(root: Path, name: str) -> str:
    """A text file of the checkout; errors as of :func:`read_yaml`."""
    try:
        return (root / name).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError([Problem(name, f"cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise InputError([Problem(name, f"is not UTF-8 at byte {error.start}.")]) from error


def schema_problems(data: Any, *, schema: Any, name: str) -> list[Problem]:
    """Everything in which data break a JSON Schema (draft 2020-12, formats included)."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    found = sorted(validator.iter_errors(data), key=lambda error: [str(p) for p in error.path])
    return [
        Problem(f"{name}, {place(error.absolute_path)}", f"{error.message[:300]}.")
        for error in found
    ]


def place(path: Any) -> str:
    """`lanes[2].status`, of the parts of a path."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "top level"


def read_valid(root: Path, name: str, *, schema_name: str) -> Any:
    """A YAML or JSON file that its schema accepts.

    Raises
    ------
    InputError
        As of :func:`read_yaml`, and everything that the schema does not accept.
    """
    data = read_json(root, name) if name.endswith(".json") else read_yaml(root, name)
    problems = schema_problems(data, schema=read_json(root, schema_name), name=name)
    if problems:
        raise InputError(problems)
    return data
