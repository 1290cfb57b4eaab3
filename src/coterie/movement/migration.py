"""Where customers were and are: the migration matrix, flows and causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.movement.identity import Identity
from coterie.segmentation import UNASSIGNED

if TYPE_CHECKING:
    import pandas as pd

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
