"""From described customers to a forecast for each: orders, spend, churn, the next order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import InputError, ParameterError, TooFewCustomersError
from coterie.features import FeatureTable
from coterie.prediction.buying import Buyers, Predictor, Said, candidates, order_values, refitted, say
from coterie.prediction.expectations import Forecast, ForecastTest
from coterie.prediction.family import PurchaseModel
from coterie.prediction.gammagamma import GammaGamma
from coterie.prediction.histories import NEEDED, Floats
from coterie.prediction.past import (
    LEAST_CALIBRATED,
    Past,
    calibration_curve,
    judge,
    look_back,
    scores,
)
from coterie.prediction.past_rate import PastRate

if TYPE_CHECKING:
    import pandas as pd

LEAST_HORIZON_DAYS = 90
LEAST_BUYERS = 50
LEAST_REPEATERS = 20
SMALL_SHOP = 500
N_REFITS = 20
"""Of a small shop: how much its few customers may mislead is shown by drawing them anew."""
NEXT_ORDER_WITHIN_DAYS = 730
BOUNDS = (0.01, 0.99)
"""A chance read off the shop's own past is never told as none or as sure."""
HIGH_RISK, LOW_RISK = 0.8, 0.5
TOP_SHARE, MIDDLE_SHARE = 0.2, 0.3


def forecast(table: FeatureTable, *, horizon_days: int | None = None, random_state: int = 0) -> Forecast:
    """Forecast what each buyer will do after the data end.

    Parameters
    ----------
    table : FeatureTable
        With recency_days, tenure_days, n_orders and mean_basket; if it holds its dataset, the forecast is
        tested on the shop's own past and its chances are calibrated on it.
    horizon_days : int, optional
        How far to look ahead. Default: twice the median time between orders, at least 90 days.
    random_state : int

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If the orders have no dates or no amounts.
    TooFewCustomersError
        With fewer than 50 buyers, or 20 who bought again.
    ParameterError
        If the horizon is not above zero.
    """
    bought = _buyers_of(table)
    buyers = Buyers.of(bought)
    ahead = horizon_days if horizon_days is not None else usual_horizon(bought)
    if not 0 < ahead <= 3_650:
        raise ParameterError(f"The horizon of {ahead} days is not between 1 and 3,650", where="horizon_days")
    tried, notes = candidates(buyers)
    past = look_back(bought, ahead)
    model, test, said_of_choice = _chosen(tried, buyers, past=past, random_state=random_state)
    values = order_values(buyers)
    said = say(model, values, buyers=buyers, horizon_days=ahead)
    if len(bought) < SMALL_SHOP:
        said = _widened(said, model, buyers=buyers, horizon_days=ahead, random_state=random_state)
        notes += (
            f"With {len(bought)} buyers the ranges are wider and the groups fewer than for a large shop",
        )
    active, is_calibrated = _calibrated(said.p_active, model, past=past)
    assert bought.observation_end is not None, "customers with recency have a day they are seen from"
    return Forecast(
        horizon_days=ahead,
        observation_end=bought.observation_end,
        family=model.TITLE,
        parameters=_parameters(model, values),
        customers=_customers(bought, said, p_active=active, horizon_days=ahead),
        is_calibrated=is_calibrated,
        test=test,
        notes=notes + said_of_choice + _on_times(model, past, ahead=ahead),
    )


def usual_horizon(table: FeatureTable) -> int:
    """Twice the median time between the orders of customers who came back, at least 90 days.

    Parameters
    ----------
    table : FeatureTable

    Returns
    -------
    int
        Days.
    """
    recency, tenure, n_orders, _ = (table.X[name].to_numpy(np.float64) for name in NEEDED)
    again = n_orders > 1
    if not again.any():
        return LEAST_HORIZON_DAYS
    gap = (tenure[again] - recency[again]) / (n_orders[again] - 1.0)
    return max(round(2.0 * float(np.median(gap))), LEAST_HORIZON_DAYS)


