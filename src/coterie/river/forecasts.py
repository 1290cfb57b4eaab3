"""What each customer will do next: orders, leaving, products."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, Literal

from coterie import logs
from coterie.features import FeatureTable
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import as_date, build_features, clean, read
from coterie.sources import Dataset

if TYPE_CHECKING:
    from coterie.prediction import ChurnForecast, Forecast, ProductForecast

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


def churn(
    data: object,
    label: str,
    *,
    left: str | None = None,
    at: str | None = None,
    progress: Progress = ignore_progress,
) -> ChurnForecast:
    """Learn from a column that says who left who will leave.

    Parameters
    ----------
    data : FeatureTable, Dataset, or anything `read` takes
    label : str
        The column.
    left : str, optional
        Its value that means "left". Default: by its name, as "Yes", "1" or "churned".
    at : str, optional
        The feature that counts back to a customer's start: the test then learns from those who came earlier.
    progress : callable, optional

    Returns
    -------
    ChurnForecast
        `.risk` of every customer, `.drivers`, and the `.test` out of fold.

    Raises
    ------
    NotFoundError
        If there is no such column.
    ParameterError
        If it cannot be told which value means "left", or `at` is no number.
    TooFewCustomersError
        With fewer than 50 customers who left, or who stayed.
    """
    from coterie import prediction

    table = data if isinstance(data, FeatureTable) else build_features(data, progress=progress)
    progress("Learning who leaves", 0.0)
    with logs.event(_log, "churn") as told:
        made = prediction.fit_churn(table, label, left=left, at=at)
        told |= {"customers": len(made.risk), "method": made.method}
    progress("Learning who leaves", 1.0)
    return made


def recommend(
    data: object,
    *,
    mode: Literal["discover", "replenish"] = "replenish",
    n: int = 10,
    keep_duplicates: bool = False,
    observation_end: date | str | None = None,
    progress: Progress = ignore_progress,
) -> ProductForecast:
    """Rank products for each customer and say why.

    Parameters
    ----------
    data : Dataset, or anything `read` takes
    mode : {"replenish", "discover"}
        What they buy again and is due, or what they never bought.
    n : int
        Products per customer.
    keep_duplicates, observation_end
        As in `build_features`.
    progress : callable, optional

    Returns
    -------
    ProductForecast

    Raises
    ------
    InputError
        If the orders name no products.
    """
    from coterie import prediction

    dataset = data if isinstance(data, Dataset) else read(data, progress=progress)
    cleaned, _ = clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    progress("Ranking products", 0.0)
    with logs.event(_log, "products") as told:
        made = prediction.recommend_products(
            cleaned, mode=mode, n=n, observation_end=as_date(observation_end)
        )
        told |= {"rows": len(made.recommendations), "method": made.method}
    progress("Ranking products", 1.0)
    return made
