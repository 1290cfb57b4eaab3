"""The nearest of a few centres, Lloyd's iterations over them, and seeds for them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import Rows, finite_rows, row_weights

Labels = npt.NDArray[np.int32]


def nearest_center(
    X: npt.ArrayLike, centers: npt.ArrayLike, *, progress: Progress | None = None
) -> tuple[Labels, npt.NDArray[np.float64]]:
    """The nearest centre of every row and how far it is.

    Parameters
    ----------
    X : array-like of shape (n, d)
    centers : array-like of shape (k, d)
    progress : callable or None

    Returns
    -------
    labels : ndarray of shape (n,), int32
        Of two centres equally far the first.
    squared : ndarray of shape (n,), float64
        Squared Euclidean distances, added up column by column: a row's answer does not depend on the
        rows beside it.

    Raises
    ------
    ParameterError
        If a table is not finite, or the centres have other columns than X.

    Examples
    --------
    >>> nearest_center([[1.0], [7.0]], [[0.0], [2.0], [6.0]])[0].tolist()
    [0, 2]
    """
    rows = finite_rows(X)
    found: tuple[Labels, npt.NDArray[np.float64]] = kernels().nearest_center(
        rows, _centers_for(rows, centers), progress
    )
    return found


def lloyd(
    X: npt.ArrayLike,
    centers: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    max_steps: int = 300,
    tolerance: float = 0.0,
    progress: Progress | None = None,
) -> tuple[Rows, Labels, float]:
    """Move centres to the mean of the rows nearest to them, until they rest.

    Parameters
    ----------
    X : array-like of shape (n, d)
    centers : array-like of shape (k, d)
        Where they start.
    weights : array-like of shape (n,), optional
        Weight per row, 0 or more; default 1.
    max_steps : int, at least 1
        Passes before the last one, which only places the rows; a few more if a cluster runs empty.
    tolerance : float
        The centres rest when the squares of their moves sum to no more than this.
    progress : callable or None

    Returns
    -------
    centers : ndarray of shape (k, d), float64
    labels : ndarray of shape (n,), int32
        The nearest of these centres. Each has rows, unless fewer than k rows differ: a centre without
        rows moves to the row that is farthest from its own.
    inertia : float
        Weighted sum of squared distances to the means of these labels.

    Raises
    ------
    ParameterError
        If a table is not finite, the centres have other columns than X, or the weights do not fit.

    Examples
    --------
    >>> lloyd([[0.0], [1.0], [9.0]], [[0.0], [1.0]])[0].tolist()
    [[0.5], [9.0]]
    """
    rows = finite_rows(X)
    if max_steps < 1:
        raise ParameterError(f"max_steps={max_steps} is below 1", where="max_steps")
    arguments = (rows, _centers_for(rows, centers), row_weights(weights, len(rows)))
    found: tuple[Rows, Labels, float] = kernels().lloyd(*arguments, max_steps, tolerance, progress)
    return found


def spread_seeds(
    X: npt.ArrayLike,
    shares: npt.ArrayLike,
    *,
    centers: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> npt.NDArray[np.int64]:
    """Rows to start clusters from, far from each other and from the centres there are (k-means++).

    Parameters
    ----------
    X : array-like of shape (n, d)
    shares : array-like of shape (m, t), 0 to 1
        Random numbers: a row of them for each seed wanted. Each draws a row with a chance of its weight
        times its squared distance to the nearest seed; the one that leaves least to the others is taken.
    centers : array-like of shape (k, d), optional
        Default none: then the first seed is drawn by weight alone, by the first number of its row.
    weights : array-like of shape (n,), optional
        Weight per row, 0 or more; default 1.

    Returns
    -------
    ndarray of shape (m,), int64
        Positions of rows; the same row again only if no other differs from the seeds.

    Raises
    ------
    ParameterError
        If a table is not finite, or the centres or weights do not fit X.
    """
    rows = finite_rows(X)
    known = np.empty((0, rows.shape[1])) if centers is None else _centers_for(rows, centers)
    seeds: npt.NDArray[np.int64] = kernels().spread_seeds(
        rows, finite_rows(shares), known, row_weights(weights, len(rows))
    )
    return seeds


def _centers_for(rows: Rows, centers: npt.ArrayLike) -> Rows:
    known = finite_rows(centers)
    if known.shape[1] != rows.shape[1] or not len(known):
        raise ParameterError(
            f"centers of shape {known.shape} do not fit {rows.shape[1]} columns", where="centers"
        )
    return known