def _buyers_of(table: FeatureTable) -> FeatureTable:
    missing = [name for name in NEEDED if name not in table.X.columns]
    if missing:
        raise InputError(
            f"A forecast needs orders with dates and amounts; {', '.join(missing)} cannot be known",
            to_do="Give a file of orders with a date and an amount in each row",
        )
    bought = table.rows(table.X["n_orders"].to_numpy(np.float64) >= 1)
    again = int((bought.X["n_orders"] > 1).sum()) if len(bought) else 0
    if len(bought) < LEAST_BUYERS or again < LEAST_REPEATERS:
        raise TooFewCustomersError(
            f"A forecast needs {LEAST_BUYERS} buyers of whom {LEAST_REPEATERS} bought again; "
            f"there are {len(bought)} and {again}",
            to_do="Give a longer history, or wait until more customers have come back",
        )
    return bought


def _chosen(
    tried: list[PurchaseModel], buyers: Buyers, *, past: Past | None, random_state: int
) -> tuple[Predictor, ForecastTest | None, tuple[str, ...]]:
    """The model that erred least on the shop's own past; the plain baseline if none beats it."""
    if past is None:
        best = max(tried, key=lambda model: model.log_likelihood_)
        return best, None, ("There is too little history to test the forecast on the shop's own past",)
    values, then = order_values(past.buyers), refitted(tried, past.buyers)

    def error(model: Predictor) -> float:
        said = say(model, values, buyers=past.buyers, horizon_days=past.horizon_days)
        return scores(said, past).mean_absolute_error

    place = int(np.argmin([error(model) for model in then]))
    n_groups = 10 if len(past.n_orders) >= SMALL_SHOP else 3
    test = judge(then[place], values, past=past, n_groups=n_groups, random_state=random_state)
    if _is_beaten(test):
        plain = judge(PastRate(), values, past=past, n_groups=n_groups, random_state=random_state)
        sentence = (
            f"{tried[place].TITLE} did not foresee the last {past.horizon_days} days better than the plain "
            "rate of the past, so that rate is used"
        )
        return PastRate(), plain, (sentence,)
    return tried[place], test, ()


def _is_beaten(test: ForecastTest) -> bool:
    """Whether the plain rate ranks at least as well and errs no more."""
    ranks = (test.past_rate.auc or 0.0) >= (test.model.auc or 0.0)
    return ranks and test.past_rate.mean_absolute_error <= test.model.mean_absolute_error


def _calibrated(p_active: Floats, model: Predictor, *, past: Past | None) -> tuple[Floats, bool]:
    """The chances after the curve that the shop's own past gives, if it is long enough."""
    if past is None or len(past.n_orders) < LEAST_CALIBRATED:
        return p_active, False
    then = refitted([model], past.buyers)[0] if isinstance(model, PurchaseModel) else model
    curve = calibration_curve(then, past)
    # Nobody of few is no proof of never.
    mended: Floats = np.clip(np.asarray(curve.predict(p_active), dtype=np.float64), *BOUNDS)
    return mended, True


def _widened(said: Said, model: Predictor, *, buyers: Buyers, horizon_days: int, random_state: int) -> Said:
    """The ranges that also hold what other customers like these would have made of the model."""
    if not isinstance(model, PurchaseModel):
        return said
    rng = np.random.default_rng(random_state)
    orders, spend = [said.orders], [said.spend]
    for _ in range(N_REFITS):
        drawn = buyers.take(rng.integers(0, len(buyers.n_orders), len(buyers.n_orders)))
        other = refitted([model], drawn)[0]
        told = say(other, order_values(drawn), buyers=buyers, horizon_days=horizon_days)
        orders.append(told.orders)
        spend.append(told.spend)
    return replace(said, orders=_hull(orders), spend=_hull(spend))


