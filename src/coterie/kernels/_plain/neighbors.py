"""Nearest rows by SciPy's kd-tree, with ties put in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows

_SLAB = 65_536


def neighbors(
    X: Rows, k: int, progress: Progress | None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """See `coterie.kernels.neighbors`."""
    tree = cKDTree(X)
    found = np.empty((len(X), k), dtype=np.int32)
    squared = np.empty((len(X), k))
    for start in range(0, len(X), _SLAB):
        if progress is not None:
            progress(start / len(X))
        reach = np.asarray(tree.query(X[start : start + _SLAB], [k])[0])
        for i, radius in enumerate(reach[:, 0], start):
            near = np.array(tree.query_ball_point(X[i], radius * (1 + 1e-12)), dtype=np.int32)
            gaps = ((X[near] - X[i]) ** 2).sum(axis=1)
            nearest = np.lexsort((near, gaps))[:k]
            found[i], squared[i] = near[nearest], gaps[nearest]
    return found, squared
