"""The container engine, and whether the images are those that this checkout describes."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from spacebio_bench import __version__
from spacebio_bench.images import expected_labels
from spacebio_bench.preflight._ask import Answer, ask, find
from spacebio_bench.preflight._check import Check, Step
from spacebio_bench.preflight.setup import Setup

APPTAINER = (1, 2)
SINGULARITY_CE = (3, 11)
"""Of the age of Apptainer 1.2; older ones were never tried."""

_MAKE_IMAGES = "`make images` builds it."


def docker_steps(setup: Setup) -> dict[str, Step]:
    """The engine, and an image a step."""
    images = {f"image {n}": partial(docker_image, setup, n) for n in setup.image_names}
    return {"Docker": docker, **images}


def apptainer_steps(setup: Setup) -> dict[str, Step]:
    """Apptainer itself, and an image a step."""
    images = {f"image {n}": partial(apptainer_image, setup, n) for n in setup.image_names}
    return {"Apptainer": partial(apptainer, setup), **images}


def docker() -> Iterator[Check]:
    """Does the engine answer? A client alone is of no use."""
    answer = ask("docker", "version", "--format", "{{.Server.Version}}")
    if answer.ok and answer.out.strip():
        yield Check("Docker", "ok", f"engine {answer.out.strip()}, at {find('docker')}")
        return
    remedy = "Start the engine, and see that you may use it (group docker)."
    if answer.code == 127:
        remedy = "Install Docker, or use another profile."
    yield Check("Docker", "failed", f"no engine: {answer.words}", remedy)


def docker_image(setup: Setup, name: str) -> Iterator[Check]:
    """An image of the engine, by its tag."""
    tag = f"spacebio-bench/{name}:{__version__}"
    answer = ask("docker", "image", "inspect", "--format", "{{json .Config.Labels}}", tag)
    if answer.ok:
        yield judge_labels(
            name, tag, docker_labels(answer.out), expected_labels(setup.project, name)
        )
    elif re.search(r"no such (image|object)", answer.err, re.IGNORECASE):
        yield Check(f"image {name}", "failed", f"{tag} is not there", _MAKE_IMAGES)
    else:
        yield Check(f"image {name}", "failed", f"{tag} cannot be seen: {answer.words}")


def docker_labels(text: str) -> dict[str, str] | None:
    """Labels as `docker image inspect` prints them; None where it is something else."""
    return _texts(_parsed(text))


def apptainer(setup: Setup) -> Iterator[Check]:
    """A version that is new enough, and the way in which it may start a container."""
    answer = ask("apptainer", "--version")
    on_nodes_only = setup.profile == "slurm" and answer.code == 127
    remedy = f"Install Apptainer {APPTAINER[0]}.{APPTAINER[1]} or later."
    if on_nodes_only:
        found = "not on the submit host, so the images are not looked into here"
        yield Check(
            "Apptainer", "warning", found, "The nodes need it on PATH; the probe job tells."
        )
    elif not answer.ok:
        if answer.code == 127 and (path := find("singularity")):
            remedy += f" {path} will do if it is new: put a link to it named apptainer on PATH."
        yield Check("Apptainer", "failed", answer.words, remedy)
    else:
        yield judge_version(answer.out)
        if setup.profile != "slurm":  # on a node, the probe starts one
            yield starts(setup)


def judge_version(text: str) -> Check:
    """A verdict on what `apptainer --version` prints."""
    said = text.strip()
    version = engine_version(said)
    least = SINGULARITY_CE if said.startswith("singularity") else APPTAINER
    if version is None:
        return Check("Apptainer", "warning", f"its version cannot be read: '{said}'")
    if version < least:
        found = f"{said}, at {find('apptainer')}; {least[0]}.{least[1]} or later is needed"
        return Check("Apptainer", "failed", found, "Install a newer one.")
    return Check("Apptainer", "ok", f"{said}, at {find('apptainer')}")


def engine_version(text: str) -> tuple[int, int] | None:
    """Major and minor version in 'apptainer version 1.4.5' and its like."""
    found = re.search(r"version (\d{1,4})\.(\d{1,4})", text)
    return (int(found[1]), int(found[2])) if found else None


def starts(setup: Setup) -> Check:
    """Start the models' image once: the one proof that the kernel and the site allow it."""
    name = "container start"
    image = setup.sif(setup.image_names[-1])
    way = way_in()
    if not image.is_file():
        status = "warning" if way else "failed"
        found = f"not tried, since the image is missing; {way or 'no way is open'}"
        return Check(name, status, found, "" if way else _OPEN_A_WAY)  # type: ignore[arg-type]
    answer = ask("apptainer", "-q", "exec", "--no-home", str(image), "true", seconds=30)
    if answer.ok:
        return Check(name, "ok", way or "works")
    return Check(name, "failed", answer.words, "" if way else _OPEN_A_WAY)


