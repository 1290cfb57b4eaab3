"""The figures on a card: medians in raw units, differences on one scale, shares of revenue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable

if TYPE_CHECKING:
    import pandas as pd

EVERYONE = "Everyone"
SKEWED = 1.0
"""Skewness from which a non-negative number is compared on the log1p scale, as the segmentation does."""

PLACES = frozenset({"latitude", "longitude"})
"""Coordinates: their medians need not be a place where anybody lives."""

_Labels = npt.NDArray[np.int32]


def without_places(table: FeatureTable, *, keep: Collection[str]) -> FeatureTable:
    """The features that say something of a segment one by one: all but coordinates.

    Parameters
    ----------
    table : FeatureTable
    keep : collection of str
        Coordinates the segments were formed by stay.

    Returns
    -------
    FeatureTable
    """
    for spec in table.specs:
        if spec.name.lower() in PLACES and spec.name not in keep:
            table = table.without_column(spec.name)
    return table


def everyone_and_segments(table: FeatureTable, labels: _Labels, *, names: Mapping[int, str]) -> pd.DataFrame:
    """The typical value of every feature, for all customers and for each segment.

    Parameters
    ----------
    table : FeatureTable of n customers
    labels : ndarray of shape (n,), int32
    names : mapping of segment id to name

    Returns
    -------
    DataFrame of shape (n_features, 1 + n_segments)
        Medians in raw units; for a category its most frequent level; both of customers whose value is
        known, nan where there is none. Columns "Everyone", then the segments' names; rows the features'
        names.
    """
    import pandas as pd

    groups = {EVERYONE: np.ones(len(labels), dtype=bool)}
    groups.update({name: labels == segment_id for segment_id, name in sorted(names.items())})
    rows = {}
    for spec in table.specs:
        known, values = table.known(spec.name), table.X[spec.name]
        rows[spec.name] = [_typical(values[member & known], spec.kind) for member in groups.values()]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(groups), dtype=object)


def _typical(values: pd.Series, kind: str) -> float | str:
    if not len(values):
        return float("nan")
    if kind == "number":
        return float(np.median(values.to_numpy(dtype=np.float64)))
    counts = values.astype(str).value_counts()
    return min(str(level) for level in counts.index[counts == counts.max()])


def standard_differences(table: FeatureTable, labels: _Labels, *, names: Mapping[int, str]) -> pd.DataFrame:
    """How far each segment's mean lies from everyone's, in standard deviations.

    Parameters
    ----------
    table : FeatureTable of n customers
    labels : ndarray of shape (n,), int32
    names : mapping of segment id to name

    Returns
    -------
    DataFrame of shape (n_numbers, n_segments)
        Skewed non-negative numbers are compared on the log1p scale, so that a few large customers do
        not set the tone; a constant differs by 0. Of customers whose value is known, nan where there is
        none. For heat maps and snake plots.
    """
    import pandas as pd

    numbers = [spec.name for spec in table.specs if spec.kind == "number"]
    rows = {}
    for name in numbers:
        known = table.known(name)
        z, own = _standard(table.X[name].to_numpy(dtype=np.float64)[known]), labels[known]
        rows[name] = [_mean(z[own == segment_id]) for segment_id in sorted(names)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[names[i] for i in sorted(names)])


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _standard(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if not len(values):
        return values
    centred = values - values.mean()
    spread = float(values.std())
    if values.min() >= 0 and spread > 0 and float((centred**3).mean()) / spread**3 > SKEWED:
        values = np.log1p(values)
        centred, spread = values - values.mean(), float(values.std())
    return centred / spread if spread > 0 else np.zeros_like(values)


def revenue_shares(table: FeatureTable, labels: _Labels) -> dict[int, float]:
    """Each segment's share of all positive net spend.

    Parameters
    ----------
    table : FeatureTable of n customers
    labels : ndarray of shape (n,), int32

    Returns
    -------
    dict of float by segment id
        Empty without money.
    """
    if "monetary" not in table.X.columns:
        return {}
    spend = table.X["monetary"].to_numpy(dtype=np.float64)
    total = float(spend[spend > 0].sum())
    if total <= 0:
        return {}
    return {int(i): float(spend[labels == i].sum()) / total for i in np.unique(labels[labels >= 0])}
