"""Scikit-learn's crowds; the rows at their borders go to the nearest core row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import DBSCAN

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows


def dbscan(
    floats: npt.NDArray[np.floating], eps: float, min_samples: int, progress: Progress | None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """See `coterie.kernels.dbscan`."""
    if progress is not None:
        progress(0.0)
    X = floats.astype(np.float64)
    found = DBSCAN(eps=eps, min_samples=min_samples, algorithm="kd_tree").fit(X)
    core = np.asarray(found.core_sample_indices_)
    labels = np.full(len(X), -1, dtype=np.int32)
    labels[core] = found.labels_[core]
    for row in np.setdiff1d(np.flatnonzero(found.labels_ >= 0), core):
        labels[row] = labels[_nearest_core(X, core, int(row))]
    is_core = np.zeros(len(X), dtype=np.uint8)
    is_core[core] = 1
    return _by_first_row(labels), is_core


def _nearest_core(X: Rows, core: npt.NDArray[np.intp], row: int) -> int:
    squared = ((X[core] - X[row]) ** 2).sum(axis=1)
    return int(core[squared.argmin()])


def _by_first_row(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The crowds numbered in the order of their first rows."""
    present, first = np.unique(labels, return_index=True)
    rank = np.argsort(np.argsort(np.where(present < 0, -1, first))).astype(np.int32)
    return rank[np.searchsorted(present, labels)] - np.int32(present[0] < 0)
