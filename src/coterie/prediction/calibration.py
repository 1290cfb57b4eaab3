"""Whether a chance of 30 % happens in 30 of 100 cases, and the curve that makes it so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.prediction.histories import Floats

if TYPE_CHECKING:
    import pandas as pd


def calibration_table(chance: Floats, happened: npt.NDArray[np.bool_], *, n_groups: int = 10) -> pd.DataFrame:
    """Group customers by their chance and compare it with what happened.

    Parameters
    ----------
    chance : ndarray of shape (n,)
    happened : ndarray of shape (n,), bool
    n_groups : int
        Of about equal size; equal chances may fall into two.

    Returns
    -------
    DataFrame of shape (n_groups, 4)
        group (1 = the highest chances), n_customers, predicted_share, actual_share.
    """
    import pandas as pd

    order = np.argsort(-chance, kind="stable")
    parts = [part for part in np.array_split(order, n_groups) if len(part)]
    return pd.DataFrame(
        {
            "group": np.arange(1, len(parts) + 1),
            "n_customers": [len(part) for part in parts],
            "predicted_share": [float(chance[part].mean()) for part in parts],
            "actual_share": [float(happened[part].mean()) for part in parts],
        }
    )


def calibration_error(table: pd.DataFrame) -> float:
    """Mean difference of predicted and actual share, groups weighted by their size.

    Parameters
    ----------
    table : DataFrame
        Of `calibration_table`.

    Returns
    -------
    float, 0-1
    """
    off = (table["predicted_share"] - table["actual_share"]).abs()
    return float(np.average(off, weights=table["n_customers"]))


def fit_isotonic(chance: Floats, happened: npt.NDArray[np.bool_]) -> Any:
    """The rising step curve from said to true chances (pool adjacent violators).

    Parameters
    ----------
    chance : ndarray of shape (n,)
    happened : ndarray of shape (n,), bool

    Returns
    -------
    sklearn.isotonic.IsotonicRegression
    """
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    return curve.fit(chance, happened.astype(np.float64))


def error_after_isotonic(
    chance: Floats, happened: npt.NDArray[np.bool_], *, n_groups: int, random_state: int
) -> float:
    """Calibration error on one random half after a curve fitted on the other.

    Parameters
    ----------
    chance : ndarray of shape (n,)
    happened : ndarray of shape (n,), bool
    n_groups, random_state : int

    Returns
    -------
    float, 0-1
    """
    first = np.random.default_rng(random_state).permutation(len(chance)) < len(chance) // 2
    mended = fit_isotonic(chance[first], happened[first]).predict(chance[~first])
    return calibration_error(calibration_table(mended, happened[~first], n_groups=n_groups))
