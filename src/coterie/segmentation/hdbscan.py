"""Density clustering at every reach at once: the clusters that last longest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin

from coterie.kernels import condensed_tree, genie_linkage, spanning_tree
from coterie.kernels.condensed_tree import CondensedTree
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    restore_state,
    rows_to_fit,
    rows_to_place,
)
from coterie.segmentation.members import Members, longest_links, numbered_by_first_row

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

MIN_CLUSTER_SHARE = 0.02
MIN_CLUSTER_SIZE = 5
MAX_MIN_SAMPLES = 30
"""More neighbours cost time and smooth away clusters, however many rows there are."""


class HDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Clusters are crowds that outlast those they split into; the rest is noise (-1).

    No reach is needed: crowds of different density are found side by side. Lowering the reach, a
    cluster loses rows or splits in two; those clusters are taken whose rows stay the longest in sum
    ("excess of mass").

    Parameters
    ----------
    min_cluster_size : int or None
        Rows below which a part that splits off counts as noise; None: 2 % of the rows, 5 or more.
    min_samples : int or None
        Neighbours that make a crowd, the row itself included; None: `min_cluster_size`, at most 30.
    assign_noise : bool
        Give noise to its nearest member.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32, -1 = noise
        Numbered by the first row of each cluster.
    n_clusters_ : int
    min_cluster_size_, min_samples_ : int
    noise_share_ : float, 0-1
        Of the rows, before any were assigned.
    points_, point_labels_ : ndarrays of shape (n_points, n_features) and (n_points,)
        The distinct rows, noise too unless it was assigned; any row belongs to its nearest one.
    reaches_ : ndarray of shape (n_clusters_,)
        The longest link within each cluster.

    See Also
    --------
    DBSCAN : one reach for all clusters.

    References
    ----------
    .. [1] Campello, Moulavi, Sander (2013). Density-based clustering based on hierarchical density
       estimates. PAKDD.
    .. [2] Campello, Moulavi, Zimek, Sander (2015). Hierarchical density estimates for data clustering,
       visualization, and outlier detection. ACM TKDD 10(1), algorithm 3 (excess of mass).

    Examples
    --------
    >>> X = [[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [30.0]]
    >>> HDBSCAN(3, min_samples=2).fit(X).labels_.tolist()
    [0, 0, 0, 1, 1, 1, -1]
    """

    def __init__(
        self,
        min_cluster_size: int | None = None,
        *,
        min_samples: int | None = None,
        assign_noise: bool = False,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.assign_noise = assign_noise

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find the crowds; y is ignored.

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
        self._settle_parameters(len(rows))
        edges, weights = spanning_tree(rows, min(self.min_samples_, len(rows)))
        merges = genie_linkage(edges, gini_threshold=1.0)
        tree = condensed_tree(merges, weights, min_cluster_size=self.min_cluster_size_)
        labels = numbered_by_first_row(_lasting_clusters(tree)[tree.cluster_of_row])
        self.n_clusters_ = int(labels.max()) + 1
        self.noise_share_ = float((labels < 0).mean())
        self.reaches_ = longest_links(edges, weights, labels=labels)
        self.points_, first = np.unique(rows, axis=0, return_index=True)
        self.point_labels_ = labels[first]
        if self.assign_noise and self.n_clusters_ > 0:
            clustered = self.point_labels_ >= 0
            self.points_, self.point_labels_ = self.points_[clustered], self.point_labels_[clustered]
            labels[labels < 0] = self._members().place(rows[labels < 0])
        self.labels_ = labels
        return self

    def _settle_parameters(self, n: int) -> None:
        if self.min_cluster_size is not None:
            require_at_least("min_cluster_size", self.min_cluster_size, minimum=2)
        if self.min_samples is not None:
            require_at_least("min_samples", self.min_samples, minimum=1)
        self.min_cluster_size_ = self.min_cluster_size or max(MIN_CLUSTER_SIZE, round(MIN_CLUSTER_SHARE * n))
        self.min_samples_ = self.min_samples or min(self.min_cluster_size_, MAX_MIN_SAMPLES)

    def _members(self) -> Members:
        return Members(self.points_, self.point_labels_, self.reaches_)

    def predict(self, X: npt.ArrayLike) -> Labels:
        """Label of the nearest row of the fit, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        rows = rows_to_place(self, X)
        return self._members().place(rows)

    def margin(self, X: npt.ArrayLike) -> Floats:
        """How crowded it is: 1 - mean distance to the nearest rows / the cluster's longest link, 0-1.

        nan for noise.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = rows_to_place(self, X)
        return self._members().margin(rows)

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        settled = ("min_cluster_size_", "min_samples_", "noise_share_")
        members = ("points_", "point_labels_", "reaches_")
        return export_state(self, *settled, *members, "n_clusters_", "n_features_in_")

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


def _lasting_clusters(tree: CondensedTree) -> Labels:
    """Of every cluster the one above it, or it itself, that is taken; -1 if there is none.

    A cluster is taken if its rows stay in it longer than in the clusters it splits into, never the
    first one, which holds all rows.
    """
    mass = _excess_of_mass(tree)
    below = np.zeros(len(mass))  # of the best choice among the clusters it splits into
    is_taken = np.zeros(len(mass), dtype=bool)
    for cluster in range(len(mass) - 1, 0, -1):  # clusters stand after those they come from
        is_taken[cluster] = mass[cluster] >= below[cluster]
        below[tree.parent[cluster]] += max(mass[cluster], below[cluster])
    above = np.full(len(mass), -1, dtype=np.int32)
    for cluster in range(1, len(mass)):
        inherited = above[tree.parent[cluster]]
        above[cluster] = cluster if inherited < 0 and is_taken[cluster] else inherited
    return above


def _excess_of_mass(tree: CondensedTree) -> Floats:
    """Sum over the rows of every cluster of density (1 / height) at which they leave less that at birth."""
    heights = np.concatenate([tree.fall_of_row, tree.birth])
    # Equal rows would have infinite density: they count as the nearest rows that are not equal.
    shortest = heights[heights > 0].min(initial=np.inf)
    leaving, birth = (1.0 / np.maximum(heights, shortest) for heights in (tree.fall_of_row, tree.birth))
    # Differences before sums: no mass is below 0 by rounding.
    of_rows = leaving - birth[tree.cluster_of_row]
    of_splits = tree.size[1:] * (birth[1:] - birth[tree.parent[1:]])
    mass = np.bincount(tree.cluster_of_row, weights=of_rows, minlength=len(birth))
    return np.asarray(mass + np.bincount(tree.parent[1:], weights=of_splits, minlength=len(birth)))
