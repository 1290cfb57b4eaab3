"""The minimum spanning tree, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import spanning_tree, using

Floats = npt.NDArray[np.float64]


def mutual_reachability(X: npt.NDArray[np.floating], min_samples: int) -> Floats:
    distances = cdist(np.asarray(X, dtype=np.float64), np.asarray(X, dtype=np.float64))
    core = np.sort(distances, axis=1)[:, min_samples - 1]
    return np.asarray(np.maximum(distances, np.maximum(core, core[:, None])))


@pytest.mark.parametrize("min_samples", [1, 2, 7])
def test_the_weights_are_those_of_scipys_tree_of_all_pairs(
    implementation: str, X: npt.NDArray[np.floating], min_samples: int
) -> None:
    min_samples = min(min_samples, len(X))
    edges, weights = spanning_tree(X, min_samples)
    # scipy takes 0 for "no edge", so every pair is a little farther there.
    peer = minimum_spanning_tree(mutual_reachability(X, min_samples) + 1.0).data - 1.0
    assert edges.dtype == np.int32 and edges.shape == (len(X) - 1, 2)
    np.testing.assert_allclose(weights, np.sort(peer), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("min_samples", [1, 5])
def test_every_edge_weighs_the_mutual_reachability_of_its_ends_and_together_they_join_all_rows(
    implementation: str, X: npt.NDArray[np.floating], min_samples: int
) -> None:
    min_samples = min(min_samples, len(X))
    edges, weights = spanning_tree(X, min_samples)
    reach = mutual_reachability(X, min_samples)
    np.testing.assert_allclose(weights, reach[edges[:, 0], edges[:, 1]], rtol=1e-9, atol=1e-9)
    links = np.zeros((len(X), len(X)))
    links[edges[:, 0], edges[:, 1]] = 1
    assert connected_components(links, directed=False)[0] == 1


@pytest.mark.parametrize("min_samples", [1, 3, 9])
def test_both_implementations_give_the_same_tree_of_equal_edges(
    X: npt.NDArray[np.floating], min_samples: int
) -> None:
    min_samples = min(min_samples, len(X))
    with using("native"):
        native = spanning_tree(X, min_samples)
    with using("plain"):
        plain = spanning_tree(X, min_samples)
    np.testing.assert_array_equal(native[0], plain[0])
    np.testing.assert_array_equal(native[1], plain[1])


def test_equal_edges_come_by_their_rows(implementation: str) -> None:
    edges, weights = spanning_tree([[0.0], [1.0], [2.0], [1.0], [3.0]])
    assert edges.tolist() == [[1, 3], [0, 1], [1, 2], [2, 4]]
    assert weights.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_given_core_distances_keep_rows_apart(implementation: str) -> None:
    edges, weights = spanning_tree([[0.0], [1.0], [2.0]], core_distances=[0.0, 5.0, 0.0])
    assert edges.tolist() == [[0, 2], [0, 1]]
    assert weights.tolist() == [2.0, 5.0]


def test_one_and_two_threads_give_the_same_bytes() -> None:
    X = np.random.default_rng(1).normal(size=(6_000, 3))
    X[:2_000] = np.round(X[:2_000], 1)
    trees = []
    for n_threads in (1, 2):
        with using("native"), threadpool_limits(n_threads):
            trees.append(spanning_tree(X, 4))
    assert [part.tobytes() for part in trees[0]] == [part.tobytes() for part in trees[1]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        spanning_tree([[0.0], [bad]])


@pytest.mark.parametrize("min_samples", [0, 3])
def test_more_neighbours_than_rows_are_refused(implementation: str, min_samples: int) -> None:
    with pytest.raises(ParameterError, match="from 1 to the 2 rows"):
        spanning_tree([[0.0], [1.0]], min_samples)


@pytest.mark.parametrize("core", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_core_distances_that_do_not_fit_are_refused(implementation: str, core: list[float]) -> None:
    with pytest.raises(ParameterError, match="core_distances"):
        spanning_tree([[0.0], [1.0]], core_distances=core)


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spanning_tree(np.arange(10.0)[:, None], progress=stop)
