"""Red flags: what should keep a reader from trusting a row of the comparison, as sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.features import counted
from coterie.segmentation import CLUSTERERS, Trial
from coterie.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

HIGH_SILHOUETTE = 0.5
"""From here a reader would call the segments clearly apart."""

LINE_JACCARD = 0.95
"""A segment this similar to "everybody with that one value" is that value and no discovery."""

ATOM_SHARE = 0.05
"""A value held by more customers than this is an atom."""

MAX_REPEATED_SHARE = 0.5
"""With more customers than this being copies of others, borders follow the grid of values."""

Labels = npt.NDArray[np.int32]


def size_floor(n: int, settings: Settings) -> int:
    """Smallest number of customers a chosen segment may have.

    Parameters
    ----------
    n : int
        Customers.
    settings : Settings

    Returns
    -------
    int
    """
    return max(int(np.ceil(settings.min_segment_share * n)), settings.min_segment_customers)


def red_flags(
    trial: Trial, raw: pd.DataFrame, *, labels: Labels, settings: Settings, words: Mapping[str, str]
) -> tuple[str, ...]:
    """What is suspicious about a trial.

    Parameters
    ----------
    trial : Trial
        With its scores.
    raw : DataFrame of shape (n, p)
        The attributes in raw units.
    labels : ndarray of shape (n,)
        Of the same customers.
    settings : Settings
    words : mapping of str to str
        What an attribute is called, by its name.

    Returns
    -------
    tuple of str
        Whole sentences, worst first; empty if nothing is.
    """
    return (
        *_size_flags(trial, len(labels), settings=settings),
        *_stability_flags(trial, settings),
        *_lattice_flags(trial, raw, labels=labels, words=words),
        *(f"{words[name]} looks like a running number: groups of it mean nothing." for name in id_like(raw)),
    )


def _size_flags(trial: Trial, n: int, *, settings: Settings) -> list[str]:
    largest, smallest = trial.scores["largest_share"].value, trial.scores["smallest_share"].value
    silhouette = trial.scores["silhouette"].value
    if largest is None or smallest is None:
        return ["No customer is in a segment."]
    flags = []
    giant = largest > settings.max_segment_share
    if giant and silhouette is not None and silhouette > HIGH_SILHOUETTE:
        flags.append(
            f"Degenerate: the silhouette of {silhouette:.2f} comes from one giant segment"
            f" ({largest:.0%} of customers) and a few outliers."
        )
    elif giant:
        flags.append(f"One segment holds {largest:.0%} of customers.")
    fewest = round(smallest * n)
    if fewest < size_floor(n, settings):
        flags.append(
            f"The smallest segment has {counted(fewest, 'customer')}, fewer than {size_floor(n, settings)}."
        )
    return flags


def _stability_flags(trial: Trial, settings: Settings) -> list[str]:
    mean, worst = trial.scores["stability"].value, trial.scores["stability_min"].value
    if mean is None or worst is None:
        return []
    if mean >= settings.min_mean_jaccard and worst >= settings.min_worst_jaccard:
        return []
    return [
        f"{trial.n_clusters} segments are more than these data carry this way: with 30% of the customers"
        f" left out, only {mean:.0%} of a segment is found again, {worst:.0%} of the weakest."
    ]


def _lattice_flags(trial: Trial, raw: pd.DataFrame, *, labels: Labels, words: Mapping[str, str]) -> list[str]:
    if CLUSTERERS[trial.method].space == "raw":
        return []
    numbers = raw.select_dtypes("number")
    flags = [
        f"One segment is just the customers with {words[str(name)]} = {value:g}: a line anybody can draw."
        for name in numbers.columns
        for value in _commonest(numbers[name])
        if _matches_a_segment((numbers[name] == value).to_numpy(), labels)
    ]
    repeated = 1 - len(raw.drop_duplicates()) / len(raw)
    if repeated > MAX_REPEATED_SHARE:
        flags.append(
            f"{repeated:.0%} of customers equal another one in every attribute: borders follow the grid"
            " of values."
        )
    return flags


def _commonest(column: pd.Series[Any]) -> list[float]:
    """The value most customers share, if they are enough to be an atom."""
    values, counts = np.unique(column.to_numpy(dtype=np.float64), return_counts=True)
    top = int(counts.argmax())
    return [float(values[top])] if counts[top] > ATOM_SHARE * len(column) else []


def _matches_a_segment(mask: npt.NDArray[np.bool_], labels: Labels) -> bool:
    ids, inside = np.unique(labels[mask & (labels >= 0)], return_counts=True)
    if not len(ids):
        return False
    shared = inside.max()
    union = mask.sum() + (labels == ids[inside.argmax()]).sum() - shared
    return bool(shared / union > LINE_JACCARD)


def id_like(raw: pd.DataFrame) -> list[str]:
    """Attributes that number the customers: whole, all different, densely running or named an id.

    Parameters
    ----------
    raw : DataFrame

    Returns
    -------
    list of str
    """
    found = []
    for name in raw.select_dtypes("number").columns:
        values = raw[name].to_numpy(dtype=np.float64)
        if len(values) < 10 or len(np.unique(values)) < len(values) or (values != np.round(values)).any():
            continue
        is_dense = np.ptp(values) < 2 * len(values)
        if is_dense or re.search(r"(^|_)(id|no|nr|number)$", str(name).lower()):
            found.append(str(name))
    return found
