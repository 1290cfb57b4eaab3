"""Silhouettes, gaps and widths of clusters, on both implementations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import dispersion, gap_and_width, near_order, silhouette, using
from tests.kernels.conftest import SHAPES

KERNELS = pytest.mark.parametrize("kernel", [silhouette, gap_and_width])
Kernel = Callable[..., object]


def grouping(X: npt.NDArray[np.floating], n_clusters: int) -> npt.NDArray[np.int_]:
    """Slices along the first column, the last one a single row."""
    place = np.argsort(np.argsort(X[:, 0], kind="stable"))
    return np.where(place == len(X) - 1, -1, place * (n_clusters - 1) // len(X))


@pytest.mark.parametrize("n_clusters", [2, 3, 9])
def test_silhouettes_are_those_of_scikit_learn(
    implementation: str, X: npt.NDArray[np.floating], n_clusters: int
) -> None:
    if len(X) < 3:
        return
    labels = grouping(X, n_clusters)
    table = np.asarray(X, dtype=np.float64)
    expected = silhouette_samples(table - table.mean(axis=0), labels)
    np.testing.assert_allclose(silhouette(X, labels), expected, atol=1e-6)


@pytest.mark.parametrize("n", [1_023, 1_024, 1_025, 2_500])
@pytest.mark.parametrize("n_clusters", [2, 40])
def test_silhouettes_are_right_at_the_borders_of_tiles(implementation: str, n: int, n_clusters: int) -> None:
    random = np.random.default_rng(n)
    X, labels = random.normal(size=(n, 3)), random.integers(0, n_clusters, n)
    np.testing.assert_allclose(silhouette(X, labels), silhouette_samples(X, labels), atol=1e-6)


@pytest.mark.parametrize("far", [1e3, 1e7])
def test_two_narrow_clusters_side_by_side_far_away_from_a_third_keep_their_silhouettes(
    implementation: str, far: float
) -> None:
    X = np.random.default_rng(0).normal(size=(300, 2)) * 1e-3
    X[:100] += far
    X[100:200] += far + 2e-3
    labels = np.repeat([0, 1, 2], 100)
    # scikit-learn's own distances lose these digits: the table of differences does not.
    distances = cdist(X, X)
    own = distances[:100, :100].sum(axis=1) / 99
    other = distances[:100, 100:200].mean(axis=1)
    np.testing.assert_allclose(silhouette(X, labels)[:100], (other - own) / np.maximum(own, other), atol=1e-6)


@pytest.mark.parametrize("n_clusters", [2, 3, 9])
def test_gap_and_width_are_those_of_all_pairs(
    implementation: str, X: npt.NDArray[np.floating], n_clusters: int
) -> None:
    if len(X) < 2:
        return
    labels = grouping(X, n_clusters)
    distances, same = cdist(X, X), labels[:, None] == labels
    expected = distances[~same].min(), distances[same].max()
    assert gap_and_width(X, labels) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("shape", ["blobs apart", "one crowd", "a sphere without a middle"])
def test_gap_and_width_of_thousands_are_those_of_all_pairs(implementation: str, shape: str) -> None:
    random = np.random.default_rng(5)
    X, labels = random.normal(size=(4_000, 4)), random.integers(0, 5, 4_000)
    if shape == "blobs apart":
        X += 30 * labels[:, None]
    elif shape == "a sphere without a middle":
        X /= np.linalg.norm(X, axis=1)[:, None]
    distances, same = cdist(X, X), labels[:, None] == labels
    assert gap_and_width(X, labels) == pytest.approx(
        (distances[~same].min(), distances[same].max()), rel=1e-12
    )


@KERNELS
def test_one_and_two_threads_give_the_same_bytes(kernel: Kernel) -> None:
    random = np.random.default_rng(1)
    X, labels = random.normal(size=(5_000, 3)), random.integers(0, 6, 5_000)
    with using("native"):
        with threadpool_limits(limits=1):
            one = kernel(X, labels)
        with threadpool_limits(limits=2):
            np.testing.assert_array_equal(kernel(X, labels), one)


@KERNELS
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, kernel: Kernel, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        kernel([[0.0], [bad]], [0, 1])


@KERNELS
def test_labels_that_do_not_fit_are_refused(implementation: str, kernel: Kernel) -> None:
    with pytest.raises(ParameterError, match="do not fit"):
        kernel([[0.0], [1.0]], [0])
    with pytest.raises(ParameterError, match="two clusters"):
        kernel([[0.0], [1.0]], [4, 4])


@KERNELS
def test_a_callback_that_raises_ends_the_work(implementation: str, kernel: Kernel) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kernel(SHAPES["plain"], np.arange(200) % 3, progress=stop)


def test_near_order_is_every_row_once_and_brings_neighbours_together(implementation: str) -> None:
    X = np.random.default_rng(2).normal(size=(3_000, 3))
    order = near_order(X)
    assert sorted(order) == list(range(3_000))
    steps, steps_as_given = np.diff(X[order], axis=0), np.diff(X, axis=0)
    assert np.linalg.norm(steps, axis=1).mean() < np.linalg.norm(steps_as_given, axis=1).mean() / 2


def test_the_order_of_rows_changes_neither_gap_nor_width(implementation: str) -> None:
    random = np.random.default_rng(3)
    X, labels = random.normal(size=(3_000, 3)), random.integers(0, 3, 3_000)
    assert gap_and_width(X, labels, is_ordered=True) == gap_and_width(X, labels)


def test_dispersion_is_around_the_means_of_clusters_and_leaves_out_rows_without_one(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    codes = np.arange(len(X)) % 4 - 1
    if len(X) < 4:
        return
    found = dispersion(X, codes, n_clusters=3)
    for cluster in range(3):
        members = np.asarray(X, dtype=np.float64)[codes == cluster]
        away = np.linalg.norm(members - members.mean(axis=0), axis=1)
        np.testing.assert_allclose(found.centers[cluster], members.mean(axis=0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found.distances[cluster], away.sum(), rtol=1e-8)
        np.testing.assert_allclose(found.squares[cluster], (away**2).sum(), rtol=1e-8)


@pytest.mark.parametrize("codes", [[0, 2], [0, -2], [0, 0], [0]])
def test_codes_that_do_not_fit_are_refused(implementation: str, codes: list[int]) -> None:
    with pytest.raises(ParameterError, match=r"Every cluster|do not fit"):
        dispersion([[0.0], [1.0]], np.array(codes), n_clusters=2)
