"""EM passes in NumPy, a slab of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coterie.kernels.backend import Progress
from coterie.kernels.checks import Rows

_SLAB = 65_536


def mixture_step(
    X: Rows, means: Rows, whitening: Rows, constants: Rows, weights: Rows | None, progress: Progress | None
) -> tuple[Rows, Rows, Rows, float, float]:
    """See `coterie.kernels.mixture_step`."""
    counts, sums, products = np.zeros(len(means)), np.zeros_like(means), np.zeros_like(whitening)
    likelihood = entropy = 0.0
    for start, slab in _slabs(X, progress):
        own = np.ones(len(slab)) if weights is None else weights[start : start + _SLAB]
        logs = _logs(slab, means, whitening, constants)
        below = logs - logs.max(axis=0)
        shares = np.exp(below)
        total = shares.sum(axis=0)
        shares /= total
        likelihood += float((own * (logs.max(axis=0) + np.log(total))).sum())
        spread = np.where(shares > 0, shares * np.where(shares > 0, below, 0.0), 0.0).sum(axis=0)
        entropy += float((own * (np.log(total) - spread)).sum())
        for c, share in enumerate(shares * own):
            gaps = slab - means[c]
            counts[c] += share.sum()
            sums[c] += share @ gaps
            products[c] += (share[:, None] * gaps).T @ gaps if whitening.ndim == 3 else share @ gaps**2
    return counts, sums, products, likelihood, entropy


def mixture_logs(
    X: Rows, means: Rows, whitening: Rows, constants: Rows, progress: Progress | None
) -> npt.NDArray[np.float64]:
    """See `coterie.kernels.mixture_logs`."""
    logs = [_logs(slab, means, whitening, constants).T for _, slab in _slabs(X, progress)]
    return np.ascontiguousarray(np.concatenate(logs))


def mixture_labels(
    X: Rows, means: Rows, whitening: Rows, constants: Rows, progress: Progress | None
) -> npt.NDArray[np.int32]:
    """See `coterie.kernels.mixture_labels`."""
    best = [_logs(slab, means, whitening, constants).argmax(axis=0) for _, slab in _slabs(X, progress)]
    return np.concatenate(best).astype(np.int32)


def _slabs(X: Rows, progress: Progress | None) -> Iterator[tuple[int, Rows]]:
    for start in range(0, len(X), _SLAB):
        if progress is not None:
            progress(start / len(X))
        yield start, X[start : start + _SLAB]


def _logs(X: Rows, means: Rows, whitening: Rows, constants: Rows) -> Rows:
    """Log of weight times density, shape (k, n).

    Added up term by term, so that a row's answer does not depend on the rows beside it.
    """
    columns = np.ascontiguousarray(X.T)
    logs = np.empty((len(means), len(X)))
    for c, mean in enumerate(means):
        gaps = columns - mean[:, None]
        squares = np.zeros(len(X))
        for i in range(len(gaps)):
            white = np.zeros(len(X))
            for j in range(i + 1) if whitening.ndim == 3 else (i,):
                white += (whitening[c, i, j] if whitening.ndim == 3 else whitening[c, i]) * gaps[j]
            squares += white * white
        logs[c] = constants[c] - 0.5 * squares
    return logs
