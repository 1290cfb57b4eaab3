"""Every clusterer keeps the same promises, and scikit-learn's own."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import estimator_checks_generator
from threadpoolctl import threadpool_limits

from coterie.segmentation.dbscan import DBSCAN
from coterie.segmentation.genie import Genie
from coterie.segmentation.gmm import GaussianMixture
from coterie.segmentation.hdbscan import HDBSCAN
from coterie.segmentation.hierarchical import Hierarchical
from coterie.segmentation.kmeans import KMeans
from coterie.segmentation.kmedoids import KMedoids
from coterie.segmentation.rfm_grid import RFMGrid
from coterie.segmentation.sparse import SparseKMeans
from coterie.segmentation.tpa import TPA

ESTIMATORS: dict[str, BaseEstimator] = {
    "kmeans": KMeans(4, random_state=0),
    "kmeans on a sample": KMeans(4, sample_rows=100, random_state=0),
    "gmm, full": GaussianMixture(4, random_state=0),
    "gmm, diag": GaussianMixture(4, covariance_type="diag", random_state=0),
    "dbscan, scanned": DBSCAN(sample_rows=300, random_state=0),
    "dbscan, fixed": DBSCAN(0.7, min_samples=4),
    "dbscan, noise assigned": DBSCAN(0.7, min_samples=4, assign_noise=True),
    "hierarchical, ward": Hierarchical(4),
    "hierarchical, average": Hierarchical(4, linkage="average"),
    "genie": Genie(4),
    "genie, smoothed": Genie(4, gini_threshold=0.5, min_samples=4),
    "hdbscan": HDBSCAN(),
    "hdbscan, noise assigned": HDBSCAN(10, min_samples=4, assign_noise=True),
    "hierarchical, micro-clusters": Hierarchical(4, max_rows=100),
    "hierarchical, average, micro-clusters": Hierarchical(4, linkage="average", max_rows=100),
    "rfm": RFMGrid(),
    "tpa": TPA(4, random_state=0),
    "sparse": SparseKMeans(4, n_permutations=2, random_state=0),
    "kmedoids, manhattan": KMedoids(4),
    "kmedoids, gower": KMedoids(4, metric="gower"),
}

every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS.keys())

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def crowd() -> Floats:
    """600 rows in four crowds, a third of them on a lattice, as counts of orders are."""
    X, _ = make_blobs(600, centers=4, n_features=3, cluster_std=1.3, random_state=2)
    X[:200] = np.round(X[:200])
    return np.asarray(X, dtype=np.float64)


# Three clusters, because the checks fit three blobs; arrays of other libraries are not promised.
# Where a mixture starts depends on the order of the rows, which the check of weights turns round.
NOT_PROMISED = {
    ("GaussianMixture", "check_sample_weight_equivalence_on_dense_data"),
}
SCIKIT_LEARN_CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}, {check.func.__name__}")
    for example in (
        KMeans(),
        GaussianMixture(3),
        DBSCAN(),
        Hierarchical(),
        Genie(),
        HDBSCAN(),
        RFMGrid(),
        TPA(),
        SparseKMeans(3),
        KMedoids(),
    )
    for estimator, check in estimator_checks_generator(example)
    if check.func.__name__ != "check_array_api_input"
    and (type(estimator).__name__, check.func.__name__) not in NOT_PROMISED
]


@pytest.mark.parametrize(("estimator", "check"), SCIKIT_LEARN_CHECKS)
def test_scikit_learn_accepts_it(estimator: BaseEstimator, check: Any) -> None:
    check(estimator)


@every_estimator
def test_predicting_the_rows_of_the_fit_gives_their_labels(estimator: BaseEstimator, crowd: Floats) -> None:
    fitted = clone(estimator).fit(crowd)
    labels = fitted.predict(crowd)
    assert labels.dtype == fitted.labels_.dtype == np.int32
    np.testing.assert_array_equal(labels, fitted.labels_)


@every_estimator
def test_every_cluster_has_a_member_and_a_number(estimator: BaseEstimator, crowd: Floats) -> None:
    fitted = clone(estimator).fit(crowd)
    clusters = np.unique(fitted.labels_[fitted.labels_ >= 0])
    np.testing.assert_array_equal(clusters, np.arange(fitted.n_clusters_))


@every_estimator
def test_a_row_gets_the_same_label_alone_as_in_company(estimator: BaseEstimator, crowd: Floats) -> None:
    fitted = clone(estimator).fit(crowd)
    alone = [int(fitted.predict(row[None])[0]) for row in crowd[:50]]
    assert alone == fitted.labels_[:50].tolist()


@every_estimator
def test_the_same_random_state_gives_the_same_labels_on_one_and_two_threads(
    estimator: BaseEstimator, crowd: Floats
) -> None:
    with threadpool_limits(limits=1):
        one = clone(estimator).fit(crowd)
    with threadpool_limits(limits=2):
        two = clone(estimator).fit(crowd)
    np.testing.assert_array_equal(one.labels_, two.labels_)
    np.testing.assert_array_equal(one.margin(crowd), two.margin(crowd))


@every_estimator
def test_what_is_restored_from_arrays_predicts_bit_for_bit_the_same(
    estimator: BaseEstimator, crowd: Floats
) -> None:
    fitted = clone(estimator).fit(crowd)
    others = np.random.default_rng(5).normal(0.0, 8.0, (300, 3))
    restored = type(estimator).restore(_through_npz(fitted.export()))
    np.testing.assert_array_equal(restored.predict(others), fitted.predict(others))
    np.testing.assert_array_equal(restored.margin(others), fitted.margin(others))
    assert restored.get_params() == fitted.get_params()
    assert restored.n_clusters_ == fitted.n_clusters_


def _through_npz(state: dict[str, Any]) -> dict[str, Any]:
    """Arrays through a file that allows no pickle; the rest must be plain numbers, text or truth values."""
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in state.items() if name not in arrays}
    assert {type(value) for value in plain.values()} <= {int, float, str, bool}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as loaded:
        return {**plain, **{name: loaded[name] for name in loaded.files}}


@every_estimator
def test_the_margin_is_a_share_and_undefined_only_for_noise(estimator: BaseEstimator, crowd: Floats) -> None:
    fitted = clone(estimator).fit(crowd)
    margin = fitted.margin(crowd)
    assert margin.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(margin), fitted.labels_ < 0)
    assert np.nanmin(margin) >= 0.0 and np.nanmax(margin) <= 1.0
    assert np.nanmax(margin) > np.nanmin(margin)


@every_estimator
@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")
@settings(max_examples=15, deadline=None)
@given(
    X=arrays(np.float64, st.tuples(st.integers(6, 40), st.just(3)), elements=st.integers(-2, 3).map(float))
)
def test_spikes_of_identical_rows_stay_together(estimator: BaseEstimator, X: Floats) -> None:
    fitted = clone(estimator).fit(X)
    np.testing.assert_array_equal(fitted.predict(X), fitted.labels_)
    _, spike = np.unique(X, axis=0, return_inverse=True)
    pairs = np.unique(np.column_stack([spike, fitted.labels_]), axis=0)
    assert len(pairs) == spike.max() + 1
