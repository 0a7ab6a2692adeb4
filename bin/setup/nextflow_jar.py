"""nextflow_jar.py JARS OUT: one jar that starts Nextflow out of the jars of a folder.

Its launcher wants a single jar. This one holds nothing but a manifest with the class path, and the
lint command of the release in JARS/lint, which is thereby found before the one in JARS.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

LINE = 72  # bytes a manifest line may have, its end included


def manifest(jars: list[str]) -> str:
    """The manifest's text; a line that is too long goes on in the next one, after a space."""
    text = ""
    path = " ".join(jars)
    for line in (
        "Manifest-Version: 1.0",
        "Main-Class: nextflow.cli.Launcher",
        f"Class-Path: {path}",
    ):
        rest = line
        while rest:
            text += rest[: LINE - 2] + "\r\n"
            rest = " " + rest[LINE - 2 :] if len(rest) > LINE - 2 else ""
    return text + "\r\n"


def main(folder: Path, out: Path) -> None:
    """Write the jar `out` for the jars in `folder`."""
    names = [f"{folder.name}/{jar.name}" for jar in sorted(folder.glob("*.jar"))]
    (official,) = (folder / "lint").glob("nextflow-*.jar")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new, zipfile.ZipFile(official) as old:
        new.writestr("META-INF/MANIFEST.MF", manifest(names))
        for name in old.namelist():
            if name.startswith("nextflow/cli/CmdLint"):
                new.writestr(name, old.read(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
