"""A forecast tested on the shop's own past: made on an earlier day, compared with what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, build_features
from coterie.prediction.buying import Buyers, Predictor, Said, say
from coterie.prediction.calibration import (
    calibration_error,
    calibration_table,
    error_after_isotonic,
    fit_isotonic,
)
from coterie.prediction.expectations import ForecastScores, ForecastTest
from coterie.prediction.gammagamma import GammaGamma
from coterie.prediction.histories import Floats
from coterie.prediction.past_rate import PastRate

LEAST_CALIBRATED = 1_000
"""Customers below which a calibration curve would follow chance."""
LEAST_TESTED = 50
LEAST_DAYS = 28


@dataclass(frozen=True, eq=False)
class Past:
    """The buyers as they were known on an earlier day, and what they did in the horizon after it.

    Attributes
    ----------
    buyers : Buyers
    recency_days : ndarray of shape (n,)
    cut : date
    horizon_days : int
    n_orders, spend : ndarray of shape (n,)
        Later.
    """

    buyers: Buyers
    recency_days: Floats
    cut: date
    horizon_days: int
    n_orders: Floats
    spend: Floats


def look_back(table: FeatureTable, horizon_days: int) -> Past | None:
    """Describe the buyers of an earlier day and what they did since.

    Parameters
    ----------
    table : FeatureTable
        As of the end.
    horizon_days : int
        The test looks ahead as far, or a third of the time there is.

    Returns
    -------
    Past or None
        None without the orders themselves, or if there is too little to test.
    """
    if table.dataset is None or table.observation_end is None:
        return None
    span = int(table.X["tenure_days"].max())
    ahead = min(horizon_days, span // 3)
    if ahead < LEAST_DAYS:
        return None
    cut = table.observation_end - timedelta(days=ahead)
    before = build_features(table.dataset, observation_end=cut, quality=table.quality)
    before = before.rows(before.X["n_orders"].to_numpy(np.float64) >= 1)
    if len(before) < LEAST_TESTED:
        return None
    gained = _gained(before, table)
    recency = before.X["recency_days"].to_numpy(np.float64)
    return Past(Buyers.of(before), recency, cut, ahead, gained["n_orders"], gained["monetary"])


def _gained(before: FeatureTable, after: FeatureTable) -> dict[str, Floats]:
    """Orders and spend of the earlier customers since; returns of earlier orders count as none."""
    import pandas as pd

    place = pd.Index(after.customer_ids).get_indexer(pd.Index(before.customer_ids))
    found: dict[str, Floats] = {}
    for name in ("n_orders", "monetary"):
        later = np.where(place >= 0, after.X[name].to_numpy(np.float64)[place], 0.0)
        found[name] = np.maximum(later - before.X[name].to_numpy(np.float64), 0.0)
    return found


def judge(
    model: Predictor, values: GammaGamma | None, *, past: Past, n_groups: int, random_state: int
) -> ForecastTest:
    """Judge a model that was fitted on the buyers as they were.

    Parameters
    ----------
    model : PurchaseModel or PastRate
    values : GammaGamma or None
    past : Past
    n_groups, random_state : int

    Returns
    -------
    ForecastTest
    """
    said = say(model, values, buyers=past.buyers, horizon_days=past.horizon_days)
    plain = say(PastRate(), values, buyers=past.buyers, horizon_days=past.horizon_days)
    came = past.n_orders > 0
    groups = calibration_table(said.p_active, came, n_groups=n_groups)
    mended = None
    if len(came) >= LEAST_CALIBRATED:
        mended = error_after_isotonic(said.p_active, came, n_groups=n_groups, random_state=random_state)
    return ForecastTest(
        cut=past.cut,
        horizon_days=past.horizon_days,
        n_customers=len(came),
        model=scores(said, past),
        past_rate=scores(plain, past),
        recency_auc=_auc(came, -past.recency_days),
        groups=groups,
        calibration_error=calibration_error(groups),
        calibrated_error=mended,
        orders_within=_within(past.n_orders, said.orders),
        spend_within=_within(past.spend, said.spend),
    )


def calibration_curve(model: Predictor, past: Past) -> Any:
    """The isotonic curve from what the model said on the earlier day to what came.

    Parameters
    ----------
    model : PurchaseModel or PastRate
    past : Past

    Returns
    -------
    sklearn.isotonic.IsotonicRegression
    """
    said = say(model, None, buyers=past.buyers, horizon_days=past.horizon_days)
    return fit_isotonic(said.p_active, past.n_orders > 0)


def scores(said: Said, past: Past) -> ForecastScores:
    """Compare expected with later orders.

    Parameters
    ----------
    said : Said
    past : Past

    Returns
    -------
    ForecastScores
    """
    expected, later = said.expected_orders, past.n_orders
    total = float(later.sum())
    varies = bool(np.ptp(expected) > 0 and np.ptp(later) > 0)
    return ForecastScores(
        correlation=float(np.corrcoef(expected, later)[0, 1]) if varies else None,
        bias=float(expected.sum()) / total - 1.0 if total else None,
        mean_absolute_error=float(np.abs(expected - later).mean()),
        auc=_auc(later > 0, expected),
        top_value_share=_top_share(expected * said.value, past.spend),
    )


def _auc(happened: npt.NDArray[np.bool_], score: Floats) -> float | None:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(happened, score)) if 0 < happened.sum() < len(happened) else None


def _top_share(expected: Floats, spend: Floats) -> float | None:
    total = float(spend.sum())
    top = np.argsort(-expected, kind="stable")[: max(len(spend) // 10, 1)]
    return float(spend[top].sum()) / total if total else None


def _within(came: Floats, told: tuple[Floats, Floats]) -> float:
    return float(((came >= told[0] - 1e-9) & (came <= told[1] + 1e-9)).mean())
