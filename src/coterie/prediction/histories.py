"""How often and how lately people bought: the rows x, t_x, T that purchase models are fitted on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError
from coterie.features import FeatureTable

Floats: TypeAlias = npt.NDArray[np.float64]

DAYS_PER_WEEK = 7.0
NEEDED = ("recency_days", "tenure_days", "n_orders", "mean_basket")


def purchase_history(table: FeatureTable) -> tuple[Floats, Floats, Floats]:
    """Repeat orders, week of the last order and weeks observed, counted from the first order."""
    recency, tenure, n_orders, _ = (table.X[name].to_numpy(dtype=np.float64) for name in NEEDED)
    T = np.maximum(tenure, 0.0) / DAYS_PER_WEEK
    t_x = np.clip(tenure - recency, 0.0, np.maximum(tenure, 0.0)) / DAYS_PER_WEEK
    return np.maximum(n_orders - 1.0, 0.0), t_x, T


def checked(x: npt.ArrayLike, t_x: npt.ArrayLike, *, T: npt.ArrayLike) -> Floats:
    """The three as columns of one array, broadcast to the same length and checked."""
    given = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (x, t_x, T))
    rows = np.column_stack(np.broadcast_arrays(*given))
    if not len(rows) or not np.isfinite(rows).all() or (rows < 0).any():
        raise InputError("Purchase histories must be finite and not negative", where="x, t_x, T")
    if (rows[:, 1] > rows[:, 2]).any():
        raise InputError("A last purchase lies after the end of the observation", where="t_x, T")
    return rows


def distinct(rows: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """The distinct rows, ascending, and the position of every row among them."""
    import pandas as pd

    groups = pd.DataFrame(rows).groupby([0, 1, 2], sort=True)
    position = np.asarray(groups.ngroup(), dtype=np.intp)
    distinct = np.empty((groups.ngroups, 3))
    distinct[position] = rows
    return distinct, position
