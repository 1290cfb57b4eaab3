"""Two snapshots held against each other: between two days, two models or two files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.movement.identity import Identity, identify
from coterie.movement.migration import APPEARED, CAUSES, LOST, NEW, NODE_NAMES, Movement
from coterie.movement.snapshots import Snapshot, snapshot_of, snapshot_on, take_snapshot
from coterie.segmentation import UNASSIGNED

if TYPE_CHECKING:
    from coterie.preprocessing import DataQuality
    from coterie.segmentation import Model, Segmentation
    from coterie.sources import Dataset

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


def movement(
    model: Model,
    dataset: Dataset,
    *,
    start: date,
    end: date | None = None,
    quality: DataQuality | None = None,
) -> Movement:
    """Who moved between two days, by one model that stays as it is.

    Parameters
    ----------
    model : Model
    dataset : Dataset
        Cleaned; one that is not is cleaned first.
    start, end : date
        Customers are described as of both; the end is by default the day of the last transaction.
    quality : DataQuality, optional
        Of the cleaning.

    Returns
    -------
    Movement

    Raises
    ------
    ParameterError
        If the end is not after the start, or nobody had bought anything by the start.
    """
    if end is not None and end <= start:
        raise ParameterError(f"The end, {end}, is not after the start, {start}", where="end")
    before = snapshot_on(model, dataset, on=start, quality=quality)
    return between_snapshots(before, snapshot_on(model, dataset, on=end, quality=quality))


def track(
    model: Model, dataset: Dataset, *, dates: Sequence[date], quality: DataQuality | None = None
) -> tuple[Movement, ...]:
    """Follow the customers through a row of days.

    Parameters
    ----------
    model : Model
    dataset : Dataset
        Cleaned; one that is not is cleaned first.
    dates : sequence of date
        Two or more, ascending: the ends of months, say.
    quality : DataQuality, optional

    Returns
    -------
    tuple of Movement
        From each day to the next.

    Raises
    ------
    ParameterError
        If there are fewer than two days, or they do not ascend.
    """
    if len(dates) < 2 or any(b <= a for a, b in pairwise(dates)):
        raise ParameterError("Movement needs two or more days in ascending order", where="dates")
    shots = [snapshot_on(model, dataset, on=day, quality=quality) for day in dates]
    return tuple(between_snapshots(a, b) for a, b in pairwise(shots))


def movement_between(old: Segmentation, new: Segmentation) -> Movement:
    """Who moved between two runs with models of their own, parted into people and ruler.

    Whoever the old model would have left in place on the new data moved because the ruler did; all other
    movers changed themselves. So every flow is the exact sum of both.

    Parameters
    ----------
    old, new : Segmentation
        The later one may be of other data and with other customers.

    Returns
    -------
    Movement
        Segments have the ids and names of the old run where they are the same (see `identify`).
    """
    kept = take_snapshot(old.model, new.table)
    return between_models(snapshot_of(old), kept, after=snapshot_of(new))


def between_models(before: Snapshot, kept: Snapshot, *, after: Snapshot) -> Movement:
    """The movement from one model to another, given what the old one says of the new customers.

    Parameters
    ----------
    before : Snapshot
        The old customers by the old model.
    kept, after : Snapshot
        The new customers by the old and by the new model.

    Returns
    -------
    Movement
    """
    old, new = ({i for i in shot.names if i >= 0} for shot in (before, after))
    identity = identify(kept.segment_ids, after.segment_ids, known=old, found=new)
    names = {identity.ids[i]: after.names[i] for i in new}
    found = after.seen_by(identity.apply(after.segment_ids), {**names, **_segments(before)})
    return between_snapshots(before, found, kept=kept, identity=identity)


def between_snapshots(
    before: Snapshot, after: Snapshot, *, kept: Snapshot | None = None, identity: Identity | None = None
) -> Movement:
    """Who is where in two snapshots whose segments have the same ids.

    Parameters
    ----------
    before, after : Snapshot
        They may be of two files: customers can be in one of them only.
    kept : Snapshot, optional
        The later customers by the earlier model, if the later model is another.
    identity : Identity, optional
        Of the two models.

    Returns
    -------
    Movement
    """
    import pandas as pd

    ids = np.union1d(before.customer_ids.astype(str), after.customer_ids.astype(str)).astype(object)
    was, now = (pd.Index(shot.customer_ids).get_indexer(pd.Index(ids)) for shot in (before, after))
    left = np.where(was >= 0, before.segment_ids[was], _unknown_before(before, after)[now])
    there = np.where(now >= 0, after.segment_ids[now], LOST)
    by_old = there if kept is None else np.where(now >= 0, kept.segment_ids[now], LOST)
    ruler = (left == by_old) & (left != there)
    names = {**after.names, **before.names, UNASSIGNED: after.names[UNASSIGNED], **NODE_NAMES}
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "previous_segment_id": left,
            "segment_id": there,
            "previous_segment": pd.Series(left).map(names).to_numpy(),
            "segment": pd.Series(there).map(names).to_numpy(),
            "changed_on": np.where(left != there, np.datetime64(after.on, "s"), np.datetime64("NaT", "s")),
            "cause": _causes(left, there, ruler=ruler, acted=_acted(before, after, was=was, now=now)),
            "ruler_moved": ruler,
            "kept_segment_id": by_old,
            "money": _money(before, after, was=was, now=now),
        }
    )
    return Movement(before.on, after.on, names, customers, identity)


def _segments(shot: Snapshot) -> dict[int, str]:
    return {i: name for i, name in shot.names.items() if i >= 0}


def _unknown_before(before: Snapshot, after: Snapshot) -> Labels:
    """What the customers of the later snapshot are if the earlier one lacks them: new, or overlooked."""
    days = _days_between(before, after)
    if days is None or after.tenure_days is None:
        return np.full(len(after), NEW, dtype=np.int32)
    return np.where(after.tenure_days < days, NEW, APPEARED).astype(np.int32)


def _days_between(before: Snapshot, after: Snapshot) -> int | None:
    return None if before.on is None or after.on is None else (after.on - before.on).days


def _acted(
    before: Snapshot, after: Snapshot, *, was: npt.NDArray[np.intp], now: npt.NDArray[np.intp]
) -> Flags:
    """Who ordered or returned something in between; everybody where that is not known."""
    days = _days_between(before, after)
    if days is None or after.recency_days is None:
        return np.ones(len(was), dtype=bool)
    acted: Flags = after.recency_days[now] < days
    if before.money is not None and after.money is not None:
        acted |= before.money[was] != after.money[now]
    return acted


def _causes(left: Labels, there: Labels, *, ruler: Flags, acted: Flags) -> npt.NDArray[np.object_]:
    arrivals, ageing, behaviour, refit, records = CAUSES
    chosen = np.select(
        [left == there, (left == APPEARED) | (there == LOST), left == NEW, ruler, acted],
        ["", records, arrivals, refit, behaviour],
        default=ageing,
    )
    return chosen.astype(object)


def _money(
    before: Snapshot, after: Snapshot, *, was: npt.NDArray[np.intp], now: npt.NDArray[np.intp]
) -> Floats:
    """Net spend up to the later day; of those who are no longer there up to the earlier one."""
    then, later = (np.full(len(s), np.nan) if s.money is None else s.money for s in (before, after))
    return np.where(now >= 0, later[now], then[was])
