"""Every family beside `lomo`: which samples are where, what is permuted, what cannot be asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.protocol import load_protocol
from spacebio_bench.tasks import FAMILIES, Task

from ._cohorts import cohort, mission

FOUR = "FLT FLT GC GC"
THREE = mission("M1", FOUR) + mission("M2", FOUR) + mission("M3", "FLT FLT FLT GC GC")
CALIBRATED = load_protocol("calibrated")


def tasks(family: str, *cohorts: object, protocol: object = CALIBRATED) -> list[Task]:
    return list(FAMILIES[family]({c.tissue: c for c in cohorts}, protocol, strata=()))


def samples_of(task: Task, fold: int, part: str) -> list[str]:
    return [task.samples[i] for i in getattr(task.folds[fold], part)]


def test_every_ordered_pair_of_missions_is_a_fold() -> None:
    (task,) = tasks("pairs", cohort(THREE))
    assert [f.name for f in task.folds] == [
        f"pair_{a}_{b}" for a in ("M1", "M2", "M3") for b in ("M1", "M2", "M3") if a != b
    ]
    for fold in task.folds:
        _, a, b = fold.name.split("_")
        assert (fold.train_missions, fold.test_missions) == ((a,), (b,))
        assert {task.missions[i] for i in fold.train} == {a}
        assert {task.missions[i] for i in fold.test} == {b}


def test_pairs_leave_out_what_has_one_class() -> None:
    (task,) = tasks("pairs", cohort(mission("M1", FOUR) + mission("M2", "GC GC GC GC")))
    assert [f.reason for f in task.folds] == [
        "0 positive and 4 negative test samples, 2 of each needed",
        "the training missions have one class only",
    ]
    assert task.reason.startswith("no fold can be scored")
    (alone,) = tasks("pairs", cohort(mission("M1", FOUR)))
    assert alone.reason == "one mission only; there is no other to test on"


def with_holdout(**columns: list[str]) -> object:
    roles = ["benchmark"] * 8 + ["holdout"] * 5
    return cohort(THREE, **{"role": roles, **columns})


def test_holdouts_are_tested_and_never_trained_on() -> None:
    (task,) = tasks("holdout", with_holdout())
    (fold,) = task.folds
    assert fold.name == "fold_M3_holdout"
    assert samples_of(task, 0, "test") == [f"M3_{i:02d}" for i in range(5)]
    assert {task.missions[i] for i in fold.train} == {"M1", "M2"}
    assert task.null == "fixed"


def test_no_holdout_is_a_reason() -> None:
    (task,) = tasks("holdout", cohort(THREE))
    assert task.reason == "no study has the role holdout"


@pytest.mark.parametrize("what", ["accession", "mission"])
def test_a_holdout_of_the_benchmark_is_refused_by_name(what: str) -> None:
    same = {
        "accession": {"accession": ["A"] * 4 + ["B"] * 4 + ["A"] * 5},
        "mission": {"mission": ["M1"] * 4 + ["M2"] * 4 + ["M1"] * 5},
    }[what]
    with pytest.raises(InputError, match=rf"hold-out study .* has its {what} in the benchmark"):
        tasks("holdout", with_holdout(**same))


def test_a_holdout_with_a_sample_of_the_benchmark_is_refused_by_name() -> None:
    held = with_holdout()
    profile = np.random.default_rng(0).gamma(2, 2, size=(13, 60)).astype(np.float32)
    profile[8] = profile[2]
    twin = replace(held, x=profile, genes=tuple(f"g{i}" for i in range(60)))
    with pytest.raises(InputError, match=r"A-M3 \(M3\) shares samples .* M3_00 is M1_02 of A-M1"):
        tasks("holdout", twin)


def test_kfold_deals_every_sample_out_once_with_its_class() -> None:
    (task,) = tasks("kfold", cohort(mission("M1", "FLT " * 10 + "GC " * 15)))
    tested = np.concatenate([f.test for f in task.folds])
    assert sorted(tested) == list(range(25))
    for k, fold in enumerate(task.folds):
        assert task.truth[fold.test].sum() == 2
        assert {str(task.strata[i]) for i in fold.test} == {f"M1|fold{k}"}


def test_kfold_is_for_single_missions() -> None:
    (task,) = tasks("kfold", cohort(THREE))
    assert task.reason == "3 missions; lomo asks the harder question"
    (few,) = tasks("kfold", cohort(mission("M1", FOUR)))
    assert few.reason == "2 samples in the smaller class, 5 needed for the folds"


def confounders(protocol: object = CALIBRATED, **columns: list[str]) -> dict[str, Task]:
    found = tasks("confounder", cohort(THREE, **columns), protocol=protocol)
    return {task.variant: task for task in found}


def test_a_target_within_missions_leaves_missions_out_and_permutes_within_them() -> None:
    task = confounders(gravity=["uG", "1G"] * 6 + ["uG"])["gravity"]
    assert task.classes == ("1G", "uG")
    assert [f.name for f in task.folds] == ["fold_M1_test", "fold_M2_test", "fold_M3_test"]
    assert set(task.strata.astype(str)) == {"M1", "M2", "M3"}
    assert (task.blocks, task.null) == (None, "refit")


def test_a_target_of_whole_missions_has_them_swapped_if_there_are_enough_swaps() -> None:
    task = confounders(hardware=["RR"] * 4 + ["MHU"] * 9)["hardware"]
    assert task.null == "none"
    assert "3 assignments of classes to missions, 20 needed" in task.note
    many = [row for i in range(6) for row in mission(f"M{i}", FOUR)]
    of = {
        t.variant: t
        for t in tasks("confounder", cohort(many, hardware=(["A"] * 4 + ["B"] * 4) * 3))
    }
    assert of["hardware"].null == "refit"
    assert of["hardware"].blocks == of["hardware"].missions


def test_the_mission_itself_is_dealt_out_over_all_samples() -> None:
    rows = [row for i in range(2) for row in mission(f"M{i}", "FLT FLT FLT GC GC GC AG")]
    found = {t.variant: t for t in tasks("confounder", cohort(rows))}
    task = found["mission"]
    assert task.classes == ("M0", "M1")
    assert len(task.samples) == 14  # AG too: a sample needs no label to have a mission
    assert set(task.strata.astype(str)) == {"all"}
    assert sorted(np.concatenate([f.test for f in task.folds])) == list(range(14))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([""] * 13, "the samples tables have no value of strain"),
        (["B6"] * 13, "all samples have the same strain: B6"),
    ],
)
def test_confounders_that_cannot_be_asked(values: list[str], reason: str) -> None:
    assert confounders(strain=values)["strain"].reason == reason


def test_published_confounders_leave_one_sample_out() -> None:
    task = confounders(load_protocol("v1"), hardware=["RR"] * 4 + ["MHU"] * 9)["hardware"]
    assert [len(f.test) for f in task.folds] == [1] * 13
    assert task.null == "none"


def test_cross_tissue_names_samples_by_tissue_and_drops_shared_missions() -> None:
    liver = cohort(mission("M1", FOUR) + mission("M2", FOUR), "liver")
    eye = cohort(mission("M2", FOUR) + mission("M3", FOUR))
    found = {t.key: t for t in tasks("cross_tissue", liver, eye)}
    whole, without = (found[f"liver_to_eye.cross_tissue.{v}"] for v in ("gene", "gene_unshared"))
    assert whole.sources == ("liver", "eye")
    assert len(whole.folds[0].train) == 8
    assert samples_of(whole, 0, "test")[0] == "eye:M2_00"
    assert whole.null == "none"
    assert "M2 in both tissues" in whole.note
    assert without.folds[0].train_missions == ("M1",)
    assert without.folds[0].test_missions == ("M2", "M3")
    assert without.null == "fixed"


def test_controls_keep_the_folds_and_change_what_they_say() -> None:
    (lomo,) = tasks("lomo", cohort(THREE))
    found = {t.variant: t for t in tasks("control", cohort(THREE))}
    shuffled = found["shuffle"]
    assert [f.name for f in shuffled.folds] == [f.name for f in lomo.folds]
    for m in ("M1", "M2", "M3"):
        rows = np.array(lomo.missions) == m
        assert shuffled.truth[rows].sum() == lomo.truth[rows].sum()
    assert found["planted"].changes[0].kind == "planted"
    assert found["planted_r1"].null == "none"
    assert len({t.changes for v, t in found.items() if v.startswith("planted")}) == 11


def test_curves_train_on_less_and_test_on_the_same() -> None:
    (lomo,) = tasks("lomo", cohort(THREE))
    for task in tasks("lomo.learning_curve", cohort(THREE)):
        for fold, whole in zip(task.folds, lomo.folds, strict=True):
            assert fold.test.tolist() == whole.test.tolist()
            assert set(fold.train.tolist()) <= set(whole.train.tolist())
            assert len(fold.train) < len(whole.train) or "_s75_" in task.variant
            if "_m1_" in task.variant:
                assert len(fold.train_missions) == 1
    variants = {t.variant for t in tasks("lomo.learning_curve", cohort(THREE))}
    assert len(variants) == 12
    assert variants >= {"learning_curve_m1_d0", "learning_curve_s50_d2"}


def test_batches_and_ablations_are_lomo_with_other_features() -> None:
    found = {t.key: t for f in ("lomo.batch", "lomo.ablation") for t in tasks(f, cohort(THREE))}
    assert found["eye.lomo.batch_limma"].changes == (("layer", "limma"),)
    assert found["eye.lomo.ablation_components5"].settings == {"pca_lr": {"n_components": 5}}
    assert {t.family for t in found.values()} == {"lomo"}


def test_tissues_of_the_same_missions_have_nothing_left_to_train_on() -> None:
    liver, eye = (cohort(mission("M1", FOUR) + mission("M2", FOUR), t) for t in ("liver", "eye"))
    found = {t.key: t for t in tasks("cross_tissue", liver, eye)}
    without = found["liver_to_eye.cross_tissue.gene_unshared"]
    assert without.reason == "every mission of liver is in eye too; none is left to train"


def test_genes_chosen_with_test_labels_are_said_to_be() -> None:
    liver, eye = cohort(mission("M1", FOUR), "liver"), cohort(mission("M2", FOUR))
    notes = {
        name: {t.key: t.note for t in tasks("cross_tissue", liver, eye, protocol=of)}
        for name, of in (("v1", load_protocol("v1")), ("calibrated", CALIBRATED))
    }
    key = "liver_to_eye.cross_tissue.de"
    assert "with the labels of the test tissue too" in notes["v1"][key]
    assert notes["calibrated"][key] == ""
