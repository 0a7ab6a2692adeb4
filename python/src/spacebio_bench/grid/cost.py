"""What refits are expected to cost: for cutting work into units and for budgets, never a clock."""

from __future__ import annotations

from collections.abc import Iterable

from spacebio_bench.models import seconds_per_fit
from spacebio_bench.protocol import Protocol

FEWEST_LABELINGS = 19
"""With fewer refits no p-value reaches 0.05."""


def affordable_labelings(
    model: str, protocol: Protocol, n_train: Iterable[int], n_features: int
) -> int | None:
    """Labelings that a cell can be refitted on within the protocol's CPU time.

    Parameters
    ----------
    model, protocol
        The model states what a refit costs, the protocol how many minutes a cell has.
    n_train
        Training samples of each fold.
    n_features
        About how many features a fold has.

    Returns
    -------
    At least 1 (the budget bounds refits, not the fit of the truth); None without a limit.
    """
    minutes = protocol.inference.cell_cpu_minutes
    if minutes == 0:
        return None
    settings = protocol.models[model]
    of_labeling = sum(seconds_per_fit(model, settings, n, n_features) for n in n_train)
    return max(1, int(60 * minutes / of_labeling)) if of_labeling else None
