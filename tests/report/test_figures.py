"""Figures: colours that can be told apart, numbers that are those of the tables, no network."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import vl_convert
from scipy import stats

from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._nulls import N_BINS, summarise
from spacebio_bench.report._ranks import with_ranks
from spacebio_bench.report._results import Row, read_results
from spacebio_bench.report.figures._colour import ink_on, luminance, shade
from spacebio_bench.report.figures._drawing import draw, steady_ids
from spacebio_bench.report.figures._figure import CONDITION_COLOURS, OKABE_ITO
from spacebio_bench.report.figures.forest import forest
from spacebio_bench.report.figures.heatmap import heatmap
from spacebio_bench.report.figures.ranks import rank_intervals

from ._results import FEATURES, write_results

MACHADO_DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
"""Machado, Oliveira & Fernandes 2009, severity 1, on linear sRGB."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    made = write_results(tmp_path_factory.mktemp("run"), n_labelings=19)
    return board.leaderboard(read_results(made.results))


def _contrast(a: float, b: float) -> float:
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def test_numbers_on_tiles_can_be_read_on_every_colour() -> None:
    for value in np.linspace(0, 1, 201):
        ink = 0.0 if ink_on(float(value)) == "#000000" else 1.0
        assert _contrast(ink, luminance(shade(float(value)))) >= 4.5


@pytest.mark.parametrize(
    ("colour", "expected"), [((255, 255, 255), 1.0), ((0, 0, 0), 0.0), ((119, 119, 119), 0.184475)]
)
def test_luminance_is_that_of_wcag(colour: tuple[float, float, float], expected: float) -> None:
    """#777 on white is the known 4.48 to 1."""
    assert luminance(colour) == pytest.approx(expected, abs=1e-5)


