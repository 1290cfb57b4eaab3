"""Distance sums by SciPy in square tiles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows

_TILE = 1024


def distance_sums(
    X: Rows, starts: npt.NDArray[np.int64], floats_suffice: bool, progress: Progress | None
) -> npt.NDArray[np.float64]:
    """Sum of distances from each row to each cluster, shape (n, k); rows are sorted by cluster.

    Works in square tiles, each pair of rows once: memory stays small and a tile in cache.
    """
    n, k = len(X), len(starts) - 1
    member = np.eye(k)[np.repeat(np.arange(k), np.diff(starts))]
    sums = np.zeros((n, k))
    tiles = [slice(start, start + _TILE) for start in range(0, n, _TILE)]
    for i, rows in enumerate(tiles):
        if progress is not None:
            progress(i / len(tiles))
        for columns in tiles[i:]:
            distances = cdist(X[rows], X[columns])
            sums[rows] += distances @ member[columns]
            if columns is not rows:
                sums[columns] += distances.T @ member[rows]
    return sums
