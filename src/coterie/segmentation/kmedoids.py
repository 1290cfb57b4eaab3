"""Clusters around rows that exist: k-medoids by eager swaps."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import Tags

from coterie.errors import ParameterError
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
)
from coterie.segmentation.nearest import consecutive, distance_margin

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

MAX_ROWS = 5_000
"""More rows would need more than 0.2 GB of distances, and minutes."""
_METRICS = ("manhattan", "gower", "precomputed")


class KMedoids(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Put each row with the nearest of k rows, chosen so that the distances sum to the least.

    A medoid is a real customer, and distances need not be squared or even be of numbers. For up to
    5,000 rows.

    Parameters
    ----------
    n_clusters : int
    metric : {"manhattan", "gower", "precomputed"}
        Sum of absolute differences; the same with every column divided by its range and by the number of
        columns (Gower's distance of numbers); or X holds distances to the rows of the fit.

    Attributes
    ----------
    medoids_ : ndarray of shape (n_clusters_,)
        Rows of the fit that are medoids.
    labels_ : ndarray of shape (n,), int32
    n_clusters_ : int
        Fewer than asked if fewer rows differ.
    inertia_ : float
        Sum of distances to the own medoid.

    References
    ----------
    .. [1] Gower (1971). A general coefficient of similarity and some of its properties. Biometrics 27(4).
    .. [2] Schubert, Rousseeuw (2021). Fast and eager k-medoids clustering. Information Systems 101.

    Examples
    --------
    >>> KMedoids(2).fit([[0.0], [1.0], [3.0], [90.0]]).medoids_.tolist()
    [1, 3]
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        metric: Literal["manhattan", "gower", "precomputed"] = "manhattan",
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find the medoids; y is ignored.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : object
            Is ignored.

        Returns
        -------
        self
        """
        rows = rows_to_fit(self, X)
        require_rows(len(rows), "n_clusters", wanted=self.n_clusters)
        if self.metric not in _METRICS:
            raise ParameterError(f"metric={self.metric!r} is none of {', '.join(_METRICS)}", where="metric")
        if len(rows) > MAX_ROWS:
            raise ParameterError(
                f"K-medoids compares every row with every other: {len(rows):,} rows are more than"
                f" {MAX_ROWS:,}",
                where="X",
                to_do="Use kmeans, or a sample of the rows",
            )
        distances = self._all_distances(rows)
        medoids = np.sort(swapped(distances, built(distances, self.n_clusters)))
        used, _ = consecutive(distances[:, medoids].argmin(axis=1).astype(np.int32))
        self.medoids_ = medoids[used]
        self.n_clusters_ = len(used)
        if self.metric != "precomputed":
            self.medoid_rows_ = rows[self.medoids_]
        to_medoids = distances[:, self.medoids_]
        self.labels_ = to_medoids.argmin(axis=1).astype(np.int32)
        self.inertia_ = float(to_medoids.min(axis=1).sum())
        return self

    def _all_distances(self, X: Floats) -> Floats:
        if self.metric == "precomputed":
            if X.shape[0] != X.shape[1] or (X < 0).any():
                raise ParameterError(
                    f"Precomputed distances must be square and 0 or more; X has shape {X.shape}", where="X"
                )
            return X
        span = np.ptp(X, axis=0)
        is_gower = self.metric == "gower"
        self.unit_ = np.where(span > 0, span, 1.0) * X.shape[1] if is_gower else np.ones(X.shape[1])
        return self._between(X, X)

    def _between(self, X: Floats, others: Floats) -> Floats:
        distances: Floats = cdist(X / self.unit_, others / self.unit_, "cityblock")
        return distances

    def _to_medoids(self, X: npt.ArrayLike) -> Floats:
        rows = rows_to_place(self, X)
        return (
            rows[:, self.medoids_] if self.metric == "precomputed" else self._between(rows, self.medoid_rows_)
        )

    def predict(self, X: npt.ArrayLike) -> Labels:
        """Nearest medoid per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return np.asarray(self._to_medoids(X).argmin(axis=1), dtype=np.int32)

    def margin(self, X: npt.ArrayLike) -> Floats:
        """(second nearest - nearest) / second nearest distance to a medoid, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        distances = self._to_medoids(X)
        if self.n_clusters_ == 1:
            return np.ones(len(distances))
        return distance_margin(distances, distances.argmin(axis=1).astype(np.int32))

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        places = () if self.metric == "precomputed" else ("medoid_rows_", "unit_")
        return export_state(self, "medoids_", *places, "n_clusters_", "n_features_in_", "inertia_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from.

        Parameters
        ----------
        state : mapping
            Of `export`.

        Returns
        -------
        fitted estimator
        """
        return restore_state(cls, state)

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags


def built(distances: Floats, k: int) -> npt.NDArray[np.intp]:
    """First medoids: one after the other the row that lowers the sum of distances most.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
    k : int

    Returns
    -------
    ndarray of shape (k,)
    """
    medoids = [int(distances.sum(axis=0).argmin())]
    nearest = distances[:, medoids[0]].copy()
    while len(medoids) < k:
        gains = np.maximum(nearest[:, None] - distances, 0.0).sum(axis=0)
        gains[medoids] = -1.0
        medoids.append(int(gains.argmax()))
        nearest = np.minimum(nearest, distances[:, medoids[-1]])
    return np.array(medoids, dtype=np.intp)


def swapped(distances: Floats, medoids: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Medoids after every swap with another row that lowers the sum of distances, each made at once.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
    medoids : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k,)
    """
    medoids, k = medoids.copy(), len(medoids)
    near = _Near(distances, medoids)
    since_swap = 0
    for row in cycle(range(len(distances))):
        if since_swap == len(distances):
            return medoids
        since_swap += 1
        if row in medoids:
            continue
        to_row = distances[:, row]
        nearer = to_row < near.first
        saved = (near.first - to_row)[nearer].sum()
        lost = np.where(nearer, 0.0, np.minimum(to_row, near.second) - near.first)
        change = np.bincount(near.own, weights=lost, minlength=k) - saved
        if change.min() < -1e-12 * near.first.sum():
            medoids[change.argmin()] = row
            near = _Near(distances, medoids)
            since_swap = 0
    return medoids


class _Near:
    """Position of every row's medoid, and the distances to it and to the second nearest."""

    def __init__(self, distances: Floats, medoids: npt.NDArray[np.intp]) -> None:
        to_medoids = distances[:, medoids]
        self.own = to_medoids.argmin(axis=1)
        self.first = to_medoids.min(axis=1)
        farthest = np.full(len(distances), distances.max() + 1.0)
        rows = np.arange(len(distances))
        to_medoids[rows, self.own] = farthest
        self.second = to_medoids.min(axis=1)
