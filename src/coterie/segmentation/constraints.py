"""What an expert demands of a clustering: rows that stay together, apart, or in a given cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coterie.errors import ParameterError

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

FREE = -1
"""The pin of a row that may be in any cluster."""
MAX_TRIES = 100_000
"""Placements tried before rows that exclude each other are given up as too entangled."""


@dataclass(frozen=True)
class Constraints:
    """Rows as groups that move as one, with the groups that exclude each other.

    Attributes
    ----------
    group : ndarray of shape (n,), int
        Group of every row: rows that must be together, directly or through others.
    pinned : ndarray of shape (n_groups,), int32
        Cluster the group must be in, or -1.
    apart : dict of int to tuple of int
        Per group that excludes others, those.
    n_clusters : int
    """

    group: npt.NDArray[np.intp]
    pinned: Labels
    apart: dict[int, tuple[int, ...]]
    n_clusters: int

    def placed(self, squared: Floats) -> Labels:
        """The cluster of every group: the nearest that keeps what was demanded.

        Parameters
        ----------
        squared : ndarray of shape (n_groups, n_clusters)
            Squared distances to the centres.

        Returns
        -------
        ndarray of shape (n_groups,), int32

        Raises
        ------
        ParameterError
            If there are too few clusters to keep groups apart.
        """
        labels = np.where(self.pinned == FREE, squared.argmin(axis=1), self.pinned).astype(np.int32)
        entangled = [group for group in self.apart if self.pinned[group] == FREE]
        search = _Search(self, squared, labels=labels)
        # Who loses most by the second choice chooses first.
        regret = np.diff(np.sort(squared[entangled], axis=1)[:, :2], axis=1).sum(axis=1)
        search.place([entangled[i] for i in np.argsort(-regret, kind="stable")])
        return labels

    def rows_of(self, groups: list[int]) -> str:
        """The first row of each group, for a sentence."""
        return ", ".join(str(int(np.flatnonzero(self.group == group)[0])) for group in groups[:10])


class _Search:
    """Places groups that exclude each other one after the other, and steps back where one has no place."""

    def __init__(self, constraints: Constraints, squared: Floats, *, labels: Labels) -> None:
        self._constraints, self._squared, self._labels = constraints, squared, labels
        self._placed = {group for group in constraints.apart if constraints.pinned[group] != FREE}

    def place(self, groups: list[int]) -> None:
        """Label the groups, trying nearer clusters first; those with least room go first."""
        order: list[tuple[int, list[int]]] = []
        waiting = list(groups)
        tries = 0
        while waiting:
            tries += 1
            group = min(waiting, key=lambda g: len(self._room(g)))
            room = self._room(group)
            while not room:
                if not order or tries > MAX_TRIES:
                    raise self._refusal(group)
                group, room = order.pop()
                self._placed.discard(group)
                waiting.append(group)
            self._labels[group] = room[0]
            self._placed.add(group)
            waiting.remove(group)
            order.append((group, room[1:]))

    def _room(self, group: int) -> list[int]:
        """Clusters no excluded group is in, nearest first."""
        apart = self._constraints.apart[group]
        taken = {int(self._labels[other]) for other in apart if other in self._placed}
        return [int(c) for c in np.argsort(self._squared[group], kind="stable") if c not in taken]

    def _refusal(self, group: int) -> ParameterError:
        rows = self._constraints.rows_of([group, *self._constraints.apart[group]])
        return ParameterError(
            f"The rows {rows} cannot all be kept apart in {self._constraints.n_clusters} clusters",
            where="cannot_link",
            to_do="Ask for more clusters, or let some of them be together",
        )


def checked_constraints(
    n: int,
    n_clusters: int,
    *,
    must_link: npt.ArrayLike | None,
    cannot_link: npt.ArrayLike | None,
    pinned: npt.ArrayLike | None,
) -> Constraints | None:
    """Put the demands on n rows together, and refuse those that contradict each other.

    Parameters
    ----------
    n, n_clusters : int
    must_link, cannot_link : array-like of shape (m, 2), int, or None
        Pairs of rows that must be together, or must not.
    pinned : array-like of shape (n,), int, or None
        Cluster every row must be in, -1 for any.

    Returns
    -------
    Constraints or None
        None if nothing is demanded.

    Raises
    ------
    ParameterError
        If a row or cluster does not exist, or two demands cannot both be met; says which rows.
    """
    together, separate = _pairs(must_link, n, name="must_link"), _pairs(cannot_link, n, name="cannot_link")
    pins = _pins(pinned, n, n_clusters=n_clusters)
    if not len(together) and not len(separate) and (pins == FREE).all():
        return None
    links = coo_array((np.ones(len(together)), (together[:, 0], together[:, 1])), shape=(n, n))
    n_groups, group = connected_components(links, directed=False)
    _refuse_links_within(group, separate)
    of_group = _pins_of_groups(group, pins, n_groups=n_groups)
    apart: dict[int, set[int]] = {}
    for a, b in separate:
        first, second = int(group[a]), int(group[b])
        if of_group[first] == of_group[second] != FREE:
            raise ParameterError(
                f"The rows {a} and {b} must not be together, but both belong to cluster {of_group[first]}",
                where="cannot_link",
            )
        apart.setdefault(first, set()).add(second)
        apart.setdefault(second, set()).add(first)
    ordered = {first: tuple(sorted(others)) for first, others in sorted(apart.items())}
    return Constraints(group.astype(np.intp), of_group, ordered, n_clusters)


def _pairs(pairs: npt.ArrayLike | None, n: int, *, name: str) -> npt.NDArray[np.intp]:
    if pairs is None:
        return np.empty((0, 2), dtype=np.intp)
    given = np.asarray(pairs)
    if given.size == 0:
        return np.empty((0, 2), dtype=np.intp)
    if given.ndim != 2 or given.shape[1] != 2 or given.dtype.kind not in "iu":
        raise ParameterError(f"{name} must be pairs of rows, shape (m, 2), whole numbers", where=name)
    strange = given[(given < 0) | (given >= n)]
    if len(strange):
        raise ParameterError(f"{name} names row {strange[0]}; there are {n} rows, from 0", where=name)
    return given.astype(np.intp)


def _pins(pinned: npt.ArrayLike | None, n: int, *, n_clusters: int) -> Labels:
    if pinned is None:
        return np.full(n, FREE, dtype=np.int32)
    given = np.asarray(pinned)
    if given.shape != (n,) or given.dtype.kind not in "iu":
        raise ParameterError(f"pinned must be {n} whole numbers, one a row", where="pinned")
    strange = np.flatnonzero((given < FREE) | (given >= n_clusters))
    if len(strange):
        row = strange[0]
        raise ParameterError(
            f"pinned puts row {row} into cluster {given[row]}; there are {n_clusters}, from 0",
            where="pinned",
        )
    return given.astype(np.int32)


def _refuse_links_within(group: npt.NDArray[np.int32], separate: npt.NDArray[np.intp]) -> None:
    for a, b in separate:
        if group[a] == group[b]:
            through = "" if a == b else ", directly or through others"
            raise ParameterError(
                f"The rows {a} and {b} must not be together, but must_link puts them together{through}",
                where="cannot_link",
            )


def _pins_of_groups(group: npt.NDArray[np.int32], pins: Labels, *, n_groups: int) -> Labels:
    of_group = np.full(n_groups, FREE, dtype=np.int32)
    first = np.full(n_groups, FREE, dtype=np.intp)
    for row in np.flatnonzero(pins != FREE):
        at = group[row]
        if of_group[at] not in (FREE, pins[row]):
            raise ParameterError(
                f"The rows {first[at]} and {row} must be together, but belong to the clusters"
                f" {of_group[at]} and {pins[row]}",
                where="pinned",
            )
        of_group[at], first[at] = pins[row], row
    return of_group
