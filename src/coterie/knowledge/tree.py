"""The segmentation as one small decision tree that anybody can run: in Python, or as SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, Predicate
from coterie.knowledge.cuts import Column
from coterie.knowledge.growth import Node, grow_tree
from coterie.knowledge.rules import every
from coterie.store import quoted_name, quoted_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Leaf:
    """One path through the tree: who fulfils all conditions goes into the segment."""

    conditions: tuple[Predicate, ...]
    segment_id: int


@dataclass(frozen=True)
class SegmentTree:
    """The definition of all segments by at most two leaves each.

    Attributes
    ----------
    leaves : tuple of Leaf
        Every customer fulfils the conditions of exactly one.
    names : dict of str by segment id
    fidelity : float or None, 0-1
        Share of held-out customers that a tree grown on the others puts where the model put them; the
        tree kept was then grown on all. None if nobody could be held out.
    n_holdout : int
        Customers `fidelity` was measured on.
    """

    leaves: tuple[Leaf, ...]
    names: Mapping[int, str]
    fidelity: float | None
    n_holdout: int

    @property
    def n_leaves(self) -> int:
        """How many paths there are."""
        return len(self.leaves)

    def predict(self, X: pd.DataFrame) -> npt.NDArray[np.int32]:
        """Segment id of each customer, from raw values compared in float64.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, >= n_features)
            The features by name, raw units.

        Returns
        -------
        ndarray of shape (n_customers,), int32
            -1 where a number the path needs is missing, as the SQL gives NULL there.
        """
        labels = np.full(len(X), -1, dtype=np.int32)
        for leaf in self.leaves:
            labels[every(leaf.conditions, X)] = leaf.segment_id
        return labels

    def sql(self, table: str = "customers") -> str:
        """An ANSI SQL query that adds segment_id and segment_name to a table of the features.

        Parameters
        ----------
        table : str
            Name of the table; it and all columns are quoted.

        Returns
        -------
        str
            NULL where a feature the path needs is NULL.
        """
        ids = self._case({leaf.segment_id: str(leaf.segment_id) for leaf in self.leaves})
        names = self._case({segment_id: quoted_text(name) for segment_id, name in self.names.items()})
        added = f'  {ids} AS "segment_id",\n  {names} AS "segment_name"'
        return f"SELECT *,\n{added}\nFROM {quoted_name(table)}\n"

    def _case(self, value: Mapping[int, str]) -> str:
        lines = []
        for leaf in self.leaves:
            condition = " AND ".join(c.sql() for c in leaf.conditions) or "1 = 1"
            lines.append(f"    WHEN {condition} THEN {value[leaf.segment_id]}")
        return "\n".join(["CASE", *lines, "  END"])


def fit_tree(
    columns: Sequence[Column],
    labels: npt.NDArray[np.int32],
    *,
    table: FeatureTable,
    grow: npt.NDArray[np.intp],
    held_out: npt.NDArray[np.intp],
    names: Mapping[int, str],
) -> SegmentTree:
    """A tree of at most two leaves per segment that repeats the labels.

    Parameters
    ----------
    columns : sequence of Column, all n customers
        The features that may be asked.
    labels : ndarray of shape (n,), int32
        Unassigned customers (-1) take no part.
    table : FeatureTable of n customers
    grow, held_out : ndarrays of positions, disjoint
        Fidelity is measured on `held_out`; the tree kept is grown on both.
    names : dict of str by segment id

    Returns
    -------
    SegmentTree
    """
    n_leaves = 2 * len(names)
    grow, held_out = grow[labels[grow] >= 0], held_out[labels[held_out] >= 0]
    trial = SegmentTree(
        _leaves(grow_tree(columns, labels, rows=grow, n_leaves=n_leaves), columns), names, None, 0
    )
    right = trial.predict(table.X.iloc[held_out]) == labels[held_out]
    everyone = np.sort(np.concatenate([grow, held_out]))
    kept = _leaves(grow_tree(columns, labels, rows=everyone, n_leaves=n_leaves), columns)
    return SegmentTree(kept, names, float(right.mean()) if len(right) else None, len(right))


def _leaves(node: Node, columns: Sequence[Column], *, above: tuple[Predicate, ...] = ()) -> tuple[Leaf, ...]:
    """All paths below a node, each without conditions that another one implies."""
    if node.low is None or node.high is None:
        order = {column.feature: position for position, column in enumerate(columns)}
        return (Leaf(_without_implied(above, order), node.label),)
    column = columns[node.column]
    low = _leaves(node.low, columns, above=(*above, column.low_side(node.cut)))
    return low + _leaves(node.high, columns, above=(*above, column.high_side(node.cut)))


def _without_implied(conditions: tuple[Predicate, ...], order: Mapping[str, int]) -> tuple[Predicate, ...]:
    tightest: dict[tuple[str, str], Predicate] = {}
    for condition in conditions:
        key = (condition.feature, f"!= {condition.value}" if condition.op == "!=" else condition.op)
        held = tightest.get(key)
        if held is None or _tighter(condition, held):
            tightest[key] = condition
    equal = {feature for feature, op in tightest if op == "=="}
    needed = [c for c in tightest.values() if not (c.op == "!=" and c.feature in equal)]
    return tuple(sorted(needed, key=lambda c: (order[c.feature], c.op != ">", c.op, str(c.value))))


def _tighter(one: Predicate, other: Predicate) -> bool:
    if isinstance(one.value, str) or isinstance(other.value, str):
        return False
    return bool(one.value < other.value if one.op == "<=" else one.value > other.value)
