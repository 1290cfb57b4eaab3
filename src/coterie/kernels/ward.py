"""Ward's tree of all rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import Rows, finite_rows


def ward(
    X: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, progress: Progress | None = None
) -> npt.NDArray[np.float64]:
    """The exact tree of Ward's method, whose merges add least to the sum of squares within clusters.

    Parameters
    ----------
    X : array-like of shape (n, d), n >= 1
    weights : array-like of shape (n,), default 1
        Rows of the original data that each row stands for; positive.
    progress : callable or None

    Returns
    -------
    ndarray of shape (n - 1, 4), float64
        Merges as in scipy.cluster.hierarchy, heights ascending; the last column counts rows of X. Half the
        squared height of a merge is what it adds to the sum of squares. Which of several equally near
        pairs merges first is not promised.

    Raises
    ------
    ParameterError
        If X is empty or not finite, or there is not one positive weight per row.

    References
    ----------
    .. [1] Ward (1963). Hierarchical grouping to optimize an objective function. JASA 58(301), 236-244.

    Examples
    --------
    >>> ward([[0.0], [2.0], [10.0]]).round(2).tolist()
    [[0.0, 1.0, 2.0, 2.0], [2.0, 3.0, 10.39, 3.0]]
    """
    rows = finite_rows(X)
    if len(rows) == 0:
        raise ParameterError("There is no row to make a tree of", where="X")
    centred = _near_zero(rows)
    # Within -1 to 1, so that squares stay within what numbers can hold.
    exponent = int(np.frexp(np.abs(centred).max())[1])
    linkage: npt.NDArray[np.float64] = kernels().ward(
        np.ldexp(centred, -exponent), _positive_weights(weights, len(rows)), progress
    )
    linkage[:, 2] = np.ldexp(linkage[:, 2], exponent)
    return linkage


def _near_zero(rows: Rows) -> Rows:
    """Rows with their last digits kept: columns far from zero are moved there, where that rounds nothing.

    A difference of two numbers is exact when neither is more than twice the other (Sterbenz 1974).
    """
    middle = np.median(rows, axis=0)
    low, high = np.minimum(middle / 2, middle * 2), np.maximum(middle / 2, middle * 2)
    is_exact = (rows.min(axis=0) >= low) & (rows.max(axis=0) <= high)
    return np.asarray(rows - np.where(is_exact, middle, 0.0))


def _positive_weights(weights: npt.ArrayLike | None, n: int) -> npt.NDArray[np.float64]:
    if weights is None:
        return np.ones(n)
    found = np.ascontiguousarray(weights, dtype=np.float64)
    if found.shape != (n,) or not np.isfinite(found).all() or not (found > 0).all():
        raise ParameterError(f"weights must be {n} positive numbers, one per row", where="weights")
    return found
