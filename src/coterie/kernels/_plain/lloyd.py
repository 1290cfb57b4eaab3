"""Lloyd's iterations and k-means++ in NumPy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows

_SLAB = 65_536

Labels = npt.NDArray[np.int32]


def nearest_center(X: Rows, centers: Rows, progress: Progress | None) -> tuple[Labels, Rows]:
    """See `coterie.kernels.nearest_center`."""
    labels, squared = np.empty(len(X), dtype=np.int32), np.empty(len(X))
    for start in range(0, len(X), _SLAB):
        if progress is not None:
            progress(start / len(X))
        columns = np.ascontiguousarray(X[start : start + _SLAB].T)
        all_squared = np.array([_squared_to(center, columns) for center in centers])
        slab = slice(start, start + columns.shape[1])
        labels[slab], squared[slab] = all_squared.argmin(axis=0), all_squared.min(axis=0)
    return labels, squared


def lloyd(
    X: Rows,
    centers: Rows,
    weights: Rows | None,
    max_steps: int,
    tolerance: float,
    progress: Progress | None,
) -> tuple[Rows, Labels, float]:
    """See `coterie.kernels.lloyd`."""
    own = np.ones(len(X)) if weights is None else weights
    settled, step = False, 0
    while True:
        step += 1
        labels, squared = nearest_center(X, centers, progress)
        counts, after = _means(X, labels, own, centers)
        moved = float(((after - centers) ** 2).sum())
        saved = float((counts * ((after - centers) ** 2).sum(axis=1)).sum())
        inertia = max(float((own * squared).sum()) - saved, 0.0)
        revived = _revive(X, squared * (own > 0), counts, after)
        if (not revived and (settled or moved == 0.0)) or step > max_steps + len(centers):
            return centers, labels, inertia
        settled = not revived and (moved <= tolerance or step >= max_steps)
        centers = after


def spread_seeds(X: Rows, shares: Rows, centers: Rows, weights: Rows | None) -> npt.NDArray[np.int64]:
    """See `coterie.kernels.spread_seeds`."""
    own = np.ones(len(X)) if weights is None else weights
    columns = np.ascontiguousarray(X.T)
    nearest = np.full(len(X), np.inf)
    for center in centers:
        nearest = np.minimum(nearest, _squared_to(center, columns))
    any_yet = len(centers) > 0
    seeds = []
    for draws in shares:
        by_distance = any_yet and bool((own * nearest).any())
        up_to = np.cumsum(own * nearest if by_distance else own)
        drawn = np.searchsorted(up_to, draws[: None if any_yet else 1] * up_to[-1], side="right")
        options = [
            (row, np.minimum(nearest, _squared_to(X[row], columns))) for row in np.minimum(drawn, len(X) - 1)
        ]
        best, nearest = min(options, key=lambda option: float((own * option[1]).sum()))
        seeds.append(best)
        any_yet = True
    return np.array(seeds, dtype=np.int64)


def _squared_to(center: Rows, columns: Rows) -> Rows:
    """Squared distances, added up column by column: a row's answer does not depend on its neighbours."""
    squared = np.zeros(columns.shape[1])
    for column, value in zip(columns, center, strict=True):
        gap = column - value
        squared += gap * gap
    return squared


def _means(X: Rows, labels: Labels, weights: Rows, centers: Rows) -> tuple[Rows, Rows]:
    """Weight and mean of every cluster; one without rows stays where it was."""
    k = len(centers)
    counts: Rows = np.bincount(labels, weights=weights, minlength=k).astype(np.float64)
    sums = np.stack([np.bincount(labels, weights=weights * column, minlength=k) for column in X.T], axis=1)
    after = centers.copy()
    after[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
    return counts, after


def _revive(X: Rows, squared: Rows, counts: Rows, centers: Rows) -> bool:
    """Move centres without rows to the rows farthest off theirs; whether there were both."""
    empty = np.flatnonzero(counts <= 0)
    rows = np.flatnonzero(squared > 0)
    rows = rows[np.lexsort((rows, -squared[rows]))][: len(empty)]
    centers[empty[: len(rows)]] = X[rows]
    return len(rows) > 0
