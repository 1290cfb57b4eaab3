"""The nearest place by SciPy's kd-tree, the first one where several are equally far."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows


def nearest(places: Rows, X: Rows, progress: Progress | None) -> npt.NDArray[np.int32]:
    """See `coterie.kernels.nearest`."""
    if progress is not None:
        progress(0.0)
    tree = cKDTree(places)
    reach, found = map(np.asarray, tree.query(X, [1, 2]))
    positions = np.asarray(found[:, 0], dtype=np.int32)
    for row in np.flatnonzero(reach[:, 1] <= reach[:, 0] * (1 + 1e-12)):
        near = np.array(sorted(tree.query_ball_point(X[row], reach[row, 0] * (1 + 1e-12))), dtype=np.intp)
        positions[row] = near[((places[near] - X[row]) ** 2).sum(axis=1).argmin()]
    return positions
