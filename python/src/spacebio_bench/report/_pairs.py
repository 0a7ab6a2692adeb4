"""Models against models, feature sets against feature sets: our test and the published one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacebio_bench.report._leaderboard import LEVEL
from spacebio_bench.report._p_words import too_coarse
from spacebio_bench.report._results import Row

OURS, NEMENYI, FRIEDMAN = "sign_flip", "nemenyi", "friedman"
NAMES = {"model": "models", "feature": "feature sets"}


@dataclass(frozen=True)
class Comparison:
    """All pairs of one kind.

    Attributes
    ----------
    by, name
        ``model`` or ``feature``, and its plural as the page calls it.
    pairs
        Rows of our test with the higher one first, the clearest difference first; `pub_p` and
        `pub_difference` are Nemenyi's of the same pair, `verdict` is in words.
    friedman
        The published row over all of them, or None.
    missions
        Clusters of the pair that has most.
    least
        The smallest p that any of them can have.
    clear, published
        Pairs that differ at p < 0.05 by our test, and by Nemenyi's.
    """

    by: str
    name: str
    pairs: tuple[Row, ...]
    friedman: Row | None
    missions: int
    least: float | None
    clear: int
    published: int

    @property
    def cannot(self) -> bool:
        """No pair can be significant, whatever the data."""
        return bool(self.pairs) and all(too_coarse(row) for row in self.pairs)

    @property
    def published_known(self) -> bool:
        """Nemenyi's test is there."""
        return any(row["pub_p"] is not None for row in self.pairs)


def comparisons_of(rows: Sequence[Row]) -> list[Comparison]:
    """The rows of ``comparisons.csv``, one entry a kind; empty without any."""
    found = []
    for by in sorted({row["by"] for row in rows}, key=lambda by: (by != "model", by)):
        own = [row for row in rows if row["by"] == by]
        published = {
            frozenset((row["a"], row["b"])): row for row in own if row["method"] == NEMENYI
        }
        pairs = [_pair(row, published) for row in own if row["method"] == OURS]
        pairs.sort(key=_clearest_first)
        known = [row["p_attainable"] for row in pairs if row["p_attainable"] is not None]
        found.append(
            Comparison(
                by=by,
                name=NAMES.get(by, f"{by}s"),
                pairs=tuple(pairs),
                friedman=next((row for row in own if row["method"] == FRIEDMAN), None),
                missions=max((round(row["n_clusters"] or 0) for row in pairs), default=0),
                least=min(known, default=None),
                clear=sum(_below(row["p_value"]) for row in pairs),
                published=sum(_below(row["pub_p"]) for row in pairs),
            )
        )
    return found


def _pair(row: Row, published: dict[frozenset[str], Row]) -> Row:
    """The row with the higher one first."""
    theirs = published.get(frozenset((row["a"], row["b"])))
    pub = {
        "pub_p": theirs["p_value"] if theirs else None,
        "pub_difference": abs(theirs["difference"]) if theirs else None,
    }
    turned = row
    if (row["difference"] or 0) < 0:
        ends = [None if row[k] is None else -row[k] for k in ("ci_high", "ci_low")]
        turned = {**row, "a": row["b"], "b": row["a"], "difference": -row["difference"]}
        turned |= {"ci_low": ends[0], "ci_high": ends[1]}
    return {**turned, **pub, "verdict": _verdict(row)}


def _verdict(row: Row) -> str:
    if row["p_value"] is None:
        return "not compared"
    if too_coarse(row):
        return "too few missions to tell"
    return "differ" if row["p_value"] < LEVEL else "cannot be told apart"


def _clearest_first(row: Row) -> tuple[float, float, str, str]:
    p = 2.0 if row["p_value"] is None else row["p_value"]
    return p, -abs(row["difference"] or 0), row["a"], row["b"]


def _below(p: float | None) -> bool:
    return p is not None and p < LEVEL
