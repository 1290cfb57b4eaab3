import numpy as np
import pytest
from sklearn import cluster
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation import dbscan
from coterie.segmentation.dbscan import DBSCAN


@pytest.mark.parametrize("eps", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("min_samples", [1, 5, 12])
def test_core_points_and_noise_are_scikit_learns(eps: float, min_samples: int) -> None:
    X, _ = make_moons(500, noise=0.08, random_state=0)
    X[:100] = np.round(X[:100], 1)  # copies count as neighbours
    ours, theirs = (
        DBSCAN(eps, min_samples=min_samples).fit(X),
        cluster.DBSCAN(eps=eps, min_samples=min_samples).fit(X),
    )
    core = theirs.core_sample_indices_
    assert adjusted_rand_score(ours.labels_[core], theirs.labels_[core]) == 1.0
    np.testing.assert_array_equal(ours.labels_ < 0, theirs.labels_ < 0)
    np.testing.assert_array_equal(ours.core_points_, np.unique(X[core], axis=0))


def test_a_border_point_goes_to_its_nearest_core_point() -> None:
    X = [[0.0], [0.1], [0.2], [1.1], [2.1], [2.2], [2.3]]
    fitted = DBSCAN(1.0, min_samples=4).fit(X)
    assert fitted.predict([[0.9], [1.3]]).tolist() == fitted.labels_[[1, 4]].tolist()


def test_two_moons_are_found_without_a_given_reach() -> None:
    X, truth = make_moons(1_000, noise=0.06, random_state=0)
    fitted = DBSCAN(random_state=0).fit(X)
    assert adjusted_rand_score(truth, fitted.labels_) > 0.98
    assert fitted.notes_ == ()


def test_without_structure_the_knee_is_used_and_said() -> None:
    X = np.random.default_rng(0).normal(size=(600, 2))
    fitted = DBSCAN(random_state=0).fit(X)
    assert "knee" in fitted.notes_[-1]


def test_a_scan_leaves_no_crowd_under_one_per_cent() -> None:
    X, _ = make_blobs([400, 400, 6], centers=[[0, 0], [9, 0], [4, 40]], cluster_std=0.6, random_state=0)
    fitted = DBSCAN(random_state=0, min_samples=4).fit(X)
    assert np.bincount(fitted.labels_[fitted.labels_ >= 0]).min() >= 0.01 * len(X)
    assert (fitted.labels_[-6:] >= 0).sum() in (0, 6) or fitted.n_clusters_ == 2


def test_above_the_limit_the_rest_is_placed_by_the_sample_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbscan, "FIT_ROWS", 600)
    X, truth = make_blobs(2_000, centers=3, cluster_std=0.7, random_state=1)
    fitted = DBSCAN(random_state=0).fit(X)
    assert "600" in fitted.notes_[0]
    placed = fitted.labels_ >= 0
    assert placed.mean() > 0.95
    assert adjusted_rand_score(truth[placed], fitted.labels_[placed]) > 0.99
    assert len(fitted.core_points_) <= 600


def test_of_many_core_points_few_are_kept_and_how_often_they_differ_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, _ = make_moons(4_000, noise=0.08, random_state=0)
    exact = DBSCAN(0.08, min_samples=12).fit(X)
    monkeypatch.setattr(dbscan, "MOST_POINTS", 400)
    thin = DBSCAN(0.08, min_samples=12).fit(X)
    np.testing.assert_array_equal(thin.labels_, exact.labels_)
    assert len(thin.core_points_) <= 400 < len(exact.core_points_)
    assert np.unique(thin.core_labels_).tolist() == list(range(exact.n_clusters_))
    differs = float((thin.predict(X) != thin.labels_).mean())
    assert 0 < differs < 0.05
    assert thin.notes_ == (
        f"Customers are placed by {len(thin.core_points_)} of {len(exact.core_points_):,} core points, which "
        f"puts {differs:.2%} of them elsewhere than all would.",
    )
    assert exact.notes_ == ()


def test_noise_is_given_to_its_nearest_core_point_on_request() -> None:
    X = [[0.0], [0.1], [0.2], [9.0], [9.1], [9.2], [3.0], [30.0]]
    assert DBSCAN(0.5, min_samples=3).fit(X).labels_.tolist() == [0, 0, 0, 1, 1, 1, -1, -1]
    assert DBSCAN(0.5, min_samples=3, assign_noise=True).fit(X).labels_.tolist() == [0, 0, 0, 1, 1, 1, 0, 1]


def test_nobody_is_in_a_crowd_that_does_not_exist() -> None:
    fitted = DBSCAN(0.1, min_samples=3).fit([[0.0], [1.0], [2.0]])
    assert fitted.n_clusters_ == 0
    assert fitted.labels_.tolist() == [-1, -1, -1]
    assert np.isnan(fitted.margin([[0.0]])).all()


def test_the_middle_of_a_crowd_has_a_larger_margin_than_its_edge() -> None:
    X = np.random.default_rng(0).normal(size=(800, 2))
    fitted = DBSCAN(0.5, min_samples=10).fit(X)
    edge = fitted.core_points_[np.linalg.norm(fitted.core_points_, axis=1).argmax()]
    middle, outside = fitted.margin([[0.0, 0.0], edge])
    assert middle > 0.7 > outside


@pytest.mark.parametrize("parameters", [{"eps": 0.0}, {"min_samples": 0}, {"sample_rows": 0}])
def test_a_parameter_out_of_range_is_named(parameters: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        DBSCAN(**parameters).fit(np.arange(20.0)[:, None])  # type: ignore[arg-type]
