"""The verb: what it prints, writes and returns; what the document says works as it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from spacebio_bench.cli import evaluate, main
from spacebio_bench.submission.rules import RULES

from ._made import document, predictions, write_json, write_labels

TEMPLATE = "release/templates/submission_format.md.j2"


def call(*args: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, args)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_json(tmp_path, document()), write_labels(tmp_path)


def test_the_table(files: tuple[Path, Path]) -> None:
    file, labels = files
    result = call(file, "--task", "A6", "--labels", labels)
    assert result.exit_code == 0
    for text in (
        "A6 eye: 3 folds, each tests one mission; 29 samples, 14 flight and 15 ground",
        "made_v1, tier 1, 2026-03-01",
        "fold_SIM-2_test",
        "pooled AUROC",
        "p fixed_deflated",
        "p fixed_exact",
        "by rule v1",
        "The submission does not say whether",
    ):
        assert text in result.output
    assert "leaderboard" not in result.output
    assert max(map(len, result.output.splitlines()[:8])) < 100


def test_json_and_quiet(files: tuple[Path, Path]) -> None:
    file, labels = files
    found = json.loads(call(file, "--labels", labels, "--json").stdout)
    assert found["p_value"] == found["p_fixed_deflated"]
    assert found["go"]["rule"] == "v1"
    assert [fold["fold"] for fold in found["folds"]] == sorted(predictions())
    assert found["leaderboard"] is None
    quiet = call(file, "--labels", labels, "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")


def test_board_and_page(files: tuple[Path, Path], tmp_path: Path) -> None:
    file, labels = files
    board, page = tmp_path / "board", tmp_path / "page.html"
    asked = call(file, "--labels", labels, "--leaderboard", board)
    assert "1 of 1" in asked.output
    assert not board.exists()
    added = call(file, "--labels", labels, "--leaderboard", board, "--add", "--html", page)
    assert "added as" in added.output
    assert "rank on the leaderboard" in page.read_text(encoding="utf-8")
    again = call(file, "--labels", labels, "--leaderboard", board, "--add")
    assert "already there, nothing was changed" in again.output
    other = write_json(tmp_path, document(predictions=predictions(4)), "other.json")
    refused = call(other, "--labels", labels, "--leaderboard", board, "--add")
    assert refused.exit_code == 2
    assert "made_v2" in refused.output
    compared = call(other, "--labels", labels, "--leaderboard", board, "--json")
    assert json.loads(compared.stdout)["leaderboard"]["n"] == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--add"], "--add needs --leaderboard"),
        (["--html", "absent/page.html"], "absent is no folder"),
        (["--task", "Z1"], "'Z1' is no task"),
        (["--task", "A6_skin_lomo"], "'A6_skin_lomo' is no task"),
        (["--leaderboard", "{file}", "--add"], "is no folder"),
        (["--leaderboard", "{file}/board", "--add"], "Not a directory"),
        (["--rule", "mine"], "Invalid value for '--rule'"),
        (["--model-name", "other"], "leave one out"),
    ],
)
def test_mistakes(args: list[str], told: str, files: tuple[Path, Path]) -> None:
    file, labels = files
    result = call(file, "--labels", labels, *(arg.format(file=file) for arg in args))
    assert result.exit_code == 2
    assert told in result.output


def test_nothing_is_written_when_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    _, labels = files
    bad = write_json(tmp_path, document(tier=7), "bad.json")
    before = sorted(tmp_path.rglob("*"))
    page = tmp_path / "page.html"
    result = call(bad, "--labels", labels, "--leaderboard", tmp_path / "b", "--add", "--html", page)
    assert result.exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_rules_of_the_option_are_those_there_are() -> None:
    assert evaluate.RULES == RULES


def test_no_traceback_and_no_heavy_imports(files: tuple[Path, Path], tmp_path: Path) -> None:
    _, labels = files
    bomb = write_json(tmp_path, "[" * 100_000, "bomb.json")
    done = run("evaluate", bomb, "--labels", labels)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "inside one another" in done.stderr
    code = "import sys; import spacebio_bench.cli.evaluate; print('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_same_bytes_twice(files: tuple[Path, Path], tmp_path: Path) -> None:
    file, labels = files
    outs = []
    for name in ("a", "b"):
        page = tmp_path / f"{name}.html"
        done = run("evaluate", file, "--labels", labels, "--json", "--html", page)
        outs.append((done.stdout, page.read_bytes()))
    assert outs[0] == outs[1]


@pytest.mark.slow
def run(*args: object) -> subprocess.CompletedProcess[str]:
    code = "from spacebio_bench.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, check=False
    )


def write_package(folder: Path) -> None:
    """A fold package as it is unpacked: three missions of ten samples, twelve genes."""
    rng = np.random.default_rng(7)
    rows = [(f"{m}_s{i}", m, i % 2) for m in ("SIM-1", "SIM-2", "SIM-3") for i in range(10)]
    frame = pd.DataFrame(rows, columns=["sample", "mission", "label"]).set_index("sample")
    x = pd.DataFrame(
        rng.normal(size=(30, 12)) + 1.5 * frame[["label"]].to_numpy(),
        index=frame.index,
        columns=[f"ENSMUSG{i:011d}" for i in range(12)],
    )
    for mission in ("SIM-1", "SIM-2", "SIM-3"):
        fold = folder / "A6_eye_lomo" / f"fold_{mission}_test"
        fold.mkdir(parents=True)
        test = frame["mission"] == mission
        for side, rows_of in (("train", ~test), ("test", test)):
            x[rows_of].to_csv(fold / f"{side}_X.csv")
            frame.loc[rows_of, ["label"]].to_csv(fold / f"{side}_y.csv")


def blocks(project: Path, language: str) -> list[str]:
    text = (project / TEMPLATE).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_document_works(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(tmp_path)
    monkeypatch.chdir(tmp_path)
    for code in blocks(project, "python"):
        exec(compile(code, TEMPLATE, "exec"), {})
    scores = pd.DataFrame(
        [
            (fold, sample, score)
            for fold, own in json.loads(Path("my_submission.json").read_text())[
                "predictions"
            ].items()
            for sample, score in own.items()
        ],
        columns=["fold", "sample", "score"],
    )
    scores.to_csv("scores.csv", index=False)
    commands = [line for block in blocks(project, "bash") for line in block.splitlines() if line]
    assert len(commands) == 4
    said = []
    for line in commands:
        words = line.split("#")[0].split()
        assert words[:2] == ["spacebio-bench", "evaluate"]
        result = call(*words[2:])
        assert result.exit_code == 0, result.output
        said.append(result.output)
    assert "my-svm_v1" in said[1]
    assert "added as" in said[3]
    assert found_mean(said[0]) > 0.8


def found_mean(output: str) -> float:
    found = re.search(r"mean AUROC +([0-9.]+)", output)
    assert found is not None
    return float(found[1])


def test_the_files_of_examples(project: Path) -> None:
    folder = project / "examples"
    result = call(folder / "submission_A6.json", "--labels", folder / "labels_A6.csv")
    assert result.exit_code == 0
    assert found_mean(result.output) > 0.8


def test_examples_of_the_document_have_the_form(project: Path) -> None:
    import jsonschema

    import spacebio_bench.submission

    folder = Path(spacebio_bench.submission.__file__).parent
    schema: Any = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    (example,) = blocks(project, "json")
    jsonschema.validate(json.loads(example), schema, cls=jsonschema.Draft202012Validator)