_OPEN_A_WAY = (
    "Ask the site for user namespaces (sysctl user.max_user_namespaces, "
    "kernel.unprivileged_userns_clone) or for Apptainer's setuid starter (package apptainer-suid)."
)


def way_in() -> str:
    """How Apptainer may start a container: as root, setuid or by user namespaces; else ''."""
    if os.geteuid() == 0:
        return "as root: neither user namespaces nor setuid is needed"
    if _setuid_starter(ask("apptainer", "buildcfg")):
        return "by the setuid starter"
    if ask("unshare", "--user", "--map-root-user", "true").ok:
        return "by user namespaces"
    return ""


def _setuid_starter(settings: Answer) -> bool:
    folder = re.search(r"^LIBEXECDIR=(.+)$", settings.out, re.MULTILINE)
    if not folder:
        return False
    starters = Path(folder[1]).glob("*/bin/starter-suid")
    return any(s.stat().st_mode & stat.S_ISUID and s.stat().st_uid == 0 for s in starters)


def apptainer_image(setup: Setup, name: str) -> Iterator[Check]:
    """An image file, and what it says it was built from."""
    path = setup.sif(name)
    title = f"image {name}"
    if not path.is_file():
        remedy = f"{_MAKE_IMAGES} Where they are elsewhere: --images."
        yield Check(title, "failed", f"{path} is not there", remedy)
        return
    if find("apptainer") is None:
        size = path.stat().st_size / 1e6
        yield Check(title, "warning", f"{path}, {size:.0f} MB; its labels were not read")
        return
    answer = ask("apptainer", "inspect", "--json", "--labels", str(path))
    if not answer.ok:
        remedy = f"It may be cut short. {_MAKE_IMAGES}"
        yield Check(title, "failed", f"{path} cannot be read: {answer.words}", remedy)
        return
    found = apptainer_labels(answer.out)
    yield judge_labels(name, str(path), found, expected_labels(setup.project, name))


def apptainer_labels(text: str) -> dict[str, str] | None:
    """Labels as `apptainer inspect --json --labels` prints them; None for anything else."""
    data = _parsed(text)
    for key in ("data", "attributes", "labels"):
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return _texts(data or {})


def judge_labels(
    name: str, where: str, found: Mapping[str, str] | None, expected: Mapping[str, str]
) -> Check:
    """A verdict on the labels of an image against those that this checkout would give it."""
    title = f"image {name}"
    if found is None:
        return Check(title, "failed", f"the labels of {where} cannot be read", _MAKE_IMAGES)
    differing = [k for k, v in expected.items() if _counts(k) and found.get(k) != v]
    if not differing:
        return Check(title, "ok", where)
    told = ", ".join(
        f"{key.rpartition('.')[2]} is {_short(found.get(key))}, here {_short(expected[key])}"
        for key in differing
    )
    remedy = "`make images` builds it again; or use the checkout that it was built from."
    return Check(title, "failed", f"{where} is of another checkout: {told}", remedy)


def _counts(key: str) -> bool:
    """Whether a label tells what is inside; titles and licences do not."""
    return key.startswith("org.spacebio-bench.") or key.endswith(".version")


def _short(value: str | None) -> str:
    if value is None:
        return "not stated"
    return value if len(value) <= 19 else f"{value[:16]}..."


def _parsed(text: str) -> Any:
    """What JSON says; {} for its null, None where it is no JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return {} if data is None else data


def _texts(data: Any) -> dict[str, str] | None:
    if not isinstance(data, dict):
        return None
    return {str(key): str(value) for key, value in data.items()}
