"""Texts that tell where and on what a file was made: paths, hosts and addresses of one's own."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_PATHS = {
    "a home folder": re.compile(rf"(?<![\w.$}}])/home/{_NAME}|(?<![\w.$}}])/Users/{_NAME}"),
    "the home folder of root": re.compile(r"(?<![\w.$}])/root(?![\w-])"),
    "a home folder of Windows": re.compile(rf"\b[A-Za-z]:[\\/]+Users[\\/]+{_NAME}"),
    "the host of a private network": re.compile(
        r"(?<![\w.-])(?!(?:self|cls|threading)\.)(?:[a-z0-9-]+\.)+(?:local|lan|internal|intranet|corp|localdomain|home\.arpa)"
        r"(?![\w.(-])"
    ),
}
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})+(?![\w:.])", re.IGNORECASE
)
_OPEN = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8",
        "0.0.0.0/32",
        "255.0.0.0/8",  # masks
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
        "::/127",
    )
)
"""Loopback, masks, and what RFC 5737, 3849 and 9637 keep for documentation."""


@dataclass(frozen=True)
class Personal:
    """A text of a line that should not be published, and what it is."""

    line: int
    text: str
    kind: str


def personal_texts(text: str, *, own: dict[str, str] | None = None) -> Iterator[Personal]:
    """Every such text, by line.

    Parameters
    ----------
    own
        Further texts and what they are: of the machine that looks.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, pattern in _PATHS.items():
            for found in pattern.finditer(line):
                yield Personal(number, found[0].rstrip("."), kind)
        for found in (*_IPV4.finditer(line), *_IPV6.finditer(line)):
            if _is_private(found[0]):
                yield Personal(number, found[0], "an address")
        for name, kind in (own or {}).items():
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", line):
                yield Personal(number, name, kind)


def of_this_machine(root: Path) -> dict[str, str]:
    """What would tell of the machine that looks: the checkout's place, its home, its name."""
    places = {str(root.resolve()): "where the checkout is", str(Path.home()): "a home folder"}
    own = {place: kind for place, kind in places.items() if place.count("/") > 1}
    host = socket.gethostname()
    if re.search(r"[-.\d]", host) and len(host) > 5 and not host.startswith("localhost"):
        own[host] = "the name of a machine"
    return own


def _is_private(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not any(address in network for network in _OPEN if network.version == address.version)
