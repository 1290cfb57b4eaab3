"""Clusters that are known by their members: a row belongs where its nearest member does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coterie.segmentation.nearest import consecutive

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
    _, first = np.unique(labels[member], return_index=True)
    _, place = consecutive(labels[member])
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered = np.full(len(labels), -1, dtype=np.int32)
    numbered[member] = rank[place]
    return numbered
