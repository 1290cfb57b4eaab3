"""The tree of dense clusters, split by split."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_IN = -1.0
"""The height of what has not fallen out yet."""


def condensed_tree(
    merges: npt.NDArray[np.int32], heights: npt.NDArray[np.float64], min_cluster_size: int
) -> tuple[npt.NDArray[Any], ...]:
    """See `coterie.kernels.condensed_tree`."""
    n = len(merges) + 1
    sizes = _sizes(merges)
    cluster, fall = np.zeros(2 * n - 1, dtype=np.int32), np.full(2 * n - 1, _IN)
    begun = [(-1, np.inf, n)]
    for t in range(n - 2, -1, -1):
        node, sides = n + t, merges[t]
        cluster[sides], fall[sides] = cluster[node], fall[node]
        if fall[node] != _IN:
            continue
        if (sizes[sides] >= min_cluster_size).all():
            cluster[sides] = len(begun), len(begun) + 1
            begun += [(int(cluster[node]), float(heights[t]), int(sizes[side])) for side in sides]
        fall[sides[sizes[sides] < min_cluster_size]] = heights[t]
    parent, birth, size = zip(*begun, strict=True)
    whole = (np.array(parent, dtype=np.int32), np.array(birth), np.array(size, dtype=np.int32))
    return cluster[:n], fall[:n], *whole


def _sizes(merges: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """Rows of every row and every merge."""
    n = len(merges) + 1
    sizes = np.ones(2 * n - 1, dtype=np.intp)
    for t, pair in enumerate(merges):
        sizes[n + t] = sizes[pair].sum()
    return sizes
