from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_valid_linkage
from scipy.cluster.hierarchy import linkage as scipy_linkage
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.kernels import using, weighted_linkage
from coterie.segmentation.hierarchical import Hierarchical, cut_tree

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
    ours = weighted_linkage(X, np.ones(150), linkage=linkage)
    np.testing.assert_allclose(ours, scipy_linkage(X, linkage), atol=1e-12)


def test_a_weighted_point_stands_for_that_many_rows_in_wards_tree() -> None:
    random = np.random.default_rng(2)
    points, weights = random.normal(size=(30, 2)), random.integers(1, 6, 30)
    rows = np.repeat(points, weights, axis=0)
    ours = weighted_linkage(points, weights.astype(np.float64), linkage="ward")
    theirs = scipy_linkage(rows, "ward")
    np.testing.assert_allclose(ours[:, 2], theirs[-29:, 2])
    labels = np.repeat(cut_tree(ours, 5), weights)
    assert adjusted_rand_score(labels, fcluster(theirs, 5, "maxclust")) == 1.0


@pytest.mark.parametrize("linkage", LINKAGES)
def test_above_the_limit_micro_clusters_give_the_same_groups_and_a_note(linkage: Any) -> None:
    X, truth = make_blobs(5_000, centers=4, n_features=3, random_state=5)
    fitted = Hierarchical(4, linkage=linkage, max_rows=1_000).fit(X)
    assert adjusted_rand_score(truth, fitted.labels_) > 0.99
    assert is_valid_linkage(fitted.linkage_)
    assert fitted.leaf_rows_.sum() == 5_000 and len(fitted.leaf_rows_) <= 5_000 / 8
    assert "micro-clusters" in fitted.notes_[0] and "up to 1,000" in fitted.notes_[0]
    np.testing.assert_array_equal(fitted.predict(X), fitted.labels_)
    np.testing.assert_array_equal(fitted.cut(7).predict(X[1:]), fitted.cut(7).labels_[1:])


@pytest.mark.parametrize(
    ("linkage", "n_columns", "kernels", "exact_rows"),
    [
        ("ward", 10, "native", 1_000_000),
        ("ward", 11, "native", 50_000),
        ("ward", 2, "plain", 20_000),
        ("average", 2, "native", 20_000),
    ],
)
def test_how_far_the_tree_is_exact(linkage: Any, n_columns: int, kernels: Any, exact_rows: int) -> None:
    with using(kernels):
        assert Hierarchical(linkage=linkage)._exact_rows(n_columns) == exact_rows


def test_a_hundred_thousand_rows_have_an_exact_tree_for_every_number_of_clusters() -> None:
    corners = [[x, y] for x in (0, 10, 20) for y in (0, 10)]
    X, truth = make_blobs(100_000, centers=corners, random_state=1)
    tree = Hierarchical(6).fit(X)
    assert tree.notes_ == () and len(tree.linkage_) == 99_999
    assert adjusted_rand_score(truth, tree.labels_) > 0.99
    np.testing.assert_array_equal(tree.predict(X[::-1]), tree.labels_[::-1])
    for k in range(2, 13):
        assert tree.cut(k).labels_.max() == k - 1


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 7, 40, 60])
def test_a_cut_groups_the_leaves_of_the_merges_below_it(n_clusters: int) -> None:
    X = np.random.default_rng(6).normal(size=(60, 2))
    tree = scipy_linkage(X, "ward")
    labels = cut_tree(tree, n_clusters)
    assert adjusted_rand_score(labels, fcluster(tree, n_clusters, "maxclust")) == 1.0
    assert list(dict.fromkeys(labels.tolist())) == list(range(n_clusters))


@pytest.mark.parametrize("n_rows", [3, 64, 65, 300])
def test_every_cut_of_a_fitted_tree_is_the_cut_of_its_merges(n_rows: int) -> None:
    fitted = Hierarchical(2).fit(np.random.default_rng(8).normal(size=(n_rows, 2)))
    for k in (2, 3, 12, 64, 65, 100):
        if k <= n_rows:
            labels = fitted.cut(k).labels_
            assert adjusted_rand_score(labels, cut_tree(fitted.linkage_, k)) == 1.0
            assert labels.max() == k - 1


def test_a_weight_counts_as_that_many_rows_and_zero_as_none() -> None:
    random = np.random.default_rng(7)
    X, weights = random.normal(size=(200, 3)), random.integers(0, 4, 200)
    weighted = Hierarchical(5).fit(X, sample_weight=weights)
    repeated = Hierarchical(5).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_array_equal(weighted.predict(X), repeated.predict(X))
    np.testing.assert_array_equal(weighted.labels_, weighted.predict(X))
    np.testing.assert_allclose(weighted.centers_, repeated.centers_)
    with pytest.raises(ParameterError, match="no weights"):
        Hierarchical(5, linkage="average").fit(X, sample_weight=weights)


def test_the_order_of_the_rows_does_not_number_the_clusters() -> None:
    X, _ = make_blobs(300, centers=5, random_state=3)
    order = np.random.default_rng(0).permutation(300)
    np.testing.assert_array_equal(
        Hierarchical(5).fit(X[order]).labels_, Hierarchical(5).fit(X).labels_[order]
    )


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


def test_changing_the_array_after_the_fit_does_not_change_the_tree() -> None:
    X, _ = make_blobs(60, random_state=0)
    fitted, before = Hierarchical(3).fit(X), X.copy()
    X[:] = X[::-1].copy()
    np.testing.assert_array_equal(fitted.predict(X), fitted.labels_[::-1])
    np.testing.assert_array_equal(fitted.predict(before), fitted.labels_)


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
