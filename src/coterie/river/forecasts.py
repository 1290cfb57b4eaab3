"""What each buyer will do next."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from coterie import logs
from coterie.features import FeatureTable
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import build_features

if TYPE_CHECKING:
    from coterie.prediction import Forecast

_log = logging.getLogger(__name__)


def forecast(
    data: object,
    *,
    horizon_days: int | None = None,
    keep_duplicates: bool = False,
    observation_end: date | str | None = None,
    progress: Progress = ignore_progress,
) -> Forecast:
    """Forecast orders, spend and the risk of losing each buyer.

    Parameters
    ----------
    data : FeatureTable, Dataset, or anything `read` takes
    horizon_days : int, optional
        How far to look ahead. Default: twice the median time between orders, at least 90 days.
    keep_duplicates, observation_end
        As in `build_features`; a FeatureTable has been looked at already, so they are not heeded for it.
    progress : callable, optional

    Returns
    -------
    Forecast
        `.customers` has a row for each buyer, `.test` says how well it did on the shop's own past.

    Raises
    ------
    InputError
        If the orders have no dates or no amounts.
    TooFewCustomersError
        With fewer than 50 buyers, or 20 who bought again.
    ParameterError
        If the horizon is not above zero.
    """
    from coterie import prediction

    table = data
    if not isinstance(table, FeatureTable):
        table = build_features(
            data, observation_end=observation_end, keep_duplicates=keep_duplicates, progress=progress
        )
    progress("Looking ahead", 0.0)
    with logs.event(_log, "forecast") as told:
        made = prediction.forecast(table, horizon_days=horizon_days)
        told |= {"customers": len(made.customers), "horizon_days": made.horizon_days, "family": made.family}
    progress("Looking ahead", 1.0)
    return made
