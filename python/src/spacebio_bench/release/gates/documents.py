"""Generated documents, made once more and compared line by line."""

from __future__ import annotations

from collections.abc import Iterator

from spacebio_bench.release.documents import document_problems, render
from spacebio_bench.release.gates._gate import Context, Finding, green, reds


def documents_gate(context: Context) -> Iterator[Finding]:
    """Each line that differs, with the claim and the cells behind it."""
    documents = render(context.root)
    problems = document_problems(context.root, documents)
    yield from reds(problems)
    if not problems:
        yield green("", f"{len(documents)} documents are what they should be.")
