"""The nearest place, and small crowds of rows, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from coterie.errors import ParameterError
from coterie.kernels import leaves, nearest, using
from tests.kernels.conftest import SHAPES


@pytest.mark.parametrize("n_places", [1, 3, 17, 150])
def test_the_nearest_place_is_the_first_of_the_nearest(
    implementation: str, X: npt.NDArray[np.floating], n_places: int
) -> None:
    rows = np.asarray(X, dtype=np.float64)
    places = rows[::-1][:n_places]
    squared = sum((np.subtract.outer(x, place) ** 2 for x, place in zip(rows.T, places.T, strict=True)), 0.0)
    np.testing.assert_array_equal(nearest(places, X), np.argmin(squared, axis=1))


def test_a_row_gets_the_same_place_alone_as_in_company(implementation: str) -> None:
    random = np.random.default_rng(0)
    places, rows = random.normal(size=(3_000, 5)), random.normal(size=(200, 5)) * 3
    alone = [int(nearest(places, row[None])[0]) for row in rows]
    assert nearest(places, rows).tolist() == alone


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        nearest([[0.0]], [[bad]])
    with pytest.raises(ParameterError, match="NaN or infinity"):
        leaves([[bad]], 1)


def test_places_that_do_not_fit_are_refused(implementation: str) -> None:
    with pytest.raises(ParameterError, match="do not fit"):
        nearest([[0.0, 1.0]], [[1.0]])
    with pytest.raises(ParameterError, match="do not fit"):
        nearest(np.empty((0, 1)), [[1.0]])


def test_no_leaf_is_larger_than_asked_unless_its_rows_are_identical(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    found = leaves(X, 5)
    assert set(found) == set(range(found.max() + 1))
    for leaf in range(found.max() + 1):
        rows = X[found == leaf]
        assert len(rows) <= 5 or (rows == rows[0]).all()


@pytest.mark.parametrize("size", [1, 4, 16])
def test_both_implementations_find_the_same_leaves(X: npt.NDArray[np.floating], size: int) -> None:
    with using("plain"):
        expected = leaves(X, size)
    with using("native"):
        np.testing.assert_array_equal(leaves(X, size), expected)


def test_a_leaf_holds_at_least_one_row(implementation: str) -> None:
    with pytest.raises(ParameterError, match="at least one"):
        leaves(SHAPES["plain"], 0)


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nearest(SHAPES["plain"], SHAPES["plain"], progress=stop)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(ParameterError, match="complex"):
        nearest(np.array([[1 + 2j]]), np.array([[1.0]]))
