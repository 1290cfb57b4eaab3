"""How far apart clusters are, and how wide."""

from __future__ import annotations

import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import cluster_codes, finite_rows
from coterie.kernels.near_order import near_order


def gap_and_width(
    X: npt.ArrayLike, labels: npt.ArrayLike, *, is_ordered: bool = False, progress: Progress | None = None
) -> tuple[float, float]:
    """The smallest distance between rows of two clusters, and the largest between rows of one.

    Parameters
    ----------
    X : array-like of shape (n, d)
    labels : array-like of shape (n,), int
        Every number is a cluster, -1 too; at least two.
    is_ordered : bool
        Whether the rows stand in their `near_order`, which else is found first. It changes no result.
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
    codes, sizes = cluster_codes(labels, len(rows))
    if len(sizes) < 2:
        raise ParameterError("A gap needs at least two clusters", where="labels")
    if not is_ordered:
        order = near_order(rows)
        rows, codes = rows[order], codes[order]
    gap, width = kernels().gap_and_width(rows, codes, len(sizes), progress)
    return float(gap), float(width)
