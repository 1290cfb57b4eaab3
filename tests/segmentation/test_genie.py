import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation.genie import Genie


def test_moons_and_an_unequal_pair_of_crowds_are_found() -> None:
    moons, truth = make_moons(600, noise=0.05, random_state=0)
    assert adjusted_rand_score(truth, Genie(2).fit(moons).labels_) == 1.0
    crowds, truth = make_blobs([500, 300], centers=[[0, 0], [9, 9]], random_state=0)
    assert adjusted_rand_score(truth, Genie(2).fit(crowds).labels_) == 1.0


def test_single_linkage_sets_an_outlier_apart_and_genie_does_not() -> None:
    X, truth = make_blobs([200, 200], centers=[[0, 0], [7, 7]], random_state=0)
    X = np.vstack([X, [[-30.0, 30.0]]])
    assert np.bincount(Genie(2, gini_threshold=1.0).fit(X).labels_).min() == 1
    assert adjusted_rand_score(truth, Genie(2).fit(X).labels_[:-1]) == 1.0


def test_the_cut_at_any_k_is_the_fit_at_that_k() -> None:
    X = np.random.default_rng(0).normal(size=(200, 3))
    tree = Genie(6).fit(X)
    for k in range(1, 12):
        cut = tree.cut(k)
        np.testing.assert_array_equal(cut.labels_, Genie(k).fit(X).labels_)
        assert cut.n_clusters == cut.n_clusters_ == k == len(cut.reaches_)
    assert tree.n_clusters_ == 6


def test_a_bridge_of_few_rows_is_cut_when_thin_regions_are_farther() -> None:
    crowds, truth = make_blobs([300, 300], centers=[[0, 0], [10, 0]], cluster_std=1.0, random_state=0)
    bridge = np.column_stack([np.linspace(2.5, 7.5, 12), np.zeros(12)])
    X = np.vstack([crowds, bridge])
    labels = Genie(2, min_samples=20).fit(X).labels_[: len(crowds)]
    assert adjusted_rand_score(truth, labels) > 0.99


def test_fewer_distinct_rows_than_clusters_give_fewer_and_say_so() -> None:
    with pytest.warns(ConvergenceWarning, match="Only 2 distinct rows"):
        fitted = Genie(3).fit([[0.0], [0.0], [1.0], [1.0]])
    assert fitted.labels_.tolist() == [0, 0, 1, 1]


def test_a_new_row_goes_with_its_nearest_row() -> None:
    fitted = Genie(2).fit([[0.0], [1.0], [8.0], [9.0]])
    assert fitted.predict([[3.0], [6.0], [90.0]]).tolist() == [0, 1, 1]


@pytest.mark.parametrize("parameters", [{"n_clusters": 0}, {"gini_threshold": 1.5}, {"min_samples": 0}])
def test_a_parameter_out_of_range_is_named(parameters: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        Genie(**parameters).fit(np.arange(20.0)[:, None])  # type: ignore[arg-type]
