"""The nearest rows, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from coterie.errors import ParameterError
from coterie.kernels import neighbors


def test_the_nearest_rows_are_those_of_the_whole_distance_matrix(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    k = min(7, len(X))
    rows, squared = neighbors(X, k)
    table = np.asarray(X, dtype=np.float64)
    all_squared = ((table[:, None, :] - table[None, :, :]) ** 2).sum(axis=2)
    np.testing.assert_allclose(squared, np.sort(all_squared, axis=1)[:, :k], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(squared, np.take_along_axis(all_squared, rows, axis=1), rtol=1e-9, atol=1e-12)


def test_of_two_rows_equally_far_the_earlier_comes_first(implementation: str) -> None:
    rows, _ = neighbors([[1.0], [0.0], [2.0], [1.0]], 4)
    assert rows.tolist() == [[0, 3, 1, 2], [1, 0, 3, 2], [2, 0, 3, 1], [0, 3, 1, 2]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        neighbors([[0.0], [bad]], 1)


@pytest.mark.parametrize("k", [0, 3])
def test_more_neighbours_than_rows_are_refused(implementation: str, k: int) -> None:
    with pytest.raises(ParameterError, match="from 1 to the 2 rows"):
        neighbors([[0.0], [1.0]], k)


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        neighbors(np.zeros((10, 2)), 1, progress=stop)
