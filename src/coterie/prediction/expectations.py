"""What a forecast says, and what it is worth: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ForecastScores:
    """How well expected orders met the orders that came.

    Attributes
    ----------
    correlation : float or None
        Of expected and later orders; None if one of them is the same for everybody.
    bias : float or None
        (expected - later) / later orders, of all together; None if nobody ordered later.
    mean_absolute_error : float
        Orders per customer.
    auc : float or None
        Chance that one who ordered later was ranked above one who did not, by expected orders.
    top_value_share : float or None
        Share of later spend that the tenth of customers with the highest expected spend brought.
    """

    correlation: float | None
    bias: float | None
    mean_absolute_error: float
    auc: float | None
    top_value_share: float | None


@dataclass(frozen=True, eq=False)
class ForecastTest:
    """The forecast made on an earlier day of the same data, against what came after it.

    Attributes
    ----------
    cut : date
        The day it was made; what came in the `horizon_days` after it was not seen.
    horizon_days, n_customers : int
    model, past_rate : ForecastScores
        Of the forecast, and of the plain baseline: everybody goes on as before.
    recency_auc : float or None
        AUC when customers are ranked by the days since their last order alone.
    groups : DataFrame
        See `coterie.prediction.calibration_table`.
    calibration_error : float
        Of the chance to order, as the model says it, 0-1.
    calibrated_error : float or None
        After an isotonic curve fitted on one half of the customers, on the other; None with fewer than
        1,000 customers.
    orders_within, spend_within : float
        Share of customers whose orders and spend fell into the range told.
    """

    cut: date
    horizon_days: int
    n_customers: int
    model: ForecastScores
    past_rate: ForecastScores
    recency_auc: float | None
    groups: pd.DataFrame
    calibration_error: float
    calibrated_error: float | None
    orders_within: float
    spend_within: float


@dataclass(frozen=True, eq=False)
class Forecast:
    """What each buyer is expected to do in the `horizon_days` after the data end.

    Attributes
    ----------
    horizon_days : int
    observation_end : date
    family : str
        The model used: "BG/NBD", "MBG/NBD", "Pareto/NBD" or "past rate".
    parameters : mapping of str to float
        By the names of the literature, times in weeks; those of order values are p, q, v.
    customers : DataFrame of shape (n_buyers, 16)
        customer_id; expected_orders, p_active (chance of an order), p_alive (missing where the model
        cannot tell), expected_spend, orders and spend from _low to _high (eight of ten such customers end
        up inside), churn_risk = 1 - p_active, risk_band, next_order (day by which the next order of
        one still a customer is as likely as not; missing if that is unlikely within two years), value_tier
        ("high": the fifth with the highest expected spend, "middle": the next three tenths, "low"),
        is_potential (expected to be of high value and not yet in the fifth that spent most), usual_spend (in
        such a horizon so far), and money_at_risk = usual_spend x churn_risk.
    is_calibrated : bool
        Whether the chances went through a curve fitted on what came after an earlier day.
    test : ForecastTest or None
    notes : tuple of str
        What one should know, in sentences.
    """

    horizon_days: int
    observation_end: date
    family: str
    parameters: Mapping[str, float]
    customers: pd.DataFrame
    is_calibrated: bool
    test: ForecastTest | None
    notes: tuple[str, ...]
