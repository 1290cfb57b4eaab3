"""From files to a described customer base."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from coterie import logs
from coterie.errors import ParameterError
from coterie.features import FeatureTable
from coterie.jobs import Progress, ignore_progress
from coterie.sources import Dataset, InputOptions

if TYPE_CHECKING:
    from coterie.preprocessing import DataQuality

_log = logging.getLogger(__name__)


def read(
    *sources: object,
    customers: object = None,
    events: object = None,
    feedback: object = None,
    options: InputOptions | None = None,
    progress: Progress = ignore_progress,
) -> Dataset:
    """Read files, database tables or frames into one Dataset.

    Parameters
    ----------
    *sources : path, database address or data frame
        Tables whose role (orders, customers, events, feedback) is found from their columns.
    customers, events, feedback : like a source, optional
        Tables whose role is given.
    options : InputOptions, optional
        Column mapping, date order, encoding and limits.
    progress : callable, optional
        Called with a sentence and the share done, 0-1.

    Returns
    -------
    Dataset
        With `.report`, the account of every row read.

    Raises
    ------
    SchemaError
        If a column that is needed is missing or ambiguous.
    NotFoundError
        If a file or table does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"customer_id": ["ann", "bob"], "date": ["2024-01-01", "2024-01-30"],
    ...                        "amount": [12.5, 40.0]})
    >>> read(orders).report.rows_accepted
    2
    """
    from coterie.sources import read as read_sources

    with logs.event(_log, "read") as told:
        dataset = read_sources(
            *sources,
            customers=customers,
            events=events,
            feedback=feedback,
            options=options or InputOptions(),
            progress=progress,
        )
        report = dataset.report
        told |= {"tables": len(report.files), "rows_read": report.rows_read}
        told |= {"rows_accepted": report.rows_accepted, "rows_rejected": report.rows_rejected}
    return dataset


def clean(
    dataset: Dataset, *, keep_duplicates: bool = False, progress: Progress = ignore_progress
) -> tuple[Dataset, DataQuality]:
    """Drop and mend what is no purchase of a customer, and say so.

    Parameters
    ----------
    dataset : Dataset
    keep_duplicates : bool
        Keep rows that repeat another row in every cell.
    progress : callable, optional

    Returns
    -------
    Dataset, DataQuality
    """
    from coterie import preprocessing

    progress("Cleaning", 0.0)
    with logs.event(_log, "clean") as told:
        cleaned, quality = preprocessing.clean(dataset, keep_duplicates=keep_duplicates)
        told["rows_dropped"] = sum(step.n_dropped for step in quality.steps)
        told |= {"customers": quality.n_customers, "customers_no_net_spend": quality.n_no_net_spend}
    return cleaned, quality


def build_features(
    data: object,
    *,
    observation_end: date | str | None = None,
    keep_duplicates: bool = False,
    progress: Progress = ignore_progress,
) -> FeatureTable:
    """Clean a dataset and describe each of its customers in numbers and categories.

    Parameters
    ----------
    data : Dataset, or anything `read` takes
    observation_end : date or ISO text, optional
        The day to look from; later orders are left out. Default: the day of the last order.
    keep_duplicates : bool
        Keep rows that repeat another row in every cell.
    progress : callable, optional

    Returns
    -------
    FeatureTable
        One row per customer with a purchase (or per customer, without orders).
    """
    from coterie import features

    dataset = data if isinstance(data, Dataset) else read(data, progress=progress)
    cleaned, quality = clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    progress("Building features", 0.0)
    with logs.event(_log, "features") as told:
        table = features.build_features(cleaned, observation_end=as_date(observation_end), quality=quality)
        told |= {"customers": len(table), "features": len(table.specs)}
    progress("Building features", 1.0)
    return table


def as_date(moment: date | str | None) -> date | None:
    """Turn ISO text into a date.

    Parameters
    ----------
    moment : date, str or None

    Returns
    -------
    date or None
    """
    if not isinstance(moment, str):
        return moment
    try:
        return date.fromisoformat(moment)
    except ValueError:
        raise ParameterError(
            f"{moment!r} is not a date", where="observation_end", to_do="Write it as 2024-12-31"
        ) from None
