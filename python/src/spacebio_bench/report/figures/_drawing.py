"""From a specification to pictures, without a browser or a network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import vl_convert

from spacebio_bench.report.figures._figure import Figure

PNG_SCALE = 2.0
_UNSEEN = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events)="[^"]*"')
"""Attributes that mean nothing inside an image, whose text alternative is that of the page."""


@dataclass(frozen=True)
class Drawing:
    """A figure with its picture, as the page takes it; `width` and `height` in CSS pixels."""

    figure: Figure
    svg: str

    @property
    def picture(self) -> str:
        """The picture as a data URI."""
        return "data:image/svg+xml," + quote(
            _UNSEEN.sub("", self.svg), safe=" =:/;,'()!*+@?[]{}|~^"
        )

    @property
    def width(self) -> str:
        """Width of the picture."""
        return _size(self.svg, "width")

    @property
    def height(self) -> str:
        """Height of the picture."""
        return _size(self.svg, "height")


def draw(figure: Figure, folder: Path) -> Drawing:
    """Write ``<name>.svg`` and ``<name>.png`` into a folder that exists."""
    spec = figure.whole_spec()
    svg = steady_ids(vl_convert.vegalite_to_svg(spec))
    (folder / f"{figure.name}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{figure.name}.png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
    return Drawing(figure, svg)


def steady_ids(svg: str) -> str:
    """Number gradients and clips from 0: Vega numbers them over all charts that a process draws."""
    found: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        kind = match.group(2)
        number = sum(name.startswith(kind) for name in found)
        name = found.setdefault(match.group(2) + match.group(3), f"{kind}{number}")
        return match.group(1) + name + match.group(4)

    return re.sub(r'(id="|url\(#)(gradient_|clip)(\d+)("|\))', renamed, svg)


def _size(svg: str, name: str) -> str:
    found = re.search(rf'<svg[^>]*? {name}="([\d.]+)"', svg)
    return found.group(1) if found else "auto"
