"""Tables of two runs: the same bytes on one CPU type, the contract's tolerances on others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.release.compare import Comparison, compare_results
from spacebio_bench.release.run_facts import facts_of_release, facts_of_run

from ._results import STORE, edit, write_manifest, write_run


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    return write_run(tmp_path / "old", released=True), write_run(tmp_path / "new")


def _compare(old: Path, new: Path, *, part: bool = False) -> Comparison:
    facts = (facts_of_release(old), facts_of_run(new))
    return compare_results(old, new, facts=facts, part=part)


def test_equal_runs_of_one_machine_are_compared_by_bytes(runs: tuple[Path, Path]) -> None:
    found = _compare(*runs)
    assert found.exact
    assert found.differences == ()
    assert found.told == (
        "4 of 4 rows of cells.csv",
        "2 of 2 rows of folds.csv",
        "2 of 2 rows of comparisons.csv",
        "2 files of predictions and nulls by digest",
    )


@dataclass(frozen=True)
class Case:
    """An edit of one table of the rerun; what is told on this CPU type, and on another."""

    file: str
    old: str
    new: str
    same: str
    other: str  # empty: nothing differs


P = "the release has {}, the rerun {}"
CASES = {
    "last digit of kNN": Case(
        "cells.csv", "0.8125,", "0.81250005,", P.format(0.8125, 0.81250005), ""
    ),
    "kNN": Case(
        "cells.csv", "0.8125,", "0.8126,", P.format(0.8125, 0.8126), "0.0001 apart, more than 1e-06"
    ),
    "fold of kNN": Case(
        "folds.csv",
        "0.8,,",
        "0.81,,",
        "gene/knn, fold_A_test, value",
        "0.01 apart, more than 1e-06",
    ),
    "boosting within its SD": Case("cells.csv", ",0.7,", ",0.709,", P.format(0.7, 0.709), ""),
    "boosting beyond it": Case(
        "cells.csv", ",0.7,", ",0.711,", P.format(0.7, 0.711), "more than the seed-to-seed SD 0.01"
    ),
    "boosting, a fold": Case(
        "folds.csv", "0.72,", "0.75,", P.format(0.72, 0.75), "more than the seed-to-seed SD 0.02"
    ),
    "p": Case("cells.csv", ",0.02,0.02", ",0.03,0.02", "p_value: " + P.format(0.02, 0.03), ""),
    "status": Case(
        "cells.csv", "pca_lr,ok", "pca_lr,failed", P.format("ok", "failed"), "pca_lr, status: the"
    ),
    "count": Case("folds.csv", "10,5,100", "10,5,99", P.format(100, 99), P.format(100, 99)),
    "missing value": Case(
        "cells.csv", ",0.75,", ",,", P.format(0.75, "nothing"), "0.75, the rerun"
    ),
    "no number": Case("cells.csv", ",0.75,", ",x,", P.format(0.75, "x"), "the rerun x"),
    "NaN": Case("cells.csv", ",0.75,", ",nan,", P.format(0.75, "nan"), "more than 1e-06"),
    "missing row": Case(
        "folds.csv",
        "t.lomo/gene/knn,",
        "t.lomo/gene/lfc,",
        "was not computed again",
        "not in the release",
    ),
    "comparison": Case(
        "comparisons.csv", "0.0625", "0.07", "model, knn, pca_lr, sign_flip, difference", ""
    ),
    "clusters": Case("comparisons.csv", ",4,", ",5,", "n_clusters", "n_clusters"),
    "line ends": Case(
        "folds.csv", "\n", "\r\n", "line 1: has the same values written in other", ""
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("same", [True, False], ids=["same CPU type", "another"])
def test_what_differs_is_named(case: Case, same: bool, tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", released=True)
    new = write_run(tmp_path / "new", **({} if same else {"cpu": "Another"}))
    path = new / case.file
    text = path.read_text()
    assert case.old in text
    path.write_bytes(text.replace(case.old, case.new).encode())
    found = _compare(old, new)
    assert found.exact is same
    told = "\n".join(map(str, found.differences))
    expected = case.same if same else case.other
    assert expected in told
    assert bool(told) is bool(expected)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cpu": "Another"}, "CPU type x86_64 / Another / Haswell instead of x86_64 / Some CPU"),
        ({"blas": ["openblas 0.3.30 Zen"]}, "x86_64 / Some CPU / Zen instead of"),
        ({"machine": "aarch64"}, "aarch64"),
        ({"lock_digest": "b" * 64}, "lock bbbbbbbbbbbb instead of aaaaaaaaaaaa"),
    ],
)
def test_another_machine_is_told_and_compared_within_tolerances(
    change: dict[str, object], why: str, tmp_path: Path
) -> None:
    old = write_run(tmp_path / "old", released=True)
    found = _compare(old, write_run(tmp_path / "new", **change))
    assert not found.exact
    assert why in found.why
    assert found.differences == ()


def test_a_seed_to_seed_sd_excuses_no_model_without_a_seed(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", released=True)
    new = write_run(tmp_path / "new", cpu="Another")
    for folder, value in ((old, "0.8125"), (new, "0.81")):
        edit(folder / "cells.csv", "0.8125,,", f"{value},0.5,")
    (told,) = _compare(old, new).differences
    assert "more than 1e-06" in str(told)


def test_versions_of_blas_are_no_cpu_type(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", released=True)
    new = write_run(tmp_path / "new", blas=["openblas 0.3.31 Haswell", "openblas 0.3.30 Haswell"])
    assert _compare(old, new).exact


def test_nulls_are_compared_by_digest(runs: tuple[Path, Path]) -> None:
    write_manifest(runs[1], {"predictions.parquet": "1", "nulls.zarr/a": "9", STORE: "3"})
    (told,) = _compare(*runs).differences
    assert str(told) == "nulls.zarr/a, sha256: the release has 2, the rerun 9."


def test_stores_of_other_content_cannot_give_the_same_bytes(runs: tuple[Path, Path]) -> None:
    write_manifest(runs[1], {"predictions.parquet": "7", STORE: "9"})
    found = _compare(*runs)
    assert not found.exact
    assert found.why == "stores of other content"


def test_a_part_is_compared_without_what_depends_on_the_rest(runs: tuple[Path, Path]) -> None:
    old, new = runs
    edit(new / "cells.csv", ",0.01,0.02", ",0.01,0.01")
    edit(new / "cells.csv", "t.lomo/gene/pca_lr,ok,auroc,2,20,10,0.75,,0.02,0.02\n", "")
    (new / "comparisons.csv").unlink()
    assert len(_compare(old, new, part=True).told) == 2
    assert _compare(old, new, part=True).differences == ()
    edit(new / "cells.csv", "0.8125", "0.8")
    assert len(_compare(old, new, part=True).differences) == 1


def test_tables_that_cannot_be_read_are_told_together(runs: tuple[Path, Path]) -> None:
    old, new = runs
    (new / "cells.csv").unlink()
    (new / "folds.csv").write_text("cell,fold\na,b,c\n")
    (old / "comparisons.csv").write_text("x\n")
    with pytest.raises(InputError) as error:
        _compare(old, new)
    assert len(error.value.problems) == 3


def test_a_row_that_is_there_twice_is_refused(runs: tuple[Path, Path]) -> None:
    path = runs[1] / "comparisons.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(InputError, match="rows of the same by, a, b, method"):
        _compare(*runs)


def test_a_run_that_tells_no_cpu_is_refused(runs: tuple[Path, Path]) -> None:
    (runs[0] / "run.json").write_text('{"environment": {"cpu": 1}}')
    with pytest.raises(InputError, match="does not tell machine, cpu, lock_digest"):
        facts_of_release(runs[0])
