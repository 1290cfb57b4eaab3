"""Merges limited by the Gini index, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from coterie.errors import ParameterError
from coterie.kernels import genie_linkage, spanning_tree, using
from coterie.segmentation.hierarchical import cut_tree


def gini_of(sizes: list[int]) -> float:
    """Gagolewski, Bartoszuk, Cena (2016), equation 2."""
    differences = sum(abs(a - b) for i, a in enumerate(sizes) for b in sizes[:i])
    return differences / ((len(sizes) - 1) * sum(sizes))


def replayed(edges: npt.NDArray[np.int32], gini_threshold: float) -> list[tuple[int, int]]:
    """The definition, word by word, with sets of rows."""
    clusters = {row: {row} for row in range(len(edges) + 1)}
    waiting = [set(edge) for edge in edges.tolist()]
    merges: list[tuple[int, int]] = []
    while len(clusters) > 1:
        home = {row: name for name, rows in clusters.items() for row in rows}
        smallest = min(map(len, clusters.values()))
        chosen = next(
            edge
            for edge in waiting
            if gini_of([*map(len, clusters.values())]) <= gini_threshold
            or any(len(clusters[home[row]]) == smallest for row in edge)
        )
        waiting.remove(chosen)
        a, b = sorted(home[row] for row in chosen)
        clusters[len(edges) + 1 + len(merges)] = clusters.pop(a) | clusters.pop(b)
        merges.append((a, b))
    return merges


@pytest.mark.parametrize("gini_threshold", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_the_merges_are_those_of_the_definition(implementation: str, gini_threshold: float) -> None:
    random = np.random.default_rng(3)
    edges, _ = spanning_tree(np.exp(random.normal(size=(60, 2))))
    merges = genie_linkage(edges, gini_threshold=gini_threshold)
    assert [tuple(pair) for pair in merges.tolist()] == replayed(edges, gini_threshold)


def test_without_a_limit_it_is_single_linkage(implementation: str) -> None:
    X = np.random.default_rng(4).normal(size=(150, 2))
    merges = genie_linkage(spanning_tree(X)[0], gini_threshold=1.0)
    peer = linkage(X, "single")
    np.testing.assert_array_equal(np.sort(merges, axis=1), peer[:, :2])


@pytest.mark.parametrize("gini_threshold", [0.05, 0.3, 0.6])
def test_both_implementations_merge_alike(X: npt.NDArray[np.floating], gini_threshold: float) -> None:
    edges, _ = spanning_tree(X)
    with using("native"):
        native = genie_linkage(edges, gini_threshold=gini_threshold)
    with using("plain"):
        plain = genie_linkage(edges, gini_threshold=gini_threshold)
    np.testing.assert_array_equal(native, plain)


def test_an_outlier_does_not_take_a_cluster_for_itself(implementation: str) -> None:
    random = np.random.default_rng(5)
    X = np.concatenate([random.normal(0, 1, (100, 2)), random.normal(9, 1, (100, 2)), [[40.0, 40.0]]])
    truth = np.repeat([0, 1], [100, 101])
    labels = cut_tree(genie_linkage(spanning_tree(X)[0]), 2)
    assert adjusted_rand_score(truth, labels) == 1.0
    assert np.bincount(fcluster(linkage(X, "single"), 2, "maxclust"))[1:].min() == 1


def test_one_row_has_no_merge(implementation: str) -> None:
    assert genie_linkage(np.empty((0, 2), dtype=np.int32)).shape == (0, 2)


@pytest.mark.parametrize("edges", [[[0, 1], [0, 1]], [[0, 3], [1, 2]], [[-1, 0], [0, 1]]])
def test_what_is_no_tree_is_refused(implementation: str, edges: list[list[int]]) -> None:
    with pytest.raises(ParameterError, match="rows"):
        genie_linkage(edges)


@pytest.mark.parametrize("gini_threshold", [-0.1, 1.1, np.nan])
def test_a_threshold_that_is_no_share_is_refused(implementation: str, gini_threshold: float) -> None:
    with pytest.raises(ParameterError, match="gini_threshold"):
        genie_linkage([[0, 1]], gini_threshold=gini_threshold)
