"""The metadata catalog is what its inputs make, and others' libraries can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from spacebio_bench.errors import NotApplicableError, Problem
from spacebio_bench.release.catalog.build import catalog_problems, make_catalog
from spacebio_bench.release.catalog.card import card_problems
from spacebio_bench.release.catalog.names import CARD, DERIVED
from spacebio_bench.release.folds.validators import validate_frictionless
from spacebio_bench.release.gates._gate import Context, Finding, green, red, reds, yellow

_READERS: Mapping[str, Callable[[Path], list[Problem]]] = {
    "Frictionless": lambda root: validate_frictionless(root / DERIVED),
    "Hugging Face dataset card": card_problems,
}


def catalog_gate(context: Context) -> Iterator[Finding]:
    """Make it once more and compare; then ask the two libraries."""
    catalog = make_catalog(context.root)
    problems = catalog_problems(context.root, catalog)
    yield from reds(problems)
    if not problems:
        rows = ", ".join(f"{len(rows)} {name}" for name, rows in catalog.tables.items())
        yield green(DERIVED, f"{len(catalog.files)} files are what they should be: {rows}")
    for name, read in _READERS.items():
        context.tell(f"{name} looks at it")
        try:
            found = read(context.root)
        except NotApplicableError as error:
            yield yellow(name, f"not asked: {error}")
            continue
        yield from (red(f"{name}: {problem.where}", problem.what) for problem in found)
        if not found:
            yield green(CARD if read is card_problems else name, f"accepted by {name}")
