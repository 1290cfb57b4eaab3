"""Lifetime value: a feature made of what customers are expected to spend."""

from __future__ import annotations

import numpy as np

from coterie.features import FeatureSpec, FeatureTable
from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.family import is_degenerate
from coterie.prediction.histories import DAYS_PER_WEEK, NEEDED, purchase_history

LTV = "ltv"


def fit_lifetime(table: FeatureTable) -> BetaGeoNBD | None:
    """The BG/NBD model of these customers, time in weeks; None without dated orders.

    Where the orders alone say that nobody ever leaves, a weak prior on leaving is added.

    Parameters
    ----------
    table : FeatureTable
        With recency_days, tenure_days, n_orders and mean_basket.

    Returns
    -------
    BetaGeoNBD or None
    """
    if not set(NEEDED) <= set(table.X.columns) or not len(table):
        return None
    x, t_x, T = purchase_history(table)
    bought = table.X["n_orders"].to_numpy(dtype=np.float64) >= 1
    if not bought.any():
        return None
    model = BetaGeoNBD().fit(x[bought], t_x[bought], T[bought])
    return BetaGeoNBD().fit(x[bought], t_x[bought], T[bought], prior=True) if is_degenerate(model) else model


def with_ltv(
    table: FeatureTable, *, horizon_days: float = 365, model: BetaGeoNBD | None = None
) -> FeatureTable:
    """The table with one more feature, "ltv": expected orders in the horizon times the mean basket.

    Parameters
    ----------
    table : FeatureTable
    horizon_days : float
        Days after the end of the observation that count.
    model : BetaGeoNBD, optional
        Fitted on other customers (time in weeks); by default it is fitted on these.

    Returns
    -------
    FeatureTable
        Unchanged if recency, tenure, number of orders or basket are not among the features.

    Notes
    -----
    A first-time buyer counts as still active (see `BetaGeoNBD`), so their value rests on the low order rate
    the model expects of someone who has not come back, not on a chance of having left.
    """
    model = model or fit_lifetime(table)
    if model is None or not set(NEEDED) <= set(table.X.columns):
        return table
    x, t_x, T = purchase_history(table)
    orders = model.expected_orders(horizon_days / DAYS_PER_WEEK, x, t_x, T)
    bought = table.X["n_orders"].to_numpy(dtype=np.float64) >= 1
    basket = np.maximum(table.X["mean_basket"].to_numpy(dtype=np.float64), 0.0)
    spec = FeatureSpec(
        LTV,
        "money",
        f"Expected spend in the next {horizon_days:g} days: expected orders (BG/NBD) times mean basket",
        "transactions",
        label="lifetime value",
        parameters={**model.params_, "horizon_days": horizon_days},
    )
    return table.with_column(spec, np.where(bought, orders * basket, 0.0), made_of=NEEDED)


def with_same_ltv(table: FeatureTable, spec: FeatureSpec) -> FeatureTable:
    """The table with the lifetime value that other customers got: by their purchase model and horizon.

    Parameters
    ----------
    table : FeatureTable
    spec : FeatureSpec
        Of the "ltv" that `with_ltv` added for them.

    Returns
    -------
    FeatureTable
    """
    model = BetaGeoNBD.from_params(spec.parameters)
    return with_ltv(table, horizon_days=spec.parameters["horizon_days"], model=model)
