"""Customers at the edge of their segment, and the smallest real change that moves them to another one.

The change is one that happens: one more order of the usual size by a certain day, or none until then. Both
are put into the features an order moves, everything else held as it is, and the model is asked again. Who
ordered on that very day looks better than who ordered weeks before it: an order counts as moving a customer
only if it does so on whichever day it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError
from coterie.features import FeatureTable
from coterie.segmentation import UNASSIGNED, Segmentation

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

AHEAD_DAYS = 30
CONTESTED_MARGIN = 0.1
"""Below it a customer is nearly as close to another segment."""
_CLOCK = ("recency_days", "tenure_days")
_ORDER = ("recency_days", "n_orders", "monetary")


@dataclass(frozen=True, eq=False)
class Edges:
    """Who would be in another segment after one order more, or after no order for a while.

    Attributes
    ----------
    by : date
        The day the change is looked at.
    customers : DataFrame
        customer_id, segment_id, margin (0-1, 0 on the border), is_contested, to_id and sentence, one row for
        each customer whom one more order by that day would put into a segment that is worth more, those
        closest to the border first.
    slipping : DataFrame
        The same columns: those who fall into a segment that is worth less if no order comes until then.
    held : tuple of str
        Features of the model that an order also moves but that were held as they are.
    """

    by: date
    customers: pd.DataFrame
    slipping: pd.DataFrame
    held: tuple[str, ...]


def find_edges(result: Segmentation, *, ahead_days: int = AHEAD_DAYS) -> Edges:
    """Find the customers whom one order, or its absence, moves to another segment.

    Parameters
    ----------
    result : Segmentation
    ahead_days : int
        How many days from the end of the data on the change is looked at.

    Returns
    -------
    Edges

    Raises
    ------
    InputError
        If there are no dated orders with amounts.
    ParameterError
        If `ahead_days` is below one.
    """
    table = result.table
    if table.observation_end is None or not {*_CLOCK, *_ORDER, "mean_basket"} <= set(table.X.columns):
        raise InputError("Nobody can be told to be near another segment without dated orders and amounts")
    if ahead_days < 1:
        raise ParameterError(f"{ahead_days} days ahead are less than one", where="ahead_days")
    by = table.observation_end + timedelta(days=ahead_days)
    worth = _worth(result)
    day = f"{by.day} {by:%b %Y}"
    later = result.model.predict(_later(table, ahead_days))
    at_once = result.model.predict(_ordered(table, ahead_days, days_since=ahead_days - 1))
    at_last = result.model.predict(_ordered(table, ahead_days, days_since=0))
    now = worth[result.labels]
    rising = (at_once == at_last) & (worth[at_once] > now)
    return Edges(
        by,
        _moved(result, at_once, going=rising, words=f"One more order by {day}"),
        _moved(result, later, going=worth[later] < now, words=f"No order until {day}"),
        _held(result),
    )


def _worth(result: Segmentation) -> Floats:
    """Mean spend of each segment by its id; of nobody's segment, at the end, less than any other."""
    spend = result.table.X["monetary"].to_numpy(np.float64)
    worth = np.full(result.n_ids + 1, -np.inf)
    for segment_id in result.names:
        members = spend[result.labels == segment_id]
        worth[segment_id] = members.mean() if len(members) else -np.inf
    return worth


def _later(table: FeatureTable, days: int) -> FeatureTable:
    """The same customers so many days later, without an order."""
    moved = {name: table.X[name] + float(days) for name in _CLOCK}
    return _with(table, moved)


def _ordered(table: FeatureTable, days: int, *, days_since: int) -> FeatureTable:
    """The same customers so many days later, with an order for their usual amount `days_since` before."""
    X = table.X
    orders = X["n_orders"] + 1.0
    moved = {
        "recency_days": X["recency_days"] * 0.0 + float(days_since),
        "tenure_days": X["tenure_days"] + float(days),
        "n_orders": orders,
        "monetary": X["monetary"] + X["mean_basket"].clip(lower=0.0),
    }
    if "gap_mean_days" in X.columns:
        lived = X["tenure_days"] + float(days - days_since)
        moved["gap_mean_days"] = (lived / (orders - 1.0)).where(orders > 1.0, X["gap_mean_days"])
    return _with(table, moved)


def _with(table: FeatureTable, moved: dict[str, pd.Series[float]]) -> FeatureTable:
    """The table with other values; a lifetime value is left out, so that the model computes it anew."""
    own = table.without_column("ltv") if "ltv" in table.X.columns else table
    return replace(own, X=own.X.assign(**moved), dataset=None)


def _moved(
    result: Segmentation,
    labels: npt.NDArray[np.int32],
    *,
    going: npt.NDArray[np.bool_],
    words: str,
) -> pd.DataFrame:
    import pandas as pd

    going &= (result.labels != UNASSIGNED) & (labels != UNASSIGNED)
    margin = result.model.margin(result.table)[going]
    to_id = labels[going]
    found = pd.DataFrame(
        {
            "customer_id": result.table.customer_ids[going],
            "segment_id": result.labels[going],
            "margin": margin,
            "is_contested": margin < CONTESTED_MARGIN,
            "to_id": to_id,
            "sentence": [f"{words}: {result.names[int(one)]}" for one in to_id],
        }
    )
    return found.sort_values(["margin", "customer_id"], kind="stable", ignore_index=True)


def _held(result: Segmentation) -> tuple[str, ...]:
    """Features that an order moves in a way that cannot be known: what is bought, where and when."""
    moved = {*_CLOCK, *_ORDER, "gap_mean_days", "mean_basket", "ltv"}
    return tuple(
        spec.name
        for spec in result.table.specs
        if spec.name in result.attributes and spec.source == "transactions" and spec.name not in moved
    )