def _lab(colour: str) -> np.ndarray:
    """CIE L*a*b* of a colour as someone with deuteranopia sees it."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(MACHADO_DEUTERANOPIA @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ seen / np.array([0.9505, 1, 1.089]) + 1e-9)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("palette", [OKABE_ITO[:4], tuple(CONDITION_COLOURS.values())])
def test_categories_differ_for_colour_blind_readers(palette: tuple[str, ...]) -> None:
    for a, b in itertools.combinations(palette, 2):
        assert np.linalg.norm(_lab(a) - _lab(b)) > 10, (a, b)


def test_below_and_above_chance_differ_for_colour_blind_readers() -> None:
    for distance in (0.15, 0.3, 0.5):
        hexes = [
            "#" + "".join(f"{round(c):02x}" for c in shade(v))
            for v in (0.5 - distance, 0.5 + distance)
        ]
        assert np.linalg.norm(_lab(hexes[0]) - _lab(hexes[1])) > 20


def test_pictures_are_drawn_without_fetching(rows: list[Row], tmp_path: Path) -> None:
    figure = heatmap(rows, features=list(FEATURES), models=["knn", "rf", "tabnet"])
    drawing = draw(figure, tmp_path)
    png = (tmp_path / "leaderboard.png").read_bytes()
    width, height = (int.from_bytes(png[i : i + 4]) for i in (16, 20))
    assert png.startswith(b"\x89PNG")
    assert math.isclose(width / height, float(drawing.width) / float(drawing.height), rel_tol=0.02)
    svg = (tmp_path / "leaderboard.svg").read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src)="([^"]*)"', svg)
    assert not [link for link in links if not link.startswith("#")]
    ran = [r for r in rows if r["model"] == "knn"]
    assert all(f"{r['value_mean']:.2f}" in svg for r in ran)


def test_a_cell_that_did_not_run_is_no_low_auroc(rows: list[Row]) -> None:
    figure = heatmap(rows, features=list(FEATURES), models=["tabnet"])
    tiles = {(t["tissue"], t["feature"], t["model"]): t for t in figure.data["heatmap"]}
    tile = tiles["kidney", "combined", "xgb"]
    assert (tile["ran"], tile["value"], tile["text"]) == (False, None, "failed")
    assert "out of memory" in tile["reason"]


def test_forest_is_ordered_and_leaves_out_what_has_no_value(rows: list[Row]) -> None:
    own = [row for row in rows if row["task"] == "kidney.lomo"]
    figure = forest(own, task="kidney.lomo", features=list(FEATURES))
    assert figure is not None
    values = [line["value_mean"] for line in figure.data[figure.name]]
    assert values == sorted(values, reverse=True)
    assert len(values) == sum(row["status"] == "ok" for row in own)
    assert f"{len(own) - len(values)} cells without a value are left out" in figure.caption
    assert vl_convert.vegalite_to_svg(figure.whole_spec()).count("0.50") >= 1


def test_rank_bars_reach_over_the_places_of_the_table(rows: list[Row]) -> None:
    own = with_ranks([row for row in rows if row["task"] == "kidney.lomo"])
    figure = rank_intervals(own, task="kidney.lomo", features=list(FEATURES))
    assert figure is not None
    lines = figure.data[figure.name]
    ok = [row for row in own if row["status"] == "ok"]
    for place, (line, row) in enumerate(zip(lines, ok, strict=True), start=1):
        assert row["rank_low"] - 0.5 < line["from"] < row["rank_low"]
        assert row["rank_high"] < line["to"] < row["rank_high"] + 0.5
        assert line["from"] < line["place"] == place < line["to"]
    assert "leading" in vl_convert.vegalite_to_svg(figure.whole_spec())


def test_one_ranked_cell_has_no_rank_chart(rows: list[Row]) -> None:
    own = with_ranks([row for row in rows if row["status"] == "ok"][:1])
    assert rank_intervals(own, task="eye.lomo", features=list(FEATURES)) is None


def test_a_task_without_values_has_no_forest(rows: list[Row]) -> None:
    absent = [row for row in rows if row["model"] == "tabnet"]
    assert forest(absent, task="eye.lomo", features=list(FEATURES)) is None


def test_ids_do_not_depend_on_what_was_drawn_before() -> None:
    drawing = '<g id="gradient_{0}"/><g fill="url(#gradient_{0})"/>'
    drawing += '<g id="clip{1}"/><g clip-path="url(#clip{1})"/>'
    late, first = drawing.format(7, 4), drawing.format(0, 0)
    assert steady_ids(late) == first
    assert steady_ids(first) == first


def test_null_is_the_mean_over_scored_folds() -> None:
    rng = np.random.default_rng(0)
    value = rng.integers(0, 17, (3, 400)) / 16
    value[1] = np.nan  # a fold that the data do not allow
    value[2, 300:] = np.nan  # labelings beyond this cell's budget
    null = summarise("eye.lomo/gene/knn", value)
    assert null is not None
    means = [np.nanmean(value[:, j]) for j in range(1, 300)]
    assert null.n == len(means)
    assert null.reached == sum(m >= null.observed for m in means)
    counts, *_ = stats.binned_statistic(means, means, "count", bins=N_BINS, range=(0, 1))
    np.testing.assert_array_equal(null.counts, counts)
    assert (null.mean, null.sd) == pytest.approx((np.mean(means), np.std(means, ddof=1)))


def test_a_cell_without_labelings_has_no_null() -> None:
    assert summarise("c", np.array([[0.7, np.nan], [0.6, np.nan]])) is None
    assert summarise("c", np.full((2, 5), np.nan)) is None


@pytest.mark.parametrize(
    ("q", "maxt", "p", "expected"),
    [
        (0.01, None, 0.001, "corrected"),
        (0.20, 0.01, 0.001, "nominal"),
        (None, 0.01, 0.001, "corrected"),
        (0.20, None, 0.04, "nominal"),
        (0.20, None, 0.05, "none"),
        (None, None, None, "none"),
    ],
)
def test_evidence(q: float | None, maxt: float | None, p: float | None, expected: str) -> None:
    assert board.evidence({"q_bh": q, "p_maxt": maxt, "p_value": p}) == expected


def test_differences_within_the_seed_to_seed_sd_are_marked() -> None:
    cells = pd.DataFrame(
        {
            "cell": ["t/f/a", "t/f/b", "t/f/c", "t/f/d"],
            "task": "t",
            "family": "lomo",
            "tissue": "eye",
            "feature": "f",
            "model": ["a", "b", "c", "d"],
            "status": "ok",
            "metric": "auroc",
            "value_mean": [0.80, 0.76, 0.74, 0.80],
            "value_seed_sd": [0.03, 0.04, 0.04, np.nan],
        }
    )
    rows = board.leaderboard(_results_of(cells))
    marks = {row["model"]: row["near_best"] for row in rows}
    assert marks == {"a": False, "b": True, "c": False, "d": True}


def _results_of(cells: pd.DataFrame) -> board.Results:
    full = cells.assign(p_value=None, q_bh=None, reason=None).astype(object)
    records = full.where(full.notna(), None).to_dict("records")
    return board.Results(Path(), tuple(records), (), (), (), {})
