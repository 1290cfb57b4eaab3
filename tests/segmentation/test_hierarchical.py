from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_valid_linkage
from scipy.cluster.hierarchy import linkage as scipy_linkage
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.segmentation import hierarchical
from coterie.segmentation.hierarchical import Hierarchical, cut_tree, weighted_linkage

LINKAGES = ["ward", "average", "complete"]


@pytest.mark.parametrize("linkage", LINKAGES)
def test_one_tree_cut_at_every_k_is_scipys_partition(linkage: Any) -> None:
    X = np.random.default_rng(0).normal(size=(80, 3))
    tree = Hierarchical(8, linkage=linkage).fit(X)
    for k in range(1, 12):
        cut = tree.cut(k)
        theirs = fcluster(scipy_linkage(X, linkage), k, "maxclust")
        assert adjusted_rand_score(cut.labels_, theirs) == 1.0
        assert cut.linkage_ is tree.linkage_
        assert cut.n_clusters == cut.n_clusters_ == k
        np.testing.assert_array_equal(cut.labels_, Hierarchical(k, linkage=linkage).fit(X).labels_)
    assert tree.n_clusters == 8


@pytest.mark.parametrize("linkage", LINKAGES)
def test_unit_weights_give_scipys_tree(linkage: Any) -> None:
    X = np.random.default_rng(1).normal(size=(150, 4))
    ours = weighted_linkage(X, np.ones(150, dtype=np.intp), linkage=linkage)
    np.testing.assert_allclose(ours, scipy_linkage(X, linkage), atol=1e-12)


def test_a_weighted_point_stands_for_that_many_rows_in_wards_tree() -> None:
    random = np.random.default_rng(2)
    points, weights = random.normal(size=(30, 2)), random.integers(1, 6, 30)
    rows = np.repeat(points, weights, axis=0)
    ours = weighted_linkage(points, weights, linkage="ward")
    theirs = scipy_linkage(rows, "ward")
    np.testing.assert_allclose(ours[:, 2], theirs[-29:, 2])
    labels = np.repeat(cut_tree(ours, 5), weights)
    assert adjusted_rand_score(labels, fcluster(theirs, 5, "maxclust")) == 1.0


def test_above_the_limit_micro_clusters_give_the_same_groups_and_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hierarchical, "MICRO_CLUSTERS", 300)
    X, truth = make_blobs(5_000, centers=4, n_features=3, random_state=5)
    fitted = Hierarchical(4, max_rows=1_000, random_state=0).fit(X)
    assert adjusted_rand_score(truth, fitted.labels_) > 0.99
    assert is_valid_linkage(fitted.linkage_)
    assert fitted.leaf_rows_.sum() == 5_000 and len(fitted.leaf_rows_) <= 300
    assert "micro-clusters" in fitted.notes_[0] and "5,000" in fitted.notes_[0]


def test_the_tree_can_be_drawn() -> None:
    X, _ = make_blobs(300, random_state=0)
    assert dendrogram(Hierarchical(3).fit(X).linkage_, truncate_mode="lastp", p=5, no_plot=True)["leaves"]


def test_identical_rows_stay_together_and_fewer_distinct_rows_give_fewer_clusters() -> None:
    X = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    with pytest.warns(ConvergenceWarning, match="Only 3 distinct"):
        fitted = Hierarchical(5).fit(X)
    assert fitted.labels_.tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_a_new_row_joins_its_nearest_member_not_the_nearest_mean() -> None:
    X = np.array([[float(x)] for x in (0, 1, 2, 3, 4, 5, 6)] + [[9.0], [9.1]])
    fitted = Hierarchical(2, linkage="average").fit(X)
    assert fitted.predict([[7.0]])[0] == fitted.labels_[0]


def test_a_restored_tree_can_still_be_cut() -> None:
    X, _ = make_blobs(60, random_state=0)
    fitted = Hierarchical(4).fit(X)
    again = Hierarchical.restore(fitted.export())
    np.testing.assert_array_equal(again.cut(3).predict(X), fitted.cut(3).labels_)


def test_unknown_linkages_and_too_many_clusters_are_refused() -> None:
    X = np.arange(6.0)[:, None]
    with pytest.raises(ParameterError, match="single"):
        Hierarchical(2, linkage="single").fit(X)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="n_samples=6"):
        Hierarchical(2).fit(X).cut(7)
