"""Code blocks of pages: what marks say of them, and a copy of the project to run them in.

A mark is an HTML comment before a block:

`shown: why`
    Not run, for this reason.
`run-by: tests/...`
    Another test runs it, which names the command.
`output`
    What the block before prints; `...` stands for any text, a line of it for any lines.
`file: path`
    The reader writes the block to this file.
`exits: N`
    It ends with this code.

A block without a mark is run: shell, Python, and diffs by `patch`. `needs: PAGE` anywhere in a page
says that the results of another page have to be there.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(
    r"^(?P<ticks>```+)(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL
)
MARKS = re.compile(r"(?:<!-- *[\w-]+(?:: *[^\n]*?)? *-->\s*)+\Z")
MARK = re.compile(r"<!-- *([\w-]+)(?:: *([^\n]*?))? *-->")
KNOWN = ("shown", "run-by", "output", "file", "exits", "needs")
SHELL = ("sh", "bash")
RUN = (*SHELL, "python", "diff")


@dataclass(frozen=True)
class Block:
    """A code block of a page, with the marks before it."""

    page: str
    line: int
    language: str
    code: str
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"{self.page}, line {self.line}"


def blocks_of(text: str, page: str) -> list[Block]:
    """All blocks of a page but those that are Sphinx's (`{...}`)."""
    found = []
    for fence in FENCE.finditer(text):
        language = fence["language"].strip()
        if language.startswith("{"):
            continue
        before = MARKS.search(text[: fence.start()])
        marks = dict(MARK.findall(before[0])) if before else {}
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(page, line, language, fence["code"], marks))
    return found


def needs_of(text: str) -> list[str]:
    """What a page needs before it is followed."""
    return [value for name, value in MARK.findall(text) if name == "needs"]


def unmarked(block: Block, *, first: bool) -> str:
    """Why a block is neither run nor explained; an empty text when it is."""
    unknown = [name for name in block.marks if name not in KNOWN]
    if unknown:
        return f"no such mark: {', '.join(unknown)}"
    if "shown" in block.marks and len(block.marks["shown"].split()) < 3:
        return "`shown` gives no reason"
    if "output" in block.marks and first:
        return "there is no block before that it is the output of"
    if {"shown", "run-by", "output", "file"} & set(block.marks) or block.language in RUN:
        return ""
    return f"a block of {block.language or 'no language'} needs a mark"


def not_named(block: Block, root: Path) -> str:
    """Why the test that `run-by` names cannot be the one that runs a block."""
    path = root / block.marks["run-by"]
    files = sorted(path.rglob("*.py")) + sorted(path.rglob("*.sh")) if path.is_dir() else [path]
    if not all(file.is_file() for file in files) or not files:
        return f"there is no {block.marks['run-by']}"
    told = "\n".join(file.read_text(encoding="utf-8") for file in files)
    missing = [word for word in _words(block) if not re.search(rf"(?<!\w){re.escape(word)}", told)]
    return f"{block.marks['run-by']} does not name {', '.join(missing)}" if missing else ""


def _words(block: Block) -> list[str]:
    """What a test that runs a block has to name: verbs, targets, profiles, imported names."""
    if block.language == "python":
        names = re.findall(
            r"spacebio_bench\.(load_\w+)|from spacebio_bench\S* import (\w+)", block.code
        )
        return sorted({a or b for a, b in names}) or [Path(block.page).stem]
    words = re.findall(r"^(?:spacebio-bench|make) ([a-z-]+)", block.code, re.MULTILINE)
    return words + re.findall(r"-profile (?:test,)?(\w+)", block.code) or [Path(block.page).stem]


def unlike(expected: str, printed: str) -> list[str]:
    """Lines of an output block that were not printed, in this order."""
    lines, missing = printed.splitlines(), []
    for line in (one for one in expected.splitlines() if one.strip() not in ("", "...")):
        form = ".*".join(re.escape(part.strip()) for part in line.split("..."))
        form = re.sub(r"(\\ )+", r"\\s+", form)
        at = next((i for i, one in enumerate(lines) if re.fullmatch(form, one.strip())), None)
        if at is None:
            missing.append(line)
        else:
            lines = lines[at + 1 :]
    return missing


@dataclass
class Clone:
    """A copy of the project in which a reader types what pages say.

    Nothing is set up in it: `make` takes the set-up as done, and its script is taken away.
    """

    root: Path
    folder: Path
    environment: Mapping[str, str]

    def __post_init__(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=self.root,
            capture_output=True,
            check=True,
        ).stdout.split(b"\0")
        names = b"\0".join(n for n in listed if n and (self.root / os.fsdecode(n)).exists())
        self.folder.mkdir(parents=True)
        copy = ["xargs", "-0", "cp", "-P", "--parents", "-t", str(self.folder)]
        subprocess.run(copy, cwd=self.root, input=names, check=True)
        (self.folder / ".venv").symlink_to(self.root / ".venv")
        (self.folder / "bin/setup.sh").write_text("echo 'no set-up here' >&2; exit 1\n")

    @property
    def state(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.state")

    def run(self, block: Block, *, seconds: float = 400) -> str:
        """Do what a block says; gives what was printed, fails as the reader would see it."""
        if "file" in block.marks:
            path = self.folder / block.marks["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, encoding="utf-8")
            return ""
        command = {"python": "python -", "diff": "patch -p1 --fuzz=0"}.get(block.language)
        typed = f"{command} <<'END_OF_BLOCK'\n{block.code}END_OF_BLOCK\n" if command else block.code
        done = subprocess.run(
            ["bash", "-c", self._session(typed)],
            cwd=self.folder,
            env=dict(self.environment) | {"PYTHONPATH": str(self.folder / "python/src")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
        expected = int(block.marks.get("exits", 0))
        assert done.returncode == expected, (
            f"{block.where} ended with {done.returncode}:\n{block.code}\n{done.stdout[-4000:]}"
        )
        return done.stdout

    def _session(self, typed: str) -> str:
        """The lines of a block in a shell that is as the last one was left."""
        return f"""set -euo pipefail
[ ! -f '{self.state}' ] || . '{self.state}'
make() {{ command make -o setup "$@"; }}
keep() {{ {{ export -p; printf 'cd %q\\n' "$PWD"; }} > '{self.state}'; }}
trap keep EXIT
{typed}"""


def follow(blocks: list[Block], clone: Clone) -> Iterator[Block]:
    """Do what a page says from top to bottom; yields every block that was run or compared."""
    printed = ""
    for block in blocks:
        if "output" in block.marks:
            missing = unlike(block.code, printed)
            assert not missing, f"{block.where}: not printed: {missing}\n{printed[-4000:]}"
            yield block
        elif not {"shown", "run-by"} & set(block.marks):
            printed = clone.run(block)
            yield block
