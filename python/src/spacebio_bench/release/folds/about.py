"""What a package says of itself beside its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spacebio_bench import __version__
from spacebio_bench.images import IMAGES, image_facts, lock_digest

UNPUBLISHED = "1970-01-01"
"""Date of a package that was not published."""
SOURCES = "other"
"""Licence of a package that nobody put under another one: the data keep that of their studies."""
SOURCES_PAGE = "https://osdr.nasa.gov"
HOMEPAGE = "https://pypi.org/project/spacebio-bench/"


@dataclass(frozen=True)
class About:
    """Words and facts of the descriptions.

    Attributes
    ----------
    license
        SPDX id; `SOURCES`: the terms of each study.
    date
        Of publication, YYYY-MM-DD.
    version
        Of the package of folds.
    url
        Where the package is published.
    creator
        Who publishes it.
    images
        sha256 of the lock files that a container image is made from, by the image's name.
    """

    name: str = "SpaceBio-Bench folds"
    description: str = (
        "Train and test tables of the folds of SpaceBio-Bench: expression of flight and ground "
        "samples, split by mission."
    )
    license: str = SOURCES
    date: str = UNPUBLISHED
    version: str = __version__
    url: str = HOMEPAGE
    creator: str = "SpaceBio-Bench"
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def license_url(self) -> str:
        """The licence's page."""
        known = self.license != SOURCES
        return f"https://spdx.org/licenses/{self.license}" if known else SOURCES_PAGE


def known_images(project: Path | None) -> dict[str, str]:
    """Lock digests of the images: as a checkout would build them, or of the one this runs in."""
    if project is not None:
        return {name: lock_digest(project, name) for name in sorted(IMAGES)}
    labels = (image_facts() or {}).get("labels", {})
    title, lock = (
        labels.get(key) for key in ("org.opencontainers.image.title", "org.spacebio-bench.lock")
    )
    return {title: lock} if title and lock else {}
