"""The nearest of some places for every row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import Progress, kernels
from coterie.kernels.checks import finite_rows


def nearest(
    places: npt.ArrayLike, X: npt.ArrayLike, *, progress: Progress | None = None
) -> npt.NDArray[np.int32]:
    """Position of the place nearest to every row, whatever other rows are asked with it.

    Parameters
    ----------
    places : array-like of shape (m, d), m >= 1
    X : array-like of shape (n, d)
    progress : callable or None

    Returns
    -------
    ndarray of shape (n,), int32
        Of places equally far the first.

    Raises
    ------
    ParameterError
        If there is no place, an array is not finite, or their widths differ.

    Examples
    --------
    >>> nearest([[0.0], [4.0]], [[1.0], [2.0], [3.0]]).tolist()
    [0, 0, 1]
    """
    there, rows = finite_rows(places), finite_rows(X)
    if len(there) == 0 or there.shape[1] != rows.shape[1]:
        raise ParameterError(
            f"Places of shape {there.shape} do not fit rows of shape {rows.shape}", where="X"
        )
    found: npt.NDArray[np.int32] = kernels().nearest(there, rows, progress)
    return found
