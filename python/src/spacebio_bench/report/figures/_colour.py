"""The colour of an AUROC, and ink that can be read on it."""

from __future__ import annotations

import numpy as np

CHANCE_SCALE = (
    "#7f3b08",
    "#b35806",
    "#e08214",
    "#fdc57f",
    "#f4f4f4",
    "#c5bfdf",
    "#9a8fc4",
    "#61459a",
    "#2d004b",
)
"""Orange below chance, purple above, for AUROC 0 to 1: told apart by colour-blind readers too."""


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour (0 to 255), as WCAG 2.2 defines it."""
    channels = np.asarray(colour) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def shade(value: float) -> tuple[float, float, float]:
    """Colour of an AUROC on `CHANCE_SCALE`, interpolated piecewise in sRGB as Vega does."""
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CHANCE_SCALE], float)
    at = np.linspace(0, 1, len(stops))
    red, green, blue = (float(np.interp(value, at, stops[:, k])) for k in range(3))
    return red, green, blue


def ink_on(value: float) -> str:
    """Black or white, whichever stands out more on the colour of `value`: at least 4.5 to 1."""
    light = luminance(shade(value))
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#ffffff"
