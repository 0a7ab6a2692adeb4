"""What the parameters of a site mean: options of its jobs, addresses of its interfaces."""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Mapping
from typing import Any

import psutil

from spacebio_bench.preflight._check import Check


def job_options(parameters: Mapping[str, Any]) -> list[str] | Check:
    """Options of sbatch that all jobs get; a failed check where they cannot be read."""
    try:
        further = shlex.split(parameters["sbatch_options"] or "")
    except ValueError as error:
        found = f"'{parameters['sbatch_options']}' cannot be read: {error}"
        return Check("sbatch_options", "failed", found, "Write them as on a command line.")
    named = [
        f"--{name}={parameters[name]}" for name in ("partition", "account") if parameters[name]
    ]
    return [*named, *further]


def interfaces() -> dict[str, str]:
    """IPv4 address of each network interface of this machine."""
    found: dict[str, str] = {}
    for name, addresses in psutil.net_if_addrs().items():
        for address in addresses:
            if address.family == socket.AF_INET:
                found.setdefault(name, address.address)
    return found


def own_address(interface: str | None) -> str | None:
    """Address of an interface; without one, that of the way out, as Dask takes it. None: none."""
    if interface:
        return interfaces().get(interface)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
            way_out.connect(("192.0.2.1", 9))  # a documentation address; nothing is sent
            return str(way_out.getsockname()[0])
    except OSError:
        pass
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return None


def scheduler_address(interface: str | None) -> Check:
    """Has this host the address at which the nodes shall reach it?"""
    name = "scheduler_interface"
    address = own_address(interface)
    others = ", ".join(f"{i} ({a})" for i, a in interfaces().items() if i != "lo") or "none"
    if address is None:
        found = f"there is no {interface} with an IPv4 address" if interface else "no address"
        return Check(name, "failed", found, f"Set --scheduler_interface: there are {others}.")
    if address.startswith("127."):
        found = f"{address} is seen by this host alone"
        return Check(name, "warning", found, f"Set --scheduler_interface: there are {others}.")
    return Check(name, "ok", f"{interface or 'the way out'}, {address}")


def slurm_words(text: str) -> str:
    """What SLURM says, without the name of the command before each line."""
    lines = [re.sub(r"^(sbatch: )?(error: )?", "", line).strip() for line in text.splitlines()]
    return "; ".join(line for line in lines if line) or "it gives no reason"
