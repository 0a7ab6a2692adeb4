"""The catalog's tables: columns with types and meaning, keys, and what each row points to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spacebio_bench.protocol import CONDITIONS
from spacebio_bench.report._cohorts import CONDITION_WORDS

Value = str | int | float | None
Row = dict[str, Value]
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Column:
    """A column: its name, its type (`str`, `int`, `float`) and what it holds."""

    name: str
    kind: type
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the catalog.

    Attributes
    ----------
    key
        Columns that name a row; rows are in their order.
    links
        Column to (table, column) that it points to.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, type]:
        """Type of each column."""
        return {column.name: column.kind for column in self.columns}


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, str, meaning, required)


def _whole(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, int, meaning, required)


def _real(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, float, meaning, required)


_TASK = _text("task_id", "The task.", required=True)
_SOURCE = _text("source_id", "The source.", required=True)

TASKS = Table(
    "tasks",
    "Tasks",
    (
        _text("task_id", "Name of the task, and of its manifest.", required=True),
        _text("key", "The task in a run: `<tissue>.<family>`.", required=True),
        _text("short_id", "Number in the published benchmark, where it has one."),
        _text("tissue", "Tissue.", required=True),
        _text("family", "What is asked; see docs/tasks.md.", required=True),
        _text("missions", "Missions that take part, `;` between.", required=True),
        _text("holdout_missions", "Missions that are only tested."),
        _text("accessions", "Studies that take part, `;` between.", required=True),
        _whole("n_missions", "Number of missions, held-out ones too.", required=True),
        _whole("n_folds", "Number of folds.", required=True),
        _text("folds", "Names of the folds, `;` between.", required=True),
        _text("label", "Which conditions are 1, 0, or left out.", required=True),
        _text("metric", "What a fold is scored by.", required=True),
        _text("protocol", "Protocol that label, models and features are told by.", required=True),
        _text("models", "Models that the task is put to by default.", required=True),
        _text("features", "Feature sets that a run plans by default.", required=True),
        _text("status", "How much of its data has been seen.", required=True),
        _whole("n_sources", "Number of sources.", required=True),
        _whole("n_sources_seen", "Sources whose samples have been seen.", required=True),
        _text("manifest", "File with folds and digests.", required=True),
    ),
    ("task_id",),
)
SOURCES = Table(
    "sources",
    "Sources: one row an accession, tissue and mission",
    (
        _text("source_id", "`<accession>.<tissue>.<mission>`.", required=True),
        _text("accession", "Study of the NASA Open Science Data Repository.", required=True),
        _text("tissue", "Tissue.", required=True),
        _text("mission", "Mission: the independence unit.", required=True),
        _text("role", "`benchmark`, or `holdout`: tested only.", required=True),
        _text("status", "`counts seen`, `samples seen` or `not fetched yet`.", required=True),
        _text("title", "Title of the data set."),
        _text("hardware", "Habitat, as a source or the samples tables say."),
        _text("platform", "Sequencing instrument, as a source or the samples tables say."),
        _text("library", "Library, as published."),
        _whole("duration_days", "Days of the mission, as published."),
        _whole("n_samples", "Samples seen that are not excluded."),
        _whole("n_excluded", "Samples seen that the samples table excludes."),
        *(_whole(f"n_{c}", f"Samples of condition {c}: {CONDITION_WORDS[c]}.") for c in CONDITIONS),
        _text("strain_published", "Strain, as the published benchmark has it."),
        _text("strain_recorded", "Strain, as the samples table records it."),
        _text("strain_by_ids", "Strain, as the sample ids say."),
        _whole("n_published", "Samples of the accession that the published benchmark uses."),
        _text("n_published_source", "Where that number stands."),
        _text("licence", "Licence of the data.", required=True),
        _text("licence_text", "Its terms in words.", required=True),
        _text("citation", "How to cite the data set.", required=True),
        _text("doi", "DOI of the data set."),
        _text("url", "Page of the study.", required=True),
        _text("publication", "Publication of the study or its mission."),
        _text("publication_doi", "Its DOI."),
        _text("note", "What else has to be known."),
        _text("fact_sources", "Where each fact is written."),
        _text("counts_file", "Name of the counts file, where published."),
        _whole("n_genes", "Rows of the counts that were seen."),
        _text("samples_sha256", "Digest of the samples table that was counted."),
        _text("counts_sha256", "Digest of the counts that were seen."),
        _text("data_origin", "Where these files are from."),
    ),
    ("source_id",),
)
TASK_SOURCES = Table(
    "task_sources",
    "Which sources a task is made of",
    (_TASK, _SOURCE, _text("part", "`folds`, or `holdout`: tested only.", required=True)),
    ("task_id", "source_id"),
    {"task_id": ("tasks", "task_id"), "source_id": ("sources", "source_id")},
)
BASELINES = Table(
    "baselines",
    "Published baseline summaries",
    (
        _text("baseline_id", "`<task>/<feature>/<model>/<surface>`.", required=True),
        _TASK,
        _text("model", "Classifier, as published.", required=True),
        _text("feature", "Feature set, as published.", required=True),
        _text("metric", "What the value is.", required=True),
        _real("value", "The published value.", required=True),
        _real("value_sd", "SD over folds."),
        _real("ci_low", "Mean of the folds' lower bounds."),
        _real("p_value", "Mean of the folds' p-values; not a p-value of the mean."),
        _whole("n_folds", "Folds."),
        _text("split", "`LOMO`, or k-fold inside one mission.", required=True),
        _text("surface", "Which published results.", required=True),
        _text("published_in", "File of the published benchmark.", required=True),
        _text("source", "File and row that the value is taken from.", required=True),
    ),
    ("baseline_id",),
    {"task_id": ("tasks", "task_id")},
)
TRAPS = Table(
    "traps",
    "Known traps",
    (
        _text("trap_id", "Name.", required=True),
        _text("kind", "What differs.", required=True),
        _text("fact", "What is so.", required=True),
        _text("consequence", "What it does to a result.", required=True),
        _text("source", "Where it is written.", required=True),
        _text("shown_by", "What the evidence tables say of it, with file and row."),
    ),
    ("trap_id",),
)
TRAP_SOURCES = Table(
    "trap_sources",
    "Which sources a trap is about",
    (_text("trap_id", "The trap.", required=True), _SOURCE),
    ("trap_id", "source_id"),
    {"trap_id": ("traps", "trap_id"), "source_id": ("sources", "source_id")},
)
EXCLUDED = Table(
    "excluded",
    "Studies that are left out",
    (
        _text("accession", "Study.", required=True),
        _text("tissue", "Tissue.", required=True),
        _text("mission", "Mission.", required=True),
        _text("reason", "Why.", required=True),
        _text("source", "Where that is written.", required=True),
        _text("url", "Page of the study.", required=True),
    ),
    ("accession",),
)
TABLES = (TASKS, SOURCES, TASK_SOURCES, BASELINES, TRAPS, TRAP_SOURCES, EXCLUDED)
"""Every table, in the order in which they are listed."""

# --- evidence: counted from data that are not kept here ---

STUDY_COLUMNS = (
    _text("accession", "Study.", required=True),
    _text("tissue", "Tissue.", required=True),
    _text("mission", "Mission.", required=True),
)
SEEN = Table(
    "studies",
    "Samples tables and counts that were seen",
    (
        *STUDY_COLUMNS,
        _whole("n_samples", "Samples that are not excluded.", required=True),
        _whole("n_excluded", "Samples that are.", required=True),
        *(_whole(f"n_{c}", f"Samples of {c}.", required=True) for c in CONDITIONS),
        _text("hardware", "Values of the hardware column, `;` between."),
        _text("platform", "Values of the platform column, `;` between."),
        _whole("n_genes", "Rows of the counts, spike-ins too; empty without counts."),
        _text("samples_sha256", "Digest of the samples table.", required=True),
        _text("counts_sha256", "Digest of the counts file as it lay there."),
        _text("origin", "Where the files are from.", required=True),
    ),
    ("accession", "tissue", "mission"),
)
STRAINS = Table(
    "strains",
    "Strain as recorded, and as the sample ids say",
    (
        *STUDY_COLUMNS,
        _text("condition", "Condition.", required=True),
        _text("recorded", "Strain as recorded; empty where nothing is."),
        _text("by_ids", "Strain as the sample ids say; empty where they say nothing."),
        _whole("n_samples", "Samples.", required=True),
    ),
    ("accession", "tissue", "mission", "condition", "recorded", "by_ids"),
)
ANIMALS = Table(
    "animals",
    "Animals that two studies of a mission have in common, by the sample ids",
    (
        _text("mission", "Mission.", required=True),
        _text("accession_a", "A study.", required=True),
        _text("accession_b", "Another one.", required=True),
        _whole("n_a", "Samples of the first with an animal's code.", required=True),
        _whole("n_b", "The same of the second.", required=True),
        _whole("n_shared", "Codes with the same condition in both.", required=True),
    ),
    ("mission", "accession_a", "accession_b"),
)
CLOCK = Table(
    "clock",
    "A clock gene in flight and ground",
    (
        *STUDY_COLUMNS,
        _text("gene", "Gene id.", required=True),
        _text("symbol", "Its symbol.", required=True),
        _whole("n_flight", "Flight samples.", required=True),
        _whole("n_ground", "Ground samples.", required=True),
        _real("log2_fold_change", "Mean of log2(count / size factor + 1), flight minus ground."),
    ),
    ("accession", "tissue", "mission", "gene"),
)
EVIDENCE_TABLES = (SEEN, STRAINS, ANIMALS, CLOCK)
"""Tables of the folder of evidence."""
