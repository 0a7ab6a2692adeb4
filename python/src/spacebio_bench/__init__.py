"""Does a learned biological signature hold in a study it has never seen?"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_FROM = {"load_fold": "spacebio_bench.release.folds.load"}
"""Imported when they are asked for: importing the package itself stays instant."""


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_FROM[name]), name)
