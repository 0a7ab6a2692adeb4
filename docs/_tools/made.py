"""Parts of pages that are made from the code: parameters, columns, protocols, the catalog.

A page has a line `<!-- made: NAME -->` where the part goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import catalog
import columns
import parameters
import protocols

PARTS: dict[str, Callable[[], str]] = {
    "parameters": parameters.text,
    "columns": columns.text,
    "catalog": catalog.text,
    "protocols": protocols.text,
}
_PLACE = re.compile(r"^<!-- made: (\w+) -->$", re.MULTILINE)


def fill(*sphinx: Any) -> None:
    """Put the parts into the source of a page as it is read."""
    source: list[str] = sphinx[-1]
    source[0] = _PLACE.sub(lambda found: PARTS[found[1]](), source[0])
