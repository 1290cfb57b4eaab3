"""Agglomerative clustering: one tree, cut at any number of clusters."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage as exact_linkage
from scipy.spatial import cKDTree
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import KMeans as LloydKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from coterie.errors import ParameterError
from coterie.segmentation.fitting import (
    State,
    export_state,
    one_thread,
    require_at_least,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
    seeded_sample,
)
from coterie.segmentation.nearest import center_margin, consecutive, squared_distances

MICRO_CLUSTERS = 2_000
"""Leaves of the tree where the rows themselves are too many."""
MICRO_SAMPLE_ROWS = 20_000
MICRO_STEPS = 10
_LINKAGES = ("ward", "average", "complete")


class Hierarchical(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Merge the two nearest clusters until one is left; the tree serves every number of clusters.

    Exact up to `max_rows` (10,000 rows hold 0.4 GB of distances). Above, k-means first makes
    micro-clusters, which enter the tree with their weights; `notes_` says so.

    Parameters
    ----------
    n_clusters : int
    linkage : {"ward", "average", "complete"}
        Average and complete linkage tend to set single outliers apart.
    max_rows : int
    random_state : int, RandomState or None
        For the micro-clusters.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32
    n_clusters_ : int
        Fewer than asked if there are fewer distinct rows.
    linkage_ : ndarray of shape (n_leaves - 1, 4)
        The merges as in scipy.cluster.hierarchy; the last column counts leaves.
    leaf_rows_ : ndarray of shape (n_leaves,)
        Rows per leaf: 1, or the size of the micro-cluster.
    notes_ : tuple of str
        What was approximated.

    References
    ----------
    .. [1] Murtagh, Contreras (2012). Algorithms for hierarchical clustering. WIREs 2(1), table 1 (updates).

    Examples
    --------
    >>> tree = Hierarchical(3).fit([[0.0], [1.0], [8.0], [9.5]])
    >>> tree.labels_.tolist(), tree.cut(2).labels_.tolist()
    ([0, 0, 1, 2], [0, 0, 1, 1])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        linkage: Literal["ward", "average", "complete"] = "ward",
        max_rows: int = 10_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.linkage = linkage
        self.max_rows = max_rows
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Build the tree and cut it; y is ignored.

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
        require_at_least("max_rows", self.max_rows, minimum=1)
        if self.linkage not in _LINKAGES:
            raise ParameterError(
                f"linkage={self.linkage!r} is none of {', '.join(_LINKAGES)}", where="linkage"
            )
        self.notes_: tuple[str, ...] = ()
        if len(rows) <= self.max_rows:
            self.leaves_, self.leaf_of_row_ = rows, np.arange(len(rows), dtype=np.int32)
            self.linkage_ = exact_linkage(rows, self.linkage) if len(rows) > 1 else np.empty((0, 4))
        else:
            self._grow_from_micro_clusters(rows)
        self.leaf_rows_ = np.bincount(self.leaf_of_row_)
        self._cut()
        return self

    def _grow_from_micro_clusters(self, X: npt.NDArray[np.float64]) -> None:
        """The tree over weighted micro-clusters of the rows."""
        random = check_random_state(self.random_state)
        sample = X[seeded_sample(len(X), MICRO_SAMPLE_ROWS, random=random)]
        n_micro = min(MICRO_CLUSTERS, len(sample))
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            lloyd = LloydKMeans(
                n_micro, init="random", n_init=1, max_iter=MICRO_STEPS, random_state=random
            ).fit(sample)
        _, nearest = cKDTree(lloyd.cluster_centers_).query(X)
        used, self.leaf_of_row_ = consecutive(np.asarray(nearest, dtype=np.int32))
        self.leaves_ = lloyd.cluster_centers_[used]
        self.linkage_ = weighted_linkage(self.leaves_, np.bincount(self.leaf_of_row_), linkage=self.linkage)
        self.notes_ = (
            f"The tree joins {len(used):,} micro-clusters of the {len(X):,} customers: "
            f"it is exact up to {self.max_rows:,}.",
        )

    def _cut(self) -> None:
        """Labels at n_clusters; identical rows stay together."""
        n_distinct = 1 + int((self.linkage_[:, 2] > 0).sum())
        self.n_clusters_ = min(self.n_clusters, n_distinct)
        if self.n_clusters_ < self.n_clusters:
            warnings.warn(
                f"Only {n_distinct} distinct rows, n_clusters={self.n_clusters} asked for.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.leaf_labels_ = cut_tree(self.linkage_, self.n_clusters_)
        self.labels_ = self.leaf_labels_[self.leaf_of_row_]
        sums = np.zeros((self.n_clusters_, self.leaves_.shape[1]))
        np.add.at(sums, self.leaf_labels_, self.leaves_ * self.leaf_rows_[:, None])
        self.centers_ = sums / np.bincount(self.leaf_labels_, weights=self.leaf_rows_)[:, None]

    def cut(self, n_clusters: int) -> Self:
        """The same tree at another number of clusters, as a fitted estimator that shares it.

        Parameters
        ----------
        n_clusters : int

        Returns
        -------
        Self
        """
        require_rows(len(self.leaves_), "n_clusters", wanted=n_clusters)
        other = copy.copy(self).set_params(n_clusters=n_clusters)
        other._cut()
        return other  # type: ignore[no-any-return]

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Label of the nearest leaf (training row or micro-cluster) per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        rows = rows_to_place(self, X)
        distinct, first = np.unique(self.leaves_, axis=0, return_index=True)
        _, nearest = cKDTree(distinct).query(rows)
        labels: npt.NDArray[np.int32] = self.leaf_labels_[first][nearest]
        return labels

    def margin(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(nearest other - own) / nearest other distance to the clusters' means, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        return center_margin(rows_to_place(self, X), self.centers_, labels=self.predict(X))

    def export(self) -> State:
        """Everything `predict`, `margin` and the dendrogram need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        tree = ("leaves_", "leaf_rows_", "leaf_labels_", "linkage_", "centers_", "notes_")
        return export_state(self, *tree, "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from; it knows no longer who was in the fit.

        Parameters
        ----------
        state : mapping
            What `export` gave.

        Returns
        -------
        Self
        """
        return restore_state(cls, {**state, "leaf_of_row_": np.empty(0, dtype=np.int32)})


def cut_tree(linkage: npt.NDArray[np.float64], n_clusters: int) -> npt.NDArray[np.int32]:
    """Cluster of every leaf after all but the last `n_clusters - 1` merges, numbered by the first leaf.

    Parameters
    ----------
    linkage : ndarray of shape (n_leaves - 1, 4)
        Merges in ascending order of height.
    n_clusters : int, 1 to n_leaves

    Returns
    -------
    ndarray of shape (n_leaves,), int32
    """
    n_leaves = len(linkage) + 1
    n_merges = n_leaves - n_clusters
    root = np.arange(n_leaves + n_merges)
    pairs = linkage[:n_merges, :2].astype(np.intp)
    for merge in range(n_merges - 1, -1, -1):
        root[pairs[merge]] = root[n_leaves + merge]
    _, first, member = np.unique(root[:n_leaves], return_index=True, return_inverse=True)
    rank = np.empty(n_clusters, dtype=np.int32)
    rank[np.argsort(first)] = np.arange(n_clusters)
    return rank[member]


def weighted_linkage(
    points: npt.NDArray[np.float64], weights: npt.NDArray[np.intp], *, linkage: str
) -> npt.NDArray[np.float64]:
    """Agglomerative tree over points that each stand for several rows, by Lance-Williams updates.

    With unit weights the heights are those of scipy.cluster.hierarchy.linkage. Keeps each row's
    nearest neighbour: these linkages never bring a merged cluster nearer than its parts were, so only
    rows that pointed at a merged cluster look again.

    Parameters
    ----------
    points : ndarray of shape (m, d)
    weights : ndarray of shape (m,)
        Rows per point.
    linkage : {"ward", "average", "complete"}

    Returns
    -------
    ndarray of shape (m - 1, 4), heights ascending
    """
    gaps, sizes = _first_gaps(points, weights, linkage=linkage), weights.astype(np.float64)
    nearest = gaps.argmin(axis=1)
    best = gaps.min(axis=1)
    names, leaves = np.arange(len(points)), np.ones(len(points))
    merges = np.empty((len(points) - 1, 4))
    for step in range(len(merges)):
        i = int(best.argmin())
        j = int(nearest[i])
        merges[step] = (*sorted((names[i], names[j])), best[i], leaves[i] + leaves[j])
        gaps[i] = gaps[:, i] = _gaps_after_merge(gaps, sizes, pair=(i, j), linkage=linkage)
        gaps[j] = gaps[:, j] = np.inf
        gaps[i, i] = np.inf
        sizes[i], leaves[i] = sizes[i] + sizes[j], leaves[i] + leaves[j]
        names[i], best[j] = len(points) + step, np.inf
        stale = np.flatnonzero((nearest == i) | (nearest == j) | (np.arange(len(points)) == i))
        nearest[stale] = gaps[stale].argmin(axis=1)
        best[stale] = gaps[stale, nearest[stale]]
    if linkage == "ward":
        merges[:, 2] = np.sqrt(np.maximum(merges[:, 2], 0.0))
    merges[:, 2] = np.maximum.accumulate(merges[:, 2])
    return merges


def _first_gaps(
    points: npt.NDArray[np.float64], weights: npt.NDArray[np.intp], *, linkage: str
) -> npt.NDArray[np.float64]:
    """Distances between the points, inf on the diagonal; for Ward squared and weighted."""
    gaps = np.ascontiguousarray(squared_distances(points, points))
    if linkage == "ward":
        gaps *= 2.0 * np.outer(weights, weights) / np.add.outer(weights, weights)
    else:
        np.sqrt(gaps, out=gaps)
    np.fill_diagonal(gaps, np.inf)
    return gaps


def _gaps_after_merge(
    gaps: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64], *, pair: tuple[int, int], linkage: str
) -> npt.NDArray[np.float64]:
    """Distances from the union of the pair to everything else."""
    i, j = pair
    if linkage == "complete":
        return np.asarray(np.maximum(gaps[i], gaps[j]))
    if linkage == "average":
        return np.asarray((sizes[i] * gaps[i] + sizes[j] * gaps[j]) / (sizes[i] + sizes[j]))
    parts = (sizes + sizes[i]) * gaps[i] + (sizes + sizes[j]) * gaps[j] - sizes * gaps[i, j]
    return np.asarray(parts / (sizes + sizes[i] + sizes[j]))
