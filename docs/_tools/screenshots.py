"""Pictures of pages for the documentation, by a headless Chromium (Debian: chromium).

`python docs/_tools/screenshots.py results/demo` writes `docs/images/demo_report.png`;
`--site results/docs` also writes pictures of the built site to `results/screenshots`, to look at.
Nothing is asked from a network.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[1] / "images"
NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
LOOKED_AT = ("index", "tutorial/first_run", "reference/columns", "reference/cli", "reference/api")
LARGEST = 300_000
"""Bytes of a picture of the documentation: a clone should stay small."""
WIDTH, HEIGHT = 1100, 900


def browser() -> str:
    """The command of a Chromium of this machine."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


def take(page: Path, picture: Path, *, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Write the top of a local page, as a window of this size shows it."""
    if not page.is_file():
        sys.exit(f"{page}: is not there")
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser(),
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *("--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"),
            *("--virtual-time-budget=15000", f"--window-size={width},{height}"),
            *(f"--user-data-dir={profile}", f"--screenshot={picture.resolve()}"),
            page.resolve().as_uri(),
        ]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=120, check=False
        )
    if done.returncode or not picture.is_file():
        sys.exit(f"{page}: no picture was taken: {done.stderr[-500:]}")


def main(words: Sequence[str] | None = None) -> None:
    """Take the pictures that are asked for and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="folder of a run, such as results/demo")
    parser.add_argument("--site", type=Path, help="folder of the built documentation")
    given = parser.parse_args(words)
    report = IMAGES / "demo_report.png"
    take(given.results / "report.html", report)
    if report.stat().st_size > LARGEST:
        sys.exit(f"{report}: {report.stat().st_size} bytes, {LARGEST} at most")
    taken = [report]
    for name in LOOKED_AT if given.site else ():
        for width in (1280, 420):
            picture = Path("results/screenshots") / f"{name.replace('/', '_')}_{width}.png"
            take(given.site / f"{name}.html", picture, width=width)
            taken.append(picture)
    for picture in taken:
        print(f"{picture}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
