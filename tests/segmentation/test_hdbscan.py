import numpy as np
import numpy.typing as npt
import pytest
from sklearn import cluster
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation.hdbscan import HDBSCAN

Floats = npt.NDArray[np.float64]


def crowds_of_two_densities() -> Floats:
    X, _ = make_blobs(
        [300, 300, 200],
        centers=[[0, 0], [3, 0], [14, 0]],
        cluster_std=[0.3, 0.3, 2],
        shuffle=False,
        random_state=0,
    )
    return np.vstack([X, np.random.default_rng(0).uniform(-6, 22, (80, 2))])


TABLES = {
    "two densities": crowds_of_two_densities(),
    "moons": make_moons(700, noise=0.07, random_state=1)[0],
    "one cloud": np.random.default_rng(2).normal(size=(500, 3)),
    "eight columns": make_blobs(600, centers=5, n_features=8, cluster_std=2.5, random_state=3)[0],
}


def scikit_learns(X: Floats, min_cluster_size: int, min_samples: int) -> npt.NDArray[np.integer]:
    peer = cluster.HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True)
    return np.asarray(peer.fit(X).labels_)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("min_cluster_size", [4, 10, 25])
def test_without_ties_clusters_and_noise_are_scikit_learns(table: str, min_cluster_size: int) -> None:
    ours = HDBSCAN(min_cluster_size, min_samples=1).fit(TABLES[table])
    theirs = scikit_learns(TABLES[table], min_cluster_size, 1)
    assert adjusted_rand_score(theirs, ours.labels_) == 1.0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("min_cluster_size, min_samples", [(5, 5), (12, 3), (25, 10)])
def test_with_ties_it_differs_from_scikit_learn_no_more_than_that_from_itself_in_other_orders(
    table: str, min_cluster_size: int, min_samples: int
) -> None:
    X, random = TABLES[table], np.random.default_rng(0)
    theirs = scikit_learns(X, min_cluster_size, min_samples)
    again = []
    for order in (random.permutation(len(X)) for _ in range(30)):
        again.append(
            adjusted_rand_score(theirs[order], scikit_learns(X[order], min_cluster_size, min_samples))
        )
    ours = HDBSCAN(min_cluster_size, min_samples=min_samples).fit(X)
    assert adjusted_rand_score(theirs, ours.labels_) >= min(0.999, *again)


@pytest.mark.parametrize("table", TABLES)
def test_the_order_of_rows_changes_nothing(table: str) -> None:
    X = TABLES[table]
    order = np.random.default_rng(4).permutation(len(X))
    ours, reordered = HDBSCAN(5, min_samples=5).fit(X), HDBSCAN(5, min_samples=5).fit(X[order])
    assert adjusted_rand_score(ours.labels_[order], reordered.labels_) == 1.0


def test_crowds_of_different_density_are_found_side_by_side() -> None:
    X = crowds_of_two_densities()
    fitted = HDBSCAN(30, min_samples=10).fit(X)
    assert fitted.n_clusters_ == 3
    truth = np.repeat([0, 1, 2], [300, 300, 200])
    inside = fitted.labels_[:800] >= 0
    assert inside.mean() > 0.9
    assert adjusted_rand_score(truth[inside], fitted.labels_[:800][inside]) > 0.99


def test_clusters_are_numbered_by_their_first_rows() -> None:
    labels = HDBSCAN(30, min_samples=10).fit(crowds_of_two_densities()).labels_
    _, first = np.unique(labels[labels >= 0], return_index=True)
    assert (np.diff(first) > 0).all()


def test_noise_is_given_to_the_nearest_member_on_request() -> None:
    X = crowds_of_two_densities()
    plain = HDBSCAN(30, min_samples=10).fit(X)
    assigned = HDBSCAN(30, min_samples=10, assign_noise=True).fit(X)
    noise = plain.labels_ < 0
    assert plain.noise_share_ == assigned.noise_share_ == noise.mean() > 0
    np.testing.assert_array_equal(assigned.labels_[~noise], plain.labels_[~noise])
    distances = np.linalg.norm(X[noise][:, None] - X[~noise][None], axis=2)
    np.testing.assert_array_equal(assigned.labels_[noise], plain.labels_[~noise][distances.argmin(axis=1)])


def test_spikes_of_equal_rows_have_a_finite_density() -> None:
    X, truth = make_blobs([300, 300], centers=[[0, 0], [9, 9]], shuffle=False, random_state=0)
    X[:40], X[300:330] = X[0], X[300]
    fitted = HDBSCAN(50, min_samples=5, assign_noise=True).fit(X)
    assert adjusted_rand_score(truth, fitted.labels_) == 1.0


def test_where_there_is_no_crowd_everybody_is_noise_even_on_request() -> None:
    fitted = HDBSCAN(5, assign_noise=True).fit(np.arange(8.0)[:, None] ** 2)
    assert fitted.n_clusters_ == 0
    assert set(fitted.labels_) == {-1}
    assert np.isnan(fitted.margin([[3.0]])).all()


@pytest.mark.parametrize("parameters", [{"min_cluster_size": 1}, {"min_samples": 0}])
def test_a_parameter_out_of_range_is_named(parameters: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        HDBSCAN(**parameters).fit(np.arange(20.0)[:, None])  # type: ignore[arg-type]
