from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture as Reference

from coterie.errors import ParameterError
from coterie.segmentation.gmm import GaussianMixture, sweep


def stretched(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Three groups stretched along one direction, where k-means fails and full covariances do not."""
    X, y = make_blobs(n, centers=3, random_state=170)
    return X @ np.array([[0.6, -0.6], [-0.4, 0.8]]), y


def test_full_covariances_find_stretched_groups() -> None:
    X, truth = stretched()
    assert adjusted_rand_score(truth, GaussianMixture(3, random_state=0).fit(X).labels_) > 0.95


@pytest.mark.parametrize("covariance_type", ["full", "diag"])
def test_bic_and_log_odds_are_those_of_scikit_learn_where_nothing_needs_regularising(
    covariance_type: Any,
) -> None:
    X, _ = stretched()
    ours = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(X)
    theirs = Reference(3, covariance_type=covariance_type, n_init=5, random_state=0).fit(X)
    assert ours.bic_ == pytest.approx(theirs.bic(X), rel=0.01)
    assert adjusted_rand_score(ours.labels_, theirs.predict(X)) > 0.95


def test_the_units_of_a_column_change_neither_labels_nor_the_ranking_of_k() -> None:
    X, _ = stretched()
    grams = X * [1_000.0, 0.01]
    fits = [[GaussianMixture(k, random_state=0).fit(data) for k in (2, 3, 4)] for data in (X, grams)]
    for plain, scaled in zip(*fits, strict=True):
        np.testing.assert_array_equal(plain.labels_, scaled.labels_)
    gaps, scaled_gaps = ([fit.bic_ - row[1].bic_ for fit in row] for row in fits)
    assert gaps == pytest.approx(scaled_gaps, abs=1e-6)


def test_bic_and_icl_choose_the_number_of_separate_groups() -> None:
    X, _ = make_blobs(600, centers=4, cluster_std=0.5, random_state=3)
    fits = {k: GaussianMixture(k, random_state=0).fit(X) for k in range(1, 7)}
    assert min(fits, key=lambda k: fits[k].bic_) == min(fits, key=lambda k: fits[k].icl_) == 4


def test_overlap_costs_icl_and_not_bic() -> None:
    X = np.random.default_rng(0).normal(size=(500, 2))
    fitted = GaussianMixture(3, random_state=0).fit(X)
    assert fitted.icl_ > fitted.bic_ + 50.0


@pytest.mark.parametrize("n_components", [1, 3, 8])
def test_a_spike_of_one_order_customers_does_not_end_the_run(n_components: int) -> None:
    random = np.random.default_rng(4)
    X = np.concatenate([np.tile([0.0, 1.0, 3.0], (480, 1)), random.normal(size=(520, 3))])
    fitted = GaussianMixture(n_components, random_state=0).fit(X)
    assert np.isfinite([fitted.bic_, fitted.icl_]).all()
    assert len(set(fitted.labels_[:480])) == 1


def test_a_constant_column_and_identical_rows_are_one_cluster() -> None:
    fitted = GaussianMixture(3, random_state=0).fit(np.ones((50, 2)))
    assert fitted.n_clusters_ == 1
    assert fitted.margin(np.ones((2, 2))).tolist() == [1.0, 1.0]


def test_a_whale_does_not_widen_everybody_elses_components() -> None:
    X, truth = make_blobs(400, centers=[[0.0, 0.0], [3.0, 0.0]], cluster_std=0.5, random_state=0)
    X = np.vstack([X, [[1e5, 1e5]]])
    labels = GaussianMixture(3, random_state=0).fit(X).labels_
    assert adjusted_rand_score(truth, labels[:-1]) > 0.95


def test_probabilities_sum_to_one_and_the_margin_is_the_gap_between_the_two_highest() -> None:
    X, _ = stretched()
    fitted = GaussianMixture(3, random_state=0).fit(X)
    chances = fitted.predict_proba(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    np.testing.assert_array_equal(chances.argmax(axis=1), fitted.labels_)
    ordered = np.sort(chances, axis=1)
    np.testing.assert_allclose(fitted.margin(X), ordered[:, -1] - ordered[:, -2])


def test_a_sweep_gives_what_each_number_alone_gives() -> None:
    X, _ = stretched(400)
    swept = sweep(X, 3)
    for k in (5, 2):
        alone = GaussianMixture(k, random_state=3).fit(X)
        np.testing.assert_array_equal(swept(k).labels_, alone.labels_)
        assert swept(k).icl_ == alone.icl_


@pytest.mark.parametrize("covariance_type", ["full", "diag"])
def test_a_weight_counts_as_so_many_rows(covariance_type: Any) -> None:
    X, _ = stretched()
    times = np.random.default_rng(0).integers(0, 4, len(X))
    weighted, repeated = (
        GaussianMixture(3, covariance_type=covariance_type, random_state=0) for _ in range(2)
    )
    weighted.fit(X, sample_weight=times)
    repeated.fit(np.repeat(X, times, axis=0))
    assert weighted.bic_ == pytest.approx(repeated.bic_, rel=1e-3)
    np.testing.assert_allclose(weighted.means_, repeated.means_, atol=0.05)


def test_a_start_on_a_sample_explains_all_rows_as_well_as_scikit_learn() -> None:
    random = np.random.default_rng(5)
    shapes = np.eye(3) + random.normal(scale=0.3, size=(3, 3, 3))
    X = np.concatenate([random.normal(size=(15_000, 3)) @ shape + 3 * c for c, shape in enumerate(shapes)])
    ours = GaussianMixture(3, random_state=0).fit(X)
    theirs = Reference(3, random_state=0).fit(X)
    assert ours.log_likelihood_ / len(X) >= theirs.score(X) - 1e-3


def test_an_unknown_covariance_type_is_named() -> None:
    with pytest.raises(ParameterError, match="tied"):
        GaussianMixture(2, covariance_type="tied").fit(np.arange(10.0)[:, None])  # type: ignore[arg-type]
