"""The manifest: every file of the release is listed, and is what is listed."""

from __future__ import annotations

from collections.abc import Iterator

from spacebio_bench.release.checkout import is_checkout, is_shallow
from spacebio_bench.release.gates._gate import Context, Finding, green, reds, yellow
from spacebio_bench.release.manifest import MANIFEST, artifact_files, manifest_problems


def manifest_gate(context: Context) -> Iterator[Finding]:
    """Recompute every digest, and look up every id and commit."""
    if not is_checkout(context.root):
        yield yellow("", "this is no git checkout: commits were not looked up.")
    elif is_shallow(context.root):
        yield yellow("", "this checkout is shallow: commits were not looked up.")
    problems = manifest_problems(context.root)
    yield from reds(problems)
    if not problems:
        yield green(MANIFEST, f"{len(artifact_files(context.root))} files are as listed.")
