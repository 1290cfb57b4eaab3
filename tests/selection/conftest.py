"""Customers whose groups are known."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from coterie.features import FeatureTable, feature_table_from_frame


def table_of(X: npt.ArrayLike, *, columns: str = "abcdefgh") -> FeatureTable:
    """Customers with these numbers as attributes."""
    values = np.asarray(X, dtype=np.float64)
    return feature_table_from_frame(pd.DataFrame(values, columns=list(columns[: values.shape[1]])))


@pytest.fixture
def make_table() -> Callable[..., FeatureTable]:
    return table_of


@pytest.fixture(scope="session")
def four_groups() -> tuple[FeatureTable, npt.NDArray[np.object_]]:
    """400 customers in four round groups in the plane, well apart, and which group each is in."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(4), 100)
    centres = np.array([[0, 0], [0, 10], [10, 0], [10, 10]])
    return table_of(centres[groups] + rng.normal(size=(400, 2))), groups.astype(str).astype(object)


@pytest.fixture(scope="session")
def shop() -> FeatureTable:
    """300 customers of a shop: recency, orders and money with heavy tails."""
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        {
            "recency_days": np.round(rng.exponential(90, 300)),
            "n_orders": rng.geometric(0.3, 300).astype(float),
            "monetary": rng.lognormal(5, 1.2, 300),
        }
    )
    return feature_table_from_frame(X)
