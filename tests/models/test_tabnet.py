"""TabNet in its own environment; skipped, with the reason, where that is missing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models import build_model, tabnet, unavailable_reason


@pytest.fixture(scope="module")
def _environment():
    reason = unavailable_reason("tabnet")
    if reason:
        pytest.skip(reason)


def scores_of(data, labels, seed=42, x_test=None, **settings):
    model = build_model("tabnet", **settings)
    test = data.x_test if x_test is None else x_test
    return model.prepare(data.x_train, test, seed=seed).score(labels)


@pytest.mark.tabnet
@pytest.mark.usefixtures("_environment")
def test_learns_repeats_itself_and_leaks_nothing(obvious):
    labels = np.column_stack([obvious.truth, np.zeros_like(obvious.truth)])
    first = scores_of(obvious, labels)
    assert first.shape == (2, len(obvious.x_test))
    assert roc_auc_score(obvious.test_labels, first[0]) >= 0.8
    assert np.ptp(first[1]) == 0
    changed = obvious.x_test.copy()
    changed[4] = 9.0
    second = scores_of(obvious, labels, x_test=changed)
    np.testing.assert_allclose(np.delete(second, 4, axis=1), np.delete(first, 4, axis=1), atol=1e-6)


@pytest.mark.tabnet
@pytest.mark.usefixtures("_environment")
def test_published_settings_never_train_on_fewer_samples_than_a_batch(easy):
    labels = np.column_stack([easy.truth, 1 - easy.truth])
    same = scores_of(easy, labels, validation="last_rows", drop_last=True)
    np.testing.assert_array_equal(
        same[0], same[1]
    )  # turned labels, same scores: nothing was learnt
    trained = scores_of(easy, labels, validation="last_rows", max_epochs=30)
    assert np.abs(trained[0] - trained[1]).max() > 0.01


@pytest.mark.tabnet
@pytest.mark.usefixtures("_environment")
def test_four_samples_and_constant_features(easy):
    x = np.column_stack([easy.x_train[:4, :3], np.ones(4)])
    model = build_model("tabnet", max_epochs=3)
    scores = model.prepare(x, x, seed=1).score(np.array([[0], [1], [0], [1]], np.int8))
    assert np.isfinite(scores).all()


def test_without_its_environment_there_is_a_reason(monkeypatch, tmp_path, easy):
    monkeypatch.setenv(tabnet.INTERPRETER, str(tmp_path / "python"))
    assert unavailable_reason("tabnet") == tabnet.MISSING
    with pytest.raises(NotApplicableError, match="make setup-tabnet"):
        build_model("tabnet").prepare(easy.x_train, easy.x_test, seed=0)


def test_a_process_that_fails_says_why(monkeypatch, tmp_path, easy):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'No module named torch' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv(tabnet.INTERPRETER, str(broken))
    with pytest.raises(RuntimeError, match="code 3: No module named torch"):
        scores_of(easy, easy.labels[:, :1])
