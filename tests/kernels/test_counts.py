"""How much the compiled kernels look at, and what a fit allocates: a slower or a hungrier way shows here on
any machine; in seconds it would not. The bounds leave about a third above what is counted today.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from importlib import import_module

import numpy as np
import numpy.typing as npt
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.customers import mix, rfm
from coterie.kernels import dbscan, neighbors, using, ward
from coterie.segmentation import GaussianMixture, Hierarchical, KMeans

N = 20_000
ROWS = {"mix of 3": mix(N, 3), "mix of 8": mix(N, 8), "rfm": rfm(N)}


def counted(work: Callable[[], object]) -> dict[str, int]:
    """What the kernels counted while the work was done."""
    native = import_module("coterie.kernels._native")
    native._take_counts()
    with using("native"):
        work()
    counts: dict[str, int] = native._take_counts()
    return counts


@pytest.mark.parametrize("name", list(ROWS))
def test_wards_tree_takes_few_rounds_and_a_handful_of_searches_a_row(name: str) -> None:
    found = counted(lambda: ward(ROWS[name]))
    assert 0 < found["ward_rounds"] <= 70
    assert N < found["ward_searches"] <= 6 * N


@pytest.mark.parametrize(("name", "per_row"), [("mix of 3", 110), ("mix of 8", 1_070), ("rfm", 410)])
def test_the_nearest_ten_rows_are_found_among_a_small_part_of_all(name: str, per_row: int) -> None:
    found = counted(lambda: neighbors(ROWS[name], 10))
    assert 10 * N < found["neighbors_distances"] <= per_row * N


@pytest.mark.parametrize(
    ("name", "eps", "per_row"), [("mix of 3", 0.2, 205), ("mix of 8", 1.0, 1_520), ("rfm", 0.7, 640)]
)
def test_dbscan_measures_a_small_part_of_all_distances(name: str, eps: float, per_row: int) -> None:
    found = counted(lambda: dbscan(ROWS[name], eps, min_samples=20))
    assert 0 < found["dbscan_distances"] <= per_row * N


def test_what_is_counted_does_not_depend_on_the_threads() -> None:
    by_threads = []
    for n_threads in (1, 2):
        with threadpool_limits(limits=n_threads):
            by_threads.append(counted(lambda: (ward(ROWS["rfm"]), dbscan(ROWS["rfm"], 0.7, min_samples=20))))
    assert by_threads[0] == by_threads[1]


def test_counts_begin_anew_when_they_were_taken() -> None:
    counted(lambda: neighbors(ROWS["rfm"], 2))
    assert not any(counted(lambda: None).values())


def peak_share(fit: Callable[[npt.NDArray[np.float64]], object], X: npt.NDArray[np.float64]) -> float:
    """Most memory that NumPy held while fitting, beyond X, in sizes of X."""
    tracemalloc.start()
    try:
        fit(X)
        return tracemalloc.get_traced_memory()[1] / X.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("fit", "most"),
    [
        (lambda X: KMeans(8, random_state=0).fit(X), 1.1),
        (lambda X: GaussianMixture(8, random_state=0).fit(X), 1.5),
        (lambda X: Hierarchical(8).fit(X), 6.0),
    ],
    ids=["k-means", "mixture", "ward"],
)
def test_a_fit_holds_a_few_copies_of_the_rows_at_most(
    fit: Callable[[npt.NDArray[np.float64]], object], most: float
) -> None:
    X = mix(60_000, 8).astype(np.float64)
    share = peak_share(fit, X)
    assert 0 < share <= most
