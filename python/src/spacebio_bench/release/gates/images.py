"""The container images are those of this checkout, and do their work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacebio_bench.images import IMAGES, expected_labels
from spacebio_bench.release.gates._gate import Context, Finding, green, red, yellow

OPTIONAL = frozenset({"python-tabnet"})
VERSION = "org.opencontainers.image.version"
_BUILD = "`make images` builds them"
_SECONDS = 1200


def images_gate(context: Context) -> Iterator[Finding]:
    """Judge SIF files in `images/` and Docker tags; yellow where there is neither."""
    apptainer = _program(context.root, "apptainer")
    docker = _program(context.root, "docker")
    if docker and _said([docker, "version"])[0]:
        docker = None
    for image in IMAGES:
        found = [
            *(_sif(context, apptainer, image) if apptainer else ()),
            *(_tag(context, docker, image) if docker else ()),
        ]
        yield from found
        if not found:
            what = f"there is neither images/{image}.sif with Apptainer nor a Docker tag; {_BUILD}."
            optional = image in OPTIONAL
            told = f"optional, and not here: {what}" if optional else f"not judged: {what}"
            yield yellow(image, told)


def _sif(context: Context, apptainer: str, image: str) -> Iterator[Finding]:
    root = context.root.resolve()
    path = root / "images" / f"{image}.sif"
    if not path.is_file():
        return
    where = f"images/{path.name}"
    context.tell(f"{where} by Apptainer")
    code, shown = _said([apptainer, "inspect", "--json", str(path)])
    stale = _stale(root, image, _labels(shown, "data", "attributes", "labels"))
    if code or stale:
        yield red(where, f"{stale or 'cannot be inspected'}; {_BUILD}.")
        return
    with tempfile.TemporaryDirectory(dir=context.workdir) as scratch:
        smoke = root / "containers" / image / "smoke.sh"
        options = ["--no-home", "--cleanenv", "--bind", f"{Path(scratch).resolve()}:/scratch"]
        options += ["--bind", f"{smoke}:/smoke.sh:ro"]
        words = [apptainer, "exec", *options, str(path), "bash", "/smoke.sh", "/scratch"]
        yield _smoked(where, *_said(words))


def _tag(context: Context, docker: str, image: str) -> Iterator[Finding]:
    root = context.root.resolve()
    tag = f"spacebio-bench/{image}:{expected_labels(root, image)[VERSION]}"
    code, shown = _said([docker, "image", "inspect", "-f", "{{json .Config.Labels}}", tag])
    if code:
        return
    context.tell(f"{tag} by Docker")
    stale = _stale(root, image, _labels(shown))
    if stale:
        yield red(tag, f"{stale}; {_BUILD}.")
        return
    smoke = root / "containers" / image / "smoke.sh"
    options = ["--rm", "--read-only", "--network", "none", "--tmpfs", "/tmp:exec,mode=1777"]  # noqa: S108 - in the container
    options += ["-u", "10001:10001", "-v", f"{smoke}:/smoke.sh:ro"]
    yield _smoked(tag, *_said([docker, "run", *options, tag, "bash", "/smoke.sh", "/tmp"]))  # noqa: S108


def _smoked(where: str, code: int, said: str) -> Finding:
    if code == 0 and said.rstrip().endswith("smoke: ok"):
        return green(where, "made from this checkout, and does its work")
    return red(where, f"its smoke test fails ({code}): {' '.join(said.split())[-400:]}")


def _stale(root: Path, image: str, labels: Mapping[str, str]) -> str:
    expected = expected_labels(root, image)
    other = sorted(key for key, value in expected.items() if labels.get(key) != value)
    return f"is made from another checkout ({', '.join(other)})" if other else ""


def _labels(shown: str, *path: str) -> dict[str, str]:
    try:
        found: Any = json.loads(shown)
        for part in path:
            found = found[part]
        return {str(key): str(value) for key, value in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _program(root: Path, name: str) -> str | None:
    own = root.resolve() / ".venv" / "bin" / name
    return str(own) if own.exists() else shutil.which(name)


def _said(command: Sequence[str]) -> tuple[int, str]:
    """Exit code and what was said, errors last where it failed."""
    try:
        done = subprocess.run(  # noqa: S603 - programs of containers, and words of ours
            command, capture_output=True, text=True, check=False, timeout=_SECONDS, env=os.environ
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")
