"""The nearest rows of every row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_rows


def neighbors(
    X: npt.ArrayLike, k: int, *, progress: Progress | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """The k nearest rows of every row, itself among them, nearest first.

    Parameters
    ----------
    X : array-like of shape (n, d)
    k : int, 1 to n
    progress : callable or None

    Returns
    -------
    rows : ndarray of shape (n, k), int32
        Of two rows equally far the earlier one comes first.
    squared : ndarray of shape (n, k), float64
        Squared Euclidean distances.

    Raises
    ------
    ParameterError
        If k is not from 1 to n, or X is not finite.

    Examples
    --------
    >>> neighbors([[0.0], [1.0], [5.0]], 2)[0].tolist()
    [[0, 1], [1, 0], [2, 1]]
    """
    rows = finite_rows(X)
    if not 1 <= k <= len(rows):
        raise ParameterError(f"k={k} is not from 1 to the {len(rows)} rows", where="k")
    found: tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]] = kernels().neighbors(rows, k, progress)
    return found
