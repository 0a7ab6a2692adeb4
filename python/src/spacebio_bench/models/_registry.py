"""What a model is, and the list of those that exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from spacebio_bench.typing import Labels, Matrix, Scores


class Scorer(Protocol):
    """A model that has seen the features of one fold, and takes labels."""

    def score(self, labels: Labels) -> Scores:
        """Fit each labeling and score the test samples.

        Parameters
        ----------
        labels
            Labels of the training samples, shape (n_train, L), 0 or 1.

        Returns
        -------
        Scores of the test samples, shape (L, n_test), float64; larger means more positive.
        """
        ...


class Model(Protocol):
    """A classifier with its settings; the settings are the fields of a frozen dataclass."""

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        """Do everything that needs no labels, once for all labelings of a fold.

        Parameters
        ----------
        x_train, x_test
            Features, shapes (n_train, p) and (n_test, p); z-scored on train where the card says
            `scaled`.
        seed
            Seed of everything random in the fits, 0 to 2**32 - 1.
        """
        ...


@dataclass(frozen=True)
class ModelCard:
    """Facts about a model that the grid, the tables and the report read.

    ``refit``: ``batched`` solves many labelings at once, ``loop`` refits for each, ``none`` cannot
    be refitted (its p-value is named so). ``stochastic``: another seed gives another fit.
    ``version`` is raised when the same input would give other scores than before: finished units of
    the older one are then not reused. ``cost_s``: CPU seconds of one refit at 60 samples x 20,000
    features.
    """

    name: str
    track: Literal["classical", "embedding", "llm", "graph"]
    scaled: bool
    refit: Literal["batched", "loop", "none"]
    reference: str
    stochastic: bool = False
    version: int = 1
    cost_s: float = 0.05

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        """Guess what one refit costs, in CPU seconds: only for cutting work into units."""
        return self.cost_s * (0.1 + 0.9 * n_train * n_features / 1.2e6)


@dataclass(frozen=True)
class _Entry:
    card: ModelCard
    build: Callable[..., Model]
    unavailable: Callable[[], str | None]


_REGISTRY: dict[str, _Entry] = {}
M = TypeVar("M")


def register(
    card: ModelCard, *, unavailable: Callable[[], str | None] = lambda: None
) -> Callable[[type[M]], type[M]]:
    """Enter a model class under the name of its card.

    `unavailable` says, cheaply, why this machine cannot run it, or None.
    """

    def enter(cls: type[M]) -> type[M]:
        if card.name in _REGISTRY:
            msg = f"model {card.name} is registered twice"
            raise ValueError(msg)
        _REGISTRY[card.name] = _Entry(card, cls, unavailable)  # type: ignore[arg-type]
        return cls

    return enter


def unavailable_reason(name: str) -> str | None:
    """Why a model cannot run on this machine, or None."""
    entry = _REGISTRY.get(name)
    return f"the model {name} is not there" if entry is None else entry.unavailable()


def model_names() -> tuple[str, ...]:
    """Names of all registered models, in the order they were entered."""
    return tuple(_REGISTRY)


def model_card(name: str) -> ModelCard:
    """The card of a model; KeyError when there is no such model."""
    return _REGISTRY[name].card


def build_model(name: str, **parameters: Any) -> Model:
    """A model with the settings of a protocol; TypeError when it has no such setting."""
    return _REGISTRY[name].build(**parameters)
