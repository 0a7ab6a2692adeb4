"""What the Python scripts that stages call have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable

from spacebio_bench.errors import InputError


def run_stage(one: Callable[[list[str]], None]) -> None:
    """Run `one` on the options, or on each part of them between `--next`; a user's mistake ends it.

    Loading the libraries takes longer than many a mission, so several share a process.
    """
    runs: list[list[str]] = [[]]
    for argument in sys.argv[1:]:
        if argument == "--next":
            runs.append([])
        else:
            runs[-1].append(argument)
    try:
        for arguments in runs:
            one(arguments)
    except InputError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        sys.exit(2)
