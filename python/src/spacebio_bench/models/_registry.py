"""What a model is, and the list of those that exist."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from spacebio_bench.typing import Labels, Matrix, Scores


class Scorer(Protocol):
    """A model that has seen the features of one fold, and takes labels.

    One that solves an optimisation to the end may have an attribute `largest_gap`: how far, at
    most and relative to the objective, the fits so far stopped above the optimum.
    """

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


@runtime_checkable
class StatesCost(Protocol):
    """A model that knows what its refits cost; budgets are too short or too long for others."""

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        """CPU seconds of one refit on one core, within a factor of three as far as was measured."""
        ...


@dataclass(frozen=True)
class ModelCard:
    """Facts about a model that the grid, the tables and the report read.

    ``refit``: ``batched`` solves many labelings at once, ``loop`` refits for each, ``none`` cannot
    be refitted (its p-value is named so). ``stochastic``: another seed gives another fit.
    ``version`` is raised when the same input would give other scores than before: finished units of
    the older one are then not reused. ``classes``: `many` for a model of k classes, whose scores
    are their probabilities, shape (L, n_test, k). ``scores``: what the scores of two classes are.
    """

    name: str
    track: Literal["classical", "embedding", "llm", "graph"]
    scaled: bool
    refit: Literal["batched", "loop", "none"]
    reference: str
    stochastic: bool = False
    version: int = 1
    classes: Literal["two", "many"] = "two"
    scores: Literal["probability", "log_odds", "other"] = "other"


@dataclass(frozen=True)
class _Entry:
    card: ModelCard
    build: Callable[..., Model]
    unavailable: Callable[[], str | None]
    libraries: tuple[str, ...]


_REGISTRY: dict[str, _Entry] = {}
M = TypeVar("M")


def register(
    card: ModelCard,
    *,
    unavailable: Callable[[], str | None] = lambda: None,
    libraries: tuple[str, ...] = (),
) -> Callable[[type[M]], type[M]]:
    """Enter a model class under the name of its card.

    `unavailable` says, cheaply, why this machine cannot run it, or None. `libraries` are modules
    that the model imports where it uses them: a second of start-up that planning does without.
    """

    def enter(cls: type[M]) -> type[M]:
        if card.name in _REGISTRY:
            msg = f"model {card.name} is registered twice"
            raise ValueError(msg)
        _REGISTRY[card.name] = _Entry(card, cls, unavailable, libraries)  # type: ignore[arg-type]
        return cls

    return enter


def unavailable_reason(name: str) -> str | None:
    """Why a model cannot run on this machine, or None."""
    entry = _REGISTRY.get(name)
    return f"the model {name} is not there" if entry is None else entry.unavailable()


def load_libraries(name: str) -> None:
    """Import what a model needs before its time counts: cut short, it would stay half there.

    What cannot be imported is left to the fit, which then fails with the reason.
    """
    entry = _REGISTRY.get(name)
    for module in entry.libraries if entry else ():
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


def model_names() -> tuple[str, ...]:
    """Names of all registered models, in the order they were entered."""
    return tuple(_REGISTRY)


def model_card(name: str) -> ModelCard:
    """The card of a model; KeyError when there is no such model."""
    return _REGISTRY[name].card


def build_model(name: str, **parameters: Any) -> Model:
    """A model with the settings of a protocol; TypeError when it has no such setting."""
    return _REGISTRY[name].build(**parameters)


def seconds_per_fit(
    name: str, parameters: Mapping[str, Any], n_train: int, n_features: int
) -> float:
    """CPU seconds that one refit is expected to take on one core.

    Parameters
    ----------
    name, parameters
        A model with the settings of a protocol.
    n_train, n_features
        Shape of the training matrix.

    Returns
    -------
    What the model states of itself; else a guess for one that solves its labelings together.
    """
    model = build_model(name, **parameters)
    if isinstance(model, StatesCost):
        return model.seconds_per_fit(n_train, n_features)
    return 5e-3 + 4e-8 * n_train * n_features
