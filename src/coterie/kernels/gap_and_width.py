"""How far apart clusters are, and how wide."""

from __future__ import annotations

import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_rows
from coterie.kernels.silhouette import by_cluster


def gap_and_width(
    X: npt.ArrayLike, labels: npt.ArrayLike, *, progress: Progress | None = None
) -> tuple[float, float]:
    """The smallest distance between rows of two clusters, and the largest between rows of one.

    Parameters
    ----------
    X : array-like of shape (n, d)
    labels : array-like of shape (n,), int
        Every number is a cluster, -1 too; at least two.
    progress : callable or None

    Returns
    -------
    gap, width : float
        Euclidean, exact.

    Raises
    ------
    ParameterError
        If X is not finite, or there is not one label per row or only one cluster.

    Examples
    --------
    >>> gap_and_width([[0.0], [1.0], [4.0], [6.0]], [0, 0, 1, 1])
    (3.0, 2.0)
    """
    rows = finite_rows(X)
    order, starts = by_cluster(labels, len(rows))
    if len(starts) < 3:
        raise ParameterError("A gap needs at least two clusters", where="labels")
    gap, width = kernels().gap_and_width(rows[order], starts, progress)
    return float(gap), float(width)
