"""Rows in small crowds of neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import kernels
from coterie.kernels.checks import finite_rows


def leaves(X: npt.ArrayLike, size: int) -> npt.NDArray[np.int32]:
    """The leaf of every row in a kd-tree that halves each node along its widest side.

    Parameters
    ----------
    X : array-like of shape (n, d)
    size : int, at least 1
        Rows a leaf may hold; more only if they are identical.

    Returns
    -------
    ndarray of shape (n,), int32
        0 to the number of leaves - 1.

    Raises
    ------
    ParameterError
        If X is not finite, or size is below 1.

    Examples
    --------
    >>> leaves([[5.0], [0.0], [1.0], [6.0]], 2).tolist()
    [1, 0, 0, 1]
    """
    rows = finite_rows(X)
    if size < 1:
        raise ParameterError(f"A leaf holds at least one row, not {size}", where="size")
    found: npt.NDArray[np.int32] = kernels().leaves(rows, size)
    return found
