"""A protocol: every scientific choice of a run, frozen and named.

The files are ``protocols/*.yaml``; ``docs/protocols.md`` says why each choice is what it is. A run
records the protocol's digest, so two runs with the same digest asked the same question.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

from spacebio_bench.errors import InputError, Problem

MODEL_ENTRIES = ("models", "without")
CONDITIONS = ("FLT", "GC", "VC", "BC", "AG")


@dataclass(frozen=True)
class LabelRule:
    """Which conditions are positive (1), negative (0) or left out."""

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    dropped: tuple[str, ...]

    def label(self, condition: str) -> int | None:
        """1, 0, or None where the rule leaves the condition out."""
        if condition in self.positive:
            return 1
        return 0 if condition in self.negative else None


@dataclass(frozen=True)
class GeneRule:
    """Which genes are features, and on which samples that is decided.

    ``universe``: ``union`` keeps every gene id, 0 on the log scale where a study lacks it;
    ``common`` those present in all studies. A gene is kept when its normalised count exceeds
    ``expressed_above`` in at least ``in_fraction`` of the samples of ``filter_on``.
    ``variance_quantile``: of the kept genes, those whose training variance (ddof 1) reaches it.
    """

    universe: Literal["union", "common"]
    filter_on: Literal["tissue", "train"]
    expressed_above: float
    in_fraction: float
    variance_quantile: float | None


@dataclass(frozen=True)
class PathwayRule:
    """How a collection of gene sets becomes a matrix of scores.

    ``scorer``: ``gsva`` (R, Gaussian kernel, per mission), ``ssgsea`` (R, each sample by itself) or
    ``gseapy_ssgsea`` (rank normalised, NES, per mission). ``variance_filter``: whether the gene
    rule's variance filter holds for pathways. ``columns``: their order, which forests, boosting and
    MLP with a fixed seed depend on.
    """

    scorer: Literal["gsva", "ssgsea", "gseapy_ssgsea"]
    min_size: int
    max_size: int
    columns: Literal["sorted", "as_scored"]
    variance_filter: bool


@dataclass(frozen=True)
class Scaling:
    """The z-score of models with ``scaled`` in their card; an SD of 0 becomes 1.

    The SD has ``ddof`` where genes take part, ``stored_ddof`` for every other feature set.
    """

    ddof: int
    stored_ddof: int
    dtype: Literal["float32", "float64"]


@dataclass(frozen=True)
class FoldRule:
    """What a test fold needs before it counts."""

    min_test: int
    min_per_class: int


@dataclass(frozen=True)
class PublishedStatistics:
    """The published bootstrap and permutation of fixed scores, generator calls and all."""

    generator: Literal["RandomState", "default_rng"]
    bootstrap: Literal["randint", "choice"]
    n_bootstraps: int
    n_permutations: int
    seed: int


@dataclass(frozen=True)
class Inference:
    """What a p-value is.

    ``labelings``: refits per model, ``default`` for those not named; 0 never refits.
    ``family_labelings``: the first labelings, which all cells of a task run and max-T is made of.
    ``stop_at``: permuted labelings at or above the observed value that end a cell's refits.
    ``cell_cpu_minutes``: what the refits of a cell may cost by the model's card; fewer labelings
    are planned where more would. ``n_seeds``: fits of a stochastic model on the true labels.
    ``n_bootstraps``: draws for intervals.
    """

    p_value: Literal["refit", "mean_of_folds"]
    labelings: Mapping[str, int]
    family_labelings: int
    stop_at: int
    cell_cpu_minutes: float
    n_seeds: int
    n_bootstraps: int

    def labelings_of(self, model: str) -> int:
        """Permuted labelings that `model` is refitted on."""
        return self.labelings.get(model, self.labelings["default"])


@dataclass(frozen=True)
class GoRule:
    """The published Go verdict: all three must hold for the means over folds."""

    auroc_above: float
    ci_low_above: float
    gene_ci_low_above: float
    p_below: float


@dataclass(frozen=True)
class Protocol:
    """Every scientific choice of a run.

    ``models``: settings of every model that may be asked for. ``tasks``: by family, the models that
    it is put to by default and the options that its file in `tasks/` documents.
    """

    name: str
    description: str
    labels: LabelRule
    sample_order: Literal["sheet", "id"]
    genes: GeneRule
    pathways: PathwayRule
    combined: Literal["none", "concatenate", "equal_variance"]
    matrix_dtype: Literal["float32", "float64"]
    scaling: Scaling
    models: Mapping[str, Mapping[str, Any]]
    model_seed: int | None
    folds: FoldRule
    fold_sd_ddof: int
    tasks: Mapping[str, Mapping[str, Any]]
    inference: Inference
    published: PublishedStatistics
    published_gene: PublishedStatistics | None
    go: GoRule | None
    transductive: tuple[str, ...] = field(default=())

    def task_options(self, family: str) -> dict[str, Any]:
        """What the protocol says of a task family beside the models that are put to it."""
        return {k: v for k, v in self.tasks.get(family, {}).items() if k not in MODEL_ENTRIES}

    def models_of(self, family: str) -> tuple[str, ...]:
        """Models that a task family is put to unless the user names others.

        Those of its entry `models` that the protocol has settings for; or all that it has, but for
        those in its entry `without`.
        """
        entry = self.tasks.get(family, {})
        named = entry.get("models", self.models)
        left_out = entry.get("without", ())
        return tuple(name for name in named if name in self.models and name not in left_out)

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical JSON of every choice."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain data: what a protocol file holds."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


def protocol_names() -> tuple[str, ...]:
    """Names of the protocols that come with the package."""
    folder = resources.files("spacebio_bench") / "protocols"
    return tuple(
        sorted(p.name[: -len(".yaml")] for p in folder.iterdir() if p.name.endswith(".yaml"))
    )


def load_protocol(name: str | Path) -> Protocol:
    """Read a protocol by its name, or from a YAML file.

    Raises
    ------
    InputError
        Unknown name, unreadable file, or every entry that is missing, unknown or of the wrong type.
    """
    text = str(name)
    if text.endswith((".yaml", ".yml")):
        try:
            raw = Path(text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError([Problem(text, f"cannot be read as a protocol: {error}")]) from error
    else:
        if text not in protocol_names():
            known = ", ".join(protocol_names())
            raise InputError(
                [Problem("--protocol", f"'{text}' is not one of {known}, nor a .yaml file.")]
            )
        source = resources.files("spacebio_bench") / "protocols" / f"{text}.yaml"
        raw = source.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise InputError([Problem(text, f"is not YAML: {error}")]) from error
    return protocol_from_dict(data, where=text)


def write_protocol(protocol: Protocol, path: Path) -> None:
    """Write every choice of a protocol as YAML, with its digest in the first line."""
    text = yaml.safe_dump(protocol.to_dict(), sort_keys=False, width=120)
    path.write_text(f"# digest {protocol.digest}\n{text}", encoding="utf-8")


def protocol_from_dict(data: Any, *, where: str = "protocol") -> Protocol:
    """Build a protocol from plain data; raises InputError with every entry that is wrong."""
    problems: list[Problem] = []
    value = _build(Protocol, data, where, problems)
    if problems:
        raise InputError(problems)
    assert isinstance(value, Protocol)
    if "default" not in value.inference.labelings:
        raise InputError(
            [Problem(f"{where}, inference.labelings", "an entry `default` is missing.")]
        )
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


def _build(kind: Any, data: Any, where: str, problems: list[Problem]) -> Any:  # noqa: C901
    """`data` as `kind`: a dataclass, Literal, union with None, tuple, mapping or plain type."""
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, data, where, problems)
    if origin is Literal:
        if data not in get_args(kind):
            problems.append(
                Problem(where, f"{data!r} is not one of {', '.join(map(repr, get_args(kind)))}.")
            )
        return data
    if origin in (Union, UnionType):
        if data is None:
            return None
        (inner,) = (a for a in get_args(kind) if a is not type(None))
        return _build(inner, data, where, problems)
    if origin is tuple:
        if not isinstance(data, list):
            problems.append(Problem(where, f"a list is needed, not {data!r}."))
            return ()
        return tuple(
            _build(get_args(kind)[0], v, f"{where}[{i}]", problems) for i, v in enumerate(data)
        )
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, dict):
            problems.append(Problem(where, f"a mapping is needed, not {data!r}."))
            return {}
        inner = get_args(kind)[1]
        return {str(k): _build(inner, v, f"{where}.{k}", problems) for k, v in data.items()}
    if kind is Any:
        return data
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        problems.append(Problem(where, f"{kind.__name__} is needed, not {data!r}."))
    return data


def _build_dataclass(kind: Any, data: Any, where: str, problems: list[Problem]) -> Any:
    if not isinstance(data, dict):
        problems.append(
            Problem(where, f"a mapping of {kind.__name__} entries is needed, not {data!r}.")
        )
        return None
    hints = get_type_hints(kind)
    before = len(problems)
    values = {}
    for entry in dataclasses.fields(kind):
        if entry.name in data:
            values[entry.name] = _build(
                hints[entry.name], data[entry.name], f"{where}.{entry.name}", problems
            )
        elif entry.default is dataclasses.MISSING:
            problems.append(Problem(f"{where}.{entry.name}", "is missing."))
    unknown = [name for name in data if name not in hints]
    problems += [Problem(f"{where}.{name}", "is not an entry of a protocol.") for name in unknown]
    return kind(**values) if len(problems) == before else None
