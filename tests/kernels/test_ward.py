"""Ward's exact tree, on both implementations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.hierarchy import is_valid_linkage
from scipy.cluster.hierarchy import linkage as scipy_linkage
from threadpoolctl import threadpool_limits

from coterie.errors import ParameterError
from coterie.kernels import using, ward
from tests.kernels.conftest import SHAPES

WITHOUT_TIES = [name for name, X in SHAPES.items() if name != "ties" and len(X) > 1]


@pytest.mark.parametrize("name", WITHOUT_TIES)
def test_the_heights_are_scipys(implementation: str, name: str) -> None:
    X = np.asarray(SHAPES[name], dtype=np.float64)
    np.testing.assert_allclose(ward(X)[:, 2], scipy_linkage(X, "ward")[:, 2], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["plain", "one column", "forty columns", "not contiguous"])
def test_the_merges_are_scipys(implementation: str, name: str) -> None:
    np.testing.assert_allclose(ward(SHAPES[name]), scipy_linkage(SHAPES[name], "ward"), rtol=1e-12)


def test_ten_thousand_rows_give_scipys_tree() -> None:
    random = np.random.default_rng(3)
    X = random.normal(size=(10_000, 4)) * random.gamma(1.0, 2.0, size=(10_000, 1))
    with using("native"):
        np.testing.assert_allclose(ward(X), scipy_linkage(X, "ward"), rtol=1e-12)


def test_the_tree_is_one_and_its_merges_add_up_to_the_sum_of_squares(
    implementation: str, X: npt.NDArray[np.floating]
) -> None:
    tree = ward(X)
    assert tree.shape == (len(X) - 1, 4)
    assert (np.diff(tree[:, 2]) >= 0).all()
    if len(X) > 1:
        assert is_valid_linkage(tree)
        assert tree[-1, 3] == len(X)
    about_mean = np.asarray(X, dtype=np.float64) - np.mean(X, axis=0, dtype=np.float64)
    assert (tree[:, 2] ** 2).sum() / 2 == pytest.approx((about_mean**2).sum(), rel=1e-9, abs=1e-12)


def test_a_weight_stands_for_that_many_rows(implementation: str) -> None:
    random = np.random.default_rng(2)
    X, weights = random.normal(size=(60, 3)), random.integers(1, 30, 60)
    heights = scipy_linkage(np.repeat(X, weights, axis=0), "ward")[-59:, 2]
    tree = ward(X, weights)
    np.testing.assert_allclose(tree[:, 2], heights, rtol=1e-9)
    assert tree[-1, 3] == 60


def test_weights_of_very_different_size_give_the_tree_of_the_plain_updates() -> None:
    random = np.random.default_rng(4)
    X, weights = random.normal(size=(2_000, 3)), np.exp(random.normal(0, 4, 2_000))
    with using("plain"):
        expected = ward(X, weights)
    with using("native"):
        np.testing.assert_allclose(ward(X, weights)[:, 2], expected[:, 2], rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_very_small_and_very_large_numbers_keep_their_tree(implementation: str, scale: float) -> None:
    X = SHAPES["plain"]
    np.testing.assert_allclose(ward(scale * X)[:, 2], scale * ward(X)[:, 2], rtol=1e-12)


def test_one_customer_far_away_does_not_blur_the_others() -> None:
    X = np.vstack([np.random.default_rng(0).normal(size=(3_000, 2)), [[1e9, 1e9]]])
    with using("native"):
        np.testing.assert_allclose(ward(X)[:, 2], scipy_linkage(X, "ward")[:, 2], rtol=1e-9)


def test_a_lattice_where_all_are_equally_far_takes_few_rounds() -> None:
    rounds: list[float] = []
    with using("native"):
        ward(np.arange(20_000.0)[:, None], progress=rounds.append)
    assert len(rounds) < 400


def test_one_and_two_threads_give_the_same_bytes() -> None:
    X = np.random.default_rng(1).normal(size=(5_000, 3))
    with using("native"):
        with threadpool_limits(limits=1):
            one = ward(X)
        with threadpool_limits(limits=2):
            assert ward(X).tobytes() == one.tobytes()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(implementation: str, bad: float) -> None:
    with pytest.raises(ParameterError, match="NaN or infinity"):
        ward([[0.0], [bad]])


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, np.nan], [1.0, -1.0]])
def test_weights_that_are_not_positive_numbers_are_refused(implementation: str, weights: list[float]) -> None:
    with pytest.raises(ParameterError, match="2 positive numbers"):
        ward([[0.0], [1.0]], weights)


def test_a_tree_needs_a_row(implementation: str) -> None:
    with pytest.raises(ParameterError, match="no row"):
        ward(np.empty((0, 2)))


def test_a_callback_that_raises_ends_the_work(implementation: str) -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ward(SHAPES["plain"], progress=stop)
