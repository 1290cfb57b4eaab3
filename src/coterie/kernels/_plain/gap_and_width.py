"""Gaps by a k-d tree per cluster, widths among pairs far from the centre."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Codes, Rows, by_code

_QUERY_ROWS = 2_000
_PAIRS_AT_ONCE = 2_000_000


def gap_and_width(X: Rows, codes: Codes, n_clusters: int, progress: Progress | None) -> tuple[float, float]:
    """See `coterie.kernels.gap_and_width`; codes are 0 to n_clusters - 1, the order of rows is of no use."""
    ends = np.cumsum(np.bincount(codes, minlength=n_clusters))
    clusters = np.split(X[by_code(codes, n_clusters)], ends[:-1])
    gap, width = np.inf, 0.0
    # Members of smaller clusters ask the trees of larger ones: fewer questions than the other way.
    clusters.sort(key=len)
    for position, members in enumerate(clusters):
        if progress is not None:
            progress(position / len(clusters))
        width = _widest_pair(members, width)
        if position > 0 and gap > 0:
            gap = _smallest_gap(members, np.concatenate(clusters[:position]), gap)
    return gap, width


def _smallest_gap(members: Rows, others: Rows, gap: float) -> float:
    """The smaller of `gap` and the distance between the two groups."""
    tree = cKDTree(members)
    for start in range(0, len(others), _QUERY_ROWS):
        found, _ = tree.query(others[start : start + _QUERY_ROWS], distance_upper_bound=gap)
        gap = min(gap, float(np.min(found)))
        if gap == 0:
            break
    return gap


def _widest_pair(X: Rows, width: float) -> float:
    """The larger of `width` and the diameter of X.

    |x_i - x_j| <= r_i + r_j by the triangle over the centre: a pair is looked at only if that is more.
    """
    radii = np.linalg.norm(X - X.mean(axis=0), axis=1) * (1 + 1e-12)
    order = np.argsort(-radii, kind="stable")
    X, radii = X[order], radii[order]
    width = max(width, _quick_width(X))
    start = 0
    while start < len(X) and 2 * radii[start] > width:
        partners = int(np.searchsorted(-radii, radii[start] - width))
        stop = min(partners, start + max(1, _PAIRS_AT_ONCE // max(partners, 1)))
        if stop <= start:
            break
        width = max(width, float(cdist(X[start:stop], X[start:partners]).max()))
        start = stop
    return width


def _quick_width(X: Rows) -> float:
    """A lower bound of the diameter: walk to the farthest row three times."""
    row, width = 0, 0.0
    for _ in range(3):
        distances = np.linalg.norm(X - X[row], axis=1)
        row = int(np.argmax(distances))
        width = max(width, float(distances[row]))
    return width
