"""The designs of the table."""

from __future__ import annotations

from spacebio_bench.calibration.experiment import Experiment
from spacebio_bench.calibration.null_cohorts import NullCohorts

UNBALANCED = ((3, 9), (10, 4), (6, 6), (8, 3))
SIZE_ONLY = ("refit_05", "refit_20", "strata_counts")


def cohort_designs() -> tuple[Experiment, ...]:
    """Null cohorts, by what makes them hard."""
    strain = {"strain_confounding": 0.6, "strain_sd": 1.5}
    return (
        NullCohorts("2 missions of 6+6", ((6, 6),) * 2, quick_cohorts=300),
        NullCohorts("3 missions of 6+6", ((6, 6),) * 3),
        NullCohorts("4 missions of 6+6", ((6, 6),) * 4, quick_cohorts=300),
        NullCohorts("6 missions of 6+6", ((6, 6),) * 6),
        NullCohorts("8 missions of 6+6", ((6, 6),) * 8),
        NullCohorts("4 missions of 3+3", ((3, 3),) * 4),
        NullCohorts("4 missions of 12+12", ((12, 12),) * 4),
        NullCohorts("4 unbalanced missions", UNBALANCED, quick_cohorts=300),
        NullCohorts(
            "4 missions of 6+6, strong mission effects",
            ((6, 6),) * 4,
            simulation={"mission_sd": 5.0},
        ),
        NullCohorts(
            "4 missions of 6+6, ties",
            ((6, 6),) * 4,
            simulation={"n_genes": 6, "decimals": 0, "mission_sd": 0.3},
        ),
        NullCohorts(
            "3 missions of 8+8, strain confounded, strata declared",
            ((8, 8),) * 3,
            simulation=strain,
            strata=("strain",),
            claims=SIZE_ONLY,
            quick_cohorts=300,
        ),
        NullCohorts(
            "3 missions of 8+8, strain confounded, strata ignored",
            ((8, 8),) * 3,
            simulation=strain,
            claims=("strata_ignored_05",),
            quick_cohorts=100,
        ),
    )
