"""Who moved between two snapshots, from where to where, and whether people changed or the ruler moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.movement.identity import Identity, identify
from coterie.movement.snapshots import Snapshot, snapshot_of, snapshot_on, take_snapshot
from coterie.segmentation import UNASSIGNED

if TYPE_CHECKING:
    import pandas as pd

    from coterie.preprocessing import DataQuality
    from coterie.segmentation import Model, Segmentation
    from coterie.sources import Dataset

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NEW, APPEARED, LOST = -2, -3, -4
"""Nodes beside the segments: first bought in between; known before and yet not in the earlier data; gone."""

NODE_NAMES = {NEW: "New customers", APPEARED: "Not in the earlier data", LOST: "No longer in the data"}

CAUSES = ("arrivals", "ageing", "behaviour", "refit", "records")
"""Why somebody is elsewhere: came new; only time passed; ordered or returned; the model; only the data."""


@dataclass(frozen=True, eq=False)
class Movement:
    """Where customers were and where they are.

    Attributes
    ----------
    start, end : date or None
    names : mapping of int to str
        Of every segment before or after, of those in none (-1), new (-2), appeared (-3) and lost (-4).
    customers : DataFrame of shape (n, 10)
        One row for everybody in either snapshot, ordered by customer_id: customer_id,
        previous_segment_id, segment_id, previous_segment, segment, changed_on (the end of the period for
        those who moved, else missing), cause (of CAUSES; empty for those who stayed), ruler_moved
        (whether the old model would have left them where they were), kept_segment_id (where the old model
        puts them now) and money (net spend so far; missing without orders).
    identity : Identity or None
        Which segment of the later model is which; None if there is one model only.
    """

    start: date | None
    end: date | None
    names: Mapping[int, str]
    customers: pd.DataFrame
    identity: Identity | None = None

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Nodes one can come from: segments, those in none, new and appeared customers."""
        return self._nodes("previous_segment_id", (UNASSIGNED, NEW, APPEARED))

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """Nodes one can be in: segments, those in none, lost customers."""
        return self._nodes("segment_id", (UNASSIGNED, LOST))

    def _nodes(self, column: str, others: Sequence[int]) -> tuple[int, ...]:
        present = set(self.customers[column].unique().tolist())
        segments = sorted(i for i in self.names if i >= 0)
        return (*segments, *(node for node in others if node in present))

    @property
    def n_moved(self) -> int:
        """Customers known before and after who are in another segment."""
        return int(self._moved_within.sum())

    @property
    def moved_share(self) -> float | None:
        """The same as a share of those known before and after; None if there are none."""
        both = int(((self._from >= UNASSIGNED) & (self._to >= UNASSIGNED)).sum())
        return self.n_moved / both if both else None

    @property
    def n_new(self) -> int:
        """Customers who first bought in between."""
        return int((self._from == NEW).sum())

    @property
    def n_appeared(self) -> int:
        """Customers who bought before the start and yet were not in the earlier data."""
        return int((self._from == APPEARED).sum())

    @property
    def n_lost(self) -> int:
        """Customers of the earlier data who are not in the later."""
        return int((self._to == LOST).sum())

    def matrix(self, *, money: bool = False) -> pd.DataFrame:
        """Customers, or their money, by where they were (row) and where they are (column).

        Parameters
        ----------
        money : bool

        Returns
        -------
        DataFrame of shape (n_rows, n_columns), int64 or float64
            Rows and columns are named by the ids of the nodes; everybody is in one cell. Money is net
            spend up to the end, of lost customers up to the start.

        Raises
        ------
        ParameterError
            If money is asked for and there are no orders.
        """
        import pandas as pd

        rows, columns = pd.Index(self.rows), pd.Index(self.columns)
        at = rows.get_indexer(pd.Index(self._from)) * len(columns) + columns.get_indexer(pd.Index(self._to))
        weights = self._money if money else None
        cells = np.bincount(at, weights=weights, minlength=len(rows) * len(columns))
        return pd.DataFrame(cells.reshape(len(rows), -1), index=rows, columns=columns)

    def shares(self, *, money: bool = False) -> pd.DataFrame:
        """The migration matrix as shares of each row.

        Parameters
        ----------
        money : bool

        Returns
        -------
        DataFrame of shape (n_rows, n_columns), 0-1
            Each row sums to 1; one that nobody (or no money) was in is missing.

        Raises
        ------
        ParameterError
            As `matrix`.
        """
        counts = self.matrix(money=money)
        totals = counts.sum(axis=1)
        return counts.div(totals.where(totals > 0), axis=0)

    def flows(self) -> pd.DataFrame:
        """Every way from one node to another with the people and money on it.

        Returns
        -------
        DataFrame
            from_id, to_id, from, to, n_customers, n_people_changed, n_ruler_moved (the two add up to
            n_customers), money; those who stayed are not in it; most people first.
        """
        return self._grouped(["from_id", "to_id"])

    def causes(self) -> pd.DataFrame:
        """The same, each flow parted by cause.

        Returns
        -------
        DataFrame
            As of `flows`, with a column cause.
        """
        return self._grouped(["from_id", "to_id", "cause"])

    def members(self, where: Mapping[str, Any]) -> npt.NDArray[np.object_]:
        """The customers of a flow.

        Parameters
        ----------
        where : mapping
            Any of "from" and "to" (ids of nodes) and "cause".

        Returns
        -------
        ndarray of shape (n,), str objects, ascending
        """
        columns = {"from": "previous_segment_id", "to": "segment_id", "cause": "cause"}
        inside = np.ones(len(self.customers), dtype=bool)
        for name, value in where.items():
            inside &= (self.customers[columns[name]] == value).to_numpy()
        return self.customers["customer_id"].to_numpy(dtype=object)[inside]

    @property
    def _from(self) -> Labels:
        return self.customers["previous_segment_id"].to_numpy()

    @property
    def _to(self) -> Labels:
        return self.customers["segment_id"].to_numpy()

    @property
    def _money(self) -> Floats:
        money = self.customers["money"].to_numpy(dtype=np.float64)
        if np.isnan(money).any():
            raise ParameterError("Without amounts of orders there is no money to count", where="money")
        return money

    @property
    def _moved_within(self) -> Flags:
        both = (self._from >= UNASSIGNED) & (self._to >= UNASSIGNED)
        moved: Flags = both & (self._from != self._to)
        return moved

    def _grouped(self, by: list[str]) -> pd.DataFrame:
        told = self.customers.rename(columns={"previous_segment_id": "from_id", "segment_id": "to_id"})
        told = told[told.from_id != told.to_id]
        flows = told.groupby(by, as_index=False).agg(
            n_customers=("customer_id", "size"),
            n_ruler_moved=("ruler_moved", "sum"),
            money=("money", lambda values: values.sum(min_count=1)),
        )
        flows["n_people_changed"] = flows.n_customers - flows.n_ruler_moved
        flows["from"], flows["to"] = flows.from_id.map(self.names), flows.to_id.map(self.names)
        order = ["from", "to", "n_customers", "n_people_changed", "n_ruler_moved", "money"]
        flows = flows.sort_values(["n_customers", *by], ascending=[False] + [True] * len(by))
        return flows[[*by, *order]].reset_index(drop=True)


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
    model: Model, dataset: Dataset, dates: Sequence[date], *, quality: DataQuality | None = None
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
