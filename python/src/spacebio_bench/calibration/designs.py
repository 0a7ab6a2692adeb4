"""The designs of the table."""

from __future__ import annotations

from spacebio_bench.calibration.experiment import Experiment
from spacebio_bench.calibration.families import NullFamilies
from spacebio_bench.calibration.null_cohorts import NullCohorts
from spacebio_bench.calibration.scored_cohorts import ScoredCohorts
from spacebio_bench.calibration.signals import PlantedCohorts, ReorderedCohorts
from spacebio_bench.calibration.statements import NULL_COHORTS

Sizes = tuple[tuple[int, int], ...]
Settings = dict[str, dict[str, object]]
UNBALANCED: Sizes = ((3, 9), (10, 4), (6, 6), (8, 3))
STRAIN = {"strain_confounding": 0.6, "strain_sd": 1.5}
INDEPENDENT = ("refit_05", "fixed_05", "mean_05", "deflated_05", "fold_exact_05")
LINEAR_AND_QUICK: Settings = {"elasticnet_lr": {}, "svm_rbf": {}, "xgb": {"n_trees": 10}}
SLOW: Settings = {
    "rf": {"n_trees": 10},
    "mlp": {"first": 8, "second": 4, "patience": 3, "dtype": "float32"},
}


def experiments() -> tuple[Experiment, ...]:
    """Every design, in the order of the table."""
    return (
        *_null_cohorts(),
        *_strata(),
        *_other_models(),
        NullFamilies("3x6+6-family", "two models on five feature sets", ((6, 6),) * 3, 2000, 40),
        *_signals(),
        *_these(),
        *_population(),
    )


def _null_cohorts() -> tuple[Experiment, ...]:
    plain = {
        "2x6+6": ("2 missions of 6 flight and 6 ground samples", ((6, 6),) * 2, 0),
        "3x6+6": ("3 missions", ((6, 6),) * 3, 0),
        "4x6+6": ("4 missions", ((6, 6),) * 4, 200),
        "6x6+6": ("6 missions", ((6, 6),) * 6, 0),
        "8x6+6": ("8 missions", ((6, 6),) * 8, 0),
        "4x3+3": ("4 missions of 3 and 3 samples", ((3, 3),) * 4, 0),
        "4x12+12": ("4 missions of 12 and 12 samples", ((12, 12),) * 4, 0),
        "unbalanced": ("4 missions of 3+9, 10+4, 6+6 and 8+3", UNBALANCED, 200),
    }
    return (
        *(
            NullCohorts(name, what, sizes, quick_cohorts=quick)
            for name, (what, sizes, quick) in plain.items()
        ),
        NullCohorts(
            "2x6+6-ridge",
            "2 missions, 60 genes that vary independently; a penalty so strong that the scores "
            "are all but linear in the labels",
            ((6, 6),) * 2,
            quick_cohorts=700,
            simulation={"n_genes": 60, "factor_sd": 0.0},
            models={"pca_lr": {"c": 1e-3}},
            claims=INDEPENDENT,
        ),
        NullCohorts(
            "4x6+6-independent",
            "4 missions, 200 genes that vary independently, all components",
            ((6, 6),) * 4,
            simulation={"n_genes": 200, "factor_sd": 0.0},
            models={"pca_lr": {}},
            claims=INDEPENDENT,
        ),
        NullCohorts(
            "4x6+6-missions",
            "means of missions 5 SD of the samples apart",
            ((6, 6),) * 4,
            simulation={"mission_sd": 5.0},
        ),
        NullCohorts(
            "4x6+6-ties",
            "6 genes rounded to whole numbers: equal samples, tied scores",
            ((6, 6),) * 4,
            simulation={"n_genes": 6, "decimals": 0, "mission_sd": 0.3},
        ),
        NullCohorts(
            "3x2+2-enumerated",
            "3 missions of 2 and 2 samples: all 216 labelings are refitted",
            ((2, 2),) * 3,
            labelings=250,
            claims=("exact_05",),
        ),
        NullCohorts(
            "4x6+6-direction",
            "flight changes a tenth of the genes, in a direction of each mission's own",
            ((6, 6),) * 4,
            simulation={"effect_sd": 1.0},
            claims=("direction_05",),
        ),
    )


def _strata() -> tuple[Experiment, ...]:
    what = "3 missions of 8 and 8; strain goes with the label in 60 % and changes expression"
    return (
        NullCohorts(
            "3x8+8-strata",
            f"{what}; labels permuted within mission and strain",
            ((8, 8),) * 3,
            quick_cohorts=200,
            simulation=STRAIN,
            strata=("strain",),
            claims=("refit_05", "refit_20", "strata_counts"),
        ),
        NullCohorts(
            "3x8+8-ignored",
            f"{what}; labels permuted within mission only",
            ((8, 8),) * 3,
            quick_cohorts=60,
            simulation=STRAIN,
            claims=("strata_ignored_05",),
        ),
    )


