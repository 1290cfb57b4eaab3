"""What edits demand of an algorithm that can heed it: customers together, apart, or in one cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from coterie.investigation.edits import Edit, Move, Pin, SaveAs
from coterie.segmentation import rows_of

Pairs = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Demands:
    """Arrays as `KMeans.fit` takes them.

    Attributes
    ----------
    must_link, cannot_link : ndarray of shape (m, 2), int
        Pairs of rows.
    pinned : ndarray of shape (n,), int32
        Cluster of every row, -1 for any; clusters are numbered in the order they are first pinned to.
    """

    must_link: Pairs
    cannot_link: Pairs
    pinned: npt.NDArray[np.int32]


def demands_of(edits: Sequence[Edit], customer_ids: npt.NDArray[np.object_]) -> Demands:
    """What the moves, pins and saved lists among the edits demand of these customers.

    Parameters
    ----------
    edits : sequence of Edit
        Of one run; the last one that speaks of a customer holds.
    customer_ids : ndarray of shape (n,), str objects, ascending
        The rows; customers who are not among them are left aside.

    Returns
    -------
    Demands
    """
    group: dict[str, str] = {}
    for place, edit in enumerate(edits):
        if isinstance(edit, Move | Pin | SaveAs):
            key = f"saved {place}" if isinstance(edit, SaveAs) else f"segment {edit.segment_id}"
            group |= dict.fromkeys(edit.customer_ids, key)
    members = _members(group, customer_ids)
    pinned = np.full(len(customer_ids), -1, dtype=np.int32)
    for number, rows in enumerate(members):
        pinned[rows] = number
    together = [pair for rows in members for pair in pairwise(rows.tolist())]
    apart = [(int(one[0]), int(other[0])) for one, other in combinations(members, 2)]
    return Demands(_pairs(together), _pairs(apart), pinned)


def _members(group: Mapping[str, str], customer_ids: npt.NDArray[np.object_]) -> list[Pairs]:
    """Rows of each group that has any."""
    found = []
    for key in dict.fromkeys(group.values()):
        wanted = sorted(i for i, own in group.items() if own == key)
        found.append(rows_of(customer_ids, np.array(wanted, dtype=object)))
    return [rows for rows in found if len(rows)]


def _pairs(pairs: Sequence[tuple[int, int]]) -> Pairs:
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)
