"""A whole SLURM cluster on this machine; nodes are namespaces, with a network and a memory each.

A node shares the file system with the machine, but has its own hostname, address and process
table, so that it can lose its power or its network like a real one. Nothing in the lab has a
route to anywhere else. All files are below one folder; nothing of the machine's own Slurm is used.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .configuration import JOB_SUBMIT, MemoryLimit, cgroup_conf, hosts, slurm_conf
from .jobs import Jobs
from .machine import (
    CABLE_END,
    CONTROLLERS,
    NODE_SPACES,
    LabError,
    Network,
    Processes,
    call,
    control_groups,
    install,
    missing,
    remove_control_group,
    wait_for,
)

# a node enters its control groups first, so that they are the root of what it sees
_ENTER = """
while [[ $1 != -- ]]; do echo $$ >"$1/cgroup.procs"; shift; done
exec "${@:2}"
"""
# process 1 of a node; it stays, because slurmd does not reap orphans
_BOOT = """
set -euo pipefail
hostname "$1"
mount --bind "$2/hosts" /etc/hosts
mount -t tmpfs none "$2/cgroup"
for controller in "${@:3}"; do
  mkdir "$2/cgroup/$controller"
  mount -t cgroup -o "$controller" none "$2/cgroup/$controller"
done
until ip -4 -brief address show eth0 up 2>/dev/null | grep -q .; do sleep 0.02; done
slurmd -D || echo "slurmd ended with $?"
"""
_SUBMIT = 9  # address of the submit host that sees nothing but the lab


@dataclass(frozen=True)
class SlurmLab(Jobs):
    """The cluster of one folder.

    Parameters
    ----------
    folder
        Where all its files are; a short path, as those of sockets are limited to 108 bytes.
    nodes, cpus, memory
        How many nodes, the cores and the MiB that each claims to have.
    port_base, net, bridge
        What two labs at the same time must not share; `numbered` sees to it.
    extra_conf
        More lines of slurm.conf; a repeated entry replaces the lab's.
    """

    folder: Path = Path("/tmp/sbb0")
    nodes: int = 4
    cpus: int = 2
    memory: int = 4000
    port_base: int = 21800
    net: str = "10.89.0"
    bridge: str = "sbbbr0"
    extra_conf: str = ""

    @classmethod
    def numbered(cls, number: int, **others: int | str) -> SlurmLab:
        """One of several labs that can be up side by side; number 0 is for work by hand."""
        chosen: dict[str, object] = {
            "folder": Path(f"/tmp/sbb{number}"),
            "port_base": 21800 + 20 * number,
            "net": f"10.89.{number}",
            "bridge": f"sbbbr{number}",
        }
        return cls(**(chosen | others))  # type: ignore[arg-type]

    # what clients need

    @property
    def scheduler_interface(self) -> str:
        """Where nodes reach a process of this machine."""
        return self.bridge

    @property
    def worker_interface(self) -> str:
        return CABLE_END

    @property
    def offline_interface(self) -> str:
        """Where nodes reach a process that `in_lab_network` started."""
        return CABLE_END

    @property
    def offline_address(self) -> str:
        return f"{self.net}.{_SUBMIT}"

    def in_lab_network(self, argv: Sequence[str]) -> list[str]:
        """The command that runs this one where there is no route to anything but the lab."""
        return ["nsenter", f"--net=/proc/{self._daemons.need('submit')}/ns/net", "--", *argv]

    @property
    def memory_enforced_by(self) -> MemoryLimit:
        """The kernel ends a job with OUT_OF_MEMORY at once; polling with FAILED, within 1-2 s."""
        return "kernel" if control_groups() else "polling"

    # the machine

    def missing(self) -> list[str]:
        """Why the lab cannot run here; empty when it can."""
        return missing()

    def install(self) -> None:
        install()

    @contextmanager
    def claim(self) -> Iterator[bool]:
        """Is the lab this process's own for now, or has another one claimed it?"""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder, os.O_RDONLY)
        ours = False
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
        try:
            yield ours
        finally:
            os.close(handle)

    # up and down

    def up(self) -> None:
        """Bring up what is not up; return when every node answers."""
        conf = self.folder / "slurm.conf"
        same = conf.exists() and conf.read_text() == self._slurm_conf()
        if not (same and all(map(self._daemons.pid, ("munged", "slurmctld", "submit")))):
            if reasons := self.missing():
                msg = f"the lab cannot run here: {'; '.join(reasons)}"
                raise LabError(msg)
            self.down()  # what a dead lab has left
        try:
            self._bring_up(fresh=not conf.exists())
        except BaseException as error:
            self.down()
            if isinstance(error, LabError):
                error.add_note(f"logs: {self.folder / 'log'}")
            raise

    def down(self) -> None:
        """Remove everything but the logs, whatever state it is in."""
        self._daemons.kill(*self._daemons.names())
        self._network.remove()
        groups = self.folder / "control_groups"
        if groups.exists():
            for line in groups.read_text().splitlines():
                remove_control_group(Path(line))
        for path in self.folder.glob("*"):
            if path.is_dir() and path.name != "log":
                shutil.rmtree(path)
            elif path.name != "log":
                path.unlink()

    def _bring_up(self, *, fresh: bool) -> None:
        if fresh:
            self._write_files()
            self._network.make()
            self._start("munged", "munged", "--foreground", *self._munge_options())
            wait_for("munge", (self.folder / "munge" / "socket").exists, seconds=10)
            self._start("slurmctld", "slurmctld", "-D")
            self._network.plug(self._start("submit", "unshare", "--net", "sleep", "inf"), _SUBMIT)
        for node in self.node_names:
            self.start_node(node)
            self.heal_node(node)
        wait_for("all nodes to be up", self._all_up, seconds=30)

    def _write_files(self) -> None:
        shutil.rmtree(self.folder / "log", ignore_errors=True)
        for name in ("run", "log", "munge", "state", "spool", "cgroup"):
            (self.folder / name).mkdir(parents=True)
        groups = [str(path / self.folder.name) for path in control_groups().values()]
        if groups:
            (self.folder / "cgroup.conf").write_text(cgroup_conf(self.folder))
        files = {
            "control_groups": "\n".join(groups),
            "hosts": hosts(host=_host(), net=self.net, nodes=self.nodes),
            "job_submit.lua": JOB_SUBMIT,
            "slurm.conf": self._slurm_conf(),
        }
        for name, text in files.items():
            (self.folder / name).write_text(text)
        key = self.folder / "munge" / "key"
        key.touch(mode=0o400)
        key.write_bytes(os.urandom(1024))

    def _slurm_conf(self) -> str:
        limit = self.memory_enforced_by
        return slurm_conf(
            limit, **asdict(self), host=_host(), last_address=_number(f"node{self.nodes}")
        )

    def _munge_options(self) -> list[str]:
        folder = self.folder / "munge"
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
        log = f"--log-file={self.folder / 'log' / 'munge.log'}"
        return [log, *(f"--{option}={folder / name}" for option, name in files.items())]

    def _all_up(self) -> bool:
        for name in ("slurmctld", *self.node_names):
            if self._daemons.pid(name) is None:
                said = (self.folder / "log" / f"{name}.out").read_text().splitlines()
                msg = f"{name} ended: {' / '.join(said[-3:])}"
                raise LabError(msg)
        try:
            listed = self.client("sinfo", "-h", "-N", "-p", "normal", "-o", "%T")
        except LabError:  # it does not listen yet
            return False
        states = listed.split()
        return set(states) <= {"idle", "mixed", "allocated"} and len(states) == self.nodes

    # nodes, and what may happen to them

    @property
    def node_names(self) -> list[str]:
        return [f"node{n}" for n in range(1, self.nodes + 1)]

    def start_node(self, node: str) -> None:
        """Power on; returns before SLURM knows."""
        if self._daemons.pid(node):
            return
        recorded = (self.folder / "control_groups").read_text().splitlines()
        groups = [Path(line) / node for line in recorded]
        for group in groups:
            group.mkdir(parents=True, exist_ok=True)
        controllers = CONTROLLERS if groups else ()
        pid = self._start(
            node,
            *("bash", "-c", _ENTER, "enter", *map(str, groups), "--"),
            *("unshare", *NODE_SPACES, "--fork", "--kill-child", "--mount-proc"),
            *("bash", "-c", _BOOT, "boot", node, str(self.folder), *controllers),
        )
        self._network.plug(pid, _number(node))

    def crash_node(self, node: str) -> None:
        """Power off: the kernel ends all its processes at once, and nobody is told."""
        self._daemons.need(node)
        self._daemons.kill(node)

    def cut_node(self, node: str) -> None:
        """Pull the network cable; what runs there runs on."""
        call(["ip", "link", "set", self._network.cable(_number(node)), "down"])

    def heal_node(self, node: str) -> None:
        call(["ip", "link", "set", self._network.cable(_number(node)), "up"])

    def exec(self, node: str, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command on the node, outside any job, in the same folder."""
        of = f"/proc/{self._daemons.need(node)}/ns"
        spaces = [f"--{name}={of}/{name}" for name in ("net", "uts", "ipc")]
        spaces += [f"--mount={of}/mnt", f"--pid={of}/pid_for_children"]
        command = ["nsenter", *spaces, "--", "env", f"--chdir={Path.cwd()}", *argv]
        variables = os.environ | self.environment()
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    # what the rest is made of

    @property
    def _daemons(self) -> Processes:
        return Processes(self.folder / "run")

    @property
    def _network(self) -> Network:
        return Network(self.bridge, self.net, f"SLURM lab of {self.folder}")

    def _start(self, name: str, *argv: str) -> int:
        log = self.folder / "log" / f"{name}.out"
        return self._daemons.start(name, argv, log=log, **self.environment())


def _host() -> str:
    return socket.gethostname().partition(".")[0]


def _number(node: str) -> int:
    """The last number of a node's address."""
    return 10 + int(node.removeprefix("node"))
