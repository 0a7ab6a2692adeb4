"""Execute an upload plan: one commit on a pinned parent, then every file compared again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, CommitOperationDelete

from spacebio_bench.errors import RunError
from spacebio_bench.release.hub_client import Hub
from spacebio_bench.release.hub_state import Comparison, compare, downloaded, head, remote_files
from spacebio_bench.release.upload_plan import Digests, PlannedFile, Tell, UploadPlan, check_local

_BATCH_FILES = 64
_BATCH_BYTES = 256 * 2**20
_THREADS = 4


@dataclass(frozen=True)
class Uploaded:
    """What an upload did.

    Attributes
    ----------
    parent, commit
        Before and after; the same when nothing differed and so nothing was committed.
    sent, deleted
        Paths that the commit changed.
    verified
        Every file of the plan as the repository has it at `commit`.
    """

    parent: str
    commit: str
    sent: tuple[str, ...]
    deleted: tuple[str, ...]
    verified: Comparison

    @property
    def whole(self) -> bool:
        """Is every file of the plan there as planned?"""
        return not self.verified.having("differs", "missing")

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "parent": self.parent,
            "commit": self.commit,
            "committed": self.commit != self.parent,
            "sent": list(self.sent),
            "deleted": list(self.deleted),
            "verified": self.verified.to_dict(),
        }


def compare_remote(
    plan: UploadPlan, hub: Hub, *, root: Path, revision: str = "main", download: bool = False
) -> Comparison:
    """Compare a plan with a branch and change nothing.

    Parameters
    ----------
    root
        Where the plan was made.
    download
        Hash every file as it is downloaded, beside the hashes that the hub lists.

    Raises
    ------
    InputError
        Local files that are not as planned.
    RunError
        The hub cannot be reached, or refuses.
    """
    local = check_local(plan, root=root)
    return _state(plan, local, hub, head(hub, revision), download=download)


def upload(
    plan: UploadPlan,
    hub: Hub,
    *,
    root: Path,
    revision: str = "main",
    message: str = "",
    prune: bool = False,
    download: bool = False,
    tell: Tell | None = None,
) -> Uploaded:
    """Send what differs in one commit, then compare every file of the plan.

    A commit is made only on the state that was compared: if the branch moves meanwhile, nothing
    is committed. Large files that have arrived by then stay at the hub and are not sent again.

    Parameters
    ----------
    message
        Of the commit.
    prune
        Delete, in the same commit, what the folders of the plan have beside it.
    download
        As of :func:`compare_remote`.
    tell
        Called with a line for every step.

    Raises
    ------
    InputError, RunError
        As of :func:`compare_remote`.
    """
    say = tell or _silent
    local = check_local(plan, root=root)
    parent = head(hub, revision)
    before = _state(plan, local, hub, parent, download=False)
    to_send = {file.repo_path for file in before.having("differs", "missing")}
    files = [file for file in plan.files if file.repo_path in to_send]
    deleted = tuple(file.repo_path for file in before.having("extra")) if prune else ()
    commit = parent
    if files or deleted:
        message = message or f"{plan.task}: {len(files)} files, {len(deleted)} deleted"
        commit = _commit(hub, files, deleted, root, revision, parent, message, say)
    else:
        say(f"nothing differs from {parent[:12]}; nothing is committed")
    try:
        say(f"comparing {len(plan.files)} files at {commit[:12]}")
        verified = _state(plan, local, hub, commit, download=download)
    except RunError as error:
        msg = f"{error}\nThe commit {commit} is there, but was not verified: use --remote-diff."
        raise RunError(msg) from None
    return Uploaded(parent, commit, tuple(file.repo_path for file in files), deleted, verified)


def _state(
    plan: UploadPlan, local: Mapping[str, Digests], hub: Hub, commit: str, *, download: bool
) -> Comparison:
    listed = compare(plan, local, remote_files(hub, commit), commit=commit)
    return downloaded(plan, listed, hub) if download else listed


def _commit(
    hub: Hub,
    files: Sequence[PlannedFile],
    deleted: Sequence[str],
    root: Path,
    revision: str,
    parent: str,
    message: str,
    say: Tell,
) -> str:
    where: dict[str, Any] = {"repo_id": hub.repo_id, "repo_type": "dataset", "revision": revision}
    base, total, sent, n = root.resolve(), sum(file.bytes for file in files), 0, 0
    additions: list[CommitOperationAdd] = []
    for batch in _batches(files):
        with hub.told("sending files"):
            # absolute, since the library expands a leading ~
            added = [CommitOperationAdd(f.repo_path, base / f.local_path) for f in batch]
            hub.api.preupload_lfs_files(
                additions=added, num_threads=_THREADS, free_memory=False, **where
            )
        additions += added
        sent, n = sent + sum(file.bytes for file in batch), n + len(batch)
        say(f"{n} of {len(files)} files, {sent / 1e6:.1f} of {total / 1e6:.1f} MB")
    say(f"committing on {parent[:12]}")
    with hub.told("committing"):
        made = hub.api.create_commit(
            operations=[*additions, *(CommitOperationDelete(path) for path in deleted)],
            commit_message=message,
            parent_commit=parent,
            num_threads=_THREADS,
            **where,
        )
        return str(made.oid)


def _batches(files: Sequence[PlannedFile]) -> Iterator[list[PlannedFile]]:
    batch: list[PlannedFile] = []
    for file in files:
        full = len(batch) == _BATCH_FILES or sum(f.bytes for f in batch) + file.bytes > _BATCH_BYTES
        if batch and full:
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def _silent(_: str) -> None:
    pass
