"""The leaderboard: added for good, never overwritten, whole whoever writes; ranks as intervals."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.statistics.ranks import rank_intervals
from spacebio_bench.submission.evaluate import evaluate_submission
from spacebio_bench.submission.leaderboard import add_record, read_leaderboard, write_page
from spacebio_bench.submission.page import evaluation_page
from spacebio_bench.submission.read import read_submission
from spacebio_bench.submission.records import Record
from spacebio_bench.submission.standing import place_of

from ._made import document, labelled, predictions, write_json, write_labels

XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def record(tmp_path: Path, **more: Any) -> Record:
    rows = more.pop("rows", None)
    path = write_json(tmp_path, document(**more))
    submission, labels = read_submission(path, write_labels(tmp_path, rows))
    return Record.of(submission, evaluate_submission(submission, labels))


def several(tmp_path: Path) -> list[Record]:
    found = [
        record(tmp_path, model_name=f"m{i}", predictions=predictions(i, shift=s))
        for i, s in enumerate((4.0, 3.5, 1.0, -3.0))
    ]
    turned = {
        f: {s: round(1 - v, 3) for s, v in own.items()} for f, own in predictions(0, 4.0).items()
    }
    return [*found, record(tmp_path, model_name="turned", predictions=turned)]


def test_added_once(tmp_path: Path) -> None:
    board, made = tmp_path / "board", record(tmp_path)
    path, new = add_record(board, made)
    before = path.read_bytes(), (board / "index.html").read_bytes()
    assert new
    assert path.parent == board / "A6"
    assert path.name.startswith("made_v1.")
    assert len(path.name.split(".")[1]) == 12
    assert add_record(board, record(tmp_path)) == (path, False)
    assert (path.read_bytes(), (board / "index.html").read_bytes()) == before
    assert sorted(p.name for p in board.rglob("*") if p.is_file()) == sorted(
        [".lock", "index.html", path.name]
    )


@pytest.mark.parametrize("name", ["made_v1", "MADE_v1"])
def test_a_taken_name_is_refused(name: str, tmp_path: Path) -> None:
    board = tmp_path / "board"
    path, _ = add_record(board, record(tmp_path))
    before = path.read_bytes()
    other = record(tmp_path, model_name=name, predictions=predictions(9))
    with pytest.raises(InputError, match=rf"other content.*{name[:4]}_v2"):
        add_record(board, other)
    assert path.read_bytes() == before
    assert len(list((board / "A6").iterdir())) == 1


def test_other_labels_are_another_question(tmp_path: Path) -> None:
    board = tmp_path / "board"
    add_record(board, record(tmp_path))
    rows = labelled()
    rows[0] = (*rows[0][:2], 1 - rows[0][2])
    again = record(tmp_path, rows=rows)
    place = place_of(again, read_leaderboard(board))
    assert (place.n, place.n_other_labels) == (1, 1)
    add_record(board, again)
    assert len(read_leaderboard(board)) == 2
    assert (board / "index.html").read_text(encoding="utf-8").count("<tbody>") == 2


def test_ranks_are_those_of_the_statistic(tmp_path: Path) -> None:
    board, made = tmp_path / "board", several(tmp_path)
    for each in made[:-1]:
        add_record(board, each)
    there = read_leaderboard(board)
    place = place_of(made[-1], there)
    ranks = rank_intervals(
        [r.evaluation["value_mean"] for r in (made[-1], *there)],
        np.stack([r.draws for r in (made[-1], *there)]),
        (6, 5, 3),
        (6, 4, 5),
    )
    assert (place.rank_low, place.rank_high) == (ranks.low[0], ranks.high[0])
    assert place.rank_low > 1  # the best one turned round is no leader
    best = place_of(made[0], [*there, made[-1]])
    assert (best.rank_low, best.tie_group, best.n) == (1, 1, 5)


def test_a_record_holds_no_labels(tmp_path: Path) -> None:
    path, _ = add_record(tmp_path / "board", record(tmp_path))
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert set(whole) == {"format", "submission", "evaluation", "draws", "digest"}
    assert whole["submission"]["predictions"] == predictions()
    assert "labels" not in whole["evaluation"]
    assert read_leaderboard(tmp_path / "board")[0].draws.tolist() == whole["draws"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace('"tier": "1"', '"tier": "2"'), "its digest does not fit"),
        (lambda text: text[:-40], "is no record"),
        (lambda text: "[" * 100_000, "is no record"),
        (lambda text: "{}", "is not a 'spacebio-bench submission record 1'"),
    ],
)
def test_a_changed_file_is_named(change: Any, told: str, tmp_path: Path) -> None:
    board = tmp_path / "board"
    path, _ = add_record(board, record(tmp_path))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        add_record(board, record(tmp_path, model_name="next"))
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(list((board / "A6").iterdir())) == 1


def test_a_renamed_file_is_named(tmp_path: Path) -> None:
    path, _ = add_record(tmp_path / "board", record(tmp_path))
    path.rename(path.with_name("other.json"))
    with pytest.raises(InputError, match=f"should be A6/{path.name}"):
        read_leaderboard(tmp_path / "board")


def _add(args: tuple[Path, Path, str, int]) -> str:
    folder, board, name, seed = args
    folder.mkdir()
    try:
        add_record(board, record(folder, model_name=name, predictions=predictions(seed)))
    except InputError as error:
        return str(error)
    return ""


def test_writers_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # spawned processes import this module
    board = tmp_path / "board"
    jobs = [(tmp_path / f"w{i}", board, f"m{i % 3}", i) for i in range(6)]
    # spawned: a fork of a process with threads, as pytest's is by then, may hang
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        said = list(pool.map(_add, jobs))
    assert sum(bool(text) for text in said) == 3  # of two with a name one is in, one refused
    assert sorted(r.model_name for r in read_leaderboard(board)) == ["m0", "m1", "m2"]
    page = (board / "index.html").read_text(encoding="utf-8")
    assert all(f'"row">m{i}' in page for i in range(3))
    assert page == write_page(board).read_text(encoding="utf-8")


def test_the_page_does_not_depend_on_the_order(tmp_path: Path) -> None:
    made, pages = several(tmp_path), []
    for number, order in enumerate((made, made[::-1])):
        for each in order:
            add_record(tmp_path / str(number), each)
        pages.append((tmp_path / str(number) / "index.html").read_bytes())
    assert pages[0] == pages[1]


class Elements(HTMLParser):
    """Elements and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_was_handed_in_is_text(tmp_path: Path) -> None:
    path = write_json(tmp_path, document(model_description=XSS))
    submission, labels = read_submission(path, write_labels(tmp_path))
    found = evaluate_submission(submission, labels)
    add_record(tmp_path / "board", Record.of(submission, found))
    board = (tmp_path / "board" / "index.html").read_text(encoding="utf-8")
    for page in (evaluation_page(found), board):
        elements = Elements()
        elements.feed(page)
        assert not {"script", "img", "iframe", "link"} & elements.tags
        assert not [k for k, _ in elements.attributes if k.startswith("on") or k == "src"]
        assert XSS in elements.text
        assert "default-src 'none'" in page
        assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_mission_may_be_called_anything(tmp_path: Path) -> None:
    rows = [(s, m.replace("SIM-1", "<b>&'x"), y) for s, m, y in labelled()]
    given = predictions()
    given["fold_<b>&'x_test"] = given.pop("fold_SIM-1_test")
    path = write_json(tmp_path, document(predictions=given))
    page = evaluation_page(
        evaluate_submission(*read_submission(path, write_labels(tmp_path, rows)))
    )
    assert "<b>" not in page
    assert "fold_&lt;b&gt;" in page
