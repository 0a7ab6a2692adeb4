"""Every claim of the table by its key, in the order in which the table lists them."""

from __future__ import annotations

from scipy import stats

from spacebio_bench.calibration.claims import Claim

NULL_COHORTS = 200
_LOW, _HIGH = (float(v) / NULL_COHORTS for v in stats.binom.interval(0.99, NULL_COHORTS, 0.05))

CLAIMS = {
    "refit_05": Claim("refit p at 0.05 rejects true nulls", 0.035, 0.065),
    "refit_20": Claim("refit p at 0.2 (most stop early) rejects true nulls", 0.15, 0.23),
    "exact_05": Claim("refit p at 0.05 where all labelings are enumerated", high=0.055),
    "null_200": Claim(f"rejections at 0.05 in {NULL_COHORTS} null cohorts", _LOW, _HIGH),
    "fixed_05": Claim("contrast: test of fixed scores at 0.05 rejects true nulls", low=0.085),
    "fixed_reported": Claim("correlated genes", beside="fixed_05"),
    "mean_05": Claim("contrast: mean of fold p-values at 0.05 rejects true nulls", high=0.04),
    "deflated_05": Claim("fallback p (fixed_deflated) at 0.05 rejects true nulls", high=0.065),
    "fold_exact_05": Claim("exact p of a fold at 0.05 rejects true nulls", high=0.055),
    "max_t_05": Claim("any cell of a task with p_maxt at 0.05, all nulls true", high=0.065),
    "any_05": Claim("contrast: any cell of a task with refit p at 0.05, all nulls true", low=0.065),
    "strata_counts": Claim("labelings with the true class counts in each stratum", low=1.0),
    "strata_ignored_05": Claim("contrast: refit p at 0.05, strata ignored", low=0.1),
    "reordered": Claim("cohorts whose p or AUROC depends on the order of genes", high=1e-9),
    "planted": Claim("mean AUROC where a signature is planted", low=0.9),
    "direction_05": Claim("refit p at 0.05, real effects of random direction a mission"),
    "these": Claim("ci_these covers the mean over these missions", low=0.92),
    "these_other": Claim("other intervals", beside="these"),
    "these_overlap": Claim("ci_these covers 0.5 in null cohorts, training sets overlapping"),
    "population_overlap": Claim("ci_population", beside="these_overlap"),
    "population": Claim("ci_population covers the mean over missions like these, K >= 3", low=0.9),
    "population_beyond": Claim("ci_population where missions differ more", beside="population"),
    "population_other": Claim("other intervals", beside="population"),
    "population_width": Claim("mean width", beside="population"),
}
