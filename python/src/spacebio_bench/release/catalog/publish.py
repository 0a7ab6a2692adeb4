"""The upload plan of the catalog, without any network."""

from __future__ import annotations

from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.catalog import names
from spacebio_bench.release.catalog.build import catalog_problems, make_catalog
from spacebio_bench.release.upload_plan import (
    PlannedFile,
    UploadPlan,
    by_repo_path,
    digests,
    local_name,
    planned_card,
    repo_problems,
)

TASK = "catalog"
"""What a plan of the catalog has in place of a task."""


def plan_catalog(root: Path, *, repo_id: str, card: Path) -> UploadPlan:
    """The plan of the catalog as it lies in a checkout.

    Parameters
    ----------
    root
        The checkout; `Path()` makes a plan that is the same on every machine.
    card
        The file that becomes README.md of the repository.

    Raises
    ------
    InputError
        Everything that differs from what the catalog's inputs make; no card; no such repository.
    """
    problems = list(repo_problems(repo_id))
    if not card.is_file():
        what = "is not there; `spacebio-bench release cards` writes it."
        problems.append(Problem(card.as_posix(), what))
    catalog = make_catalog(root)
    problems += catalog_problems(root, catalog)
    if problems:
        raise InputError(problems)
    folder = (root / names.DERIVED).as_posix()
    planned = [planned_card(card)]
    for name in catalog.files:
        measured = digests(root / name)
        path = Path(name).relative_to(names.DERIVED).as_posix()
        local = local_name(folder, path)
        planned.append(PlannedFile(path, local, measured.bytes, measured.sha256, _reason(path)))
    return UploadPlan(
        repo_id=repo_id,
        task=TASK,
        scope=("manifests",),
        folder=folder,
        card=card.as_posix(),
        files=by_repo_path(planned),
    )


def _reason(path: str) -> str:
    if path in (names.PACKAGE, names.PAGE):
        return "describes the catalog" if path == names.PACKAGE else "searches the catalog"
    return "folds of a task" if path.startswith("manifests/") else "table of the catalog"
