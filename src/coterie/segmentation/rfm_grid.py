"""The marketer's grid: recency and frequency in fifths, every cell with one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin

from coterie.segmentation.fitting import State, export_state, restore_state, rows_to_fit, rows_to_place

RFM_GROUPS: dict[str, tuple[range, range]] = {
    "Champions": (range(5, 6), range(4, 6)),
    "Loyal": (range(3, 5), range(4, 6)),
    "Potential loyalist": (range(4, 6), range(2, 4)),
    "Can't lose them": (range(1, 3), range(5, 6)),
    "Need attention": (range(3, 4), range(3, 4)),
    "At risk": (range(1, 3), range(3, 5)),
    "New": (range(5, 6), range(1, 2)),
    "Promising": (range(4, 5), range(1, 2)),
    "About to sleep": (range(3, 4), range(1, 3)),
    "Hibernating": (range(2, 3), range(1, 3)),
    "Lost": (range(1, 2), range(1, 3)),
}
"""Recency scores and frequency scores (5 = best) of every group, the most valuable group first."""

RFM_CELLS: dict[tuple[int, int], str] = {
    (r, f): name
    for name, (recencies, frequencies) in RFM_GROUPS.items()
    for r in recencies
    for f in frequencies
}
"""Group name of every cell (recency score, frequency score); monetary never changes the name."""

_COLUMNS = ("recency", "frequency", "monetary")
_FIFTHS = (0.2, 0.4, 0.6, 0.8)


class RFMGrid(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Recency, frequency and monetary in fifths; the 5 x 5 grid of R and F gives the named groups.

    A score is one more than the number of cut points below the value, so equal values get equal scores.
    The cut points are the values at 20, 40, 60 and 80 % of the customers; where one value fills more
    than a fifth (48 % with a single order) several coincide and the scores between them do not occur.
    The lowest frequency is always 1, the most recent customers are always 5.

    Attributes
    ----------
    cut_points_ : dict of str to ndarray of shape (4,)
        Per column ("recency", "frequency", "monetary"), in the units of the data.
    scores_ : ndarray of shape (n, 2 or 3), int32, 1-5
        Recency (5 = most recent), frequency and, if given, monetary.
    labels_ : ndarray of shape (n,), int32
        Groups that occur, in the order of `RFM_GROUPS`.
    names_ : tuple of str
        Name per label.

    Notes
    -----
    Raw columns by position: recency (small is good), frequency, monetary (optional, scored only);
    further columns are not looked at.

    Examples
    --------
    >>> grid = RFMGrid().fit([[5, 9], [20, 7], [40, 3], [90, 1], [300, 1]])
    >>> [grid.names_[label] for label in grid.labels_]
    ['Champions', 'Loyal', 'Need attention', 'Hibernating', 'Lost']
    """

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find the cut points and the groups that occur; y is ignored.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : object
            Is ignored.

        Returns
        -------
        self
        """
        rows = rows_to_fit(self, X, ensure_min_features=2)[:, : len(_COLUMNS)]
        self.knots_ = np.quantile(rows, (0.0, *_FIFTHS, 1.0), axis=0, method="inverted_cdf")
        self.scores_ = self._score(rows)
        groups = _group_of_cells()[self.scores_[:, 0], self.scores_[:, 1]]
        occurring, self.labels_ = np.unique(groups, return_inverse=True)
        self.labels_ = self.labels_.astype(np.int32)
        self.names_ = tuple(list(RFM_GROUPS)[group] for group in occurring)
        self.n_clusters_ = len(self.names_)
        return self

    @property
    def cut_points_(self) -> dict[str, npt.NDArray[np.float64]]:
        """The four cut points per column, in the units of the data."""
        return {name: knots[1:-1] for name, knots in zip(_COLUMNS, self.knots_.T, strict=False)}

    def _score(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """Scores 1-5 of the columns by the stored cut points."""
        below = [
            np.searchsorted(cuts, column, side="left")
            for cuts, column in zip(self.knots_[1:-1].T, X.T, strict=False)
        ]
        scores = np.column_stack(below) + 1
        scores[:, 0] = 6 - scores[:, 0]
        return scores.astype(np.int32)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Label per row, int32; a cell whose group did not occur in the fit goes to the nearest that did.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        scores = self._score(rows_to_place(self, X))
        return _label_of_cells(self.names_)[scores[:, 0], scores[:, 1]]

    def margin(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Distance to the nearest cut point of R or F: 1 in the middle of a fifth, 0 on the cut.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = rows_to_place(self, X)
        sides = [_clearance(rows[:, j], np.unique(self.knots_[:, j])) for j in (0, 1)]
        return np.minimum(*sides)

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        return export_state(self, "knots_", "names_", "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from.

        Parameters
        ----------
        state : mapping
            What `export` gave.

        Returns
        -------
        Self
        """
        return restore_state(cls, state)


def _group_of_cells() -> npt.NDArray[np.intp]:
    """Position in RFM_GROUPS by [recency score, frequency score]."""
    groups = np.zeros((6, 6), dtype=np.intp)
    for position, (recencies, frequencies) in enumerate(RFM_GROUPS.values()):
        groups[np.ix_(recencies, frequencies)] = position
    return groups


def _label_of_cells(names: tuple[str, ...]) -> npt.NDArray[np.int32]:
    """Label by [recency score, frequency score] when only these groups exist.

    The nearest cell counts by steps on the grid, the better group on a tie.
    """
    known = {cell: names.index(name) for cell, name in RFM_CELLS.items() if name in names}
    labels = np.zeros((6, 6), dtype=np.int32)
    for r, f in RFM_CELLS:
        labels[r, f] = min((abs(r - a) + abs(f - b), label) for (a, b), label in known.items())[1]
    return labels


def _clearance(values: npt.NDArray[np.float64], knots: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Twice the distance to the nearest inner knot in widths of a band, at most 1."""
    if len(knots) < 3:
        return np.ones(len(values))
    position = np.interp(values, knots, np.arange(len(knots)))
    inner = np.arange(1, len(knots) - 1)
    gaps: npt.NDArray[np.float64] = np.abs(position[:, None] - inner).min(axis=1)
    return np.minimum(1.0, 2.0 * gaps)
