"""`spacebio-bench preflight`: lines, JSON and exit codes."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spacebio_bench.cli import main
from spacebio_bench.parameters import parameter_names
from spacebio_bench.preflight import disk


@pytest.fixture
def laptop(commands, tmp_path: Path, monkeypatch) -> Path:
    """A machine that has all that the profile `local` needs."""
    commands.add("java", "echo 'openjdk version \"17.0.9\"' >&2")
    commands.add("nextflow", "echo nextflow version 25.04.4.5950")
    commands.add("Rscript")
    monkeypatch.setattr(disk, "LITTLE_SPACE", 0)
    monkeypatch.setattr(disk, "NO_SPACE", 0)
    monkeypatch.setattr(disk, "FEW_INODES", 0)
    folder = tmp_path / "launch"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def called(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["preflight", *arguments])


def test_all_is_well(laptop: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    result = called()
    assert signal.getsignal(signal.SIGTERM) is before
    assert result.exit_code == 0, result.output
    *lines, last = result.output.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 8
    assert lines[1].startswith("ok       Nextflow: 25.04.4, at ")
    assert last.startswith("8 checks in ")
    assert last.endswith(" s: 0 failed, 0 warnings.")
    assert list(laptop.iterdir()) == []


def test_quiet_says_only_what_is_not_ok(laptop: Path, commands) -> None:
    assert called("--quiet").output == ""
    (commands.folder / "Rscript").unlink()
    result = called("--quiet")
    assert result.exit_code == 4
    (line,) = result.output.splitlines()
    assert line.startswith("failed   R: Rscript is not on PATH. `make setup` installs it")


def test_json(laptop: Path, monkeypatch) -> None:
    monkeypatch.setattr(disk, "LITTLE_SPACE", 10**18)
    result = called("--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert (told["failed"], told["warnings"]) == (0, 1)
    (warning,) = [check for check in told["checks"] if check["status"] == "warning"]
    assert warning["name"] == "free space, outdir, ledger, work"
    assert warning["remedy"]


def test_a_file_of_parameters_and_options_before_it(laptop: Path) -> None:
    (laptop / "p.json").write_text(json.dumps({"outdir": "a", "cohorts": "stores", "seed": 7}))
    result = called("--params", "p.json", "--outdir", "b", "--work", "w")
    assert f"write access, outdir: {laptop}/b." in result.output
    assert f"write access, work: {laptop}/w." in result.output
    assert "R: not needed" in result.output


def test_wrong_parameters_are_told_at_once(laptop: Path) -> None:
    result = called("--profile", "slrum", "--workers", "x", "--walltime", "1")
    assert result.exit_code == 2
    assert "--profile: 'slrum' is not one of" in result.output
    assert '--workers: a whole number is needed, not "x".' in result.output
    assert "--walltime: 1 is below 2." in result.output
    assert "3 problems; nothing was run." in result.output


def test_every_parameter_is_an_option() -> None:
    shown = called("--help").output
    assert [name for name in parameter_names() if name != "help" and f"--{name}" not in shown] == []


def test_what_breaks_is_no_traceback(laptop: Path, monkeypatch) -> None:
    def broken(folder: Path) -> Path:
        msg = "the disk is on fire"
        raise RuntimeError(msg)

    monkeypatch.setattr(disk, "existing", broken)
    result = called("--quiet")
    assert result.exit_code == 4
    assert "failed   free space: RuntimeError: the disk is on fire." in result.output


def test_the_cluster_from_the_command_line(laptop: Path, slurm: Path) -> None:
    result = called("--profile", "slurm", "--no-probe", "--quiet", "--partition", "nrmal")
    assert result.exit_code == 4
    assert "failed   partition: nrmal does not exist" in result.output
    sent = (slurm / "submitted").read_text()
    assert "--test-only --partition=nrmal" in sent
    assert "--parsable" not in sent
