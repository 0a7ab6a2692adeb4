"""`--root` of the verbs that look at a checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def root_option(function: F) -> F:
    """`--root`: the checkout, this folder where it is not given."""
    return click.option(
        "--root",
        default=Path(),
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="The checkout. [default: this folder]",
    )(function)
