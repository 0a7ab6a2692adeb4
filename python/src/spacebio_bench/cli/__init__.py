"""The command line: one file per verb; parse, call, print, no science."""

from __future__ import annotations

from spacebio_bench.cli._main import main

__all__ = ["main"]
