"""K-means that also finds out which columns separate the clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state

from coterie.kernels import lloyd, spread_seeds
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
    seeded_sample,
)
from coterie.segmentation.kmeans import KMeans
from coterie.segmentation.ladder import RUNG_STARTS
from coterie.segmentation.nearest import center_margin, consecutive, group_means, nearest_center

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

N_BOUNDS = 8
"""Bounds on the weights that are tried."""
N_STARTS = 5
MAX_ROUNDS = 15
SAMPLE_ROWS = 2_000
"""Rows on which weights are found: they are p numbers, and every bound is tried on permuted copies."""


class SparseKMeans(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """K-means in which columns that do not separate the clusters lose their weight.

    Columns are standardised. Weights and clusters are found in turn; how unequal the weights may be is
    chosen by the gap to copies of the data whose columns were shuffled. Worth its time with more than
    eight columns, some of them noise; the weights are suggestions for attribute weights.

    Parameters
    ----------
    n_clusters : int
    n_permutations : int
        Shuffled copies that every bound on the weights is compared with.
    random_state : int, RandomState or None

    Attributes
    ----------
    weights_ : ndarray of shape (n_features,)
        Weight per column, 0 or more; they sum to n_features.
    bound_ : float
        Bound on the sum of the weights at a sum of squares of 1, from 1 (one column) to the root of
        n_features (all alike).
    labels_ : ndarray of shape (n,), int32
    cluster_centers_ : ndarray of shape (n_clusters_, n_features)
        In standardised, weighted columns.
    n_clusters_ : int

    References
    ----------
    .. [1] Witten, Tibshirani (2010). A framework for feature selection in clustering. JASA 105(490),
       sections 3.1 and 3.2.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> X[:30, 0] += 9.0
    >>> SparseKMeans(2, random_state=0).fit(X).weights_.round(1)
    array([2., 0.])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_permutations: int = 10,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_permutations = n_permutations
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find weights and clusters; y is ignored.

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
        require_at_least("n_permutations", self.n_permutations, minimum=1)
        random = check_random_state(self.random_state)
        spread = rows.std(axis=0)
        self.location_, self.scale_ = rows.mean(axis=0), np.where(spread > 0, spread, 1.0)
        sample = self._standard(
            rows[seeded_sample(len(rows), max(SAMPLE_ROWS, self.n_clusters), random=random)]
        )
        weights = self._weights(sample, np.random.default_rng(random.randint(2**31 - 1)))
        self.weights_ = weights * len(weights) / weights.sum()
        means = KMeans(self.n_clusters, n_starts=RUNG_STARTS, random_state=random).fit(self._weighted(rows))
        self.cluster_centers_, self.labels_ = means.cluster_centers_, means.labels_
        self.n_clusters_ = means.n_clusters_
        return self

    def _standard(self, X: Floats) -> Floats:
        return np.asarray((X - self.location_) / self.scale_)

    def _weighted(self, X: Floats) -> Floats:
        return np.asarray(self._standard(X) * np.sqrt(self.weights_))

    def _weights(self, Z: Floats, random: np.random.Generator) -> Floats:
        """Weights at the bound whose separation stands out most from that of shuffled columns."""
        bounds = np.unique(np.geomspace(1.0 if Z.shape[1] == 1 else 1.2, np.sqrt(Z.shape[1]), N_BOUNDS))
        shuffled = [random.permuted(Z, axis=0) for _ in range(self.n_permutations)]
        gaps, found = [], []
        for bound in bounds:
            weights, separation = sparse_weights(Z, self.n_clusters, bound=bound, random=random)
            by_chance = [
                sparse_weights(copy, self.n_clusters, bound=bound, random=random)[1] for copy in shuffled
            ]
            gaps.append(np.log(max(separation, 1e-300)) - np.log(np.maximum(by_chance, 1e-300)).mean())
            found.append(weights)
        best = int(np.argmax(gaps))
        self.bound_ = float(bounds[best])
        return found[best]

    def predict(self, X: npt.ArrayLike) -> Labels:
        """Nearest centre per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return nearest_center(self._weighted(rows_to_place(self, X)), self.cluster_centers_)

    def margin(self, X: npt.ArrayLike) -> Floats:
        """(second nearest - nearest) / second nearest distance to a centre, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = self._weighted(rows_to_place(self, X))
        return center_margin(rows, self.cluster_centers_, labels=nearest_center(rows, self.cluster_centers_))

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        scales = ("weights_", "location_", "scale_", "bound_", "cluster_centers_")
        return export_state(self, *scales, "n_clusters_", "n_features_in_")

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


def sparse_weights(
    Z: Floats, n_clusters: int, *, bound: float, random: np.random.Generator
) -> tuple[Floats, float]:
    """Weights of columns and how far apart they set the clusters, found in turn with the clusters.

    Parameters
    ----------
    Z : ndarray of shape (n, p)
    n_clusters : int
    bound : float, 1 to sqrt(p)
        Most that the weights may sum to; their squares sum to 1.
    random : Generator

    Returns
    -------
    weights : ndarray of shape (p,)
    separation : float
        Weighted sum of squares between the clusters.
    """
    weights = np.full(Z.shape[1], 1.0 / np.sqrt(Z.shape[1]))
    centers: Floats | None = None
    for _ in range(MAX_ROUNDS):
        labels = _partition(Z * np.sqrt(weights), n_clusters, centers=centers, random=random)
        present, labels = consecutive(labels)
        means = group_means(Z, labels, n_groups=len(present))
        between = Z.var(axis=0) * len(Z) - ((Z - means[labels]) ** 2).sum(axis=0)
        before, weights = weights, _thresholded(np.maximum(between, 0.0), bound)
        centers = means * np.sqrt(weights)
        if np.abs(weights - before).sum() < 1e-4 * before.sum():
            break
    return weights, float(weights @ between)


def _partition(W: Floats, k: int, *, centers: Floats | None, random: np.random.Generator) -> Labels:
    """The best k-means labels of a few starts, or what the centres there are lead to."""
    if centers is not None and len(centers) == k:
        return lloyd(W, centers)[1]
    starts = [W[spread_seeds(W, random.random((k, 3)))] for _ in range(N_STARTS)]
    return min((lloyd(W, start) for start in starts), key=lambda found: found[2])[1]


def _thresholded(between: Floats, bound: float) -> Floats:
    """Weights in proportion to what exceeds the least threshold that keeps their sum within the bound."""
    if not between.any():
        return np.full(len(between), 1.0 / np.sqrt(len(between)))
    low, high = 0.0, float(between.max())
    weights = between / np.sqrt((between**2).sum())
    if weights.sum() <= bound:
        return np.asarray(weights)
    for _ in range(60):
        middle = (low + high) / 2
        kept = np.maximum(between - middle, 0.0)
        length = np.sqrt((kept**2).sum())
        if length > 0 and kept.sum() / length > bound:
            low = middle
        else:
            high = middle
    kept = np.maximum(between - low, 0.0)
    return np.asarray(kept / np.sqrt((kept**2).sum()))
