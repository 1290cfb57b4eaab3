"""The tree of dense clusters, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from coterie.errors import ParameterError
from coterie.kernels import condensed_tree, genie_linkage, spanning_tree, using
from coterie.kernels.condensed_tree import CondensedTree


def condensed(X: npt.ArrayLike, min_cluster_size: int) -> CondensedTree:
    edges, heights = spanning_tree(X)
    merges = genie_linkage(edges, gini_threshold=1.0)
    return condensed_tree(merges, heights, min_cluster_size=min_cluster_size)


@pytest.mark.parametrize("min_cluster_size", [2, 5, 20])
def test_both_implementations_condense_alike(X: npt.NDArray[np.floating], min_cluster_size: int) -> None:
    with using("native"):
        native = condensed(X, min_cluster_size)
    with using("plain"):
        plain = condensed(X, min_cluster_size)
    for one, other in zip(native, plain, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_the_rows_of_a_cluster_and_of_all_it_splits_into_are_its_size(implementation: str) -> None:
    tree = condensed(np.random.default_rng(0).normal(size=(300, 2)), 4)
    rows = np.bincount(tree.cluster_of_row, minlength=len(tree.parent))
    for cluster in range(len(tree.parent) - 1, 0, -1):
        assert tree.size[cluster] == rows[cluster] >= 4
        rows[tree.parent[cluster]] += rows[cluster]
    assert rows[0] == tree.size[0] == 300


def test_clusters_begin_in_pairs_below_the_birth_of_the_one_that_splits(implementation: str) -> None:
    tree = condensed(np.random.default_rng(1).normal(size=(300, 2)), 4)
    assert len(tree.parent) > 5
    np.testing.assert_array_equal(tree.parent[1::2], tree.parent[2::2])
    assert (tree.birth[1:] <= tree.birth[tree.parent[1:]]).all()
    assert (tree.fall_of_row <= tree.birth[tree.cluster_of_row]).all()


def test_two_crowds_and_a_row_far_away_make_two_clusters(implementation: str) -> None:
    tree = condensed([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [90.0]], 3)
    assert tree.cluster_of_row.tolist() == [1, 1, 1, 2, 2, 2, 0]
    assert tree.birth.tolist() == [np.inf, 8.0, 8.0]
    assert tree.fall_of_row[6] == 78.0


def test_one_row_is_one_cluster(implementation: str) -> None:
    tree = condensed([[1.0]], 2)
    assert tree.cluster_of_row.tolist() == [0] and tree.size.tolist() == [1]


@pytest.mark.parametrize("heights, min_cluster_size", [([1.0, 2.0], 2), ([1.0], 1)])
def test_what_does_not_fit_is_refused(
    implementation: str, heights: list[float], min_cluster_size: int
) -> None:
    with pytest.raises(ParameterError):
        condensed_tree(np.array([[0, 1]], dtype=np.int32), heights, min_cluster_size=min_cluster_size)
