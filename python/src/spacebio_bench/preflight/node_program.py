"""What a node tells about itself, from inside the image; the probe runs a copy of this file.

It stands alone: the image may hold another version of this package, and that is to be found out.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

QUESTION, ANSWER = "question.json", "answer.json"


def main(folder: Path) -> None:
    """Answer the question in a folder; the answer is there whole or not at all."""
    question = json.loads((folder / QUESTION).read_text(encoding="utf-8"))
    answer = {
        "token": question["token"],
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in question["packages"]},
        "facts": facts(),
        "interfaces": interfaces(),
        "scratch": writing(question["scratch"]) if question["scratch"] else "",
        "reaching": meet(question) if question["port"] else None,
        "time": time.time(),
    }
    temporary = folder / f"{ANSWER}.partial"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(answer, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / ANSWER)


def version_of(package: str) -> str | None:
    """Version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def facts() -> Any:
    """What the image says of itself; None where it says nothing."""
    try:
        from spacebio_bench.images import image_facts  # noqa: PLC0415 - it may not be there

        return image_facts()
    except (ImportError, OSError, ValueError):
        return None


def interfaces() -> dict[str, str]:
    """IPv4 address of each network interface."""
    import psutil  # noqa: PLC0415 - it may not be there

    return {
        name: address.address
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if address.family == socket.AF_INET
    }


def writing(folder: str) -> str:
    """Why nothing can be written in a folder; '' where it can."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"preflight\n")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def meet(question: dict[str, Any]) -> str:
    """Connect to the submit host and let it connect to us; why that failed, '' where it did not."""
    patience = question["seconds"]
    try:
        with socket.create_connection((question["address"], question["port"]), patience) as desk:
            own = interfaces().get(question["interface"] or "") or desk.getsockname()[0]
            with socket.create_server((own, 0)) as back:
                offer = {
                    "token": question["token"],
                    "time": time.time(),
                    "address": own,
                    "port": back.getsockname()[1],
                }
                desk.sendall(json.dumps(offer).encode() + b"\n")
                desk.settimeout(2 * patience)
                desk.recv(16)  # it has tried: we need not listen any longer
    except OSError as error:
        return error.strerror or str(error)
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
