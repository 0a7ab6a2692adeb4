"""Files of plans: what is read, what is refused, where none is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.release.upload_plan import UploadPlan, check_local, read_plan, write_plan


@dataclass(frozen=True)
class Bad:
    """A change of a plan, and what is said about it."""

    change: Callable[[dict[str, Any]], object]
    message: str


def change_first(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["files"][0].update(values)


BAD = {
    "other format": Bad(lambda d: d.update(format="plan 2"), "format: 'spacebio-bench upload pl"),
    "unknown key": Bad(lambda d: d.update(more=1), "'more' was unexpected"),
    "missing key": Bad(lambda d: d.pop("repo_id"), "'repo_id' is a required property"),
    "a model": Bad(lambda d: d.update(repo_type="model"), "'dataset' was expected"),
    "no digest": Bad(change_first(sha256="x"), "files[0].sha256: 'x' does not match"),
    "negative size": Bad(change_first(bytes=-1), "files[0].bytes: -1 is less"),
    "deletes": Bad(change_first(action="delete"), "files[0].action: 'upload' was expected"),
    "absolute": Bad(change_first(repo_path="/etc/passwd"), "'/etc/passwd' is an absolute path"),
    "leads out": Bad(change_first(repo_path="a/../../b"), "leaves the release with '..'"),
    "git's own": Bad(change_first(repo_path=".git/config"), "is git's own"),
    "another local file": Bad(
        change_first(local_path="/etc/passwd"), "'/etc/passwd' should be 'folds/A5_skin_lomo"
    ),
    "twice": Bad(lambda d: d["files"].append(d["files"][0]), "is there 2 times"),
    "no files": Bad(lambda d: d.update(files=[]), "files: []"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_what_is_no_plan(case: Bad, plan: UploadPlan) -> None:
    data = json.loads(plan.to_json())
    case.change(data)
    Path("plan.json").write_text(json.dumps(data))
    with pytest.raises(InputError) as caught:
        read_plan(Path("plan.json"))
    assert case.message in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "9" * 5000, "null", '"x"', "\ufeff{}"])
def test_what_is_no_json(text: str, folder: Path) -> None:
    Path("plan.json").write_text(text)
    with pytest.raises(InputError, match=r"plan\.json"):
        read_plan(Path("plan.json"))


def test_plans_that_cannot_be_read(folder: Path) -> None:
    Path("plan.json").write_bytes(b"\xff\xfe")
    for name in ("plan.json", "none.json", "docs"):
        with pytest.raises(InputError, match=name):
            read_plan(Path(name))


@settings(max_examples=60, deadline=None)
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["format", "files", "task", "scope"]), inner)
        ),
        max_leaves=10,
    )
)
def test_any_json_is_a_plan_or_is_refused(data: Any, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("any") / "plan.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError):
        read_plan(path)


def test_places_where_no_plan_is_written(plan: UploadPlan, folder: Path) -> None:
    for where, message in {
        "none/plan.json": "its folder is not there",
        "docs": "is a folder",
        "folds/plan.json": "is in the fold package",
    }.items():
        with pytest.raises(InputError, match=message):
            write_plan(plan, Path(where))
    assert not (folder / "folds" / "plan.json").exists()


def test_a_link_out_of_the_package_is_not_sent(plan: UploadPlan, folder: Path) -> None:
    path = folder / "folds" / "A5_skin_lomo" / "task_info.json"
    path.rename(folder / "elsewhere.json")
    path.symlink_to(folder / "elsewhere.json")
    with pytest.raises(InputError, match="is a link that leaves the fold package"):
        check_local(plan, root=Path())
