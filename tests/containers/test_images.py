"""The images hold what the locks say, work for anybody, and their builds leave the host alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from spacebio_bench.images import IMAGES, expected_labels

from .._containers import run

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]
BUILT = ("r-preprocess", "python-models")


@pytest.mark.parametrize("image", BUILT)
def test_sif_has_the_labels_of_this_checkout(project: Path, apptainer: str, image: str) -> None:
    run(project, "bin/images.sh", "--kind", "sif", "--only", image)
    shown = json.loads(run(project, apptainer, "inspect", "--json", f"images/{image}.sif"))
    labels = shown["data"]["attributes"]["labels"]
    assert expected_labels(project, image).items() <= labels.items()


@pytest.mark.parametrize("image", BUILT)
def test_sif_does_its_work(project: Path, apptainer: str, image: str, tmp_path: Path) -> None:
    run(project, "bin/images.sh", "--kind", "sif", "--only", image)
    smoke = ("bash", f"containers/{image}/smoke.sh", "/scratch")
    options = ("--no-home", "--cleanenv", "--bind", f"{tmp_path}:/scratch")
    said = run(project, apptainer, "exec", *options, f"images/{image}.sif", *smoke)
    assert said.endswith("smoke: ok\n")


@pytest.mark.parametrize("user", ["10001", "4321"], ids=["its own user", "any number"])
@pytest.mark.parametrize("image", BUILT)
def test_docker_image_does_its_work_on_a_read_only_root(
    project: Path, docker: dict[str, str], image: str, user: str
) -> None:
    run(project, "bin/images.sh", "--kind", "docker", "--only", image, env=docker)
    expected = expected_labels(project, image)
    tag = f"spacebio-bench/{image}:{expected['org.opencontainers.image.version']}"
    shown = run(project, "docker", "inspect", "-f", "{{json .Config.Labels}}", tag, env=docker)
    assert expected.items() <= json.loads(shown).items()
    smoke = f"{project}/containers/{image}/smoke.sh:/smoke.sh:ro"
    options = ("--rm", "--read-only", "--tmpfs", "/tmp:exec,mode=1777", "--network", "none")
    command = ("docker", "run", *options, "-u", f"{user}:{user}", "-v", smoke, tag)
    said = run(project, *command, "bash", "/smoke.sh", "/tmp", env=docker)
    assert said.endswith("smoke: ok\n")


def test_a_build_sees_nothing_of_the_hosts_tmp(project: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's builds are set apart from the host's /tmp")
    kept = Path("/tmp") / f"spacebio-bench-canary-{os.getpid()}"
    kept.touch()
    try:
        listing = ("containers/isolated.sh", str(tmp_path), "ls", "-A", "/tmp", "/var/tmp")
        assert run(project, *listing).split() == ["/tmp:", "/var/tmp:"]
        script = "touch /tmp/of-a-build"
        run(project, "containers/isolated.sh", str(tmp_path), "bash", "-c", script)
        assert kept.exists()
        assert not Path("/tmp/of-a-build").exists()
    finally:
        kept.unlink()


def test_install_scripts_stay_out_of_temporary_folders(project: Path) -> None:
    scripts = [project / "containers/common.sh", *project.glob("containers/*/install.sh")]
    assert len(scripts) == 1 + len(IMAGES)
    for script in scripts:
        code = [x for x in script.read_text().splitlines() if not x.lstrip().startswith("#")]
        named = [x for x in code if re.search(r"(?<![\w$}])/(var/)?tmp\b", x)]
        assert all("/etc/passwd" in line for line in named), f"{script}: {named}"


def test_a_version_that_is_not_served_is_named(project: Path, tmp_path: Path) -> None:
    script = f"""
        apt-get() {{ :; }}
        apt-cache() {{ printf ' %s | 2.0-1  | http://mirror main\\n' "$2"; }}
        . {tmp_path}/containers/common.sh
        add_packages r-here=2.0-1 r-gone=1.0-1
    """
    (tmp_path / "containers").mkdir()
    common = (project / "containers/common.sh").read_text()
    (tmp_path / "containers/common.sh").write_text(common)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "r-gone=1.0-1 (served: 2.0-1)" in done.stderr
    assert "r-here" not in done.stderr
    assert "bin/setup/lock.sh debian" in done.stderr
