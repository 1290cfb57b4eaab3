"""Which segment of a new run is which of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.assessment import jaccards
from coterie.segmentation import UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Collection

Labels = npt.NDArray[np.int32]

SAME = 0.6
"""Jaccard index of the customers both runs scored from which on a segment keeps its id and name."""
PARENT_SHARE = 0.25
"""An old segment that gave a new one at least this share of its members is a parent of it."""
HEIR_SHARE = 0.5
"""A segment that ends was merged into the one that took at least this share of its members."""


@dataclass(frozen=True)
class Identity:
    """What became of the segments of an earlier run.

    Attributes
    ----------
    ids : mapping of int to int
        Id from now on of every segment of the new run: that of the old segment it is, or a new one.
    similarity : mapping of int to float, 0-1
        Jaccard index of every segment that is kept, by its id.
    parents : mapping of int to tuple of int
        Of every new id the old segments its members came from, the largest giver first; a birth has none.
    births, deaths : tuple of int
        New ids without parents; old ids whose members went nowhere together.
    splits : mapping of int to tuple of int
        Old segments that parted, each with the two or more segments that got a quarter of it or more.
    merges : mapping of int to tuple of int
        Segments of the new run with the old ones that ended in them.
    """

    ids: Mapping[int, int]
    similarity: Mapping[int, float]
    parents: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    births: tuple[int, ...] = ()
    deaths: tuple[int, ...] = ()
    splits: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    merges: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every segment is one of those before and none has ended."""
        return not (self.parents or self.births or self.deaths or self.splits or self.merges)

    def apply(self, labels: Labels) -> Labels:
        """The segments of the new run under the ids they have from now on.

        Parameters
        ----------
        labels : ndarray of shape (n,), int32

        Returns
        -------
        ndarray of shape (n,), int32
        """
        to = np.full(max(self.ids, default=-1) + 2, UNASSIGNED, dtype=np.int32)
        to[list(self.ids)] = list(self.ids.values())
        return to[labels]

    def sentences(self, names: Mapping[int, str]) -> tuple[str, ...]:
        """Say what changed among the segments.

        Parameters
        ----------
        names : mapping of int to str
            Of the old segments and the new ones, by id.

        Returns
        -------
        tuple of str
            Empty if all are as before.
        """
        said = [f"{names[i]} is new: its members were in no segment." for i in self.births]
        said += [f"{names[i]} is new, from {_listed(names, ids)}." for i, ids in self.parents.items()]
        said += [f"{names[i]} parted into {_listed(names, ids)}." for i, ids in self.splits.items()]
        said += [f"{_listed(names, ids)} went into {names[i]}." for i, ids in self.merges.items()]
        said += [f"{names[i]} is no more; its members are spread." for i in self.deaths]
        return tuple(said)


