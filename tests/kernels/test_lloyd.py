"""Centres: who is nearest, where they come to rest, where they start; on both implementations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import lloyd, nearest_center, spread_seeds, using

Floats = npt.NDArray[np.float64]


def some_rows(X: npt.NDArray[np.floating], k: int = 5) -> Floats:
    return np.asarray(X, dtype=np.float64)[np.random.default_rng(0).integers(len(X), size=k)] + 0.01


def shares(m: int, t: int = 3) -> Floats:
    return np.random.default_rng(1).random((m, t))


def test_the_nearest_centre_is_that_of_the_whole_distance_matrix(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    centers = some_rows(X)
    labels, squared = nearest_center(X, centers)
    everything = cdist(np.asarray(X, dtype=np.float64), centers, "sqeuclidean")
    np.testing.assert_allclose(squared, everything.min(axis=1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(everything[np.arange(len(X)), labels], squared, rtol=1e-9, atol=1e-12)


def test_of_two_centres_equally_far_the_first_is_taken(implementation: str) -> None:
    assert nearest_center([[1.0]], [[5.0], [0.0], [2.0]])[0].tolist() == [1]


def test_a_row_has_the_same_answer_alone_as_in_company(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    centers = some_rows(X)
    alone = [nearest_center(row[None], centers)[1][0] for row in np.ascontiguousarray(X[:20])]
    np.testing.assert_array_equal(alone, nearest_center(X, centers)[1][:20])


def test_both_implementations_give_the_same_bytes_for_a_row(X: npt.NDArray[np.floating]) -> None:
    found = []
    for implementation in ("native", "plain"):
        with using(implementation):
            labels, squared = nearest_center(X, some_rows(X))
            found.append((labels.tobytes(), squared.tobytes(), spread_seeds(X, shares(4)).tolist()))
    assert found[0] == found[1]


def test_centres_come_to_rest_where_scikit_learns_do(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    rows = np.asarray(X, dtype=np.float64)
    distinct = np.unique(rows, axis=0)
    start = distinct[:: max(1, len(distinct) // 4)][:4]
    centers, labels, inertia = lloyd(rows, start)
    theirs = KMeans(len(start), init=start, n_init=1, tol=0.0).fit(rows)
    np.testing.assert_array_equal(labels, nearest_center(rows, centers)[0])
    assert inertia == pytest.approx(theirs.inertia_, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("max_steps", [1, 2, 300])
def test_the_inertia_is_about_the_means_of_the_labels(implementation: str, max_steps: int) -> None:
    random = np.random.default_rng(2)
    X, weights = random.normal(size=(700, 3)), random.integers(0, 3, 700).astype(float)
    centers, labels, inertia = lloyd(X, X[:6], weights=weights, max_steps=max_steps)
    np.testing.assert_array_equal(labels, nearest_center(X, centers)[0])
    own = [labels == c for c in range(6)]
    means = np.array([np.average(X[rows], axis=0, weights=weights[rows]) for rows in own])
    assert inertia == pytest.approx((weights * ((X - means[labels]) ** 2).sum(axis=1)).sum(), rel=1e-12)


def test_a_weight_counts_as_so_many_rows(implementation: str) -> None:
    random = np.random.default_rng(3)
    X, times = random.normal(size=(200, 2)), random.integers(0, 4, 200)
    weighted = lloyd(X, X[:3], weights=times)
    repeated = lloyd(np.repeat(X, times, axis=0), X[:3])
    np.testing.assert_allclose(weighted[0], repeated[0])
    assert weighted[2] == pytest.approx(repeated[2])


def test_a_centre_without_rows_moves_to_the_farthest_row(implementation: str) -> None:
    centers, labels, inertia = lloyd([[0.0], [1.0], [30.0], [31.0]], [[0.0], [500.0], [600.0]])
    assert sorted(np.bincount(labels)) == [1, 1, 2]
    assert inertia == 0.5
    assert 500.0 not in centers


def test_with_fewer_distinct_rows_than_centres_every_distinct_row_has_its_own(implementation: str) -> None:
    X = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    _, labels, inertia = lloyd(X, [[0.0], [0.0], [0.0], [0.0], [0.0]])
    assert len(set(labels)) == 3
    assert inertia == 0.0


def test_seeds_fall_into_different_blobs(implementation: str) -> None:
    X, blobs = make_blobs(3_000, centers=7, cluster_std=0.01, random_state=0)
    seeds = spread_seeds(X, shares(7))
    assert len(set(blobs[seeds])) == 7


def test_seeds_keep_away_from_the_centres_there_are(implementation: str) -> None:
    X, blobs = make_blobs(3_000, centers=4, cluster_std=0.01, random_state=0)
    known = [X[blobs == blob].mean(axis=0) for blob in (0, 2)]
    assert set(blobs[spread_seeds(X, shares(2), centers=known)]) == {1, 3}


def test_a_row_without_weight_is_no_seed(implementation: str) -> None:
    weights = [0.0, 1.0, 0.0, 1.0]
    seeds = spread_seeds([[0.0], [1.0], [100.0], [2.0]], shares(2), weights=weights)
    assert sorted(seeds) == [1, 3]


def test_one_and_two_threads_give_the_same_bytes() -> None:
    X = np.random.default_rng(5).normal(size=(60_000, 3))
    found = []
    with using("native"):
        nearest_center(X, X[:2])  # the compiled module must be loaded before its threads can be limited
        for threads in (1, 2):
            with threadpool_limits(threads):
                centers, labels, inertia = lloyd(X, X[:7], max_steps=20)
                found.append((centers.tobytes(), labels.tobytes(), inertia))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest_center([[np.nan]], [[0.0]]), "NaN or infinity"),
        (lambda: nearest_center([[1.0]], [[np.inf]]), "NaN or infinity"),
        (lambda: nearest_center([[1.0]], [[0.0, 1.0]]), "do not fit 1 columns"),
        (lambda: lloyd([[1.0]], [[0.0]], max_steps=0), "max_steps"),
        (lambda: lloyd([[1.0]], [[0.0]], weights=[-1.0]), "0 or more"),
        (lambda: spread_seeds([[1.0]], [[np.nan]]), "NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused(implementation: str, call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lloyd(np.zeros((10, 1)), [[0.0]], progress=stop)
