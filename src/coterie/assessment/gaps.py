"""The Dunn index, exact without looking at every pair of customers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.assessment.partition import Floats, Partition, partition
from coterie.assessment.score import Score

MAX_PAIRS = 400_000_000
"""Pairs the search for the widest cluster may look at: a few seconds."""

_QUERY_ROWS = 2_000
_PAIRS_AT_ONCE = 2_000_000


def dunn(X: npt.ArrayLike, labels: npt.ArrayLike) -> Score:
    """Smallest distance between customers of two clusters over the largest distance within one.

    Exact. Gaps are searched with a k-d tree per cluster bounded by the smallest gap so far, widths only
    among pairs whose distances to the centre add up to more than the largest width so far.

    Parameters
    ----------
    X : array of shape (n, p)
    labels : array of shape (n,)
        -1 is noise and left out.

    Returns
    -------
    Score, 0 or more, higher is better
        None if the search would exceed 400 million pairs, which takes data without a middle.

    References
    ----------
    .. [1] Dunn (1974). Well-separated clusters and optimal fuzzy partitions. J. Cybernetics 4(1), 95-104.

    Examples
    --------
    >>> float(dunn([[0.0], [1.0], [4.0], [6.0]], [0, 0, 1, 1]))
    1.5
    """
    parts = partition(X, labels)
    reason = parts.reason
    value = None
    if not reason:
        value, reason = _dunn(parts)
    return Score("dunn", value, reason=reason, high=np.inf)


def _dunn(parts: Partition) -> tuple[float | None, str]:
    width = _largest_width(parts)
    if width is None:
        return None, "the exact search for the widest segment would take too long"
    if width == 0:
        return None, "customers of a segment do not differ at all"
    return _smallest_gap(parts) / width, ""


def _smallest_gap(parts: Partition) -> float:
    from scipy.spatial import cKDTree

    gap = np.inf
    # Members of smaller clusters ask the trees of larger ones: fewer questions than the other way.
    order = np.argsort(parts.sizes, kind="stable")
    for position, cluster in enumerate(order[1:], start=1):
        tree = cKDTree(parts.members(cluster))
        others = np.concatenate([parts.members(other) for other in order[:position]])
        for start in range(0, len(others), _QUERY_ROWS):
            found, _ = tree.query(others[start : start + _QUERY_ROWS], distance_upper_bound=gap)
            gap = min(gap, float(np.min(found)))
            if gap == 0:
                return 0.0
    return gap


def _largest_width(parts: Partition) -> float | None:
    """Largest distance within a cluster, or None if finding it would look at more than MAX_PAIRS pairs."""
    radii = np.linalg.norm(parts.deviations(), axis=1)
    reach = np.maximum.reduceat(radii, parts.starts[:-1])
    width, budget = 0.0, MAX_PAIRS
    for cluster in np.argsort(-reach, kind="stable"):
        rows = slice(parts.starts[cluster], parts.starts[cluster + 1])
        order = np.argsort(-radii[rows], kind="stable")
        X, reaches = parts.X[rows][order], radii[rows][order]
        width = max(width, _quick_width(X))
        budget -= _n_candidate_pairs(reaches, width)
        if budget < 0:
            return None
        width = _widest_pair(X, reaches, width=width)
    return width


def _n_candidate_pairs(radii: Floats, width: float) -> int:
    """Pairs that may be wider: |x_i - x_j| <= r_i + r_j, so one of the two has r > width / 2."""
    far = radii[: np.searchsorted(-radii, -width / 2)]
    return int(np.searchsorted(-radii, far - width).sum())


def _quick_width(X: Floats) -> float:
    """A lower bound of the diameter: walk to the farthest row three times."""
    row, width = 0, 0.0
    for _ in range(3):
        distances = np.linalg.norm(X - X[row], axis=1)
        row = int(np.argmax(distances))
        width = max(width, float(distances[row]))
    return width


def _widest_pair(X: Floats, radii: Floats, *, width: float) -> float:
    """The larger of `width` and the diameter of X, whose rows come by falling radius."""
    from scipy.spatial.distance import cdist

    start = 0
    while start < len(X) and 2 * radii[start] > width:
        partners = int(np.searchsorted(-radii, radii[start] - width))
        stop = min(partners, start + max(1, _PAIRS_AT_ONCE // max(partners, 1)))
        if stop <= start:
            break
        width = max(width, float(cdist(X[start:stop], X[start:partners]).max()))
        start = stop
    return width
