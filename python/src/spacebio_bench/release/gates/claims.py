"""Claims: their cells say what is expected, and public texts go no further."""

from __future__ import annotations

from collections.abc import Iterator

from spacebio_bench.errors import InputError
from spacebio_bench.release.claims import (
    claim_problems,
    public_texts,
    read_claims,
    wording_problems,
)
from spacebio_bench.release.documents import quotations, render
from spacebio_bench.release.gates._gate import Context, Finding, green, reds


def claims_gate(context: Context) -> Iterator[Finding]:
    """Ask every claim's query; search README and `docs/` for wording that is not allowed."""
    claims = read_claims(context.root)
    try:
        quoted = quotations(render(context.root))
    except InputError:  # told by the gate of documents
        quoted = {}
    texts = public_texts(context.root)
    problems = claim_problems(context.root, claims, quoted=quoted)
    problems += wording_problems(context.root, claims, texts)
    yield from reds(problems)
    if not problems:
        yield green("", f"{len(claims)} claims hold; {len(texts)} texts keep to them.")
