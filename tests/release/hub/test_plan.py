"""Plans: what they hold, that they are the same each time, and all that stops one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.release.hub_plan import ALL, build_plan
from spacebio_bench.release.upload_plan import (
    UploadPlan,
    check_local,
    digests,
    plan_schema,
    read_plan,
    write_plan,
)

from ._small import write_list
from ._store import REPO

CARD = Path("docs/hf_dataset_card.md")
FOLDS = Path("folds")
MADE_BY = "`spacebio-bench release folds --cohorts <stores> --outdir folds` makes it."


def of(task: str, *, folds: Path = FOLDS, repo: str = REPO) -> UploadPlan:
    return build_plan(folds, task, repo_id=repo, card=CARD)


def test_a_plan_has_the_task_the_descriptions_and_the_card(plan: UploadPlan) -> None:
    expected = {
        path.relative_to("folds").as_posix()
        for path in FOLDS.rglob("*")
        if path.is_file() and (path.parent == FOLDS or path.parts[1] == "A5_skin_lomo")
    }
    assert {file.repo_path for file in plan.files} == {*expected, "README.md"}
    for file in plan.files:
        content = Path(file.local_path).read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    reasons = {file.repo_path: file.reason for file in plan.files}
    assert reasons["README.md"] == "dataset card"
    assert reasons["croissant.json"] == "describes the package"
    assert reasons["checksums.json"] == "lists the files of the package"
    assert reasons["A5_skin_lomo/task_info.json"] == "describes the task A5"
    assert reasons["A5_skin_lomo/fold_RR-7_test/train_X.csv"] == "fold data of A5"
    names = [os.fsencode(file.repo_path) for file in plan.files]
    assert names == sorted(names)


def test_all_tasks(folder: Path) -> None:
    plan = of("all")
    assert plan.scope == ("A5_skin_lomo", "A6_eye_lomo", "B5_skin_cross_mission")
    assert len(plan.files) == sum(path.is_file() for path in FOLDS.rglob("*")) + 1


@pytest.mark.parametrize("name", ["A5", "a5", " A5_skin_lomo "])
def test_names_of_a_task_give_the_same_plan(name: str, plan: UploadPlan) -> None:
    assert of(name) == plan


def test_the_same_bytes_and_back_again(plan: UploadPlan, folder: Path) -> None:
    write_plan(plan, folder / "one.json")
    write_plan(of("A5"), folder / "two.json")
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    assert read_plan(Path("one.json")) == plan
    assert not list(folder.glob(".*"))
    data = json.loads(Path("one.json").read_text())
    jsonschema.validate(data, plan_schema())
    assert str(folder) not in Path("one.json").read_text()


def test_an_absolute_package_is_as_it_was_given(folder: Path) -> None:
    plan = of("A6", folds=folder / "folds")
    write_plan(plan, folder / "plan.json")
    read = read_plan(folder / "plan.json")
    assert all(
        file.local_path.startswith("/") for file in read.files if file.reason != "dataset card"
    )
    assert check_local(read, root=Path()).keys() == {file.repo_path for file in plan.files}


def test_digests_are_those_of_git(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git")
    path = tmp_path / "x"
    path.write_bytes(b"\x00abc\n" * 500_000)
    told = subprocess.run(
        ["git", "hash-object", "--no-filters", str(path)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert digests(path).git_sha1 == told.stdout.strip()
    assert digests(path).bytes == 2_500_000


@dataclass(frozen=True)
class Missing:
    """What is broken, and the lines that tell of it."""

    broken: Callable[[Path], object]
    lines: tuple[str, ...]
    task: str = "A5"


def both(root: Path) -> None:
    (root / "folds/A5_skin_lomo/fold_RR-7_test/train_X.csv").unlink()
    (root / "folds/A5_skin_lomo/fold_RR-6_test/test_y.parquet").write_bytes(b"short")
    (root / "folds/croissant.json").unlink()
    (root / "docs/hf_dataset_card.md").unlink()


def forgotten(root: Path) -> None:
    (root / "folds/A5_skin_lomo/fold_RR-7_test/test_meta.csv").unlink()
    (root / "folds/datapackage.json").unlink()
    write_list(root / "folds")


def linked(root: Path) -> None:
    path = root / "folds/A5_skin_lomo/task_info.json"
    path.rename(root / "elsewhere.json")
    path.symlink_to(root / "elsewhere.json")


IS_NOT_THERE = f"is not there; {MADE_BY}"
MISSING = {
    "files and the card": Missing(
        both,
        (
            f"folds/A5_skin_lomo/fold_RR-7_test/train_X.csv: {IS_NOT_THERE}",
            "folds/A5_skin_lomo/fold_RR-6_test/test_y.parquet: has 5 bytes, ",
            f"folds/croissant.json: {IS_NOT_THERE}",
            "docs/hf_dataset_card.md: is not there; `spacebio-bench release cards` writes it.",
            "4 problems; nothing was run.",
        ),
    ),
    "files that the list forgets, too": Missing(
        forgotten,
        (
            "folds/A5_skin_lomo/fold_RR-7_test/test_meta.csv: is not listed in checksums.json",
            "folds/datapackage.json: is not listed in checksums.json",
            MADE_BY,
            "2 problems; nothing was run.",
        ),
    ),
    "a link that leads out": Missing(
        linked,
        ("folds/A5_skin_lomo/task_info.json: is a link that leaves the package; ",),
    ),
    "no package": Missing(
        lambda root: shutil.rmtree(root / "folds"),
        (
            f"folds/checksums.json: {IS_NOT_THERE}",
            f"folds/ro-crate-metadata.json: {IS_NOT_THERE}",
            f"folds/A5_skin_lomo/task_info.json: {IS_NOT_THERE}",
            f"folds/A5_skin_lomo/fold_<mission>_test/train_X.csv: {IS_NOT_THERE}",
            f"folds/A5_skin_lomo/fold_<mission>_test/selected_genes.txt: {IS_NOT_THERE}",
            "19 problems; nothing was run.",
        ),
    ),
    "no list, and a fold without a file": Missing(
        lambda root: (
            (root / "folds/checksums.json").unlink(),
            shutil.rmtree(root / "folds/A5_skin_lomo/fold_RR-7_test"),
        ),
        (
            f"folds/checksums.json: {IS_NOT_THERE}",
            f"folds/A5_skin_lomo/fold_RR-7_test/test_X.parquet: {IS_NOT_THERE}",
        ),
    ),
    "a task that the package has not": Missing(
        lambda root: None,
        (
            "--task, in folds: there is no task 'B1'",
            f"folds/B1_liver_cross_mission/pair_<train>_<test>/train_y.csv: {IS_NOT_THERE}",
        ),
        task="B1",
    ),
    "a tissue without a published number": Missing(
        lambda root: None,
        ("there is no task 'A9'", f"folds/A9_<tissue>_lomo/task_info.json: {IS_NOT_THERE}"),
        task="A9",
    ),
    "no package, all tasks": Missing(
        lambda root: shutil.rmtree(root / "folds"),
        (f"folds/<task>/task_info.json: {IS_NOT_THERE}",),
        task=ALL,
    ),
    "no task": Missing(lambda root: None, ("--task: 'liver' is no task",), task="liver"),
}


@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING.keys())
def test_everything_that_is_missing_is_named(case: Missing, folder: Path) -> None:
    case.broken(folder)
    with pytest.raises(InputError) as caught:
        of(case.task)
    for line in case.lines:
        assert line in str(caught.value)


@pytest.mark.parametrize("name", ["", "space", "lab/", "/space", "a/b/c", "la b/space", "x" * 97])
def test_names_that_are_no_repository(name: str, folder: Path) -> None:
    with pytest.raises(InputError, match=r"--repo: .* is no repository: give owner/name"):
        of("A5", repo=name)
