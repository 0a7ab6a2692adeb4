"""What a repository has, compared by hash with what a plan wants there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from huggingface_hub import RepoFile

from spacebio_bench.release.hub_client import Hub
from spacebio_bench.release.upload_plan import Digests, PlannedFile, UploadPlan, digests

Status = Literal["same", "differs", "missing", "extra"]
_ACTIONS: dict[Status, str] = {
    "same": "skip",
    "differs": "upload",
    "missing": "upload",
    "extra": "delete",
}


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository.

    Attributes
    ----------
    bytes
        Size of its content.
    digest
        sha256 of a large file; of another the id that git gives its content.
    large
        Which of the two.
    """

    bytes: int
    digest: str
    large: bool


@dataclass(frozen=True)
class Compared:
    """A path of the repository.

    Attributes
    ----------
    status
        `extra`: there, in a folder of the plan, and not in the plan.
    action
        What makes it as planned: `skip`, `upload` or `delete`.
    note
        How it differs.
    """

    repo_path: str
    status: Status
    action: str
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """All paths of a plan, and what else is in its folders, at one commit.

    Attributes
    ----------
    commit
        Of the repository.
    method
        `listing`: hashes that the hub lists; `content`: of every file as it is downloaded.
    """

    commit: str
    method: Literal["listing", "content"]
    files: tuple[Compared, ...]

    def having(self, *statuses: Status) -> tuple[Compared, ...]:
        """Files of these statuses."""
        return tuple(file for file in self.files if file.status in statuses)

    def counts(self) -> dict[str, int]:
        """Files of each status."""
        found = Counter(file.status for file in self.files)
        return {status: found[status] for status in _ACTIONS}

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "commit": self.commit,
            "method": self.method,
            "counts": self.counts(),
            "files": [asdict(file) for file in self.files],
        }


def head(hub: Hub, revision: str) -> str:
    """The commit that a branch points to."""
    with hub.told(f"asking for {revision}"):
        info = hub.api.repo_info(hub.repo_id, repo_type="dataset", revision=revision)
        if not info.sha:
            msg = "the hub names no commit."
            raise ValueError(msg)
        return info.sha


def remote_files(hub: Hub, commit: str) -> dict[str, RemoteFile]:
    """Every file of a commit, by its path."""
    with hub.told(f"listing the files of {commit[:12]}"):
        tree = hub.api.list_repo_tree(
            hub.repo_id, repo_type="dataset", revision=commit, recursive=True
        )
        return {item.path: _remote(item) for item in tree if isinstance(item, RepoFile)}


def compare(
    plan: UploadPlan,
    local: Mapping[str, Digests],
    remote: Mapping[str, RemoteFile],
    *,
    commit: str,
) -> Comparison:
    """Compare a plan with a repository by the hashes that the hub lists."""
    found = [_compared(file, local[file.repo_path], remote) for file in plan.files]
    planned = {file.repo_path for file in plan.files}
    inside = tuple(f"{folder}/" for folder in plan.scope)
    found += [
        Compared(path, "extra", _ACTIONS["extra"], f"{file.bytes} bytes, not in the plan")
        for path, file in sorted(remote.items())
        if path not in planned and path.startswith(inside)
    ]
    return Comparison(commit, "listing", tuple(found))


def downloaded(plan: UploadPlan, listed: Comparison, hub: Hub) -> Comparison:
    """The same comparison with every file that is listed as the same downloaded and hashed."""
    planned = {file.repo_path: file for file in plan.files}
    found = []
    for file in listed.files:
        note = ""
        if file.status == "same":
            got = _download(hub, file.repo_path, listed.commit)
            if got.sha256 != planned[file.repo_path].sha256:
                note = f"its content is {got.bytes} bytes with sha256 {got.sha256[:12]}..."
        found.append(_differing(file.repo_path, note) if note else file)
    return Comparison(listed.commit, "content", tuple(found))


def _compared(file: PlannedFile, local: Digests, remote: Mapping[str, RemoteFile]) -> Compared:
    there = remote.get(file.repo_path)
    if there is None:
        return Compared(file.repo_path, "missing", _ACTIONS["missing"])
    if there.bytes != file.bytes:
        note = f"{there.bytes} bytes, planned {file.bytes}"
        return _differing(file.repo_path, note)
    kind, wanted = ("sha256", file.sha256) if there.large else ("git sha1", local.git_sha1)
    if there.digest != wanted:
        return _differing(file.repo_path, f"{kind} {there.digest[:12]}..., not {wanted[:12]}...")
    return Compared(file.repo_path, "same", _ACTIONS["same"])


def _differing(path: str, note: str) -> Compared:
    return Compared(path, "differs", _ACTIONS["differs"], note)


def _remote(item: RepoFile) -> RemoteFile:
    if item.lfs is not None:
        return RemoteFile(item.lfs.size, item.lfs.sha256, large=True)
    return RemoteFile(item.size, item.blob_id, large=False)


def _download(hub: Hub, path: str, commit: str) -> Digests:
    """A file's content as the hub serves it."""
    with hub.told(f"downloading {path}"), TemporaryDirectory(prefix="spacebio-bench-") as folder:
        got = hub.api.hf_hub_download(
            hub.repo_id, path, repo_type="dataset", revision=commit, local_dir=folder
        )
        return digests(Path(got))


def lines(comparison: Comparison) -> Iterator[str]:
    """What is not the same, a line each, and how many are."""
    width = max((len(f.repo_path) for f in comparison.files if f.status != "same"), default=0)
    for file in comparison.files:
        if file.status != "same":
            yield f"{file.status:<8} {file.repo_path:<{width}}  {file.note}".rstrip()
    told = ", ".join(f"{n} {status}" for status, n in comparison.counts().items())
    yield f"{told}; commit {comparison.commit}"
