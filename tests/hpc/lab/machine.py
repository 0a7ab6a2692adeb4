"""What the lab takes from the kernel: processes, network links and control groups of its own.

Each is marked, so that a later lab can remove what a dead one left and touch nothing else:
processes by pid and start time, links by their alias, control groups by their path.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

CONTROLLERS = ("memory", "freezer")  # what Slurm needs to limit memory and to track processes
CABLE_END = "eth0"  # what every namespace calls its end of the cable
NODE_SPACES = ("--mount", "--uts", "--ipc", "--pid", "--net", "--cgroup")
COMMANDS = ("sbatch", "slurmctld", "slurmd", "munged", "ip", "nsenter", "unshare", "ps")


class LabError(RuntimeError):
    """The lab cannot do what was asked; the message says why."""


def call(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """What a command prints."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        msg = f"{' '.join(argv)} failed ({done.returncode}): {done.stderr.strip()}"
        raise LabError(msg)
    return done.stdout


def wait_for(what: str, true: Callable[[], object], *, seconds: float) -> None:
    """Ask until it is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            msg = f"waited {seconds:g} s in vain for {what}"
            raise LabError(msg)
        time.sleep(0.03)


def missing() -> list[str]:
    """Why no lab can run here; empty when it can."""
    if os.getuid() != 0:
        return ["only root can make nodes (namespaces, network links)"]
    absent = [name for name in COMMANDS if shutil.which(name) is None]
    if absent:
        remedy = "`make setup-hpc` installs what they are part of"
        return [f"commands are missing: {', '.join(absent)}; {remedy}"]
    probe = "ip link add near type bridge && ip link add cable type veth peer name far"
    try:
        call(["unshare", *NODE_SPACES, "--fork", "--mount-proc", "sh", "-c", probe])
    except LabError as error:
        return [f"the kernel does not let us make a node: {error}"]
    return []


def install() -> None:
    """Let the set-up install the Debian packages, unless all commands are there."""
    script = Path(__file__).resolve().parents[3] / "bin" / "setup" / "debian.sh"
    absent = call([str(script), "missing", "slurm"]).split()
    if absent:
        subprocess.run([script, "install", *absent], check=True)


@dataclass(frozen=True)
class Processes:
    """Daemons by name; `folder` has a file for each, with its pid and its start time."""

    folder: Path

    def start(self, name: str, argv: Sequence[str], *, log: Path, **environment: str) -> int:
        """Start it in a session of its own, so that it outlives a terminal and a Ctrl-C."""
        write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        pid = os.posix_spawnp(
            argv[0],
            list(argv),
            os.environ | environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, write, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        (self.folder / name).write_text(f"{pid} {_began(pid)}\n")
        return pid

    def pid(self, name: str) -> int | None:
        """Its pid while it runs; another process that has got the pid since does not count."""
        try:
            pid, began = (self.folder / name).read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if began == _began(int(pid)) else None

    def need(self, name: str) -> int:
        pid = self.pid(name)
        if pid is None:
            msg = f"{name} does not run"
            raise LabError(msg)
        return pid

    def kill(self, *names: str) -> None:
        """End them and their children at once; return when they are gone.

        A node's first process is such a child, and ends after all others of the node.
        """
        found = [pid for name in names if (pid := self.pid(name))]
        for pid in tuple(found):
            with suppress(psutil.NoSuchProcess):
                found += [child.pid for child in psutil.Process(pid).children()]
        began = {pid: start for pid in found if (start := _began(pid))}
        for pid in began:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(
            f"the end of {', '.join(names)}",
            lambda: not any(_began(pid) == start for pid, start in began.items()),
            seconds=10,
        )
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*"))


def _began(pid: int) -> str | None:
    """Start time in clock ticks since boot; None when it has ended, reaped or not."""
    with suppress(ChildProcessError):  # whoever started it reaps it
        os.waitpid(pid, os.WNOHANG)
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else fields[18]


@dataclass(frozen=True)
class Network:
    """A bridge without a way out; the machine has address 1 on it."""

    bridge: str
    prefix: str  # the first three numbers of every address
    owner: str  # the alias of all its links

    def make(self) -> None:
        if Path("/sys/class/net", self.bridge).exists():
            msg = f"the network interface {self.bridge} exists and is not this lab's: name another"
            raise LabError(msg)
        call(["ip", "link", "add", self.bridge, "type", "bridge"])
        call(["ip", "link", "set", self.bridge, "alias", self.owner, "up"])
        call(["ip", "address", "add", f"{self.prefix}.1/24", "dev", self.bridge])

    def plug(self, pid: int, number: int) -> None:
        """Give the network namespace of a process a cable and the address with that number."""
        ours, cable = Path("/proc/self/ns/net"), self.cable(number)
        theirs = Path(f"/proc/{pid}/ns/net")
        wait_for("a network namespace", lambda: theirs.readlink() != ours.readlink(), seconds=10)
        # the far end of a dead node's cable goes with its namespace, but some time later
        subprocess.run(["ip", "link", "delete", cable], capture_output=True, check=False)
        peer = ["type", "veth", "peer", "name", CABLE_END, "netns", str(pid)]
        call(["ip", "link", "add", cable, *peer])
        call(["ip", "link", "set", cable, "alias", self.owner, "master", self.bridge, "up"])
        inside = ["nsenter", f"--net=/proc/{pid}/ns/net", "ip"]
        call([*inside, "link", "set", "lo", "up"])
        call([*inside, "address", "add", f"{self.prefix}.{number}/24", "dev", CABLE_END])
        call([*inside, "link", "set", CABLE_END, "up"])

    def cable(self, number: int) -> str:
        return f"{self.bridge}n{number}"

    def remove(self) -> None:
        for link in json.loads(call(["ip", "-json", "link", "show"])):
            if link.get("ifalias") == self.owner:
                # a cable may go by itself meanwhile, with its namespace
                subprocess.run(
                    ["ip", "link", "delete", link["ifname"]], capture_output=True, check=False
                )


def control_groups() -> dict[str, Path]:
    """Our own control group (version 1) for each controller that Slurm needs; empty: no luck."""
    own = dict(line.split(":")[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    found = {}
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind, options, *_ = line.split()
        for controller in set(CONTROLLERS) & set(options.split(",")) if kind == "cgroup" else ():
            path = Path(mount, own.get(controller, "").lstrip("/"))
            found[controller] = path if path.is_dir() else Path(mount)
    usable = all(os.access(path, os.W_OK) for path in found.values())
    return found if usable and found.keys() == set(CONTROLLERS) else {}


def remove_control_group(path: Path) -> None:
    """End what still runs in it, which is all of the lab, and remove it with those below."""

    def gone() -> bool:
        for folder in [*_below(path), path]:
            try:
                for pid in (folder / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
                folder.rmdir()
            except (FileNotFoundError, ProcessLookupError):
                pass
            except OSError:  # busy: the kernel is not done with the dead
                return False
        return not path.exists()

    wait_for(f"the control group {path} to be empty", gone, seconds=10)


def _below(path: Path) -> Iterator[Path]:
    for folder, names, _ in os.walk(path, topdown=False):
        for name in names:
            yield Path(folder, name)