def _hull(ranges: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    low = np.min([one[0] for one in ranges], axis=0)
    return np.asarray(low, dtype=np.float64), np.max([one[1] for one in ranges], axis=0)


def _parameters(model: Predictor, values: GammaGamma | None) -> dict[str, float]:
    own = dict(model.params_) if isinstance(model, PurchaseModel) else {}
    return own | (dict(values.params_) if values is not None else {})


def _customers(table: FeatureTable, said: Said, *, p_active: Floats, horizon_days: int) -> pd.DataFrame:
    import pandas as pd

    risk = 1.0 - p_active
    spend = said.expected_orders * said.value
    usual = _usual_spend(table, horizon_days)
    tier = _tiers(spend)
    return pd.DataFrame(
        {
            "customer_id": table.customer_ids,
            "expected_orders": said.expected_orders,
            "orders_low": said.orders[0],
            "orders_high": said.orders[1],
            "p_active": p_active,
            "p_alive": said.p_alive,
            "expected_spend": spend,
            "spend_low": said.spend[0],
            "spend_high": said.spend[1],
            "churn_risk": risk,
            "risk_band": _bands(risk, is_small=len(table) < SMALL_SHOP),
            "next_order": _next_order(table, said),
            "value_tier": tier,
            "is_potential": (tier == "high") & (_tiers(table.X["monetary"].to_numpy(np.float64)) != "high")
            if "monetary" in table.X.columns
            else np.zeros(len(table), dtype=bool),
            "usual_spend": usual,
            "money_at_risk": usual * risk,
        }
    )


def _bands(risk: Floats, *, is_small: bool) -> pd.Series[str]:
    """High above four in five, low below one in two; a small shop has no band between."""
    import pandas as pd

    middle = "high" if is_small else "medium"
    named = np.where(risk >= HIGH_RISK, "high", np.where(risk >= LOW_RISK, middle, "low"))
    return pd.Series(named, dtype="str")


def _tiers(money: Floats) -> pd.Series[str]:
    """By rank; of equal ones the first in the order of ids."""
    import pandas as pd

    rank = np.empty(len(money))
    rank[np.argsort(-money, kind="stable")] = np.arange(len(money)) / len(money)
    named = np.where(rank < TOP_SHARE, "high", np.where(rank < TOP_SHARE + MIDDLE_SHARE, "middle", "low"))
    return pd.Series(named, dtype="str")


def _usual_spend(table: FeatureTable, horizon_days: int) -> Floats:
    """What a customer spent in so many days so far, on average since the first order."""
    tenure, n_orders, basket = (
        table.X[name].to_numpy(np.float64) for name in ("tenure_days", "n_orders", "mean_basket")
    )
    part = np.minimum(horizon_days / np.maximum(tenure, 1.0), 1.0)
    spent: Floats = n_orders * np.maximum(basket, 0.0) * part
    return spent


def _next_order(table: FeatureTable, said: Said) -> pd.Series[pd.Timestamp]:
    """The day by which an order is as likely as not; none if too far away or having left is likelier."""
    import pandas as pd

    alive = np.where(np.isnan(said.p_alive), 1.0, said.p_alive)
    coming = (said.waiting <= NEXT_ORDER_WITHIN_DAYS) & (alive >= 0.5)
    days = np.where(coming, np.ceil(said.waiting), 0.0)
    assert table.observation_end is not None, "customers with recency have a day they are seen from"
    end = pd.Timestamp(table.observation_end)
    return pd.Series(end + pd.to_timedelta(days, unit="D")).where(pd.Series(coming))


def _on_times(model: Predictor, past: Past | None, *, ahead: int) -> tuple[str, ...]:
    notes = []
    if isinstance(model, PurchaseModel) and model.TITLE == "BG/NBD":
        notes.append("P(alive) is not told of one-time buyers: in BG/NBD nobody leaves before a second order")
    if past is not None and past.horizon_days < ahead:
        notes.append(
            f"The history allows a test {past.horizon_days} days ahead; the forecast looks {ahead} days ahead"
        )
    return tuple(notes)
