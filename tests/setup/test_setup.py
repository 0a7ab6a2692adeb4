"""`make setup`: what it finds missing, what it says, and that a second call does nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ALL_OF_R = (
    "r-base-core",
    *("r-bioc-deseq2", "r-bioc-gsva", "r-bioc-limma", "r-bioc-edger", "r-bioc-sva", "r-bioc-rhdf5"),
    *("r-cran-data.table", "r-cran-optparse", "r-cran-jsonlite"),
)
JAVA_17 = 'echo openjdk version \\"17.0.1\\" 2021-10-19 >&2'


@dataclass(frozen=True)
class Case:
    commands: dict[str, str]
    missing: tuple[str, ...]


MISSING = {
    "nothing but Java": Case({"java": JAVA_17}, ("maven", "procps", "make", *ALL_OF_R)),
    "two R packages": Case(
        {"java": JAVA_17, "mvn": "", "ps": "", "make": "", "Rscript": "printf 'GSVA data.table'"},
        ("r-bioc-gsva", "r-cran-data.table"),
    ),
    "a Nextflow that fits needs no Maven": Case(
        {
            "java": JAVA_17,
            "nextflow": "echo '      version 25.04.6 build 5954'",
            "ps": "",
            "make": "",
            "Rscript": "printf sva",
        },
        ("r-bioc-sva",),
    ),
    "a Nextflow that does not fit": Case(
        {
            "java": JAVA_17,
            "nextflow": "echo '      version 24.10.1 build 5930'",
            "ps": "",
            "make": "",
            "Rscript": "true",
        },
        ("maven",),
    ),
}


@pytest.mark.parametrize("root_without_apt", [False, True], ids=["not root", "no apt"])
@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING.keys())
def test_what_is_missing_is_named(machine, case: Case, root_without_apt: bool) -> None:
    for name, script in case.commands.items():
        machine.add(name, script)
    if not root_without_apt:
        machine.add("id", "echo 1000")
        machine.add("apt-get", "echo must not be called; exit 9")
    done = machine.run("setup.sh")
    assert done.returncode == 1
    assert tuple(re.findall(r"^  ([a-z0-9.-]+)$", done.stderr, re.MULTILINE)) == case.missing
    assert f"apt-get install --no-install-recommends {' '.join(case.missing)}\n" in done.stderr
    assert "conda" in done.stderr
    assert not (machine.checkout / ".venv").exists()


def test_a_machine_that_has_all_is_not_asked_for_root(machine) -> None:
    for name in ("java", "mvn", "ps", "make", "Rscript"):
        machine.add(name, JAVA_17 if name == "java" else "true")
    machine.add("id", "echo 1000")
    for group in ("tools", "statistics"):
        done = machine.run("setup/debian.sh", "missing", group)
        assert (done.returncode, done.stdout) == (0, "")


def test_root_installs_without_recommended_packages_or_questions(machine) -> None:
    calls = machine.checkout / "calls"
    machine.add("apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {calls}')
    done = machine.run("setup/debian.sh", "install", "maven", "procps")
    assert done.returncode == 0, done.stderr
    last = calls.read_text().splitlines()[-1]
    assert last.startswith("noninteractive ")
    assert " -y " in last
    assert last.endswith(" install --no-install-recommends maven procps")


def test_a_failure_shows_the_end_of_its_log(machine) -> None:
    for name in ("java", "mvn", "make", "Rscript"):
        machine.add(name, JAVA_17 if name == "java" else "true")
    machine.add("apt-get", "echo E: Unable to locate package; exit 100")
    done = machine.run("setup.sh")
    assert done.returncode == 1
    assert "procps" in done.stdout
    assert "| E: Unable to locate package" in done.stderr


JAVAS = {
    "17": ('openjdk version "17.0.15" 2025-04-15', True),
    "24": ('java version "24" 2025-03-18', True),
    "25 is too new for this Nextflow": ('openjdk version "25.0.1" 2025-10-21', False),
    "11 is too old": ('openjdk version "11.0.27" 2025-04-15', False),
    "8 counts differently": ('java version "1.8.0_451"', False),
    "no Java at all": ("The operation could not be completed.", False),
}


@pytest.mark.parametrize(("says", "fits"), JAVAS.values(), ids=JAVAS.keys())
def test_which_java_fits(project: Path, tmp_path: Path, says: str, fits: bool) -> None:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    java.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", f". {project}/bin/setup/common.sh; find_java"],
        env={"PATH": os.environ["PATH"], "JAVA_HOME": str(tmp_path / "jdk")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip() == str(tmp_path / "jdk")) == fits


def test_second_run_does_nothing_and_says_so(project: Path) -> None:
    stamps = [project / ".venv" / name for name in (".locked", ".installed", ".nextflow")]
    if not all(stamp.exists() for stamp in stamps):
        pytest.skip("this checkout was not set up by make setup")
    before = [stamp.stat().st_mtime_ns for stamp in stamps]
    done = subprocess.run(
        [project / "bin" / "setup.sh"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Python packages are up to date" in done.stdout
    assert "Nextflow is up to date" in done.stdout
    assert int(re.findall(r"ready, after (\d+) s", done.stdout)[0]) <= 10
    assert [stamp.stat().st_mtime_ns for stamp in stamps] == before


def shell_scripts() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    found = [*root.glob("bin/**/*.sh"), *root.glob("tests/setup/*.sh")]
    return [root / ".ci" / "run", *sorted(found)]


@pytest.mark.parametrize("script", shell_scripts(), ids=lambda path: path.name)
def test_shell_scripts_parse(script: Path) -> None:
    done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert script.name == "common.sh" or os.access(script, os.X_OK)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_demo_takes_own_data(project: Path) -> None:
    def demo(*variables: str) -> str:
        command = ["make", "-n", "demo", *variables]
        return subprocess.run(
            command, cwd=project, capture_output=True, text=True, check=True
        ).stdout

    assert "-profile test" in demo()
    own = demo(
        "INPUT=a.csv", "GENE_SETS=h=h.gmt,k=k.gmt", "SYMBOLS=i.csv", "PROTOCOL=v4", "OUTDIR=o"
    )
    assert "-profile test" not in own
    assert "--input a.csv --gene_sets h=h.gmt,k=k.gmt --symbols i.csv --protocol v4" in own
    assert "--outdir o " in own
