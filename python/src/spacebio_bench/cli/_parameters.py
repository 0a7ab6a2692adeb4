"""Options of a verb that are parameters of the pipeline, as the schema has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from spacebio_bench.parameters import parameter_entries

F = TypeVar("F", bound=Callable[..., Any])
_TYPES: dict[str, Any] = {"integer": click.INT, "string": click.STRING, "boolean": click.BOOL}


def parameter_options(*names: str, **defaults: Any) -> Callable[[F], F]:
    """`--name` for each of these parameters; `defaults` replace those of the schema."""

    def decorate(function: F) -> F:
        for name in reversed(names):
            function = _option(name, **defaults)(function)
        return function

    return decorate


def _option(name: str, **defaults: Any) -> Callable[[F], F]:
    entry = parameter_entries()[name]
    kind = _TYPES[entry["type"]]
    if "enum" in entry:
        kind = click.Choice(entry["enum"])
    elif "minimum" in entry or "maximum" in entry:
        kind = click.IntRange(entry.get("minimum"), entry.get("maximum"))
    default = defaults.get(name, entry.get("default"))
    return click.option(
        f"--{name}",
        name,
        default=default,
        show_default=default is not None,
        type=kind,
        help=entry["description"],
    )
