"""What every model owes the grid, whatever it computes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models import (
    build_model,
    model_card,
    model_names,
    seconds_per_fit,
    unavailable_reason,
)
from spacebio_bench.protocol import load_protocol, protocol_names

# Settings that make the slow ones quick; the code is the same.
QUICK = {
    "rf": {"n_trees": 30},
    "xgb": {"n_trees": 30},
    "lr": {"max_iter": 200},
}
VARIANTS = {
    **{name: (name, QUICK.get(name, {})) for name in model_names() if name != "tabnet"},
    "elasticnet_lr saga": ("elasticnet_lr", {"solver": "saga", "max_iter": 200}),
    "pca_lr lbfgs": ("pca_lr", {"solver": "lbfgs"}),
    "multinomial_lr lbfgs": ("multinomial_lr", {"solver": "lbfgs"}),
    "mlp float32": ("mlp", {"dtype": "float32"}),
    "svm_rbf platt": ("svm_rbf", {"score": "platt"}),
}
every_model = pytest.mark.parametrize(("name", "settings"), VARIANTS.values(), ids=VARIANTS.keys())


def of_last_class(name, scores):
    """Scores of two classes as (L, n_test), whatever the model knows of more."""
    return scores[..., -1] if model_card(name).classes == "many" else scores


def scores_of(name, settings, x_train, x_test, labels, seed=42):
    scorer = build_model(name, **settings).prepare(x_train, x_test, seed=seed)
    return of_last_class(name, scorer.score(labels))


@every_model
def test_finds_a_strong_signal(name, settings, obvious):
    scores = scores_of(name, settings, obvious.x_train, obvious.x_test, obvious.labels)
    assert scores.shape == (obvious.labels.shape[1], len(obvious.x_test))
    assert scores.dtype == np.float64
    assert roc_auc_score(obvious.test_labels, scores[0]) >= 0.9


@every_model
def test_sees_nothing_of_one_test_sample_in_the_scores_of_another(name, settings, easy):
    labels = easy.labels[:, :3]
    bound = 1e-6 if settings.get("dtype") == "float32" else 1e-9  # rounding of the predictions
    before = scores_of(name, settings, easy.x_train, easy.x_test, labels)
    changed = easy.x_test.copy()
    changed[4] = 7.0 - 3 * changed[4]
    after = scores_of(name, settings, easy.x_train, changed, labels)
    others = np.arange(len(changed)) != 4
    np.testing.assert_allclose(after[:, others], before[:, others], rtol=0, atol=bound)
    few = scores_of(name, settings, easy.x_train, easy.x_test[4:5], labels)
    np.testing.assert_allclose(few, before[:, 4:5], rtol=0, atol=bound)


@every_model
def test_a_labeling_does_not_depend_on_its_block(name, settings, easy):
    labels = np.column_stack([easy.labels, 1 - easy.labels[:, :2]])
    scorer = build_model(name, **settings).prepare(easy.x_train, easy.x_test, seed=3)
    whole = scorer.score(labels)
    parts = np.concatenate([scorer.score(labels[:, :3]), scorer.score(labels[:, 3:])])
    np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(scorer.score(labels[:, 5:6]), whole[5:6], rtol=1e-9, atol=1e-9)


@every_model
def test_same_seed_same_bytes_and_inputs_untouched(name, settings, easy):
    given = [a.copy() for a in (easy.x_train, easy.x_test, easy.labels[:, :3])]
    first = scores_of(name, settings, *given)
    second = scores_of(name, settings, *given)
    assert first.tobytes() == second.tobytes()
    for array, original in zip(given, (easy.x_train, easy.x_test, easy.labels[:, :3]), strict=True):
        assert array.tobytes() == original.tobytes()


# lr is saga, whose seed says which sample comes next, not where it ends
@pytest.mark.parametrize("name", [n for n in model_names() if n not in {"tabnet", "lr"}])
def test_stochastic_says_whether_the_seed_matters(name, easy):
    labels, settings = easy.labels[:, :2], QUICK.get(name, {})
    a, b = (
        scores_of(name, settings, easy.x_train, easy.x_test, labels, seed=seed) for seed in (1, 2)
    )
    assert (a.tobytes() != b.tobytes()) == model_card(name).stochastic


def degenerate():
    rng = np.random.default_rng(5)
    four, twelve = np.array([0, 1, 0, 1], np.int8), (np.arange(12) % 2).astype(np.int8)
    return {
        "one feature": (rng.normal(size=(12, 1)), twelve),
        "only constant features": (np.zeros((12, 5)), twelve),
        "a constant feature among others": (
            np.column_stack([np.zeros(12), rng.normal(size=(12, 3))]),
            twelve,
        ),
        "every sample twice, in both classes": (
            np.repeat(rng.normal(size=(6, 4)), 2, axis=0),
            twelve,
        ),
        "four samples": (rng.normal(size=(4, 30)), four),
        "four samples, one feature": (rng.normal(size=(4, 1)), four),
        "one positive": (rng.normal(size=(12, 5)), (np.arange(12) == 3).astype(np.int8)),
        "far outliers": (np.vstack([rng.normal(size=(11, 5)), np.full((1, 5), 1e6)]), twelve),
    }


@pytest.mark.parametrize("case", degenerate().values(), ids=degenerate().keys())
@every_model
def test_degenerate_input_has_finite_scores_or_a_reason(name, settings, case):
    x, labels = case
    x_test = np.vstack([x[:2], x[:1] + 1, np.zeros((1, x.shape[1]))])
    try:
        scores = scores_of(name, settings, x, x_test, labels[:, None])
    except NotApplicableError as reason:
        assert "training samples of each class" in str(reason)  # noqa: PT017
        assert name == "mlp"
        assert min(labels.sum(), (1 - labels).sum()) < 2
    else:
        assert scores.shape == (1, 4)
        assert np.isfinite(scores).all()
        if not x.any():
            assert np.ptp(scores[:, [0, 1, 3]]) < 1e-12


@every_model
def test_a_labeling_of_one_class_teaches_nothing(name, settings, easy):
    labels = np.column_stack([easy.truth, np.zeros_like(easy.truth), np.ones_like(easy.truth)])
    scores = scores_of(name, settings, easy.x_train, easy.x_test, labels)
    assert np.isfinite(scores).all()
    assert np.ptp(scores[1:], axis=1).max() < 1e-12
    alone = scores_of(name, settings, easy.x_train, easy.x_test, labels[:, 1:2])
    assert np.ptp(alone) < 1e-12


@pytest.mark.parametrize("protocol", protocol_names())
def test_every_model_of_a_protocol_can_be_built(protocol):
    for name, settings in load_protocol(protocol).models.items():
        build_model(name, **settings)
        assert model_card(name).name == name


def test_a_setting_that_is_not_there_is_refused():
    with pytest.raises(TypeError, match="n_tress"):
        build_model("rf", n_tress=3)


def test_a_model_that_is_not_there_has_a_reason():
    assert unavailable_reason("knn") is None
    assert "no_such_model" in unavailable_reason("no_such_model")


@pytest.mark.parametrize("name", ["elasticnet_lr", "multinomial_lr", "pca_lr"])
def test_converged_solvers_say_how_far_from_the_optimum_they_stopped(name, easy):
    scorer = build_model(name).prepare(easy.x_train, easy.x_test, seed=0)
    assert scorer.largest_gap == 0
    scorer.score(easy.labels[:, :1])
    first = scorer.largest_gap
    scorer.score(easy.labels)
    assert first <= scorer.largest_gap < 1e-9
    assert scorer.largest_gap > 0


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("elasticnet_lr", {"solver": "saga", "max_iter": 5}),
        ("multinomial_lr", {"solver": "lbfgs"}),
        ("pca_lr", {"solver": "lbfgs"}),
    ],
)
def test_solvers_that_stop_short_claim_nothing(name, settings, easy):
    scorer = build_model(name, **settings).prepare(easy.x_train, easy.x_test, seed=0)
    scorer.score(easy.labels[:, :1])
    assert not hasattr(scorer, "largest_gap")


@pytest.mark.parametrize("protocol", protocol_names())
def test_every_model_states_what_a_refit_costs(protocol):
    for name, settings in load_protocol(protocol).models.items():
        small, more, wider = (
            seconds_per_fit(name, settings, n, p) for n, p in ((12, 50), (240, 50), (12, 25_000))
        )
        assert 0 < small <= more
        assert small <= wider


def test_settings_change_what_a_refit_costs():
    size = (60, 25_000)
    assert seconds_per_fit("elasticnet_lr", {"solver": "saga"}, *size) > 1_000 * seconds_per_fit(
        "elasticnet_lr", {}, *size
    )
    assert seconds_per_fit("xgb", {"max_bin": 16}, *size) < seconds_per_fit("xgb", {}, *size) / 1.5
    assert seconds_per_fit("rf", {"n_trees": 100}, *size) == pytest.approx(
        seconds_per_fit("rf", {}, *size) / 2
    )
