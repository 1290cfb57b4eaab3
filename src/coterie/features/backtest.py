"""The past as a test: features as of an earlier day, and what customers then spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from coterie.features.build import build_features
from coterie.features.table import FeatureTable
from coterie.preprocessing import DataQuality, exact_sum
from coterie.sources import Dataset

MIN_SPAN_DAYS = 270
"""Less leaves too little on both sides of the cut: 180 days of history and 90 to look forward."""

MAX_HORIZON_DAYS = 180


@dataclass(frozen=True)
class BackTest:
    """Customers as of `cut`, and the log of what they spent in the `horizon_days` after it.

    Attributes
    ----------
    table : FeatureTable
        As of the end of the day `cut`.
    later_log_spend : ndarray of shape (n_customers,), float64
        log(1 + net spend, at least 0), in the order of `table.customer_ids`.
    cut : date
    horizon_days : int
    """

    table: FeatureTable
    later_log_spend: npt.NDArray[np.float64]
    cut: date
    horizon_days: int


def back_test(dataset: Dataset, *, quality: DataQuality | None = None) -> BackTest | None:
    """Features before a cut and spend after it.

    Parameters
    ----------
    dataset : Dataset
        Cleaned.
    quality : DataQuality, optional

    Returns
    -------
    BackTest or None
        The cut lies min(180 days, a third of the span) before the end. None with less than 270 days
        of transactions, without dated ones, or if nobody bought before the cut.
    """
    rows = dataset.transactions
    if rows is None or "at" not in rows.columns:
        return None
    day = rows["at"].date()
    found = rows.aggregate(first=day.min(), last=day.max()).to_pandas().iloc[0]
    span_days = (found["last"] - found["first"]).days if found.notna().all() else 0
    if span_days < MIN_SPAN_DAYS:
        return None
    horizon_days = min(MAX_HORIZON_DAYS, span_days // 3)
    last = date(found["last"].year, found["last"].month, found["last"].day)
    cut = last - timedelta(days=horizon_days)
    table = build_features(dataset, observation_end=cut, quality=quality)
    return BackTest(table, _later_log_spend(dataset, table, cut=cut), cut, horizon_days)


def _later_log_spend(dataset: Dataset, table: FeatureTable, *, cut: date) -> npt.NDArray[np.float64]:
    rows = dataset.transactions
    assert rows is not None, "a back-test has transactions"
    later = rows.filter(rows["at"].date() > cut)
    spend = later.group_by("customer_id").aggregate(spend=exact_sum(later.amount)).to_pandas()
    by_customer = spend.set_index("customer_id").spend.reindex(table.customer_ids).fillna(0.0)
    return np.asarray(np.log1p(by_customer.clip(lower=0.0)), dtype=np.float64)
