"""One run at a time on a ledger: a lock with a heartbeat, taken over when its owner is gone."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from spacebio_bench.errors import InputError, Problem

BEAT_SECONDS = 10.0
STALE_SECONDS = 60.0
PATIENCE_SECONDS = 45.0
"""A run that was just stopped takes its workers down first; its successor waits so long."""


@contextlib.contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises
    ------
    InputError
        Another run holds it: its host and process, and what to do.
    """
    path = folder / "run.lock"
    mine = json.dumps(
        {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}
    )
    began, first_beat = time.monotonic(), _beat(path)
    while not _create(path, mine):
        waited = time.monotonic() - began
        if _is_stale(path):
            _remove_stale(path)
        elif waited > PATIENCE_SECONDS and (_beat(path) != first_beat or _is_here(path)):
            raise InputError([Problem(str(folder), _in_use(path))])
        else:  # of another host, without a beat so far: it may have died a moment ago
            time.sleep(0.5)
    stop = threading.Event()
    beat = threading.Thread(target=_keep_beating, args=(path, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        if _content(path) == mine:  # not when somebody thought us dead and took over
            path.unlink(missing_ok=True)


def _create(path: Path, text: str) -> bool:
    """Make the lock file with its content in one step: a link to a finished file."""
    temporary = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        msg = f"{path.parent} cannot be written: {error.strerror}."
        raise InputError([Problem("--ledger", msg)]) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return True


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _beat(path: Path) -> float:
    """When the owner last touched its lock, by the file server's clock; 0 without a lock."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _owner(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_content(path) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_here(path: Path) -> bool:
    return bool(_owner(path).get("host") == socket.gethostname())


def _is_stale(path: Path) -> bool:
    """No beat for a minute, or a process of this host that is gone."""
    owner = _owner(path)
    if not owner:
        return not path.exists()
    if _is_here(path):
        # a process that is there beats, however suspended the machine was; one of its number that
        # started at another time is somebody else
        return bool(_started(int(owner.get("pid", -1))) != owner.get("started"))
    return _now(path) - _beat(path) > STALE_SECONDS


def _now(path: Path) -> float:
    """Time by the clock of the file server: that of the hosts may differ by more than a beat."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".clock.") as file:
        return os.fstat(file.fileno()).st_mtime


def _remove_stale(path: Path) -> None:
    """Take the stale file away by renaming, so that of two takers only one removes it."""
    grave = path.with_name(f"{path.name}.stale.{socket.gethostname()}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        path.replace(grave)
        grave.unlink()


def _started(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return -1.0


def _in_use(path: Path) -> str:
    owner = _owner(path)
    if not owner:
        return "another run is starting here; try again in a minute."
    who = f"process {owner.get('pid')} on {owner.get('host')}"
    return f"a run is under way here: {who}. Wait for it, end it, or choose another --ledger."


def _keep_beating(path: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        with contextlib.suppress(OSError):
            os.utime(path)
