"""What the container images are made from, said one way for who builds them and who checks them.

``python -m spacebio_bench.images PROJECT IMAGE`` prints the labels of an image as KEY=VALUE lines.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FACTS = "SPACEBIO_BENCH_IMAGE_FACTS"
"""Environment variable that names another file for `image_facts`."""

_FACTS_FILE = "/opt/spacebio-bench/image.json"
_SOURCE = "python/src/spacebio_bench"


@dataclass(frozen=True)
class Image:
    """One image: what it is for, and the files that fix its content, relative to the project."""

    description: str
    suite: str
    locks: tuple[str, ...]
    scripts: tuple[str, ...]
    licenses: str

    @property
    def has_package(self) -> bool:
        """Is this package installed in it?"""
        return any(path.startswith("python/") for path in self.locks)


_MODELS = (
    "containers/common.sh",
    "containers/python-models/install.sh",
    "python/pyproject.toml",
    "python/requirements-build.lock",
)

IMAGES = {
    "r-preprocess": Image(
        description="R stages of SpaceBio-Bench: normalisation and pathway scores",
        suite="trixie",
        locks=("containers/r-preprocess/packages.lock",),
        scripts=("containers/common.sh", "containers/r-preprocess/install.sh"),
        licenses="GPL-2.0-or-later AND LGPL-3.0-or-later AND Artistic-2.0 AND MPL-2.0 AND MIT",
    ),
    "python-models": Image(
        description="Python stages of SpaceBio-Bench: cohorts, models, statistics, report",
        suite="bookworm",
        locks=("python/requirements.lock",),
        scripts=_MODELS,
        licenses="MIT AND BSD-3-Clause AND Apache-2.0 AND PSF-2.0",
    ),
    "python-tabnet": Image(
        description="Python stages of SpaceBio-Bench, with TabNet",
        suite="bookworm",
        locks=("python/requirements.lock", "python/requirements-tabnet.lock"),
        scripts=(*_MODELS, "containers/python-tabnet/install.sh"),
        licenses="MIT AND BSD-3-Clause AND Apache-2.0 AND PSF-2.0",
    ),
}


def lock_digest(project: Path, image: str) -> str:
    """SHA-256 of the image's lock files, one after the other."""
    return sha256(
        b"".join((project / lock).read_bytes() for lock in IMAGES[image].locks)
    ).hexdigest()


def tree_digest(folder: Path, files: Iterable[str]) -> str:
    """SHA-256 of what ``sha256sum FILE...`` prints in `folder` for these files, sorted bytewise."""
    lines = [
        f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in sorted(files, key=str.encode)
    ]
    return sha256("".join(lines).encode()).hexdigest()


def recipe_digest(project: Path, image: str) -> str:
    """`tree_digest` of what builds the image, its definitions included."""
    definitions = (f"containers/{image}/{name}" for name in ("Dockerfile", "apptainer.def"))
    return tree_digest(project, (*IMAGES[image].scripts, *definitions))


def source_digest(project: Path) -> str:
    """`tree_digest` of this package's source, without what Python compiles."""
    folder = project / _SOURCE
    files = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return tree_digest(folder, files)


def version(project: Path) -> str:
    """Version of the project."""
    text = (project / "python/pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def expected_labels(project: Path, image: str) -> dict[str, str]:
    """Labels of the image as this checkout would build it."""
    made = IMAGES[image]
    labels = {
        "org.opencontainers.image.title": image,
        "org.opencontainers.image.version": version(project),
        "org.opencontainers.image.description": made.description,
        "org.opencontainers.image.licenses": made.licenses,
        "org.spacebio-bench.lock": lock_digest(project, image),
        "org.spacebio-bench.recipe": recipe_digest(project, image),
    }
    if made.has_package:
        labels["org.spacebio-bench.source"] = source_digest(project)
    return labels


def image_facts() -> dict[str, Any] | None:
    """What the image that this process runs in says about itself; None outside of one."""
    file = Path(os.environ.get(FACTS, _FACTS_FILE))
    if not file.is_file():
        return None
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return facts


def main(arguments: list[str]) -> int:
    """Print the labels."""
    if len(arguments) != 2 or arguments[1] not in IMAGES:
        sys.stderr.write(f"usage: python -m spacebio_bench.images PROJECT {{{','.join(IMAGES)}}}\n")
        return 2
    labels = expected_labels(Path(arguments[0]), arguments[1])
    sys.stdout.write("".join(f"{key}={value}\n" for key, value in labels.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
