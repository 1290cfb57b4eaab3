"""Prim's tree, which looks at every pair of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows

_SLAB = 256


def spanning_tree(
    X: Rows, min_samples: int, core_distances: Rows | None, progress: Progress | None
) -> tuple[npt.NDArray[np.int32], Rows]:
    """See `coterie.kernels.spanning_tree`."""
    core = _squared_core(X, min_samples) if core_distances is None else core_distances**2
    n = len(X)
    outside = np.arange(1, n)
    best = np.full((4, n - 1), np.inf)
    found = np.empty((n - 1, 4))
    newest = 0
    for step in range(n - 1):
        if progress is not None and step % _SLAB == 0:
            progress(step / n)
        best = _lesser(best, _edges(X, core, newest, outside))
        at = _least(best)
        found[step] = best[:, at]
        newest = int(outside[at])
        outside, best = np.delete(outside, at), np.delete(best, at, axis=1)
    found = found[np.lexsort(found.T[::-1])]
    return found[:, 2:].astype(np.int32), np.sqrt(found[:, 0])


def _squared(X: Rows, row: int, others: npt.NDArray[np.integer]) -> Rows:
    """Squared distances, added up column by column as the compiled kernels do."""
    total = np.zeros(len(others))
    for column in X.T:
        total += (column[others] - column[row]) ** 2
    return total


def _squared_core(X: Rows, min_samples: int) -> Rows:
    everyone = np.arange(len(X))
    nearest = (np.partition(_squared(X, row, everyone), min_samples - 1) for row in range(len(X)))
    return np.array([squared[min_samples - 1] for squared in nearest])


def _edges(X: Rows, core: Rows, row: int, others: npt.NDArray[np.integer]) -> Rows:
    """The edges between a row and m others, shape (4, m): what they are compared by, in this order.

    Weight and distance, both squared, then the smaller and the larger row.
    """
    squared = _squared(X, row, others)
    weight = np.maximum(np.maximum(squared, core[others]), core[row])
    return np.stack([weight, squared, np.minimum(others, row), np.maximum(others, row)])


def _lesser(one: Rows, other: Rows) -> Rows:
    """The lesser edge, place by place."""
    less = np.zeros(one.shape[1], dtype=bool)
    tied = ~less
    for a, b in zip(one, other, strict=True):
        less |= tied & (b < a)
        tied &= a == b
    return np.where(less, other, one)


def _least(edges: Rows) -> int:
    """Place of the least edge."""
    places = np.arange(edges.shape[1])
    for values in edges:
        places = places[values[places] == values[places].min()]
    return int(places[0])
