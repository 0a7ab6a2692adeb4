"""The files of the public host, read as it reads them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def read(path: Path) -> Any:
    """A YAML file; the key `on` stays a word (YAML 1.1 reads it as true)."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if isinstance(data, dict) and True in data:
        data["on"] = data.pop(True)
    return data


def shell_blocks(path: Path) -> list[str]:
    """Text of each `sh` block of a Markdown file."""
    return _FENCE.findall(path.read_text(encoding="utf-8"))


def make_targets() -> set[str]:
    """What the Makefile can make."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):.*  ## ", text, flags=re.MULTILINE))
