"""How much nearer every row is to its own cluster than to the next one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import Rows, by_code, cluster_codes, finite_rows

Ints = npt.NDArray[np.int64]


def silhouette(
    X: npt.ArrayLike, labels: npt.ArrayLike, *, progress: Progress | None = None
) -> npt.NDArray[np.float64]:
    """(b - a) / max(a, b) of every row, exact: all n (n - 1) / 2 distances are taken.

    a is the mean distance to the others of the own cluster, b that to the nearest other cluster.

    Parameters
    ----------
    X : array-like of shape (n, d)
    labels : array-like of shape (n,), int
        Every number is a cluster, -1 too; at least two.
    progress : callable or None

    Returns
    -------
    ndarray of shape (n,), float64, -1 to 1
        0 for a cluster of one; right to 1e-6: above 4,000 rows distances are float32 where that is enough.

    Raises
    ------
    ParameterError
        If X is not finite, or there is not one label per row or only one cluster.

    References
    ----------
    .. [1] Rousseeuw (1987). Silhouettes. J. Comput. Appl. Math. 20, 53-65.

    Examples
    --------
    >>> silhouette([[0.0], [1.0], [9.0], [10.0]], [0, 0, 1, 1]).round(3).tolist()
    [0.895, 0.882, 0.882, 0.895]
    """
    rows = finite_rows(X)
    codes, sizes = cluster_codes(labels, len(rows))
    if len(sizes) < 2:
        raise ParameterError("A silhouette needs at least two clusters", where="labels")
    order, starts = by_code(codes, len(sizes)), np.concatenate([[0], np.cumsum(sizes)])
    ordered = rows[order] - np.median(rows, axis=0)
    sums = kernels().distance_sums(ordered, starts, _floats_suffice(ordered, starts), progress)
    values = np.empty(len(rows))
    values[order] = _silhouettes(sums, sizes)
    return values


def _silhouettes(sums: Rows, sizes: Ints) -> Rows:
    """Silhouette of every row by its distance sums; a cluster of one has 0 (Rousseeuw 1987, p. 56)."""
    own = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.arange(len(sums))
    a = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    b = means.min(axis=1)
    widest = np.maximum(a, b)
    return np.where((sizes[own] > 1) & (widest > 0), (b - a) / np.where(widest > 0, widest, 1), 0.0)


_FLOAT_ROOM = 8.0
"""A float32 coordinate is off by 3e-8 of its size: up to 8 times a cluster's own scale, by 2.4e-7 of that."""

_QUICK_ROWS = 4_000
"""Up to so many rows float64 takes no time either, and a silhouette is right to the last digits."""
_MANY_CLUSTERS = 1_000
"""Not judged: each is compared with each."""


def _floats_suffice(X: Rows, starts: Ints) -> bool:
    """Whether every cluster is wide, or far from the next one, compared with how far it is from zero."""
    sizes = np.diff(starts)
    if len(X) <= _QUICK_ROWS or len(sizes) > _MANY_CLUSTERS:
        return False
    centres = np.add.reduceat(X, starts[:-1], axis=0) / sizes[:, None]
    squares = ((X - np.repeat(centres, sizes, axis=0)) ** 2).sum(axis=1)
    widths = np.sqrt(np.add.reduceat(squares, starts[:-1]) / sizes)
    apart = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    scale = np.maximum(widths, apart.min(axis=1))
    far = np.sqrt((centres**2).sum(axis=1)) + widths
    return bool((far <= _FLOAT_ROOM * scale).all() and scale.min() > 1e-12 and far.max() < 1e12)