def same_segments(old: Labels, new: Labels, *, least: float = SAME) -> dict[int, tuple[int, float]]:
    """Find the segments of an earlier run again by the customers both runs placed.

    Parameters
    ----------
    old, new : ndarrays of shape (n,), int32
        Segments of the same customers; -1 = in none.
    least : float, 0-1
        Jaccard index from which on a segment is the same one.

    Returns
    -------
    dict of int to (int, float)
        By old segment the new one and their Jaccard index, for those that are found.

    References
    ----------
    .. [1] Kuhn (1955). The Hungarian method for the assignment problem.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = jaccards(old, new, n_segments=int(old.max(initial=-1)) + 1)
    # What is too unlike to be the same must not take the place of what is.
    pairs = zip(*linear_sum_assignment(-np.where(overlap >= least, overlap, 0.0)), strict=True)
    return {int(i): (int(j), float(overlap[i, j])) for i, j in pairs if overlap[i, j] >= least}


def identify(
    old: Labels, new: Labels, *, known: Collection[int] = (), found: Collection[int] = ()
) -> Identity:
    """Say which segment of a new run is which of an earlier one, and what became of the others.

    Parameters
    ----------
    old, new : ndarrays of shape (n,), int32
        Segments the two runs put the same customers into; -1 = in none.
    known, found : collection of int
        Ids of all segments of the earlier and of the new run, with those nobody here is in.

    Returns
    -------
    Identity
        A segment is the same with a Jaccard index of 0.6 or more; the others get ids above all old ones.

    References
    ----------
    .. [1] Spiliopoulou, Ntoutsi, Theodoridis, Schult (2006). MONIC: modeling and monitoring cluster
       transitions. KDD. Survival there is an overlap of half the old members; here both sides count.

    Examples
    --------
    >>> identify(np.array([0, 0, 1, 1, 2, 2]), np.array([1, 1, 0, 0, 0, 0])).merges
    {3: (1, 2)}
    """
    before, after = _present(old, known), _present(new, found)
    same = same_segments(old, new)
    ids = {j: i for i, (j, _) in same.items()}
    fresh = [j for j in after if j not in ids]
    ids |= {j: number for number, j in enumerate(fresh, start=max(before, default=-1) + 1)}
    shared = _shared(old, new, before=before, after=after)
    parents = {ids[j]: _givers(shared, before, at=after.index(j)) for j in fresh}
    ended = [i for i in before if i not in same]
    heirs = {i: [(ids[j], share) for j, share in _takers(shared, after, at=before.index(i))] for i in ended}
    splits = {i: tuple(j for j, _ in to) for i, to in heirs.items() if len(to) > 1}
    merges: dict[int, tuple[int, ...]] = {}
    for i in (i for i in ended if i not in splits):
        for j in [j for j, share in heirs[i] if share >= HEIR_SHARE]:
            merges[j] = (*merges.get(j, ()), i)
    # A new segment with one parent that ended in it is a changed one, no merger of two.
    merges = {j: sources for j, sources in merges.items() if len(sources) > 1 or not parents.get(j)}
    replaced = {i for sources in (*merges.values(), *parents.values()) for i in sources} | {*splits}
    return Identity(
        ids=dict(sorted(ids.items())),
        similarity={i: share for i, (_, share) in sorted(same.items())},
        parents={j: from_ for j, from_ in parents.items() if from_},
        births=tuple(j for j, from_ in parents.items() if not from_),
        deaths=tuple(i for i in ended if i not in replaced),
        splits=splits,
        merges=merges,
    )


def _present(labels: Labels, known: Collection[int]) -> list[int]:
    return sorted({*map(int, np.unique(labels)), *known} - {UNASSIGNED})


def _shared(old: Labels, new: Labels, *, before: list[int], after: list[int]) -> npt.NDArray[np.int64]:
    """Customers of every old segment (row) in every new one; the last row and column are in none."""
    rows = np.searchsorted(before, old) % (len(before) + 1)
    columns = np.searchsorted(after, new)
    rows, columns = np.where(old < 0, len(before), rows), np.where(new < 0, len(after), columns)
    width = len(after) + 1
    return np.bincount(rows * width + columns, minlength=(len(before) + 1) * width).reshape(-1, width)


def _givers(shared: npt.NDArray[np.int64], before: list[int], *, at: int) -> tuple[int, ...]:
    column = shared[:, at]
    order = np.argsort(-column[:-1], kind="stable")
    return tuple(before[i] for i in order if 0 < column[i] >= PARENT_SHARE * column.sum())


def _takers(shared: npt.NDArray[np.int64], after: list[int], *, at: int) -> list[tuple[int, float]]:
    row = shared[at]
    order = np.argsort(-row[:-1], kind="stable")
    return [(after[j], float(row[j] / row.sum())) for j in order if 0 < row[j] >= PARENT_SHARE * row.sum()]


def _listed(names: Mapping[int, str], ids: tuple[int, ...]) -> str:
    words = [names[i] for i in ids]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
