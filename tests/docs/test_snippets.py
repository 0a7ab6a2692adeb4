"""Every code block of the documentation is run or says why not; the tutorial works as written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..osdr.replay import Replay, catalog_studies
from .snippets import Block, Clone, blocks_of, follow, needs_of, not_named, unlike, unmarked

ROOT = Path(__file__).resolve().parents[2]
FIRST = "docs/tutorial/first_run.md"
ELSEWHERE = {
    "CONTRIBUTING.md": "tests/community/test_contributing.py",
    "examples/README.md": "tests/community/test_examples.py",
}
"""Pages that other tests follow."""
ELSEWHERE_NAMES = {
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "examples/README.md": "first_steps.ipynb",
}
"""What these tests take from them."""
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
)
MADE = ("results", "data")
"""What one page leaves for another."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return blocks_of(text_of(page), page)


def is_run(block: Block) -> bool:
    return not {"shown", "run-by", "output"} & set(block.marks)


FOLLOWED = [page for page in PAGES if any(is_run(block) for block in blocks(page))]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run_or_says_why_not(page: str) -> None:
    found = blocks(page)
    wrong = {b.where: unmarked(b, first=i == 0) for i, b in enumerate(found)}
    wrong |= {b.where: not_named(b, ROOT) for b in found if "run-by" in b.marks}
    assert {where: what for where, what in wrong.items() if what} == {}


@pytest.mark.parametrize("page", ELSEWHERE)
def test_pages_of_other_tests(page: str) -> None:
    told = (ROOT / ELSEWHERE[page]).read_text(encoding="utf-8")
    assert ELSEWHERE_NAMES[page] in told
    assert ELSEWHERE_NAMES[page] in text_of(page) or page.endswith(ELSEWHERE_NAMES[page])


@pytest.fixture(scope="module")
def new_clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Clone]]:
    """Makes copies of the project that fetch studies from a server on loopback."""
    folder = tmp_path_factory.mktemp("docs")
    ours = ("MAKE", "PYTEST_", "VIRTUAL_ENV", "SPACEBIO_", "NXF_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    with Replay(catalog_studies(ROOT / "release/catalog/studies.csv")) as replay:
        environment = clean | {
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
            "SPACEBIO_OSDR": replay.address,
            "SPACEBIO_CACHE": str(folder / "cache"),
            "PYTEST_ADDOPTS": f"-p no:cacheprovider --basetemp={folder / 'inner'}",
            "PIP_NO_INDEX": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "LC_ALL": "C.UTF-8",
        }
        yield lambda name: Clone(ROOT, folder / name, environment)


@pytest.fixture(scope="module")
def first_run(new_clone: Callable[[str], Clone]) -> Clone:
    """A clone in which the first page of the tutorial was followed word for word."""
    clone = new_clone("first_run")
    done = list(follow(blocks(FIRST), clone))
    assert len(done) == sum(is_run(b) or "output" in b.marks for b in blocks(FIRST))
    return clone


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.xdist_group("docs")
@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_works_word_for_word(
    page: str, new_clone: Callable[[str], Clone], request: pytest.FixtureRequest
) -> None:
    if page == FIRST:
        request.getfixturevalue("first_run")
        return
    clone = new_clone(page.replace("/", "_"))
    for need in needs_of(text_of(page)):
        if need == "gsva":
            data = request.getfixturevalue("development_data") / "reference/gsva"
            (clone.folder / "gsva").symlink_to(data)
        else:
            assert f"docs/{need}.md" == FIRST
            ready = request.getfixturevalue("first_run").folder
            for name in MADE:
                shutil.copytree(ready / name, clone.folder / name, symlinks=True)
    assert list(follow(blocks(page), clone))


EXAMPLE = """\
<!-- needs: tutorial/first_run -->
<!-- shown: it takes a cluster -->
```sh
sbatch job
```

```sh
echo made 3 things
```
<!-- output -->
```
made ... things
```

```{toctree}
page
```

```text
what?
```
"""


def test_blocks_and_marks_are_read() -> None:
    found = blocks_of(EXAMPLE, "page.md")
    assert [(b.line, b.language) for b in found] == [(3, "sh"), (7, "sh"), (11, ""), (19, "text")]
    assert found[0].marks["shown"] == "it takes a cluster"
    assert [is_run(b) for b in found] == [False, True, False, True]
    assert needs_of(EXAMPLE) == ["tutorial/first_run"]


def test_a_block_without_a_mark_is_told() -> None:
    found = blocks_of(EXAMPLE, "page.md")
    assert [unmarked(b, first=False) for b in found] == ["", "", "", "a block of text needs a mark"]
    assert "no block before" in unmarked(found[2], first=True)
    assert "no reason" in unmarked(Block("p", 1, "sh", "", {"shown": "so"}), first=True)
    assert "no such mark" in unmarked(
        Block("p", 1, "sh", "", {"show": "a long reason"}), first=True
    )


def test_a_test_that_does_not_run_it_is_told() -> None:
    mark = {"run-by": "tests/docs/snippets.py"}
    block = Block("p.md", 1, "sh", "spacebio-bench " + "calib" + "rate --quick\n", mark)
    assert "does not name" in not_named(block, ROOT)
    absent = Block("p.md", 1, "sh", "make test\n", {"run-by": "tests/absent"})
    assert "there is no" in not_named(absent, ROOT)


def test_output_is_compared_in_order() -> None:
    assert unlike("one\n...\nthree ... 3\n", "one\ntwo\nthree is 3\n") == []
    assert unlike("three\none\n", "one\nthree\n") == ["one"]
    assert unlike("made 3\n", "made 33\n") == ["made 3"]


def test_a_command_that_fails_stops_the_page(tmp_path: Path) -> None:
    clone = Clone.__new__(Clone)
    clone.root, clone.folder, clone.environment = ROOT, tmp_path / "c", dict(os.environ)
    clone.folder.mkdir()
    clone.run(Block("p", 1, "sh", "export WORD=kept\nmkdir in\ncd in\n"))
    assert clone.run(Block("p", 1, "sh", "echo $WORD; pwd\n")).split()[0] == "kept"
    clone.run(Block("p", 2, "sh", "false\n", {"exits": "1"}))
    with pytest.raises(AssertionError, match="ended with 1"):
        clone.run(Block("p", 2, "sh", "false\ntrue\n"))
