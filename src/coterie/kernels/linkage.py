"""Agglomerative trees by the whole table of distances: any of three linkages, few points."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Linkage: TypeAlias = Literal["ward", "average", "complete"]


def weighted_linkage(points: Floats, weights: Floats, *, linkage: Linkage) -> Floats:
    """Agglomerative tree over points that each stand for several rows, by Lance-Williams updates.

    With unit weights the heights are those of scipy.cluster.hierarchy.linkage. Keeps each row's
    nearest neighbour: these linkages never bring a merged cluster nearer than its parts were, so only
    rows that pointed at a merged cluster look again. Takes 8 m^2 bytes.

    Parameters
    ----------
    points : ndarray of shape (m, d), float64
    weights : ndarray of shape (m,), float64
        Rows per point.
    linkage : {"ward", "average", "complete"}

    Returns
    -------
    ndarray of shape (m - 1, 4), heights ascending
        The last column counts points.

    References
    ----------
    .. [1] Murtagh, Contreras (2012). Algorithms for hierarchical clustering. WIREs 2(1), table 1 (updates).
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


def _first_gaps(points: Floats, weights: Floats, *, linkage: Linkage) -> Floats:
    """Distances between the points, inf on the diagonal; for Ward squared and weighted."""
    gaps = np.zeros((len(points), len(points)))
    for column in points.T:
        gaps += np.subtract.outer(column, column) ** 2
    if linkage == "ward":
        gaps *= 2.0 * np.outer(weights, weights) / np.add.outer(weights, weights)
    else:
        np.sqrt(gaps, out=gaps)
    np.fill_diagonal(gaps, np.inf)
    return gaps


def _gaps_after_merge(gaps: Floats, sizes: Floats, *, pair: tuple[int, int], linkage: Linkage) -> Floats:
    """Distances from the union of the pair to everything else."""
    i, j = pair
    if linkage == "complete":
        return np.asarray(np.maximum(gaps[i], gaps[j]))
    if linkage == "average":
        return np.asarray((sizes[i] * gaps[i] + sizes[j] * gaps[j]) / (sizes[i] + sizes[j]))
    parts = (sizes + sizes[i]) * gaps[i] + (sizes + sizes[j]) * gaps[j] - sizes * gaps[i, j]
    return np.asarray(parts / (sizes + sizes[i] + sizes[j]))
