"""What a result depends on beside data and protocol: package versions, CPU type, BLAS kernel."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from spacebio_bench import __version__
from spacebio_bench.identity import digest
from spacebio_bench.images import image_facts

NUMERIC = ("numpy", "scipy", "scikit-learn", "xgboost-cpu")
"""Packages whose version can change a score."""


@cache
def numeric_versions() -> dict[str, str]:
    """Versions of the packages that scores come from."""
    return {name: metadata.version(name) for name in NUMERIC}


def lock_digest() -> str:
    """Digest of the versions that scores depend on: the part of the lock file that is in force."""
    return digest(platform.python_version_tuple()[:2], numeric_versions())


def describe() -> dict[str, Any]:
    """The environment as a run records it."""
    blas = [i for i in threadpool_info() if i["user_api"] == "blas"]
    return {
        "spacebio_bench": __version__,
        "python": platform.python_version(),
        "packages": numeric_versions(),
        "lock_digest": lock_digest(),
        "machine": platform.machine(),
        "cpu": _cpu_model(),
        "blas": sorted(f"{i['internal_api']} {i['version']} {i.get('architecture')}" for i in blas),
        "image": image_facts(),
    }


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
