"""What a hub has: objects, a history of commits, and faults on demand."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

REPO = "lab/space"
LARGE = 400  # bytes; Parquet is large whatever its size
SIGNATURE = "X-Signature=5igned"


@dataclass(frozen=True)
class Entry:
    """A path of a commit; the oid of a large file is its sha256, else the git id of its content."""

    oid: str
    size: int
    large: bool


@dataclass
class Commit:
    oid: str
    tree: dict[str, Entry]
    message: str = ""


@dataclass
class FakeHub:
    """State, counters and faults.

    `faults[(kind, n)]` is what happens at the n-th request of a kind (n = 0: at each): a status,
    `reset` (the connection ends in the middle of the body), `lost` (done, never answered),
    `wrong` (something else is stored), `garbage` (an answer that is no JSON).
    """

    token: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    history: list[Commit] = field(default_factory=lambda: [Commit("0" * 40, {})])
    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, int], int | str] = field(default_factory=dict)
    before_commit: Callable[[FakeHub], None] | None = None
    ignored: tuple[str, ...] = ()
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def head(self) -> Commit:
        return self.history[-1]

    def commit(self, tree: dict[str, Entry], message: str = "") -> Commit:
        text = json.dumps([self.head.oid, message, sorted(tree)])
        made = Commit(hashlib.sha1(text.encode()).hexdigest(), tree, message)
        self.history.append(made)
        return made

    def add(self, path: str, content: bytes) -> None:
        """Somebody else's commit of a plain file."""
        self.commit({**self.head.tree, path: self.store(content)}, f"other {len(self.history)}")

    def store(self, content: bytes) -> Entry:
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        self.objects[oid] = content
        return Entry(oid, len(content), large=False)

    def content(self, path: str) -> bytes:
        return self.objects[self.head.tree[path].oid]

    def fault(self, kind: str) -> int | str | None:
        with self.lock:
            self.counts[kind] += 1
            return self.faults.get((kind, self.counts[kind]), self.faults.get((kind, 0)))
