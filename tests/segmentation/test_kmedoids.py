from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation.kmedoids import MAX_ROWS, KMedoids


def test_the_medoids_are_those_of_the_least_sum_of_distances() -> None:
    for seed in range(10):
        X = np.random.default_rng(seed).normal(size=(14, 2))
        distances = cdist(X, X, "cityblock")
        least = min(distances[:, list(three)].min(axis=1).sum() for three in combinations(range(14), 3))
        assert KMedoids(3).fit(X).inertia_ <= 1.03 * least


def test_no_swap_of_a_medoid_with_a_row_would_help() -> None:
    X = np.random.default_rng(0).normal(size=(120, 3))
    distances = cdist(X, X, "cityblock")
    fitted = KMedoids(5).fit(X)
    for place in range(5):
        others = np.delete(fitted.medoids_, place)
        kept = distances[:, others].min(axis=1)
        sums = np.minimum(kept[:, None], distances).sum(axis=0)
        assert sums.min() >= fitted.inertia_ - 1e-9


def test_blobs_are_found() -> None:
    X, truth = make_blobs(300, centers=4, cluster_std=0.5, random_state=3)
    assert adjusted_rand_score(truth, KMedoids(4).fit(X).labels_) == 1.0


def test_gower_gives_every_column_the_same_say() -> None:
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1000.0, 0.1], [1000.0, 0.9]])
    fitted = KMedoids(2, metric="gower").fit(X * [1.0, 1e9])
    again = KMedoids(2, metric="gower").fit(X)
    np.testing.assert_array_equal(fitted.labels_, again.labels_)
    assert fitted.inertia_ == pytest.approx(again.inertia_)


def test_distances_may_be_given() -> None:
    X = np.random.default_rng(1).normal(size=(60, 2))
    distances = cdist(X, X, "cityblock")
    given, own = KMedoids(3, metric="precomputed").fit(distances), KMedoids(3).fit(X)
    np.testing.assert_array_equal(given.labels_, own.labels_)
    np.testing.assert_array_equal(given.predict(distances[:5]), own.labels_[:5])
    np.testing.assert_array_equal(KMedoids.restore(given.export()).predict(distances), own.labels_)


def test_too_many_rows_are_refused_with_a_sentence() -> None:
    with pytest.raises(ParameterError, match=r"5,001 rows are more than 5,000"):
        KMedoids(2).fit(np.zeros((MAX_ROWS + 1, 1)))


@pytest.mark.parametrize(
    ("parameters", "X"),
    [
        ({"metric": "cosine"}, np.zeros((4, 2))),
        ({"metric": "precomputed"}, np.zeros((4, 2))),
        ({"metric": "precomputed"}, -np.ones((4, 4))),
    ],
)
def test_what_is_no_distance_is_refused(parameters: dict[str, str], X: np.ndarray) -> None:
    with pytest.raises(ParameterError):
        KMedoids(2, **parameters).fit(X)  # type: ignore[arg-type]