def _other_models() -> tuple[Experiment, ...]:
    two: Sizes = ((6, 6),) * 2
    three: Sizes = ((6, 6),) * 3
    ten_genes = {"n_genes": 10}
    return (
        NullCohorts(
            "3x6+6-sequential",
            "3 missions; 999 labelings, so that p = 0.05 is one of a test that stopped early",
            three,
            models={"knn": {}, "pca_lr": {"n_components": 4}},
            labelings=999,
            claims=("refit_05", "refit_20"),
        ),
        NullCohorts(
            "2x6+6-models",
            "2 missions, 10 genes, boosting of 10 trees; 19 labelings",
            two,
            cohorts=1000,
            simulation=ten_genes,
            models=LINEAR_AND_QUICK,
            labelings=19,
            claims=("refit_05",),
        ),
        NullCohorts(
            "2x6+6-slow",
            "2 missions, 10 genes, a forest of 10 trees, a perceptron of 8 and 4; 19 labelings",
            two,
            cohorts=300,
            simulation=ten_genes,
            models=SLOW,
            labelings=19,
            claims=("refit_05",),
        ),
        NullCohorts(
            "3x6+6-linear",
            "3 missions, 60 genes",
            three,
            cohorts=NULL_COHORTS,
            simulation={"n_genes": 60},
            models={"elasticnet_lr": {}, "pca_lr": {}},
            labelings=39,
            claims=("null_200",),
        ),
    )


def _signals() -> tuple[Experiment, ...]:
    four: Sizes = ((6, 6),) * 4
    linear = ("elasticnet_lr", "pca_lr")
    return (
        PlantedCohorts(
            "4x6+6-planted",
            "a tenth of 300 genes changed by 1.5 SD",
            four,
            effect=1.5,
            n_genes=300,
            models=linear,
            cohorts=200,
            quick_cohorts=10,
        ),
        ReorderedCohorts(
            "3x6+6-reordered",
            "a third of 40 genes changed by 2 SD; genes stored in two orders",
            ((6, 6),) * 3,
            effect=2.0,
            cohorts=500,
            quick_cohorts=25,
        ),
    )


def _these() -> tuple[Experiment, ...]:
    """Scores without heterogeneity: numbers of missions, sizes, true AUROC."""
    sizes: dict[str, Sizes] = {
        "2x3+3": ((3, 3),) * 2,
        "4x3+3": ((3, 3),) * 4,
        "8x3+3": ((3, 3),) * 8,
        "4x4+12": ((4, 12),) * 4,
        "4x6+6": ((6, 6),) * 4,
        "unbalanced": UNBALANCED,
        "4x12+12": ((12, 12),) * 4,
    }
    quick = {("8x3+3", 0.96), ("4x6+6", 0.76)}
    normal = [
        ScoredCohorts(
            f"{name}-auroc-{true:g}",
            f"scores of {name}, AUROC {true:g} in each mission",
            each,
            true,
            quick_cohorts=400 * ((name, true) in quick),
        )
        for name, each in sizes.items()
        for true in (0.5, 0.76, 0.96)
    ]
    ties = ScoredCohorts(
        "4x6+6-auroc-ties",
        "scores rounded to whole SDs, AUROC 0.8 before",
        ((6, 6),) * 4,
        0.8,
        decimals=0,
    )
    return (*normal, ties)


def _population() -> tuple[Experiment, ...]:
    """Scores whose shift differs between missions."""
    chosen = [
        *((k, (6, 6), 0.8, 1.0) for k in (3, 4, 6, 8, 10, 12)),
        *((k, (6, 6), 0.5, 1.0) for k in (3, 6, 12)),
        *((k, (6, 6), 0.95, 1.0) for k in (3, 6, 12)),
        *((k, (6, 6), 0.8, 0.5) for k in (3, 6)),
        *((k, (3, 3), 0.8, 1.0) for k in (3, 6)),
        *((k, (4, 12), 0.8, 1.0) for k in (3, 6)),
        *((k, (12, 12), 0.8, 1.0) for k in (3, 6, 12)),
        *((k, (12, 12), 0.95, 1.0) for k in (4, 8)),
        *((k, (6, 6), 0.8, 2.0) for k in (3, 6)),
        (8, (25, 25), 0.95, 1.5),
    ]
    quick = {(3, (6, 6), 0.8, 1.0), (6, (6, 6), 0.8, 1.0), (6, (6, 6), 0.95, 1.0)}
    return tuple(
        ScoredCohorts(
            f"{k}x{m}+{n}-auroc-{true:g}-sd-{sd:g}",
            f"scores of {k} missions of {m}+{n}; mean AUROC {true:g}, shifts with SD {sd:g}",
            ((m, n),) * k,
            true,
            heterogeneity=sd,
            quick_cohorts=300 * ((k, (m, n), true, sd) in quick),
            claimed=sd <= 1,
        )
        for k, (m, n), true, sd in chosen
    )
