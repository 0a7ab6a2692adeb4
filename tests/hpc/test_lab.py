"""The lab is what it says: separate nodes, limits, faults that SLURM sees, and no way out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from .lab import LabError, SlurmLab
from .lab.machine import control_groups, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]

OUTSIDE = "203.0.113.1"  # reserved for documentation: nobody has it (RFC 5737)


def state(lab: SlurmLab, node: str) -> str:
    return lab.client("sinfo", "-h", "-n", node, "-p", "normal", "-o", "%T").strip()


def wait_until_idle(lab: SlurmLab, node: str) -> None:
    wait_for(f"{node} to be idle", lambda: state(lab, node) == "idle", seconds=30)


def offline(lab: SlurmLab, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        lab.in_lab_network(argv),
        env=os.environ | lab.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_every_node_runs_a_job_under_its_own_name(healthy_lab, tmp_path):
    numbers = [
        healthy_lab.submit("-w", node, "-o", f"{tmp_path}/{node}", "--wrap", "hostname; ps ax")
        for node in healthy_lab.node_names
    ]
    for node, number in zip(healthy_lab.node_names, numbers, strict=True):
        assert healthy_lab.wait_for_job(number)["JobState"] == "COMPLETED"
        name, *processes = (tmp_path / node).read_text().splitlines()
        assert name == node
        assert len(processes) < 20  # its own table: neither this process nor the other nodes


def test_memory_over_the_limit_ends_the_job(healthy_lab, tmp_path):
    grow = f"{sys.executable} -c 'import time; x = bytearray(400 * 2**20); time.sleep(20)'"
    number = healthy_lab.submit("--mem=100", "-o", f"{tmp_path}/out", "--wrap", grow)
    by_kernel = healthy_lab.memory_enforced_by == "kernel"
    ended = healthy_lab.wait_for_job(number)["JobState"]
    assert ended == ("OUT_OF_MEMORY" if by_kernel else "FAILED")


@pytest.mark.parametrize(
    ("fault", "remedy"), [("crash_node", "start_node"), ("cut_node", "heal_node")]
)
def test_a_node_is_lost_and_comes_back(healthy_lab, tmp_path, fault, remedy):
    beat = "while sleep 0.1; do date +%s.%N; done"
    output = tmp_path / "out"
    number = healthy_lab.submit("--no-requeue", "-w", "node3", "-o", str(output), "--wrap", beat)
    wait_for("the job's first words", lambda: output.exists() and output.read_text(), seconds=10)
    getattr(healthy_lab, fault)("node3")
    at_fault = output.read_text()
    assert healthy_lab.wait_for_job(number)["JobState"] == "NODE_FAIL"
    # without power nothing runs on; without network everything does
    assert (output.read_text() == at_fault) == (fault == "crash_node")
    getattr(healthy_lab, remedy)("node3")
    wait_until_idle(healthy_lab, "node3")


def test_partition_that_is_down_and_account_that_is_wrong(healthy_lab):
    number = healthy_lab.submit("-p", "down", "-o", "/dev/null", "--wrap", "true")
    assert healthy_lab.job(number)["Reason"] == "PartitionDown"
    number = healthy_lab.submit("-p", "accounts", "-o", "/dev/null", "--wrap", "true")
    waiting = healthy_lab.client("squeue", "-h", "-j", number, "-o", "%T %r")
    assert waiting.startswith("PENDING Job's account not known")
    with pytest.raises(LabError, match="Invalid account or account/partition"):
        healthy_lab.submit("--account=wrong", "-o", "/dev/null", "--wrap", "true")


def test_in_the_lab_network_there_is_nothing_but_the_lab(healthy_lab, tmp_path):
    began = time.monotonic()
    connect = f"import socket; socket.create_connection(('{OUTSIDE}', 80), timeout=20)"
    refused = offline(healthy_lab, sys.executable, "-c", connect)
    assert "Network is unreachable" in refused.stderr
    assert time.monotonic() - began < 5
    for node in healthy_lab.node_names:
        assert "default" not in healthy_lab.exec(node, ["ip", "route"]).stdout
    assert "node[1-4]" in offline(healthy_lab, "sinfo").stdout
    # a job reaches what runs there, as workers reach a scheduler
    listen = "import socket; s = socket.create_server(('', 0)); print(s.getsockname()[1], flush=1)"
    listen += "; c, _ = s.accept(); print(c.recv(99).decode())"
    command = healthy_lab.in_lab_network([sys.executable, "-c", listen])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        port = listener.stdout.readline().strip()
        call = f"hostname >/dev/tcp/{healthy_lab.offline_address}/{port}"
        script = tmp_path / "call.sh"
        script.write_text(f"#!/bin/bash\n{call}\n")
        sent = offline(healthy_lab, "sbatch", "-w", "node2", "-o", "/dev/null", str(script))
        assert sent.returncode == 0, sent.stderr
        assert listener.communicate(timeout=20)[0].strip() == "node2"


def test_broken_lab_is_replaced_and_leaves_nothing(spare_lab):
    spare_lab.up()
    number = spare_lab.submit("-o", "/dev/null", "--wrap", "sleep 300")
    spare_lab.wait_for_job(number, "RUNNING")
    began = time.monotonic()
    spare_lab.up()
    assert spare_lab.job(number)["JobState"] == "RUNNING"  # it was up: left as it is
    assert time.monotonic() - began < 5
    os.kill(spare_lab._daemons.need("slurmctld"), signal.SIGKILL)
    wait_for("the end", lambda: spare_lab._daemons.pid("slurmctld") is None, seconds=5)
    spare_lab.up()
    with pytest.raises(LabError, match="Invalid job id"):
        spare_lab.job(number)
    spare_lab.down()
    assert [path.name for path in spare_lab.folder.iterdir()] == ["log"]
    assert not list(Path("/sys/class/net").glob(f"{spare_lab.bridge}*"))
    assert not [
        group
        for parent in control_groups().values()
        if (group := parent / spare_lab.folder.name).exists()
    ]
    folder = str(spare_lab.folder)
    assert folder not in Path("/proc/mounts").read_text()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        assert f"SLURM_CONF={folder}/".encode() not in variables, process


def test_process_that_has_got_the_pid_of_a_dead_one_is_left_alone(spare_lab):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        run = spare_lab.folder / "run"
        run.mkdir()
        (run / "slurmctld").write_text(f"{stranger.pid} 1\n")
        spare_lab.down()
        assert stranger.poll() is None
        stranger.kill()


def test_lab_that_cannot_come_up_says_why_and_leaves_nothing(spare_lab):
    broken = replace(spare_lab, extra_conf="NoSuchEntry=1")
    with pytest.raises(LabError, match="NoSuchEntry"):
        broken.up()
    assert [path.name for path in broken.folder.iterdir()] == ["log"]
    assert not list(Path("/sys/class/net").glob(f"{broken.bridge}*"))
