"""Who is in which segment on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable
from coterie.segmentation import NO_NET_SPEND_NAME, OUTLIERS_NAME, UNASSIGNED

if TYPE_CHECKING:
    from coterie.preprocessing import DataQuality
    from coterie.segmentation import Model, Segmentation
    from coterie.sources import Dataset

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers with their segments as of a day.

    Attributes
    ----------
    on : date or None
        The day the customers are looked at from.
    customer_ids : ndarray of shape (n,), str objects, ascending
    segment_ids : ndarray of shape (n,), int32
        -1 = in none.
    names : mapping of int to str
        Of the segments, and of those in none (-1).
    money : ndarray of shape (n,) or None
        Net spend so far; None without orders.
    recency_days, tenure_days : ndarray of shape (n,) or None
        Days since the last and the first purchase; None without dated orders.
    """

    on: date | None
    customer_ids: npt.NDArray[np.object_]
    segment_ids: Labels
    names: Mapping[int, str]
    money: Floats | None = None
    recency_days: Floats | None = None
    tenure_days: Floats | None = None

    def __len__(self) -> int:
        return len(self.customer_ids)

    def seen_by(self, segment_ids: Labels, names: Mapping[int, str]) -> Snapshot:
        """The same customers in other segments.

        Parameters
        ----------
        segment_ids : ndarray of shape (n,), int32
        names : mapping of int to str

        Returns
        -------
        Snapshot
        """
        return replace(self, segment_ids=segment_ids, names={UNASSIGNED: self.names[UNASSIGNED], **names})


def take_snapshot(model: Model, table: FeatureTable) -> Snapshot:
    """Place customers by a model as it stands.

    Parameters
    ----------
    model : Model
    table : FeatureTable

    Returns
    -------
    Snapshot
    """
    return _snapshot(table, model.predict(table), names=model.names)


def snapshot_on(
    model: Model, dataset: Dataset, *, on: date | None, quality: DataQuality | None = None
) -> Snapshot:
    """Place the customers of a dataset as they were on a day.

    Parameters
    ----------
    model : Model
    dataset : Dataset
        Cleaned; one that is not is cleaned first.
    on : date or None
        What came later is left out. None: the day of the last transaction.
    quality : DataQuality, optional
        Of the cleaning.

    Returns
    -------
    Snapshot

    Raises
    ------
    ParameterError
        If nobody had bought anything by then.
    """
    return take_snapshot(model, model.described(dataset, observation_end=on, quality=quality))


def snapshot_of(result: Segmentation) -> Snapshot:
    """The snapshot a segmentation was made of.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    Snapshot
    """
    return _snapshot(result.table, result.labels, names=result.names)


def _snapshot(table: FeatureTable, labels: Labels, *, names: Mapping[int, str]) -> Snapshot:
    outside = labels == UNASSIGNED
    nothing = bool(outside.any() and table.no_net_spend[outside].all())

    def column(name: str) -> Floats | None:
        return table.X[name].to_numpy(dtype=np.float64) if name in table.X.columns else None

    return Snapshot(
        on=table.observation_end,
        customer_ids=table.customer_ids,
        segment_ids=labels,
        names={**names, UNASSIGNED: NO_NET_SPEND_NAME if nothing else OUTLIERS_NAME},
        money=column("monetary"),
        recency_days=column("recency_days"),
        tenure_days=column("tenure_days"),
    )
