"""Clusters that are known by their members: a row belongs where its nearest member does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

MARGIN_NEIGHBOURS = 5


@dataclass(frozen=True)
class Members:
    """Distinct rows, the cluster of each (-1 for noise), and how far a link of each cluster reaches."""

    points: Floats
    labels: Labels
    reaches: Floats

    def place(self, X: Floats) -> Labels:
        """Label of the nearest member."""
        _, nearest = cKDTree(self.points).query(X)
        return np.asarray(self.labels[nearest])

    def margin(self, X: Floats) -> Floats:
        """1 - mean distance to the nearest members / reach of the own cluster, 0-1; nan for noise."""
        n_near = min(MARGIN_NEIGHBOURS, len(self.points))
        distances, nearest = map(np.asarray, cKDTree(self.points).query(X, k=np.arange(1, n_near + 1)))
        labels = self.labels[nearest[:, 0]]
        reach = np.append(self.reaches, np.nan)[labels]
        near = distances.mean(axis=1)
        spread = np.divide(near, reach, out=np.ones(len(X)), where=reach > 0)
        return np.where(labels >= 0, np.clip(1.0 - spread, 0.0, 1.0), np.nan)


def longest_links(edges: npt.NDArray[np.int32], weights: Floats, *, labels: Labels) -> Floats:
    """Of every cluster the weight of the longest edge between two of its rows; 0 for one without edges.

    Parameters
    ----------
    edges, weights
        A spanning tree, as of `coterie.kernels.spanning_tree`.
    labels : ndarray of shape (n,), -1 = noise

    Returns
    -------
    ndarray of shape (n_clusters,)
    """
    own = labels[edges[:, 0]]
    inside = (own == labels[edges[:, 1]]) & (own >= 0)
    longest = np.zeros(int(labels.max(initial=-1)) + 1)
    np.maximum.at(longest, own[inside], weights[inside])
    return longest


def numbered_by_first_row(labels: Labels) -> Labels:
    """The clusters numbered 0, 1, ... in the order of their first rows; noise stays -1.

    Examples
    --------
    >>> numbered_by_first_row(np.array([-1, 7, 2, 7], dtype=np.int32)).tolist()
    [-1, 0, 1, 0]
    """
    member = np.flatnonzero(labels >= 0)
    if not len(member):
        return labels
    names = labels[member]
    first = np.full(int(names.max()) + 1, len(names), dtype=np.int32)
    first[names[::-1]] = np.arange(len(names) - 1, -1, -1, dtype=np.int32)
    present = np.flatnonzero(first < len(names))
    rank = np.empty(len(first), dtype=np.int32)
    rank[present[np.argsort(first[present])]] = np.arange(len(present), dtype=np.int32)
    numbered = np.full(len(labels), -1, dtype=np.int32)
    numbered[member] = rank[names]
    return numbered


def with_noise_assigned(X: Floats, labels: Labels) -> Labels:
    """The labels with every row of noise in the cluster of its nearest member.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), -1 = noise
        With at least one row that is no noise.

    Returns
    -------
    ndarray of shape (n,), int32
    """
    noise = labels < 0
    points, first = np.unique(X[~noise], axis=0, return_index=True)
    members = Members(points, labels[~noise][first], np.zeros(0))
    assigned = labels.copy()
    if noise.any():
        assigned[noise] = members.place(X[noise])
    return assigned
